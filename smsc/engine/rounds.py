"""Long work on the event loop, some of it in each turn: whoever else is there is not held up by it.

Work is an iterator that does a little at each step, and yields what that cost: 1 for what an entry of a
container costs, more for an attempt to deliver. Of several works each has its turn.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Final, TypeAlias

from smsc.delivery.message import FOREVER
from smsc.delivery.timers import Timers

A_TURN: Final = 512  # what is done in one turn of the loop
ATTEMPT: Final = 3  # what an attempt to deliver costs beside an entry of a container

Work: TypeAlias = Iterator[int]


class Rounds:
    """What is left of all works."""

    __slots__ = ("armed", "is_going_on", "timers", "work")

    def __init__(self, timers: Timers) -> None:
        self.armed = FOREVER
        self.is_going_on = False
        self.timers = timers
        self.work: deque[Work] = deque()

    def begin(self, work: Work, now: int) -> None:
        """Do the first part now, and the rest in the next turns. What another work begins follows it."""
        if self.is_going_on:
            self.work.append(work)
            return
        self.work.appendleft(work)
        self.go_on(now)

    def put(self, *works: Work) -> None:
        """Do all of it some time; ``restart`` follows."""
        self.work.extend(works)

    def restart(self, now: int) -> None:
        """All timers were cleared, but what is left is done all the same, the first part now."""
        self.armed = FOREVER
        self.go_on(now)

    def go_on(self, now: int) -> None:
        """Do as much as one turn may; the rest is due at once, and the others come first then."""
        if self.is_going_on:
            return
        self.is_going_on = True
        try:
            self._go_on()
        finally:
            self.is_going_on = False
        if self.work:
            self.timers.arm(self, now)

    def _go_on(self) -> None:
        left = A_TURN
        while self.work and left > 0:
            for cost in self.work[0]:
                left -= cost
                if left <= 0:
                    self.work.rotate(-1)
                    break
            else:
                self.work.popleft()
