"""Who has a SIM: subscribers by MSISDN, millions of them as ranges that cost memory only when touched.

`Registry.find` answers in the hot path. A member of a range that nobody changed is the range's shared
prototype, which must only be read; `Registry.touch` gives the member an object of its own.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from typing import Any

from smsc import reasons
from smsc.routing.sorted_keys import SortedKeys
from smsc.subscriber_fields import FIELDS

# SIM states, places in SIM_NAMES.
ACTIVE = 0
SUSPENDED = 1
BLOCKED = 2
EXPIRED = 3
INACTIVE = 4

_DEFAULTS = tuple((field.name, field.default) for field in FIELDS)
_NAMES = tuple(name for name, _ in _DEFAULTS)


class Subscriber:
    """A SIM and the handset it is in.

    Its fields are those of smsc.subscriber_fields, under the same names and in the registry's form.
    `msisdn` is the number's key, 0 in a range's prototype; `place` is where the radio sees the handset (the
    engine's object). `imsi` and `iccid` are None while they are the derived ones (see smsc.routing.sim),
    `operator` is None for this network. `owned` is False in prototypes; `removed` is the registry's.
    """

    __slots__ = (*_NAMES, "msisdn", "owned", "place", "removed")

    sim: int
    powered: bool
    flight_mode: bool
    memory_full: bool
    network_error: int
    barred: int
    nod_sms: bool
    imsi: str | None
    iccid: str | None
    operator: str | None
    main: int
    password: str | None

    def __init__(self, msisdn: int = 0) -> None:
        for name, default in _DEFAULTS:
            setattr(self, name, default)
        self.msisdn = msisdn
        self.owned = True
        self.removed = False
        self.place: Any = None

    def has_radio(self) -> bool:
        """Tell whether the handset would hear the network where there is coverage."""
        return self.powered and not self.flight_mode

    def silence(self) -> int:
        """Return the reason why the handset sends nothing whatever its coverage, 0 when it could."""
        if not self.powered:
            return reasons.POWERED_OFF
        return reasons.FLIGHT_MODE if self.flight_mode else reasons.NONE

    def copy(self, msisdn: int) -> Subscriber:
        """Return an own copy for another number."""
        other = Subscriber.__new__(Subscriber)
        for name in _NAMES:
            setattr(other, name, getattr(self, name))
        other.msisdn = msisdn
        other.owned = True
        other.removed = False
        other.place = self.place
        return other


class Range:
    """The numbers first..last, all like `prototype` until touched."""

    __slots__ = ("first", "last", "prototype")

    def __init__(self, first: int, last: int, prototype: Subscriber) -> None:
        self.first = first
        self.last = last
        self.prototype = prototype


class Registry:
    """All subscribers. Single numbers live in an open-addressed table, ranges in a sorted list.

    Beside them are the numbers with objects of their own in order, and the twins of each subscription.
    """

    __slots__ = ("_inserted", "_mask", "_own", "_ranges", "_recent", "_slots", "_twins", "_used")

    def __init__(self) -> None:
        self._ranges: list[Range] = []
        self._recent = Range(0, -1, Subscriber())
        self._slots: list[Subscriber | None] = [None] * 16
        self._mask = 15
        self._used = 0
        self._inserted: list[Subscriber] | None = None  # since a larger table is being filled
        self._own = SortedKeys()
        self._twins: dict[int, set[int]] = {}  # by whom they share with; one that does no more may be there

    def find(self, key: int) -> Subscriber | None:
        """Return the number's own object, else its range's prototype (read only), else None."""
        subscriber = self._slots[self._slot_of(key)]
        if subscriber is not None:
            return None if subscriber.removed else subscriber
        found = self._range_of(key)
        return None if found is None else found.prototype

    def touch(self, key: int) -> Subscriber:
        """Return the number's own object, copied from its range's prototype if need be. Raises KeyError."""
        subscriber = self.find(key)
        if subscriber is None:
            raise KeyError(key)
        if not subscriber.owned:
            subscriber = subscriber.copy(key)
            self._insert(subscriber)
        return subscriber

    def add(self, subscriber: Subscriber) -> None:
        """Let `subscriber` be its number's own object, in place of what the number was before."""
        self._forget(subscriber.msisdn)
        subscriber.owned = True
        subscriber.removed = False
        self._insert(subscriber)

    def add_range(self, first: int, last: int, *, place: Any = None, **fields: Any) -> None:
        """Add the numbers first..last with these fields. Raises ValueError when they overlap a range or
        differ in length."""
        if first > last or len(str(first)) != len(str(last)):
            raise ValueError(f"{first}-{last}: the bounds must have the same length and be in order")
        place_in_order = bisect_right(self._ranges, first, key=_first)
        for other in self._ranges[max(place_in_order - 1, 0) : place_in_order + 1]:
            if first <= other.last and other.first <= last:
                raise ValueError(f"{first}-{last} overlaps {other.first}-{other.last}")
        prototype = Subscriber()
        prototype.owned = False
        prototype.place = place
        for name, value in fields.items():
            setattr(prototype, name, value)
        self._ranges.insert(place_in_order, Range(first, last, prototype))

    def remove_range(self, first: int) -> bool:
        """Drop the range that begins with `first`; its numbers' own objects stay. Tell if it was there."""
        place = bisect_left(self._ranges, first, key=_first)
        if place == len(self._ranges) or self._ranges[place].first != first:
            return False
        del self._ranges[place]
        self._recent = Range(0, -1, Subscriber())
        return True

    def erase(self, key: int) -> None:
        """Make the number unknown, and let `removed` not tell of it."""
        self.remove(key)
        tombstone = self._slots[self._slot_of(key)]
        if tombstone is not None:
            tombstone.owned = False

    def remove(self, key: int) -> bool:
        """Make the number unknown; tell whether it was known."""
        subscriber = self.find(key)
        if subscriber is None:
            return False
        self._forget(key)
        if self._range_of(key) is not None:
            tombstone = Subscriber(key)
            tombstone.removed = True
            self._insert(tombstone)
        return True

    def share(self, subscriber: Subscriber, main: int) -> None:
        """Let a number's own object share the subscription of ``main``, or no other's (0)."""
        subscriber.main = main
        if main:
            self._twins.setdefault(main, set()).add(subscriber.msisdn)

    def twins(self, main: int) -> list[Subscriber]:
        """Return the subscribers that share the subscription of ``main``, by number."""
        found = [self.find(key) for key in sorted(self._twins.get(main, ()))]
        return [subscriber for subscriber in found if subscriber is not None and subscriber.main == main]

    def own_after(self, key: int) -> Iterator[Subscriber]:
        """Yield the own objects of the numbers above ``key``, by number. None must come or go meanwhile."""
        for number in self._own.after(key):
            subscriber = self.find(number)
            if subscriber is not None:
                yield subscriber

    def touched(self) -> Iterator[Subscriber]:
        """Yield every number's own object, in no particular order."""
        for subscriber in self._slots:
            if subscriber is not None and not subscriber.removed:
                yield subscriber

    def removed(self) -> Iterator[int]:
        """Yield the numbers inside ranges that were removed, but for those erased."""
        for keys in self.removed_in_pieces(len(self._slots)):
            yield from keys

    def removed_in_pieces(self, places: int) -> Iterator[list[int]]:
        """Yield the same in lists, each of what so many places of the table hold. Numbers may come and go
        meanwhile; those removed later need not be among them."""
        slots = self._slots
        for first in range(0, len(slots), places):
            yield [
                subscriber.msisdn
                for subscriber in slots[first : first + places]
                if subscriber is not None
                and subscriber.removed
                and subscriber.owned
                and self._range_of(subscriber.msisdn) is not None
            ]

    def gone_in_pieces(self, places: int) -> Iterator[list[int]]:
        """Yield the numbers inside ranges that were removed or erased (which only a reset brings back), in
        lists as `removed_in_pieces` does."""
        slots = self._slots
        for first in range(0, len(slots), places):
            yield [
                subscriber.msisdn
                for subscriber in slots[first : first + places]
                if subscriber is not None and subscriber.removed
            ]

    def prototype_of(self, key: int) -> Subscriber | None:
        """Return what the number's range has them all like, read only; None when it is in no range."""
        found = self._range_of(key)
        return None if found is None else found.prototype

    def ranges(self) -> list[tuple[int, int, Subscriber]]:
        """Return (first, last, prototype) of every range, by number."""
        return [(found.first, found.last, found.prototype) for found in self._ranges]

    def ranges_after(self, key: int, limit: int) -> list[tuple[int, int, Subscriber]]:
        """Return so many of them, of those that begin above ``key``."""
        place = bisect_right(self._ranges, key, key=_first)
        return [(found.first, found.last, found.prototype) for found in self._ranges[place : place + limit]]

    def overlapping(self, first: int, last: int) -> list[tuple[int, int]]:
        """Return the bounds of the ranges that have a number of `first` to `last`."""
        place = max(bisect_right(self._ranges, first, key=_first) - 1, 0)
        end = bisect_right(self._ranges, last, key=_first)
        return [(found.first, found.last) for found in self._ranges[place:end] if found.last >= first]

    def count(self) -> int:
        """Return how many numbers are known; looks at every range and every own object."""
        return sum(self.counted_in_pieces(len(self._slots)))

    def counted_in_pieces(self, places: int) -> Iterator[int]:
        """Yield numbers whose sum that is, each of so many ranges or places of the table."""
        ranges = self._ranges
        for start in range(0, len(ranges), places):
            yield sum(found.last - found.first + 1 for found in ranges[start : start + places])
        slots = self._slots
        for start in range(0, len(slots), places):
            known = 0
            for subscriber in slots[start : start + places]:
                if subscriber is not None:
                    inside = self._range_of(subscriber.msisdn) is not None
                    known += (not inside and not subscriber.removed) - (inside and subscriber.removed)
            yield known

    def _range_of(self, key: int) -> Range | None:
        recent = self._recent
        if recent.first <= key <= recent.last:
            return recent
        ranges = self._ranges
        low = 0
        high = len(ranges)
        while low < high:
            middle = (low + high) >> 1
            found = ranges[middle]
            if key < found.first:
                high = middle
            elif key > found.last:
                low = middle + 1
            else:
                self._recent = found
                return found
        return None

    def _slot_of(self, key: int) -> int:
        """Return the slot that holds the number, or the empty one where it would go."""
        slots = self._slots
        mixed = ((key ^ (key >> 30)) & 0x3FFFFFFF) * 0x2545F491
        slot = (mixed ^ (mixed >> 29)) & self._mask
        while True:
            subscriber = slots[slot]
            if subscriber is None or subscriber.msisdn == key:
                return slot
            slot = (slot + 1) & self._mask

    def _insert(self, subscriber: Subscriber) -> None:
        slot = self._slot_of(subscriber.msisdn)
        if self._slots[slot] is None:
            self._used += 1
        self._slots[slot] = subscriber
        if self._inserted is not None:
            self._inserted.append(subscriber)
        if not subscriber.removed:
            self._own.add(subscriber.msisdn)
            self.share(subscriber, subscriber.main)
        # While a larger table is being filled this one may be fuller for once.
        if self._used * 3 > self._mask * 2 and (self._inserted is None or self._used * 8 > self._mask * 7):
            self._grow()

    def _forget(self, key: int) -> None:
        """Let what stands in the number's slot, if anything, be no subscriber."""
        subscriber = self._slots[self._slot_of(key)]
        if subscriber is not None and not subscriber.removed:
            subscriber.removed = True
            self._own.discard(key)
            alike = self._twins.get(subscriber.main)
            if alike is not None:
                alike.discard(key)
                if not alike:
                    del self._twins[subscriber.main]

    def room_in_pieces(self, more: int, places: int) -> Iterator[None]:
        """Make room for so many more numbers, moving what so many places of the table hold before each
        ``yield``. Numbers may come and go meanwhile."""
        before, size = self._slots, len(self._slots)
        while (self._used + more) * 3 > (size - 1) * 2:
            size *= 2
        if size == len(before):
            return
        slots: list[Subscriber | None] = [None] * size
        inserted = self._inserted = list[Subscriber]()
        for start in range(0, len(before), places):
            self._move(before[start : start + places], slots)
            yield
            if self._slots is not before:  # which grew by itself
                break
        else:
            self._move(inserted, slots)
            self._inserted = None
            self._slots, self._mask = slots, size - 1
        yield from self.room_in_pieces(more, places)  # for those who came meanwhile, if need be

    def _move(self, some: Sequence[Subscriber | None], slots: list[Subscriber | None]) -> None:
        """Put some objects into another table."""
        mine = self._slots, self._mask
        self._slots, self._mask = slots, len(slots) - 1
        for subscriber in some:
            if subscriber is not None:
                slots[self._slot_of(subscriber.msisdn)] = subscriber
        self._slots, self._mask = mine

    def _grow(self) -> None:
        """Double the table, without what was removed outside the ranges."""
        before = self._slots
        self._inserted = None
        self._slots = [None] * (2 * len(before))
        self._mask = len(self._slots) - 1
        self._used = 0
        for subscriber in before:
            if subscriber is not None and not (
                subscriber.removed and self._range_of(subscriber.msisdn) is None
            ):
                self._slots[self._slot_of(subscriber.msisdn)] = subscriber
                self._used += 1


def _first(found: Range) -> int:
    return found.first
