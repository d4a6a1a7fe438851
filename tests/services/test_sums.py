"""Sums that several servers make together, each with rows of its own."""

from __future__ import annotations

import pytest

from smsc.services.base import Journal, Row
from smsc.services.sums import Sums


def sums(server: int = 0) -> tuple[Sums, Journal]:
    journal = Journal()
    journal.server = server
    return Sums("calls", ("records", "ore"), journal), journal


def test_a_server_that_is_alone_has_one_row_a_name() -> None:
    alone, journal = sums()
    alone.add("quiz", 1, 500)
    alone.add("quiz", 1, 250)
    assert alone.get("quiz") == (2, 750)
    assert journal.take() == {"calls/quiz": {"records": 2, "ore": 750}}
    assert dict(alone.items()) == {"quiz": (2, 750)}


def test_a_name_that_nobody_has_added_to_is_nothing() -> None:
    alone, journal = sums()
    assert alone.get("quiz") == (0, 0)
    alone.drop("quiz")
    assert (dict(alone.items()), dict(alone.records()), journal.take()) == ({}, {}, {})


def test_of_several_servers_each_part_counts_once() -> None:
    first, journal = sums(412)
    first.add("quiz", 1, 500)
    first.take("calls-of/3/quiz", {"records": 2, "ore": 100})
    first.take("calls-of/3/quiz", {"records": 3, "ore": 200})  # told again, and later
    first.take("calls/quiz", {"records": 10, "ore": 1})  # of the time when one server was alone
    assert first.get("quiz") == (14, 701)
    assert dict(first.items()) == {"quiz": (14, 701)}
    assert journal.take() == {"calls-of/412/quiz": {"records": 1, "ore": 500}}
    again, _ = sums(3)
    again.load(first.records())
    assert dict(again.records()) == dict(first.records())


@pytest.mark.parametrize(
    ("gone", "left"),
    [
        (["calls-of/3/quiz"], {"quiz": (1, 500)}),
        (["calls-of/3/quiz", "calls-of/412/quiz"], {}),
        (["calls-of/7/quiz"], {"quiz": (3, 600)}),
        (["calls-of/3/other", "calls/quiz"], {"quiz": (3, 600)}),
    ],
)
def test_a_row_that_is_gone_counts_no_more(gone: list[str], left: dict[str, tuple[int, ...]]) -> None:
    one, _ = sums(412)
    one.add("quiz", 1, 500)
    one.take("calls-of/3/quiz", {"records": 2, "ore": 100})
    for key in gone:
        one.take(key, None)
    assert dict(one.items()) == left


def test_what_is_dropped_is_dropped_of_all_servers() -> None:
    one, journal = sums(412)
    one.add("quiz", 1, 500)
    row: Row = {"records": 2, "ore": 100}
    one.take("calls-of/3/quiz", row)
    journal.take()
    one.drop("quiz")
    assert journal.take() == {"calls-of/412/quiz": None, "calls-of/3/quiz": None}
    assert one.get("quiz") == (0, 0)
