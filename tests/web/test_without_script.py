"""The public forms in a browser that runs no script: each step is a form, answered with a page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from smsc.testing.server import SmscHandle
from tests.web.conftest import NARROW, WIDE, Watch
from tests.web.test_every_page import findings

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

PHONE, KNOWN = "4790000042", "4790000112"
STALE = "03815000004"
HTML = "text/html; charset=utf-8"
BAD = "<img src=x onerror=alert(1)>\"'"


@pytest.fixture
def page(browser: Browser, smsc: SmscHandle, watch: Watch) -> Iterator[Page]:
    """A page that runs no script; what it logs is watched as everywhere."""
    context = browser.new_context(base_url=smsc.url, java_script_enabled=False)
    page = context.new_page()
    page.on("console", watch.logged)
    page.on("request", watch.asked)
    yield page
    context.close()
    assert watch.wrong == []


@pytest.mark.parametrize(
    ("language", "title", "wrong_number", "no_terms", "wrong_code", "done", "gone"),
    [
        (
            "nb",
            "Registrer mobilnummeret ditt",
            "ikke et norsk mobilnummer",
            "Kryss av",
            "Du har 2 forsøk igjen",
            "Nummeret er registrert",
            "Registreringen er slettet",
        ),
        (
            "nn",
            "Registrer mobilnummeret ditt",
            "ikkje eit norsk mobilnummer",
            "Kryss av",
            "Du har 2 forsøk att",
            "Nummeret er registrert",
            "Registreringa er sletta",
        ),
        (
            "en",
            "Register your mobile number",
            "not a Norwegian mobile number",
            "Tick that",
            "You have 2 tries left",
            "The number is registered",
            "The registration is deleted",
        ),
    ],
    ids=["nb", "nn", "en"],
)
def test_a_number_is_registered_and_deleted_and_each_error_stands_beside_its_field(
    smsc: SmscHandle,
    page: Page,
    watch: Watch,
    language: str,
    title: str,
    wrong_number: str,
    no_terms: str,
    wrong_code: str,
    done: str,
    gone: str,
) -> None:
    watch.expected = (400, 422)
    phone = smsc.handset(PHONE).listen()
    page.goto(f"/nod-sms?lang={language}")
    heading, go = page.get_by_role("heading", level=1), page.locator("form .btn.go")
    expect(page).to_have_title(f"{title} · Nød-SMS")
    number = page.locator("#number")
    number.fill("22 33 44 55")
    go.click()
    expect(page.locator("html")).to_have_attribute("lang", language)
    expect(page.get_by_role("alert")).to_contain_text(wrong_number)
    expect(number).to_have_accessible_description(re.compile(wrong_number))
    expect(number).to_have_attribute("aria-invalid", "true")
    expect(number).to_have_value("22 33 44 55")
    number.fill("900 00 042")
    go.click()
    expect(page.get_by_role("checkbox")).to_have_accessible_description(re.compile(no_terms))
    page.get_by_role("checkbox").check()
    go.click()
    code = page.locator("#code")
    code.fill("000000")
    go.click()
    expect(code).to_have_accessible_description(re.compile(re.escape(wrong_code)))
    code.fill(re.findall(r"\d{6}", phone.expect_message().text)[0])
    go.click()
    expect(heading).to_have_text(done)
    assert smsc.control("registration", PHONE)["msisdn"] == PHONE
    known = smsc.handset(KNOWN).listen()
    page.goto(f"/nod-sms?lang={language}")
    number.fill("90000112")
    go.click()
    page.locator("button[value=delete]").click()
    code.fill(re.findall(r"\d{6}", known.expect_message().text)[0])
    go.click()
    expect(heading).to_have_text(gone)
    assert KNOWN not in {row["msisdn"] for row in smsc.control("registrations")}


def test_a_person_confirms_corrects_and_reserves(smsc: SmscHandle, page: Page, watch: Watch) -> None:
    watch.expected = (400, 404, 422)
    smsc.control("register_lookup", "varsling", 1, {"personidentifikatorer": [STALE]})
    page.goto("/kontaktinfo?lang=nn")
    identifier = page.get_by_label("Fødselsnummer til ein testperson")
    identifier.fill("12345678901")
    page.get_by_role("button", name="Logg inn").click()
    expect(identifier).to_have_accessible_description(re.compile("Dette er ikkje eit oppdikta"))
    identifier.fill(STALE)
    page.get_by_role("button", name="Logg inn").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Er dette framleis rett?")
    assert STALE not in page.url
    expect(page.locator("table.looks tbody tr")).to_contain_text("912345678987654321")  # who, for whom
    mobile = page.get_by_role("region", name="Mobilnummer")
    expect(mobile).to_contain_text("må stadfestast")
    mobile.get_by_role("button", name="Ja, det stemmer").click()
    expect(mobile).to_contain_text("stadfesta")
    field = mobile.get_by_label("Mobilnummer")
    field.fill("12")
    mobile.get_by_role("button", name="Lagre").click()
    expect(field).to_have_accessible_description(re.compile("Det kan ikkje brukast"))
    expect(field).to_have_value("12")
    field.fill("900 00 077")
    mobile.get_by_role("button", name="Lagre").click()
    expect(field).to_have_value("90000077")
    letters = page.get_by_role("region", name="Brev og vedtak")
    letters.get_by_role("radio", name=re.compile("På papir")).check()
    letters.get_by_role("button", name="Lagre").click()
    expect(letters.get_by_role("radio", name=re.compile("På papir"))).to_be_checked()
    choice = page.get_by_role("region", name="Språk i meldingane")
    choice.get_by_role("radio", name="Davvisámegiella").check()
    choice.get_by_role("button", name="Lagre").click()
    expect(choice.get_by_role("radio", name="Davvisámegiella")).to_be_checked()
    person = smsc.control("register_person", STALE)
    assert (person["mobile"]["address"], person["reserved"], person["language"]) == (
        "+4790000077",
        True,
        "se",
    )


def test_what_was_typed_comes_back_as_text_and_who_may_be_somebody_does_not(page: Page, watch: Watch) -> None:
    watch.expected = (400, 404, 422)
    page.goto("/nod-sms")
    page.locator("#number").fill(BAD)
    page.locator(".btn.go").click()
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.locator("#number")).to_have_value(BAD)
    page.goto("/kontaktinfo")
    page.locator("#identifier").fill(BAD)
    page.locator(".btn.go").click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert BAD not in page.content()
    assert page.locator("img").count() == 0


def test_a_desk_takes_answers_and_closes_a_dialogue(smsc: SmscHandle, page: Page, watch: Watch) -> None:
    watch.expected = (403, 409)
    user = smsc.handset(KNOWN).listen()
    page.goto("/sentral/112?lang=nb")
    expect(page).to_have_title("Logg inn på pulten · 112")
    page.get_by_label("Passord for sentralen").fill("feil")
    page.get_by_role("button", name="Logg inn").click()
    expect(page.get_by_label("Passord for sentralen")).to_have_accessible_description(
        re.compile("Feil passord")
    )
    page.get_by_label("Passord for sentralen").fill("nodsms")
    page.get_by_role("button", name="Logg inn").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Dialoger")
    expect(page.get_by_role("region", name="Åpne 0")).to_contain_text("Ingen dialoger")
    smsc.send(KNOWN, "112", BAD)
    page.get_by_role("button", name="Oppdater").click()
    expect(page).to_have_title("(1) Dialoger · 112")
    expect(page.get_by_role("region", name="Åpne 1")).to_contain_text(BAD)
    assert page.locator("img").count() == 0
    page.get_by_role("button", name="Vis dialogen").click()
    dialogue = page.get_by_role("region", name="Dialog med 90000112")
    expect(dialogue).to_contain_text("innenfor 15000 m")
    dialogue.get_by_label("Svar", exact=True).fill("Hjelp er på vei.")
    dialogue.get_by_role("button", name="Send svar").click()
    user.expect_message("Hjelp er på vei.")
    page.get_by_role("button", name="Oppdater").click()
    expect(page.get_by_role("region", name="Åpne 1")).to_contain_text("svar levert, din")
    page.get_by_role("button", name="Vis dialogen").click()
    dialogue.get_by_role("button", name="Lukk").click()
    expect(page.get_by_role("region", name="Lukkede 1")).to_contain_text("Hjelp er på vei.")
    assert "token" not in page.url
    page.get_by_role("button", name="Logg ut").click()
    expect(page.get_by_label("Passord for sentralen")).to_be_visible()


def test_a_dialogue_that_another_desk_has_is_only_looked_at(
    smsc: SmscHandle, browser: Browser, page: Page, watch: Watch
) -> None:
    watch.expected = (403, 409)
    smsc.handset(KNOWN).listen()
    context = browser.new_context(base_url=smsc.url, java_script_enabled=False)
    other = context.new_page()
    for each in (page, other):
        each.goto("/sentral/112?lang=en")
        each.get_by_label("Password of the centre").fill("nodsms")
        each.get_by_role("button", name="Log in").click()
    smsc.send(KNOWN, "112", "hjelp")
    for each in (page, other):
        each.get_by_role("button", name="Refresh").click()
        each.get_by_role("button", name="Show the dialogue").click()
    page.get_by_role("button", name="Take the dialogue").click()
    other.get_by_label("Answer", exact=True).fill("We come")
    other.get_by_role("button", name="Send the answer").click()
    dialogue = other.get_by_role("region", name="Dialogue with 90000112")
    expect(dialogue).to_contain_text("desk 1 has the dialogue")
    expect(other.get_by_role("alert")).to_contain_text("The answer was not sent.")
    expect(other.get_by_role("button", name="Send the answer")).to_have_count(0)
    context.close()


#: what a browser without script may show: each page as it is first, after an error, and inside
STEPS = {
    "/nod-sms": [],
    "/nod-sms?lang=nn": [("#number", "22 33 44 55")],
    "/nod-sms?lang=en": [("#number", "900 00 112")],
    "/kontaktinfo": [("#identifier", "12345678901")],
    "/kontaktinfo?lang=nn": [("#identifier", STALE)],
    "/sentral/112": [("input[type=password]", "feil")],
    "/sentral/113?lang=en": [("input[type=password]", "nodsms")],
}


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_the_forms_are_accessible_and_fit(
    browser: Browser, page: Page, watch: Watch, size: dict[str, int]
) -> None:
    """axe runs in the page, so that each is opened once more, as it was sent, where script runs."""
    watch.expected = (400, 403, 404, 422)
    context = browser.new_context(base_url=f"http://{watch.origin}", viewport=size)  # type: ignore[arg-type]
    other = context.new_page()
    wrong: list[str] = []
    for path, typed in STEPS.items():
        page.goto(path)
        for field, text in typed:
            page.locator(field).fill(text)
            page.locator(".btn.go").first.click()
        shown = re.sub(r"<script.*?</script>|</?noscript>", "", page.content())
        other.route("**/as-sent", lambda route, _, shown=shown: route.fulfill(body=shown, content_type=HTML))
        other.goto("/as-sent")
        expect(other.get_by_role("heading", level=1)).to_have_count(1)
        wrong += [f"{path}: {finding}" for finding in findings(other)]
        wide = other.evaluate("document.documentElement.scrollWidth - innerWidth")
        if wide > 0:
            wrong.append(f"{path}: {wide} px too wide")
        other.unroute("**/as-sent")
    context.close()
    assert wrong == [], "\n".join(wrong)
