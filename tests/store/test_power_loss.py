"""The machine loses power while the store writes: what was acknowledged is there when it comes back."""

import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from smsc.store import sqlite_writer
from tests.store.faulty_vfs import Disk
from tests.store.keeper import Keeper, sqlite_keeper
from tests.store.ledger import Ledger

ROUNDS = [20, pytest.param(int(os.environ.get("SMSC_TORTURE_ROUNDS", "200")), marks=pytest.mark.torture)]


@pytest.fixture(autouse=True)
def short_log(monkeypatch: pytest.MonkeyPatch) -> None:
    """The log is moved into the database every few batches, so that power is lost there too."""
    monkeypatch.setattr(sqlite_writer, "CHECKPOINT_PAGES", 20)


@pytest.fixture
def disk() -> Disk:
    return Disk()


def running(disk: Disk, path: Path) -> Keeper:
    return sqlite_keeper(path, disk.name).open()


def write_until_dark(disk: Disk, keeper: Keeper, ledger: Ledger, operations: int) -> None:
    """Power goes after so many writes and syncs; the last batch gets an error or no answer that counts."""
    disk.lose_power_after(operations)
    while ledger.write(keeper) is None:
        pass
    assert not disk.powered
    keeper.close()


def rounds(disk: Disk, path: Path, chance: random.Random | None, count: int) -> Iterator[Ledger]:
    """The same store through many losses of power, a few batches each."""
    place = random.Random(count)
    ledger = Ledger()
    for _ in range(count):
        keeper = running(disk, path)
        ledger.check(keeper)
        write_until_dark(disk, keeper, ledger, place.randrange(300))
        disk.restore_power(chance)
        yield ledger
    keeper = running(disk, path)
    ledger.check(keeper)
    keeper.close()


@pytest.mark.parametrize("count", ROUNDS)
def test_writes_since_the_last_sync_are_gone(disk: Disk, tmp_path: Path, count: int) -> None:
    for ledger in rounds(disk, tmp_path / "smsc.db", None, count):
        acknowledged = ledger.acknowledged
    print(f"{count} losses of power, {acknowledged} acknowledged batches, 0 lost")


@pytest.mark.parametrize("count", ROUNDS)
def test_any_part_of_the_writes_since_the_last_sync_survives(disk: Disk, tmp_path: Path, count: int) -> None:
    for ledger in rounds(disk, tmp_path / "smsc.db", random.Random(4711), count):
        acknowledged = ledger.acknowledged
    print(f"{count} losses of power with torn writes, {acknowledged} acknowledged batches, 0 lost")


def test_power_lost_after_a_clean_end_loses_nothing(disk: Disk, tmp_path: Path) -> None:
    ledger = Ledger()
    for seed in range(4):
        keeper = running(disk, tmp_path / "smsc.db")
        ledger.check(keeper)
        for _ in range(5):
            assert ledger.write(keeper) is None
        keeper.close()
        disk.restore_power(random.Random(seed) if seed else None)
    keeper = running(disk, tmp_path / "smsc.db")
    ledger.check(keeper)
    keeper.close()


def test_reserved_numbers_are_never_given_out_again(disk: Disk, tmp_path: Path) -> None:
    seen: list[int] = []
    for _ in range(5):
        keeper = running(disk, tmp_path / "smsc.db")
        disk.arm()
        seen += [keeper.store.reserve("message", 100) for _ in range(3)]
        disk.powered = False
        keeper.close()
        disk.restore_power()
    assert seen == sorted(set(seen))


def test_a_disk_that_lies_about_syncing_is_noticed_by_these_tests(disk: Disk, tmp_path: Path) -> None:
    """The proof that the tests above can fail."""
    keeper = running(disk, tmp_path / "smsc.db")
    ledger = Ledger()
    for _ in range(3):
        ledger.write(keeper)
    disk.lies = True
    for _ in range(3):
        assert ledger.write(keeper) is None
    disk.powered = False
    keeper.close()
    disk.lies = False
    disk.restore_power()
    keeper = running(disk, tmp_path / "smsc.db")
    with pytest.raises(AssertionError, match="rows lost"):
        ledger.check(keeper)
    keeper.close()
