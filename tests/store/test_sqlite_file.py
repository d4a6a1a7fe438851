"""The file: created complete, recognised, refused when it is not ours or not whole, and never overwritten."""

import os
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import apsw
import pytest

from smsc.store import StoreError, StoreFull, sqlite_file
from tests.store.keeper import MESSAGE, RECORD, as_if_killed, batch_of, message, sqlite_keeper


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "smsc.db"


@pytest.fixture
def stored(path: Path) -> Path:
    """A store with a thousand messages, closed."""
    keeper = sqlite_keeper(path).open()
    keeper.save(*(message(number) for number in range(1000)))
    keeper.close()
    return path


def content(directory: Path) -> dict[str, bytes]:
    """Every file but the lock, which says only who came last."""
    return {
        entry.name: entry.read_bytes()
        for entry in directory.iterdir()
        if entry.is_file() and not entry.name.endswith("-lock")
    }


def refusal(path: Path, version: int = 1) -> str:
    """What opening the file is told; fails when it changes anything beside or in it."""
    before = content(path.parent)
    keeper = sqlite_keeper(path)
    with pytest.raises(StoreError) as raised:
        keeper.open(version=version)
    keeper.close()
    assert content(path.parent) == before
    assert str(raised.value).startswith(f"sqlite:{path}: ")
    return str(raised.value)


def test_the_directory_is_made_and_nothing_else_is_left_in_it(tmp_path: Path) -> None:
    keeper = sqlite_keeper(tmp_path / "a" / "b" / "smsc.db").open()
    keeper.save(message(1))
    keeper.close()
    assert sorted(os.listdir(tmp_path / "a" / "b")) == ["smsc.db", "smsc.db-lock"]


def test_only_its_owner_may_read_the_file(stored: Path) -> None:
    assert stat.S_IMODE(stored.stat().st_mode) == 0o600


def test_what_was_kept_is_there_after_opening_again(stored: Path) -> None:
    keeper = sqlite_keeper(stored).open()
    assert keeper.store.select(MESSAGE) == [message(number) for number in range(1000)]
    keeper.close()


def test_an_empty_file_is_taken_as_new(path: Path) -> None:
    path.touch()
    keeper = sqlite_keeper(path).open()
    keeper.save(message(1))
    keeper.close()
    assert path.stat().st_size


def test_a_creation_that_was_cut_short_is_begun_anew(path: Path) -> None:
    Path(f"{path}-new").write_bytes(b"half a header")
    keeper = sqlite_keeper(path).open()
    keeper.save(message(1))
    keeper.close()
    assert not Path(f"{path}-new").exists()


def test_a_text_file_is_refused(path: Path) -> None:
    path.write_text("Kjære dagbok, " * 1000)
    assert "is not an SMSC store but some other file; it was left untouched" in refusal(path)


def test_a_short_text_file_is_refused(path: Path) -> None:
    path.write_text("x")
    assert "is not an SMSC store" in refusal(path)


@pytest.mark.parametrize("journal", ["delete", "wal"])
def test_a_database_of_another_application_is_refused(path: Path, journal: str) -> None:
    other = sqlite3.connect(path)
    other.execute(f"PRAGMA journal_mode = {journal}")
    other.execute("CREATE TABLE message (id INTEGER PRIMARY KEY)")
    other.commit()
    other.close()
    assert "is a database of another application; it was left untouched" in refusal(path)
    assert not Path(f"{path}-lock").exists()


def test_a_directory_is_refused(path: Path) -> None:
    path.mkdir()
    assert "is a directory" in refusal(path)


