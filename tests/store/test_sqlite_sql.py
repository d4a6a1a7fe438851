"""The SQL behind a table: indexes that the questions use."""

import apsw

from smsc.store import Partial, Table
from smsc.store.sqlite_sql import (
    Conditions,
    create_index,
    create_table,
    order_by,
)

WAITING = Table(
    "waiting",
    ("id", "recipient", "state", "rank"),
    ("INTEGER",) * 4,
    (Partial(("recipient", "rank"), "state", 1), Partial(("id",), "state", 2)),
)


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
