"""Puts and deletes the rows of one table in few statements, with few values in each.

The writing thread waits for the interpreter lock after each statement when the owner's thread is busy. So a
statement takes as many rows as it can, in few texts so that they are prepared once; and rows fewer than its
statement has places are filled up with nulls.

Most of what a row costs is handing its values over, each by itself. Most rows have nothing in many columns:
0, no octets, no text, or null. Rows with nothing in the same columns go together, and the statement says it.
"""

from __future__ import annotations

from array import array
from typing import Any, Final

import apsw

from smsc.store.base import Changes, Row, Table
from smsc.store.sqlite_sql import Step

LONGEST_KEPT: Final = 16_384
"""apsw prepares longer texts anew each time."""
MOST_PARAMETERS: Final = 32_766
MOST_ROWS: Final = 256
FEW: Final = 16
"""Fewer rows with the same columns empty are no statement of their own."""
MOST_SHAPES: Final = 8
_TOLD_APART: Final = 31
"""Of so many columns it is told whether they are empty, two bits each."""

_EMPTY: Final = {"INTEGER": 0, "REAL": None, "TEXT": "", "BLOB": b""}
_LITERALS: Final = {"INTEGER": "0", "TEXT": "''", "BLOB": "x''"}


class Shape:
    """Rows with nothing in the same columns; ``bound`` are the places of the others, and ``sized`` the texts
    that put so many of them."""

    __slots__ = ("bound", "sized")

    def __init__(self, table: Table, emptiness: int) -> None:
        columns, self.bound = _selected(table, emptiness)
        into = f"INSERT OR REPLACE INTO {table.name} ({', '.join(table.columns)}) "
        into += f"SELECT {', '.join(columns)} "
        row = f"({','.join('?' * len(self.bound))})"
        most = min(
            MOST_ROWS,
            (LONGEST_KEPT - len(into) - 60) // (len(row) + 1),
            MOST_PARAMETERS // len(self.bound),
        )
        self.sized = [
            (rows, f"{into}FROM (VALUES {','.join([row] * rows)}) WHERE column1 IS NOT NULL")
            for rows in _sizes(max(1, most))
        ]


class TableWriter:
    """Turns the changes of one table into few statements."""

    __slots__ = ("clear", "delete", "empty", "full", "is_numbered", "shapes", "table")

    def __init__(self, table: Table) -> None:
        self.table = table
        self.clear: Step = (f"DELETE FROM {table.name}", ())
        self.delete = f"DELETE FROM {table.name} WHERE {table.columns[0]} "
        self.is_numbered = table.types[0] == "INTEGER"
        self.empty = [_EMPTY[kind] for kind in table.types[:_TOLD_APART]]
        self.full = Shape(table, 0)
        self.shapes: dict[int, Shape] = {}

    def steps(self, changes: Changes) -> list[Step]:
        """The statements of these changes, in no order that matters, as no key is in two of them."""
        alike: dict[int, list[Row]] = {}
        gone: list[Any] = []
        for key, row in changes.items():
            if row is None:
                gone.append(key)
                continue
            emptiness = self.emptiness(row)
            rows = alike.get(emptiness)
            if rows is None:
                alike[emptiness] = [row]
            else:
                rows.append(row)
        steps: list[Step] = []
        if gone and self.is_numbered:
            steps.append((self.delete + "IN carray(?)", (apsw.carray(array("q", gone)),)))
        elif gone:  # an array of texts would end each at its first NUL
            steps += [(self.delete + "= ?", (key,)) for key in gone]
        rest: list[Row] = []
        for emptiness, rows in alike.items():
            if len(rows) < FEW:
                rest += rows
            else:
                chunks(self.shape(emptiness), rows, steps)
        if rest:
            chunks(self.full, rest, steps)
        return steps

    def emptiness(self, row: Row) -> int:
        """Which columns hold nothing, two bits each: 1 for null, 2 for the nothing of their type."""
        found = 0
        bit = 4
        for place in range(1, len(self.empty)):
            value = row[place]
            if value is None:
                found |= bit
            elif value is self.empty[place]:
                found |= bit + bit
            bit <<= 2
        return found

    def shape(self, emptiness: int) -> Shape:
        """Those last asked for are kept."""
        shape = self.shapes.pop(emptiness, None)
        if shape is None:
            shape = Shape(self.table, emptiness)
            if len(self.shapes) == MOST_SHAPES:
                del self.shapes[next(iter(self.shapes))]
        self.shapes[emptiness] = shape
        return shape


def chunks(shape: Shape, rows: list[Row], steps: list[Step]) -> None:
    """Add the statements that put rows of one shape."""
    sized, bound = shape.sized, shape.bound
    largest: int = sized[len(sized) - 1][0]
    first = 0
    while first < len(rows):
        count = min(largest, len(rows) - first)
        places, sql = fitting(sized, count)
        values: list[Any] = []
        for at in range(first, first + count):
            row = rows[at]
            for place in bound:
                values.append(row[place])  # noqa: PERF401  (in C)
        values += [None] * ((places - count) * len(bound))
        steps.append((sql, values))
        first += count


def fitting(sized: list[tuple[int, str]], count: int) -> tuple[int, str]:
    """The smallest text with places for so many rows."""
    return next(one for one in sized if one[0] >= count)


def _selected(table: Table, emptiness: int) -> tuple[list[str], list[int]]:
    """What each column gets, and the places of those that are bound."""
    columns: list[str] = []
    bound: list[int] = []
    for place, kind in enumerate(table.types):
        how = emptiness >> 2 * place & 3
        if how:
            columns.append("NULL" if how == 1 else _LITERALS[kind])
        else:
            bound.append(place)
            columns.append(f"column{len(bound)}")
    return columns, bound


def _sizes(most: int) -> list[int]:
    """1, 2, 3, 4, 6, 8, 12 and so on, and the most."""
    sizes = {1, most}
    size = 2
    while size < most:
        sizes |= {size, min(most, size * 3 // 2)}
        size *= 2
    return sorted(sizes)
