"""Outages: once or repeating, overlapping, and the next moment at which anything changes."""

from hypothesis import given
from hypothesis import strategies as st

from smsc.coverage.outages import FOREVER, Outage, Schedule

HOUR = 3_600_000
DAY = 24 * HOUR


def test_an_outage_holds_from_its_start_up_to_but_not_at_its_end() -> None:
    outage = Outage(start=10 * HOUR, end=11 * HOUR)
    assert [outage.is_down(moment) for moment in (10 * HOUR - 1, 10 * HOUR, 11 * HOUR - 1, 11 * HOUR)] == [
        False,
        True,
        True,
        False,
    ]


def test_an_outage_without_end_lasts_until_further_notice() -> None:
    outage = Outage(start=0)
    assert outage.is_down(10**15)
    assert outage.next_change(5) == FOREVER


def test_a_nightly_outage_comes_back_every_day() -> None:
    nightly = Outage(start=2 * HOUR, end=3 * HOUR, every=DAY)
    assert nightly.is_down(400 * DAY + 2 * HOUR)
    assert not nightly.is_down(400 * DAY + 3 * HOUR)
    assert nightly.next_change(400 * DAY) == 400 * DAY + 2 * HOUR
    assert nightly.next_change(400 * DAY + 2 * HOUR) == 400 * DAY + 3 * HOUR


def test_a_repeating_outage_ends_with_its_last_repetition() -> None:
    outage = Outage(start=2 * HOUR, end=3 * HOUR, every=DAY, last=2 * DAY)
    assert outage.is_down(DAY + 2 * HOUR)
    assert not outage.is_down(2 * DAY + 2 * HOUR)
    assert outage.next_change(DAY + 3 * HOUR) == FOREVER


def test_a_repetition_that_began_before_the_last_moment_runs_to_its_end() -> None:
    outage = Outage(start=0, end=10, every=100, last=105)
    assert outage.is_down(109)
    assert outage.next_change(105) == 110


@st.composite
def outages(drawing: st.DrawFn) -> Outage:
    start = drawing(st.integers(0, 50))
    length = drawing(st.integers(1, 30))
    every = drawing(st.just(0) | st.integers(length + 1, 60))
    last = FOREVER if not every else drawing(st.just(FOREVER) | st.integers(start + 1, 200))
    return Outage(start, start + length, every, last)


@given(st.lists(outages(), max_size=4), st.integers(0, 250))
def test_nothing_changes_before_the_next_change(planned: list[Outage], now: int) -> None:
    schedule = Schedule(planned)
    change = schedule.next_change(now)
    assert change > now
    assert all(schedule.is_down(moment) == schedule.is_down(now) for moment in range(now, min(change, 400)))


@given(outages(), st.integers(0, 250))
def test_a_single_outage_really_changes_at_its_next_change(outage: Outage, now: int) -> None:
    change = outage.next_change(now)
    assert change == FOREVER or outage.is_down(change) != outage.is_down(change - 1)
