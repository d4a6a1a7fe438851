"""A row that another server on the same store has written holds here as after a restart, and at once."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from smsc.control.taking import KINDS
from smsc.engine.engine import TABLES
from smsc.engine.journal.records import OWN_KEYS
from tests.control.test_refused_changes import CHANGES, FREE, IMPORTS, KARI, ZONE, changed_before, told
from tests.engine.lab import GatedStore, Lab, Turning

ALL = {**CHANGES, **IMPORTS}
KEY_VALUES = TABLES[1]
ROOT = Path(__file__).parent.parent.parent
Rows = dict[str, str]


@pytest.fixture
def lab() -> Lab:
    return changed_before()


def rows_of(lab: Lab) -> Rows:
    return dict(lab.store.select(KEY_VALUES))


def another_server(lab: Lab) -> Lab:
    """One that began with what the first has kept so far."""
    store = GatedStore()
    store.open(TABLES)
    store._tables[KEY_VALUES.name].apply({row[0]: row for row in lab.store.select(KEY_VALUES)})
    return Lab(store)


def tell(changed: Rows, before: Rows, other: Lab) -> None:
    """What has changed there, row by row and each twice."""
    for key in dict.fromkeys((*before, *changed)):
        if before.get(key) != changed.get(key):
            for _ in range(2):
                other.control.take(key, changed.get(key))


def without_counts(found: dict[str, Any]) -> dict[str, Any]:
    """How often a fault has fired is each server's own."""
    return {**found, "faults": {**found["faults"], "seen": 0, "fired": 0}}


@pytest.mark.parametrize("name", ALL)
def test_both_tell_the_same_and_the_other_writes_nothing(
    lab: Lab,
    name: str,
) -> None:
    other = another_server(lab)
    other.settle()
    before, written = rows_of(lab), rows_of(other)
    assert without_counts(told(other)) == without_counts(told(lab))
    ALL[name](lab.control)
    lab.settle()
    assert without_counts(told(other)) != without_counts(told(lab)), "the change is none"
    tell(rows_of(lab), before, other)
    assert without_counts(told(other)) == without_counts(told(lab))
    other.settle()
    assert rows_of(other) == written


def test_every_kind_of_row_is_in_the_table(lab: Lab) -> None:
    """Of what the changes write, and of what the source says that it writes."""
    own = {key.split("/")[1] for key in OWN_KEYS}
    changed = set()
    for change in ALL.values():
        fresh = another_server(lab)
        change(fresh.control)
        fresh.settle()
        changed |= {key.split("/")[1] for key in rows_of(fresh) if key.startswith("api/")}
    assert changed - own == KINDS.keys()
    written = {
        found
        for path in (ROOT / "smsc" / "control").rglob("*.py")
        for found in re.findall(r"_(?:keep|note)\(\s*f?\"([a-z]+)", path.read_text())
    }
    assert written <= KINDS.keys() | own
    assert {"zone", "subscriber", "clock"} <= written, "the pattern finds none"


def absent(lab: Lab, **state: Any) -> Any:
    """A bound phone that does not get its message yet."""
    lab.patch(FREE, **state)
    handset = lab.bind(FREE)
    kari = lab.bind(KARI)
    kari.submit(FREE, "hei")
    lab.settle()
    assert handset.inbox == []
    return handset


@pytest.mark.parametrize("state", [{"powered": False}, {"flight_mode": True}, {"memory_full": True}])
def test_a_phone_that_is_changed_there_gets_here_what_waits_at_once(
    lab: Lab,
    state: dict[str, bool],
) -> None:
    lab.control.put_subscriber(FREE, {})
    lab.settle()
    handset = absent(lab, **state)
    there = another_server(lab)
    before = rows_of(there)
    there.patch(FREE, **{name: not value for name, value in state.items()})
    tell(rows_of(there), before, lab)
    lab.settle()
    assert handset.inbox == ["hei"]


def test_a_zone_that_is_drawn_there_holds_for_who_stands_in_it_here(lab: Lab) -> None:
    lab.control.put_subscriber(FREE, {"zone": ZONE})
    lab.settle()
    there = another_server(lab)
    before = rows_of(there)
    there.control.patch_zone(ZONE, {"coverage": "none"})
    there.settle()
    tell(rows_of(there), before, lab)
    handset = lab.bind(FREE)
    lab.bind(KARI).submit(FREE, "hei")
    lab.settle()
    assert handset.inbox == []
    before = rows_of(there)
    there.control.patch_zone(ZONE, {"coverage": "good"})
    there.settle()
    tell(rows_of(there), before, lab)
    lab.settle()
    assert handset.inbox == ["hei"]


class Loop(Turning):
    """Calls later when the test says so."""

    def __init__(self, lab: Lab) -> None:
        super().__init__(lab.engine)
        self.calls: list[Callable[[], None]] = []

    def call_later(self, seconds: float, call: Callable[[], None]) -> bool:
        self.calls.append(call)
        return True


@pytest.mark.parametrize("kind", ["range", "zone"])
def test_everybody_is_looked_at_once_for_all_that_is_told_in_one_turn(
    lab: Lab, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop, looks = Loop(lab), list[str]()
    lab.engine.attach(loop)
    monkeypatch.setattr(lab.engine.radio, "changed_everywhere", looks.append)
    there = another_server(lab)
    before = rows_of(there)
    if kind == "range":
        rows = "".join(f"{4741000000 + 10 * number},{4741000009 + 10 * number}\n" for number in range(100))
        there.do(there.control.import_subscribers("msisdn,last\n" + rows))
    else:
        for number in range(100):
            there.control.put_zone(f"zone{number}", {"coverage": "none"})
    there.settle()
    rows_there = rows_of(there)
    assert len(rows_there) >= len(before) + 100
    tell(rows_there, before, lab)
    assert looks == []
    while loop.calls:
        loop.calls.pop()()
    assert len(looks) == 1
    tell(rows_there, {}, lab)
    assert len(loop.calls) == 1, "the next turn's are looked at too"


def test_who_is_changed_there_binds_anew_here(lab: Lab) -> None:
    shop = lab.bind("kept", "kept")
    there = another_server(lab)
    before = rows_of(there)
    there.control.put_esme("kept", {"password": "other", "senders": ["Kept"]})
    there.settle()
    tell(rows_of(there), before, lab)
    lab.settle()
    assert shop.is_closed
    assert lab.bind("kept", "other").is_bound


def test_a_registration_there_counts_here(lab: Lab) -> None:
    assert not lab.control.subscriber(KARI)["nod_sms"]
    there = another_server(lab)
    before = rows_of(there)
    there.control.put_registration(KARI, {})
    there.settle()
    tell(rows_of(there), before, lab)
    assert lab.control.subscriber(KARI)["nod_sms"]
    assert lab.again().control.subscriber(KARI)["nod_sms"] is False, "whose store it is has the row"


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("api/zone/x", json.dumps({"coverage": "purple"})),
        ("api/subscriber/2097", json.dumps({"place": {}})),
        ("api/esme/x", json.dumps({"nonsense": 1})),
        ("api/nonsense/x", "{}"),
        ("api/zone/oslo", None),
        ("emergency/nonsense/1", "{}"),
        ("nonsense/1", "{}"),
    ],
)
def test_a_row_that_makes_no_sense_is_told_and_left_out(
    lab: Lab,
    caplog: pytest.LogCaptureFixture,
    key: str,
    text: str | None,
) -> None:
    before = told(lab)
    lab.control.take(key, text)
    assert told(lab) == before
    assert key in caplog.text
