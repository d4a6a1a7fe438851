"""Desktop notifications: asked for by a click and nothing else, shown while nobody looks at the page."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from smsc.testing.server import SmscHandle
from tests.web.conftest import Open

KARI, TUNNEL = "4790000001", "4799000020"
#: A browser whose answer to the question is known, which notes what is shown, and whose page can be left.
STAND_IN = """
window.asked = 0; window.shown = []; window.away = false;
Object.defineProperty(document, "hidden", { get: () => window.away });
window.Notification = class {
  static permission = "default";
  static async requestPermission() { window.asked += 1; return (this.permission = "ANSWER"); }
  constructor(title, { body, tag }) { window.shown.push([title, body, tag]); }
  close() {}
};
"""


@pytest.mark.parametrize("answer", ["granted", "denied"])
def test_notifications_are_asked_for_by_the_switch_and_shown_while_nobody_looks(
    smsc: SmscHandle, open_page: Open, answer: str
) -> None:
    page = open_page("about:blank")
    page.add_init_script(STAND_IN.replace("ANSWER", answer))
    page.goto("/")
    switch = page.get_by_role("switch", name="Notifications")
    expect(switch).not_to_be_checked()
    smsc.send(KARI, TUNNEL, "Mens noen ser")
    expect(page.get_by_role("link", name="Mens noen ser")).to_be_visible()
    assert page.evaluate("[asked, shown.length]") == [0, 0]
    switch.click()
    if answer == "denied":
        expect(switch).to_be_disabled()
        expect(switch).to_have_text("Notifications are blocked")
    else:
        expect(switch).to_be_checked()
    assert page.evaluate("asked") == 1
    expect(page).to_have_title("Messages · smsc")
    page.evaluate("away = true")
    smsc.send(KARI, TUNNEL, "Mens ingen ser")
    expect(page.get_by_role("link", name="Mens ingen ser")).to_be_visible()
    expect(page).to_have_title("(1 new) Messages · smsc")
    if answer == "denied":
        assert page.evaluate("shown") == []
        page.evaluate("away = false; document.dispatchEvent(new Event('visibilitychange'))")
        expect(page).to_have_title("Messages · smsc")
        return
    page.wait_for_function("shown.length === 1")
    assert page.evaluate("shown[0]") == ["1 new message", f"{KARI} → {TUNNEL}", "smsc"]
    switch.click()
    expect(switch).not_to_be_checked()
    smsc.send(KARI, TUNNEL, "Etter at den er av")
    expect(page.get_by_role("link", name="Etter at den er av")).to_be_visible()
    assert page.evaluate("[asked, shown.length]") == [1, 1]
