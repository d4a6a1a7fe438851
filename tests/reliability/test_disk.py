"""Rows 2, 3, 18b and 20: the disk loses power, fills up, breaks, stalls, or holds something else."""

import os
import random
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sized
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from smsc.engine.journal.records import KEY_VALUES, MESSAGES
from smsc.server import app
from smsc.server.app import SCHEMA_VERSION
from smsc.store import sqlite_writer
from smsc.store.base import StoreError
from smsc.store.inspection import check
from smsc.store.sqlite import SqliteStore
from smsc.testing.server import SmscHandle, start_smsc
from tests.peer import Peer
from tests.reliability.traffic import Ledger, farm, hang_up
from tests.store.faulty_vfs import Disk, broken, full
from tests.waiting import PATIENCE, Took, until

Figure = Callable[[int | str, str], None]
Connect = Callable[..., Peer]
ROUNDS = [4, pytest.param(int(os.environ.get("TORTURE_ROUNDS", "200")), marks=pytest.mark.torture)]
RMSGQFUL, RSYSERR = 0x14, 0x08


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Disk]:
    """The server's store stands on a disk that fails on command."""
    disk = Disk()
    monkeypatch.setattr(sqlite_writer, "CHECKPOINT_PAGES", 20)
    monkeypatch.setattr(
        app,
        "open_store",
        lambda url, post, *nodes: SqliteStore(Path(url.removeprefix("sqlite:")), post, vfs=disk.name),
    )
    yield disk
    disk.gate.set()


def serve(path: Path, **limits: Any) -> SmscHandle:
    return start_smsc(
        store={"url": f"sqlite:{path}"}, clock={"mode": "real"}, limits={"shutdown": "1s", **limits}
    )


@pytest.mark.timeout(0)
@pytest.mark.parametrize("rounds", ROUNDS)
def test_power_loss_loses_nothing_acknowledged(
    tmp_path: Path, disk: Disk, rounds: int, figure: Figure
) -> None:
    chance = random.Random(rounds)
    ledger = Ledger()
    dark = 0
    for number in range(rounds):
        with serve(tmp_path / "smsc.db") as smsc:
            traffic = farm(smsc.host, smsc.port, ledger)
            disk.lose_power_after(chance.randrange(5, 400))
            traffic.run(chance.uniform(0.1, 0.4))
            dark += not disk.powered
            disk.powered = False
            hang_up(traffic)
        disk.restore_power(chance if number % 2 else None)
    with serve(tmp_path / "smsc.db") as smsc:
        traffic = farm(smsc.host, smsc.port, ledger)
        traffic.run(60.0, submit=False, until_quiet=1.0)
        hang_up(traffic)
    assert len(ledger.acknowledged) > 10 * rounds
    assert not ledger.lost()
    assert len(set(ledger.ids)) == len(ledger.ids)
    figure(
        2,
        f"{rounds} losses of power ({dark} amid traffic, every second one with torn writes): "
        f"{len(ledger.acknowledged)} acknowledged, 0 lost, {ledger.duplicates()} delivered twice",
    )


@pytest.mark.parametrize(("fault", "status"), [(full, RMSGQFUL), (broken, RSYSERR)])
def test_every_write_that_fails_refuses_and_recovers(
    tmp_path: Path,
    disk: Disk,
    fault: Callable[[], BaseException],
    status: int,
    figure: Figure,
) -> None:
    ledger = Ledger()
    refused = 0
    with serve(tmp_path / "smsc.db") as smsc:
        traffic = farm(smsc.host, smsc.port, ledger, window=20)
        traffic.run(0.2)
        places: list[Any] = [{"write": n} for n in range(12)] + [{"sync": n} for n in range(3)]
        for place in places:
            disk.arm(fault, **place)
            traffic.run(0.1)
            readiness = httpx.get(f"{smsc.url}/readyz")
            if ledger.refused.total() > refused:
                assert readiness.status_code == 503, readiness.text
            refused = ledger.refused.total()
            disk.arm()
            _until(lambda: httpx.get(f"{smsc.url}/readyz").status_code == 200, traffic)
            before = len(ledger.acknowledged)
            traffic.run(5.0, submit=False, until_quiet=0.1)
            _until(partial(_more_than, before, ledger.acknowledged), traffic)
        traffic.run(5.0, submit=False, until_quiet=0.4)
        assert set(ledger.refused) == {status}
        hang_up(traffic)
    with serve(tmp_path / "smsc.db") as smsc:
        traffic = farm(smsc.host, smsc.port, ledger)
        traffic.run(20.0, submit=False, until_quiet=0.6)
        hang_up(traffic)
    assert not ledger.lost()
    figure(
        3,
        f"{fault.__name__} disk at {len(places)} places: {refused} refused with 0x{status:02x}, "
        f"{len(ledger.acknowledged)} acknowledged, 0 lost, recovered each time",
    )


