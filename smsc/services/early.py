"""Rows that another node tells of before the row that they belong to: they hold once that one is there."""

from __future__ import annotations

from typing import Final

from smsc.services.base import Row

_MOST: Final = 1_000  # the oldest is dropped first: what it belongs to may have gone before it came


class Early:
    """By the number of the row that is not there yet, and by their own names."""

    def __init__(self) -> None:
        self._parents: dict[str, int] = {}
        self._rows: dict[int, dict[str, Row]] = {}

    def put(self, parent: int, name: str, row: Row | None) -> None:
        """Keep the latest that was told of a row, None that it is gone."""
        self.drop(name)
        if row is None:
            return
        if len(self._parents) >= _MOST:
            self.drop(next(iter(self._parents)))
        self._parents[name] = parent
        self._rows.setdefault(parent, {})[name] = row

    def drop(self, name: str) -> None:
        """Keep nothing of a row."""
        parent = self._parents.pop(name, None)
        if parent is not None:
            rows = self._rows[parent]
            del rows[name]
            if not rows:
                del self._rows[parent]

    def take(self, parent: int) -> dict[str, Row]:
        """The rows that belong to one that is there now, or is gone; they are kept no longer."""
        rows = self._rows.pop(parent, {})
        for name in rows:
            del self._parents[name]
        return rows
