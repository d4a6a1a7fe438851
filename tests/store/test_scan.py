"""Looking through a large table in short steps."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from smsc.store import scan
from smsc.store.base import Store
from smsc.store.memory import MemoryStore
from tests.store.keeper import MESSAGE, TABLES, batch_of, message, sqlite_keeper

RECIPIENT = MESSAGE.columns.index("recipient")


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """Two crowds of rows with a wide gap between them; steps of 50 keys."""
    monkeypatch.setattr(scan, "STEP", 50)
    rows = [message(key, recipient=key % 7) for start in (1, 10_000_000) for key in range(start, start + 120)]
    if request.param == "sqlite":
        keeper = sqlite_keeper(tmp_path / "smsc.db").open()
        keeper.save(*rows)
        yield keeper.store
        keeper.close()
        return
    memory = MemoryStore()
    memory.open(TABLES)
    memory.write(batch_of(rows), lambda error: None)
    yield memory


def test_every_match_comes_once_and_in_order(store: Store) -> None:
    wheres = [{"recipient": 3}, {"recipient": 4}, {"recipient": 3}]
    keys = [row[0] for step in scan.steps(store, MESSAGE, wheres) for row in step]
    assert keys == [row[0] for row in store.select(MESSAGE) if row[RECIPIENT] in (3, 4)]


def test_a_step_looks_at_so_many_keys_and_a_gap_costs_none(store: Store) -> None:
    steps = [[row[0] for row in step] for step in scan.steps(store, MESSAGE, [{}])]
    assert [len(step) for step in steps] == [50, 50, 20, 50, 50, 20]
    assert all(step[-1] - step[0] < 50 for step in steps)
