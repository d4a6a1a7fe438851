"""Message ids: a counter reserved in blocks through the store, so that no id is ever given twice."""

from __future__ import annotations

from smsc.store.base import Store


class IdSeries:
    """Consecutive ids above ``floor``; a block is reserved durably before its first id is given out."""

    __slots__ = ("block", "floor", "limit", "modulus", "name", "next", "store")

    def __init__(self, store: Store, name: str, floor: int, block: int, modulus: int = 0) -> None:
        self.store = store
        self.name = name
        self.floor = floor
        self.block = block
        self.modulus = modulus
        self.next = 0
        self.limit = 0

    def take(self) -> int:
        """The next id. Reserves a block when the last one is used up; raises StoreError."""
        if self.next == self.limit:
            self.next = self.store.reserve(self.name, self.block)
            self.limit = self.next + self.block
        number = self.next
        self.next += 1
        if self.modulus:
            return self.floor + (number - 1) % self.modulus
        return self.floor + number
