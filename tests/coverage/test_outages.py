"""Outages: once or repeating, overlapping, and the next moment at which anything changes."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc.coverage.outages import FOREVER, Outage, Schedule
from smsc.coverage.world import World
from tests.waiting import operations

HOUR = 3_600_000
DAY = 24 * HOUR
Plan = Callable[[int], list[Outage]]


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


@given(st.lists(outages(), max_size=4), st.integers(0, 250))
def test_a_schedule_is_down_when_any_of_its_outages_is(planned: list[Outage], now: int) -> None:
    assert Schedule(planned).is_down(now) == any(_holds(outage, now) for outage in planned)


def _holds(outage: Outage, now: int) -> bool:
    """By its definition, repetition by repetition."""
    starts = range(outage.start, now + 1, outage.every) if outage.every else [outage.start]
    return any(start <= now < start + outage.end - outage.start and start < outage.last for start in starts)


@given(st.lists(outages(), max_size=4), st.integers(0, 250))
def test_a_span_ends_with_a_change(planned: list[Outage], now: int) -> None:
    schedule = Schedule(planned)
    is_down, end = schedule.span(now)
    assert is_down == schedule.is_down(now)
    if end < FOREVER and is_down:
        assert not schedule.is_down(end)


MINUTE = 60_000


def _staggered(count: int, every: int, length: int, last: int = FOREVER) -> list[Outage]:
    """So many, each a little later than the one before, all of the time with a length of `every / count`."""
    return [Outage(at * every // count, at * every // count + length, every, last) for at in range(count)]


def _primes(count: int) -> list[Outage]:
    """Of as many different periods, whose common one nothing could lay out."""
    periods = [n for n in range(10_007, 200_000, 2) if all(n % d for d in range(3, 450, 2))][:count]
    return [Outage(0, period - 1, period) for period in periods]


@pytest.mark.parametrize("count", [100, 1_000])
@pytest.mark.parametrize(
    ("plan", "never"),
    [
        (lambda n: _staggered(n, DAY, DAY // n + 1), True),
        (lambda n: _staggered(n, DAY, DAY // n + 1, 400 * DAY), False),
        (lambda n: [*_staggered(n, DAY, DAY // n + 1), Outage(0, 10 * DAY)], True),
        (lambda n: [Outage(0, DAY + at, DAY) for at in range(n)], True),
        (lambda n: [Outage(at * DAY, (at + 1) * DAY) for at in range(n)], False),
        (lambda n: [Outage(at, DAY + at, DAY * 2) for at in range(n)], False),
        (lambda n: [Outage(0, 3 * HOUR, (2 + at % 2) * HOUR) for at in range(n)], True),
        pytest.param(_primes, None, marks=pytest.mark.long),
    ],
    ids=["staggered", "for a time", "and a long one", "longer than its period", "once after once", "halves",
         "two periods", "primes"],
)  # fmt: skip
def test_looking_for_the_next_coverage_is_bounded(plan: Plan, never: bool | None, count: int) -> None:
    """Repeating outages that cover all time: "never" is known, and no look-up costs their number squared."""
    zone = World().put_zone("cellar", {"coverage": "good"}, 0)
    zone.schedule = Schedule(plan(count))
    found: list[int] = []

    def look() -> None:
        found[:] = [zone.reachable_from(now) for now in range(HOUR, 3 * HOUR, MINUTE)]

    assert operations(look) < (100_000 if never is not None else 6_000_000)
    if never is not None:
        assert all((moment == FOREVER) == never for moment in found)
        assert never or not any(_holds(outage, found[0]) for outage in zone.schedule.outages)


def test_two_cells_that_are_never_up_together_are_not_followed_for_ever() -> None:
    start = 1_767_225_600_000  # 2026-01-01
    world = World(shadowing_db=0)
    for name, seconds in (("a", 0), ("b", 30)):
        world.put_cell(name, {"lat": 61.0, "lon": 9.0})
        down = {"from": f"2026-01-01T00:00:{seconds:02}Z", "duration": "30s", "every": "60s"}
        world.set_outages("cell", name, [down], start)
    spot = world.place(lat=61.0, lon=9.0)
    assert spot.reachable_from(start) == start  # one of them is up
    for name in ("a", "b"):
        world.set_outages("cell", name, [{**down, "every": "31s"}], start)
    spot = world.place(lat=61.0, lon=9.0)

    def look() -> None:
        for at in range(100):
            spot.reachable_from(start + 60_000 + at * 1_000)

    assert operations(look) < 100_000
