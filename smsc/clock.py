"""The SMSC clock: message time in milliseconds since the epoch; real, accelerated or moved by hand.

It never goes back. Retries, validity, schedules, outages and dates in receipts follow it. Timers of a TCP
connection do not: those are about a real peer and use the monotonic clock of the machine. Compiled, because
every chunk of octets asks what time it is."""

import math
import time
from collections.abc import Callable
from typing import Protocol

from smsc.moments import LATEST, LATEST_YEAR

Source = Callable[[], int]


class ClockError(Exception):
    """The clock cannot do that: it is not moved by hand, or it would go back."""


class Clock(Protocol):
    """What the engine asks of a clock."""

    @property
    def mode(self) -> str:
        """As in the configuration: "real", "manual", "x60"."""

    def now(self) -> int:
        """Milliseconds since the epoch, never less than at the call before."""

    def advance_to(self, moment: int) -> None:
        """Moves a manual clock to `moment`; ClockError for any other clock, and for a moment in the past."""

    def seconds_until(self, moment: int) -> float:
        """Real seconds until the clock shows `moment`: 0.0 when it has, infinity when it stands."""


def _wall_ms() -> int:
    now = time.time_ns()
    return now // 1_000_000


def _monotonic_ns() -> int:
    return time.monotonic_ns()


class RealClock:
    """Follows the machine's clock; started ahead of it, it keeps that lead."""

    __slots__ = ("_latest", "_lead", "_wall")

    mode = "real"

    def __init__(self, start: int | None = None, *, wall: Source = _wall_ms) -> None:
        self._wall = wall
        self._lead = 0 if start is None else start - wall()
        self._latest = wall() + self._lead

    def now(self) -> int:
        # The machine's clock may be set back (NTP, a person); then this one stands until it has caught up.
        now = self._wall() + self._lead
        if now > self._latest:  # noqa: PLR1730  (max() is a Python call in C)
            self._latest = now
        return self._latest

    def advance_to(self, moment: int) -> None:
        raise ClockError("the clock is real; only a manual clock can be advanced")

    def seconds_until(self, moment: int) -> float:
        return max(0, moment - self.now()) / 1000


class AcceleratedClock:
    """Runs `rate` times as fast as real time."""

    __slots__ = ("_monotonic", "_origin", "_start", "mode", "rate")

    def __init__(self, rate: float, start: int | None = None, *, monotonic: Source = _monotonic_ns) -> None:
        if not (rate > 0 and math.isfinite(rate)):
            raise ValueError(f"the rate of a clock is above 0 and finite, not {rate}")
        self.rate = rate
        self.mode = f"x{rate:g}"
        self._monotonic = monotonic
        self._origin = monotonic()
        self._start = _wall_ms() if start is None else start

    def now(self) -> int:
        now = self._start + int((self._monotonic() - self._origin) * self.rate / 1_000_000)
        return min(now, LATEST - 1)

    def advance_to(self, moment: int) -> None:
        raise ClockError(f"the clock is accelerated ({self.mode}); only a manual clock can be advanced")

    def seconds_until(self, moment: int) -> float:
        return max(0, moment - self.now()) / 1000 / self.rate


class ManualClock:
    """Stands still until it is advanced."""

    __slots__ = ("_now",)

    mode = "manual"

    def __init__(self, start: int | None = None) -> None:
        self._now = _wall_ms() if start is None else start

    def now(self) -> int:
        return self._now

    def advance_to(self, moment: int) -> None:
        if moment < self._now:
            raise ClockError(
                f"the clock never goes back: {moment} ms is {self._now - moment} ms before {self._now} ms"
            )
        if moment >= LATEST:
            raise ClockError(f"the clock ends before the year {LATEST_YEAR}")
        self._now = moment

    def seconds_until(self, moment: int) -> float:
        return 0.0 if moment <= self._now else math.inf


def make_clock(
    mode: str, *, start: int | None = None, last: int | None = None, wall: Source = _wall_ms
) -> Clock:
    """The clock that the configuration names ("real", "manual", "x60").

    `start` is the configured first value, `last` what the store kept from the run before; the clock never
    shows less than `last`. Both None: the real time. Without `start` a real clock that is not ahead of the
    real time follows it again. `wall` tells the real time where that is not this machine's."""
    last = None if last is None else max(0, min(last, LATEST - 1))
    if start is None and mode == "real" and last is not None and last <= wall():
        last = None
    first = max((moment for moment in (start, last) if moment is not None), default=None)
    if mode == "real":
        return RealClock(first, wall=wall)
    if mode == "manual":
        return ManualClock(first)
    if mode.startswith("x"):
        return AcceleratedClock(float(mode[1:]), first)
    raise ValueError(f'a clock is "real", "manual" or "xN", not {mode!r}')
