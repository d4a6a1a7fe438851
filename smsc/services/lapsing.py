"""Things that are forgotten a fixed time after they were last touched, oldest first, with a bound."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

from smsc.delivery.message import FOREVER
from smsc.services.base import Journal, Row, Rows

K = TypeVar("K")
V = TypeVar("V")


class Lapsing(Generic[K, V]):
    """A dictionary whose entries live ``life`` ms after their last ``put``; at most ``limit`` of them.

    As every entry lives equally long, the order of insertion is the order of lapse: nothing is ever
    searched. ``dropped`` is called with each entry that lapsed or had to make room.
    """

    def __init__(
        self, life: int, limit: int = 1_000_000, dropped: Callable[[K, V], None] | None = None
    ) -> None:
        self._life = life
        self._limit = limit
        self._dropped = dropped
        self._entries: dict[K, tuple[int, V]] = {}

    def put(self, key: K, value: V, now: int) -> None:
        """Set or renew an entry."""
        self._entries.pop(key, None)
        self.expire(now)
        if len(self._entries) >= self._limit:
            self._drop(next(iter(self._entries)))
        self._entries[key] = (now + self._life, value)

    def get(self, key: K, now: int) -> V | None:
        """The entry, unless it lapsed; does not renew it."""
        entry = self._entries.get(key)
        return entry[1] if entry is not None and entry[0] > now else None

    def pop(self, key: K) -> V | None:
        """Take an entry out."""
        entry = self._entries.pop(key, None)
        return entry[1] if entry is not None else None

    def forget(self, concerns: Callable[[K, V], bool]) -> None:
        """Take out all that concern somebody, as if they had never been."""
        for key in [key for key, (_, value) in self._entries.items() if concerns(key, value)]:
            self.pop(key)

    def expire(self, now: int) -> None:
        """Drop what lapsed."""
        while self._entries:
            key = next(iter(self._entries))
            if self._entries[key][0] > now:
                return
            self._drop(key)

    def next_due(self) -> int:
        """When the oldest entry lapses."""
        return next(iter(self._entries.values()))[0] if self._entries else FOREVER

    def items(self) -> Iterator[tuple[K, int, V]]:
        """Key, moment of lapse and value of every entry, oldest first."""
        return ((key, lapses, value) for key, (lapses, value) in self._entries.items())

    def __len__(self) -> int:
        return len(self._entries)

    def _drop(self, key: K) -> None:
        _, value = self._entries.pop(key)
        if self._dropped is not None:
            self._dropped(key, value)


class Kept(Lapsing[str, V], Rows):
    """The same, with its entries as rows ``<name>/<key>`` in a service's journal; values JSON-ready."""

    def __init__(self, name: str, life: int, journal: Journal, limit: int = 1_000_000) -> None:
        super().__init__(life, limit, lambda key, _: journal.delete(f"{name}/{key}"))
        self._name = name
        self._journal = journal
        self.kinds = {name: self._take}

    def put(self, key: str, value: V, now: int) -> None:
        """Set or renew an entry."""
        super().put(key, value, now)
        self._journal.put(f"{self._name}/{key}", {"lapses": now + self._life, "value": value})

    def pop(self, key: str) -> V | None:
        """Take an entry out."""
        value = super().pop(key)
        if value is not None:
            self._journal.delete(f"{self._name}/{key}")
        return value

    def records(self) -> Iterator[tuple[str, Row]]:
        """Every row."""
        for key, (lapses, value) in self._entries.items():
            yield f"{self._name}/{key}", {"lapses": lapses, "value": value}

    def _take(self, key: str, row: Row | None) -> None:
        self._entries.pop(key, None)
        if row is not None:
            self._entries[key] = row["lapses"], row["value"]
            if len(self._entries) > self._limit:
                del self._entries[next(iter(self._entries))]


class OncePer:
    """Lets one thing per subject through in each ``interval`` ms."""

    def __init__(self, interval: int) -> None:
        self._seen: Lapsing[int, bool] = Lapsing(interval)

    def allows(self, subject: int, now: int) -> bool:
        """True, and counted, when the subject had nothing within the interval."""
        if self._seen.get(subject, now):
            return False
        self._seen.put(subject, True, now)
        return True

    def forget(self, subject: int) -> None:
        """As if the subject had never had anything."""
        self._seen.pop(subject)
