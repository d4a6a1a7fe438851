"""Messages: the first visit, the list, one message beside it and alone, search, delete and undo."""

from __future__ import annotations

import contextlib
import json
import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from smsc.client import Client, ClientError
from smsc.testing.server import SmscHandle
from tests.web.conftest import Open, Watch

if TYPE_CHECKING:
    from playwright.sync_api import Page

KARI, OLA, TUNNEL = "4790000001", "4790000002", "4799000020"


def test_the_first_visit_shows_how_to_send_with_the_real_port_and_the_message_appears(
    smsc: SmscHandle, page: Page
) -> None:
    expect(page.get_by_role("heading", name="No message has come yet")).to_be_visible()
    for client in ("smsc", "curl", "Python", "Java", "Node", "Kannel"):
        page.get_by_role("tab", name=client, exact=True).click()
        lines = page.get_by_role("region", name="With your client").locator("pre")
        expect(lines).to_contain_text(str(smsc.port) if client != "curl" else smsc.http_address)
    smsc.handset(OLA).listen()
    smsc.send(KARI, OLA, "Vafler med blåbærsyltetøy?")
    row = page.get_by_role("link", name="Vafler med blåbærsyltetøy?")
    expect(row).to_be_visible()
    expect(row).to_contain_text("→")


def test_a_message_to_the_tunnel_waits_says_why_and_arrives_when_it_is_driven_out(
    smsc: SmscHandle, open_page: Open
) -> None:
    smsc.handset(TUNNEL).listen()
    sent = smsc.send(KARI, TUNNEL, "Er du framme?", receipt=True)
    smsc.clock.advance("1h")
    page = open_page(f"/?id={sent.id}")
    expect(
        page.get_by_role("heading", name="It waits because the phone is in laerdal-tunnel")
    ).to_be_visible()
    expect(page.get_by_text(re.compile("Otherwise attempt 7 is at"))).to_be_visible()
    expect(
        page.get_by_role("img", name=re.compile(r"attempts? failed: No coverage in laerdal-tunnel"))
    ).to_be_visible()
    page.get_by_role("button", name="Drive it out of the tunnel").click()
    expect(page.get_by_role("heading", name=re.compile("It was delivered"))).to_be_visible()
    expect(page.get_by_label("Message 10").get_by_text("Delivered", exact=True)).to_be_visible()


def test_the_clock_is_advanced_to_what_is_due_and_says_what_happened(
    smsc: SmscHandle, open_page: Open
) -> None:
    smsc.send(KARI, TUNNEL, "Er du framme?")
    page = open_page()
    clock = page.get_by_role("region", name="Clock")
    before = clock.locator("time").inner_text()
    clock.get_by_role("button", name="Next due").click()
    bar = page.get_by_role("status").filter(has_text="The clock moved")
    expect(bar).to_contain_text("1 attempt failed; nothing was delivered")
    expect(clock.locator("time")).not_to_have_text(before)
    page.get_by_role("button", name="Show what happened").click()
    expect(page.get_by_role("region", name="What happened")).to_contain_text("attempt failed")
    page.keyboard.press("t")
    page.keyboard.press("i")
    expect(bar).to_contain_text("expired")


def test_the_receipt_has_a_lane_and_a_wait_of_its_own(smsc: SmscHandle, open_page: Open) -> None:
    smsc.handset(OLA).listen()
    sent = smsc.send(KARI, OLA, "Er du framme?", receipt=True)
    smsc.clock.advance("1h")
    page = open_page(f"/m/{sent.id}")
    drawn = page.get_by_role("region", name="Timeline, drawn")
    expect(drawn).to_contain_text(f"waits for {KARI}")
    expect(drawn.get_by_role("img", name=re.compile("receipt waits"))).to_be_attached()
    smsc.handset(KARI).listen()
    expect(drawn).to_contain_text(f"answered by {KARI} in 1 h")
    page.get_by_role("tab", name="Listed").click()
    expect(page.get_by_role("list", name="What happened")).to_contain_text("Receipt answered")


def test_the_horizon_says_what_is_due_and_for_whom(smsc: SmscHandle, open_page: Open) -> None:
    smsc.send(KARI, TUNNEL, "Er du framme?")
    smsc.send(KARI, "4799000007", "Ring meg")
    page = open_page()
    clock = page.get_by_role("region", name="Clock")
    horizon = clock.get_by_role(
        "img", name=re.compile(r"moments are due within 72 hours; the first in \d+ s")
    )
    expect(horizon).to_be_visible()
    expect(clock).to_contain_text(re.compile(r"attempt to 47990000(20|07)"))
    assert horizon.locator(".tick").count() >= 3  # two attempts, and the end of both


