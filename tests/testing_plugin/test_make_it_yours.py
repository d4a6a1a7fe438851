"""The page "Make it yours" as it stands: its files load, its test is green, its table is that of the code."""

import re
import tomllib
from pathlib import Path

import pytest

from smsc.config.extending import KEYS
from smsc.world.checks import load_checked

PAGE = Path(__file__).resolve().parents[2] / "docs" / "make-it-yours.md"
TEXT = PAGE.read_text(encoding="utf-8")

pytest_plugins = ["pytester"]


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)


@pytest.mark.parametrize("text", blocks("toml"))
def test_the_files_load(tmp_path: Path, text: str) -> None:
    path = tmp_path / "smsc.toml"
    path.write_text(text, encoding="utf-8")
    assert tomllib.loads(text)["extends"] == "demo"
    load_checked(path, now=0)


def test_the_tests_are_green(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(*blocks("python"))
    pytester.runpytest_inprocess("-p", "no:cacheprovider").assert_outcomes(passed=len(blocks("python")))


def test_the_table_names_every_list_and_its_key() -> None:
    rows = re.findall(
        r"^\| (`.*?) \| (.*?) \|$", TEXT.split("## How rows meet")[1].split("- A row")[0], re.MULTILINE
    )
    told = {name.split(".")[-1] for names, _ in rows for name in re.findall(r"`([\w.]+)`", names)}
    assert told == {str(path[-1]) for path in KEYS}
    keys = {key for _, key in rows for key in re.findall(r"`(\w+)`", key)}
    assert keys == {name for names in KEYS.values() for name in names}
