"""One heap of moments at which something falls due; nothing is ever scanned.

Whoever waits carries ``armed``: the moment it is in the heap for. Arming earlier pushes again and
leaves the old entry to be recognised as stale when it comes up, or when the heap has doubled: what was
delivered at once is not kept until the end of its validity period.
"""

from __future__ import annotations

import heapq
from typing import Any, Final, Protocol

FOREVER: Final = 2**62
_ROOM: Final = 10_000


class Armed(Protocol):
    """Anything that can wait for a moment."""

    armed: int


class Timers:
    """Due moments in order, ties in the order of arming."""

    __slots__ = ("heap", "room", "serial")

    def __init__(self) -> None:
        self.heap: list[tuple[int, int, Any]] = []
        self.room = _ROOM  # entries at which stale ones are looked for
        self.serial = 0

    def arm(self, waiter: Any, due: int) -> None:
        """Call for ``waiter`` no later than ``due``; an earlier arming stands, FOREVER is ignored."""
        if due >= waiter.armed or due >= FOREVER:
            return
        waiter.armed = due
        self.serial += 1
        heapq.heappush(self.heap, (due, self.serial, waiter))
        if len(self.heap) > self.room:
            self.sweep()

    def sweep(self) -> None:
        """Drop the stale entries; as many again may come before the next time."""
        self.heap = [entry for entry in self.heap if entry[2].armed == entry[0]]
        heapq.heapify(self.heap)
        self.room = max(_ROOM, 2 * len(self.heap))

    def next_due(self) -> int:
        """The next moment at which something falls due, or FOREVER."""
        heap = self.heap
        while heap:
            due, _, waiter = heap[0]
            if waiter.armed == due:
                return due
            heapq.heappop(heap)
        return FOREVER

    def ahead(self, most: int) -> list[tuple[int, Any]]:
        """The next so many moments, the earliest first, with who waits for each; each of them once.

        Stale entries may make them fewer: no more than ``4 * most`` entries are looked at.
        """
        heap = self.heap
        front = [(heap[0][0], heap[0][1], 0)] if heap else []
        found: dict[int, tuple[int, Any]] = {}
        looks = 4 * most
        while front and looks and len(found) < most:
            looks -= 1
            due, _, place = heapq.heappop(front)
            waiter = heap[place][2]
            if waiter.armed == due:
                found.setdefault(id(waiter), (due, waiter))
            for child in (2 * place + 1, 2 * place + 2):
                if child < len(heap):
                    heapq.heappush(front, (heap[child][0], heap[child][1], child))
        return list(found.values())

    def pop(self, now: int) -> Any:
        """The next waiter due at or before ``now``, disarmed; None when there is none."""
        heap = self.heap
        while heap:
            due, _, waiter = heap[0]
            if waiter.armed != due:
                heapq.heappop(heap)
                continue
            if due > now:
                return None
            heapq.heappop(heap)
            waiter.armed = FOREVER
            return waiter
        return None

    def clear(self) -> list[tuple[int, int, Any]]:
        """Forget everything; returns what was in the heap, whose waiters still carry ``armed``."""
        heap, self.heap = self.heap, []
        self.room = _ROOM
        return heap
