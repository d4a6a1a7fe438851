"""A reset drops in one batch what is kept, and then makes the world as it was configured, in turns."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from smsc.control.errors import ControlError
from smsc.control.many.resetting import Reset
from smsc.control.steps import Over
from smsc.engine.engine import TABLES
from smsc.engine.journal.records import OWN_KEYS
from smsc.store.base import StoreFull
from tests.control.test_importing import LARGE, LISTS, SMALL, in_memory
from tests.control.test_refused_changes import OLA, changed_before, told
from tests.control.test_subscriber_lists import COUNTED, lines
from tests.engine.lab import Lab, begun


def rows(lab: Lab) -> list[str]:
    """What the store has of changes."""
    return [key for key, _ in lab.store.select(TABLES[1]) if key not in OWN_KEYS]


def asked_elsewhere(lab: Lab) -> None:
    """A store is asked on a thread of its own, whose lines hold up nobody."""
    ask = lab.store.ask

    def asked(question: Callable[[Any], Any], answer: Callable[..., None]) -> None:
        tracing = sys.gettrace()
        sys.settrace(None)
        found: list[Any] = []
        ask(question, lambda rows, error: found.append((rows, error)))
        sys.settrace(tracing)
        answer(*found[0])

    lab.store.ask = asked


def dearest_turn(lab: Lab) -> int:
    asked_elsewhere(lab)
    work, end = lab.control.reset(), Over()
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
            while lab.store.pending or lab.engine.next_due() <= lab.clock.now():
                if lab.store.pending:
                    costs.append(lines(partial(lab.store.write_down(), None)))
                else:
                    costs.append(lines(lab.ring))
                    lab.engine.turn_over()
    return max(costs)


@COUNTED
@pytest.mark.parametrize("listed", LISTS)
def test_no_turn_costs_more_however_much_was_changed(listed: Callable[[int], str]) -> None:
    dearest = []
    for count in (SMALL, LARGE):
        lab = Lab()
        lab.do(lab.control.import_subscribers(listed(count)))
        dearest.append(dearest_turn(lab))
        assert rows(lab) == []
    assert dearest[1] < 2 * dearest[0] + 6_000


@pytest.mark.parametrize("make", [Lab, in_memory], ids=["durable", "memory"])
@pytest.mark.parametrize("listed", LISTS)
def test_the_world_is_as_configured_when_it_is_through(
    make: Callable[[], Lab], listed: Callable[[int], str]
) -> None:
    lab = make()
    lab.control.world.place(None)  # the zone of those who are nowhere
    before, count = told(lab), lab.engine.world.registry.count()
    lab.do(lab.control.import_subscribers(listed(1_000)))
    lab.do(lab.control.reset())
    assert lab.engine.world.registry.count() == count
    assert {**told(lab), "zones": 0} == {**before, "zones": 0}
    if make is Lab:
        assert rows(lab) == []
        assert {**told(lab.again()), "zones": 0} == {**before, "zones": 0}


def test_a_list_and_a_reset_come_one_after_the_other() -> None:
    lab = Lab()
    listed = lab.control.import_subscribers(LISTS[0](1_000))
    assert next(listed) is None
    reset = lab.control.reset()
    assert not begun(reset), "it waits for its turn"
    lab.do(listed)
    lab.do(reset)
    assert rows(lab) == []
    assert lab.engine.world.registry.find(4741000000) is None


def test_what_services_write_while_the_store_is_asked_is_dropped_too() -> None:
    lab = changed_before()
    emergency = lab.engine.world.emergency
    work = lab.control.reset()
    while (wait := next(work)) is None:
        """Its turn has come, and others are decided."""
    lab.control.put_registration(OLA, {})
    lab.engine.turn_over()
    lab.store.settle()
    over = Over()
    wait(over.now)
    assert over.is_over
    lab.control.put_registration("4790000005", {})
    lab.do(work)
    assert rows(lab) == []
    assert lab.engine.world.emergency is not emergency
    assert not lab.engine.world.emergency.registrations.is_registered(int(OLA))


def is_the_last(lab: Lab) -> bool:
    """Whether the commit under way is the one that a reset ends with."""
    group = lab.engine.commit.under_way
    return group is not None and any(getattr(one, "__name__", "") == "_written" for one in group.waiters)


@pytest.mark.parametrize("commit", [1, 2], ids=["what is kept", "what was there"])
def test_a_store_that_fails_says_what_has_happened(commit: int) -> None:
    lab = changed_before()
    before = told(lab)
    work = lab.control.reset()
    assert not begun(work)
    while commit == 2 and not is_the_last(lab):
        lab.store.write_down()(None)
        while lab.ring():
            lab.engine.turn_over()
    lab.store.fail(StoreFull("the disk is full"))
    lab.settle()
    with pytest.raises(ControlError) as refused:
        next(work)
    assert refused.value.status == 503
    assert ("Nothing was changed" in refused.value.detail) is (commit == 1)
    assert (told(lab) == before) is (commit == 1)
    assert (rows(lab) == []) is (commit == 2)
    lab.do(lab.control.reset())
    assert rows(lab) == []


@pytest.mark.parametrize("part", ["_forget", "_zones", "_ranges", "_outages", "_subscribers"])
def test_a_fault_while_the_world_is_made_is_told_and_holds_up_nobody(
    part: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_: Reset) -> None:
        raise ArithmeticError("a fault in the registry")

    lab = changed_before()
    before = told(Lab())
    heard: list[object] = []
    work = lab.control.reset()
    assert not begun(work)
    lab.control.turns.when_settled(heard.append)
    with monkeypatch.context() as patched:
        patched.setattr(Reset, part, broken)
        lab.settle()
    with pytest.raises(ControlError, match="not all of the world is as it was configured") as refused:
        next(work)
    assert refused.value.status == 500
    assert "Traceback" in caplog.text
    assert "a fault in the registry" in caplog.text
    assert heard == [None]
    lab.do(lab.control.reset())
    assert {**told(lab), "zones": 0} == {**before, "zones": 0}
