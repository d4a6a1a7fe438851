"""A list of subscribers is tried in steps, written as one, and made in turns; others may work in between."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from smsc.control.errors import ControlError
from smsc.control.many.importing import SubscriberImport
from smsc.control.steps import Over, Steps
from smsc.engine.engine import TABLES
from smsc.engine.port import Port
from smsc.store.base import StoreFull
from smsc.store.memory import MemoryStore
from tests.control.test_refused_changes import changed_before, told
from tests.control.test_subscriber_lists import COUNTED, lines
from tests.engine.lab import Lab, begun

FARM, FREE = 4790010000, 4741000000
SMALL, LARGE = 300, 3_000


def singles(count: int) -> str:
    return "msisdn,powered\n" + "".join(f"{FREE + number},no\n" for number in range(count))


def members(count: int) -> str:
    return "msisdn,powered\n" + "".join(f"{FARM + number},no\n" for number in range(count))


def registered(count: int) -> str:
    return "msisdn,nod_sms\n" + "".join(f"{FARM + number},yes\n" for number in range(count))


def removed(count: int) -> str:
    return "msisdn,sim\n" + "".join(f"{FARM + number},removed\n" for number in range(count))


def ranges(count: int) -> str:
    rows = (f"{FREE + 10 * number},{FREE + 10 * number + 9}\n" for number in range(count))
    return "msisdn,last\n" + "".join(rows)


LISTS = [singles, members, registered, removed, ranges]


def in_memory() -> Lab:
    store = MemoryStore()
    store.open(TABLES)
    return Lab(store)


# --- what a step costs ------------------------------------------------------------------------------


def dearest_step(lab: Lab, text: str) -> int:
    """The lines of the dearest step of trying, of the turns in which it is written, and of making it."""
    work, end = lab.control.import_subscribers(text), Over()
    costs = []
    while not end.is_over:
        waited: list[Any] = []

        def once(waited: list[Any] = waited) -> None:
            try:
                waited.append(next(work))
            except StopIteration:
                end.now()

        costs.append(lines(once))
        if waited and waited[0] is not None:
            costs.append(lines(partial(waited[0], lambda: None)))
            while lab.store.pending:
                costs.append(lines(partial(lab.store.write_down(), None)))
            while lab.engine.next_due() <= lab.clock.now():
                costs.append(lines(lab.ring))
    return max(costs)


@COUNTED
@pytest.mark.parametrize("listed", LISTS)
def test_no_turn_costs_more_however_long_the_list_is(listed: Callable[[int], str]) -> None:
    small, large = (dearest_step(Lab(), listed(count)) for count in (SMALL, LARGE))
    assert large < 2 * small + 6_000  # the short list does not fill a turn of the rounds


@COUNTED
def test_the_batch_is_filled_without_looking_at_each_row() -> None:
    lab = Lab()
    lab.engine.attach(Port())
    begun(lab.control.import_subscribers(singles(LARGE)))
    assert lines(lab.engine.turn_over) < 200
    assert len(lab.store.pending[0][0].changes["things"]) == LARGE


# --- whole, or not at all ---------------------------------------------------------------------------


@pytest.mark.parametrize("make", [Lab, in_memory], ids=["durable", "memory"])
@pytest.mark.parametrize("listed", LISTS)
def test_all_of_it_is_in_effect_when_it_is_through(
    make: Callable[[], Lab], listed: Callable[[int], str]
) -> None:
    lab = make()
    before = lab.engine.world.registry.count()
    answer = lab.do(lab.control.import_subscribers(listed(1_000)))
    more = {"singles": 1_000, "removed": -1_000, "ranges": 10_000}.get(listed.__name__, 0)
    assert answer == {"rows": 1_000, "before": before, "subscribers": before + more}
    assert lab.engine.world.registry.count() == before + more
    if make is Lab:
        assert told(lab.again()) == told(lab)


WRONG = [
    ("4741000200,,perhaps,,", "line 303: powered 'perhaps'"),
    ("4790010000,4790019999,,,", "line 303: 4790010000-4790019999 overlaps"),
    ("4741000200,,,atlantis,", "line 303: zone 'atlantis'"),
    ("4790000004,,,,yes", "line 303: 409 Excluded"),
    ("4741000200", "line 303: .*as many fields"),
]


@pytest.mark.parametrize(("line", "fault"), WRONG, ids=[fault for _, fault in WRONG])
def test_the_first_line_that_is_wrong_refuses_all_of_it(line: str, fault: str) -> None:
    lab = changed_before()
    before, rows = told(lab), sorted(lab.store.select(TABLES[1]))
    good = "".join(f"{FREE + number},,no,,\n" for number in range(301))
    with pytest.raises(ControlError, match=fault) as refused:
        lab.do(lab.control.import_subscribers(f"msisdn,last,powered,zone,nod_sms\n{good}{line}\n{good}"))
    assert refused.value.status == 422
    assert told(lab) == before
    assert sorted(lab.store.select(TABLES[1])) == rows
    lab.do(lab.control.import_subscribers(singles(1)))


def test_a_store_that_fails_says_so_and_keeps_nothing() -> None:
    lab = Lab()
    work = lab.control.import_subscribers(singles(1_000))
    assert not begun(work)
    lab.store.fail(StoreFull("the disk is full"))
    with pytest.raises(ControlError, match=r"Nothing was changed: the disk is full\.") as refused:
        next(work)
    assert refused.value.status == 503
    assert lab.engine.world.registry.find(FREE) is None
    assert lab.do(lab.control.import_subscribers(singles(1_000)))["rows"] == 1_000


class Broken:
    """A registry with which nothing can be done any more."""

    def __getattr__(self, name: str) -> Any:
        raise ArithmeticError("a fault in the registry")


@pytest.mark.parametrize("listed", [singles, members, removed, ranges])
def test_a_fault_while_it_is_made_is_told_and_holds_up_nobody(
    listed: Callable[[int], str], caplog: pytest.LogCaptureFixture
) -> None:
    lab = Lab()
    heard: list[object] = []
    work, waiting = lab.control.import_subscribers(listed(1_000)), lab.control.import_subscribers(singles(10))
    assert not begun(work)
    assert not begun(waiting)
    lab.control.turns.when_settled(heard.append)
    under = lab.control.importing
    assert isinstance(under, SubscriberImport)
    under.registry = Broken()  # type: ignore[assignment]
    lab.settle()
    with pytest.raises(ControlError, match=r"not all of it is in effect") as refused:
        next(work)
    assert refused.value.status == 500
    assert "Traceback" in caplog.text
    assert "a fault in the registry" in caplog.text
    assert heard == [None]
    assert lab.do(waiting)["rows"] == 10


# --- others meanwhile -------------------------------------------------------------------------------


def trying(lab: Lab, work: Steps[Any]) -> None:
    for _ in range(5):
        assert next(work) is None


def under_way(lab: Lab, work: Steps[Any]) -> None:
    assert not begun(work)
    assert lab.store.pending


def being_made(lab: Lab, work: Steps[Any]) -> None:
    under_way(lab, work)
    lab.store.write_down()(None)
    assert isinstance(lab.control.importing, SubscriberImport)
    assert 0 < len(lab.control.importing.pending) < 1_000


LIST = "msisdn,barred\n" + "".join(f"{FARM + number},mo_sms\n" for number in range(1_000))
FIRST, LAST = str(FARM), str(FARM + 999)
MOMENTS: list[Callable[[Lab, Steps[Any]], None]] = [trying, under_way, being_made]
OTHERS: dict[str, Callable[[Any, str], object]] = {
    "patch": lambda it, key: it.patch_subscriber(key, {"powered": False}),
    "put": lambda it, key: it.put_subscriber(key, {"flight_mode": True}),
    "password": lambda it, key: it.patch_subscriber(key, {"password": "other"}),
    "delete": lambda it, key: it.delete_subscriber(key),
    "lost": lambda it, key: it.report_lost(key),
    "swap": lambda it, key: it.swap_sim(key, {}),
    "register": lambda it, key: it.patch_subscriber(key, {"nod_sms": True}),
}


@pytest.mark.parametrize("key", [FIRST, LAST])
@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("name", OTHERS)
def test_memory_and_store_agree_on_who_changed_a_subscriber_last(name: str, moment: Any, key: str) -> None:
    lab = Lab()
    work = lab.control.import_subscribers(LIST)
    moment(lab, work)
    OTHERS[name](lab.control, key)
    lab.do(work)
    lab.settle()
    found, again = (
        None if one.engine.world.registry.find(int(key)) is None else one.control.subscriber(key)
        for one in (lab, lab.again())
    )
    assert found == again
    if moment is trying:  # the list comes after it, and leaves the password and no more
        assert found is not None
        assert (found["barred"], found["powered"], found["sim"]) == (["mo_sms"], True, "active")
    elif name in ("patch", "lost", "swap") and moment is being_made:
        assert found is not None
        assert found["barred"] == ["mo_sms"], "it is built on what the list says"
    if name == "password":
        assert lab.engine.world.registry.find(int(key)).password == "other"
        assert lab.again().engine.world.registry.find(int(key)).password == "other"


@pytest.mark.parametrize("name", OTHERS)
@pytest.mark.parametrize("moment", [under_way, being_made])
def test_a_change_meanwhile_that_is_refused_leaves_what_the_list_says(moment: Any, name: str) -> None:
    lab, expected = Lab(), Lab()
    expected.do(expected.control.import_subscribers(LIST))
    work = lab.control.import_subscribers(LIST)
    moment(lab, work)
    OTHERS[name](lab.control, FIRST)
    if moment is under_way:
        lab.store.write_down()(None)
    else:
        lab.engine.turn_over()
    lab.store.fail(StoreFull("the disk is full"))
    lab.do(work)
    lab.settle()
    assert lab.control.subscriber(FIRST) == expected.control.subscriber(FIRST)
    assert lab.again().control.subscriber(FIRST) == expected.control.subscriber(FIRST)


def test_what_is_not_decided_is_waited_for() -> None:
    lab = Lab()
    lab.control.patch_subscriber(FIRST, {"password": "other"})
    lab.engine.turn_over()
    work = lab.control.import_subscribers(LIST)
    assert not begun(work)
    assert lab.control.turns.is_settling
    lab.store.fail(StoreFull("the disk is full"))
    lab.do(work)
    assert lab.engine.world.registry.find(int(FIRST)).password != "other"


def test_two_lists_are_taken_one_after_the_other() -> None:
    lab = Lab()
    first = lab.control.import_subscribers(singles(1_000))
    second = lab.control.import_subscribers(singles(1_000).replace("no", "yes"))
    trying(lab, first)
    assert not begun(second), "it has not begun before the first is through"
    assert lab.do(first)["subscribers"] == lab.do(second)["before"]
    assert lab.control.subscriber(str(FREE))["powered"] is True
    assert lab.again().control.subscriber(str(FREE))["powered"] is True


@pytest.mark.parametrize("moment", [trying, under_way, being_made])
def test_whoever_leaves_holds_up_nobody(moment: Any) -> None:
    lab = Lab()
    work = lab.control.import_subscribers(LIST)
    waiting = lab.control.import_subscribers(singles(10))
    moment(lab, work)
    left = lab.control.import_subscribers(singles(20))
    assert not begun(waiting)
    assert not begun(left)
    left.close()
    work.close()
    lab.settle()
    lab.do(waiting)
    has_happened = moment is not trying
    assert (lab.control.subscriber(LAST)["barred"] == ["mo_sms"]) is has_happened
    assert not lab.control.turns.is_settling


def test_no_other_change_of_the_api_is_built_on_a_list_that_is_being_made() -> None:
    lab = Lab()
    heard: list[object] = []
    work = lab.control.import_subscribers(LIST)
    lab.control.turns.when_settled(heard.append)
    assert heard == [None]
    trying(lab, work)
    assert not lab.control.turns.is_settling, "nobody waits while it is tried"
    under_way(lab, work)
    lab.control.turns.when_settled(heard.append)
    assert heard == [None]
    lab.settle()
    assert heard == [None, None]
