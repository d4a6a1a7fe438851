"""The site is built strictly, from pages that all stand in a section, and needs nothing from outside."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
import sys
import tomllib
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main
from fastapi import FastAPI
from starlette.testclient import TestClient

from smsc.api import guide
from smsc.cli.app import app
from smsc.config import EXAMPLE
from smsc.reasons import REASONS
from smsc.testing import SmscHandle

pytest.importorskip("mkdocs")
pytest.importorskip("material")

ROOT = Path(__file__).resolve().parents[2]
_OUTSIDE = re.compile(r"""<(?:script|link|img|source|iframe)\b[^>]*\b(?:src|href)=["']?(https?:)?//""")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "tools/docs.py", str(folder)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.mark.timeout(300)
def test_no_page_fetches_anything_from_outside(site: Path) -> None:
    wrong = {
        page.name: found[0]
        for page in site.rglob("*.html")
        if (found := _OUTSIDE.search(page.read_text("utf-8")))
    }
    assert wrong == {}
    styles = "".join(path.read_text("utf-8") for path in site.rglob("*.css"))
    assert not re.search(r"url\(\s*[\"']?(https?:)?//", styles)
    assert "@import" not in styles


@pytest.mark.timeout(300)
def test_no_page_needs_an_exception_from_a_strict_policy(site: Path) -> None:
    for page in site.rglob("*.html"):
        text = page.read_text("utf-8")
        assert not re.search(r"<script>|<style>| style=\"| on\w+=\"", text), page


@pytest.mark.timeout(300)
def test_the_reference_has_every_command_key_call_metric_and_reason(site: Path, smsc: SmscHandle) -> None:
    cli = (site / "reference" / "cli" / "index.html").read_text("utf-8")
    for name in typer.main.get_command(app).commands:  # type: ignore[attr-defined]
        assert f"smsc {name}" in cli
    reasons = (site / "reference" / "reasons" / "index.html").read_text("utf-8")
    assert [reason.name for reason in REASONS if reason.code and reason.name not in reasons] == []
    for page, words in {
        "api": list(json.loads(fetched(smsc, "/openapi.json"))["paths"]),
        "metrics": re.findall(r"^# TYPE (\S+)", fetched(smsc, "/metrics"), re.MULTILINE),
        "configuration": sorted(set(keys_of(tomllib.loads(EXAMPLE.read_text("utf-8"))))),
        "python": ["make_smsc", "smsc_server", "start_smsc", "expect_receipt", "submit", "ClientError"],
    }.items():
        told = (site / "reference" / page / "index.html").read_text("utf-8")
        text = html.unescape(re.sub("<[^>]*>", "", told))
        assert [word for word in words if word not in text] == [], page
    events = (site / "reference" / "events" / "index.html").read_text("utf-8")
    for name in ("message.final", "session.bound", "bind.refused", "esme.changed"):
        assert name in events


def fetched(smsc: SmscHandle, path: str) -> str:
    with urllib.request.urlopen(f"{smsc.url}{path}", timeout=30) as answer:
        return str(answer.read().decode())


def keys_of(table: dict[str, Any]) -> Iterator[str]:
    """Every key at any depth, but for the names of zones and the like in lists of strings."""
    for name, value in table.items():
        yield name
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, dict):
                yield from keys_of(one)


@pytest.mark.timeout(300)
def test_the_site_can_be_searched(site: Path) -> None:
    assert '"laerdal-tunnel' in (site / "search" / "search_index.json").read_text("utf-8") or list(
        site.glob("search/*")
    )


@pytest.mark.timeout(300)
def test_two_builds_are_the_same(site: Path, tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "tools/docs.py", str(tmp_path)], cwd=ROOT, capture_output=True, check=True
    )
    first = {path.relative_to(site): path.read_bytes() for path in site.rglob("*") if path.is_file()}
    second = {path.relative_to(tmp_path): path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert first == second


@pytest.mark.timeout(300)
def test_the_server_serves_it(site: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    package = tmp_path / "smsc"
    shutil.copytree(site, package / "guide")
    monkeypatch.setattr(guide, "files", lambda _: package)
    app = FastAPI()
    app.include_router(guide.router(""))
    with TestClient(app) as client:
        assert "Norwegian" in client.get("/guide").text
        page = client.get("/guide/reference/cli/")
        assert "smsc serve" in page.text
        assert page.headers["content-security-policy"].startswith(
            "default-src 'none'; script-src 'self'; style-src 'self'"
        )
        assert (
            client.get("/guide/reference/cli", follow_redirects=False).headers["location"]
            == "/guide/reference/cli/"
        )
        assert client.get("/guide/search/search_index.json").headers["content-type"] == "application/json"
        assert (
            client.get(
                "/guide/", headers={"if-none-match": client.get("/guide/").headers["etag"]}
            ).status_code
            == 304
        )
        for path in ("nothing", "../app.py", "%2e%2e/app.py", "..%2fapp.py"):
            assert client.get(f"/guide/{path}").status_code == 404


def test_an_installation_without_it_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(guide, "files", lambda _: tmp_path)
    app = FastAPI()
    app.include_router(guide.router(""))
    with TestClient(app) as client:
        answer = client.get("/guide/")
    assert (answer.status_code, "make docs" in answer.text) == (404, True)
