"""The source archive holds what it must and nothing else, and is the same each time."""

import re
import subprocess
import sys
import tarfile
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

import dist

ROOT = Path(__file__).resolve().parents[2]
METADATA = {"PKG-INFO", "setup.cfg"}
BESIDE = {"LICENSE", "MANIFEST.in", "README.md", "pyproject.toml", "setup.py"}


@pytest.fixture(scope="module")
def tracked() -> list[str]:
    run = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if run.returncode:
        pytest.skip("not a git checkout")
    return run.stdout.splitlines()


@pytest.fixture(scope="module")
def archives(tracked: list[str], tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two, made in different folders."""
    pytest.importorskip("setuptools")
    python = Path(sys.executable)
    return [
        dist.source_archive(
            python, tmp_path_factory.mktemp("work"), tmp_path_factory.mktemp("out"), epoch=1_700_000_000
        )
        for _ in range(2)
    ]


def test_the_archive_holds_the_package_and_what_builds_it(tracked: list[str], archives: list[Path]) -> None:
    with tarfile.open(archives[0]) as archive:
        members = archive.getmembers()
    paths = {member.name.partition("/")[2] for member in members if member.isfile()}
    information = {path for path in paths if path.startswith("smsc_emulator.egg-info/")}
    assert information
    package = {path for path in tracked if path.startswith("smsc/") and (ROOT / path).is_file()}
    assert paths - information == package | BESIDE | METADATA


def test_the_archive_tells_nothing_of_who_made_it(archives: list[Path]) -> None:
    with tarfile.open(archives[0]) as archive:
        members = archive.getmembers()
    owners = {(member.uid, member.gid, member.uname, member.gname, member.mtime) for member in members}
    assert owners == {(0, 0, "", "", 1_700_000_000)}


def test_two_archives_of_the_same_sources_are_equal(archives: list[Path]) -> None:
    first, second = archives
    assert first.name == second.name
    assert first.read_bytes() == second.read_bytes()


# --- The lock files ---


def locked(path: Path) -> dict[str, str]:
    """Package -> version; every one must come with hashes."""
    entries = re.split(r"\n(?=[a-z])", path.read_text(encoding="utf-8").partition("\n")[2])
    found = {}
    for entry in filter(str.strip, entries):
        name, version = re.match(r"([A-Za-z0-9._-]+)==([^ ;\\]+)", entry).groups()
        assert "--hash=sha256:" in entry, name
        found[name.lower()] = version
    return found


PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("lock", "wanted"),
    [
        ("deploy/requirements.txt", PROJECT["project"]["dependencies"]),
        ("tools/requirements-build.txt", PROJECT["build-system"]["requires"]),
        (
            "tools/requirements.txt",
            (ROOT / "tools" / "requirements.in").read_text(encoding="utf-8").split("\n"),
        ),
    ],
)
def test_a_lock_file_holds_what_is_asked_for(lock: str, wanted: list[str]) -> None:
    """`make lock` was forgotten when this fails."""
    versions = locked(ROOT / lock)
    for line in wanted:
        if not line or line.startswith("#"):
            continue
        requirement = Requirement(line)
        assert versions[requirement.name.lower()] in requirement.specifier


def test_the_changelog_tells_of_this_version() -> None:
    sections = re.findall(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert sections[0] == PROJECT["project"]["version"]
    assert len(set(sections)) == len(sections)
