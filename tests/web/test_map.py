"""The map: one phone of many moved by hand, what it misses meanwhile, a track from a file, cells."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from smsc.testing.server import SmscHandle
from tests.web.conftest import Open, drop_file
from tests.web.test_phones import drag, middle

if TYPE_CHECKING:
    from playwright.sync_api import Page

ONE_OF_MANY, TUNNEL = "4790000005", "4799000020"
ROAD = """<gpx version="1.1" creator="a test" xmlns="http://www.topografix.com/GPX/1/1"><trk><trkseg>
<trkpt lat="60.39" lon="5.32"><time>2026-01-01T10:00:00Z</time></trkpt>
<trkpt lat="59.91" lon="10.75"><time>2026-01-01T16:00:00Z</time></trkpt></trkseg></trk></gpx>"""


def test_who_never_read_the_documentation_sees_why_a_message_comes_late(
    smsc: SmscHandle, open_page: Open
) -> None:
    page = open_page(f"/map?phone={ONE_OF_MANY}")
    card = page.get_by_role("region", name=f"Phone {ONE_OF_MANY}")
    expect(card).to_contain_text("It has good coverage. Nothing waits for it.")
    dot = page.get_by_role("button", name=re.compile(f"Phone {ONE_OF_MANY}, good coverage"))
    expect(dot).to_be_visible()
    drag(page, dot, middle(page.get_by_role("button", name=re.compile(f"Phone {TUNNEL}"))))
    expect(card).to_contain_text("No coverage in laerdal-tunnel. Nothing waits for it.")
    card.get_by_role("button", name="Send it an SMS").click()
    expect(card).to_contain_text("1 message waits, next attempt 12:00")
    page.get_by_role("button", name="+1 h").click()
    expect(card.get_by_role("listitem")).to_contain_text("Er du framme?1 h")
    card.get_by_role("button", name="Drive it out of the tunnel").click()
    expect(card).to_contain_text("It has good coverage. 1 message waits: nobody is bound for the phone")
    message = smsc.messages()[0]
    other = open_page(f"/m/{message.id}")
    expect(other.get_by_role("heading", level=1)).to_have_text(
        "It waits because nobody is bound for the phone."
    )
    card.get_by_role("button", name="Hold the phone here").click()
    expect(card).to_contain_text("Nothing waits for it.")
    expect(card.get_by_role("listitem")).to_contain_text("Er du framme?after 1 h")
    expect(other.get_by_role("heading", level=1)).to_contain_text("It was delivered")


def test_a_gpx_file_that_is_dropped_on_the_map_moves_the_chosen_phone(
    smsc: SmscHandle, open_page: Open
) -> None:
    page = open_page("/map")
    expect(page.get_by_role("button", name=re.compile(f"Phone {TUNNEL}"))).to_be_visible()
    drop_file(page, ".mapwrap", "road.gpx", ROAD)
    expect(page.get_by_role("alert")).to_contain_text("Choose a phone first")
    page.goto(f"/map?phone={TUNNEL}")
    card = page.get_by_role("region", name=f"Phone {TUNNEL}")
    expect(card).to_contain_text("laerdal-tunnel")
    drop_file(page, ".mapwrap", "road.gpx", ROAD)
    expect(card).to_contain_text("on its way")
    assert round(smsc.handset(TUNNEL).state["position"]["lon"], 2) == 5.32
    smsc.clock.advance("6h")
    assert round(smsc.handset(TUNNEL).state["position"]["lon"], 2) == 10.75


def drawn(page: Page) -> str:
    """The picture of the map after all that is due has been drawn."""
    picture = """() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => {
        done(document.querySelector("canvas").toDataURL());
    })))"""
    return str(page.evaluate(picture))


def test_cells_are_seen_from_near(open_page: Open) -> None:
    page = open_page("about:blank")
    for zoom, seen in ((9, True), (7, False)):
        with page.expect_response(re.compile("coverage/cells")):
            page.goto(f"/map?at=60.2,11.5,{zoom}&off=coverage+cells")
        cells = page.get_by_role("button", name="Cells")
        expect(cells).to_have_attribute("aria-pressed", "false")
        without = drawn(page)
        cells.click()
        expect(cells).to_have_attribute("aria-pressed", "true")
        assert (drawn(page) != without) is seen
