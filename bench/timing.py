"""Time of small operations: many calls a round, garbage collection off, one figure a repetition."""

import gc
import time
from collections.abc import Callable

SECONDS = 0.2


def nanoseconds(
    part: Callable[[], object],
    operations: int,
    repetitions: int,
    rest: Callable[[], object] | None = None,
) -> list[float]:
    """ns for each of the `operations` that a call of `part` carries out, one value a repetition of about
    `seconds`.

    `rest` runs after each call, outside the time: what puts things back so that `part` can run again.
    Without it the clock is read once a repetition, with it around each call, so `part` should then take
    microseconds."""
    rounds = 1
    while (taken := _time(part, rest, rounds)) < SECONDS / 10:
        rounds *= 4
    rounds = max(1, round(rounds * SECONDS / taken))
    return [_time(part, rest, rounds) / rounds / operations * 1e9 for _ in range(repetitions)]


def _time(part: Callable[[], object], rest: Callable[[], object] | None, rounds: int) -> float:
    clock = time.perf_counter
    gc.collect()
    gc.disable()
    try:
        begun = clock()
        if rest is None:
            for _ in range(rounds):
                part()
            return clock() - begun
        total = 0.0
        for _ in range(rounds):
            begun = clock()
            part()
            total += clock() - begun
            rest()
        return total
    finally:
        gc.enable()


def per_second(ns: list[float]) -> list[float]:
    """Operations a second."""
    return [1e9 / value for value in ns]
