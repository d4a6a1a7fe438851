"""The machines of nodes have clocks that differ, and run at different speeds: the SMSC has one time, the
database's, and no lease depends on a machine's."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from smsc.store.postgres import time as database_time
from smsc.testing.server import SmscHandle
from tests.nodes.conftest import Node
from tests.postgresql import Server
from tests.scenarios.binding import Bind
from tests.waiting import until

KARI, OLA, PER = "4790000001", "4790000002", "4740000003"
MINUTE = 60_000
OFF = {"oslo-1": (5 * MINUTE, 1.0), "bergen-1": (-5 * MINUTE, 1.0), "molde-1": (0, 1.01)}  # ms, and speed
NEAR = MINUTE  # ms: what machines that are busy need; 300 000 would be theirs

pytestmark = pytest.mark.timeout(120)


def skewed(real: Callable[[], int], off: int, speed: float) -> Callable[[], int]:
    begun = real()
    return lambda: begun + off + int((real() - begun) * speed)


@pytest.fixture
def nodes(node: Node, monkeypatch: pytest.MonkeyPatch) -> list[SmscHandle]:
    real = database_time.wall_ms
    made = []
    for name, (off, speed) in OFF.items():
        monkeypatch.setattr(database_time, "wall_ms", skewed(real, off, speed))
        made.append(node(name, clock={"mode": "real", "start": None}))
    return made


def now(node: SmscHandle) -> float:
    """Milliseconds on the SMSC clock of a node."""
    return datetime.fromisoformat(node.control("clock")["now"]).timestamp() * 1000


def test_all_nodes_have_the_database_s_time(
    nodes: list[SmscHandle], database: str, postgresql: Server
) -> None:
    sql = "SELECT extract(epoch from clock_timestamp()) * 1000"
    for node in nodes:
        ((there,),) = postgresql.query(database.rpartition("/")[2], sql)
        assert abs(now(node) - float(str(there))) < NEAR


def test_validity_schedule_and_order_hold_from_node_to_node(nodes: list[SmscHandle], bind: Bind) -> None:
    """What is valid for a minute is delivered, whichever node has accepted it and whichever delivers it; what
    is scheduled comes, and the order of a pair is kept as its sender and its phone move."""
    for turn, there in enumerate(nodes):
        per = bind(PER, at=there.smpp_address)
        for here in nodes:
            kari = bind(KARI, at=here.smpp_address)
            texts = [f"{turn} {text}" for text in ("a", "b", "c")]
            for text in texts:
                kari.send(PER, text, validity_period="000000000100000R")
            assert per.receive_all(3) == texts
            kari.send(PER, "senere", schedule_delivery_time="000000000001000R")
            assert per.receive_all(1) == ["senere"]
            kari.unbind()
        per.unbind()


def test_nobody_is_taken_over(nodes: list[SmscHandle], bind: Bind, database: str, postgresql: Server) -> None:
    kari = bind(KARI, at=nodes[0].smpp_address)
    ids = [kari.send(OLA, "hei") for _ in range(20)]
    ola = bind(OLA, at=nodes[1].smpp_address)
    assert ola.receive_all(20) == ["hei"] * 20
    until(lambda: all(nodes[2].message(ident).state == "delivered" for ident in ids))
    marks = "SELECT count(*) FROM store_marks WHERE until > clock_timestamp()"
    assert postgresql.query(database.rpartition("/")[2], marks) == [(3,)]
