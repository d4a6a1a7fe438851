"""Every page: accessible, dark and light, at 375 px, from this host alone, whatever peers write."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from smsc.client import Client, ClientError
from smsc.testing.server import SmscHandle
from tests.web.conftest import HUGE, Open

if TYPE_CHECKING:
    from playwright.sync_api import Page

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text()
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
CANARY = "<img src=x onerror=pwned=1>"
SHORT = "<b onclick=1>"  # as much as a system_id holds
KARI, OLA, TUNNEL = "4790000001", "4790000002", "4799000020"

#: path -> what is on the page when it is ready
PAGES = {
    "/": "Messages",
    "/?id=ID": "It waits",
    "/m/ID": "It waits",
    "/?q=finnes-ikke": "No message matches",
    "/phones": "Phones",
    f"/phones/{TUNNEL}": "What waits here",
    f"/map?phone={TUNNEL}": "Or drag its dot",
    "/map?list=1": "The map as a list",
    "/sessions": "Sessions",
    "/sessions?show=refused": "Refused binds",
    "/faults": "Rules in force",
    "/services?number=004759555112": "Step by step",
    "/services?tab=emergency": "Registered numbers",
    "/services?tab=helplines": "The 116 numbers",
    "/services?tab=codes": "Short codes",
    "/services?tab=contacts": "Persons",
    "/services?tab=interconnects": "Other operators’ networks",
    "/?q=state%3Arefused": "No message matches",
    "/figures": "Waiting",
    "/scenarios": "Run it",
    "/nod-sms": "Registrer mobilnummeret",
    "/nod-sms?lang=en": "Register your mobile",
    "/kontaktinfo": "Logg inn",
    "/sentral/112": "Logg inn på pulten",
}


def populate(smsc: SmscHandle) -> str:
    """A world in which every field that a peer or a caller controls carries markup; the id of what waits."""
    smsc.handset(KARI).listen()
    smsc.control(
        "put_zone",
        CANARY,
        {"coverage": "weak", "geometry": {"type": "circle", "lat": 60.5, "lon": 8.0, "radius_m": 20_000}},
    )
    smsc.control("patch_subscriber", OLA, {"zone": CANARY})
    smsc.control("put_registration", OLA, {"name": CANARY, "address": CANARY})
    smsc.control("put_faults", {"rules": [{"action": "status", "system_id": SHORT, "every": 3}]})
    smsc.send(KARI, OLA, CANARY)
    smsc.send(OLA, KARI, CANARY)
    for system_id in (SHORT, "4799000002"):
        smsc.run(_fail_to_bind(smsc, system_id))
    sent = smsc.send(KARI, TUNNEL, CANARY, receipt=True)
    smsc.clock.advance("1h")
    return str(sent.id)


async def _fail_to_bind(smsc: SmscHandle, system_id: str) -> None:
    client = await Client.connect(smsc.host, smsc.port)
    with contextlib.suppress(ClientError):
        await client.bind(system_id, "nei")
    await client.close()


def ready(page: Page, text: str) -> None:
    expect(page.locator("h1")).to_be_attached()
    expect(page.get_by_text(text).or_(page.get_by_role("heading", name=text)).first).to_be_attached()


def findings(page: Page) -> list[str]:
    page.evaluate(AXE)
    told: dict[str, Any] = page.evaluate(f"axe.run({{runOnly: {json.dumps(RULES)}}})")
    return [
        f"{each['impact']} {each['id']}: {node['target']} {node.get('failureSummary', '')}"
        for each in told["violations"]
        for node in each["nodes"][:3]
    ]


@pytest.mark.parametrize("look", [{}, {"dark": True}, {"narrow": True}], ids=["light", "dark", "narrow"])
def test_every_page_is_accessible_and_fits_and_what_peers_write_is_text(
    smsc: SmscHandle, open_page: Open, look: dict[str, bool]
) -> None:
    ident = populate(smsc)
    wrong: list[str] = []
    shown = 0
    page = open_page("/", **look)
    sizes = [page.viewport_size, *([] if look else [HUGE])]
    for path, text in PAGES.items():
        page.goto(path.replace("ID", ident))
        ready(page, text)
        wrong += [f"{path}: {finding}" for finding in findings(page)]
        for size in sizes:
            page.set_viewport_size(size)  # type: ignore[arg-type]
            wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
            if wide > 0:
                wrong.append(f"{path}: {wide} px too wide at {size}")
        page.set_viewport_size(sizes[0])  # type: ignore[arg-type]
        if page.locator("h1").count() != 1:
            wrong.append(f"{path}: {page.locator('h1').count()} headings of level 1")
        if page.evaluate("typeof pwned") != "undefined" or page.locator("img, b[onclick]").count():
            wrong.append(f"{path}: what a peer wrote is markup")
        shown += page.get_by_text(CANARY).count() > 0
    assert wrong == [], "\n".join(wrong)
    assert shown >= 6
