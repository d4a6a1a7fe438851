"""The pages as they are served: behind a prefix, with a token, on a port that was free, or not at all."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from smsc.testing.server import SmscHandle
from tests.server.process import ServerProcess
from tests.web.conftest import Open, Watch
from tests.web.test_every_page import PAGES, populate, ready

if TYPE_CHECKING:
    from playwright.sync_api import Browser

KARI, TUNNEL = "4790000001", "4799000020"
PREFIX, TOKEN = "/lab/sms", "tyttebær og multer"


@pytest.fixture
def smsc(make_smsc: Callable[..., SmscHandle], request: pytest.FixtureRequest) -> SmscHandle:
    """The server of each test, with the settings of its [http]."""
    return make_smsc(http=request.param)


behind = pytest.mark.parametrize("smsc", [{"root_path": PREFIX}], indirect=True)
guarded = pytest.mark.parametrize("smsc", [{"token": TOKEN}], indirect=True)
both = pytest.mark.parametrize("smsc", [{"token": TOKEN, "root_path": PREFIX}], indirect=True)
without = pytest.mark.parametrize("smsc", [{"pages": False}], indirect=True)


@behind
def test_behind_a_prefix_no_page_asks_for_anything_outside_of_it(smsc: SmscHandle, open_page: Open) -> None:
    ident = populate(smsc)
    asked: set[str] = set()
    page = open_page("about:blank")
    page.on("request", lambda request: asked.add(urlsplit(request.url).path))
    for path, text in PAGES.items():
        page.goto(PREFIX + path.replace("ID", ident))
        ready(page, text)
    assert {path for path in asked if not path.startswith(f"{PREFIX}/")} == set()


@behind
def test_behind_a_prefix_links_keys_and_the_back_button_stay_inside(
    smsc: SmscHandle, open_page: Open
) -> None:
    sent = smsc.send(KARI, TUNNEL, "Er du framme?")
    page = open_page(f"{PREFIX}/")
    page.get_by_role("link", name="Er du framme?").click()
    expect(page).to_have_url(re.compile(rf"{PREFIX}/\?id={sent.id}$"))
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(rf"{PREFIX}/m/{sent.id}$"))
    page.keyboard.press("g")
    page.keyboard.press("p")
    expect(page).to_have_url(re.compile(rf"{PREFIX}/phones$"))
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_contain_text("It waits")
    smsc.send(KARI, TUNNEL, "En til")  # the stream of events comes through the prefix too
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="En til")).to_be_visible()


@guarded
def test_with_a_token_the_console_asks_for_it_and_the_public_pages_do_not(
    smsc: SmscHandle, open_page: Open, watch: Watch
) -> None:
    watch.expected = (401, 403)
    sent = smsc.send(KARI, TUNNEL, "Er du framme?")
    page = open_page(f"/m/{sent.id}")
    expect(page).to_have_url(re.compile("/login"))
    page.get_by_label("Token").fill("feil")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("That is not the token of this server")
    page.get_by_label("Token").fill(TOKEN)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("It waits")
    assert "token" not in page.url
    assert page.evaluate("document.cookie") == ""  # HttpOnly
    smsc.send(KARI, TUNNEL, "En til")
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="En til")).to_be_visible()
    other = open_page("/nod-sms")
    expect(other.get_by_role("heading", level=1)).to_have_text("Registrer mobilnummeret ditt")
    other.goto("/sentral/112")
    expect(other.get_by_role("heading", level=1)).to_be_visible()
    other.goto("/phones")
    expect(other).to_have_url(re.compile("/login"))


@both
def test_a_login_behind_a_prefix_comes_back_to_the_page_that_was_asked_for(
    smsc: SmscHandle, open_page: Open
) -> None:
    page = open_page(f"{PREFIX}/phones/{TUNNEL}")
    expect(page).to_have_url(re.compile(f"{PREFIX}/login"))
    page.get_by_label("Token").fill(TOKEN)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"{PREFIX}/phones/{TUNNEL}$"))
    expect(page.get_by_role("heading", level=1)).to_have_text(TUNNEL)


@without
def test_without_pages_there_is_the_description_of_the_api_and_nothing_else(
    smsc: SmscHandle, open_page: Open, watch: Watch
) -> None:
    watch.expected = (404,)
    page = open_page("/")
    expect(page).to_have_url(re.compile("/docs$"))
    for path in ("/phones", "/nod-sms", "/sentral/112", "/static/console/main.js", "/login"):
        answer = page.goto(path)
        assert answer is not None
        assert answer.status == 404, path


def test_on_ports_that_were_free_the_page_names_the_real_ones(tmp_path: Path, browser: Browser) -> None:
    server = ServerProcess(tmp_path, "--store", "memory:")
    try:
        context = browser.new_context()
        page = context.new_page()
        page.goto(f"http://{server.addresses['http']}/")
        lines = page.get_by_role("region", name="With your client").locator("pre")
        expect(lines).to_contain_text(server.smpp_address.rpartition(":")[2])
        expect(page.get_by_role("navigation", name="Pages")).to_contain_text(server.smpp_address)
        context.close()
    finally:
        server.kill()
