"""One heap of moments at which something falls due; nothing is ever scanned.

Whoever waits carries ``armed``: the moment it is in the heap for. Arming earlier pushes again and
leaves the old entry to be recognised as stale when it comes up, or when the heap has doubled: what was
delivered at once is not kept until the end of its validity period.
"""

from __future__ import annotations

import heapq
from array import array
from typing import Any, Final, Protocol

from smsc.delivery.message import FOREVER
from smsc.delivery.recipient import Recipient

_ROOM: Final = 10_000
_AT_FIRST: Final = 256  # places


class Armed(Protocol):
    """Anything that can wait for a moment."""

    armed: int


class Timers:
    """Due moments in order, ties in the order of arming.

    An entry of the heap is a moment, a number that tells the order of arming, and who waits, each in an
    array of its own: no object is made for it.
    """

    __slots__ = ("_dues", "_serials", "room", "serial", "waiters")

    def __init__(self) -> None:
        self._begin()
        self.serial = 0

    def _begin(self) -> None:
        self.waiters: list[Any] = []
        self._dues = array("q", bytes(8 * _AT_FIRST))
        self._serials = array("q", bytes(8 * _AT_FIRST))
        self.room = _ROOM  # entries at which stale ones are looked for

    def __len__(self) -> int:
        """How many entries there are, the stale ones too."""
        return len(self.waiters)

    def arm(self, waiter: Any, due: int) -> None:
        """Call for ``waiter`` no later than ``due``; an earlier arming stands, FOREVER is ignored."""
        if due >= FOREVER or due >= armed_for(waiter):
            return
        if type(waiter) is Recipient:
            recipient = waiter
            recipient.armed = due
        else:
            waiter.armed = due
        self.serial += 1
        self.waiters.append(waiter)
        count = len(self.waiters)
        if count > len(self._dues):
            self._grow()
        self._rise(count - 1, due, self.serial, waiter)
        if count > self.room:
            self.sweep()

    def sweep(self) -> None:
        """Drop the stale entries; as many again may come before the next time."""
        waiters = self.waiters
        live = 0
        for place in range(len(waiters)):
            if armed_for(waiters[place]) == self._dues[place]:
                self._dues[live] = self._dues[place]
                self._serials[live] = self._serials[place]
                waiters[live] = waiters[place]
                live += 1
        del waiters[live:]
        for place in range(live // 2 - 1, -1, -1):
            self._sink(place, self._dues[place], self._serials[place], waiters[place])
        self.room = max(_ROOM, 2 * live)

    def next_due(self) -> int:
        """The next moment at which something falls due, or FOREVER."""
        while self.waiters:
            due = self._dues[0]
            if armed_for(self.waiters[0]) == due:
                return due
            self._take_first()
        return FOREVER

    def ahead(self, most: int) -> list[tuple[int, Any]]:
        """The next so many moments, the earliest first, with who waits for each; each of them once.

        Stale entries may make them fewer: no more than ``4 * most`` entries are looked at.
        """
        dues, serials, waiters = self._dues, self._serials, self.waiters
        front = [(dues[0], serials[0], 0)] if waiters else []
        found: dict[int, tuple[int, Any]] = {}
        looks = 4 * most
        while front and looks and len(found) < most:
            looks -= 1
            due, _, place = heapq.heappop(front)
            waiter = waiters[place]
            if waiter.armed == due:
                found.setdefault(id(waiter), (due, waiter))
            for child in (2 * place + 1, 2 * place + 2):
                if child < len(waiters):
                    heapq.heappush(front, (dues[child], serials[child], child))
        return list(found.values())

    def pop(self, now: int) -> Any:
        """The next waiter due at or before ``now``, disarmed; None when there is none."""
        while self.waiters:
            waiter = self.waiters[0]
            due = self._dues[0]
            if armed_for(waiter) != due:
                self._take_first()
                continue
            if due > now:
                return None
            self._take_first()
            waiter.armed = FOREVER
            return waiter
        return None

    def clear(self) -> tuple[Any, list[Any]]:
        """Forget everything; returns the moments that were in the heap and, entry by entry, the waiters, who
        still carry ``armed``."""
        dues, waiters = self._dues, self.waiters
        self._begin()
        return dues, waiters

    def _grow(self) -> None:
        """Twice the places."""
        more = bytes(8 * len(self._dues))
        self._dues = array("q", bytes(self._dues) + more)
        self._serials = array("q", bytes(self._serials) + more)

    def _take_first(self) -> None:
        """The last entry takes the place of the first, as far as it belongs there."""
        waiter = self.waiters.pop()
        last = len(self.waiters)
        if last:
            self._sink(0, self._dues[last], self._serials[last], waiter)

    def _rise(self, place: int, due: int, serial: int, waiter: Any) -> None:
        """Put an entry at a free place, or above it: before all that is due later, behind what is due at the
        same moment, which was armed before."""
        waiters = self.waiters
        while place > 0:
            above = (place - 1) >> 1
            if self._dues[above] <= due:
                break
            self._dues[place] = self._dues[above]
            self._serials[place] = self._serials[above]
            waiters[place] = waiters[above]
            place = above
        self._dues[place] = due
        self._serials[place] = serial
        waiters[place] = waiter

    def _sink(self, place: int, due: int, serial: int, waiter: Any) -> None:
        """Put an entry at a place whose own is gone, or below it: behind all that comes before it."""
        waiters = self.waiters
        count = len(waiters)
        while True:
            child = 2 * place + 1
            if child >= count:
                break
            if child + 1 < count and self._is_before(
                self._dues[child + 1], self._serials[child + 1], self._dues[child], self._serials[child]
            ):
                child += 1
            if not self._is_before(self._dues[child], self._serials[child], due, serial):
                break
            self._dues[place] = self._dues[child]
            self._serials[place] = self._serials[child]
            waiters[place] = waiters[child]
            place = child
        self._dues[place] = due
        self._serials[place] = serial
        waiters[place] = waiter

    def _is_before(self, due: int, serial: int, other_due: int, other_serial: int) -> bool:
        return due < other_due or (due == other_due and serial < other_serial)


def armed_for(waiter: Any) -> int:
    """The moment for which a waiter is in the heap; FOREVER for none."""
    if type(waiter) is Recipient:  # most are, and of one that is a C integer
        recipient = waiter
        return recipient.armed
    armed: int = waiter.armed
    return armed
