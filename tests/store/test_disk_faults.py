"""The disk is full or fails, wherever it can: refused, nothing acknowledged lost, well again later."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from smsc.store import StoreError, StoreFull, sqlite_writer
from tests.store.faulty_vfs import Disk, Fault, broken, full
from tests.store.keeper import (
    MESSAGE,
    Keeper,
    as_if_killed,
    batch_of,
    message,
    sqlite_keeper,
)
from tests.store.ledger import Ledger

BATCHES = 3
FAULTS = [pytest.param(full, StoreFull, id="full"), pytest.param(broken, StoreError, id="broken")]


@pytest.fixture(autouse=True)
def short_log(monkeypatch: pytest.MonkeyPatch) -> None:
    """The log is moved into the database every few batches, so that this fails too."""
    monkeypatch.setattr(sqlite_writer, "CHECKPOINT_PAGES", 8)


@pytest.fixture
def disk() -> Disk:
    return Disk()


def settle(keeper: Keeper) -> None:
    """Until the writing thread is through with what it does behind the last answer."""
    keeper.commit(batch_of([]))


def load(keeper: Keeper, ledger: Ledger) -> list[BaseException | None]:
    return [ledger.write(keeper) for _ in range(BATCHES)]


def each_place(disk: Disk, tmp_path: Path, count: Callable[[Disk], int]) -> range:
    """As many places as an undisturbed run has."""
    keeper = sqlite_keeper(tmp_path / "undisturbed.db", disk.name).open()
    disk.arm()
    assert load(keeper, Ledger()) == [None] * BATCHES
    settle(keeper)
    places = count(disk)
    keeper.close()
    assert places > BATCHES
    return range(places)


def strike(disk: Disk, path: Path, kind: type[StoreError], arm: Callable[[], None]) -> int:
    """One store through one fault; how many batches were refused."""
    keeper = sqlite_keeper(path, disk.name).open()
    ledger = Ledger()
    arm()
    refused = [error for error in load(keeper, ledger) if error is not None]
    assert all(isinstance(error, kind) and f"sqlite:{path}: " in str(error) for error in refused)
    ledger.check_exactly(keeper)
    disk.arm()
    assert load(keeper, ledger) == [None] * BATCHES
    ledger.check_exactly(keeper)
    killed = sqlite_keeper(as_if_killed(path, path.parent / f"{path.name}.killed")).open()
    ledger.check_exactly(killed)
    killed.close()
    keeper.close()
    return len(refused)


@pytest.mark.parametrize(("fault", "kind"), FAULTS)
def test_one_write_fails(disk: Disk, tmp_path: Path, fault: Fault, kind: type[StoreError]) -> None:
    refused = 0
    places = each_place(disk, tmp_path, lambda disk: disk.writes)
    for place in places:
        refused += strike(
            disk, tmp_path / f"{place}.db", kind, partial(disk.arm, fault, write=place, once=True)
        )
    assert 0 < refused < len(places), "moving the log must fail too, and refuse nothing"
    print(f"{fault.__name__} at each of {len(places)} writes: {refused} batches refused, 0 acknowledged lost")


def test_one_sync_fails(disk: Disk, tmp_path: Path) -> None:
    refused = 0
    places = each_place(disk, tmp_path, lambda disk: disk.syncs)
    for place in places:
        refused += strike(
            disk,
            tmp_path / f"{place}.db",
            StoreError,
            partial(disk.arm, broken, sync=place, once=True),
        )
    assert 0 < refused < len(places), "moving the log must fail too, and refuse nothing"
    print(f"each of {len(places)} syncs failed: {refused} batches refused, 0 acknowledged lost")


@pytest.mark.parametrize(("fault", "kind"), FAULTS)
@pytest.mark.parametrize("place", [0, 3, 17])
def test_the_fault_lasts_until_someone_makes_room(
    disk: Disk, tmp_path: Path, fault: Fault, kind: type[StoreError], place: int
) -> None:
    assert strike(disk, tmp_path / "smsc.db", kind, lambda: disk.arm(fault, write=place)) > 0


def test_reserving_numbers_on_a_full_disk_is_an_error_and_skips_none(disk: Disk, tmp_path: Path) -> None:
    keeper = sqlite_keeper(tmp_path / "smsc.db", disk.name).open()
    assert keeper.store.reserve("message", 10) == 1
    disk.arm(full, write=0)
    with pytest.raises(StoreFull, match="the disk is full"):
        keeper.store.reserve("message", 10)
    first, error = keeper.reserve_later("message", 10)
    assert (first, type(error)) == (0, StoreFull)
    disk.arm()
    assert keeper.store.reserve("message", 10) == 11
    assert keeper.reserve_later("message", 10) == (21, None)
    assert keeper.store.idle()
    keeper.close()


def test_pruning_on_a_broken_disk_is_an_error_and_can_be_repeated(disk: Disk, tmp_path: Path) -> None:
    keeper = sqlite_keeper(tmp_path / "smsc.db", disk.name).open()
    keeper.save(*(message(number) for number in range(100)))
    disk.arm(broken, write=0)
    assert isinstance(keeper.prune(MESSAGE, "submitted", 1), StoreError)
    assert keeper.store.count(MESSAGE) == 100
    disk.arm()
    assert keeper.prune(MESSAGE, "submitted", 1) is None
    assert keeper.store.count(MESSAGE) == 0
    keeper.close()


@pytest.mark.parametrize(("fault", "kind"), FAULTS)
def test_opening_fails_cleanly_and_succeeds_later(
    disk: Disk, tmp_path: Path, fault: Fault, kind: type[StoreError]
) -> None:
    path = tmp_path / "smsc.db"
    for place in range(100):
        keeper = sqlite_keeper(path, disk.name)
        disk.arm(fault, write=place, once=True)
        try:
            keeper.open(version=place + 1)
        except kind:
            disk.arm()
            keeper.open(version=place + 1)
        else:
            # So many writes does opening take.
            assert place > 0
            assert disk.writes <= place
            keeper.close()
            return
        keeper.save(message(place))
        assert keeper.store.count(MESSAGE) == place + 1
        keeper.close()
    pytest.fail("opening never got through")


def test_a_batch_that_can_not_be_stored_does_not_harm_the_next(tmp_path: Path) -> None:
    keeper = sqlite_keeper(tmp_path / "smsc.db").open()
    for row in (
        message("x"),  # type: ignore[arg-type]
        message(2**63),
        message(1, text="\ud800"),
        message(1, recipient="ukjent"),  # type: ignore[arg-type]
        message(1, text=object()),  # type: ignore[arg-type]
        message(1)[:-1],
    ):
        error = keeper.commit(batch_of([message(7), row]))
        assert isinstance(error, StoreError), row
        assert keeper.store.count(MESSAGE) == 0
    keeper.save(message(1))
    keeper.close()
