"""Every status and reason to refuse has one road, a place in the documentation, and a line in the log."""

from __future__ import annotations

import ast
import importlib.util
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from smsc import reasons
from smsc.engine.refusals import KINDS, Kind, Lines, Refusals
from smsc.engine.watchers import Watchers
from smsc.protocol import constants as c
from smsc.reasons import REASONS

ROOT = Path(__file__).resolve().parents[2]
SPEC = importlib.util.spec_from_file_location("refusals_page", ROOT / "tools" / "refusals_page.py")
assert SPEC is not None
assert SPEC.loader is not None
refusals_page = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(refusals_page)

# --- every status and reason there is -------------------------------------------------------------


def test_every_status_of_the_parsers_has_one_reason() -> None:
    sources = [*(ROOT / "smsc" / "protocol").rglob("*.py")]
    answered = {field.status for layout in _layouts() for field in layout}
    returned = {
        int(found, 16)
        for found in re.findall(
            r"return (0x[0-9A-F]{2})\b", (ROOT / "smsc/protocol/pdu/submit.py").read_text()
        )
    }
    parsers = {
        value
        for path in sources
        if path.name in ("codec.py", "fields.py", "link.py", "session.py", "answers.py")
        for name, value in vars(c).items()
        if re.search(rf"\b{name}\b", path.read_text()) and name.startswith("ESME_R")
    } - {c.ESME_ROK, c.ESME_RUNKNOWNERR}
    for status in {s for s in answered | returned | parsers if s < 0x100 or s == c.ESME_RPROHIBITED}:
        code = reasons.OF_FAULT.get(status)
        if code is None:  # a value that no peer can get wrong, since the field takes every octet
            assert c.status_name(status) in {
                "ESME_RINVSRCTON",
                "ESME_RINVSRCNPI",
                "ESME_RINVDSTTON",
                "ESME_RINVDSTNPI",
                "ESME_RSUBMITFAIL",
                "ESME_RINVDCS",
                "ESME_RINVDFTMSGID",
                "ESME_RQUERYFAIL",
            }, c.status_name(status)
            continue
        assert REASONS[code].command_status in (status, 0x0D), (hex(status), REASONS[code].name)


#: What answers with an error that was told of elsewhere, and where.
TOLD_ELSEWHERE = {
    ("mt/transaction.py", "known"): "the outcome of a message that was taken: its timeline and receipt tell",
}
_ANSWERS = {"submit_nack", "reject_bind", "nack", "refuse", "refuse_messages"}


def test_whoever_answers_with_an_error_goes_the_one_road() -> None:
    """In the engine and the server: beside each answer with an error stands the refusal that tells of it."""
    found: set[tuple[str, str]] = set()
    for room in ("engine", "server"):
        for path in (ROOT / "smsc" / room).rglob("*.py"):
            name = path.relative_to(ROOT / "smsc" / room).as_posix()
            for function in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                    calls = {(_owner(call), call.func.attr) for call in _calls(function)}
                    answers = {attr for owner, attr in calls if attr in _ANSWERS and owner == "session"}
                    if answers and "refused" not in {attr for _, attr in calls}:
                        found.add((name, function.name))
    assert found == set(TOLD_ELSEWHERE)


def _calls(function: ast.AST) -> Iterator[Any]:
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            yield node


def _owner(call: Any) -> str:
    """`session` of `bind.session.submit_nack(...)`."""
    owner = call.func.value
    return str(getattr(owner, "attr", getattr(owner, "id", "")))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.event)
def test_every_reason_is_counted_told_noted_and_logged_under_its_name(
    kind: Kind, caplog: pytest.LogCaptureFixture
) -> None:
    told: list[dict[str, Any]] = []
    watchers = Watchers(lambda: 0)
    watchers.add(told.append)
    refusals = Refusals(watchers, lambda: 0.0)
    caplog.set_level(logging.INFO, "smsc.refused")
    for reason in REASONS[1:]:
        caplog.clear()
        note = refusals.refused(kind, reason.code, peer="127.0.0.1:1")
        assert refusals.counts[kind.metric][reason.code] == 1
        assert (told[-1]["event"], told[-1]["reason"]) == (kind.event, reason.name)
        assert reason.name in caplog.text
        assert note.decode("ascii", "replace")
    metrics = {family: counts for family, counts in refusals.counts.items() if counts}
    assert set(metrics) == {kind.metric}
    assert len(metrics[kind.metric]) == len(REASONS) - 1


def _layouts() -> Iterator[Any]:
    from smsc.protocol.pdu.layouts import PDUS

    for row in PDUS.values():
        yield row.fields


def test_every_reason_to_refuse_is_in_the_documentation_unless_retired() -> None:
    page = refusals_page.PAGE.read_text("utf-8")
    assert refusals_page.page(page) == page, "run tools/refusals_page.py"
    for reason in REASONS[1:]:
        if reason.code in reasons.RETIRED:
            assert f"`{reason.name}`" not in page, "nothing gives it any more"
            continue
        assert f"`{reason.name}`" in page, reason.name
        assert reason.sentence in page
    for kind in KINDS:
        assert f"`smsc_{kind.metric}`" in page
        assert f"`{kind.event}`" in page
        assert f"`{kind.entry}`" in page


# --- the log --------------------------------------------------------------------------------------


def test_the_log_says_the_same_once_a_second_with_a_count(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    log = logging.getLogger("smsc.test")
    lines = Lines()
    for tenth in range(25):
        lines.say(log, "same", f"line {tenth}", tenth / 10)
    lines.say(log, "other", "another", 2.4)
    lines.flush(3.0)
    lines.flush(4.0)
    assert [record.getMessage() for record in caplog.records] == [
        "line 0",
        "line 10 (10 times)",
        "line 20 (10 times)",
        "another",
        "line 24 (4 times)",
    ]
