"""Outages: when a cell, zone or county is down, once or repeating."""

from collections.abc import Iterable
from typing import NamedTuple

#: "never" or "until further notice": later than every moment that is meant
FOREVER = 2**62


class Outage(NamedTuple):
    """Down in [start, end), and again every `every` ms as long as a repetition starts before `last`.

    All in ms; `end` may be FOREVER when `every` is 0 (once).
    """

    start: int
    end: int = FOREVER
    every: int = 0
    last: int = FOREVER
    note: str = ""

    def is_down(self, now: int) -> bool:
        """Tell whether it is down at `now`."""
        if now < self.start:
            return False
        if not self.every:
            return now < self.end
        past = now - self.start
        begun = self._begun(past)
        return begun >= 0 and past - begun < self.end - self.start

    def next_change(self, now: int) -> int:
        """Return the next start or end after `now`, FOREVER when there is none."""
        if now < self.start:
            return self.start if self.start < self.last else FOREVER
        if not self.every:
            return self.end if now < self.end else FOREVER
        begun = self._begun(now - self.start)
        over = self.start + begun + self.end - self.start
        if begun >= 0 and now < over:
            return over
        following = self.start + ((now - self.start) // self.every + 1) * self.every
        return following if following < self.last else FOREVER

    def _begun(self, past: int) -> int:
        """Return when, after the first start, the repetition around `past` began; -1 when it never did."""
        begun = past // self.every * self.every
        return begun if self.start + begun < self.last else -1


class Schedule:
    """Several outages of one thing: it is down while any of them is."""

    __slots__ = ("outages",)

    def __init__(self, outages: Iterable[Outage]) -> None:
        self.outages = tuple(outages)

    def is_down(self, now: int) -> bool:
        """Tell whether any outage holds at `now`."""
        return any(outage.is_down(now) for outage in self.outages)

    def next_change(self, now: int) -> int:
        """Return the next moment after `now` at which an outage starts or ends, FOREVER when none does.

        Where outages overlap, the thing may be as down after that moment as before it.
        """
        return min((outage.next_change(now) for outage in self.outages), default=FOREVER)

    def note(self, now: int) -> str:
        """Return the note of the outage that holds at `now`, "" when none does."""
        return next((outage.note or "outage" for outage in self.outages if outage.is_down(now)), "")
