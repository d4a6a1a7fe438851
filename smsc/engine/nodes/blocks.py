"""Which node has accepted a message: ids are given in blocks, and each block is one node's."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from smsc.engine.journal.ids import IdSeries


class Block(NamedTuple):
    """Message ids from first to last, both included."""

    first: int
    last: int
    node: str


class Blocks:
    """All blocks that were reserved before this node began, and this node's own."""

    def __init__(self, me: str) -> None:
        self.me = me
        self._series: dict[str, IdSeries] = {}
        self._blocks: list[Block] = []  # the latest last, for short ids come again

    def begin(self, series: Iterable[IdSeries], rows: Iterable[tuple[str, int, int, str]]) -> None:
        """All that there are, by (series, first, last, node)."""
        self._series = {one.name: one for one in series}
        self._blocks = [block for row in rows for block in self._ids(*row)]

    def node_of(self, ident: int) -> str | None:
        """Who has accepted a message; None for an id that no known block has."""
        for block in reversed(self._blocks):
            if block.first <= ident <= block.last:
                return block.node
        return None

    def taken(self, rows: Iterable[tuple[str, int, int]], node: str) -> list[Block]:
        """Blocks, by (series, first, last), are another node's now."""
        blocks = [block for name, first, last in rows for block in self._ids(name, first, last, node)]
        self._blocks += blocks
        return blocks

    @staticmethod
    def is_in(ident: int, blocks: Sequence[Block]) -> bool:
        """Whether an id is in one of the blocks."""
        return any(block.first <= ident <= block.last for block in blocks)

    def _ids(self, name: str, first: int, last: int, node: str) -> Iterable[Block]:
        series = self._series.get(name)
        if series is None:
            return []
        if not series.modulus:
            return [Block(series.floor + first, series.floor + last, node)]
        begin = (first - 1) % series.modulus
        end = begin + last - first
        floor = series.floor
        if end < series.modulus:
            return [Block(floor + begin, floor + end, node)]
        return [  # round the end of the series
            Block(floor + begin, floor + series.modulus - 1, node),
            Block(floor, floor + end - series.modulus, node),
        ]
