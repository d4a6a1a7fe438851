"""Numbers in order: a page from any place costs what the page has, a number more what a block has."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from typing import Final

_MOST: Final = 1024  # numbers of one block; a fuller one becomes two


class SortedKeys:
    """A set of 64-bit numbers, in blocks of some hundreds. 8 to 16 octets a number."""

    __slots__ = ("_blocks", "_lasts")

    def __init__(self) -> None:
        self._blocks: list[array[int]] = []
        self._lasts: list[int] = []  # the largest number of each block

    def add(self, key: int) -> None:
        """Add a number; without effect when it is there."""
        if not self._blocks:
            self._blocks.append(array("q", (key,)))
            self._lasts.append(key)
            return
        place = min(bisect_left(self._lasts, key), len(self._blocks) - 1)
        block = self._blocks[place]
        at = bisect_left(block, key)
        if at < len(block) and block[at] == key:
            return
        block.insert(at, key)
        self._lasts[place] = block[-1]
        if len(block) > _MOST:
            upper = block[_MOST // 2 :]
            del block[_MOST // 2 :]
            self._lasts[place] = block[-1]
            self._blocks.insert(place + 1, upper)
            self._lasts.insert(place + 1, upper[-1])

    def discard(self, key: int) -> None:
        """Take a number out; without effect when it is not there."""
        place = bisect_left(self._lasts, key)
        if place == len(self._blocks):
            return
        block = self._blocks[place]
        at = bisect_left(block, key)
        if block[at] != key:
            return
        del block[at]
        if block:
            self._lasts[place] = block[-1]
        else:
            del self._blocks[place], self._lasts[place]

    def after(self, key: int) -> Iterator[int]:
        """The numbers above ``key``, in order. The set must not change meanwhile."""
        first = bisect_right(self._lasts, key)
        if first < len(self._blocks):
            block = self._blocks[first]
            yield from block[bisect_right(block, key) :]
        for place in range(first + 1, len(self._blocks)):
            yield from self._blocks[place]
