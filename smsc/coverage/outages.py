"""Outages: when a cell, zone or county is down, once or repeating."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from math import lcm
from typing import NamedTuple

#: "never" or "until further notice": later than every moment that is meant
FOREVER = 2**62
#: Repetitions that are laid out beside one another; what has more is looked at period by period.
_MOST_LAID_OUT = 4_096
#: Outages that follow one another without a gap are followed so far in one question, if all have one period.
_MOST_STEPS = 1_000
Spans = list[tuple[int, int]]


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


Repeating = tuple[int, int, Outage]  # from when on, and up to when it repeats


class Schedule:
    """Several outages of one thing: it is down while any of them is.

    ``once`` are those that do not repeat, and repetitions at the beginning and end of what does. Between two
    ``bounds`` the same ones repeat: they are laid out in one round, the longest common period, or in one for
    each period where that would be too long. So a question costs the logarithm of their number, and "down for
    ever" is known.
    """

    __slots__ = ("bounds", "cost", "once", "outages", "repeating", "rounds", "rounds_of")

    def __init__(self, outages: Iterable[Outage]) -> None:
        self.outages = tuple(outages)
        once: Spans = []
        repeating: list[Repeating] = []
        for outage in self.outages:
            length = outage.end - outage.start
            if outage.start >= outage.last or length <= 0:
                continue
            if not outage.every:
                once.append((outage.start, outage.end))
            elif outage.last >= FOREVER:
                repeating.append((outage.start, FOREVER, outage))
            else:  # the last repetition alone may outlast its period
                final = outage.start + (outage.last - 1 - outage.start) // outage.every * outage.every
                once.append((final, final + length))
                repeating.append((outage.start, final, outage))
        self.repeating = _apart(repeating, once)
        self.once = _merged(once)
        self.bounds = sorted({bound for begin, until, _ in self.repeating for bound in (begin, until)})
        self.rounds: list[Round] = []  # of the bound that was asked about last
        self.rounds_of = -1
        self.cost = 1 + len({outage.every for _, _, outage in self.repeating})

    def is_down(self, now: int) -> bool:
        """Tell whether any outage holds at `now`."""
        return self._end(now) > now

    def span(self, now: int) -> tuple[bool, int]:
        """Return whether it is down at `now`, and the moment up to which that stays so, FOREVER for ever.

        It changes at that moment, unless very many outages follow one another without a gap: then ask again.
        """
        moment = now
        for _ in range(1 + _MOST_STEPS // self.cost):
            end = self._end(moment)
            if end <= moment or end >= FOREVER:
                moment = max(moment, end)
                break
            moment = end
        return (True, moment) if moment > now else (False, self._start(now))

    def next_change(self, now: int) -> int:
        """Return the moment after `now` up to which it is as it is, FOREVER when nothing changes."""
        return self.span(now)[1]

    def note(self, now: int) -> str:
        """Return the note of the outage that holds at `now`, "" when none does."""
        return next((outage.note or "outage" for outage in self.outages if outage.is_down(now)), "")

    def _end(self, now: int) -> int:
        """When an outage that holds at `now` ends; `now` or before it when none holds."""
        at = bisect_right(self.once, (now, FOREVER)) - 1
        end = self.once[at][1] if at >= 0 else now
        if not self.bounds:
            return end
        rounds, bound = self._rounds(now)
        for one in rounds:
            end = max(end, bound if one.is_full else min(one.end(now), bound))
        return end

    def _start(self, now: int) -> int:
        """When the next outage may begin after `now`, at which none holds."""
        at = bisect_right(self.once, (now, FOREVER))
        start = self.once[at][0] if at < len(self.once) else FOREVER
        if self.bounds:
            rounds, bound = self._rounds(now)
            start = min([start, bound, *(one.start(now) for one in rounds)])
        return start

    def _rounds(self, now: int) -> tuple[list[Round], int]:
        """What repeats around `now`, and when that changes."""
        index = bisect_right(self.bounds, now)
        if index != self.rounds_of:
            self.rounds_of = index
            begun = self.bounds[index - 1] if index else -1
            self.rounds = _rounds([one for begin, until, one in self.repeating if begin <= begun < until])
        return self.rounds, self.bounds[index] if index < len(self.bounds) else FOREVER


class Round:
    """Outages that repeat, laid out in one period: `busy` in ms from its beginning, in order."""

    __slots__ = ("busy", "every", "is_full")

    def __init__(self, every: int, outages: list[Outage]) -> None:
        self.every = every
        found: Spans = []
        for outage in outages:
            length = min(outage.end - outage.start, every)
            for repetition in range(every // outage.every):
                start = (outage.start + repetition * outage.every) % every
                end = start + length
                found.append((start, min(end, every)))
                if end > every:
                    found.append((0, end - every))
        self.busy = _merged(found)
        self.is_full = self.busy == [(0, every)]

    def end(self, now: int) -> int:
        """When what holds at `now` ends, or the round does; `now` when nothing holds."""
        past = now % self.every
        at = bisect_right(self.busy, (past, FOREVER)) - 1
        return now - past + max(past, self.busy[at][1]) if at >= 0 else now

    def start(self, now: int) -> int:
        """When the next one begins after `now`, at which none holds."""
        past = now % self.every
        at = bisect_right(self.busy, (past, FOREVER))
        following = self.busy[at][0] if at < len(self.busy) else self.every + self.busy[0][0]
        return now - past + following


def _rounds(repeating: list[Outage]) -> list[Round]:
    """All of them in one round; in one for each period where that would be too long to lay out."""
    if not repeating:
        return []
    every = lcm(*(outage.every for outage in repeating))
    if sum(every // outage.every for outage in repeating) <= _MOST_LAID_OUT:
        return [Round(every, repeating)]
    periods = sorted({outage.every for outage in repeating})
    return [Round(period, [one for one in repeating if one.every == period]) for period in periods]


def _apart(repeating: list[Repeating], once: Spans) -> list[Repeating]:
    """What begins or ends one after the other is laid out there, if it is not too much: then all of the rest
    repeat in the same time.
    """
    if not repeating:
        return []
    begin, until = max(one[0] for one in repeating), min(one[1] for one in repeating)
    found: Spans = []
    for start, end, outage in repeating:
        length = outage.end - outage.start
        head = range(start, min(end, begin), outage.every)
        last = max(start, until - (until - start) % outage.every)
        tail = () if end >= FOREVER else range(last, end, outage.every)
        if begin >= until or len(head) + len(tail) + len(found) > _MOST_LAID_OUT:
            return repeating
        found += [(at, at + length) for at in (*head, *tail)]
    once += found
    return [(begin, end if end >= FOREVER else until, outage) for _, end, outage in repeating]


def _merged(spans: Spans) -> Spans:
    """The same spans in order, those that touch or overlap as one."""
    found: Spans = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found
