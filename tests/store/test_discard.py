"""Beginning anew: a store that nobody uses is deleted, and nothing else ever is."""

from pathlib import Path

import pytest

from smsc.store import StoreError
from smsc.store.discard import discard
from tests.store.keeper import MESSAGE, message, sqlite_keeper


def test_memory_and_what_is_not_there_are_nothing_to_delete(tmp_path: Path) -> None:
    assert discard("memory:") is False
    assert discard(f"sqlite:{tmp_path}/smsc.db") is False
    assert list(tmp_path.iterdir()) == []


def test_a_store_goes_with_its_log(tmp_path: Path) -> None:
    path = tmp_path / "smsc.db"
    keeper = sqlite_keeper(path).open()
    keeper.save(message(1))
    keeper.close()
    Path(f"{path}-wal").touch()
    assert discard(f"sqlite:{path}") is True
    assert not path.exists()
    assert not Path(f"{path}-wal").exists()
    assert not Path(f"{path}-shm").exists()
    anew = sqlite_keeper(path).open()
    assert anew.store.select(MESSAGE) == []
    anew.close()


def test_a_log_that_was_left_alone_goes_too(tmp_path: Path) -> None:
    """Otherwise the next store would begin with what it holds."""
    log = tmp_path / "smsc.db-wal"
    log.write_bytes(b"left")
    assert discard(f"sqlite:{tmp_path}/smsc.db") is True
    assert not log.exists()


def test_a_store_in_use_stays(tmp_path: Path) -> None:
    path = tmp_path / "smsc.db"
    keeper = sqlite_keeper(path).open()
    keeper.save(message(1))
    with pytest.raises(StoreError, match="is in use by process"):
        discard(f"sqlite:{path}")
    assert keeper.store.select(MESSAGE) == [message(1)]
    keeper.close()
    assert discard(f"sqlite:{path}") is True


def test_a_file_that_is_no_store_stays(tmp_path: Path) -> None:
    path = tmp_path / "thesis.txt"
    path.write_text("x" * 200)
    with pytest.raises(StoreError, match="is not an SMSC store"):
        discard(f"sqlite:{path}")
    assert path.read_text() == "x" * 200
