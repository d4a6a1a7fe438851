"""Copying a store: what is refused, and what is not copied twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from smsc.store import StoreError
from smsc.store.copying import copy
from smsc.store.inspection import counters, export
from tests.store.keeper import DIGEST, MESSAGE, RECORD, TABLES, message, url_keeper


@pytest.fixture
def source(url: str) -> str:
    """A store with a few rows, and a counter that stands at 101."""
    if url == "memory:":
        pytest.skip("memory: keeps nothing that could be copied")
    keeper = url_keeper(url).open()
    keeper.save(*(message(number) for number in range(1, 12)))
    keeper.save(("zone/oslo", "{}"), table=RECORD)
    keeper.save((b"\0", 1), table=DIGEST)
    keeper.store.reserve("message_id", 100)
    keeper.close()
    return url


def test_every_row_and_counter_is_copied(source: str, tmp_path: Path) -> None:
    target = f"sqlite:{tmp_path}/copy.db"
    assert copy(source, target, TABLES, 1) == {MESSAGE.name: 11, RECORD.name: 1, DIGEST.name: 1}
    assert list(export(target)) == list(export(source))
    assert counters(target) == counters(source) == {"message_id": 101}


def test_a_target_with_rows_is_refused_and_left_as_it_is(source: str, tmp_path: Path) -> None:
    target = f"sqlite:{tmp_path}/copy.db"
    copy(source, target, TABLES, 1)
    before = list(export(target))
    with pytest.raises(StoreError, match="holds a store already"):
        copy(source, target, TABLES, 1)
    with pytest.raises(StoreError, match="holds a store already"):
        copy(target, source, TABLES, 1)
    assert list(export(target)) == before


def test_a_store_that_a_server_uses_is_not_copied(source: str, tmp_path: Path) -> None:
    keeper = url_keeper(source).open()
    try:
        with pytest.raises(StoreError, match="is in use"):
            copy(source, f"sqlite:{tmp_path}/copy.db", TABLES, 1)
    finally:
        keeper.close()


@pytest.mark.parametrize(
    ("source", "target", "told"),
    [
        ("memory:", "sqlite:here.db", "keeps nothing"),
        ("sqlite:here.db", "memory:", "keeps nothing"),
        ("sqlite:here.db", "sqlite:here.db", "both source and target"),
        ("sqlite:/nowhere/here.db", "sqlite:/nowhere/there.db", "no such file"),
    ],
)
def test_what_can_not_be_copied_is_told(source: str, target: str, told: str) -> None:
    with pytest.raises(StoreError, match=told):
        copy(source, target, TABLES, 1)
