"""What a node reads of its mail while its deletions are not committed yet."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from smsc.store.postgres import mail as reading
from smsc.store.postgres import schema
from smsc.store.postgres.mail import Mail
from smsc.store.postgres.session import Session
from smsc.store.postgres.time import DatabaseTime
from tests.postgresql import Server

Row = tuple[str, int, int, str, str, str]


def letter(sender: str, number: int) -> Row:
    return sender, number, 1, "oslo-1", "message", "{}"


class Database:
    """Shows the letters to one node, in their order, as many as are asked for."""

    def __init__(self) -> None:
        self.letters: list[Row] = []
        self._found: list[Row] = []

    def execute(self, sql: str, values: Any) -> Database:
        is_to_one = "receiver = ANY" in sql
        self._found = sorted(self.letters, key=lambda row: row[1:3])[: values[-1]] if is_to_one else []
        return self

    def fetchall(self) -> list[Row]:
        return self._found


def test_a_letter_is_read_once_although_many_with_lower_numbers_come_before_its_deletion(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A node that is taken over leaves its mail, with the numbers of other senders."""
    monkeypatch.setattr(reading, "_AT_ONCE", 2)
    database: Any = Database()
    mail = Mail(Session("postgresql://", "oslo-1"), lambda call: None, print, print, DatabaseTime())
    read: list[tuple[str, int]] = []

    def look() -> None:
        letters = mail._letters(database)
        read.extend((one.sender, one.number) for one in letters)
        mail._read.update(one[:3] for one in letters)

    try:
        database.letters = [letter("late", 1000)]
        look()
        database.letters += [letter("early", number) for number in range(5)]
        for _ in range(4):
            look()
        assert sorted(read) == sorted((row[0], row[1]) for row in database.letters)
        database.letters = []
        look()
        assert not mail._read
    finally:
        mail.dispose()


def rows_read(plan: dict[str, Any]) -> Iterator[float]:
    """How many rows of the letters a plan has looked at."""
    if plan.get("Relation Name") == "store_mail":
        yield plan["Actual Loops"] * (plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0))
    for one in plan.get("Plans", ()):
        yield from rows_read(one)


def test_a_look_costs_what_is_new_and_not_what_was_told_lately(postgresql: Server) -> None:
    with psycopg.connect(postgresql.url(postgresql.database()), autocommit=True) as connection:
        schema.prepare(connection, (), 1, (), "postgresql://")
        connection.execute(
            "INSERT INTO store_marks "
            "SELECT node, 1, 5000, node, node, now() FROM unnest('{a,b,c}'::text[]) AS node"
        )
        connection.execute(
            "INSERT INTO store_mail SELECT node, at, at, NULL, 'rows', '{}' "
            "FROM store_marks, generate_series(1, 5000) AS at"
        )
        connection.execute("ANALYZE")
        seen = (["a", "b"], [4998, 5000])  # c is new here
        found = connection.execute(reading._TO_ALL, seen).fetchall()
        assert [row[:2] for row in found if row[0] != "c"] == [("a", 4999), ("a", 5000)]
        assert len(found) == 5002
        seen = (["a", "b", "c"], [4998, 5000, 5000])
        ((told,),) = connection.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {reading._TO_ALL}", seen).fetchall()
        assert sum(rows_read(told[0]["Plan"])) < 10


def test_whoever_wakes_the_reader_never_waits_for_it() -> None:
    """A pipe takes 64 KiB; the reader may be waiting for the loop meanwhile."""
    mail = Mail(Session("postgresql://", "oslo-1"), lambda call: None, print, print, DatabaseTime())
    try:
        for _ in range(70_000):
            mail.wake()
            mail.catch_up(print)
        mail.stop()
    finally:
        mail.dispose()
