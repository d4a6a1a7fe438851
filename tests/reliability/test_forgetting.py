"""Retention in real time, and the erasure of one number."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

from smsc.engine.retention import DAY, Retention
from smsc.testing.server import SmscHandle, start_smsc
from tests.reliability.peer import Peer

NUMBER = "4790077777"


def test_what_ended_too_long_ago_in_real_time_is_past_its_time() -> None:
    retention = Retention(7)
    assert retention.mark(0, 1_000_000) == 0
    assert retention.mark(3 * DAY, 500 * DAY) == 0  # the SMSC's clock runs ahead
    assert retention.mark(7 * DAY, 600 * DAY) == 1_000_000
    assert retention.mark(8 * DAY, 600 * DAY) == 1_000_000
    assert retention.mark(10 * DAY, 600 * DAY) == 500 * DAY


def test_marks_are_few_and_survive_a_restart() -> None:
    retention = Retention(7)
    for minute in range(14 * 24 * 60):
        if retention.is_due(minute * 60_000):
            retention.mark(minute * 60_000, minute)
    assert len(retention.marks) <= 103
    again = Retention(7)
    again.restore(retention.record())
    assert again.marks == retention.marks
    assert not Retention(0).is_due(DAY)


def serve(path: Path, **settings: Any) -> SmscHandle:
    return start_smsc(store={"url": f"sqlite:{path}", **settings}, limits={"shutdown": "1s"})


def test_finished_messages_are_pruned_whatever_their_end(tmp_path: Path) -> None:
    path = tmp_path / "smsc.db"
    with serve(path) as smsc:
        smsc.send("4790000001", "4798765432", "to nobody")
        kept = smsc.send("4790000001", "4790000002", "waits")
        smsc.clock.advance("1h")
        assert smsc.messages(state="undeliverable")
        house = smsc.server.control.keep_house
        for day in range(9):
            smsc.submit(_call(house, day * DAY)).result(10)
        smsc.submit(smsc.server.committed()).result(10)
    with serve(path) as smsc:
        assert [message.id for message in smsc.messages()] == [kept.id]


async def _call(call: Callable[[int], None], real_now: int) -> None:
    call(real_now)


def test_erasure_leaves_no_trace_in_the_store(tmp_path: Path, peers: Callable[..., Peer]) -> None:
    path = tmp_path / "smsc.db"
    with serve(path) as smsc:
        peer, other = peers(smsc, NUMBER), peers(smsc, "4790000002")
        for text in (b"finished, from", b"and more"):
            assert peer.submit(NUMBER, "4790000002", text, registered_delivery=1).status == 0
        other.deliveries(2)
        assert other.submit("4790000002", NUMBER, b"finished, to").status == 0
        peer.close()
        for number in range(200):  # waiting, most of them parked
            text = b"waiting %d" % number
            assert other.submit("4790000002", NUMBER, text, registered_delivery=1).status == 0
        assert other.submit("4790000002", "4790000002", b"somebody else's").status == 0
        smsc.control("put_registration", NUMBER, {})
        smsc.control("delete_subscriber", NUMBER, True)
        smsc.run(smsc.server.committed())
        assert not smsc.messages(destination=NUMBER)
        assert not smsc.messages(source=NUMBER)
        assert len(smsc.messages(source="4790000002")) == 1
        assert smsc.server.engine.unfinished() <= 1
    octets = rows(path)
    assert "somebody else's" in octets
    for trace in (NUMBER, NUMBER[2:], "waiting", "finished", "and more"):
        left = octets.replace(f"api/subscriber/{NUMBER}", "")
        assert trace not in left, trace


def rows(path: Path) -> str:
    """Every value of every table as text."""
    with sqlite3.connect(path) as connection:
        found = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        tables = [name for (name,) in found]
        values = [row for table in tables for row in connection.execute(f"SELECT * FROM {table}")]
    connection.close()
    return "\n".join(
        value.decode("latin-1") if isinstance(value, bytes) else str(value) for row in values for value in row
    )
