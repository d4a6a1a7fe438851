"""The SMSC clock: three kinds, and none of them ever goes back."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc.clock import AcceleratedClock, ClockError, ManualClock, RealClock, make_clock

NOON = 1_767_268_800_000


class Hand:
    """A time source that the test turns."""

    def __init__(self, value: int = 0) -> None:
        self.value = value

    def __call__(self) -> int:
        return self.value


def test_real_clock_follows_the_machine() -> None:
    wall = Hand(NOON)
    clock = RealClock(wall=wall)
    wall.value += 1500
    assert clock.now() == NOON + 1500


def test_real_clock_stands_while_the_machine_is_set_back() -> None:
    wall = Hand(NOON)
    clock = RealClock(wall=wall)
    wall.value -= 60_000
    assert clock.now() == NOON
    wall.value += 61_000
    assert clock.now() == NOON + 1000


def test_real_clock_keeps_the_lead_it_was_started_with() -> None:
    wall = Hand(1000)
    clock = RealClock(NOON, wall=wall)
    assert clock.now() == NOON
    wall.value += 250
    assert clock.now() == NOON + 250


def test_accelerated_clock_runs_sixty_times_as_fast() -> None:
    monotonic = Hand()
    clock = AcceleratedClock(60, NOON, monotonic=monotonic)
    monotonic.value += 2 * 1_000_000_000
    assert clock.now() == NOON + 120_000
    assert clock.mode == "x60"
    assert clock.seconds_until(NOON + 180_000) == 1.0


def test_manual_clock_stands_until_advanced() -> None:
    clock = ManualClock(NOON)
    assert clock.now() == NOON
    clock.advance_to(NOON + 7_200_000)
    assert clock.now() == NOON + 7_200_000


def test_manual_clock_does_not_go_back() -> None:
    clock = ManualClock(NOON)
    with pytest.raises(ClockError, match="never goes back"):
        clock.advance_to(NOON - 1)
    clock.advance_to(NOON)
    assert clock.now() == NOON


@pytest.mark.parametrize("clock", [RealClock(), AcceleratedClock(60)], ids=lambda clock: clock.mode)
def test_only_a_manual_clock_can_be_advanced(clock: RealClock) -> None:
    with pytest.raises(ClockError, match="only a manual clock"):
        clock.advance_to(2**62)


def test_waiting_for_a_manual_clock_has_no_end() -> None:
    clock = ManualClock(NOON)
    assert clock.seconds_until(NOON) == 0.0
    assert clock.seconds_until(NOON + 1) == math.inf


@given(st.lists(st.integers(min_value=-(10**9), max_value=10**9), max_size=50))
def test_real_clock_never_goes_back_however_the_machine_is_set(steps: list[int]) -> None:
    wall = Hand(NOON)
    clock = RealClock(wall=wall)
    shown = [clock.now()]
    for step in steps:
        wall.value += step
        shown.append(clock.now())
    assert shown == sorted(shown)


@pytest.mark.parametrize("mode", ["real", "manual", "x60"])
def test_a_restart_goes_on_from_the_last_value(mode: str) -> None:
    ahead_of_the_machine = 2**45
    clock = make_clock(mode, start=NOON, last=ahead_of_the_machine)
    assert clock.mode == mode
    assert clock.now() >= ahead_of_the_machine


def test_a_real_clock_that_was_off_for_a_while_shows_the_machines_time() -> None:
    assert make_clock("real", last=NOON - 10**9).now() > NOON - 10**9


def test_a_manual_clock_starts_where_the_configuration_says() -> None:
    assert make_clock("manual", start=NOON).now() == NOON


def test_an_unknown_mode_is_refused() -> None:
    with pytest.raises(ValueError, match="xN"):
        make_clock("fast")


@pytest.mark.parametrize("rate", [0, -1, math.inf, math.nan])
def test_a_rate_that_makes_no_sense_is_refused(rate: float) -> None:
    with pytest.raises(ValueError, match="above 0"):
        AcceleratedClock(rate)
