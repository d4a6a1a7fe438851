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

    __slots__ = ("armed", "timers", "work")

    def __init__(self, timers: Timers) -> None:
        self.armed = FOREVER
        self.timers = timers
        self.work: deque[Work] = deque()

    def begin(self, work: Work, now: int) -> None:
        """Do the first part now, and the rest in the next turns."""
        self.work.appendleft(work)
        self.go_on(now)

    def put(self, *works: Work) -> None:
        """Do all of it in the next turns; ``restart`` follows."""
        self.work.extend(works)

    def restart(self, now: int) -> None:
        """All timers were cleared, but what is left is done all the same."""
        self.armed = FOREVER
        if self.work:
            self.timers.arm(self, now)

    def go_on(self, now: int) -> None:
        """Do some of the first; the rest, and the others, are due at once."""
        work, left = self.work[0], A_TURN
        for cost in work:
            left -= cost
            if left <= 0:
                self.work.rotate(-1)
                break
        else:
            self.work.popleft()
        if self.work:
            self.timers.arm(self, now)
