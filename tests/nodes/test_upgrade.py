"""A new release comes node by node; one that writes another version of the tables only when no other node
runs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from smsc.store.base import StoreError
from smsc.store.postgres.store import PostgresStore
from smsc.testing.server import SmscHandle
from tests.nodes.conftest import Node
from tests.nodes.rig import WINDOW, serving
from tests.postgresql import Server
from tests.scenarios.binding import Bind
from tests.store.keeper import TABLES, Keeper
from tests.waiting import Took

KARI, PER = "4790000001", "4740000003"
Figure = Callable[[int | str, str], None]

pytestmark = pytest.mark.timeout(0)


def test_node_by_node_while_the_others_serve(node: Node, bind: Bind) -> None:
    """Whoever was bound to the one that stops binds to another, and all goes on in order."""
    names = ("oslo-1", "bergen-1", "molde-1")
    nodes = [node(name) for name in names]
    sent: list[str] = []
    got: list[str] = []

    def goes_on(at: SmscHandle, there: SmscHandle) -> None:
        per, kari = bind(PER, at=there.smpp_address), bind(KARI, at=at.smpp_address)
        texts = [f"nr. {len(sent) + number}" for number in range(5)]
        ids = [kari.send(PER, text, registered_delivery=1) for text in texts]
        sent.extend(texts)
        got.extend(per.receive_all(5))
        assert [kari.receive_receipt().id for _ in ids] == ids
        per.unbind()
        kari.unbind()

    for number, name in enumerate(names):
        here, there = nodes[number - 1], nodes[number - 2]
        goes_on(nodes[number], here)
        kari = bind(KARI, at=nodes[number].smpp_address)
        kari.send(PER, "venter")
        kari.unbind()
        nodes[number].stop(grace=0)
        per = bind(PER, at=there.smpp_address)
        assert per.receive_all(1) == ["venter"]
        per.unbind()
        goes_on(here, there)
        nodes[number] = node(name)
        goes_on(nodes[number], there)
    assert got == sent


@pytest.mark.torture
def test_node_by_node_under_load(postgresql: Server, tmp_path: Path, figure: Figure) -> None:
    """Each is stopped and started again, with clients on all of them: nothing is lost, and order holds."""
    database = postgresql.database()
    back = Took()
    with serving(tmp_path, postgresql.url(database), 3, window=WINDOW // 10) as (cluster, clients):
        clients.served()
        for number in range(3):
            clients.run(0.3)
            with back:
                assert cluster.nodes[number].stop(30.0) == 0
                clients.served()
            cluster.restart(number)
            clients.run(0.3)
        clients.settle()
        clients.drain()
        accounts = clients.accounts
        assert not accounts.lost()
        assert not accounts.without_receipt()
        assert not accounts.out_of_order()
        assert accounts.duplicates() <= 3 * WINDOW * 3
        assert cluster.stop() == [0] * 3
        figure("upgrade", f"{len(accounts.acknowledged)} acknowledged, 0 lost; served after {back}")


def keeper(url: str, node: str) -> Keeper:
    return Keeper(lambda keeper: PostgresStore(url, keeper.post, lock_patience=0.1, node=node))


def test_another_version_of_the_tables_waits_until_no_other_node_runs(database: str) -> None:
    """And what it has brought to its version no older one takes up again."""
    oslo, bergen = keeper(database, "oslo-1").open(), keeper(database, "bergen-1").open()
    later = keeper(database, "molde-1")
    for running, left in (("bergen-1, oslo-1", oslo), ("bergen-1", bergen)):
        with pytest.raises(StoreError) as refused:
            later.open(TABLES, 2)
        assert f"nodes of one that writes 1 run: {running}. Stop all of them" in str(refused.value)
        left.close()
    later.open(TABLES, 2)
    with pytest.raises(StoreError, match=r"newer release \(schema version 2, this one knows 1"):
        keeper(database, "oslo-1").open()
    keeper(database, "bergen-1").open(TABLES, 2).close()
    later.close()
