"""Follows each message from its submission to its receipt: what is lost, duplicated or out of order shows
here.

It is a ring of the latest `capacity` messages, in arrays of integers. A message is known by its
running number: the text that is sent carries it, so a deliver_sm tells which message it is; a receipt is
found by the SMSC's message id through a hash table beside the ring. What the ring has to give up before it
was complete counts as lost.
"""

from array import array
from typing import Final

from smsc.load.histogram import Histogram

#: What is due for a message and what has come.
RECEIPT_DUE, DELIVERY_DUE, ACCEPTED, RECEIPTED, DELIVERED = 1, 2, 4, 8, 16

#: Receipts whose message id no response has named yet; beyond this the oldest are given up as unmatched.
EARLY_LIMIT: Final = 1 << 16


class Reconciliation:
    """The messages of one run, shared by all its binds.

    `capacity` (a power of two) bounds what is followed at a time; `pairs` is the number of (source,
    destination) pairs within which order is checked. Times are nanoseconds of one monotonic clock. Message
    ids come as integers (the value, or a hash of the text)."""

    __slots__ = (
        "arrived",
        "capacity",
        "delivered_pair",
        "deliveries",
        "duplicated_deliveries",
        "duplicated_receipts",
        "early",
        "holders",
        "intermediate",
        "keys",
        "last",
        "lost_deliveries",
        "lost_receipts",
        "mask",
        "next_number",
        "open_deliveries",
        "open_receipts",
        "pairs",
        "receipted_pair",
        "receipts",
        "reordered_deliveries",
        "reordered_receipts",
        "repeated_ids",
        "sent",
        "states",
        "stats",
        "strangers",
        "table",
        "undecided",
        "unmatched_receipts",
    )

    def __init__(self, capacity: int, pairs: int) -> None:
        if capacity < 2 or capacity & (capacity - 1):
            raise ValueError(f"capacity {capacity} is not a power of two")
        self.capacity = capacity
        self.mask = capacity - 1
        self.next_number = 1
        self.holders = array("q", bytes(8 * capacity))
        self.sent = array("q", bytes(8 * capacity))
        self.keys = array("Q", bytes(8 * capacity))
        self.pairs = array("i", bytes(4 * capacity))
        self.states = array("B", bytes(capacity))
        self.table = array("q", bytes(16 * capacity))
        self.last = 2 * capacity - 1
        self.receipted_pair = array("q", bytes(8 * max(1, pairs)))
        self.delivered_pair = array("q", bytes(8 * max(1, pairs)))
        self.early: dict[int, tuple[int, int]] = {}
        self.receipts = Histogram()
        self.deliveries = Histogram()
        self.stats = array("q", bytes(8 * 10))
        self.undecided = self.open_receipts = self.open_deliveries = 0
        self.lost_receipts = self.lost_deliveries = 0
        self.duplicated_receipts = self.duplicated_deliveries = 0
        self.reordered_receipts = self.reordered_deliveries = 0
        self.arrived = 0
        self.repeated_ids = self.unmatched_receipts = self.intermediate = self.strangers = 0

    def open(self, pair: int, due: int, sent: int) -> int:
        """Number the next message: `due` says what shall come of it (RECEIPT_DUE | DELIVERY_DUE), `sent`
        when it was to leave."""
        number = self.next_number
        self.next_number = number + 1
        i = number & self.mask
        if self.holders[i] != 0:
            self.give_up(i)
        self.holders[i] = number
        self.sent[i] = sent
        self.pairs[i] = pair
        self.states[i] = due
        self.keys[i] = 0
        self.undecided += 1
        return number

    def give_up(self, i: int) -> None:
        """The message in place `i` is followed no longer; what was due and has not come is lost."""
        state = self.states[i]
        if state & 4:  # ACCEPTED
            if state & 9 == 1:  # RECEIPT_DUE and not RECEIPTED
                self.lost_receipts += 1
                self.open_receipts -= 1
            if state & 18 == 2:  # DELIVERY_DUE and not DELIVERED
                self.lost_deliveries += 1
                self.open_deliveries -= 1
        else:
            self.undecided -= 1
        if self.keys[i] != 0:
            self.remove(self.keys[i])
        self.holders[i] = 0
        self.states[i] = 0

    def accept(self, number: int, key: int, now: int) -> None:
        """The SMSC has answered message `number` with ESME_ROK and the message id `key`."""
        i = number & self.mask
        if self.holders[i] != number:
            return
        state = self.states[i]
        self.states[i] = state | 4
        self.undecided -= 1
        if state & 18 == 2:
            self.open_deliveries += 1
        if state & 1 == 0:
            return
        self.open_receipts += 1
        if key == 0 or self.find(key) != 0:
            self.repeated_ids += 1
            return
        self.keys[i] = key
        self.insert(key, number)
        if self.early:
            self.match_early(key, number)

    def refuse(self, number: int) -> None:
        """Message `number` was refused, or will never be answered: nothing is due any more."""
        i = number & self.mask
        if self.holders[i] == number:
            self.holders[i] = 0
            self.states[i] = 0
            self.undecided -= 1

    def receipt(self, key: int, stat: int, now: int) -> None:
        """A final delivery receipt for the message id `key`; `stat` is its message_state (SMPP 3.4
        §5.2.28), 9 unknown."""
        if stat < 0 or stat > 9:
            stat = 9
        number = self.find(key)
        if number == 0:
            self.keep_early(key, stat, now)
        else:
            self.match(number, stat, now)

    def match(self, number: int, stat: int, now: int) -> None:
        i = number & self.mask
        if self.states[i] & 8:
            self.duplicated_receipts += 1
            return
        self.states[i] |= 8
        self.open_receipts -= 1
        self.stats[stat] += 1
        self.receipts.record(now - self.sent[i])
        pair = self.pairs[i]
        if number < self.receipted_pair[pair]:
            self.reordered_receipts += 1
        else:
            self.receipted_pair[pair] = number

    def deliver(self, number: int, now: int) -> None:
        """The text of message `number` has arrived at its destination."""
        i = number & self.mask
        if self.holders[i] != number:
            self.strangers += 1
            return
        state = self.states[i]
        if state & 16:
            self.duplicated_deliveries += 1
            return
        self.states[i] = state | 16
        self.arrived += 1
        if state & 6 == 6:
            self.open_deliveries -= 1
        self.deliveries.record(now - self.sent[i])
        pair = self.pairs[i]
        if number < self.delivered_pair[pair]:
            self.reordered_deliveries += 1
        else:
            self.delivered_pair[pair] = number

    def keep_early(self, key: int, stat: int, now: int) -> None:
        """A receipt may overtake the response that names its message id, on another bind or even on the
        same."""
        if key in self.early:
            self.duplicated_receipts += 1
            return
        if len(self.early) >= EARLY_LIMIT:
            del self.early[next(iter(self.early))]
            self.unmatched_receipts += 1
        self.early[key] = (stat, now)

    def match_early(self, key: int, number: int) -> None:
        kept = self.early.pop(key, None)
        if kept is not None:
            self.match(number, kept[0], kept[1])

    def due(self) -> int:
        """How many messages are in flight: not answered yet, or without their receipt or delivery."""
        return self.undecided + max(self.open_receipts, self.open_deliveries)

    def states_reported(self) -> list[int]:
        """How many receipts reported each message_state, by its number."""
        return list(self.stats)

    def settle(self) -> None:
        """The run is over: what is still due is lost, what nobody asked for is unmatched."""
        for i in range(self.capacity):
            if self.holders[i] != 0:
                self.give_up(i)
        self.unmatched_receipts += len(self.early)
        self.early.clear()

    # The table: open addressing with linear probing, deletion by moving followers back (no tombstones).

    def home(self, key: int) -> int:
        """Where the search for a key begins. Literals stay below 32 bits, beyond them Cython makes Python
        objects."""
        mixed = (key ^ key >> 33) * 0x2545F491
        return (mixed ^ mixed >> 29) & self.last

    def find(self, key: int) -> int:
        """The number of the message with this id, 0 when none is followed."""
        at = self.home(key)
        while self.table[at] != 0:
            if self.keys[self.table[at] & self.mask] == key:
                return self.table[at]
            at = (at + 1) & self.last
        return 0

    def insert(self, key: int, number: int) -> None:
        at = self.home(key)
        while self.table[at] != 0:
            at = (at + 1) & self.last
        self.table[at] = number

    def remove(self, key: int) -> None:
        last = self.last
        hole = self.home(key)
        while self.keys[self.table[hole] & self.mask] != key:
            hole = (hole + 1) & last
        at = (hole + 1) & last
        while self.table[at] != 0:
            home = self.home(self.keys[self.table[at] & self.mask])
            # The follower may move into the hole when its home does not lie behind the hole.
            if ((at - home) & last) >= ((at - hole) & last):
                self.table[hole] = self.table[at]
                hole = at
            at = (at + 1) & last
        self.table[hole] = 0
