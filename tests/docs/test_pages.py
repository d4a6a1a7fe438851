"""What the documentation shows works: Python runs, commands parse, files load; what is not run says why."""

from __future__ import annotations

import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main

from smsc.cli.app import app

pytest_plugins = ["pytester"]

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*(ROOT / "docs").glob("*.md"), ROOT / "README.md"])
#: Languages of fenced blocks that no test runs, and why.
NOT_RUN = {
    "java": "run by tests/interop/test_libraries.py on the page of clients; else needs a container engine",
    "javascript": "run by tests/interop/test_libraries.py",
    "php": "the library is in no registry that the suite may ask",
    "go": "the library cannot be had from the proxy",
    "perl": "run by tests/interop/test_libraries.py",
    "ini": "a configuration of Kannel, run by tests/interop_kannel where Kannel is installed",
    "yaml": "read as YAML; an engine or a CI service would run it",
    "": "output, addresses or drawings",
}
RUN = {"python", "toml", "sh"}
#: Pages whose Python blocks other tests run: tests/testing_plugin.
ELSEWHERE = {"testing.md", "make-it-yours.md"}


def blocks(page: Path, language: str | None = None) -> Iterator[tuple[str, str]]:
    for found, text in re.findall(r"^```(\w*)\n(.*?)^```", page.read_text("utf-8"), re.MULTILINE | re.DOTALL):
        if language in (None, found):
            yield found, text


def test_every_block_is_run_or_says_why_not() -> None:
    languages = {language for page in PAGES for language, _ in blocks(page)}
    assert languages - RUN - set(NOT_RUN) == set()


PYTHON = [
    pytest.param(text, id=f"{page.stem}-{number}")
    for page in PAGES
    if page.name not in ELSEWHERE
    for number, (_, text) in enumerate(blocks(page, "python"))
    if not text.startswith("# Run by tests/")
]


@pytest.mark.parametrize("text", PYTHON)
def test_python_runs(pytester: pytest.Pytester, text: str) -> None:
    pytester.makeini(
        "[pytest]\nasyncio_mode = auto\nasyncio_default_fixture_loop_scope = function\n"
        "filterwarnings = ignore::DeprecationWarning"
    )
    pytester.makepyfile(text)
    outcomes = pytester.runpytest_subprocess("-p", "no:cacheprovider", timeout=300).parseoutcomes()
    assert outcomes.get("passed", 0) > 0
    assert not {"failed", "errors"} & set(outcomes)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_toml_is_toml(page: Path) -> None:
    for _, text in blocks(page, "toml"):
        tomllib.loads(text)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_yaml_is_yaml(page: Path) -> None:
    yaml = pytest.importorskip("yaml")
    for _, text in blocks(page, "yaml"):
        assert yaml.safe_load(text)


# --- Commands ---


def commands() -> Iterator[tuple[str, str]]:
    """(page, command line) of every `smsc ...` that stands as a line of its own."""
    for page in PAGES:
        for line in re.findall(
            r"^(?:    |)(?:\$ )?(smsc (?!=)[^\n]*)$", page.read_text("utf-8"), re.MULTILINE
        ):
            yield page.name, line


@pytest.mark.parametrize(
    ("page", "line"), [pytest.param(*one, id=f"{one[0]}: {one[1][:60]}") for one in commands()]
)
def test_a_command_can_be_typed(page: str, line: str) -> None:
    """Its words, options and values are those that there are; what it does is shown by other tests."""
    typed = re.split(r"\s{3,}|\s&$|\s#\s|\s>>?\s", line)[0]
    words = shlex.split(typed)[1:]
    parse(typer.main.get_command(app), "smsc", words)


def parse(command: Any, name: str, words: list[str], parent: Any = None) -> None:
    """As the command line parses it, without running anything; raises what it would tell."""
    if words[:1] == ["[OPTIONS]"] or words == ["..."]:
        return
    context = command.make_context(name, [word for word in words if word != "..."], parent=parent)
    below = getattr(command, "commands", None)
    rest = [*getattr(context, "_protected_args", []), *context.args]
    if below is not None and rest:
        assert rest[0] in below, f"no command {rest[0]}"
        parse(below[rest[0]], rest[0], rest[1:], context)


# --- Other languages ---


def test_every_library_has_its_section() -> None:
    text = (ROOT / "docs" / "clients.md").read_text("utf-8")
    for name in (
        "smpplib",
        "aiosmpplib",
        "node-smpp",
        "jSMPP",
        "Cloudhopper",
        "php-smpp",
        "gosmpp",
        "Kannel",
        "Jasmin",
    ):
        assert re.search(rf"^## {name}", text, re.MULTILINE)
