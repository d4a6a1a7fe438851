"""The SQL behind a table: few statements for many rows, and indexes that the questions use."""

import apsw
import pytest

from smsc.store import Partial, Table
from smsc.store.sqlite_sql import (
    LONGEST_KEPT,
    MOST_PARAMETERS,
    Conditions,
    TableWriter,
    create_index,
    create_table,
    order_by,
)
from tests.store.keeper import MESSAGE, message

WIDE = Table("wide", tuple(f"c{i}" for i in range(200)), ("INTEGER",) * 200)
WAITING = Table(
    "waiting",
    ("id", "recipient", "state", "rank"),
    ("INTEGER",) * 4,
    (Partial(("recipient", "rank"), "state", 1), Partial(("id",), "state", 2)),
)


@pytest.mark.parametrize(("rows", "statements"), [(1, 1), (3, 1), (100, 1), (600, 1), (5000, 6)])
def test_rows_go_in_as_few_statements_as_the_driver_keeps(rows: int, statements: int) -> None:
    steps = list(TableWriter(MESSAGE).steps({number: message(number) for number in range(rows)}))
    assert len(steps) == statements
    for sql, values in steps:
        assert len(sql) <= LONGEST_KEPT
        assert len(values) == sql.count("?") <= MOST_PARAMETERS


def test_a_wide_table_has_fewer_rows_to_a_statement() -> None:
    steps = list(TableWriter(WIDE).steps({number: (number,) * 200 for number in range(100)}))
    assert 1 < len(steps) < 10
    assert all(len(sql) <= LONGEST_KEPT for sql, _ in steps)


def test_few_texts_serve_all_sizes() -> None:
    writer = TableWriter(MESSAGE)
    texts = {
        sql
        for rows in range(1, 1200, 7)
        for sql, _ in writer.steps({n: message(n) if n % 3 else None for n in range(rows)})
    }
    assert len(texts) < 25


def plan(sql: str, values: list[object]) -> str:
    connection = apsw.Connection(":memory:")
    connection.execute(create_table(WAITING))
    for index in WAITING.indexes:
        connection.execute(create_index(WAITING, index))
    rows = connection.execute(f"EXPLAIN QUERY PLAN {sql}", values).fetchall()
    return "; ".join(str(row[3]) for row in rows)


def test_the_head_of_a_queue_is_read_from_the_partial_index_without_sorting() -> None:
    conditions = Conditions(WAITING)
    conditions.equal({"recipient": 4790000001, "state": 1})
    sql = f"SELECT * FROM waiting{conditions.text()}{order_by(WAITING, ('rank', 'id'), False)} LIMIT 64"
    assert plan(sql, conditions.values) == (
        "SEARCH waiting USING COVERING INDEX waiting_by_recipient_rank_where_state_1 (recipient=?)"
    )


def test_the_rows_in_a_rare_state_are_found_by_their_own_index() -> None:
    conditions = Conditions(WAITING)
    conditions.equal({"state": 2})
    sql = f"SELECT * FROM waiting{conditions.text()}{order_by(WAITING, (), False)}"
    assert "waiting_by_id_where_state_2" in plan(sql, conditions.values)
