"""The programs of docs/clients.md, each with its library, against a server: a text, and its receipt.

What they need is fetched from the registry of its language, once, within a minute or two. Where a tool is
missing, or the registry does not answer, the test is skipped and says which.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import venv
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from smsc.testing import SmscHandle

pytestmark = pytest.mark.loop

PAGE = Path(__file__).resolve().parents[2] / "docs" / "clients.md"
PATIENCE = 150  # seconds that a registry has
OLA = "4790000002"
TEXT = "Blåbær [1]"

_POM = """<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>client</groupId><artifactId>client</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies><dependency>
    <groupId>{}</groupId><artifactId>{}</artifactId><version>{}</version>
  </dependency></dependencies>
</project>
"""


class Client(NamedTuple):
    """A program beside its library."""

    folder: Path
    command: list[str]

    def run(self, smsc: SmscHandle) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*self.command, smsc.smpp_address],
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )


class Library(NamedTuple):
    """A library by its heading on the page: its program's file, and what makes the command that runs it."""

    file: str
    prepare: Callable[[Path], list[str]]


def _tool(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def _fetch(command: list[str], folder: Path) -> None:
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, timeout=PATIENCE, check=False)
    except subprocess.TimeoutExpired:
        pytest.skip(f"{command[0]} had nothing within {PATIENCE} s")
    if done.returncode:
        pytest.skip(
            f"{' '.join(command[:3])}: {(done.stderr or done.stdout).decode(errors='replace')[-300:]}"
        )


def maven(group: str, artifact: str, version: str) -> Callable[[Path], list[str]]:
    """A library of Maven's, for a program in one source file."""

    def prepare(folder: Path) -> list[str]:
        java, mvn = _tool("java"), _tool("mvn")
        (folder / "pom.xml").write_text(_POM.format(group, artifact, version), "utf-8")
        _fetch([mvn, "-q", "-B", "dependency:copy-dependencies", "-DoutputDirectory=lib"], folder)
        return [java, "-cp", "lib/*", "Client.java"]

    return prepare


def npm(package: str) -> Callable[[Path], list[str]]:
    """A package of npm's."""

    def prepare(folder: Path) -> list[str]:
        node = _tool("node")
        _fetch([_tool("npm"), "install", "--silent", "--no-audit", "--no-fund", package], folder)
        return [node, "client.js"]

    return prepare


def pip(*packages: str) -> Callable[[Path], list[str]]:
    """Packages of Python's index, in an environment of their own."""

    def prepare(folder: Path) -> list[str]:
        venv.create(folder / "env", with_pip=True)
        python = str(folder / "env" / "bin" / "python")
        _fetch([python, "-m", "pip", "install", "--quiet", *packages], folder)
        return [python, "client.py"]

    return prepare


def perl(module: str) -> Callable[[Path], list[str]]:
    """A module that the system has."""

    def prepare(folder: Path) -> list[str]:
        command = _tool("perl")
        if subprocess.run([command, f"-M{module}", "-e1"], capture_output=True, check=False).returncode:
            pytest.skip(f"Perl has no {module}")
        return [command, "client.pl"]

    return prepare


LIBRARIES = {
    "node-smpp": Library("client.js", npm("smpp@0.5.1")),
    "jSMPP": Library("Client.java", maven("org.jsmpp", "jsmpp", "3.0.1")),
    "Cloudhopper": Library("Client.java", maven("com.cloudhopper", "ch-smpp", "5.0.9")),
    "Jasmin": Library("client.py", pip("smpp-twisted3==0.8", "pyOpenSSL", "service_identity")),
    "Net::SMPP": Library("client.pl", perl("Net::SMPP")),
}
_LANGUAGES = {".js": "javascript", ".java": "java", ".py": "python", ".pl": "perl"}


def program(heading: str, suffix: str) -> str:
    """The program that stands under a heading of the page."""
    page = PAGE.read_text("utf-8")
    section = page[page.index(f"\n## {heading}") + 4 :].split("\n## ")[0]
    found = re.search(rf"^```{_LANGUAGES[suffix]}\n(.*?)^```", section, re.MULTILINE | re.DOTALL)
    assert found is not None, f"no {_LANGUAGES[suffix]} under {heading}"
    return found[1]


@pytest.fixture(scope="module", params=list(LIBRARIES))
def client(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Client:
    """A library in a folder of its own, with the page's program."""
    library = LIBRARIES[request.param]
    folder = tmp_path_factory.mktemp("library")
    (folder / library.file).write_text(program(request.param, Path(library.file).suffix), "utf-8")
    return Client(folder, library.prepare(folder))


def served(make_smsc: Callable[..., SmscHandle], password: str) -> SmscHandle:
    return make_smsc(esmes=[{"system_id": "mygw", "password": password, "senders": ["Mygw"]}])


def test_the_program_on_the_page_sends_and_gets_its_receipt(
    make_smsc: Callable[..., SmscHandle], client: Client
) -> None:
    smsc = served(make_smsc, "secret")
    smsc.handset(OLA).listen()
    done = client.run(smsc)
    assert done.returncode == 0, done.stderr[-2000:]
    smsc.handset(OLA).expect_message(TEXT)
    smsc.esme("mygw").expect_receipt("DELIVRD")
    (message,) = [one for one in smsc.messages() if one.source == "Mygw"]
    assert (message.text, message.state) == (TEXT, "delivered")


def test_a_refused_bind_ends_the_program_with_the_status(
    make_smsc: Callable[..., SmscHandle], client: Client
) -> None:
    """The peer closes first, so no library loses the answer and waits for it."""
    done = client.run(served(make_smsc, "other"))
    assert done.returncode != 0
    assert "No response" not in done.stderr  # of jSMPP, after a minute
