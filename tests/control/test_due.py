"""What the clock will do next: `due` of `GET /clock`."""

from __future__ import annotations

from typing import Any

import pytest

from smsc.control.due import MOST
from smsc.delivery.message import FOREVER
from smsc.delivery.timers import Timers
from tests.engine.lab import START, Lab

KARI, OLA, OFF, TUNNEL = "4790000001", "4790000002", "4799000007", "4799000020"
HOUR = 3_600_000


@pytest.fixture
def lab() -> Lab:
    return Lab()


def due(lab: Lab) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = lab.control.clock()["due"]
    return told


def test_nothing_is_due_where_nothing_waits(lab: Lab) -> None:
    assert [each for each in due(lab) if each["what"] not in ("service", "assignment")] == []


def test_the_next_attempt_and_the_end_of_what_waits_are_told(lab: Lab) -> None:
    kari = lab.bind(KARI)
    kari.submit(TUNNEL, "Er du framme?")
    kari.submit(TUNNEL, "Hallo?")
    lab.settle()
    attempt, expiry = (each for each in due(lab) if each.get("msisdn") == TUNNEL)
    assert attempt["what"] == "attempt"
    assert attempt["messages"] == 2
    assert attempt["at"] == lab.control.clock()["next_due"]
    assert expiry["what"] == "expiry"
    assert expiry["at"] == "2026-01-18T12:00:00.000Z"


def test_each_kind_of_moment_is_named(lab: Lab) -> None:
    kari = lab.bind(KARI)
    kari.submit(OLA, "om en time", schedule=b"000000010000000R")
    lab.settle()
    lab.patch(KARI, zone="laerdal-tunnel")
    kari.submit(OLA, "fra tunnelen", validity=b"260116120000000+")
    lab.settle()
    told = {each["what"]: each for each in due(lab)}
    assert told["scheduled"]["id"] == "100000001"
    assert told["scheduled"]["at"] == "2026-01-15T13:00:00.000Z"
    assert told["held"]["msisdn"] == KARI
    assert told["held"]["messages"] == 1
    assert told["held"]["at"] == "2026-01-16T12:00:00.000Z"


def test_what_waits_for_an_esme_has_its_system_id(lab: Lab) -> None:
    lab.bind(KARI).submit("2097", "QUIZ 1")
    lab.settle()
    assert {each.get("system_id") for each in due(lab)} & {"quiz"}


def test_no_more_than_so_many_are_told_in_order(lab: Lab) -> None:
    kari = lab.bind(KARI)
    for number in range(2 * MOST):
        kari.submit(str(4790001000 + number), "hei")
    lab.settle()
    moments = [each["at"] for each in due(lab)]
    assert len(moments) == MOST
    assert moments == sorted(moments)
    assert moments[0] == lab.control.clock()["next_due"]


class Waiter:
    def __init__(self) -> None:
        self.armed = FOREVER


def test_the_moments_ahead_are_those_that_are_not_stale_each_once() -> None:
    timers = Timers()
    waiters = [Waiter() for _ in range(300)]
    for number, waiter in enumerate(waiters):
        timers.arm(waiter, START + number * 7919 % 300 + 1000)
        timers.arm(waiter, START + number * 7919 % 300)
    for waiter in waiters[::2]:
        waiter.armed = FOREVER
    ahead = timers.ahead(10)
    assert timers.ahead(10) == ahead
    assert len(timers) == 2 * len(waiters)
    expected = sorted((waiter.armed, waiters.index(waiter)) for waiter in waiters if waiter.armed < FOREVER)
    assert [(at, waiters.index(waiter)) for at, waiter in ahead] == expected[:10]
