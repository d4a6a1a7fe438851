"""A change of the API whose commit fails has not happened: not in memory, not in the store, not later.

Every kind of row that a call keeps has its own line in the table, and what is told is compared as a whole.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from typing import Any

import pytest

from smsc.control.steps import Steps
from smsc.engine.engine import TABLES
from smsc.engine.port import Port
from smsc.services.contact_register import fnr
from smsc.store.base import StoreFull
from tests.engine.lab import Lab, begun

KARI, OLA, FREE, TWIN = "4790000001", "4790000002", "4741000001", "47580000000077"
SINGLE = "4741000010"  # in no range
PERSON, OTHER = list(islice(fnr.synthetic(), 2))
AGENCY = "snoby"
NOTIFICATION = {"personidentifikatorer": [PERSON], "texts": {"nb": "Det snør."}}
ZONE, CELL = "oslo", "a-cell"

Change = Callable[[Any], object]

OUTAGES = {"outages": [{"from": "2026-01-15T11:00:00Z", "duration": "2h"}]}

CHANGES: dict[str, Change] = {
    "patch_subscriber": lambda it: it.patch_subscriber(KARI, {"powered": False, "zone": "laerdal-tunnel"}),
    "patch_nod_sms": lambda it: it.patch_subscriber(KARI, {"nod_sms": True}),
    "put_subscriber": lambda it: it.put_subscriber(KARI, {"flight_mode": True}),
    "put_new_subscriber": lambda it: it.put_subscriber(FREE, {}),
    "delete_subscriber": lambda it: it.delete_subscriber(KARI),
    "swap_sim": lambda it: it.swap_sim(KARI, {}),
    "report_lost": lambda it: it.report_lost(KARI),
    "change_number": lambda it: it.change_number(KARI, {"to": FREE}),
    "add_twin": lambda it: it.add_twin(KARI, {"twin": TWIN}),
    "put_zone": lambda it: it.put_zone(ZONE, {"coverage": "none"}),
    "put_new_zone": lambda it: it.put_zone("new", {"coverage": "good"}),
    "patch_zone": lambda it: it.patch_zone(ZONE, {"coverage": "weak"}),
    "delete_zone": lambda it: it.delete_zone("empty"),
    "zone_outages": lambda it: it.put_outages("zone", ZONE, OUTAGES),
    "county_outages": lambda it: it.put_outages("county", "Oslo", OUTAGES),
    "put_esme": lambda it: it.put_esme("shop", {"password": "other", "senders": ["Other"]}),
    "put_new_esme": lambda it: it.put_esme("fresh", {"password": "other", "senders": ["Fresh"]}),
    "delete_esme": lambda it: it.delete_esme("kept"),
    "put_faults": lambda it: it.put_faults({"seed": 7, "rules": [{"action": "twice"}]}),
    "import_assignments": lambda it: it.import_assignments(
        "kind,first,last,holder\nseries,41000000,41009999,Other\n", "add"
    ),
    "import_ported": lambda it: it.import_ported("number,operator,from\n90000002,Telia,2020-01-01\n"),
    "put_registration": lambda it: it.put_registration(OLA, {}),
    "delete_registration": lambda it: it.delete_registration("4790000003"),
    "emergency_site": lambda it: it.put_emergency_site({"open": False}),
    "exclude": lambda it: it.exclude("4790000003"),
    "pardon": lambda it: it.pardon("4790000004"),
    "put_person": lambda it: it.put_register_person(OTHER, {"mobile": "+4790000002"}),
    "change_person": lambda it: it.put_register_person(PERSON, {"reserved": True, "mobile": "+4790000005"}),
    "delete_person": lambda it: it.delete_register_person(PERSON),
    "look_up": lambda it: it.register_lookup(AGENCY, 2, {"personidentifikatorer": [PERSON]}),
}

#: Those that have something sent besides, once they are safe.
WITH_SMS: dict[str, Change] = {
    "confirm": lambda it: it.emergency_confirm(*open_transaction(it)),
    "notify": lambda it: it.register_notify(AGENCY, NOTIFICATION),
}


#: Lists of subscribers, which are in effect only once they are safe.
LISTS = {
    "import_subscribers": f"msisdn,powered\n{OLA},no\n{FREE},yes\n",
    "import_range": "msisdn,last\n4741000100,4741000199\n",
    "import_removed_member": f"msisdn,sim\n{KARI},removed\n",
    "import_removed_single": f"msisdn,sim\n{SINGLE},removed\n",
    "import_range_without_a_member": "msisdn,last,sim\n4741000100,4741000199,\n4741000150,,removed\n",
    "import_one_that_is_removed_after_all": f"msisdn,sim,powered\n{KARI},,no\n{KARI},removed,\n",
    "import_registered": f"msisdn,nod_sms\n{OLA},yes\n4790000003,no\n",
}


def importing(text: str) -> Change:
    return lambda it: asked_for(it, it.import_subscribers(text))


def asked_for(it: Any, work: Steps[Any]) -> None:
    """Do the steps of long work until its rows are in the open group."""
    port = it.engine.port
    it.engine.attach(Port())  # no turn of the loop follows
    begun(work)
    it.engine.attach(port)


IMPORTS = {name: importing(text) for name, text in LISTS.items()}

#: What cannot be undone, and so happens only once it is safe.
LATER: dict[str, Change] = {
    **IMPORTS,
    "reset": lambda it: asked_for(it, it.reset()),
    "erase": lambda it: it.delete_subscriber(KARI, erase=True),
    "clock": lambda it: it.set_clock({"now": it.engine.clock.now() + 60_000}),
    "clock_mode": lambda it: it.set_clock({"mode": "x60"}),
    "code": lambda it: it.emergency_start({"number": OLA[2:], "action": "register", "terms": True}),
}


def told(lab: Any) -> dict[str, Any]:
    """All that a call can ask for of what a call can change."""
    it, orders = lab.control, lab.engine.world.register
    known = [
        key
        for key in (KARI, OLA, FREE, TWIN, SINGLE, "4741000150")
        if lab.engine.world.registry.find(int(key))
    ]
    return {
        "subscribers": [it.subscriber(key) for key in known],
        "ranges": [(first, last) for first, last, _ in it.registry.ranges()],
        "zones": it.zones(),
        "outages": it.outages(),
        "esmes": ordered(it.esmes(), "system_id"),
        "faults": it.faults(),
        "codes": it.codes(),
        "assignments": it.assignments_csv(),
        "ported": it.ported_csv(),
        "registrations": ordered(it.registrations(), "msisdn"),
        "exclusions": ordered(it.exclusions(), "msisdn"),
        "site": it.emergency_site(),
        "persons": it.register_persons(None, 10),
        "lookups": it.register_lookups(),
        "orders": [orders.report(AGENCY, number, 0) for number in orders._orders],
    }


def told_in_all(lab: Lab) -> dict[str, Any]:
    """The same, and what messages there are, and what time it is."""
    it = lab.control
    texts = [message["text"] for message in it.messages(None, None, None, 100, None)]
    return {**told(lab), "messages": texts, "clock": (it.engine.clock.mode, it.engine.clock.now())}


def ordered(rows: list[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    return sorted(rows, key=lambda row: str(row[name]))


def changed_before() -> Lab:
    """A world that calls have changed before, all of it safe."""
    lab = Lab()
    prepare_changes(lab.control)
    lab.bind(OLA)
    lab.control.emergency_start({"number": OLA[2:], "action": "register", "terms": True})
    lab.settle()
    return lab


def prepare_changes(it: Any) -> None:
    """What some of the changes need to be there."""
    it.put_subscriber("4741000009", {})  # the zone of those without a place is made with the first
    it.put_subscriber(SINGLE, {})
    it.put_zone("empty", {"coverage": "good"})
    it.put_esme("kept", {"password": "kept", "senders": ["Kept"]})
    it.put_registration("4790000003", {})
    it.exclude("4790000004")
    it.put_faults({"rules": [{"action": "unbind"}]})
    it.put_register_person(PERSON, {"mobile": "+4790000001"})
    it.register_lookup(AGENCY, 2, {"personidentifikatorer": [PERSON]})


def open_transaction(it: Any) -> tuple[str, str]:
    """The latest one on the citizen's site, and its code."""
    transactions = it.world.emergency.registrations._transactions
    ident, _, transaction = list(transactions.items())[-1]
    return ident, transaction.code


