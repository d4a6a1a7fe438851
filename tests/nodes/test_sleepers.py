"""A node that does nothing for longer than its lease is taken over, and can do no harm when it goes on."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from tests.nodes.guard import guarded
from tests.nodes.rig import WINDOW, Cluster, serving
from tests.postgresql import Server
from tests.waiting import PATIENCE, Took

Figure = Callable[[int | str, str], None]

pytestmark = pytest.mark.timeout(0)


def is_taken(server: Server, database: str, node: str) -> bool:
    """Whether another node has what it owned."""
    rows = server.query(database, f"SELECT until IS NULL FROM store_marks WHERE node = '{node}'")
    return rows == [(True,)]


def test_a_dead_node_is_taken_over_and_one_that_was_only_asleep_keeps_nothing_and_ends(
    postgresql: Server, tmp_path: Path, figure: Figure
) -> None:
    """Both at once, so that one node is left. The database refuses what it does not own."""
    database = postgresql.database()
    back = Took()
    with (
        serving(tmp_path, postgresql.url(database), 3, window=WINDOW // 10) as (cluster, clients),
        guarded(postgresql, database) as refusals,
    ):
        clients.served()
        clients.run(0.5)
        with back:
            cluster.suspend(1)
            cluster.kill(2)
            for node in ("node-1", "node-2"):
                assert clients.run(PATIENCE, until=partial(is_taken, postgresql, database, node))
            clients.served()
        cluster.wake(1)
        assert clients.run(PATIENCE, until=lambda: has_ended(cluster, 1))
        clients.settle()
        clients.drain()
        accounts = clients.accounts
        assert not accounts.lost()
        assert not accounts.without_receipt()
        assert not accounts.out_of_order()
        assert accounts.duplicates() <= 2 * 3 * WINDOW
        assert refusals() == []
        process = cluster.nodes[1].process
        assert process is not None
        assert process.returncode == 1
        assert "another server has taken the store over" in cluster.nodes[1].log()
        figure("sleep", f"{len(accounts.acknowledged)} acknowledged, 0 lost; service back after {back}")


def has_ended(cluster: Cluster, number: int) -> bool:
    process = cluster.nodes[number].process
    return process is not None and process.poll() is not None
