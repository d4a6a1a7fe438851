"""The recipes for a gateway under test: what starts the SMSC in each of them starts it, with the account it
names, as a process where there is no container engine."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from smsc.client import Client
from tests.docs.test_pages import ROOT, blocks
from tests.waiting import PATIENCE, until

PAGE = ROOT / "docs" / "recipes.md"
yaml = pytest.importorskip("yaml")


class Started(NamedTuple):
    """How a recipe starts the image: what follows its entry point, and its environment."""

    arguments: list[str]
    environment: dict[str, str]


def block(language: str, number: int = 0) -> str:
    return list(blocks(PAGE, language))[number][1]


def in_compose() -> Started:
    service = yaml.safe_load(block("yaml"))["services"]["smsc"]
    return Started(service["command"], service["environment"])


def in_java() -> Started:
    text = block("java")
    words = [json.loads(f"[{found}]") for found in re.findall(r"\.with(?:Command|Env)\((.*)\)", text)]
    return Started(words[0], dict(words[1:]))


def in_node() -> Started:
    text = block("javascript")
    command = re.search(r"withCommand\((\[.*?\])\)", text)[1]
    pairs = re.findall(
        r"(\w+): (?:'([^']*)'|\"([^\"]*)\")", re.search(r"withEnvironment\(\{(.*)\}\)", text)[1]
    )
    return Started(json.loads(command), {name: first or second for name, first, second in pairs})


@contextmanager
def serving(how: Started, folder: Path) -> Iterator[Mapping[str, Any]]:
    """`smsc serve` as the image's entry point, on free ports; what its ready file says."""
    ready = folder / "ready.json"
    command = [sys.executable, "-m", "smsc", "serve", *how.arguments]
    command += ["--smpp-port", "0", "--http-port", "0", "--ready-file", str(ready)]
    # Its image lets others in; here nobody else is to get in.
    command = [word.replace("0.0.0.0", "127.0.0.1") for word in command]
    server = subprocess.Popen(command, env={**os.environ, **how.environment}, cwd=folder)
    try:
        until(lambda: ready.exists() or server.poll() is not None)
        yield json.loads(ready.read_text("utf-8"))
    finally:
        server.terminate()
        server.wait(PATIENCE)


@pytest.mark.parametrize("recipe", [in_compose, in_java, in_node])
async def test_it_starts_with_the_account_that_it_names(recipe: Any, tmp_path: Path) -> None:
    with serving(recipe(), tmp_path) as ready:
        host, _, port = ready["smpp"].rpartition(":")
        async with await Client.connect(host, int(port)) as gateway:
            await gateway.bind("mygw", "secret")


def test_the_compose_file_keeps_to_its_schema() -> None:
    models = pytest.importorskip("compose_spec")
    models.ComposeSpecification.model_validate(yaml.safe_load(block("yaml")))


def test_the_steps_of_github_actions_run(tmp_path: Path) -> None:
    """In one shell, with the file of "Make it yours"; the tests of the gateway are a line that passes."""
    steps = yaml.safe_load(block("yaml", 1))["jobs"]["test"]["steps"]
    script = "\n".join(step["run"] for step in steps if "run" in step and "pip install" not in step["run"])
    script = script.replace("./run-gateway-tests", "true")
    script = re.sub(r"--duration 10 --fail-if .*", "--duration 0.2 --warm-up 0", script)
    assert "--warm-up" in script
    config = next(text for _, text in blocks(ROOT / "docs" / "make-it-yours.md", "toml"))
    (tmp_path / "smsc.toml").write_text(config, "utf-8")
    done = subprocess.run(
        ["bash", "-euc", f'smsc() {{ "{sys.executable}" -m smsc "$@"; }}\ntrap "kill 0" EXIT\n{script}'],
        cwd=tmp_path,
        env={**os.environ, "SMSC_SMPP__PORT": str(free_port()), "SMSC_HTTP__PORT": str(free_port())},
        capture_output=True,
        text=True,
        timeout=2 * PATIENCE,
        check=False,
        start_new_session=True,  # all of it ends with the script
    )
    assert "accepted" in done.stdout, done.stderr


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])
