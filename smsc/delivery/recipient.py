"""One recipient: its queue, its flags, its next attempt. Everything is scheduled per recipient.

A recipient's queue is made of lanes, one per sender and priority, so that order holds within a pair
while a failure of one sender's message does not hold up another's. Most recipients have one lane.

Both stand in one module because the calls between them are the most frequent ones: there they are C's own.
"""

from __future__ import annotations

import heapq
from typing import Any, Final

from smsc.delivery.message import FOREVER, Message

_LOG_LIMIT: Final = 64  # lines of history that a recipient keeps for the timelines of its messages
_WORTH_CUTTING: Final = 64  # empty places at the front of a lane
_PRIORITY_BITS: Final = 3  # of a lane's key
_PRIORITIES: Final = 1 << _PRIORITY_BITS
_ORDER_SHIFT: Final = 56  # the priority stands above 42 bits of a moment (ms) and 14 of an id


class Lane:
    """First in, first out, for one sender and priority. At most one message of it is in flight."""

    __slots__ = (
        "backlogged",
        "blocked_until",
        "busy",
        "head",
        "items",
        "key",
        "ordered",
        "priority",
        "recipient",
        "types",
    )

    def __init__(self, key: int, priority: int, recipient: Recipient) -> None:
        self.begin(key, priority, recipient)

    def begin(self, key: int, priority: int, recipient: Recipient) -> None:
        """Nothing has come yet."""
        self.key = key
        self.priority = priority
        self.items: list[Message | None] = []
        self.head = 0
        self.ordered = True  # whether none expires before the one ahead of it
        self.busy = False
        self.backlogged = False  # waits for a slot of a bind's window
        self.blocked_until = 0
        self.recipient: Any = recipient
        # by service type and id, from the first time that one type was asked for
        self.types: dict[bytes, dict[int, Message]] | None = None

    def first(self) -> Message | None:
        """The oldest message, or None when the lane is empty."""
        if self.head < len(self.items):
            return self.items[self.head]
        return None

    def push(self, message: Message) -> None:
        """Add a message behind the others."""
        if self.head < len(self.items):
            last: Any = self.items[len(self.items) - 1]
            if message.expires_at < last.expires_at:
                self.ordered = False
        else:
            self.ordered = True
            if self.head:
                self.items.clear()
                self.head = 0
        self.items.append(message)
        if self.types is not None:
            self.types.setdefault(message.service_type, {})[message.id] = message

    def insert(self, message: Message) -> None:
        """Put a message back where its id belongs, behind what is in flight."""
        place = len(self.items)
        first = self.head + (1 if self.busy else 0)
        while place > first and (before := self.items[place - 1]) is not None and before.id > message.id:
            place -= 1
        self.items.insert(place, message)
        self.types = None

    def pop(self) -> None:
        """Remove the oldest message."""
        if self.types is not None:
            self.forget_type(self.items[self.head])
        self.items[self.head] = None
        self.head += 1
        if self.head >= _WORTH_CUTTING and self.head * 2 >= len(self.items):
            del self.items[: self.head]
            self.head = 0

    def remove(self, message: Message) -> bool:
        """Take a waiting message out wherever it stands; False when it is in flight or not here."""
        first = self.head + (1 if self.busy else 0)
        index = self.place_of(message, first)
        if index < 0:
            return False
        del self.items[index]
        if self.types is not None:
            self.forget_type(message)
        return True

    def of_type(self, service_type: bytes) -> list[Message]:
        """The messages of one service type, oldest first as far as ids tell."""
        if self.types is None:
            self.types = {}
            for message in self.waiting():
                self.types.setdefault(message.service_type, {})[message.id] = message
        return list(self.types.get(service_type, {}).values())

    def forget_type(self, message: Message | None) -> None:
        """A message leaves the lane: out of what is kept by service type."""
        if self.types is None or message is None:
            return
        alike = self.types.get(message.service_type)
        if alike is not None:
            alike.pop(message.id, None)
            if not alike:
                del self.types[message.service_type]

    def place_of(self, message: Message, first: int) -> int:
        """Where in ``items``, from ``first`` on, the message stands; -1 for nowhere. Ids mostly ascend."""
        low = first
        high = len(self.items)
        while low < high:
            middle = (low + high) // 2
            found = self.items[middle]
            if found is message:
                return middle
            if found is None or found.id < message.id:
                low = middle + 1
            else:
                high = middle
        for index in range(first, len(self.items)):
            if self.items[index] is message:
                return index
        return -1

    def take_expired(self, now: int, most: int) -> list[Message]:
        """Take out so many of those whose validity is over; what is in flight is left to its answer."""
        start = self.head + (1 if self.busy else 0)
        stop = len(self.items)
        if self.ordered:
            stop = start
            while stop < len(self.items) and stop - start < most and _end_of(self.items[stop]) <= now:
                stop += 1
        taken: list[Message] = []
        kept: list[Message | None] = []
        for message in self.items[start:stop]:
            if len(taken) < most and message is not None and message.expires_at <= now:
                taken.append(message)
            else:
                kept.append(message)
        if taken:
            self.types = None
            self.items[start:stop] = kept
            if self.head == len(self.items):
                self.items.clear()
                self.head = 0
        return taken

    def next_expiry(self, now: int) -> int:
        """When the next of those that wait expires; what is in flight may come back unanswered."""
        start = self.head + (1 if self.busy else 0)
        ends = [_end_of(item) for item in self.items[start : start + 1 if self.ordered else None]]
        if self.busy and _end_of(self.items[self.head]) > now:
            ends.append(_end_of(self.items[self.head]))
        return min(ends, default=FOREVER)

    def waiting(self) -> list[Message]:
        """All messages of the lane, oldest first."""
        return [m for m in self.items[self.head :] if m is not None]

    def size(self) -> int:
        """How many messages the lane holds."""
        return len(self.items) - self.head

    def order(self) -> int:
        """Its place among those who wait: highest priority first, then oldest.

        Of several nodes that accept at the same time one gives higher ids than another: an id decides only
        within a millisecond."""
        first = self.first()
        age = 0
        if first is not None:
            age = ((first.submitted_at & 0x3FFFFFFFFFF) << 14) | (first.id & 0x3FFF)
        return ((7 - self.priority) << _ORDER_SHIFT) | age

    def __lt__(self, other: Lane) -> bool:
        """Lanes in the same place: any may go first."""
        return False

    def is_free(self) -> bool:
        """Whether its first message may go: none is in flight, it is not held back, and waits for no slot."""
        return not (self.busy or self.blocked_until or self.backlogged)

    def pair(self) -> int:
        """A number that stands for the sender, the same for all priorities: never negative."""
        return abs(self.key) >> _PRIORITY_BITS


