"""The last events, once for everybody who follows: each has a number, and who comes back goes on behind the
last one that they have.

Numbers only grow, also over a restart: they begin at the microsecond of the start. Where events were not
kept there is a gap, which is told.
"""

import time
from collections.abc import Callable
from typing import Any, Final

from smsc.api.facade.documents import Document

#: events that are kept
MOST = 20_000
#: octets that they take, more or less
OCTETS = 16 * 1024 * 1024
_OVERHEAD: Final = 600


class Entry:
    """One event; its octets are made when the first one wants them."""

    __slots__ = ("data", "event", "number", "size", "subject")

    def __init__(self, number: int, event: Document, subject: Any, size: int) -> None:
        self.number = number
        self.event = event
        self.subject = subject
        self.size = size
        self.data: bytes | None = None


class EventRing:
    """The last events. `weigh` says how many octets a subject takes."""

    def __init__(self, weigh: Callable[[Any], int], most: int = MOST, octets: int = OCTETS) -> None:
        self._weigh = weigh
        self._most = most
        self._octets = octets
        self._entries: list[Entry | None] = []
        self._start = 0  # of what is kept in `_entries`
        self._weight = 0
        self.next = time.time_ns() // 1000
        #: number of the oldest event that is kept; of none, the next one
        self.first = self.next
        self._known = self.next - 1  # from here on nothing went by unseen

    def __len__(self) -> int:
        return len(self._entries) - self._start

    def push(self, event: Document, subject: Any) -> None:
        """Keep an event, and let go of the oldest when it is too many or too much."""
        size = _OVERHEAD + self._weigh(subject)
        self._entries.append(Entry(self.next, event, subject, size))
        self.next += 1
        self._weight += size
        while len(self) > self._most or (self._weight > self._octets and len(self) > 1):
            self._let_go()

    def _let_go(self) -> None:
        oldest = self._entries[self._start]
        assert oldest is not None
        self._weight -= oldest.size
        self._entries[self._start] = None
        self._start += 1
        self.first = oldest.number + 1
        if self._start > 1024 and self._start * 2 > len(self._entries):
            del self._entries[: self._start]
            self._start = 0

    def after(self, number: int, most: int) -> list[Entry]:
        """At most so many events behind `number`, oldest first."""
        place = self._start + max(0, number + 1 - self.first)
        return [entry for entry in self._entries[place : place + most] if entry is not None]

    def missed(self, number: int) -> int | None:
        """How many events behind `number` are not kept any more; None when nobody knows."""
        if self.first - 1 <= number < self.next:
            return 0
        return self.first - 1 - number if self._known <= number < self.next else None

    def forget(self) -> None:
        """Keep nothing. What happens until the next event is not known."""
        self._entries.clear()
        self._start = self._weight = 0
        self.next += 1
        self.first = self.next
        self._known = self.next - 1
