"""Looking at a store from outside: whole or not, and what is in it."""

from pathlib import Path

import pytest

from smsc.store import StoreError, inspection
from tests.store.keeper import DIGEST, MESSAGE, RECORD, as_if_killed, message, sqlite_keeper


@pytest.fixture
def path(tmp_path: Path) -> Path:
    keeper = sqlite_keeper(tmp_path / "smsc.db").open(version=4)
    keeper.save(*(message(number) for number in range(500)))
    keeper.save(("zone/oslo", "{}"), table=RECORD)
    keeper.close()
    return tmp_path / "smsc.db"


def test_a_whole_store_has_no_problems(path: Path) -> None:
    assert inspection.check(f"sqlite:{path}") == []
    assert inspection.version(f"sqlite:{path}") == 4


def test_looking_leaves_nothing_behind(path: Path) -> None:
    before = path.read_bytes()
    inspection.check(f"sqlite:{path}")
    list(inspection.export(f"sqlite:{path}"))
    assert path.read_bytes() == before
    assert {entry.name for entry in path.parent.iterdir()} <= {
        "smsc.db",
        "smsc.db-lock",
        "smsc.db-wal",
        "smsc.db-shm",
    }
    assert not Path(f"{path}-wal").exists() or Path(f"{path}-wal").stat().st_size == 0


def test_every_row_is_exported_with_its_column_names(path: Path) -> None:
    rows = list(inspection.export(f"sqlite:{path}"))
    assert len(rows) == 501
    assert rows[0] == ("message", dict(zip(MESSAGE.columns, message(0), strict=True)))
    assert rows[-1] == ("record", {"name": "zone/oslo", "value": "{}"})
    assert DIGEST.name not in {table for table, _ in rows}


def test_a_running_store_is_exported_as_of_one_moment(path: Path) -> None:
    keeper = sqlite_keeper(path).open(version=4)
    keeper.save(message(500))
    exported = inspection.export(f"sqlite:{path}")
    assert next(exported)[1]["id"] == 0
    keeper.save(message(501))
    assert len(list(exported)) == 501
    assert len(list(inspection.export(f"sqlite:{path}"))) == 503
    assert inspection.check(f"sqlite:{path}") == []
    keeper.save(message(502))
    keeper.close()


def test_what_a_killed_server_left_is_looked_at_with_its_log(path: Path, tmp_path: Path) -> None:
    keeper = sqlite_keeper(path).open(version=4)
    keeper.save(message(500))
    killed = as_if_killed(path, tmp_path / "killed")
    keeper.close()
    log = Path(f"{killed}-wal").read_bytes()
    assert len(list(inspection.export(f"sqlite:{killed}"))) == 502
    assert inspection.check(f"sqlite:{killed}") == []
    assert Path(f"{killed}-wal").read_bytes() == log


@pytest.mark.parametrize("place", [4096 * 3, 4096 * 10])
def test_damage_is_described(path: Path, place: int) -> None:
    with path.open("r+b") as file:
        file.seek(place)
        file.write(b"\xff" * 2000)
    assert inspection.check(f"sqlite:{path}") != []


def test_an_index_that_misses_a_row_is_found(path: Path) -> None:
    """Opening does not look for this, it would take long; `check` does."""
    raw = path.read_bytes()
    place = raw.rfind((4790000002).to_bytes(6, "big"))
    path.write_bytes(raw[:place] + (4790000003).to_bytes(6, "big") + raw[place + 6 :])
    assert any("message_by_recipient_id" in problem for problem in inspection.check(f"sqlite:{path}"))


def test_what_is_no_store_is_named(tmp_path: Path) -> None:
    for look in (inspection.check, inspection.version, lambda url: list(inspection.export(url))):
        with pytest.raises(StoreError, match="there is no such file"):
            look(f"sqlite:{tmp_path}/smsc.db")
        with pytest.raises(StoreError, match="keeps nothing"):
            look("memory:")
    (tmp_path / "empty.db").touch()
    with pytest.raises(StoreError, match="is empty"):
        inspection.check(f"sqlite:{tmp_path}/empty.db")
    (tmp_path / "diary.txt").write_text("Kjære dagbok" * 100)
    with pytest.raises(StoreError, match="some other file"):
        inspection.check(f"sqlite:{tmp_path}/diary.txt")
    assert {entry.name for entry in tmp_path.iterdir()} == {"empty.db", "diary.txt"}
