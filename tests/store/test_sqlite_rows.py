"""Rows are put and deleted by few statements, which say what is empty; they are read as they were put."""

from typing import Any

import apsw
import pytest

from smsc.store import Row, Table
from smsc.store.base import Changes
from smsc.store.sqlite_rows import FEW, LONGEST_KEPT, MOST_PARAMETERS, MOST_SHAPES, TableWriter
from smsc.store.sqlite_sql import create_table
from tests.store.keeper import MESSAGE, message

WIDE = Table("wide", tuple(f"c{i}" for i in range(200)), ("INTEGER",) * 200)
KINDS = Table(
    "kinds", ("id", "number", "part", "words", "octets"), ("INTEGER", "INTEGER", "REAL", "TEXT", "BLOB")
)
MIXED: tuple[tuple[Any, ...], ...] = (
    (0, 0.0, "", b""),
    (None, None, None, None),
    (0, None, "", None),
    (7, 1.5, "a", b"\0"),
    (-1, 0.0, "\0", b""),
    (False, 0, "", b""),
)


def filled(number: int) -> Row:
    return tuple(number + 1 for _ in WIDE.columns)


def written(connection: apsw.Connection, writer: TableWriter, changes: Changes) -> int:
    steps = writer.steps(changes)
    for sql, values in steps:
        assert len(sql) <= LONGEST_KEPT
        assert len(values) == sql.count("?") <= MOST_PARAMETERS
        connection.execute(sql, values)
    return len(steps)


def opened(table: Table) -> apsw.Connection:
    connection = apsw.Connection(":memory:")
    connection.execute(create_table(table))
    return connection


@pytest.mark.parametrize(("rows", "statements"), [(1, 1), (3, 1), (100, 1), (256, 1), (5000, 20)])
def test_rows_go_in_as_few_statements_as_the_driver_keeps(rows: int, statements: int) -> None:
    made = written(opened(MESSAGE), TableWriter(MESSAGE), {number: message(number) for number in range(rows)})
    assert made == statements


def test_a_wide_table_has_fewer_rows_to_a_statement() -> None:
    made = written(opened(WIDE), TableWriter(WIDE), {number + 1: filled(number) for number in range(100)})
    assert 1 < made < 10


def test_few_texts_serve_all_sizes() -> None:
    writer = TableWriter(MESSAGE)
    texts = {
        sql
        for rows in range(1, 1200, 7)
        for sql, _ in writer.steps({n: message(n) if n % 3 else None for n in range(rows)})
    }
    assert len(texts) < 25


@pytest.mark.parametrize("count", [1, FEW - 1, FEW, 3 * FEW, 300])
def test_what_is_empty_is_read_as_it_was_put(count: int) -> None:
    """Null, zero, no text and no octets are not the same, in statements for many rows as for few."""
    connection = opened(KINDS)
    rows = [(number, *MIXED[number % len(MIXED)]) for number in range(count * len(MIXED))]
    written(connection, TableWriter(KINDS), {row[0]: row for row in rows})
    read = connection.execute("SELECT * FROM kinds ORDER BY id").fetchall()
    assert read == rows


def test_what_is_empty_in_many_rows_is_not_handed_over() -> None:
    writer = TableWriter(KINDS)
    (step,) = writer.steps({number: (number, 0, None, "", b"x") for number in range(64)})
    assert len(step[1]) == 2 * 64


@pytest.mark.parametrize(
    "wrong",
    [
        (b"", 1.5, "", b""),
        ("", 1.5, "", b""),
        (0, 1.5, b"", b""),
        (0, "", "", b""),
        (0, 1.5, "", 0),
        (0, 1.5, "", ""),
    ],
)
@pytest.mark.parametrize("count", [1, 2 * FEW])
def test_nothing_of_another_type_is_refused(wrong: tuple[Any, ...], count: int) -> None:
    """It is not taken for the nothing that the column could hold."""
    with pytest.raises(apsw.ConstraintError):
        written(opened(KINDS), TableWriter(KINDS), {number: (number, *wrong) for number in range(count)})


def test_shapes_that_come_and_go_are_not_all_kept() -> None:
    table = Table("many", ("id", *(f"c{i}" for i in range(12))), ("INTEGER",) * 13)
    connection, writer = opened(table), TableWriter(table)
    for shape in range(3 * MOST_SHAPES):
        rows = {n: (n, *(shape >> place & 1 for place in range(12))) for n in range(FEW)}
        written(connection, writer, rows)
        assert connection.execute("SELECT * FROM many ORDER BY id").fetchall() == list(rows.values())
        assert len(writer.shapes) <= MOST_SHAPES


@pytest.mark.parametrize("count", [1, 2, 1000])
def test_keys_of_each_type_are_deleted(count: int) -> None:
    names = ["a\0b", "a", "", "\U0001f600", *map(str, range(count))]
    for kind, keys in (
        ("INTEGER", [*range(-count, count), 2**63 - 1, -(2**63)]),
        ("TEXT", names),
        ("BLOB", [name.encode() for name in names]),
    ):
        table = Table("keyed", ("key", "value"), (kind, "INTEGER"))
        connection, writer = opened(table), TableWriter(table)
        written(connection, writer, {key: (key, 1) for key in keys})
        assert written(connection, writer, dict.fromkeys(keys[1:])) >= 1
        assert connection.execute("SELECT key FROM keyed").fetchall() == [(keys[0],)]