@pytest.fixture
def lab() -> Lab:
    return changed_before()


def fail(lab: Lab) -> None:
    """The commit of what was just asked for fails; all that follows is safe."""
    heard: list[BaseException | None] = []
    seen: list[dict[str, Any]] = []

    def refused(error: BaseException | None) -> None:
        heard.append(error)
        seen.append(told(lab))

    lab.engine.commit.when_committed(refused)
    lab.run()
    lab.store.fail(StoreFull("the disk is full"))
    assert [type(error) for error in heard] == [StoreFull]
    lab.settle()
    assert seen == [told(lab)], "whoever hears of the refusal finds it undone"


ALL = {**CHANGES, **WITH_SMS}


@pytest.mark.parametrize("name", ALL)
def test_a_change_whose_commit_fails_has_not_happened(lab: Lab, name: str) -> None:
    before, rows = told(lab), sorted(lab.store.select(TABLES[1]))
    ALL[name](lab.control)
    assert told(lab) != before, "the change is none"
    fail(lab)
    assert told(lab) == before
    assert sorted(lab.store.select(TABLES[1])) == rows
    assert told(lab.again()) == before


@pytest.mark.parametrize("name", ALL)
def test_it_can_be_asked_for_again(lab: Lab, name: str) -> None:
    before = told(lab)
    ALL[name](lab.control)
    fail(lab)
    ALL[name](lab.control)
    lab.settle()
    after = told(lab)
    assert after != before
    again = told(lab.again())
    assert {**again, "faults": 0} == {**after, "faults": 0}


