"""Every message in memory by its id, and the order in which the finished ones are forgotten.

Ids come from a counter, so a message is found in a block of neighbours instead of in one huge hash
table: no table is ever resized while messages wait. What their texts take together is counted.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Iterator
from typing import Any, Final

from smsc.delivery.message import Message
from smsc.engine.discarded import apart

_RECEIPTS: Final = 10_000  # finished ones that stay readable, at most


class Block:
    """The messages whose ids share their upper bits."""

    __slots__ = ("items", "used")

    def __init__(self) -> None:
        self.items: list[Message | None] = [None] * 1024
        self.used = 0


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
        "octets",
        "receipt_of",
        "receipts",
        "sizes",
    )

    def __init__(self, keep: int, keep_octets: int) -> None:
        self.blocks: dict[int, Block] = {}
        self.finished: deque[int] = deque()
        self.keep = keep
        self.keep_octets = keep_octets
        self.sizes: deque[int] = deque()  # of each in ``finished``
        self.finished_octets = 0
        self.count = 0
        self.octets = 0
        self.last_number = -1
        self.last_block: Block | None = None
        self.receipts: OrderedDict[int, int] = OrderedDict()  # finished: id -> of which message
        self.receipt_of: dict[int, int] = {}  # and back

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

    def retire(self, message_id: int) -> None:
        """Count a message among the finished, and forget the oldest of those past the limit."""
        message = self.find(message_id)
        octets = 0 if message is None else message.octets
        self.finished.append(message_id)
        self.sizes.append(octets)
        self.finished_octets += octets
        if len(self.finished) > self.keep or self.finished_octets > self.keep_octets:
            self.forget_oldest()

    def forget_oldest(self) -> None:
        """Forget finished messages until those that are left may stay."""
        while self.finished and (len(self.finished) > self.keep or self.finished_octets > self.keep_octets):
            self.finished_octets -= self.sizes.popleft()
            self.drop(self.finished.popleft())

    def retire_receipt(self, receipt: Message) -> None:
        """Keep a finished receipt readable, and forget the oldest of those past the limit."""
        self.receipts[receipt.id] = receipt.about
        self.receipt_of[receipt.about] = receipt.id
        if len(self.receipts) > min(_RECEIPTS, self.keep):
            self.forget_receipt(next(iter(self.receipts)))

    def forget_receipt(self, receipt_id: int) -> None:
        """Forget a finished receipt."""
        about = self.receipts.pop(receipt_id, None)
        if about is None:
            return
        if self.receipt_of[about] == receipt_id:
            del self.receipt_of[about]
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

    def clear(self) -> Iterator[None]:
        """Forget everything; what this returns takes it apart."""
        blocks, others = self.blocks, (self.finished, self.sizes, self.receipts, self.receipt_of)
        self.blocks, self.finished, self.sizes = {}, deque(), deque()
        self.receipts, self.receipt_of = OrderedDict(), {}
        self.finished_octets = 0
        self.count = 0
        self.octets = 0
        self.last_number = -1
        self.last_block = None
        return _apart(blocks, *others)


def _apart(blocks: dict[int, Block], *others: Any) -> Iterator[None]:
    while blocks:
        yield from apart(blocks.popitem()[1].items)
    yield from apart(*others)
