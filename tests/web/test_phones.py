"""Phones: a conversation with its state beside it, changed by switches, by hand on the map, by the clock."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from smsc.testing.server import SmscHandle
from tests.web.conftest import Open

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

KARI, OLA, TUNNEL = "4790000001", "4790000002", "4799000020"


def middle(dot: Locator) -> tuple[float, float]:
    box = dot.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def drag(page: Page, dot: Locator, to: tuple[float, float]) -> None:
    page.mouse.move(*middle(dot))
    page.mouse.down()
    page.mouse.move(to[0] + 30, to[1] + 30)
    page.mouse.move(*to)
    page.mouse.up()


def test_a_phone_is_driven_into_the_tunnel_and_out_and_the_ticks_appear(
    smsc: SmscHandle, open_page: Open
) -> None:
    for number in (KARI, OLA):
        smsc.handset(number).listen()
    page = open_page(f"/phones/{OLA}")
    page.get_by_label("Zone").select_option("laerdal-tunnel")
    expect(page.get_by_text("No coverage in laerdal-tunnel").first).to_be_visible()
    other = open_page(f"/phones/{KARI}")
    other.get_by_label("To", exact=True).fill(OLA)
    other.get_by_label("Write as this phone").fill("Hvor er du?")
    other.get_by_role("button", name="Send").click()
    expect(other.locator(".bm.out")).to_contain_text("No coverage in laerdal-tunnel")
    expect(page.get_by_role("region", name="What waits here")).to_contain_text("Hvor er du?")
    page.get_by_role("button", name="+1 h").click()
    expect(page.get_by_role("status").filter(has_text="The clock moved")).to_contain_text(
        "nothing was delivered"
    )
    page.get_by_role("button", name="Drive it out of the tunnel").click()
    expect(other.locator(".bm.out").get_by_role("img", name="delivered")).to_be_visible()
    expect(page.get_by_role("region", name="What waits here")).to_contain_text("Nothing waits for it")


def test_switches_change_the_phone_and_say_what_is_wrong_with_it(smsc: SmscHandle, open_page: Open) -> None:
    page = open_page(f"/phones/{OLA}")
    page.get_by_role("switch", name="Switched on").uncheck()
    expect(page.get_by_text("Switched off").first).to_be_visible()
    page.get_by_role("button", name="Switch it on").click()
    expect(page.get_by_role("switch", name="Switched on")).to_be_checked()
    page.get_by_role("switch", name="Flight mode").check()
    expect(page.get_by_text("In flight mode").first).to_be_visible()
    page.get_by_role("button", name="End flight mode").click()
    expect(page.get_by_role("switch", name="Flight mode")).not_to_be_checked()
    page.get_by_role("switch", name="Memory full").check()
    page.get_by_label("SIM", exact=True).select_option("blocked")
    expect(page.get_by_text("SIM blocked, reported stolen").first).to_be_visible()
    state = smsc.handset(OLA).state
    assert (state["sim"], state["memory_full"], state["powered"]) == ("blocked", True, True)


def test_a_phone_is_held_without_a_client_and_gets_what_waited(smsc: SmscHandle, open_page: Open) -> None:
    sent = smsc.send(KARI, OLA, "Er du der?")
    page = open_page(f"/m/{sent.id}")
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "It waits because nobody is bound for the phone."
    )
    page.get_by_role("button", name="Hold the phone here").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("It was delivered")
    page.goto(f"/phones/{OLA}")
    switch = page.get_by_role("switch", name="Hold this phone")
    expect(switch).to_be_checked()
    switch.uncheck()
    expect(page.get_by_text("Nobody: what comes for it waits")).to_be_visible()


def test_any_phone_is_found_by_its_number_by_keyboard(smsc: SmscHandle, open_page: Open) -> None:
    page = open_page("/phones")
    expect(page.get_by_role("searchbox")).to_be_visible()
    page.keyboard.press("/")
    page.keyboard.type("900 00 777")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/phones/4790000777"))
    expect(page.get_by_role("heading", level=1)).to_have_text("4790000777")


def test_a_phone_is_dragged_out_of_the_tunnel_on_the_map_and_its_message_arrives(
    smsc: SmscHandle, open_page: Open
) -> None:
    smsc.handset(TUNNEL).listen()
    sent = smsc.send(KARI, TUNNEL, "Er du framme?")
    page = open_page(f"/map?phone={TUNNEL}")
    card = page.get_by_role("region", name=f"Phone {TUNNEL}")
    expect(card).to_contain_text("1 message waits")
    dot = page.get_by_role("button", name=re.compile(f"Phone {TUNNEL}, no coverage"))
    expect(dot).to_be_visible()
    home = middle(dot)
    oslo = middle(page.get_by_role("button", name=re.compile("phones in oslo")))
    drag(page, dot, oslo)
    expect(card).to_contain_text("Nothing waits for it")
    expect(page.get_by_role("button", name=re.compile(f"Phone {TUNNEL}, good coverage"))).to_be_visible()
    assert smsc.message(sent.id).state == "delivered"
    drag(page, page.get_by_role("button", name=re.compile(f"Phone {TUNNEL}")), home)
    expect(card).to_contain_text("laerdal-tunnel")
    assert smsc.handset(TUNNEL).state["zone"] == "laerdal-tunnel"


def test_the_map_works_by_keyboard_and_as_a_list(smsc: SmscHandle, open_page: Open) -> None:
    page = open_page("/map")
    expect(page.get_by_role("button", name=re.compile(f"Phone {TUNNEL}"))).to_be_visible()
    page.keyboard.press("l")
    listed = page.get_by_role("region", name="The map as a list")
    expect(listed).to_contain_text("hardangervidda")
    listed.get_by_role("button", name=TUNNEL).press("Enter")
    dot = page.get_by_role("button", name=re.compile(f"Phone {TUNNEL}"))
    before = smsc.handset(TUNNEL).state["position"]["lat"]
    dot.focus()
    page.keyboard.press("Shift+ArrowUp")
    expect(page.get_by_role("button", name=re.compile(f"Phone {TUNNEL}"))).to_be_focused()
    where = "fetch('api/v1/subscribers/4799000020').then(a => a.json()).then(p => p.position.lat)"
    page.wait_for_function(f"async before => (await {where}) > before + 0.05", arg=before)


def test_an_outage_is_drawn_and_ends_when_the_clock_has_passed_it(smsc: SmscHandle, open_page: Open) -> None:
    page = open_page("/map?at=60.5,9,7")
    page.get_by_role("button", name="Draw a zone or an outage").click()
    form = page.get_by_role("form", name="New zone")
    for x, y in ((600, 300), (700, 300), (700, 400), (600, 400)):
        page.mouse.click(x, y)
    expect(form).to_contain_text("4 corners")
    form.get_by_label("name").fill("storm")
    form.get_by_label("down for").fill("40min")
    form.get_by_role("button", name="Make it so").click()
    expect(form).to_have_count(0)
    page.get_by_role("button", name="As a list").click()
    page.get_by_role("region", name="The map as a list").get_by_role("button", name="storm").click()
    card = page.get_by_role("region", name="Zone storm")
    expect(card).to_contain_text("no coverage because of an outage")
    page.get_by_role("button", name="+1 h").click()
    expect(card).to_contain_text("It has good coverage")


def test_a_receipt_that_waits_is_told_where_it_waits(smsc: SmscHandle, open_page: Open) -> None:
    smsc.handset(OLA).listen()
    smsc.send(KARI, OLA, "hei", receipt=True)  # nobody is bound for the sender
    page = open_page(f"/phones/{KARI}")
    waits = page.get_by_role("region", name="What waits here")
    expect(waits).to_contain_text("stat:DELIVRD")
    expect(waits).to_contain_text("receipt")
