"""Scenario files: those that ship hold, wrong ones are told apart, and reports say what failed."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from typer.testing import CliRunner

from smsc.cli.app import app
from smsc.protocol.text import decode_text
from smsc.scenarios.run import ScenarioError, run, shipped
from smsc.scenarios.wired import WiredClient

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


def test_ten_thousand_handsets_return() -> None:
    result = run("return")
    assert result.passed, [check.problem for check in result.checks]
    assert result.messages == 100_000


def test_the_page_s_example_holds(tmp_path: Path) -> None:
    found = re.findall(r"```toml\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    for number, text in enumerate(found):
        file = tmp_path / f"{number}.toml"
        file.write_text(text, "utf-8")
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
        ("steps = [{ at = '1m' }]", "one of bind"),
        ("steps = [{ at = 'soon', bind = [] }]", "a duration"),
        ("steps = [{ at = '1m', send = { form = '1' } }]", "unknown form"),
        ("colour = 1\nsteps = [{ at = '1m', bind = [] }]", "unknown colour"),
        ("steps = [", "Invalid"),
        ("steps = [{ expect = { message = 'frist' } }]", "no send is called 'frist'; there are none"),
        ("steps = [{ bind = ['12'] }]", "steps[0].bind: "),
        ("steps = [1]", "steps[0]: expected a table"),
        ("steps = [{ expect = 5 }]", "steps[0].expect: expected a table"),
        ("steps = [{ handset = '4790000001' }]", "steps[0].handset: expected a table"),
        ("steps = [{ zone = { coverage = 'none' } }]", "steps[0].zone: 'name' is missing"),
        ("steps = [{ outage = { outages = [] } }]", "steps[0].outage: expected one of county, zone, cell"),
        (
            "steps = [{ send = { from = '4790000001', to = '4790000002' } }]",
            "steps[0].send: neither '4790000001' nor 'farm' has bound",
        ),
        ("steps = [{ expect = { receipts = { '47' = 1 } } }]", "steps[0].expect: '47' has not bound"),
        (
            "steps = [{ at = '2m', zone = {} }, { at = '1m', bind = ['4790000001'] }]",
            "steps[0].zone: 'name' is missing",
        ),
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
