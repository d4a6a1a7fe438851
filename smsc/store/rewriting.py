"""Carries rows that an earlier release wrote through the migrations that are due."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from smsc.store.base import Migration, Row, StoreError, Table


def rewritten(
    table: Table, present: Sequence[str], due: Sequence[Migration], rows: Iterable[Row], url: str
) -> Iterator[Row]:
    """The rows of a table, whose columns are `present`, as the migrations that are due leave them.

    Raises StoreError for a column that the table does not have.
    """
    for row in rows:
        record: dict[str, Any] | None = dict(zip(present, row, strict=True))
        for migration in due:
            record = None if record is None else migration.rewrite(record)
        if record is None:
            continue
        unknown = record.keys() - set(table.columns)
        if unknown:
            raise StoreError(f"{url}: column {table.name}.{min(unknown)} is not known to this release")
        yield tuple(record.get(name) for name in table.columns)
