"""A mapping of 64-bit numbers to objects, for what is found, added and forgotten once a message.

Open addressing in an array of C integers: no number becomes an object on the way, and none is hashed and
compared as one.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from typing import Any, Final

_FREE: Final = 1 - (1 << 63)  # stands where no number is, and is none that is kept
_GOLDEN: Final = 0x9E3779B97F4A7C15  # 2**64 over the golden ratio
_WORD: Final = (1 << 64) - 1
_KEPT: Final = 1024
_SPARSE: Final = 8  # a table with fewer than one place of so many taken becomes smaller


class ByNumber:
    """Objects by number, in no particular order."""

    __slots__ = ("_count", "_keys", "_mask", "_shift", "_smallest", "_values")

    _count: int

    def __init__(self, places: int = _KEPT) -> None:
        """So many places, a power of two and at least 2, at first.

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
        self._values[place] = value
        if self._keys[place] == _FREE:
            self._keys[place] = key
            self._count += 1
            if 3 * self._count > 2 * self._mask:
                self._resize(2 * (self._mask + 1))

    def drop(self, key: int) -> Any:
        """Forget one, which is returned; None when it is not there."""
        values = self._values
        mask = self._mask
        hole = self._place_of(key)
        if self._keys[hole] == _FREE:
            return None
        dropped = values[hole]
        self._count -= 1
        place = hole
        while True:  # those behind it that would not be found past the hole move up
            place = (place + 1) & mask
            if self._keys[place] == _FREE:
                break
            if ((place - spread(self._keys[place], self._shift)) & mask) >= ((place - hole) & mask):
                values[hole] = values[place]
                self._keys[hole] = self._keys[place]
                hole = place
        values[hole] = None
        self._keys[hole] = _FREE
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
        self._count = 0
        self._make(self._smallest)

    def _make(self, size: int) -> None:
        """So many places, all free."""
        self._keys = array("q", [_FREE]) * size
        self._values: list[Any] = [None] * size
        self._mask = size - 1
        self._shift = 65 - size.bit_length()

    def _place_of(self, key: int) -> int:
        """Where the object with this number stands, or would stand."""
        place = spread(key, self._shift)
        while self._keys[place] != key and self._keys[place] != _FREE:
            place = (place + 1) & self._mask
        return place

    def _resize(self, size: int) -> None:
        """So many places for what there is."""
        keys, values = self._keys, self._values
        self._make(size)
        for before in range(len(values)):
            if values[before] is not None:
                place = self._place_of(keys[before])
                self._keys[place] = keys[before]
                self._values[place] = values[before]


def spread(key: int, shift: int) -> int:
    """The upper bits of a product, which spread numbers that follow one another, or end alike."""
    product = key * _GOLDEN & _WORD
    return product >> shift
