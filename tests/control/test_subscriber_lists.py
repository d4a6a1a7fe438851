"""The list of all subscribers is made in steps, and others may work between them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from types import FrameType
from typing import Any

import pytest

from smsc import COMPILED
from smsc.control.steps import Over, Steps, at_once
from smsc.routing.subscribers import Subscriber
from tests.engine.lab import Lab

SMALL, LARGE = 100, 8_000
COUNTED = pytest.mark.skipif(COMPILED, reason="lines are counted where the interpreter runs them")
OWN, FREE = 4790010000, 4741000000


def single(lab: Lab, count: int) -> None:
    for number in range(FREE, FREE + count):
        one = Subscriber(number)
        one.place = lab.engine.world.place(None)
        lab.control.registry.add(one)


def members(lab: Lab, count: int) -> None:
    for number in range(OWN, OWN + count):
        lab.control.registry.touch(number).powered = False


def removed(lab: Lab, count: int) -> None:
    for number in range(OWN, OWN + count):
        lab.control.registry.remove(number)


def ranges(lab: Lab, count: int) -> None:
    place = lab.engine.world.place(None)
    for number in range(count):
        first = FREE + 10 * number
        lab.control.registry.add_range(first, first + 9, place=place)


MANY = [single, members, removed, ranges]


def step(work: Steps[str], end: Over) -> None:
    try:
        next(work)
    except StopIteration:
        end.now()


def lines(work: Callable[[], object]) -> int:
    """How many lines of smsc run."""
    count = 0

    def trace(frame: FrameType, event: str, argument: object) -> Any:
        nonlocal count
        if "/smsc/" not in frame.f_code.co_filename:
            return None
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(before)
    return count


@COUNTED
@pytest.mark.parametrize("put", MANY)
def test_no_step_of_an_export_costs_more_however_many_there_are(put: Callable[[Lab, int], None]) -> None:
    dearest = []
    for count in (SMALL, LARGE):
        lab = Lab()
        put(lab, count)
        work, end = lab.control.subscribers_csv(), Over()
        costs = []
        while not end.is_over:
            costs.append(lines(partial(step, work, end)))
        assert len(costs) > count / 100
        dearest.append(max(costs))
    assert dearest[1] < 1.5 * dearest[0] + 1_000  # a number is found after some places of a full table


@pytest.mark.parametrize("put", MANY)
def test_it_is_the_whole_list(put: Callable[[Lab, int], None]) -> None:
    lab, other = Lab(), Lab()
    put(lab, 1_000)
    text = at_once(lab.control.subscribers_csv())
    other.do(other.control.import_subscribers(text))
    assert at_once(other.control.subscribers_csv()) == text
    assert other.control.registry.count() == lab.control.registry.count()


def come_back(lab: Lab, key: int) -> None:
    lab.control.put_subscriber(str(key), {"powered": False})


def go(lab: Lab, key: int) -> None:
    lab.control.delete_subscriber(str(key))


@pytest.mark.parametrize("number", [OWN, OWN + 500, OWN + 999], ids=["first", "middle", "last"])
@pytest.mark.parametrize("happens", [go, come_back])
def test_who_changes_meanwhile_is_in_it_as_before_or_as_afterwards(
    happens: Callable[[Lab, int], None], number: int
) -> None:
    steps, at = 1, 0
    while at < steps:
        lab = Lab()
        members(lab, 1_000)
        if happens is come_back:
            lab.control.registry.remove(number)
        work, text, steps = lab.control.subscribers_csv(), "", 0
        while not text:
            if steps == at:
                happens(lab, number)
            steps += 1
            try:
                next(work)
            except StopIteration as done:
                text = done.value
        rows = [row for row in text.splitlines() if row.startswith(f"{number},")]
        assert rows, f"changed in step {at}, it is told to be like the others of its range"
        assert {row.split(",")[2] for row in rows} <= {"active", "removed"}
        assert text.count("\n") >= 1_000
        at += 1 if at < 3 else 7
