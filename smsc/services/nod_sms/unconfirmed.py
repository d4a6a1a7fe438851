"""Messages to emergency centres whose senders have not been told yet what became of them.

All parts of one message are one `Waiting` (23.040 §9.2.3.24.1), known by the id of the part that came
first. It is *waiting* until its notice is due, *told* from then on, and gone when its centre has taken all
of it or it failed. Each message id that the centre still has to take is a row of its own, so that what one
more part costs does not depend on how many came before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import NamedTuple

from smsc.delivery.message import FOREVER
from smsc.services.base import Journal, MessageView, Row, Rows
from smsc.services.early import Early


class PartsKey(NamedTuple):
    """What the parts of one message have in common; ``reference`` and ``parts`` are those of its header."""

    sender: int
    centre: str
    reference: int
    parts: int


@dataclass(slots=True)
class Waiting:
    """A user's message until its centre has taken it. ``due`` (ms) is when its sender is to be told that it
    has
    not, and the moment at which that was done when ``told``."""

    key: PartsKey
    due: int
    told: bool = False
    arrived: set[int] = field(default_factory=set)
    outstanding: set[int] = field(default_factory=set)

    @property
    def complete(self) -> bool:
        """Every part was submitted, and the centre took all that were."""
        return not self.outstanding and len(self.arrived) >= self.key.parts

    def row(self) -> Row:
        """As it is stored, without the outstanding ids."""
        return {
            **self.key._asdict(),
            "due": self.due,
            "told": self.told,
            "arrived": sorted(self.arrived),
        }


class Unconfirmed(Rows):
    """The table of `Waiting`."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._waiting: dict[int, Waiting] = {}
        self._by_message: dict[int, int] = {}
        self._by_parts: dict[PartsKey, int] = {}
        self._by_sender: dict[int, set[int]] = {}
        #: (due, number) of those to be told, the next one first; those that are gone are passed over.
        self._dues: list[tuple[int, int]] = []
        #: Those that were told, the one longest ago first.
        self._told: dict[int, int] = {}
        #: How many message ids each centre has still to take.
        self.outstanding: Counter[str] = Counter()
        self._early = Early()
        self.kinds = {"waiting": self._take_waiting, "outstanding": self._take_outstanding}

    def add(self, message: MessageView, centre: str, due: int) -> bool:
        """A part of a message is on its way; True when it is the first of its message."""
        key = PartsKey(message.source, centre, message.reference, message.parts)
        number = self._by_parts.get(key) if message.parts > 1 else None
        first = number is None
        if number is None:
            number = message.id
            self._enter(number, Waiting(key, due))
        waiting = self._waiting[number]
        arrived = len(waiting.arrived)
        waiting.arrived.add(message.part)
        if first or len(waiting.arrived) > arrived:
            self._save(number)
        self._expect(number, message.id)
        self._journal.put(f"outstanding/{message.id}", {"of": number})
        return first

    def taken(self, message_id: int) -> Waiting | None:
        """The centre has taken a message id; the whole message, when it was the last that was missing."""
        number = self._by_message.get(message_id)
        if number is None:
            return None
        waiting = self._waiting[number]
        self._settle(message_id)
        if not waiting.complete:
            return None
        self.drop(number)
        return waiting

    def failed(self, message_id: int) -> Waiting | None:
        """A message id will not reach the centre, so its message does not; None when that is known
        already."""
        number = self._by_message.get(message_id)
        return None if number is None else self.drop(number)

    def next_due(self) -> int:
        """When the next sender is to be told."""
        while self._dues:
            due, number = self._dues[0]
            waiting = self._waiting.get(number)
            if waiting is not None and waiting.due == due and not waiting.told:
                return due
            heappop(self._dues)
        return FOREVER

    def due(self, now: int) -> Iterator[Waiting]:
        """The messages whose senders are to be told now; they count as told."""
        while self.next_due() <= now:
            _, number = heappop(self._dues)
            self._tell(number, now)
            yield self._waiting[number]

    def give_up(self, now: int, before: int) -> None:
        """Drop what was told up to ``before``, unless the centre has still to take something of it."""
        while self._told:
            number, told = next(iter(self._told.items()))
            if told > before:
                return
            if self._waiting[number].outstanding:
                self._tell(number, now)
            else:
                self.drop(number)

    def drop(self, number: int) -> Waiting:
        """Forget a message."""
        for message_id in tuple(self._waiting[number].outstanding):
            self._settle(message_id)
        self._journal.delete(f"waiting/{number}")
        return self._leave(number)

    def forget(self, sender: int) -> None:
        """Forget all that somebody sent."""
        for number in tuple(self._by_sender.get(sender, ())):
            self.drop(number)

    def records(self) -> Iterator[tuple[str, Row]]:
        """Every row, as ``load`` takes them."""
        for number, waiting in self._waiting.items():
            yield f"waiting/{number}", waiting.row()
        for message_id, number in self._by_message.items():
            yield f"outstanding/{message_id}", {"of": number}

    def _take_waiting(self, name: str, row: Row | None) -> None:
        number = int(name)
        early = self._early.take(number)
        outstanding: set[int] = set()
        if number in self._waiting:
            outstanding = self._leave(number).outstanding
        if row is None:
            for message_id in outstanding:
                self._by_message.pop(message_id, None)
            return
        key = PartsKey(row["sender"], row["centre"], row["reference"], row["parts"])
        self._enter(number, Waiting(key, row["due"], row["told"], set(row["arrived"]), outstanding))
        for message_id in row.get("outstanding", ()):  # as version 0.1 stored them
            self._expect(number, message_id)
        for message_id in map(int, early):
            self._expect(number, message_id)

    def _take_outstanding(self, name: str, row: Row | None) -> None:
        message_id = int(name)
        if row is None:
            self._early.drop(name)
            self._answered(message_id)
        elif row["of"] in self._waiting:
            self._expect(row["of"], message_id)
        else:
            self._early.put(row["of"], name, row)

    def _enter(self, number: int, waiting: Waiting) -> None:
        self._waiting[number] = waiting
        self.outstanding[waiting.key.centre] += len(waiting.outstanding)
        if waiting.key.parts > 1:
            self._by_parts[waiting.key] = number
        self._by_sender.setdefault(waiting.key.sender, set()).add(number)
        if waiting.told:
            self._told[number] = waiting.due
        else:
            heappush(self._dues, (waiting.due, number))

    def _leave(self, number: int) -> Waiting:
        """Out of every table but that of the message ids."""
        waiting = self._waiting.pop(number)
        self.outstanding[waiting.key.centre] -= len(waiting.outstanding)
        self._told.pop(number, None)
        if self._by_parts.get(waiting.key) == number:
            del self._by_parts[waiting.key]
        own = self._by_sender[waiting.key.sender]
        own.discard(number)
        if not own:
            del self._by_sender[waiting.key.sender]
        return waiting

    def _tell(self, number: int, now: int) -> None:
        waiting = self._waiting[number]
        waiting.due, waiting.told = now, True
        self._told.pop(number, None)
        self._told[number] = now
        self._save(number)

    def _expect(self, number: int, message_id: int) -> None:
        waiting = self._waiting[number]
        if message_id not in waiting.outstanding:
            waiting.outstanding.add(message_id)
            self._by_message[message_id] = number
            self.outstanding[waiting.key.centre] += 1

    def _answered(self, message_id: int) -> None:
        number = self._by_message.pop(message_id, None)
        waiting = self._waiting.get(number) if number is not None else None
        if waiting is not None and message_id in waiting.outstanding:
            waiting.outstanding.discard(message_id)
            self.outstanding[waiting.key.centre] -= 1

    def _settle(self, message_id: int) -> None:
        self._answered(message_id)
        self._journal.delete(f"outstanding/{message_id}")

    def _save(self, number: int) -> None:
        self._journal.put(f"waiting/{number}", self._waiting[number].row())