def test_a_file_in_the_way_of_the_directory_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    with pytest.raises(StoreError, match=r"data/smsc\.db: "):
        sqlite_keeper(tmp_path / "data" / "smsc.db").open()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_directory_without_permission_is_named(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(StoreError, match="Permission denied"):
        sqlite_keeper(tmp_path / "smsc.db").open()


def test_a_newer_schema_is_refused(stored: Path) -> None:
    keeper = sqlite_keeper(stored).open(version=7)
    keeper.close()
    complaint = refusal(stored, version=6)
    assert "was written by a newer release (schema version 7, this one knows 6)" in complaint
    assert "left untouched" in complaint


def test_a_newer_schema_with_a_log_of_a_killed_server_is_left_as_it_was(stored: Path, tmp_path: Path) -> None:
    keeper = sqlite_keeper(stored).open(version=7)
    keeper.save(message(5000))
    killed = as_if_killed(stored, tmp_path / "killed")
    keeper.close()
    assert Path(f"{killed}-wal").stat().st_size
    before = content(killed.parent)
    with pytest.raises(StoreError, match="newer release"):
        sqlite_keeper(killed).open(version=6)
    after = content(killed.parent)
    assert {name: after[name] for name in before} == before


@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
def test_a_truncated_file_is_refused(stored: Path, share: float) -> None:
    os.truncate(stored, int(stored.stat().st_size * share))
    assert "damaged" in refusal(stored)


def test_a_file_cut_off_in_its_header_is_refused(stored: Path) -> None:
    os.truncate(stored, 60)
    assert "is a database of another application" in refusal(stored)


@pytest.mark.parametrize("page", [1, 2, 5, 20])
@pytest.mark.parametrize("filler", [b"\x00", b"\xff", b"Z"])
def test_a_page_that_was_written_over_is_found_when_opening(stored: Path, page: int, filler: bytes) -> None:
    with stored.open("r+b") as file:
        file.seek(page * 4096 if page > 1 else 100)
        file.write(filler * 3900)
    assert "damaged" in refusal(stored)


def test_a_log_without_its_database_is_not_thrown_away(stored: Path) -> None:
    keeper = sqlite_keeper(stored).open()
    keeper.save(message(5000))
    killed = as_if_killed(stored, stored.parent / "killed")
    keeper.close()
    killed.unlink()
    complaint = refusal(killed)
    assert "is missing or empty, but its log smsc.db-wal is there" in complaint


def test_two_servers_do_not_share_a_file(stored: Path) -> None:
    first = sqlite_keeper(stored).open()
    with pytest.raises(StoreError, match=f"is in use by process {os.getpid()}"):
        sqlite_keeper(stored).open()
    first.save(message(2000))
    first.close()
    second = sqlite_keeper(stored).open()
    assert second.store.count(MESSAGE) == 1001
    second.close()


def test_another_process_is_named(stored: Path) -> None:
    hold = (
        "import sys, pathlib; from smsc.store.sqlite_file import lock\n"
        f"lock(pathlib.Path({str(stored)!r})); print('held', flush=True); sys.stdin.read()"
    )
    holder = subprocess.Popen([sys.executable, "-c", hold], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    with holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(StoreError, match=f"is in use by process {holder.pid}"):
            sqlite_keeper(stored).open()
        holder.kill()
    keeper = sqlite_keeper(stored).open()
    keeper.close()


def test_a_second_server_is_refused_though_the_lock_was_deleted(stored: Path) -> None:
    keeper = sqlite_keeper(stored).open()
    Path(f"{stored}-lock").unlink()
    program = (
        "import sys; from pathlib import Path; from smsc.store.sqlite import SqliteStore\n"
        "from tests.store.keeper import TABLES\n"
        "SqliteStore(Path(sys.argv[1]), lambda call: call()).open(TABLES)"
    )
    second = subprocess.run(
        [sys.executable, "-c", program, str(stored)],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert second.returncode != 0
    assert "is in use by another server, though smsc.db-lock was deleted" in second.stderr
    keeper.save(message(1001))
    reader = sqlite3.connect(f"file:{stored}?mode=ro", uri=True)  # in another SQLite: other programs read on
    assert reader.execute("SELECT count(*) FROM message").fetchone() == (1001,)
    reader.close()
    keeper.close()
    again = sqlite_keeper(stored).open()
    assert again.store.count(MESSAGE) == 1001
    again.close()


def test_a_full_disk_is_told_as_such_whatever_sqlite_says(
    stored: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without room for its shared memory SQLite says "disk I/O error", or that it can not open the file."""
    for error in (apsw.IOError("disk I/O error"), apsw.CantOpenError("unable to open database file")):
        assert not isinstance(sqlite_file.explained(stored, error), StoreFull)
    full = os.statvfs_result((4096, 4096, 100, 0, 0, 100, 100, 100, 0, 255))
    monkeypatch.setattr("smsc.store.sqlite_file.os.statvfs", lambda path: full)
    for error in (apsw.IOError("disk I/O error"), apsw.CantOpenError("unable to open database file")):
        told = sqlite_file.explained(stored, error)
        assert isinstance(told, StoreFull)
        assert "the disk is full" in str(told)
        assert "make room" in str(told)


def test_an_open_store_is_not_opened_again(stored: Path) -> None:
    keeper = sqlite_keeper(stored).open()
    with pytest.raises(StoreError, match="is open already"):
        keeper.open()
    keeper.save(message(1))
    keeper.close()


def test_a_closed_store_says_so(stored: Path) -> None:
    keeper = sqlite_keeper(stored).open()
    keeper.close()
    calls: tuple[Callable[[], object], ...] = (
        lambda: keeper.commit(batch_of([message(1)])),
        lambda: keeper.store.get(MESSAGE, 1),
        lambda: keeper.store.select(RECORD),
        lambda: keeper.store.reserve("message", 1),
        lambda: keeper.store.prune(MESSAGE, "submitted", 1),
    )
    for call in calls:
        with pytest.raises(StoreError, match="is closed"):
            call()


def test_people_can_read_the_file_while_the_server_runs(stored: Path) -> None:
    keeper = sqlite_keeper(stored).open()
    keeper.save(message(5000, text="synlig"))
    shell = apsw.Connection(str(stored))
    assert shell.execute("SELECT text FROM message WHERE id = 5000").fetchall() == [("synlig",)]
    keeper.save(message(5001))
    assert shell.execute("SELECT count(*) FROM message").get == 1002
    shell.close()
    keeper.save(message(5002))
    keeper.close()


def test_commits_are_synced_in_full(stored: Path) -> None:
    keeper = sqlite_keeper(stored).open()
    writing: apsw.Connection = keeper.store._connections[0]  # type: ignore[attr-defined]
    assert writing.pragma("journal_mode") == "wal"
    assert writing.pragma("synchronous") == 2
    assert writing.pragma("fullfsync") == 1
    keeper.close()
