"""Lists as CSV with a header: their rows, and the line that an error stands in."""

from __future__ import annotations

import csv
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import TypeVar

CsvRow = dict[str, str]
T = TypeVar("T")


def read_rows(
    lines: Iterable[str],
    read: Callable[[CsvRow], T],
    *,
    required: Collection[str],
    known: Collection[str],
    name: str = "list",
) -> Iterator[T]:
    """Yield what `read` makes of each row, a dict by column without white space around its values.

    The header names the `required` columns and others of the `known`, in any order. Raises ValueError that
    names file and line: for text that is no CSV, a wrong header, a row of another length, and what `read`
    raises.
    """
    reader = csv.DictReader(lines, strict=True)
    try:
        header = reader.fieldnames or ()
        missing = [column for column in required if column not in header]
        unknown = [column for column in header if column not in known]
        if missing or unknown:
            raise ValueError(
                f"expected the columns {', '.join(required)}, of {', '.join(known)}; "
                f"missing: {missing}, unknown: {unknown}"
            )
        for row in reader:
            if None in row or None in row.values():
                raise ValueError("the line has not as many fields as the header")
            yield read({column: value.strip() for column, value in row.items()})
    except (csv.Error, ValueError) as error:
        what = "not CSV: " if isinstance(error, csv.Error) else ""
        raise ValueError(f"{name}, line {max(reader.reader.line_num, 1)}: {what}{error}") from None
