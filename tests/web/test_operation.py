"""Sessions, faults, services, figures, scenarios: each page with the story that it is for."""

from __future__ import annotations

import contextlib
import re
from importlib.resources import files

from playwright.sync_api import expect

from smsc.client import Client, ClientError
from smsc.testing.server import SmscHandle
from tests.web.conftest import Open, Watch, drop_file

KARI, OLA = "4790000001", "4790000002"


def test_a_session_is_traced_shows_its_pdus_and_is_unbound(smsc: SmscHandle, open_page: Open) -> None:
    smsc.handset(OLA).listen()
    page = open_page("/sessions")
    expect(page.get_by_role("link", name=OLA)).to_be_visible()
    page.get_by_role("link", name=OLA).click()
    page.get_by_role("switch", name="Trace").check()
    expect(page.get_by_text("Nothing has gone over it")).to_be_visible()
    smsc.send(KARI, OLA, "Hei på deg")
    log = page.get_by_role("region", name="Last PDUs")
    expect(log).to_contain_text("deliver_sm")
    expect(log).to_contain_text("Hei på deg")
    page.get_by_role("button", name="Unbind").click()
    page.get_by_role("button", name=re.compile("Ended")).click()
    expect(page.get_by_role("table", name="Ended sessions")).to_contain_text(OLA)


def test_a_refused_bind_is_shown_with_its_reason(smsc: SmscHandle, open_page: Open) -> None:
    page = open_page("/sessions?show=refused")
    expect(page.get_by_text("No bind was refused.")).to_be_visible()

    async def bind() -> None:
        client = await Client.connect(smsc.host, smsc.port)
        with contextlib.suppress(ClientError):
            await client.bind(KARI, "feil")
        await client.close()

    smsc.run(bind())
    expect(page.get_by_role("table", name="Refused binds")).to_contain_text(KARI)


def test_faults_act_at_once_and_are_turned_off(smsc: SmscHandle, open_page: Open, watch: Watch) -> None:
    watch.expected = (422,)
    page = open_page("/faults")
    preset = page.get_by_role("button", name=re.compile("^Throttle"))
    preset.click()
    expect(preset).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_role("navigation").get_by_role("link", name=re.compile("^Faults"))).to_contain_text(
        "1"
    )
    assert smsc.control("faults")["rules"][0]["every"] == 10
    page.get_by_label(re.compile("Another rule")).fill('{"action": "nonsense"}')
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_role("alert").filter(has_text="Not a fault")).to_be_visible()
    page.get_by_role("button", name="Turn all off").click()
    expect(page.get_by_text("Nothing goes wrong on purpose")).to_be_visible()
    assert smsc.control("faults")["rules"] == []


def test_the_number_explorer_reads_what_is_typed_step_by_step(open_page: Open) -> None:
    page = open_page("/services")
    page.get_by_label("A number, as somebody dials it").fill("22 33 44 55")
    reading = page.get_by_role("region", name="How it is read")
    expect(reading).to_contain_text("Fixed line, takes no SMS")
    expect(page).to_have_url(re.compile("number=22"))
    page.get_by_role("button", name="004759555112").click()
    expect(reading.get_by_role("heading", level=2)).to_have_text("emergency sms police")


def test_figures_count_what_goes_through(smsc: SmscHandle, open_page: Open) -> None:
    page = open_page("/figures")
    expect(page.get_by_role("region", name="Waiting")).to_contain_text("messages0")
    smsc.send(KARI, "4799000020", "hei")
    expect(page.get_by_role("region", name="Waiting")).to_contain_text("messages1")
    expect(page.get_by_role("region", name="Failed attempts, by reason")).to_contain_text(
        "absent_no_paging_response"
    )


def test_a_scenario_is_run_and_each_expectation_told(smsc: SmscHandle, open_page: Open) -> None:
    page = open_page("/scenarios?name=tunnel")
    page.get_by_role("button", name="Run it").click()
    result = page.get_by_role("status").filter(has_text="Forty minutes in a tunnel")
    expect(result).to_contain_text("passed", timeout=60_000)
    expect(result.get_by_role("img", name="holds")).to_have_count(2)
    assert smsc.messages() == []


def test_a_scenario_file_is_dropped_on_the_page_and_run(open_page: Open, watch: Watch) -> None:
    watch.expected = (422,)
    page = open_page("/scenarios")
    expect(page.get_by_role("button", name="Run it")).to_be_visible()
    shipped = files("smsc.scenarios").joinpath("tunnel.toml").read_text()
    drop_file(page, ".page", "mine.toml", shipped)
    own = page.get_by_role("region", name="mine.toml")
    expect(own).to_contain_text("Your own.")
    own.get_by_role("button", name="Run it").click()
    expect(page.get_by_role("status").filter(has_text="Forty minutes in a tunnel")).to_contain_text(
        "passed", timeout=60_000
    )
    drop_file(page, ".page", "wrong.toml", "title = ")
    page.get_by_role("region", name="wrong.toml").get_by_role("button", name="Run it").click()
    expect(page.get_by_role("alert")).to_contain_text("Not TOML")
