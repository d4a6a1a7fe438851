"""The commands that the documentation shows are typed, in their order, against a server, or say why not."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Timer

import pytest
from typer.testing import CliRunner

from smsc.cli.app import app
from smsc.testing import SmscHandle
from tests.docs.test_pages import PAGES, blocks
from tests.waiting import PATIENCE

#: What begins a command; all else in an indented block is output.
PROGRAMS = ("smsc", "curl", "make", "python", "python3", "pip", "docker", "podman", "kubectl")

#: Commands that are not typed here, and why; the first that fits.
NOT_TYPED = {
    r"make ": "builds, tests and benchmarks of the repository: .ci/run and make release-check run them",
    r"python3? -m (venv|bench)": "installs, or measures: tools/smoke.py installs, tests/bench measures",
    r"pip install": "installs: tools/smoke.py does",
    r"smsc store .*postgresql:": "needs a database: tests/server/test_on_postgresql.py",
    r"smsc serve": "the server of the test stands for it",
    r"smsc scenario run .*--serve": "waits for a client of one's own: tests/scenario_files/test_served.py",
    r"smsc send --ca": "TLS: tests/test_tls.py, with this certificate",
}

#: Pages whose commands another test runs.
ELSEWHERE = {"one-time-codes.md": "tests/test_one_time_codes_page.py"}

#: A run of `smsc load` as short as can be: what it measures is not the point.
SHORT = "--duration 0.2 --warm-up 0 --rate 50"


def command_lines(page: Path) -> list[tuple[str, list[str]]]:
    """(command, what it prints) as a page shows them, in its order."""
    text = re.sub(
        r"^```(\w*)\n(.*?)^```",
        lambda block: indented(block[2]) if block[1] == "sh" else "",
        page.read_text("utf-8"),
        flags=re.MULTILINE | re.DOTALL,
    )
    found: list[tuple[str, list[str]]] = []
    lines = iter(text.splitlines())
    prompt = False
    for line in lines:
        if not line.startswith("    "):
            prompt = False
            continue
        shown = line.strip().removeprefix("$ ")
        if shown.split(" ")[0] in PROGRAMS and " = " not in shown.partition('"')[0]:
            prompt = line.strip().startswith("$ ")
            found.append((whole(shown, lines), []))
        elif prompt:
            found[-1][1].append(line.strip())
    return found


def indented(text: str) -> str:
    return "".join(f"    {line}\n" for line in text.splitlines())


def whole(line: str, following: Iterator[str]) -> str:
    """With the lines that it goes on in: after a backslash, or while a quotation is open."""
    while line.endswith("\\") or is_open(line):
        line = line.removesuffix("\\").rstrip() + " " + next(following).strip()
    return re.split(r"\s{3,}|\s&$|\s#\s", line)[0]


def is_open(line: str) -> bool:
    try:
        shlex.split(line)
    except ValueError:
        return True
    return False


SHOWN = [page for page in PAGES if page.name not in ELSEWHERE and command_lines(page)]


def why_not(command: str) -> str | None:
    return next((why for pattern, why in NOT_TYPED.items() if re.match(pattern, command)), None)


class Terminal:
    """Types the commands of a page, in a folder that has the files that the page speaks of."""

    def __init__(self, smsc: SmscHandle, folder: Path) -> None:
        self.smsc, self.folder = smsc, folder
        http = smsc.http_address.rpartition(":")[2]
        self.environment = {
            "SMSC_HOST": smsc.host,
            "SMSC_SMPP__PORT": str(smsc.port),
            "SMSC_HTTP__PORT": http,
            "LANG": "C.UTF-8",
            "PATH": os.environ["PATH"],
            "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
        }
        self.listening: list[subprocess.Popen[str]] = []

    def type(self, command: str) -> str:
        """What it prints; fails when its exit status says so."""
        for path in ("/etc/smsc", "/var/lib/smsc"):
            command = command.replace(path, str(self.folder))
        command, _, file = re.sub(r"\s>>?\s", "\0", command).partition("\0")
        words = shlex.split(command)
        if words[:2] == ["smsc", "listen"]:
            return self.listen(words[1:])
        told = self.curl(words) if words[0] == "curl" else self.run(words)
        if file:
            (self.folder / file).write_text(told, "utf-8")
        return told

    def run(self, words: list[str]) -> str:
        if words[1] == "load":
            words = words[:-2] if words[-2] == "--duration" else words
            words += shlex.split(SHORT)
        done = CliRunner().invoke(app, words[1:], env=self.environment)
        # Whether a condition holds depends on the machine; a number that takes no SMS is answered with 1.
        allowed = (0, 1) if "--fail-if" in words or "--find-rate" in words or words[1] == "number" else (0,)
        assert done.exit_code in allowed, (words, done.output, done.exception)
        return done.output

    def curl(self, words: list[str]) -> str:
        words = [re.sub(r"(localhost|127\.0\.0\.1):8775", self.smsc.http_address, word) for word in words]
        command = [*words[:1], "--silent", "--show-error", "--fail-with-body", *words[1:]]
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=PATIENCE, check=False, env=self.environment
        )
        assert done.returncode == 0, (words, done.stdout, done.stderr)
        return done.stdout

    def listen(self, words: list[str]) -> str:
        command = [sys.executable, "-m", "smsc", *words]
        child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                 env=self.environment)  # fmt: skip
        self.listening.append(child)
        watch = Timer(PATIENCE, child.kill)
        watch.start()
        told = child.stdout.readline()
        watch.cancel()
        assert told.startswith("listening"), told
        return told

    def close(self) -> None:
        for child in self.listening:
            child.kill()
            child.wait()
            child.stdout.close()


@pytest.fixture
def terminal(
    make_smsc: Callable[..., SmscHandle], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Terminal]:
    monkeypatch.chdir(tmp_path)
    smsc = make_smsc(clock={"mode": "real"}, store={"url": f"sqlite:{tmp_path}/smsc.db"})
    found = Terminal(smsc, tmp_path)
    yield found
    found.close()


@pytest.mark.parametrize("page", SHOWN, ids=lambda page: page.name)
def test_what_a_page_shows_can_be_typed(page: Path, terminal: Terminal, tmp_path: Path) -> None:
    """With its first block of TOML as the file that the page speaks of, and a message that it waits for."""
    for _, text in list(blocks(page, "toml"))[:1]:
        for name in ("smsc.toml", "my-own.toml"):
            (tmp_path / name).write_text(text, "utf-8")
    if page.name == "recipes.md":
        terminal.smsc.send("4790000001", "4790000002", "Koden er 123456")
    for command, shown in command_lines(page):
        if why_not(command) is None:
            told = terminal.type(command)
            for line in shown:
                if "..." not in line and not line.startswith(('{"', '"')):
                    assert line in told or line.startswith("47"), (command, told)


def test_every_reason_not_to_type_a_command_is_needed() -> None:
    typed = [command for page in SHOWN for command, _ in command_lines(page)]
    assert len(typed) > 30
    for pattern in NOT_TYPED:
        assert any(re.match(pattern, command) for command in typed), pattern
