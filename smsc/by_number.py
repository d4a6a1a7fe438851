"""A mapping of 64-bit numbers to objects, for what is found, added and forgotten once a message.

Open addressing in an array of C integers: no number becomes an object on the way, and none is hashed and
compared as one.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from typing import Any, Final

_KEPT: Final = 1024
_SPARSE: Final = 8  # a table with fewer than one place of so many taken becomes smaller


class ByNumber:
    """Objects by number, in no particular order."""

    __slots__ = ("_count", "_keys", "_mask", "_smallest", "_values")

    _count: int

    def __init__(self, places: int = _KEPT) -> None:
        """So many places, a power of two, at first.

        What has grown keeps _KEPT of them, so that a table that is filled and emptied over and over does not
        change its size each time.
        """
        self._smallest = places
        self._begin()
        self._smallest = max(places, _KEPT)

    def __len__(self) -> int:
        return self._count

    def __contains__(self, key: int) -> bool:
        return self.get(key) is not None

    def __getitem__(self, key: int) -> Any:
        found = self.get(key)
        if found is None:
            raise KeyError(key)
        return found

    def __iter__(self) -> Iterator[int]:
        return iter([self._keys[place] for place in range(self._mask + 1) if self._values[place] is not None])

    def values(self) -> list[Any]:
        """All of the objects, as they are now."""
        return [value for value in self._values if value is not None]

    def get(self, key: int) -> Any:
        """The object with this number, or None."""
        return self._values[self._place_of(key)]

    def put(self, key: int, value: Any) -> None:
        """Keep an object, which is not None, in place of the one that the number had."""
        place = self._place_of(key)
        if self._values[place] is None:
            self._count += 1
            self._keys[place] = key
        self._values[place] = value
        if 3 * self._count > 2 * self._mask:
            self._resize(2 * (self._mask + 1))

    def drop(self, key: int) -> Any:
        """Forget one, which is returned; None when it is not there."""
        values = self._values
        mask = self._mask
        hole = self._place_of(key)
        dropped = values[hole]
        if dropped is None:
            return None
        self._count -= 1
        place = hole
        while True:  # those behind it that would not be found past the hole move up
            place = (place + 1) & mask
            if values[place] is None:
                break
            if ((place - mixed(self._keys[place])) & mask) >= ((place - hole) & mask):
                values[hole] = values[place]
                self._keys[hole] = self._keys[place]
                hole = place
        values[hole] = None
        if mask >= self._smallest and self._count * _SPARSE < mask:
            self._resize((mask + 1) >> 1)
        return dropped

    def emptied(self) -> Iterator[Any]:
        """Each of the objects, which is forgotten with it; nothing is found any more from the first on."""
        values, count = self._values, self._count
        self._begin()
        self._count = count
        while self._count:
            value = values.pop()
            if value is not None:
                self._count -= 1
                yield value

    def _begin(self) -> None:
        self._keys = array("q", bytes(8 * self._smallest))
        self._values: list[Any] = [None] * self._smallest
        self._mask = self._smallest - 1
        self._count = 0

    def _place_of(self, key: int) -> int:
        """Where the object with this number stands, or would stand."""
        values = self._values
        place = mixed(key) & self._mask
        while values[place] is not None and self._keys[place] != key:
            place = (place + 1) & self._mask
        return place

    def _resize(self, size: int) -> None:
        """So many places for what there is."""
        keys, values = self._keys, self._values
        self._keys = array("q", bytes(8 * size))
        self._values = [None] * size
        self._mask = size - 1
        for before in range(len(values)):
            if values[before] is not None:
                place = self._place_of(keys[before])
                self._keys[place] = keys[before]
                self._values[place] = values[before]


def mixed(key: int) -> int:
    """Spreads numbers that follow one another, or end alike."""
    product = ((key ^ (key >> 30)) & 0x3FFFFFFF) * 0x2545F491
    return (product ^ (product >> 29)) & 0x3FFFFFFF
