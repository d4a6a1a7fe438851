"""When the next attempt is made."""

from __future__ import annotations

import pytest

from smsc.delivery.retry_schedule import DEFAULT_BUSY, DEFAULT_MEMORY_FULL, DEFAULT_RETRY, RetrySchedule

MINUTE, HOUR = 60_000, 3_600_000


def test_the_default_schedules_are_those_of_the_documentation() -> None:
    assert (30_000, 120_000, 300_000, 900_000, 1_800_000, *[HOUR] * 24, 6 * HOUR) == DEFAULT_RETRY
    assert DEFAULT_MEMORY_FULL == (5 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR)
    assert DEFAULT_BUSY == (2 * MINUTE,)


@pytest.mark.parametrize(("step", "delay"), [(0, 10), (1, 20), (2, 40), (3, 40), (100, 40)])
def test_the_last_delay_repeats(step: int, delay: int) -> None:
    assert RetrySchedule([10, 20, 40]).delay(0, step, 0.5) == delay


def test_a_cause_may_have_a_schedule_of_its_own() -> None:
    schedule = RetrySchedule([10], {7: [1000, 2000]})
    assert [schedule.delay(7, step, 0.5) for step in (0, 1, 2)] == [1000, 2000, 2000]
    assert schedule.delay(8, 0, 0.5) == 10


@pytest.mark.parametrize(("draw", "delay"), [(0.0, 900), (0.5, 1000), (0.25, 950), (0.75, 1050)])
def test_the_draw_places_the_delay_inside_the_jitter(draw: float, delay: int) -> None:
    assert RetrySchedule([1000]).delay(0, 0, draw) == delay


def test_without_jitter_the_draw_is_nothing() -> None:
    assert {RetrySchedule([1000], jitter=0.0).delay(0, 0, draw / 10) for draw in range(10)} == {1000}


def test_a_delay_is_a_millisecond_at_least() -> None:
    assert RetrySchedule([0]).delay(0, 0, 0.5) == 1
    assert RetrySchedule([2], jitter=0.0).delay(0, 0, 0.5) == 2
