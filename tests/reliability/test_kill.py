"""Rows 1 and 13: killed at any moment, the server loses nothing that it acknowledged, and reuses no id."""

import os
import random
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from smsc.delivery.message import ENROUTE, Message
from smsc.engine.journal.records import KEY_VALUES, MESSAGES, message_row
from smsc.server.app import SCHEMA_VERSION
from smsc.store.base import Batch
from smsc.store.sqlite import SqliteStore
from tests.reliability.conftest import IN_CI
from tests.reliability.process import Process
from tests.reliability.traffic import Ledger, farm, hang_up
from tests.waiting import until

Figure = Callable[[int | str, str], None]
ROUNDS = [
    12 if IN_CI else 4,
    pytest.param(int(os.environ.get("TORTURE_ROUNDS", "100")), marks=pytest.mark.torture),
]
WINDOW = 1_000  # limits.window_out: what one bind may have in flight, and get twice after a crash


@pytest.mark.timeout(0)
@pytest.mark.parametrize("rounds", ROUNDS)
def test_kill_dash_nine_loses_nothing_acknowledged(tmp_path: Path, rounds: int, figure: Figure) -> None:
    chance = random.Random(rounds)
    ledger = Ledger()
    server = Process(tmp_path)
    most = 0
    for _ in range(rounds):
        before = ledger.duplicates()
        with server:
            traffic = farm(server.host, server.port, ledger)
            traffic.run(chance.uniform(0.02, 0.7))
            server.kill()
            traffic.run(2.0, submit=False)  # what it had written before it died
            hang_up(traffic)
        most = max(most, ledger.duplicates() - before)
    with server:
        traffic = farm(server.host, server.port, ledger)
        traffic.run(60.0, submit=False, until_quiet=1.5)
        hang_up(traffic)
        assert server.stop() == 0
    assert len(ledger.acknowledged) > 50 * rounds
    assert not ledger.lost()
    assert most <= WINDOW
    assert len(set(ledger.ids)) == len(ledger.ids)
    figure(
        1,
        f"{rounds} x kill -9: {len(ledger.acknowledged)} acknowledged, 0 lost, "
        f"{ledger.duplicates()} delivered twice (at most {most} after one crash, bound {WINDOW}), "
        f"ready after {server.ready_after}",
    )
    figure(13, f"{len(ledger.ids)} message ids over {rounds + 1} runs: all different")


def queue_up(path: Path, count: int, recipients: int, size: int = 0) -> None:
    """A store as a server leaves it that has ``count`` messages for handsets nobody serves.

    Their texts have ``size`` octets, 0 for a few.
    """
    store = SqliteStore(path, lambda call: call())
    store.open((MESSAGES, KEY_VALUES), SCHEMA_VERSION)
    now = time.time_ns() // 1_000_000
    step = 1_000 if size else 50_000
    base = store.reserve("message_id", count)
    for start in range(0, count, step):
        batch = Batch()
        rows = batch.of(MESSAGES)
        for place in range(start, min(count, start + step)):
            message = Message()
            message.id = 100_000_000 + base + place
            message.recipient = message.destination = 4790000000 + place % recipients
            message.originator = message.source = 4740000000 + place % 10_000
            message.state = ENROUTE
            message.submitted_at = now
            message.expires_at = now + 72 * 3_600_000
            message.body = (b"n%d" % place).ljust(size)
            message.payload = size > 254
            rows[message.id] = message_row(message)
        store.write(batch, lambda error: None)
    store.close()


@pytest.mark.timeout(0)
@pytest.mark.parametrize("count", [100_000, pytest.param(1_000_000, marks=pytest.mark.torture)])
def test_ready_soon_with_a_long_queue(tmp_path: Path, count: int, figure: Figure) -> None:
    queue_up(tmp_path / "smsc.db", count, 100_000)
    with Process(tmp_path) as server:
        memory = server.memory()
        ledger = Ledger()
        traffic = farm(server.host, server.port, ledger)
        until(
            lambda: sum(ledger.delivered.values()) > 0,
            "nothing that was queued is delivered",
            meanwhile=lambda: traffic.run(0.1, submit=False),
        )
        hang_up(traffic)
        assert server.stop() == 0
    figure(1, f"{count} queued: ready after {server.ready_after}, {memory >> 20} MiB resident")
