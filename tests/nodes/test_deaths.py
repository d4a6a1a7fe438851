"""Nodes are killed, PostgreSQL crashes and fails over, connections are cut: nothing acknowledged is lost, all
of it comes in order, and twice only what was in flight."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pytest

from tests.nodes.clients import Clients
from tests.nodes.guard import guarded
from tests.nodes.rig import WINDOW, Cluster, serving
from tests.postgresql import Server
from tests.store.proxy import Proxy
from tests.waiting import PATIENCE, Took

Figure = Callable[[int | str, str], None]

pytestmark = pytest.mark.timeout(0)


def cases(short: int, long: int, several: tuple[int, ...] = (1, 3)) -> list[object]:
    """Nodes, and how often: three nodes as often as every build has time for (0: not at all), and `make
    torture`."""
    count = int(os.environ.get("TORTURE_ROUNDS", long))
    torture: list[object] = [
        pytest.param(nodes, count, marks=pytest.mark.torture, id=f"{nodes}-torture") for nodes in several
    ]
    return [(3, short), *torture] if short else torture


def is_cut(proxy: Proxy, times: int) -> bool:
    """Once more than so many times."""
    return proxy.cuts > times


def is_taken_over(server: Server, database: str, number: int) -> bool:
    """Whether nothing is owned by the node any more."""
    owned = f"SELECT count(*) FROM store_slots WHERE node = 'node-{number}'"
    return server.query(database, owned) == [(0,)]


def holds(clients: Clients, twice: int) -> str:
    """What must be true in the end, with at most so many delivered twice; as a line of figures."""
    accounts = clients.accounts
    assert not accounts.lost()
    assert not accounts.without_receipt()
    assert not accounts.out_of_order()
    assert accounts.duplicates() <= twice
    assert len(accounts.acknowledged) > 100
    return (
        f"{len(accounts.acknowledged)} acknowledged, 0 lost, 0 out of order, {accounts.duplicates()} twice "
        f"of at most {twice}"
    )


def ends_well(cluster: Cluster, clients: Clients, nodes: int) -> str:
    """Every submission was accepted, and delivered once; as a line of figures."""
    clients.settle()
    clients.drain()
    told = holds(clients, 0)
    assert not clients.accounts.refused
    assert not clients.accounts.unknown
    assert cluster.stop() == [0] * nodes
    return told


@pytest.mark.parametrize(("nodes", "count"), cases(1, 100))
def test_nodes_are_killed(postgresql: Server, tmp_path: Path, figure: Figure, nodes: int, count: int) -> None:
    chance = random.Random(count)
    back = Took()
    database = postgresql.database()
    with serving(tmp_path, postgresql.url(database), nodes) as (cluster, clients), ExitStack() as stack:
        clients.served()
        refusals = stack.enter_context(guarded(postgresql, database)) if nodes > 1 else list
        for _ in range(count):
            clients.run(chance.uniform(0.1, 0.6))
            victim = chance.randrange(nodes)
            with back:
                cluster.kill(victim)
                if nodes == 1:
                    cluster.restart(victim)
                clients.served()
            if nodes > 1:
                cluster.restart(victim)
        clients.settle()
        clients.drain()
        # Each bind of the node that died, and with several nodes those that had moved to it.
        told = holds(clients, count * WINDOW * nodes)
        assert refusals() == []
        assert cluster.stop() == [0] * nodes
    figure("kill", f"{count} kills of one of {nodes}: {told}; service back after {back}")


@pytest.mark.parametrize(("nodes", "count"), cases(0, 30, (3,)))
def test_nodes_are_asleep_for_longer_than_their_lease(
    postgresql: Server, tmp_path: Path, figure: Figure, nodes: int, count: int
) -> None:
    """SIGSTOP, again and again (once in every build: `test_sleepers.py`). When it wakes, another node has
    what was its own, and it can do no harm; it ends by itself."""
    chance = random.Random(count)
    back = Took()
    database = postgresql.database()
    with serving(tmp_path, postgresql.url(database), nodes) as (cluster, clients), ExitStack() as stack:
        clients.served()
        refusals = stack.enter_context(guarded(postgresql, database))
        for _ in range(count):
            clients.run(chance.uniform(0.1, 0.6))
            sleeper = chance.randrange(nodes)
            with back:
                cluster.suspend(sleeper)
                clients.run(PATIENCE, until=partial(is_taken_over, postgresql, database, sleeper))
                clients.served()
            cluster.wake(sleeper)
            assert clients.run(PATIENCE, until=partial(cluster.has_ended, sleeper)), "it goes on"
            cluster.restart(sleeper)
        clients.settle()
        clients.drain()
        told = holds(clients, count * WINDOW * nodes)
        assert refusals() == []
        assert cluster.stop() == [0] * nodes
    figure("stop", f"{count} SIGSTOPs of one of {nodes}: {told}; taken over and served after {back}")


@pytest.mark.parametrize(("nodes", "count"), cases(1, 20))
def test_postgresql_crashes(
    own_server: Server, tmp_path: Path, figure: Figure, nodes: int, count: int
) -> None:
    """The clients stay bound and are answered in the end."""
    chance = random.Random(count)
    back = Took()
    url = own_server.url(own_server.database())
    with serving(tmp_path, url, nodes, patience=60.0) as (cluster, clients):
        clients.served()
        for _ in range(count):
            clients.run(chance.uniform(0.1, 0.6))
            with back:
                own_server.kill()
                clients.run(chance.uniform(0.0, 0.5))
                own_server.start()
                clients.served()
        told = ends_well(cluster, clients, nodes)
    figure("crash", f"{count} crashes of PostgreSQL under {nodes}: {told}; service back after {back}")


@pytest.mark.parametrize(("nodes", "count"), cases(3, 20))
def test_connections_are_cut_at_commit(
    postgresql: Server, tmp_path: Path, figure: Figure, nodes: int, count: int
) -> None:
    """In the middle of a commit, before or after PostgreSQL has heard of it."""
    proxy = Proxy(postgresql.port)
    back = Took()
    url = postgresql.url(postgresql.database(), proxy.port)
    with serving(tmp_path, url, nodes, patience=60.0) as (cluster, clients):
        clients.served()
        for number in range(count):
            with back:
                proxy.cut_at(b"COMMIT", hear=number % 2 == 0, of=b"COPY messages")
                assert clients.run(60.0, until=partial(is_cut, proxy, number))
                clients.served()
        told = ends_well(cluster, clients, nodes)
    proxy.close()
    figure("cut", f"{count} cuts at COMMIT under {nodes}: {told}; service back after {back}")


@pytest.mark.parametrize(("nodes", "count"), cases(1, 10))
def test_the_standby_takes_over(
    tmp_path: Path, figure: Figure, own_server: Server, nodes: int, count: int
) -> None:
    """PostgreSQL's primary is killed, its synchronous standby promoted, and a new standby follows that."""
    chance = random.Random(count)
    back = Took()
    database = own_server.database()
    primary, standby = own_server, own_server.standby()
    url = primary.url(database, primary.port, standby.port)
    try:
        with serving(tmp_path, url, nodes, patience=60.0) as (cluster, clients):
            clients.served()
            for _ in range(count):
                clients.run(chance.uniform(0.1, 0.6))
                with back:
                    primary.kill()
                    standby.promote()
                    clients.served()
                gone, primary = primary, standby
                gone.stop()
                standby = primary.standby(gone.port)
            told = ends_well(cluster, clients, nodes)
    finally:
        primary.stop()
        standby.stop()
    figure("failover", f"{count} failovers under {nodes}: {told}; service back after {back}")
