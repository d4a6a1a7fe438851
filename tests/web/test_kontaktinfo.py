"""/kontaktinfo: a synthetic person sees, corrects, confirms and reserves; the page decides nothing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from smsc.testing.server import SmscHandle
from tests.web.conftest import Open, Watch, press_until

if TYPE_CHECKING:
    from playwright.sync_api import Page

STALE = "03815000004"


def log_in(page: Page, identifier: str) -> None:
    page.get_by_label("Fødselsnummer til en testperson").fill(identifier)
    page.get_by_role("button", name="Logg inn").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Er dette fortsatt riktig?")


def person(smsc: SmscHandle) -> dict[str, object]:
    return dict(smsc.control("register_person", STALE))


def test_old_data_are_confirmed_a_number_is_corrected_and_paper_is_chosen(
    smsc: SmscHandle, open_page: Open
) -> None:
    smsc.control("register_lookup", "varsling", 1, {"personidentifikatorer": [STALE]})
    page = open_page("/kontaktinfo")
    log_in(page, STALE)
    expect(page.locator("table.looks tbody tr")).to_contain_text("912345678987654321")  # who, for whom
    mobile = page.get_by_role("region", name="Mobilnummer")
    expect(mobile).to_contain_text("må bekreftes")
    mobile.get_by_role("button", name="Ja, det stemmer").click()
    expect(mobile).to_contain_text("bekreftet")
    assert person(smsc)["mobile"]["fresh"]  # type: ignore[index]
    mobile.get_by_role("button", name="Endre").click()
    mobile.get_by_label("Mobilnummer").fill("900 00 077")
    mobile.get_by_role("button", name="Lagre").click()
    expect(mobile.locator(".val")).to_have_text("90000077")
    letters = page.get_by_role("region", name="Brev og vedtak")
    letters.get_by_role("radio", name=re.compile("På papir")).check()
    letters.get_by_role("button", name="Lagre").click()
    expect(letters.get_by_role("button", name="Lagre")).to_be_disabled()
    assert person(smsc)["reserved"]
    assert person(smsc)["mobile"]["address"] == "+4790000077"  # type: ignore[index]


def test_who_is_not_there_or_real_is_not_let_in(open_page: Open, watch: Watch) -> None:
    watch.expected = (400, 404, 422)
    page = open_page("/kontaktinfo")
    page.get_by_label("Fødselsnummer til en testperson").fill("12345678901")
    page.get_by_role("button", name="Logg inn").click()
    expect(page.get_by_role("alert")).to_be_visible()


def test_a_number_that_cannot_be_is_refused_beside_its_field(
    smsc: SmscHandle, open_page: Open, watch: Watch
) -> None:
    watch.expected = (422, 400)
    page = open_page("/kontaktinfo")
    log_in(page, STALE)
    mobile = page.get_by_role("region", name="Mobilnummer")
    mobile.get_by_role("button", name="Endre").click()
    mobile.get_by_label("Mobilnummer").fill("12")
    mobile.get_by_role("button", name="Lagre").click()
    expect(mobile.get_by_role("alert")).to_contain_text("Det kan ikke brukes")


#: What a screen reader has of the person's page, in order.
PERSON = """
- main:
  - heading "Er dette fortsatt riktig?" [level=1]
  - region "Mobilnummer":
    - heading "Mobilnummer" [level=2]
  - region "E-post":
    - heading "E-post" [level=2]
  - region "Brev og vedtak":
    - heading "Brev og vedtak" [level=2]
    - group "Hvordan vil du ha brev fra det offentlige":
      - radio /Digitalt/ [checked]
      - radio /På papir/
  - region "Språk i meldingene":
    - group "Språk i meldingene":
      - radio "Bokmål" [checked]
"""


def test_a_person_logs_in_confirms_and_reserves_by_keyboard_alone(smsc: SmscHandle, open_page: Open) -> None:
    smsc.control("register_lookup", "varsling", 1, {"personidentifikatorer": [STALE]})
    page = open_page("/kontaktinfo")
    press_until(page, page.get_by_label("Fødselsnummer til en testperson"))
    page.keyboard.type(STALE)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    expect(page.get_by_role("main")).to_match_aria_snapshot(PERSON)
    mobile = page.get_by_role("region", name="Mobilnummer")
    press_until(page, mobile.get_by_role("button", name="Ja, det stemmer"))
    page.keyboard.press("Enter")
    expect(mobile).to_contain_text("bekreftet")
    letters = page.get_by_role("region", name="Brev og vedtak")
    press_until(page, letters.get_by_role("radio", name=re.compile("Digitalt")))
    page.keyboard.press("ArrowDown")
    expect(letters.get_by_role("radio", name=re.compile("På papir"))).to_be_checked()
    press_until(page, letters.get_by_role("button", name="Lagre"))
    page.keyboard.press("Enter")
    expect(letters.get_by_role("button", name="Lagre")).to_be_disabled()
    assert person(smsc)["reserved"]
