"""Messages that a CSV file lists: each row goes out as it is written, in as many parts as it needs."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from smsc.client import address
from smsc.protocol.text.data_coding import encode_text
from smsc.routing.csvrows import CsvRow, read_rows

COLUMNS = ("from", "to", "text")

#: Rows of one file: each is kept ready as octets.
MOST = 100_000

#: Octets of an address field without its NUL [SMPP 3.4 §5.2.8].
_ADDRESS = 20


class Row(NamedTuple):
    """One message; addresses as (TON, NPI, digits), a body for each part."""

    source: tuple[int, int, str]
    destination: tuple[int, int, str]
    data_coding: int
    bodies: tuple[bytes, ...]


def rows_of(path: Path) -> tuple[Row, ...]:
    """The rows of a file in UTF-8 whose header names from, to and text.

    ValueError names the line and what would be right; OSError when the file cannot be read."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        found = tuple(islice(_read(file, str(path)), MOST + 1))
    if not found:
        raise ValueError(f"{path}: no rows, expected one a message below the header {','.join(COLUMNS)}")
    if len(found) > MOST:
        raise ValueError(f"{path}: more than {MOST:,} rows, expected at most so many")
    return found


def _read(lines: Iterator[str], name: str) -> Iterator[Row]:
    return read_rows(lines, _row, required=COLUMNS, known=COLUMNS, name=name)


def _row(row: CsvRow) -> Row:
    if not row["to"]:
        raise ValueError("to is empty, expected a number")
    for column in ("from", "to"):
        if len(row[column].encode("ascii", "replace")) > _ADDRESS or not row[column].isascii():
            raise ValueError(f"{column} {row[column]!r}: expected at most {_ADDRESS} ASCII characters")
    data_coding, bodies = encode_text(row["text"])
    return Row(address(row["from"]), address(row["to"]), data_coding, tuple(bodies))