class Recipient:
    """What waits for one handset or ESME, and when the next thing happens to it."""

    __slots__ = (
        "absent_reason",
        "air_id",
        "air_until",
        "alert_at",
        "armed",
        "backlogged",
        "bind",
        "blocked",
        "count",
        "draws",
        "failing",
        "flags",
        "in_flight",
        "key",
        "known",
        "lanes",
        "lanes_waiting",
        "log",
        "long_texts",
        "next_attempt",
        "next_expiry",
        "only",
        "pagings",
        "ready",
        "spilled",
        "step",
        "top_spilled",
        "urgent",
        "urgent_counts",
    )

    def __init__(self, key: int) -> None:
        self.begin(key)

    def begin(self, key: int) -> None:
        """Nothing waits yet, and nothing has happened."""
        self.key = key
        self.known = False  # whether it is in the table of those with something waiting
        self.only: Lane | None = None
        self.lanes: dict[int, Lane] | None = None
        self.ready: list[tuple[int, Lane]] | None = None
        self.blocked: list[Lane] | None = None
        self.lanes_waiting = 0  # for a slot of a bind's window
        self.count = 0
        self.spilled = 0
        self.top_spilled = 0  # no message in the store has a higher priority
        self.urgent_counts: list[int] | None = None  # in memory, by priority; None when none ever was
        self.in_flight = 0
        self.flags = 0
        self.step = 0
        self.absent_reason = 0
        self.failing = 0  # why all that waits is about to end, until nothing waits
        self.next_attempt = 0
        self.next_expiry = FOREVER
        self.armed = FOREVER
        self.pagings = 0
        self.log: list[tuple[int, str, int, object]] | None = None
        self.bind: Any = None
        self.backlogged = False  # waits, with all of its queue in the store, for a slot of a bind's window
        self.draws = 0
        self.long_texts = False  # whether few of what waits in the store are much to hold in memory
        self.urgent: dict[int, Lane] | None = None  # lanes with priority that have a message in flight
        self.air_id = 0  # the message whose attempt is on the air, and until when
        self.air_until = 0
        self.alert_at = 0  # an alert that waits for its turn in the spread

    def note(self, at: int, event: str, reason: int, detail: object = None) -> None:
        """Remember something that happened to the recipient, for the timelines of its messages."""
        if self.log is None:
            self.log = []
        self.log.append((at, event, reason, detail))
        if len(self.log) > _LOG_LIMIT:
            del self.log[1]

    def lane(self, key: int, priority: int) -> Lane:
        """The lane with this key, made when there is none."""
        if self.lanes is None:
            only = self.only
            if only is None:
                only = new_lane(key, priority, self)
                self.only = only
                return only
            if only.key == key:
                return only
            self.lanes = {only.key: only}
            self.ready = []
            self.blocked = []
            if only.blocked_until:
                self.blocked.append(only)
            else:
                self.offer(only)
        found = self.lanes.get(key)
        if found is None:
            found = new_lane(key, priority, self)
            self.lanes[key] = found
        return found

    def find(self, key: int) -> Lane | None:
        """The lane with this key, or None."""
        if self.lanes is not None:
            return self.lanes.get(key)
        only = self.only
        if only is not None and only.key == key:
            return only
        return None

    def push(self, message: Message) -> None:
        """Queue a message behind those of its own lane."""
        lane = self.lane(message.lane_key(), message.priority)
        lane.push(message)
        self.came_in(message)
        self.next_expiry = min(self.next_expiry, message.expires_at)
        if self.lanes is not None and lane.size() == 1:
            self.offer(lane)

    def put_back(self, message: Message) -> None:
        """Queue a message again that was taken out and has not ended."""
        lane = self.lane(message.lane_key(), message.priority)
        lane.insert(message)
        lane.ordered = False
        self.came_in(message)
        self.next_expiry = min(self.next_expiry, message.expires_at)
        if self.lanes is not None and lane.first() is message:
            self.offer(lane)

    def came_in(self, message: Message) -> None:
        """A message is in memory."""
        self.count += 1
        if message.priority:
            if self.urgent_counts is None:
                self.urgent_counts = [0] * _PRIORITIES
            self.urgent_counts[message.priority] += 1

    def took_out(self, message: Message) -> None:
        """A message is in memory no longer."""
        self.count -= 1
        if message.priority and self.urgent_counts is not None:
            self.urgent_counts[message.priority] -= 1

    def held(self, priority: int) -> int:
        """How many messages of at least that priority are in memory."""
        if priority == 0:
            return self.count
        return 0 if self.urgent_counts is None else sum(self.urgent_counts[priority:])

    def lacks_urgent(self) -> bool:
        """Whether what is in memory has to let something in the store go first."""
        return self.count > 0 and self.held(self.top_spilled) == 0

    def offer(self, lane: Lane) -> None:
        """Make a lane available to ``next_ready`` if its first message may go now."""
        ready = self.ready
        if ready is None or not lane.is_free():
            return
        if lane.first() is not None:
            if ready:
                heapq.heappush(ready, (lane.order(), lane))
            else:
                ready.append((lane.order(), lane))

    def next_ready(self) -> Lane | None:
        """The lane whose first message goes next: highest priority, then oldest. None when all wait.

        The caller marks it busy or offers it again.
        """
        if self.lanes is None:
            only = self.only
            if only is None or not only.is_free() or only.first() is None:
                return None
            return only
        ready = self.ready
        assert ready is not None
        while ready:
            entry = heapq.heappop(ready) if len(ready) > 1 else ready.pop()
            lane = entry[1]
            if lane.is_free() and lane.first() is not None:
                if self.urgent and self.is_overtaken(lane):
                    self.offer(lane)
                    return None
                return lane
        return None

    def set_busy(self, lane: Lane) -> None:
        """A message of the lane goes out."""
        lane.busy = True
        if lane.priority:
            if self.urgent is None:
                self.urgent = {}
            self.urgent[lane.key] = lane

    def set_free(self, lane: Lane) -> None:
        """The lane's message in flight was answered, or is lost."""
        lane.busy = False
        if lane.priority and self.urgent is not None:
            self.urgent.pop(lane.key, None)

    def is_overtaken(self, lane: Lane) -> bool:
        """Whether more of a higher priority waits behind what is in flight: it goes before this lane."""
        assert self.urgent is not None
        for other in self.urgent.values():
            if other.priority > lane.priority and other.size() > 1:
                return True
        return False

    def block(self, lane: Lane, until: int) -> None:
        """Hold one pair back until then [ESME_RX_T_APPN: retry later]."""
        lane.blocked_until = until
        if self.blocked is None:
            self.blocked = []
        if lane not in self.blocked:
            self.blocked.append(lane)

    def unblock(self, now: int) -> None:
        """Let go of the pairs whose time has come."""
        if not self.blocked:
            return
        due = [lane for lane in self.blocked if lane.blocked_until <= now]
        self.blocked = [lane for lane in self.blocked if lane.blocked_until > now]
        for lane in due:
            lane.blocked_until = 0
            self.offer(lane)

    def first_unblocking(self) -> int:
        """When the first held-back pair may go again; FOREVER when none is held back."""
        if not self.blocked:
            return FOREVER
        return min([lane.blocked_until for lane in self.blocked])

    def all_lanes(self) -> list[Lane]:
        """Every lane, highest priority first."""
        if self.lanes is None:
            return [] if self.only is None else [self.only]
        return sorted(self.lanes.values(), key=lambda lane: -lane.priority)

    def waiting(self) -> list[Message]:
        """Every message held in memory for this recipient, in flight included, oldest id first."""
        found = [m for lane in self.all_lanes() for m in lane.waiting()]
        found.sort(key=_id_of)
        return found

    def oldest(self) -> int:
        """The smallest id that waits in memory; FOREVER when none does."""
        ids = [first.id for lane in self.all_lanes() if (first := lane.first()) is not None]
        return min(ids, default=FOREVER)

    def drop_empty_lane(self, lane: Lane) -> None:
        """Forget a lane that holds nothing, so that correspondents of the past cost no memory."""
        if self.lanes is not None and lane.is_free() and lane.size() == 0:
            self.lanes.pop(lane.key, None)

    def discard(self) -> None:
        """Take the recipient apart, for the collector never sees these classes."""
        if self.lanes is not None:
            for lane in self.lanes.values():
                self._take_apart(lane)
        elif self.only is not None:
            self._take_apart(self.only)
        self.only = None
        self.lanes = None
        self.ready = None
        self.blocked = None
        self.urgent = None
        self.bind = None

    def _take_apart(self, lane: Lane) -> None:
        lane.recipient = None
        lane.types = None
        if lane.size():
            lane.items.clear()
            lane.head = 0


def new_recipient(key: int) -> Recipient:
    """``Recipient(key)``, but from C to C."""
    made = Recipient.__new__(Recipient)
    made.begin(key)
    return made


def new_lane(key: int, priority: int, recipient: Recipient) -> Lane:
    """``Lane(key, priority, recipient)``, but from C to C."""
    made = Lane.__new__(Lane)
    made.begin(key, priority, recipient)
    return made


def _end_of(message: Message | None) -> int:
    return FOREVER if message is None else message.expires_at


def _id_of(message: Message) -> int:
    return message.id
