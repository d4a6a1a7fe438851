"""Lists of numbers as CSV files: what is wrong with them, line by line, and pieces to hand over."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import NamedTuple

from smsc.routing.assignments import Assignments, read_assignments
from smsc.routing.operators import Ownership
from smsc.routing.records import read_subscribers
from smsc.routing.subscribers import Registry

_PREFIX = re.compile(r"^[^\n]*?, line (\d+): ", re.DOTALL)
MOST_PROBLEMS = 20


class Known(NamedTuple):
    """Names that a list may use, None for any."""

    zones: Collection[str] | None = None
    accounts: Collection[str] | None = None


class Row(NamedTuple):
    """One line of a list: its number in the file, 1 is the header, and its fields."""

    line: int
    fields: list[str]


class Piece(NamedTuple):
    """Some rows of a list as a list of their own."""

    text: str
    lines: list[int]

    def locate(self, told: str, name: str) -> str:
        """A sentence about ``list, line N`` of this piece, with the line that it is in the file."""

        def where(found: re.Match[str]) -> str:
            number = int(found[1])
            line = self.lines[number - 2] if 2 <= number < len(self.lines) + 2 else 1
            return f"{name}, line {line}: "

        return _PREFIX.sub(where, told)


def _subscribers(lines: Iterable[str], known: Known) -> None:
    def place(zone: str) -> None:
        if zone and known.zones is not None and zone not in known.zones:
            raise ValueError(f"zone {zone!r} is none of {', '.join(sorted(known.zones)[:MOST_PROBLEMS])}")

    read_subscribers(lines, Registry(), place)


def _assignments(lines: Iterable[str], known: Known) -> None:
    Assignments(read_assignments(lines, accounts=known.accounts))


def _ported(lines: Iterable[str], known: Known) -> None:
    Ownership().load_ported(lines)


#: What the kinds of lists are called, and what reads them and complains.
READERS: dict[str, Callable[[Iterable[str], Known], None]] = {
    "subscribers": _subscribers,
    "assignments": _assignments,
    "ported": _ported,
}


def rows_of(text: str) -> tuple[list[str], list[Row]]:
    """Return header and rows of a CSV text, empty lines left out. ValueError tells where it is no CSV."""
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    try:
        found = [Row(reader.line_num, fields) for fields in reader if fields]
    except csv.Error as error:
        raise ValueError(f"line {reader.line_num}: {error}; expected comma-separated values") from None
    return (found[0].fields if found else []), found[1:]


def problems(kind: str, text: str, name: str, known: Known = Known()) -> list[str]:  # noqa: B008
    """Return what is wrong with a list of ``kind``, a sentence for each wrong line, at most so many."""
    try:
        header, rows = rows_of(text)
    except ValueError as error:
        return [f"{name}, {error}"]
    whole = piece_of(header, rows)
    read = READERS[kind]
    try:
        read(whole.text.splitlines(), known)
    except ValueError as error:
        first = whole.locate(str(error), name)
    else:
        return []
    wrong: list[str] = []
    for row in rows:
        alone = piece_of(header, [row])
        try:
            read(alone.text.splitlines(), known)
        except ValueError as error:
            wrong.append(alone.locate(str(error), name))
            if len(wrong) == MOST_PROBLEMS or ", line 1: " in wrong[-1]:
                break
    return wrong or [first if first.startswith(name) else f"{name}: {first}"]


def pieces(header: list[str], rows: list[Row], most: int, column: str = "") -> Iterator[Piece]:
    """Yield the list in pieces of about ``most`` characters, or one for each value of ``column``."""
    if column:
        place = header.index(column)
        values = dict.fromkeys(row.fields[place] for row in rows)
        for value in values:
            yield piece_of(header, [row for row in rows if row.fields[place] == value])
        return
    begin, size = 0, 0
    for end, row in enumerate(rows):
        own = sum(map(len, row.fields)) + 3 * len(row.fields)
        if size + own > most and end > begin:
            yield piece_of(header, rows[begin:end])
            begin, size = end, 0
        size += own
    if begin < len(rows):
        yield piece_of(header, rows[begin:])


def piece_of(header: list[str], rows: Iterable[Row]) -> Piece:
    """Return rows as a list of their own, each on one line."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    lines = []
    if header:
        writer.writerow(header)
    for row in rows:
        writer.writerow([" ".join(field.splitlines()) for field in row.fields])
        lines.append(row.line)
    return Piece(out.getvalue(), lines)
