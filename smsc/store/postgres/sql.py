"""The SQL of a table in PostgreSQL, where it differs from that of SQLite."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256
from typing import Any, Final

from smsc.store.base import Partial, Row, Table, indexed
from smsc.store.sqlite_sql import index_name, known_columns, quoted

KINDS: Final = {"INTEGER": "int8", "REAL": "float8", "TEXT": "text", "BLOB": "bytea"}
_LONGEST_NAME: Final = 63  # octets of an identifier
# text holds every character but NUL; this one is no character, and marks what stands for NUL and for itself.
_ESCAPE: Final = "\uffff"
_NUL: Final = _ESCAPE + "0"


def column(name: str, kind: str) -> str:
    """A column as it is declared; text is ordered by its octets, as it is everywhere else."""
    return f"{quoted(name)} {KINDS[kind]}" + (' COLLATE "C"' if kind == "TEXT" else "")


def create_table(table: Table) -> str:
    """A row that changes is written anew, so the table is cleared of old versions early and often."""
    key, *others = [column(name, kind) for name, kind in zip(table.columns, table.types, strict=True)]
    return (
        f"CREATE TABLE {quoted(table.name)} ({', '.join([f'{key} PRIMARY KEY', *others])}) "
        "WITH (autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05)"
    )


def short_index_name(table: Table, index: tuple[str, ...] | Partial) -> str:
    """The name of an index says all about it; one too long for PostgreSQL ends in a digest of the rest."""
    name = index_name(table, index)
    if len(name) <= _LONGEST_NAME:
        return name
    return f"{name[: _LONGEST_NAME - 9]}_{sha256(name.encode()).hexdigest()[:8]}"


def create_index(table: Table, index: tuple[str, ...] | Partial) -> str:
    where = f" WHERE {quoted(index.column)} = {index.value:d}" if isinstance(index, Partial) else ""
    columns = ", ".join(map(quoted, indexed(index)))
    return f"CREATE INDEX {quoted(short_index_name(table, index))} ON {quoted(table.name)} ({columns}){where}"


def order_by(table: Table, order: Iterable[str], descending: bool) -> str:
    """None first, and the key last, so that the order is the same on every store."""
    columns = list(dict.fromkeys((*order, table.columns[0])))
    known_columns(table, columns)
    way = " DESC NULLS LAST" if descending else " NULLS FIRST"
    key = table.columns[0]
    return " ORDER BY " + ", ".join(
        name + ((" DESC" if descending else "") if name == key else way) for name in columns
    )


def placed(sql: str) -> str:
    """The same statement with the placeholders of the driver."""
    return sql.replace("?", "%s")


def encoded(row: Row, texts: tuple[int, ...]) -> Row:
    """A row as text columns can hold it."""
    if not any(_needs_escape(row[place]) for place in texts):
        return row
    return tuple(
        value.replace(_ESCAPE, _ESCAPE * 2).replace("\0", _NUL) if place in texts and value else value
        for place, value in enumerate(row)
    )


def decoded(value: Any) -> Any:
    """A value as it was put."""
    if isinstance(value, str) and _ESCAPE in value:
        return _ESCAPE.join(part.replace(_NUL, "\0") for part in value.split(_ESCAPE * 2))
    return value


def _needs_escape(value: Any) -> bool:
    return value is not None and ("\0" in value or _ESCAPE in value)
