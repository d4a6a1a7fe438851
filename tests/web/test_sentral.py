"""/sentral/112: the desk of the police gets what came out of the tunnel, with its position, and answers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from smsc.testing.server import SmscHandle
from tests.web.conftest import Open, Watch, press_until
from tests.web.test_every_page import findings

if TYPE_CHECKING:
    from playwright.sync_api import Page

USER = "4790000112"


def log_in(page: Page, password: str = "nodsms") -> None:
    page.get_by_label("Passord for sentralen").fill(password)
    page.keyboard.press("Enter")


@pytest.mark.parametrize("look", [{}, {"dark": True}, {"narrow": True}], ids=["light", "dark", "narrow"])
def test_a_message_from_the_tunnel_reaches_the_desk_with_its_position_and_is_answered(
    smsc: SmscHandle, open_page: Open, look: dict[str, bool]
) -> None:
    user = smsc.handset(USER).listen().enter("laerdal-tunnel")
    page = open_page("/sentral/112", **look)
    log_in(page)
    dialogues = page.get_by_role("navigation", name="Dialoger")
    expect(dialogues).to_contain_text("Ingen dialoger")
    smsc.send(USER, "112", "Bilen brenner <b>i tunnelen</b>")
    expect(dialogues).to_contain_text("Ingen dialoger")
    user.leave()
    row = dialogues.get_by_role("button", name=re.compile("Bilen brenner"))
    expect(row).to_contain_text("ny")
    expect(page).to_have_title("(1) 112 · Politiets operasjonssentral")
    row.click()
    expect(page.get_by_role("region", name="Posisjon")).to_contain_text("15000 m")
    expect(page.get_by_role("img", name=re.compile("Posisjon: 59,9100"))).to_be_attached()
    page.get_by_role("button", name="Hjelp er på vei.").click()
    page.get_by_role("button", name="Send svar").click()
    expect(page.get_by_role("log")).to_contain_text("svar levert")
    user.expect_message("Hjelp er på vei.")
    assert findings(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_two_desks_see_who_has_a_dialogue(smsc: SmscHandle, open_page: Open) -> None:
    smsc.handset(USER).listen()
    first, second = open_page("/sentral/112"), open_page("/sentral/112")
    for page in (first, second):
        log_in(page)
    expect(second.get_by_text("Ingen dialoger").first).to_be_visible()
    smsc.send(USER, "112", "hjelp")
    for page in (first, second):
        page.get_by_role("button", name=re.compile("hjelp")).click()
    first.get_by_role("button", name="Ta dialogen").click()
    expect(second.get_by_text("pult 1 har dialogen")).to_be_visible()
    expect(second.get_by_role("button", name="Send svar")).to_be_disabled()
    first.get_by_role("button", name="Slipp den").click()
    expect(second.get_by_role("button", name="Send svar")).to_be_enabled()


def test_a_wrong_password_opens_no_desk(open_page: Open, watch: Watch) -> None:
    watch.expected = (403,)
    page = open_page("/sentral/112")
    log_in(page, "feil")
    expect(page.get_by_role("alert")).to_contain_text("Feil passord")


#: What a screen reader has of the desk with one dialogue.
DESK = """
- banner:
  - heading /Politiets operasjonssentral/ [level=1]
- navigation "Dialoger":
  - heading "Dialoger" [level=2]
  - button /Åpne 1/ [pressed]
  - button "Lukkede"
  - button /90000112.*hjelp.*ny/
"""


def test_a_dialogue_is_taken_and_answered_by_keyboard_alone(smsc: SmscHandle, open_page: Open) -> None:
    user = smsc.handset(USER).listen()
    page = open_page("/sentral/112")
    press_until(page, page.get_by_label("Passord for sentralen"))
    page.keyboard.type("nodsms")
    page.keyboard.press("Enter")
    smsc.send(USER, "112", "hjelp")
    row = page.get_by_role("button", name=re.compile("hjelp"))
    expect(row).to_be_visible()
    expect(page.locator("body")).to_match_aria_snapshot(DESK)
    press_until(page, row)
    page.keyboard.press("Enter")
    press_until(page, page.get_by_role("button", name="Ta dialogen"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Slipp den")).to_be_visible()
    press_until(page, page.get_by_label("Svar", exact=True))
    page.keyboard.type("Hjelp er på vei.")
    press_until(page, page.get_by_role("button", name="Send svar"))
    page.keyboard.press("Enter")
    user.expect_message("Hjelp er på vei.")
    expect(page.get_by_role("log")).to_contain_text("svar levert")
