"""Message ids: a counter reserved in blocks through the store, so that no id is ever given twice."""

from __future__ import annotations

from smsc.store.base import Store


class IdSeries:
    """Consecutive ids above ``floor``; a block is reserved durably before its first id is given out.

    Whoever calls ``prepare`` now and then has a block in hand when one runs out: no id waits for the disk.
    """

    __slots__ = ("ahead", "block", "floor", "limit", "modulus", "name", "next", "store")

    def __init__(self, store: Store, name: str, floor: int, block: int, modulus: int = 0) -> None:
        self.store = store
        self.name = name
        self.floor = floor
        self.block = block
        self.modulus = modulus
        self.next = 0
        self.limit = 0
        self.ahead = 0  # the first of the block after this one, 0 when none is reserved

    def prepare(self) -> None:
        """Reserve the next block when half of this one is used up. Raises StoreError."""
        if self.ahead == 0 and self.limit - self.next <= self.block // 2:
            self.ahead = self.store.reserve(self.name, self.block)

    def take(self) -> int:
        """The next id. Reserves a block when the last one is used up; raises StoreError."""
        if self.next == self.limit:
            self.next = self.ahead or self.store.reserve(self.name, self.block)
            self.ahead = 0
            self.limit = self.next + self.block
        number = self.next
        self.next += 1
        if self.modulus:
            return self.floor + (number - 1) % self.modulus
        return self.floor + number
