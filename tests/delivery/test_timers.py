"""The heap of due moments holds what is due, not everything that ever might have been."""

from __future__ import annotations

from typing import Any

from smsc.delivery.message import FOREVER
from smsc.delivery.timers import Timers


class Waiter:
    def __init__(self) -> None:
        self.armed = FOREVER


def test_what_is_over_before_its_time_is_not_kept_until_then() -> None:
    timers, staying = Timers(), Waiter()
    timers.arm(staying, 500)
    for number in range(50_000):
        passing = Waiter()
        timers.arm(passing, 1_000 + number)
        passing.armed = FOREVER
    assert len(timers) <= 10_001
    assert timers.next_due() == 500
    assert timers.pop(FOREVER) is staying
    assert timers.pop(FOREVER) is None


def test_a_sweep_keeps_the_order() -> None:
    timers = Timers()
    waiters = [Waiter() for _ in range(30_000)]
    for number, waiter in enumerate(waiters):
        timers.arm(waiter, 1_000 + number * 7919 % 30_000)
        timers.arm(waiter, number * 7919 % 30_000)
    due: list[Any] = []
    while (waiter := timers.pop(FOREVER)) is not None:
        due.append(waiters.index(waiter) if len(due) < 5 else 0)
    assert len(due) == 30_000
    assert [number * 7919 % 30_000 for number in due[:5]] == [0, 1, 2, 3, 4]


def test_what_is_due_at_the_same_moment_comes_in_the_order_of_arming() -> None:
    timers, waiters = Timers(), [Waiter() for _ in range(10)]
    for waiter in waiters:
        timers.arm(waiter, 100)
    assert [timers.pop(100) for _ in waiters] == waiters


def test_an_earlier_arming_stands_and_a_later_one_is_no_second_call() -> None:
    timers, waiter = Timers(), Waiter()
    timers.arm(waiter, 100)
    timers.arm(waiter, 200)
    timers.arm(waiter, 50)
    assert timers.next_due() == 50
    assert timers.pop(49) is None
    assert timers.pop(50) is waiter
    assert waiter.armed == FOREVER
    assert (timers.next_due(), timers.pop(10_000)) == (FOREVER, None)


def test_forever_is_no_moment() -> None:
    timers, waiter = Timers(), Waiter()
    timers.arm(waiter, FOREVER)
    assert len(timers) == 0
    timers.arm(waiter, FOREVER - 1)
    assert timers.next_due() == FOREVER - 1


def test_what_was_cleared_is_not_due() -> None:
    timers, waiter = Timers(), Waiter()
    timers.arm(waiter, 1)
    timers.clear()
    assert timers.next_due() == FOREVER
    assert timers.pop(FOREVER) is None
