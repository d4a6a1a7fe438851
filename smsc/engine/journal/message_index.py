"""Every message in memory by its id, and the order in which the finished ones are forgotten.

Ids come from a counter, so a message is found in a block of neighbours instead of in one huge hash
table: no table is ever resized while messages wait. What their texts take together is counted.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from typing import Final

from smsc.by_number import ByNumber
from smsc.delivery.message import Message
from smsc.engine.discarded import apart

_AT_FIRST: Final = 256  # places, a power of two
_RECEIPTS: Final = 10_000  # finished ones that stay readable, at most


class Block:
    """The messages whose ids share their upper bits."""

    __slots__ = ("items", "used")

    def __init__(self) -> None:
        self.items: list[Message | None] = [None] * 1024
        self.used = 0


class Line:
    """Numbers, first in, first out."""

    __slots__ = ("_first", "_items", "count")

    def __init__(self) -> None:
        self._first = 0
        self.count = 0
        self._items = array("q", bytes(8 * _AT_FIRST))

    def __len__(self) -> int:
        return self.count

    def push(self, number: int) -> None:
        """One more behind the others."""
        if self.count == len(self._items):
            self._grow()
        self._items[(self._first + self.count) & (len(self._items) - 1)] = number
        self.count += 1

    def take(self) -> int:
        """The first, which is in it no longer. IndexError when there is none."""
        if self.count == 0:
            raise IndexError("nothing is in line")
        number = self._items[self._first]
        self._first = (self._first + 1) & (len(self._items) - 1)
        self.count -= 1
        return number

    def _grow(self) -> None:
        """Twice the places, the first number in the first."""
        before, first = self._items, self._first
        self._items = array("q", bytes(16 * len(before)))
        for place in range(len(before)):
            self._items[place] = before[(first + place) & (len(before) - 1)]
        self._first = 0


class MessageIndex:
    """Messages by id. ``keep`` finished ones stay readable, fewer when their texts are more than
    ``keep_octets``; older ones are forgotten. Of receipts, whose rows are gone when they are finished, the
    last ones stay here, whatever the store."""

    __slots__ = (
        "blocks",
        "count",
        "finished",
        "finished_octets",
        "keep",
        "keep_octets",
        "last_block",
        "last_number",
        "most_receipts",
        "octets",
        "receipt_line",
        "receipt_of",
        "receipts",
        "sizes",
    )

    def __init__(self, keep: int, keep_octets: int) -> None:
        self.blocks: dict[int, Block] = {}
        self.finished = Line()
        self.keep = keep
        self.keep_octets = keep_octets
        self.most_receipts = min(_RECEIPTS, keep)
        self.sizes = Line()  # of each in ``finished``
        self.finished_octets = 0
        self.count = 0
        self.octets = 0
        self.last_number = -1
        self.last_block: Block | None = None
        self.receipts = ByNumber()  # finished ones, by their own ids
        self.receipt_of = ByNumber()  # and by the ids of what they tell of
        self.receipt_line = Line()  # the order in which they were finished

    def add(self, message: Message) -> None:
        """Make a message findable by its id."""
        number = message.id >> 10
        block = self.last_block
        if number != self.last_number or block is None:
            block = self.blocks.get(number)
            if block is None:
                block = Block()
                self.blocks[number] = block
            self.last_number = number
            self.last_block = block
        there = block.items[message.id & 1023]
        if there is None:
            block.used += 1
            self.count += 1
        else:
            self.octets -= there.octets
        block.items[message.id & 1023] = message
        self.octets += message.octets

    def find(self, message_id: int) -> Message | None:
        """The message with this id, or None when it is not in memory."""
        block = self.blocks.get(message_id >> 10)
        return None if block is None else block.items[message_id & 1023]

    def drop(self, message_id: int) -> None:
        """Forget one message; unknown ids are ignored."""
        number = message_id >> 10
        block = self.blocks.get(number)
        message = None if block is None else block.items[message_id & 1023]
        if block is None or message is None:
            return
        block.items[message_id & 1023] = None
        block.used -= 1
        self.count -= 1
        self.octets -= message.octets
        if block.used == 0:
            del self.blocks[number]
            if number == self.last_number:
                self.last_number = -1
                self.last_block = None

    def retire(self, message: Message) -> None:
        """Count a message among the finished, and forget the oldest of those past the limit."""
        self.finished.push(message.id)
        self.sizes.push(message.octets)
        self.finished_octets += message.octets
        if self.finished.count > self.keep or self.finished_octets > self.keep_octets:
            self.forget_oldest()

    def forget_oldest(self) -> None:
        """Forget finished messages until those that are left may stay."""
        while self.finished.count and (
            self.finished.count > self.keep or self.finished_octets > self.keep_octets
        ):
            self.finished_octets -= self.sizes.take()
            self.drop(self.finished.take())

    def retire_receipt(self, receipt: Message) -> None:
        """Keep a finished receipt readable, and forget the oldest of those past the limit."""
        self.receipts.put(receipt.id, receipt)
        self.receipt_of.put(receipt.about, receipt)
        self.receipt_line.push(receipt.id)
        if self.receipt_line.count > self.most_receipts:
            self.forget_receipt(self.receipt_line.take())

    def forget_receipt(self, receipt_id: int) -> None:
        """Forget a finished receipt, if it is not forgotten yet."""
        receipt = self.receipts.get(receipt_id)
        if receipt is None:
            return
        self.receipts.drop(receipt_id)
        if self.receipt_of.get(receipt.about) is receipt:
            self.receipt_of.drop(receipt.about)
        self.drop(receipt_id)

    def __iter__(self) -> Iterator[Message]:
        """All messages, oldest id first."""
        for number in sorted(self.blocks):
            for message in self.blocks[number].items:
                if message is not None:
                    yield message

    def next_id(self, after: int) -> int:
        """The smallest id above ``after``; 0 when there is none. Sorts a number a thousand messages."""
        for number in sorted(number for number in self.blocks if number >= after >> 10):
            for message in self.blocks[number].items:
                if message is not None and message.id > after:
                    return message.id
        return 0

    def between(self, first: int, last: int) -> list[Message]:
        """The messages from one id to another, both included, in order."""
        found: list[Message] = []
        for number in range(first >> 10, (last >> 10) + 1):
            block = self.blocks.get(number)
            if block is not None:
                low = first & 1023 if number == first >> 10 else 0
                high = last & 1023 if number == last >> 10 else 1023
                found += [message for message in block.items[low : high + 1] if message is not None]
        return found

    def clear(self) -> Iterator[int]:
        """Forget everything; what this returns takes it apart."""
        blocks, tables = self.blocks, (self.receipts, self.receipt_of)
        self.blocks, self.receipts, self.receipt_of = {}, ByNumber(), ByNumber()
        self.finished, self.sizes, self.receipt_line = Line(), Line(), Line()
        self.finished_octets = 0
        self.count = 0
        self.octets = 0
        self.last_number = -1
        self.last_block = None
        return _apart(blocks, tables)


def _apart(blocks: dict[int, Block], tables: tuple[ByNumber, ...]) -> Iterator[int]:
    while blocks:
        yield from apart(blocks.popitem()[1].items)
    for table in tables:
        for _ in table.emptied():
            yield 1
