"""A file of an older release: brought to the tables of this one, entirely or not at all."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from smsc.store import Migration, Partial, StoreError, Table
from tests.store.keeper import Keeper, sqlite_keeper

OLD = Table(
    "message",
    ("id", "source", "state", "colour"),
    ("INTEGER", "TEXT", "INTEGER", "TEXT"),
    (("state",), ("colour",)),
)
WIDER = OLD._replace(columns=(*OLD.columns, "price"), types=(*OLD.types, "REAL"))
NEW = Table(
    "message",
    ("id", "sender", "state", "attempts"),
    ("INTEGER", "INTEGER", "INTEGER", "INTEGER"),
    (("sender", "id"), ("state",)),
)
ROWS = 2500


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file of version 1."""
    path = tmp_path / "smsc.db"
    keeper = sqlite_keeper(path).open([OLD])
    keeper.save(*((number, str(number), number % 4, "blue") for number in range(ROWS)), table=OLD)
    keeper.store.reserve("message", 1000)
    keeper.close()
    return path


def name_the_sender(row: dict[str, Any]) -> dict[str, Any] | None:
    """Version 2: source becomes the number `sender`, colour goes; state 3 was a mistake."""
    if row["state"] == 3:
        return None
    return {"id": row["id"], "sender": int(row["source"]), "state": row["state"]}


def count_attempts(row: dict[str, Any]) -> dict[str, Any]:
    """Version 3 builds on 2."""
    return row | {"attempts": row["sender"] + 1}


MIGRATIONS = (
    Migration(3, "message", count_attempts),
    Migration(2, "message", name_the_sender),
)


def indexes(path: Path) -> set[str]:
    shell = sqlite3.connect(path)
    rows = shell.execute("SELECT name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL").fetchall()
    shell.close()
    return {name for (name,) in rows}


def records(path: Path) -> list[tuple[int, str]]:
    shell = sqlite3.connect(path)
    rows = shell.execute("SELECT version, what FROM store_migrations ORDER BY rowid").fetchall()
    shell.close()
    return rows


def opened(path: Path, table: Table, version: int = 1, migrations: tuple[Migration, ...] = ()) -> Keeper:
    return sqlite_keeper(path).open([table], version, migrations)


def test_every_row_goes_through_the_migrations_in_order(path: Path) -> None:
    keeper = opened(path, NEW, 3, MIGRATIONS)
    wanted = [(number, number, number % 4, number + 1) for number in range(ROWS) if number % 4 != 3]
    assert keeper.store.select(NEW) == wanted
    assert keeper.store.select(NEW, {"sender": 8}) == [(8, 8, 0, 9)]
    keeper.save((ROWS, 1, 1, 1), table=NEW)
    keeper.close()
    assert indexes(path) == {"message_by_sender_id", "message_by_state"}
    assert records(path) == [(1, "created message"), (3, "rewrote message")]


def test_a_migration_runs_once(path: Path) -> None:
    opened(path, NEW, 3, MIGRATIONS).close()
    keeper = opened(path, NEW, 3, MIGRATIONS)
    assert keeper.store.get(NEW, 8) == (8, 8, 0, 9)
    keeper.close()


def test_only_the_migrations_above_the_files_version_run(path: Path) -> None:
    second = NEW._replace(columns=NEW.columns[:3], types=NEW.types[:3])
    opened(path, second, 2, MIGRATIONS).close()
    keeper = opened(path, NEW, 3, MIGRATIONS)
    assert keeper.store.get(NEW, 8) == (8, 8, 0, 9)
    keeper.close()
    assert records(path)[1:] == [(2, "rewrote message"), (3, "rewrote message")]


def test_a_new_column_needs_no_migration(path: Path) -> None:
    keeper = opened(path, WIDER, 2)
    assert keeper.store.get(WIDER, 8) == (8, "8", 0, "blue", None)
    keeper.save((8, "8", 0, "blue", 4.5), table=WIDER)
    assert keeper.store.get(WIDER, 8) == (8, "8", 0, "blue", 4.5)
    keeper.close()


def test_columns_may_be_declared_in_another_order(path: Path) -> None:
    turned = Table("message", ("id", "colour", "state", "source"), ("INTEGER", "TEXT", "INTEGER", "TEXT"))
    keeper = opened(path, turned)
    assert keeper.store.get(turned, 8) == (8, "blue", 0, "8")
    keeper.save((8, "red", 1, "9"), table=turned)
    keeper.close()
    keeper = opened(path, OLD)
    assert keeper.store.get(OLD, 8) == (8, "9", 1, "red")
    keeper.close()


def test_a_new_table_appears_and_one_that_is_no_longer_declared_stays(path: Path) -> None:
    other = Table("record", ("name", "value"), ("TEXT", "TEXT"))
    opened(path, other, 2).close()
    keeper = opened(path, OLD, 2)
    assert keeper.store.count(OLD) == ROWS
    keeper.close()


def test_indexes_follow_the_declaration(path: Path) -> None:
    assert indexes(path) == {"message_by_state", "message_by_colour"}
    opened(path, OLD._replace(indexes=(("source", "id"), ("state",)))).close()
    assert indexes(path) == {"message_by_source_id", "message_by_state"}


def test_an_index_may_become_partial(path: Path) -> None:
    narrow = OLD._replace(indexes=(Partial(("colour", "id"), "state", 1), Partial(("id",), "state", 2)))
    keeper = opened(path, narrow)
    assert keeper.store.count(narrow, {"colour": "blue", "state": 1}) == ROWS // 4
    keeper.close()
    assert indexes(path) == {"message_by_colour_id_where_state_1", "message_by_id_where_state_2"}


def test_counters_go_on_after_a_migration(path: Path) -> None:
    keeper = opened(path, NEW, 3, MIGRATIONS)
    assert keeper.store.reserve("message", 1) == 1001
    keeper.close()


@pytest.mark.parametrize("problem", [ValueError("no such colour"), KeyboardInterrupt()])
def test_a_migration_that_fails_half_way_changes_nothing(path: Path, problem: BaseException) -> None:
    def fails_late(row: dict[str, Any]) -> dict[str, Any] | None:
        if row["id"] == ROWS - 5:
            raise problem
        return name_the_sender(row)

    with pytest.raises(type(problem)):
        opened(path, NEW, 3, (Migration(2, "message", fails_late), MIGRATIONS[0]))
    keeper = opened(path, OLD)
    assert keeper.store.count(OLD) == ROWS
    assert keeper.store.get(OLD, 0) == (0, "0", 0, "blue")
    keeper.close()
    assert indexes(path) == {"message_by_state", "message_by_colour"}


def test_a_column_that_nobody_knows_any_more_is_not_dropped_silently(path: Path) -> None:
    narrow = OLD._replace(columns=OLD.columns[:3], types=OLD.types[:3], indexes=())
    with pytest.raises(StoreError, match=r"column message\.colour is not known to this release"):
        opened(path, narrow, 2)
    with pytest.raises(StoreError, match=r"column message\.colour is not known to this release"):
        opened(path, narrow, 2, (Migration(2, "message", lambda row: row),))
    opened(path, OLD).close()


def test_another_key_is_no_addition(path: Path) -> None:
    turned = Table("message", ("source", "id", "state", "colour"), ("TEXT", "INTEGER", "INTEGER", "TEXT"))
    with pytest.raises(StoreError, match=r"column message\.id is not known to this release as the key"):
        opened(path, turned, 2)
    opened(path, OLD).close()
