"""/nod-sms in bokmål, by keyboard alone: a number is registered with the code that comes to its phone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from smsc.testing.server import SmscHandle
from tests.web.conftest import Open, Watch

if TYPE_CHECKING:
    from playwright.sync_api import Page

PHONE = "4790000042"
#: What a screen reader has of the first two steps, in order.
NUMBER_STEP = """
- main:
  - heading "Registrer mobilnummeret ditt" [level=1]
  - paragraph: /Da kan du sende SMS til 110, 112 og 113/
  - list "Trinn":
    - listitem: Nummer
    - listitem: Kode
    - listitem: Ferdig
  - text: Mobilnummer
  - paragraph: /Åtte siffer/
  - textbox "Mobilnummer"
  - group "Vilkår":
    - list
    - checkbox "Jeg bekrefter at dette stemmer for meg"
  - button "Send meg en kode"
"""
CODE_STEP = """
- main:
  - heading "Skriv koden du fikk på SMS" [level=1]
  - list "Trinn"
  - textbox "Kode"
  - button "Registrer nummeret"
"""


def code_at(phone: Page) -> str:
    """The code as the conversation of the phone shows it."""
    bubble = (
        phone.get_by_role("region", name="Conversation").locator(".b").filter(has_text=re.compile(r"\d{6}"))
    )
    expect(bubble.last).to_be_visible()
    found = re.search(r"\d{6}", bubble.last.inner_text())
    assert found
    return found[0]


def test_a_number_is_registered_by_keyboard_with_the_code_from_the_phone_page(
    smsc: SmscHandle, open_page: Open
) -> None:
    smsc.handset(PHONE).listen()
    page = open_page("/nod-sms")
    expect(page).to_have_title("Registrer mobilnummeret ditt · Nød-SMS")
    expect(page.get_by_role("heading", level=1)).to_have_text("Registrer mobilnummeret ditt")
    expect(page.get_by_role("main")).to_match_aria_snapshot(NUMBER_STEP)
    field = page.get_by_label("Mobilnummer")
    expect(field).to_have_attribute("autocomplete", "tel")
    expect(field).to_have_accessible_description(re.compile("Åtte siffer"))
    field.focus()
    page.keyboard.type("900 00 042")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    expect(page.get_by_role("checkbox", name="Jeg bekrefter at dette stemmer for meg")).to_be_checked()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    expect(page.get_by_role("heading", level=1)).to_have_text("Skriv koden du fikk på SMS")
    code = code_at(open_page(f"/phones/{PHONE}"))
    expect(page.get_by_role("main")).to_match_aria_snapshot(CODE_STEP)
    page.keyboard.press("Tab")
    expect(page.get_by_label("Kode", exact=True)).to_be_focused()
    page.keyboard.type(code)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Nummeret er registrert")
    assert smsc.control("registration", PHONE)["msisdn"] == PHONE


def test_a_known_number_is_offered_to_confirm_or_delete(smsc: SmscHandle, open_page: Open) -> None:
    phone = smsc.handset("4790000112").listen()
    page = open_page("/nod-sms?lang=nn")
    page.get_by_label("Mobilnummer").fill("90000112")
    page.get_by_role("button", name="Send meg ein kode").click()
    expect(page.get_by_text("er registrert frå før")).to_be_visible()
    page.get_by_role("button", name="Slett registreringa").click()
    page.get_by_label("Kode", exact=True).fill(re.findall(r"\d{6}", phone.expect_message().text)[0])
    page.get_by_role("button", name="Slett nummeret").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Registreringa er sletta")
    assert "4790000112" not in {row["msisdn"] for row in smsc.control("registrations")}


@pytest.mark.parametrize(
    ("language", "wrong_number", "no_terms", "wrong_code"),
    [
        ("nb", "ikke et norsk mobilnummer", "Kryss av", "Du har 2 forsøk igjen"),
        ("nn", "ikkje eit norsk mobilnummer", "Kryss av", "Du har 2 forsøk att"),
        ("en", "not a Norwegian mobile number", "Tick that", "You have 2 tries left"),
    ],
)
def test_what_is_wrong_is_said_in_the_readers_language_and_beside_its_field(
    smsc: SmscHandle,
    open_page: Open,
    watch: Watch,
    language: str,
    wrong_number: str,
    no_terms: str,
    wrong_code: str,
) -> None:
    watch.expected = (400, 422)
    page = open_page(f"/nod-sms?lang={language}")
    expect(page.locator("html")).to_have_attribute("lang", language)
    number = page.locator("#number")
    number.fill("22 33 44 55")
    page.locator("form .btn.go").click()
    expect(page.get_by_role("alert")).to_contain_text(wrong_number)
    expect(number).to_be_focused()
    expect(number).to_have_attribute("aria-invalid", "true")
    number.fill("90000043")
    page.locator("form .btn.go").click()
    expect(page.get_by_role("alert")).to_contain_text(no_terms)
    page.get_by_role("checkbox").check()
    page.locator("form .btn.go").click()
    page.locator("#code").fill("000000")
    page.locator("form .btn.go").click()
    expect(page.get_by_role("alert")).to_contain_text(wrong_code)


def test_no_emergency_number_can_be_called_from_the_page(open_page: Open) -> None:
    page = open_page("/nod-sms")
    expect(page.get_by_role("list", name="Nødnumre")).to_contain_text("112")
    assert page.locator("a[href^='tel:'], a[href^='sms:']").count() == 0