@pytest.mark.parametrize("name", LATER)
def test_what_cannot_be_undone_happens_only_once_it_is_safe(lab: Lab, name: str) -> None:
    before, rows = told_in_all(lab), sorted(lab.store.select(TABLES[1]))
    LATER[name](lab.control)
    assert told_in_all(lab) == before, "it has happened before it is safe"
    fail(lab)
    assert told_in_all(lab) == before
    assert sorted(lab.store.select(TABLES[1])) == rows
    assert told_in_all(lab.again()) == before


@pytest.mark.parametrize("name", LATER)
def test_it_happens_when_it_is_asked_for_again(lab: Lab, name: str) -> None:
    before = told_in_all(lab)
    LATER[name](lab.control)
    fail(lab)
    LATER[name](lab.control)
    lab.settle()
    after = told_in_all(lab)
    assert after != before
    if name in ("reset", "code", *LISTS):  # an erased number is like its range again, a clock goes on
        assert told_in_all(lab.again()) == after


def test_a_notification_whose_order_fails_reaches_nobody(lab: Lab) -> None:
    kari = lab.bind(KARI)
    lab.control.register_notify(AGENCY, NOTIFICATION)
    lab.engine.step(lab.link_now)
    fail(lab)
    assert kari.inbox == []
    report = lab.control.register_notify(AGENCY, NOTIFICATION)
    lab.settle()
    assert kari.inbox == ["Det snør."]
    assert lab.control.register_report(AGENCY, report["id"])["counts"] == {"sms_delivered": 1}


def test_a_code_that_was_refused_counts_again(lab: Lab) -> None:
    ident, code = open_transaction(lab.control)
    lab.control.emergency_confirm(ident, code)
    fail(lab)
    lab.control.emergency_confirm(ident, code)
    lab.settle()
    assert lab.control.registration(OLA)["msisdn"] == OLA


def test_several_of_one_commit_are_put_back_the_latest_first(lab: Lab) -> None:
    before = told(lab)
    lab.control.put_zone("new", {"coverage": "none"})
    lab.control.patch_subscriber(KARI, {"zone": "new"})
    lab.control.patch_subscriber(KARI, {"powered": False})
    lab.control.put_faults({"rules": []})
    lab.control.put_faults({"rules": [{"action": "twice"}]})
    fail(lab)
    assert told(lab) == before


def test_what_a_deletion_of_all_messages_overtakes_is_put_back_too(lab: Lab) -> None:
    before = told(lab)
    lab.control.patch_subscriber(KARI, {"powered": False})
    lab.control.clear_messages()
    fail(lab)
    assert told(lab) == before


def test_a_row_of_an_erased_number_does_not_come_with_the_commit_that_erases_it(lab: Lab) -> None:
    lab.control.patch_subscriber(KARI, {"powered": False})
    lab.control.delete_subscriber(KARI, erase=True)
    lab.settle()
    assert not [row for row in lab.store.select(TABLES[1]) if KARI in row[0]]


def test_nothing_is_built_on_a_change_that_is_being_written(lab: Lab) -> None:
    lab.control.patch_subscriber(KARI, {"powered": False})
    assert not lab.control.changes.are_under_way(), "in the open group they share one fate"
    lab.run()
    assert lab.control.changes.are_under_way()
    lab.settle()
    assert not lab.control.changes.are_under_way()
