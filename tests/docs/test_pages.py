"""What the documentation shows works: Python runs, commands parse, files load; what is not run says why."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main

from smsc.cli.app import app
from smsc.testing import SmscHandle

pytest_plugins = ["pytester"]

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*(ROOT / "docs").glob("*.md"), ROOT / "README.md"])
#: Languages of fenced blocks that no test runs, and why.
NOT_RUN = {
    "java": "needs a JDK and a container engine or the library from Maven",
    "php": "needs PHP and the library",
    "go": "needs Go and the library",
    "perl": "needs Perl and the library",
    "ini": "a configuration of Kannel, run by tests/interop_kannel where Kannel is installed",
    "yaml": "read as YAML; an engine or a CI service would run it",
    "": "output, addresses or drawings",
}
RUN = {"python", "toml", "sh", "javascript"}
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


@pytest.fixture(scope="module")
def node_modules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        pytest.skip("node and npm are not installed")
    folder = tmp_path_factory.mktemp("node")
    done = subprocess.run(
        [npm, "install", "--silent", "--no-audit", "--no-fund", "smpp@0.5.1"],
        cwd=folder,
        capture_output=True,
        timeout=50,
        check=False,
    )
    if done.returncode:
        pytest.skip("node-smpp cannot be had")
    return folder


def test_the_snippet_of_node_smpp_runs(make_smsc: Callable[..., SmscHandle], node_modules: Path) -> None:
    smsc = make_smsc(esmes=[{"system_id": "mygw", "password": "secret", "senders": ["Mygw"]}])
    text = next(text for _, text in blocks(ROOT / "docs" / "clients.md", "javascript"))
    smsc.handset("4790000002").listen()
    (node_modules / "client.js").write_text(text, "utf-8")
    node = str(shutil.which("node"))
    done = subprocess.run([node, "client.js", smsc.smpp_address], cwd=node_modules, timeout=40, check=False)
    assert done.returncode == 0
    smsc.handset("4790000002").expect_message("Blåbær [1]")
    smsc.esme("mygw").expect_receipt("DELIVRD")


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