def _more_than(before: int, found: Sized) -> bool:
    return len(found) > before


def _until(condition: Callable[[], bool], traffic: Any) -> None:
    until(condition, "it did not recover", meanwhile=lambda: traffic.run(0.05))


def test_no_response_leaves_while_the_commit_stalls(
    tmp_path: Path, disk: Disk, peers: Connect, figure: Figure
) -> None:
    with serve(tmp_path / "smsc.db") as smsc:
        peer = peers(smsc, "4790000001")
        assert peer.submit("4790000002", source="4790000001").status == 0
        disk.gate.clear()
        for _ in range(100):
            peer.ask(peer.submit_pdu("4790000002", source="4790000001"))
        with pytest.raises(TimeoutError):
            peer.pdu(timeout=1.0)
        with Took() as took:
            disk.gate.set()
            answers = [peer.pdu(timeout=PATIENCE) for _ in range(100)]
        assert all(answer is not None and answer.status == 0 for answer in answers)
    figure("18b", f"0 of 100 responses in 1 s of stalled commit; all 100 {took} after its release")


# --- what else may lie where the store should be -------------------------------------------------


def refused(path: Path) -> str:
    """Why the server does not start; the file is left as it was."""
    before = path.read_bytes()
    with pytest.raises(StoreError) as caught:
        serve(path)
    assert path.read_bytes() == before
    return str(caught.value)


def test_a_corrupt_database_is_refused_and_left_alone(tmp_path: Path, figure: Figure) -> None:
    path = tmp_path / "smsc.db"
    with serve(path) as smsc:
        for _ in range(200):
            smsc.send("4790000001", "4790000002", "hello")
    octets = bytearray(path.read_bytes())
    octets[4096 : 4096 * 3] = os.urandom(4096 * 2)
    path.write_bytes(octets)
    figure(20, f"corrupt file: {refused(path)}")


def test_a_foreign_database_is_refused_and_left_alone(tmp_path: Path, figure: Figure) -> None:
    path = tmp_path / "smsc.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE somebody_elses (x)")
    connection.close()
    figure(20, f"foreign database: {refused(path)}")


def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "smsc.db"
    path.write_text("Dear diary, " * 1000)
    assert "smsc.db" in refused(path)


def test_a_newer_schema_is_refused_and_left_alone(tmp_path: Path, figure: Figure) -> None:
    path = tmp_path / "smsc.db"
    store = SqliteStore(path, lambda call: call())
    store.open((MESSAGES, KEY_VALUES), SCHEMA_VERSION + 1)
    store.close()
    figure(20, f"newer schema: {refused(path)}")


def test_an_older_database_is_taken_over(tmp_path: Path, peers: Connect, figure: Figure) -> None:
    """A file of a release that knew fewer columns keeps its messages."""
    path = tmp_path / "smsc.db"
    with serve(path) as smsc:
        ident = smsc.send("4790000001", "4790000002", "from long ago").id
    with sqlite3.connect(path) as connection:
        for name in ("pagings", "validity"):
            connection.execute(f"ALTER TABLE messages DROP COLUMN {name}")
    connection.close()
    with serve(path) as smsc:
        assert smsc.message(ident).text == "from long ago"
    assert check(f"sqlite:{path}") == []
    figure(20, "database without two columns of today: taken over, message delivered")


def test_two_servers_never_share_a_store(tmp_path: Path) -> None:
    path = tmp_path / "smsc.db"
    with serve(path):
        done = threading.Event()
        told: list[str] = []

        def second() -> None:
            try:
                serve(path).stop()
            except StoreError as error:
                told.append(str(error))
            done.set()

        threading.Thread(target=second).start()
        assert done.wait(20)
        assert told
        assert "in use" in told[0]
