"""What the pages are made of: nothing from elsewhere, nothing inline, and not too much of it."""

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import smsc.web

WEB = Path(smsc.web.__file__).parent
TESTS = Path(__file__).parent
PAGES = sorted(WEB.glob("*.html"))
OWN = sorted(
    path
    for path in (WEB / "static").rglob("*")
    if path.suffix in (".js", ".css") and "vendor" not in path.parts
)


def listed(folder: Path) -> Iterator[tuple[Path, dict[str, str]]]:
    for row in json.loads((folder / "vendor.json").read_text())["files"]:
        yield folder / row["file"], row


@pytest.mark.parametrize("folder", [WEB / "static" / "vendor", TESTS / "vendor"], ids=["pages", "tests"])
def test_each_vendored_file_is_the_one_that_is_listed(folder: Path) -> None:
    found = dict(listed(folder))
    for path, row in found.items():
        assert hashlib.sha256(path.read_bytes()).hexdigest() == row["sha256"], path.name
        assert row["version"]
        assert row["licence"]
    assert {path for path in folder.iterdir() if path.suffix in (".js", ".css")} == set(found)
    licences = json.loads((folder / "vendor.json").read_text())["licences"]
    assert {row["package"] for row in found.values()} == set(licences)
    assert all((folder / name).read_text() for name in licences.values())


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_no_page_has_script_or_style_in_it(path: Path) -> None:
    text = path.read_text()
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|javascript:", text)
    assert text.count('<base href="/">') == 1
    assert not re.search(r'(?:src|href|action)="(?:https?:)?//', text)


@pytest.mark.parametrize("path", OWN, ids=lambda path: path.name)
def test_our_own_files_are_short_and_ask_nobody_else(path: Path) -> None:
    text = path.read_text()
    allowed = ("http://www.w3.org/2000/svg",)
    assert all(
        url.startswith(allowed) for url in re.findall(r"https?://[\w.]+[^\s\"'`]*", text) if "${" not in url
    )
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacentHTML|dangerouslySetInnerHTML|document\.write|\beval\(", text
    )
    if path.suffix == ".js":
        assert text.startswith("// "), "a module says in its first line what it is for"
        assert text.count("\n") <= 400
