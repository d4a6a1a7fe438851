"""Scenario files: those that ship hold, wrong ones are told apart, and reports say what failed."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from typer.testing import CliRunner

from smsc import COMPILED
from smsc.cli.app import app
from smsc.protocol.text.data_coding import decode_text
from smsc.scenarios.run import ScenarioError, read, run, shipped
from smsc.scenarios.wired import WiredClient


def fields(*given: str) -> str:
    return f"{{ {', '.join(filter(None, given))} }}"


def handset(changes: str) -> str:
    return f"steps = [{{ at = '0s', handset = {fields('msisdn = ' + repr('4790000002'), changes)} }}]"


def send(more: str, then: str = "") -> str:
    body = fields("name = 'one', from = '4790000001', to = '4790000002'", more)
    steps = ["{ at = '0s', bind = ['4790000001'] }", f"{{ at = '0s', send = {body} }}"]
    return f"steps = [{', '.join([*steps, *filter(None, [then])])}]"


def expect(facts: str) -> str:
    return send("", f"{{ at = '1h', expect = {fields('message = ' + repr('one'), facts)} }}")


QUICK = [name for name in shipped() if name != "return"]
PAGE = Path(__file__).resolve().parents[2] / "docs" / "scenarios.md"
FAILING = """
title = "A wrong hope"
[[steps]]
at = "0s"
bind = ["4790000001", "4790000002"]
[[steps]]
at = "0s"
handset = { msisdn = "4790000002", powered = false }
[[steps]]
at = "1m"
send = { name = "hope", from = "4790000001", to = "4790000002" }
[[steps]]
at = "1h"
expect = { message = "hope", state = "delivered" }
"""


def test_all_promised_scenarios_are_shipped() -> None:
    promised = {"tunnel", "ferry", "cabin-weekend", "county-outage", "memory-full", "phone-off", "return"}
    assert promised == set(shipped())


@pytest.mark.parametrize("name", QUICK)
def test_a_shipped_scenario_holds(name: str) -> None:
    result = run(name)
    assert result.passed, [check for check in result.checks if check.problem]
    assert result.checks


def test_ten_thousand_handsets_return(tmp_path: Path) -> None:
    """On plain Python a tenth of them do."""
    file, many = tmp_path / "return.toml", 10_000 if COMPILED else 1_000
    text = files("smsc.scenarios").joinpath("return.toml").read_text("utf-8")
    file.write_text(text.replace("handsets = 10000,", f"handsets = {many},"), "utf-8")
    result = run(file)
    assert result.passed, [check.problem for check in result.checks]
    assert result.messages == 10 * many


def test_the_page_s_example_holds(tmp_path: Path) -> None:
    found = re.findall(r"```toml\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    for number, text in enumerate(found):
        file = tmp_path / f"{number}.toml"
        file.write_text(text, "utf-8")
        if "wait = " in text:  # with a client of one's own: tests/scenario_files/test_served.py
            assert read(file, served=True).steps
        else:
            assert run(file).passed


def test_a_failure_explains_the_message_and_stands_in_the_report(tmp_path: Path) -> None:
    file, report = tmp_path / "wrong.toml", tmp_path / "junit.xml"
    file.write_text(FAILING, "utf-8")
    told = CliRunner().invoke(app, ["scenario", "run", str(file), "--report", str(report)])
    assert told.exit_code == 1
    assert "state is 'enroute', expected 'delivered'" in told.output
    assert "switched on" in told.output or "detached" in told.output
    suite = ElementTree.parse(report).getroot()[0]
    assert (suite.get("tests"), suite.get("failures")) == ("1", "1")
    assert suite[0][0].tag == "failure"


def test_json_tells_the_same() -> None:
    told = CliRunner().invoke(app, ["scenario", "run", "tunnel", "--json"])
    assert told.exit_code == 0
    assert json.loads(told.output)["passed"] is True


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("title = 'x'", "expected [[steps]]"),
        ("steps = [{ at = '1m' }]", "s.toml:1: steps[0]: got none of them, expected at and one of bind, "),
        (
            "steps = [{ at = '1m', bind = '1', zone = {} }]",
            "steps[0]: got bind and zone, expected at and one",
        ),
        ("steps = [{ at = 'soon', bind = [] }]", "steps[0].at: got 'soon', expected a duration"),
        ("steps = [{ bind = ['1'] }]", "steps[0].at: expected the time since the start"),
        ("steps = [{ at = '1m', bind = [] }]", "steps[0].bind: got an empty list, expected who binds"),
        ("steps = [{ at = '1m', bin = [] }]", "steps[0].bin: no such key; expected bind?"),
        ("steps = [{ at = '1m', send = { form = '1' } }]", "steps[0].send.form: no such key; expected from?"),
        ("colour = 1\nsteps = [{ at = '1m', bind = [] }]", "s.toml:1: colour: no such key; expected one of"),
        ("steps = [", "Invalid"),
        (
            "steps = [{ expect = { all = 'frist', state = 'held' } }]",
            "no send is called 'frist' before; there",
        ),
        ("steps = [{ at = '0s', bind = ['12'] }]", "steps[0].bind: "),
        ("steps = [1]", "steps[0]: got 1, expected a table"),
        ("steps = [{ expect = 5 }]", "steps[0].expect: got 5, expected a table"),
        ("steps = [{ handset = '4790000001' }]", "steps[0].handset: got '4790000001', expected a table"),
        ("steps = [{ zone = { coverage = 'none' } }]", "steps[0].zone.name: expected a value: this key is"),
        (
            "steps = [{ outage = { outages = [] } }]",
            "steps[0].outage: got this table, expected one of county,",
        ),
        (
            "steps = [{ send = { from = '4790000001', to = '4790000002' } }]",
            "steps[0].send: neither '4790000001' nor 'farm' has bound",
        ),
        (
            "steps = [{ expect = { receipts = { '47' = 1 } } }]",
            "steps[0].expect.receipts: '47' has not bound",
        ),
        (
            "steps = [{ at = '2m', zone = {} }, { at = '1m', bind = ['4790000001'] }]",
            "steps[0].zone.name: expected a value",
        ),
        # What would be accepted and do nothing.
        (
            "[[steps]]\nat = '0s'\n[steps.handset]\nmsisdn = '4790000002'\ncolour = 'red'",
            "s.toml:5: steps[0].handset.colour: no such key; expected one of barred, ",
        ),
        (
            "[[steps]]\nat = '0s'\n[steps.handset]\nmsisdn = '4790000002'\npower = false",
            "s.toml:5: steps[0].handset.power: no such key; expected powered?",
        ),
        (handset("powered = 'off'"), "steps[0].handset.powered: got 'off', expected true or false"),
        (handset("sim = 'lost'"), "steps[0].handset.sim: got 'lost', expected one of 'active', 'suspended'"),
        (handset("barred = ['mosms']"), "steps[0].handset.barred[0]: got 'mosms', expected one of"),
        (handset("position = { lat = 59 }"), "steps[0].handset.position.lon: expected a value"),
        (handset("track = [{ after = '0m', lat = 59, lon = 1, speed = 3 }]"), "track[0].speed: "),
        (handset("gpx = 'nowhere.gpx'"), "steps[0].handset.gpx: got 'nowhere.gpx', expected a GPX file"),
        (handset(""), "steps[0].handset: got this table, expected what changes besides msisdn"),
        (
            "steps = [{ at = 0, zone = { name = 'oslo' } }]",
            "steps[0].zone: got this table, expected what changes",
        ),
        (
            "steps = [{ at = 0, zone = { name = 'oslo', coverage = 'bad' } }]",
            "steps[0].zone.coverage: got 'bad', expected one of 'good', 'weak' or 'none'",
        ),
        (
            "steps = [{ at = 0, outage = { zone = 'oslo', outages = [{ for = '1h' }] } }]",
            "steps[0].outage.outages[0].for: ",
        ),
        (send("count = 0"), "steps[1].send.count: got 0, expected at least 1"),
        (send("receipt = 'yes'"), "steps[1].send.receipt: got 'yes', expected true or false"),
        (send("validity = '100d'"), "steps[1].send.validity: got '100d', expected at most"),
        (send("priority = 4"), "steps[1].send.priority: got 4, expected at most 3"),
        (send("text = 5"), "steps[1].send.text: got 5, expected a text in quotes"),
        (
            send("by = 'shop'"),
            "steps[1].send: neither 'shop' nor 'farm' has bound before; bound is 4790000001",
        ),
        # What can never hold, or always does.
        (
            expect("state = 'sent'"),
            "steps[2].expect.state: got 'sent', expected one of 'enroute', 'delivered'",
        ),
        (expect("state = 'DELIVRD'"), "steps[2].expect.state: got 'DELIVRD', expected one of"),
        (expect("reason = 'tunnel'"), "steps[2].expect.reason: got 'tunnel', expected the name of a reason"),
        (
            expect("state = 'delivered', reason = 'busy'"),
            "expected no reason of a message that was delivered",
        ),
        (
            expect("state = 'enroute', final_after = '1m'"),
            "expected no final_after of a message that is enroute",
        ),
        (
            expect("final_after = '2h'"),
            "steps[2].expect.final_after: got 7200 s, expected at most this step's",
        ),
        (expect("answered = false, state = 'held'"), "expected no state of what was not answered"),
        (expect("attempts = -1"), "steps[2].expect.attempts: got -1, expected at least 0"),
        (expect(""), "steps[2].expect: got this table, expected what must hold, such as state"),
        (expect("count = 1"), "steps[2].expect: got this table, expected count of messages with from, to"),
        (expect("all = 'one', state = 'held'"), "expected either message or all"),
        (
            expect("to = '4790000002', state = 'held'"),
            "expected either the name of a send, or from, to, text",
        ),
        ("steps = [{ at = 0, expect = { state = 'held' } }]", "expected which messages: message or all with"),
        (
            "steps = [{ at = 0, wait = { bind = 'mygw' } }]",
            "steps[0].wait: expected --serve: without it nobody",
        ),
        ("steps = [{ at = 0, wait = {} }]", "expected either bind, or a message by from, to, text"),
    ],
)
def test_a_wrong_file_is_told_where_and_what(tmp_path: Path, text: str, expected: str) -> None:
    file = tmp_path / "s.toml"
    file.write_text(text, "utf-8")
    with pytest.raises(ScenarioError, match=re.escape(expected)):
        run(file)
    assert CliRunner().invoke(app, ["scenario", "run", str(file)]).exit_code == 2


def test_a_name_that_is_no_file_lists_what_there_is() -> None:
    with pytest.raises(ScenarioError, match="tunnel"):
        run("none-such")


@pytest.mark.parametrize(
    "text, coding, parts", [("Blåbærsyltetøy", 0, 1), ("🫐", 8, 1), ("Blåbær " * 40, 0, 2)]
)
def test_texts_arrive_as_they_are_written(tmp_path: Path, text: str, coding: int, parts: int) -> None:
    file = tmp_path / "s.toml"
    there = FAILING.replace("powered = false", "powered = true")
    lines = there.replace('to = "4790000002"', f'to = "4790000002", text = "{text}"')
    file.write_text(lines, "utf-8-sig")
    submitted: list[tuple[int, bytes]] = []
    submit = WiredClient.submit

    def noted(self: WiredClient, source: int, destination: int, body: bytes, **fields: Any) -> None:
        submitted.append((fields["data_coding"], body))
        submit(self, source, destination, body, **fields)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(WiredClient, "submit", noted)
        assert run(file).passed
    assert [found for found, _ in submitted] == [coding] * parts
    whole = b"".join(body[6:] if parts > 1 else body for _, body in submitted)
    assert decode_text(coding, whole) == text


def test_a_refused_message_is_told_with_its_status(tmp_path: Path) -> None:
    file = tmp_path / "s.toml"
    file.write_text(FAILING.replace('to = "4790000002"', 'to = "4722334455"'), "utf-8")
    assert "hope: it was refused: ESME_RINVDSTADR" in run(file).checks[0].problem
