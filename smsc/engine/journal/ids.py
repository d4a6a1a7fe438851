"""Message ids: a counter reserved in blocks through the store, so that no id is ever given twice."""

from __future__ import annotations

from smsc.store.base import Store, StoreError


class IdSeries:
    """Consecutive ids above ``floor``; a block is reserved durably before its first id is given out.

    Whoever calls ``keep_ahead`` now and then has a block in hand when one runs out: no id waits for the disk.
    """

    __slots__ = ("ahead", "asked", "block", "floor", "limit", "modulus", "name", "next", "store")

    def __init__(self, store: Store, name: str, floor: int, block: int, modulus: int = 0) -> None:
        self.store = store
        self.name = name
        self.floor = floor
        self.block = block
        self.modulus = modulus
        self.next = 0
        self.limit = 0
        self.asked = False
        self.ahead = 0  # the first of the block after this one, 0 when none is reserved

    def prepare(self) -> None:
        """Reserve the first block, waiting for the store: before a port is open. Raises StoreError."""
        if self.limit == 0:
            self.next = self.store.reserve(self.name, self.block)
            self.limit = self.next + self.block

    def keep_ahead(self) -> None:
        """Have another block reserved when half of this one is used up; asked again when the store fails."""
        if self.ahead == 0 and not self.asked and self.limit - self.next <= self.block // 2:
            self.asked = True
            self.store.reserve_later(self.name, self.block, self._reserved)

    def _reserved(self, first: int, error: BaseException | None) -> None:
        self.asked = False
        if error is None and first >= self.limit:
            self.ahead = first

    def end(self) -> int:
        """The number behind the last that is in hand."""
        return self.ahead + self.block if self.ahead else self.limit

    def jump(self, first: int) -> None:
        """Go on with the block that begins there, and leave out what was in hand before; 0 for the latest of
        those in hand."""
        if first == 0 and self.ahead in (0, self.limit):
            return
        self.next = first or self.ahead
        self.limit = self.next + self.block
        self.ahead = 0

    def _next_block(self) -> None:
        if self.limit == 0:
            self.prepare()  # nobody has: not a server, which does so before it opens a port
            return
        if self.ahead == 0:
            self.keep_ahead()
        if self.ahead == 0:
            raise StoreError(f"no {self.name} is in hand: the store has not reserved more yet")
        self.next = self.ahead
        self.limit = self.next + self.block
        self.ahead = 0

    def take(self) -> int:
        """The next id. Raises StoreError when both blocks are used up: nothing waits for the store here."""
        if self.next == self.limit:
            self._next_block()
        number = self.next
        self.next += 1
        if self.next == self.limit - self.block // 2:
            self.keep_ahead()
        if self.modulus:
            return self.floor + (number - 1) % self.modulus
        return self.floor + number
