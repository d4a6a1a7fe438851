"""The keyboard of who types fast: a press right after another one counts, however slow the machine is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from smsc.moments import milliseconds
from smsc.testing.server import SmscHandle
from tests.web.conftest import Open

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page, Route

KARI, OLA, TUNNEL = "4790000001", "4790000002", "4799000020"
HOUR_MS = 3_600_000


def now(smsc: SmscHandle) -> int:
    return milliseconds(datetime.fromisoformat(smsc.clock.now))


@contextmanager
def held(page: Page, address: str) -> Iterator[None]:
    """Requests for `address` are answered only when the block has ended."""
    waiting: list[Route] = []

    def hold(route: Route) -> None:
        waiting.append(route)

    page.route(address, hold)
    yield
    for route in waiting:
        route.continue_()
    page.unroute(address)


def press(page: Page, *keys: str) -> None:
    """One key after the other, without looking."""
    for key in keys:
        page.keyboard.press(key)


def current(page: Page) -> Locator:
    return page.locator(".row[aria-current=true]")


def three_messages(smsc: SmscHandle) -> list[str]:
    smsc.handset(OLA).listen()
    return [str(smsc.send(KARI, OLA, text).id) for text in ("en", "to", "tre")]


def test_the_palette_has_the_focus_when_its_key_has_been_handled(open_page: Open) -> None:
    page = open_page("/?q=to")
    expect(page.get_by_role("button", name="Clear the search")).to_be_visible()
    page.get_by_role("searchbox").focus()
    focused = page.evaluate(
        """() => {
            const key = {key: "k", ctrlKey: true, bubbles: true, cancelable: true};
            document.activeElement.dispatchEvent(new KeyboardEvent("keydown", key));
            return document.activeElement.getAttribute("role");
        }"""
    )
    assert focused == "combobox"
    press(page, "Escape", "Control+k", "Escape", "Control+k")
    page.keyboard.type("phones")
    press(page, "Enter", "g", "m", "g", "s")
    expect(page).to_have_url(re.compile("/sessions$"))


def test_keys_wait_for_the_list(smsc: SmscHandle, open_page: Open) -> None:
    _, second, _ = three_messages(smsc)
    page = open_page("about:blank")
    with held(page, "**/api/v1/messages?*"):
        page.goto("/")
        press(page, "j", "j", "Enter", "Escape")
        expect(page).to_have_url(re.compile("/$"))
    expect(page).to_have_url(re.compile(rf"/\?id={second}$"))
    expect(current(page)).to_contain_text("to")
    press(page, "Enter", "Escape", "k")
    expect(current(page)).to_contain_text("tre")


def test_keys_wait_for_the_page_that_is_being_read(open_page: Open) -> None:
    page = open_page("about:blank")
    with held(page, "**/console/phones.js"):
        page.goto("/sessions")
        expect(page.get_by_role("heading", level=1)).to_have_text("Sessions")
        press(page, "g", "p", "/")
        page.keyboard.type("900 00 777")
        press(page, "Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("4790000777")
    expect(page).to_have_url(re.compile("/phones/4790000777"))


def test_enter_finds_what_was_typed_the_moment_before(smsc: SmscHandle, open_page: Open) -> None:
    first, _, _ = three_messages(smsc)
    page = open_page()
    expect(page.get_by_role("link", name="tre")).to_be_visible()
    press(page, "/")
    page.keyboard.type("en")
    press(page, "Enter", "Enter")
    expect(page).to_have_url(re.compile(rf"/m/{first}$"))


def test_what_is_typed_at_the_pace_of_the_search_stays_as_it_was_typed(open_page: Open) -> None:
    page = open_page("/?q=x")
    expect(page.get_by_role("button", name="Clear the search")).to_be_visible()
    page.get_by_role("searchbox").fill("")
    page.get_by_role("searchbox").focus()
    page.keyboard.type("nordlys over tromsø", delay=151)
    expect(page).to_have_url(re.compile("q=nordlys"))
    expect(page.get_by_role("searchbox")).to_have_value("nordlys over tromsø")


def test_the_clock_moves_as_often_as_it_was_asked_to(smsc: SmscHandle, open_page: Open) -> None:
    smsc.send(KARI, TUNNEL, "hei")
    before = now(smsc)
    page = open_page("about:blank")
    with held(page, "**/api/v1/clock"):
        page.goto("/")
        press(page, "t", "n")
    with held(page, "**/api/v1/clock/advance"):
        press(page, "t", "h", "t", "h", "t", "m")
    expect(page.get_by_role("status").filter(has_text="The clock moved 1 min")).to_be_visible()
    assert smsc.message(smsc.messages()[0].id).attempts > 1
    assert 0 < now(smsc) - before - 2 * HOUR_MS - 60_000 < HOUR_MS


def test_two_messages_written_in_one_go_are_both_sent(smsc: SmscHandle, open_page: Open) -> None:
    page = open_page(f"/phones/{KARI}")
    page.get_by_label("To", exact=True).fill(OLA)
    page.get_by_label("Write as this phone").focus()
    with held(page, "**/api/v1/messages"):
        page.keyboard.type("Hvor er du?")
        press(page, "Enter")
        page.keyboard.type("Hallo?")
        press(page, "Enter")
    expect(page.locator(".b.out")).to_have_text(["Hvor er du?", "Hallo?"])
    expect(page.get_by_label("Write as this phone")).to_have_value("")


def test_a_phone_moves_with_every_press(smsc: SmscHandle, open_page: Open) -> None:
    page = open_page(f"/map?phone={TUNNEL}")
    dot = page.get_by_role("button", name=re.compile(f"Phone {TUNNEL}"))
    before = smsc.handset(TUNNEL).state["position"]["lat"]
    dot.focus()
    press(page, *["Shift+ArrowUp"] * 3)
    expect(page.get_by_role("region", name=f"Phone {TUNNEL}")).not_to_contain_text("laerdal-tunnel")
    where = f"fetch('api/v1/subscribers/{TUNNEL}').then(a => a.json()).then(p => p.position.lat)"
    page.wait_for_function(
        f"async wanted => Math.abs((await {where}) - wanted) < 0.01", arg=before + 30 / 111.19
    )


def test_who_presses_enter_twice_gets_one_code(smsc: SmscHandle, open_page: Open) -> None:
    page = open_page("/nod-sms")
    page.get_by_label("Mobilnummer").fill("900 00 001")
    page.get_by_role("checkbox").check()
    page.get_by_label("Mobilnummer").focus()
    press(page, "Enter", "Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("kode")
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Registrer")
    assert len(smsc.messages()) == 1