def test_keyboard_alone_finds_opens_and_leaves_a_message(smsc: SmscHandle, open_page: Open) -> None:
    smsc.handset(OLA).listen()
    for text in ("en", "to", "tre"):
        smsc.send(KARI, OLA, text)
    page = open_page()
    expect(page.get_by_role("link", name="tre")).to_be_visible()
    page.keyboard.press("j")
    expect(page.locator(".row[aria-current=true]")).to_contain_text("tre")
    page.keyboard.press("j")
    expect(page.locator(".row[aria-current=true]")).to_contain_text("to")
    page.keyboard.press("k")
    expect(page.locator(".row[aria-current=true]")).to_contain_text("tre")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/m/\d+$"))
    expect(page.get_by_role("heading", level=1, name=re.compile("It was delivered"))).to_be_visible()
    page.keyboard.press("Escape")
    expect(page).to_have_url(re.compile(r"/\?id=\d+$"))
    expect(page.locator(".row[aria-current=true]")).to_contain_text("tre")
    page.keyboard.press("Escape")
    expect(page).to_have_url(re.compile(r"/$"))
    page.keyboard.press("/")
    page.keyboard.type("to")
    expect(page.get_by_role("link", name="tre")).to_have_count(0)
    expect(page).to_have_url(re.compile(r"q=to"))
    page.keyboard.press("Control+k")
    page.keyboard.type("phones")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/phones$"))
    page.keyboard.press("g")
    page.keyboard.press("m")
    expect(page.locator(".rows").get_by_role("link", name="tre")).to_be_visible()


def test_a_wrong_search_says_where_and_what_would_be_right(
    smsc: SmscHandle, open_page: Open, watch: Watch
) -> None:
    watch.expected = (422,)
    smsc.send(KARI, TUNNEL, "hei")
    page = open_page("/?q=state%3Awaitng")
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("expected one of")
    assert alert.locator(".mono").inner_text() == " " * 6 + "^" * 6
    page.get_by_role("searchbox").fill("state:waiting")
    expect(page.get_by_role("link", name="hei")).to_be_visible()


def test_what_is_deleted_can_be_taken_back_and_is_gone_when_it_is_not(
    smsc: SmscHandle, open_page: Open
) -> None:
    smsc.send(KARI, TUNNEL, "bort")
    smsc.send(KARI, TUNNEL, "bli")
    page = open_page()
    row = page.get_by_role("link", name="bort")
    row.click()
    page.get_by_role("button", name="Delete this message").click()
    expect(row).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(row).to_be_visible()
    assert len(smsc.messages()) == 2


def test_a_list_that_somebody_reads_stands_still(smsc: SmscHandle, open_page: Open) -> None:
    smsc.send(KARI, TUNNEL, "den gamle")
    page = open_page()
    page.get_by_role("link", name="den gamle").click()
    expect(page.get_by_role("heading", name="It waits because")).to_be_visible()
    smsc.send(KARI, TUNNEL, "den nye")
    more = page.get_by_role("button", name="1 newer message")
    expect(more).to_be_visible()
    expect(page.get_by_role("link", name="den nye")).to_have_count(0)
    more.click()
    expect(page.get_by_role("link", name="den nye")).to_be_visible()


def test_a_message_is_copied_as_json_as_curl_and_as_a_test(smsc: SmscHandle, open_page: Open) -> None:
    sent = smsc.send(KARI, TUNNEL, "It's 'quoted'")
    smsc.clock.advance("1min")
    page = open_page(f"/m/{sent.id}")
    copied = "() => navigator.clipboard.readText()"
    page.get_by_role("button", name="JSON").click()
    assert json.loads(page.evaluate(copied))["id"] == sent.id
    page.get_by_role("button", name="curl").click()
    page.wait_for_function("async () => (await navigator.clipboard.readText()).startsWith('curl')")
    assert f"{smsc.url}/api/v1/messages/{sent.id}" in page.evaluate(copied)
    page.get_by_role("button", name="pytest").click()
    page.wait_for_function("async () => (await navigator.clipboard.readText()).startsWith('def')")
    text = page.evaluate(copied)
    compile(text, "copied", "exec")
    assert 'phone.enter("laerdal-tunnel")' in text


async def _submit_in_vain(smsc: SmscHandle, destination: str, text: str) -> None:
    client = await Client.connect(smsc.host, smsc.port)
    await client.bind("shop", "shop")
    with contextlib.suppress(ClientError):
        await client.submit(destination, text, source="Shop")
    await client.close()


def test_what_was_refused_stands_in_the_list_and_says_what_would_be_right(
    smsc: SmscHandle, open_page: Open
) -> None:
    page = open_page()
    expect(page.get_by_role("heading", name="No message has come yet")).to_be_visible()
    smsc.run(_submit_in_vain(smsc, "22334455", "Pakken er her"))
    row = page.get_by_role("link", name="Pakken er her")
    expect(row).to_contain_text("Fixed line, takes no SMS · ESME_RINVDSTADR")
    smsc.send(KARI, TUNNEL, "venter")
    expect(page.locator(".row")).to_have_count(2)
    page.get_by_role("button", name="Refused 1").click()
    expect(page.get_by_role("link", name="venter")).to_have_count(0)
    row.click()
    expect(page.get_by_role("heading", name="It was refused: fixed line, takes no SMS.")).to_be_visible()
    why = page.get_by_role("region", name="Why it was refused")
    expect(why).to_contain_text("ESME_RINVDSTADR")
    expect(why).to_contain_text("22334455")
    page.reload()
    expect(why).to_be_visible()
    page.get_by_role("button", name="Delete this message").click()
    expect(row).to_have_count(0)
