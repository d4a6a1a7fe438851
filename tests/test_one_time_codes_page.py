"""The page about one-time codes: its examples run as they stand."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from smsc.testing.server import SmscHandle, start_smsc

PAGE = (Path(__file__).resolve().parent.parent / "docs" / "one-time-codes.md").read_text("utf-8")


@pytest.fixture
def smsc() -> Iterator[SmscHandle]:
    with start_smsc() as handle:
        handle.send("4790000002", "4790000001", "Koden din er 482913")
        yield handle


def example(language: str) -> str:
    (found,) = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    return str(found)


def run(smsc: SmscHandle, *command: str) -> str:
    done = subprocess.run(
        command, env={**os.environ, "SMSC": smsc.url}, capture_output=True, text=True, timeout=50, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def needs(program: str) -> str:
    path = shutil.which(program)
    if path is None:
        pytest.skip(f"{program} is not installed")
    return path


def test_curl(smsc: SmscHandle) -> None:
    needs("curl")
    assert run(smsc, "sh", "-c", example("sh")) == "482913"


def test_node(smsc: SmscHandle) -> None:
    assert run(smsc, needs("node"), "-e", example("javascript")) == "482913"


def test_java(smsc: SmscHandle, tmp_path: Path) -> None:
    source = tmp_path / "OneTimeCode.java"
    source.write_text(example("java"))
    assert run(smsc, needs("java"), str(source)) == "482913"


def test_pytest(smsc: SmscHandle) -> None:
    names: dict[str, object] = {}
    exec(example("python"), names)
    test = names["test_a_code_arrives"]
    assert callable(test)
    test(smsc)
