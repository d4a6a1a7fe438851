"""The pages: which file stands where, what a browser may do with it, the login, and a proxy's prefix."""

import gzip
import re
import time
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import httpx
import pytest

from smsc.api import access, pages
from smsc.api.app import ControlApi, create_app
from tests.api.client import call
from tests.api.fakes import FakeServer, FullControl

TOKEN = "lærdal-hemmelig"
CONSOLE = [re.sub(r"\{\w+\}", "7", path) for path in pages.CONSOLE]
PUBLIC = [path for path, name in pages.PUBLIC.items() if files("smsc.web").joinpath(name).is_file()]


@cache
def plain(token: str | None = None) -> ControlApi:
    """One for all that only read: it takes a tenth of a second to make, and pages name two hundred files."""
    return create_app(FakeServer(FullControl), token=token)


def ask(path: str, method: str = "GET", *, app: dict[str, Any] | None = None, **about: Any) -> httpx.Response:
    if method == "GET" and not app:
        return call(plain(), method, path, **about)
    return call(create_app(FakeServer(FullControl), **(app or {})), method, path, **about)


@pytest.mark.parametrize("path", [*CONSOLE, *PUBLIC])
def test_a_page_loads_nothing_but_files_of_our_own(path: str) -> None:
    answer = ask(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    sources = re.findall(r"(?:'[^']+'|https?:\S+|data:)", answer.headers["content-security-policy"])
    assert set(sources) == {"'none'", "'self'"}
    for inline in (
        r"<style",
        r"\sstyle=",
        r"\son[a-z]+=",
        r"<script(?![^>]*\bsrc=)",
        r"https?://(?!www\.w3\.org)",
    ):
        assert not re.search(inline, answer.text), inline
    assert '<base href="/">' in answer.text


def test_every_file_that_a_page_names_is_there() -> None:
    for path in [*CONSOLE, *PUBLIC, "/login"]:
        text = call(plain(TOKEN if path == "/login" else None), "GET", path).text
        for name in re.findall(r'(?:src|href)="(static/[^"#?]+)"', text):
            assert ask(f"/{name}").status_code == 200, name


@pytest.mark.parametrize(
    "path",
    ["/static/", "/static/nothing.js", "/static/../index.html", "/static/%2e%2e/login.html", "/m/", "/m/1/2"],
)
def test_only_what_is_in_the_table_is_served(path: str) -> None:
    answer = ask(path)
    assert (answer.status_code, answer.json()["title"]) == (404, "Unknown path")


def test_a_file_is_sent_packed_and_only_when_it_has_changed() -> None:
    plain = ask("/static/smsc.css", headers={"Accept-Encoding": "identity"})
    packed = ask("/static/smsc.css", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    assert plain.text == packed.text
    again = ask("/static/smsc.css", headers={"If-None-Match": plain.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert plain.headers["cache-control"] == "no-cache"


def test_script_and_style_stay_within_their_budget() -> None:
    found = files("smsc.web").joinpath("static")
    sizes = [
        len(gzip.compress(each.read_bytes(), 9))
        for each in found.rglob("*")  # type: ignore[attr-defined]
        if each.name.endswith((".js", ".mjs", ".css", "-texts.json"))
    ]
    assert sum(sizes) <= 150_000


def _modules(*first: str) -> set[str]:
    """What the first paint needs: these modules and all that they import, by their paths below `smsc/web`."""
    web = Path(str(files("smsc.web")))
    found: set[str] = set()
    open_ones = list(first)
    while open_ones:
        name = open_ones.pop()
        if name in found:
            continue
        found.add(name)
        imported = re.findall(r'^(?:import|export) [^;]*?from ?"(\.[^"]+)"', (web / name).read_text(), re.M)
        open_ones += [str((web / name).parent.joinpath(each).resolve().relative_to(web)) for each in imported]
    return found


def test_the_first_page_asks_for_all_its_modules_at_once() -> None:
    """A module that only another one names is asked for a round trip later than that one."""
    page = files("smsc.web").joinpath("index.html").read_text()
    named = re.findall(r'<link rel="modulepreload" href="([^"]+)">', page)
    first = "static/console/main.js", "static/console/messages.js"
    assert sorted([first[0], *named]) == sorted(_modules(*first))


def test_pages_can_be_turned_off() -> None:
    off = {"pages_on": False}
    assert ask("/", app=off).headers["location"] == "/docs"
    for path in ("/m/1", "/nod-sms", "/static/smsc.css", "/login"):
        assert ask(path, app=off).status_code == 404


def test_a_page_of_a_name_that_is_not_ours_is_refused() -> None:
    for path in ("/", "/static/smsc.css"):
        assert ask(path, headers={"Host": "evil.example"}).status_code == 403


def test_a_link_from_another_site_may_lead_here() -> None:
    assert ask("/m/7", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 200


# --- behind a proxy ------------------------------------------------------------------------------

PREFIX = {"root_path": "/tools/smsc"}


@pytest.mark.parametrize("path", ["/tools/smsc/", "/tools/smsc", "/", "/tools/smsc/m/7"])
def test_behind_a_proxy_a_page_knows_its_prefix(path: str) -> None:
    assert '<base href="/tools/smsc/">' in ask(path, app=PREFIX).text


def test_behind_a_proxy_calls_come_with_the_prefix_or_without() -> None:
    for path in ("/tools/smsc/api/v1/zones", "/api/v1/zones"):
        assert ask(path, app=PREFIX).status_code == 200
    assert ask("/tools/smscx/api/v1/zones", app=PREFIX).status_code == 404
    assert ask("/tools/smsc/docs/", app=PREFIX).headers["location"] == "/tools/smsc/docs"
    assert ask("/openapi.json", app=PREFIX).json()["servers"] == [{"url": "/tools/smsc"}]


def test_behind_a_proxy_the_prefix_opens_no_door() -> None:
    app = {**PREFIX, "token": TOKEN}
    for path in ("/tools/smsc/api/v1/zones", "/tools/smsc/tools/smsc/livez", "/tools/smsc/metrics"):
        assert ask(path, app=app).status_code == 401
    assert ask("/tools/smsc/livez", app=app).status_code == 200


# --- the login of the console --------------------------------------------------------------------

GUARDED = {"token": TOKEN}
OWN = {"Origin": "http://localhost"}


def log_in(token: str = TOKEN, following: str = "/", **about: Any) -> httpx.Response:
    form = {"token": token, "next": following}
    return ask("/login", "POST", app={**GUARDED, **about.pop("app", {})}, data=form, headers={**OWN, **about})


def cookie() -> dict[str, str]:
    name, _, value = log_in().headers["set-cookie"].partition(";")[0].partition("=")
    return {"Cookie": f"{name}={value}"}


@pytest.mark.parametrize("path", CONSOLE)
def test_with_a_token_the_console_asks_for_it(path: str) -> None:
    answer = ask(path + "?q=state:held", app=GUARDED)
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/login?next={path}%3Fq%3Dstate%3Aheld"


@pytest.mark.parametrize("path", [*PUBLIC, "/static/smsc.css", "/login", "/api/v1/emergency/site"])
def test_with_a_token_the_public_pages_do_not_ask_for_it(path: str) -> None:
    assert ask(path, app=GUARDED).status_code == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", "/api/v1/emergency/site"),
        ("GET", "/api/v1/emergency/registrations"),
        ("GET", "/api/v1/emergency/sites"),
        ("GET", "/api/v1/messages"),
        ("GET", "/api/v1/events"),
    ],
)
def test_the_public_pages_see_nothing_of_the_console(method: str, path: str) -> None:
    assert ask(path, method, app=GUARDED).status_code == 401


def test_who_logs_in_goes_where_they_wanted_to_and_gets_a_cookie_without_the_token() -> None:
    answer = log_in(following="/m/7?tab=octets")
    assert (answer.status_code, answer.headers["location"]) == (303, "/m/7?tab=octets")
    given = answer.headers["set-cookie"]
    for attribute in ("HttpOnly", "SameSite=strict", "Path=/"):
        assert attribute in given
    assert "Secure" not in given
    assert TOKEN not in given
    for path in ("/", "/api/v1/zones"):
        assert ask(path, app=GUARDED, headers=cookie()).status_code == 200


def test_behind_tls_the_cookie_is_for_tls_only() -> None:
    given = log_in(app={"hosts": ["smsc.example"], **PREFIX}, Origin="https://smsc.example")
    assert "Secure" in given.headers["set-cookie"]
    assert "Path=/tools/smsc" in given.headers["set-cookie"]
    assert given.headers["location"] == "/tools/smsc/"


@pytest.mark.parametrize(
    "following",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "/m/7\r\nX: y", "evil", "/docs"],
)
def test_a_login_never_leads_to_another_site(following: str) -> None:
    assert log_in(following=following).headers["location"] == "/"


@pytest.mark.parametrize("token", ["", "falsk", TOKEN + "x"])
def test_a_wrong_token_is_told_and_sets_nothing(token: str) -> None:
    answer = log_in(token, following='/m/"><img onerror=x>')
    assert answer.status_code == 403
    assert 'role="alert"' in answer.text
    assert "<img" not in answer.text
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("site", [{"Origin": "https://evil.example"}, {"Origin": "null"}])
def test_a_form_of_another_site_cannot_log_in(site: dict[str, str]) -> None:
    assert log_in(**site).status_code == 403
    assert "set-cookie" not in log_in(**site).headers


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "http://localhost:3000"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_the_cookie_is_no_use_to_another_page(headers: dict[str, str]) -> None:
    answer = ask("/api/v1/messages", "DELETE", app=GUARDED, headers={**cookie(), **headers})
    assert answer.status_code == 403


def test_the_cookie_of_another_token_or_a_changed_or_old_one_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    name, _, value = cookie()["Cookie"].partition("=")
    until, _, proof = value.partition(".")
    for made in (
        f"{int(until) + 1}.{proof}",
        f"{until}.",
        f"{until}.{proof}x",
        "",
        "x.y",
        f"{'9' * 30}.{proof}",
        "é.é",
    ):
        headers = {"Cookie": f"{name}={made}".encode("latin-1")}
        assert ask("/api/v1/zones", app=GUARDED, headers=headers).status_code == 401
    assert ask("/api/v1/zones", app={"token": "another"}, headers=cookie()).status_code == 401
    given = cookie()
    later = time.time() + access.LOGIN_SECONDS + 1
    monkeypatch.setattr(time, "time", lambda: later)
    assert ask("/api/v1/zones", app=GUARDED, headers=given).status_code == 401


def test_logging_out_takes_the_cookie_back() -> None:
    answer = ask("/logout", "POST", app=GUARDED, headers=OWN)
    assert answer.headers["location"] == "/login"
    assert "Max-Age=0" in answer.headers["set-cookie"]


def test_without_a_token_there_is_nothing_to_log_in_to() -> None:
    assert ask("/login?next=/map").headers["location"] == "/map"
    assert ask("/login", "POST", data={"token": ""}, headers=OWN).status_code == 403
