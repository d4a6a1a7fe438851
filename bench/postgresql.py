"""Suite `postgresql`: durable figures over PostgreSQL, of one server and of three nodes, as shares of the
plain COPY rate of the same rows on the same server in the same minute.

`SMSC_BENCH_POSTGRESQL` names a database that may be emptied; without it a PostgreSQL of this machine is
started for the run, with its data on the disk."""

import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from bench import children
from bench.durable import SHAPE
from bench.endtoend import complete_options, faults
from bench.measure import Row, load, submit_options
from bench.results import Suite
from smsc.delivery.message import ENROUTE, Message
from smsc.engine.engine import TABLES
from smsc.engine.journal.records import MESSAGES, message_row
from smsc.load.lane import Lane
from smsc.load.plan import Plan
from smsc.load.runner import Address, Measurement, Runner
from smsc.server.app import SCHEMA_VERSION
from smsc.store.base import Batch
from smsc.store.discard import discard
from smsc.store.postgres.connection import connect
from smsc.store.postgres.sql import KINDS, create_table
from smsc.store.postgres.store import PostgresStore

GROUP = 200
NODES = 3
DISK = Path("/var/tmp")  # where a sync costs what it costs
_PLAIN = MESSAGES._replace(name="plain_copy", indexes=())


def run(options: Any) -> Suite:
    given = os.environ.get("SMSC_BENCH_POSTGRESQL")
    if given:
        return measure(given, options)
    with own_server() as url:
        return measure(url, options)


@contextmanager
def own_server() -> Iterator[str]:
    """The URL of an empty database."""
    from tests.postgresql import Server, why_not

    if reason := why_not():
        sys.exit(
            f"bench postgresql: {reason}; or let SMSC_BENCH_POSTGRESQL name a database that may be emptied, "
            "such as postgresql://smsc@/bench"
        )
    server = Server(DISK)
    try:
        server.start()
        yield server.url(server.database())
    finally:
        server.stop()


def measure(url: str, options: Any) -> Suite:
    suite = Suite("postgresql")
    shares: dict[str, list[float]] = {"store": [], "submit": [], "complete": [], "nodes": []}
    copies, stores, submits, completes, several, late = [], [], [], [], [], []
    wrong = 0
    for _ in range(options.repetitions):
        copies.append(plain_copy(url, options.seconds))
        stores.append(through_the_store(url, options.seconds))
        submitted = one(url, submit_options(SHAPE, options.seconds, 0.5))
        submits.append(submitted.per_second)
        completed = one(url, complete_options(options.seconds) | {"drain": 10.0})
        completes.append(completed.complete_per_second)
        wrong += faults(completed.measured)
        wanted = complete_options(options.seconds) | {"drain": 10.0, "binds": 2 * NODES}
        spread = nodes(url, wanted)
        several.append(complete_per_second(spread))
        wrong += faults(spread)
        calm = nodes(url, wanted | {"rate": 0.7 * several[-1]})
        late.append(calm.responses.quantile(0.99) / 1e6)
        wrong += faults(calm)
        shares["nodes"].append(several[-1] / copies[-1])
        shares["store"].append(stores[-1] / copies[-1])
        shares["submit"].append(submits[-1] / copies[-1])
        shares["complete"].append(completes[-1] / copies[-1])
    suite.add(f"plain COPY of message rows, {GROUP} a transaction", "/s", copies)
    suite.add(f"the store alone, {GROUP} new rows a batch", "/s", stores)
    suite.add("the store alone, share of plain COPY", "", shares["store"])
    suite.add(f"durable submit {SHAPE}", "/s", submits)
    suite.add(f"durable submit {SHAPE}, share of plain COPY", "", shares["submit"], target=0.6)
    suite.add("complete messages", "/s", completes)
    suite.add("complete messages, share of plain COPY", "", shares["complete"], target=0.25)
    suite.add(f"complete messages, {NODES} nodes", "/s", several)
    suite.add(f"complete messages, {NODES} nodes, share of plain COPY", "", shares["nodes"], target=0.2)
    suite.add(f"{NODES} nodes at 70 %, p99 of the response", "ms", late, lower=True, target=150)
    suite.add("lost, duplicated, reordered", "", [float(wrong)], lower=True, target=0)
    return suite


def one(url: str, wanted: dict[str, Any]) -> Row:
    """One load on a server with an empty store."""
    discard(url)
    with children.Smsc(url) as child:
        children.settle(child)
        return load(child, None, **wanted)


class Spread(Runner):
    """A load whose binds are on several nodes in turn. Numbers are a node's by slots, so two of three
    messages are accepted at one node and delivered at another."""

    def __init__(self, plan: Plan, ports: Sequence[int]) -> None:
        super().__init__(plan)
        self._ports = ports

    def _connect(self, address: Address, command: int, index: int, lane: Lane) -> None:
        port = self._ports[index % len(self._ports)]
        super()._connect((address[0], (self.plan.host, port)), command, index, lane)


def nodes(url: str, wanted: dict[str, Any]) -> Measurement:
    """The same load on nodes with an empty store between them."""
    discard(url)
    with ExitStack() as stack:
        servers = [
            stack.enter_context(children.Smsc(url, options=("--node", f"node-{number}")))
            for number in range(NODES)
        ]
        for server in servers:
            children.settle(server, still=0.1)
        plan = Plan(servers[0].host, servers[0].port, **wanted)
        return Spread(plan, [server.port for server in servers]).run()


def complete_per_second(measured: Measurement) -> float:
    """Messages and their receipts."""
    return min(measured.measured_answers, measured.measured_deliveries / 2) / measured.measured_seconds


def rows(first: int) -> list[tuple[Any, ...]]:
    """New messages as a submission leaves them."""
    made = []
    for number in range(first, first + GROUP):
        message = Message()
        message.id, message.state = 100_000_000 + number, ENROUTE
        message.source = message.originator = 4790000000 + number % 100_000
        message.recipient = message.destination = 4740000000 + number % 10_000
        message.body = b"x" * 97
        made.append(message_row(message))
    return made


def plain_copy(url: str, seconds: float) -> float:
    """Rows a second of one connection that does nothing else, without an index but the key's."""
    with connect(url, "smsc bench") as connection:
        connection.execute(f"DROP TABLE IF EXISTS {_PLAIN.name}")
        connection.execute(create_table(_PLAIN))
        into = f"COPY {_PLAIN.name} FROM STDIN (FORMAT BINARY)"
        kinds = [KINDS[kind] for kind in _PLAIN.types]

        def put(group: list[tuple[Any, ...]]) -> None:
            with connection.cursor() as cursor, cursor.copy(into) as copy:
                copy.set_types(kinds)
                for row in group:
                    copy.write_row(row)

        rate = per_second(put, seconds)
        connection.execute(f"DROP TABLE {_PLAIN.name}")
        return rate


def through_the_store(url: str, seconds: float) -> float:
    """The same rows as batches of the store, one after the other, with marks and indexes."""
    discard(url)
    posted: SimpleQueue[Callable[[], None]] = SimpleQueue()
    store = PostgresStore(url, posted.put)
    store.open(TABLES, SCHEMA_VERSION)
    failed: list[BaseException] = []

    def put(group: list[tuple[Any, ...]]) -> None:
        batch = Batch()
        for row in group:
            batch.put(MESSAGES, row)
        store.write(batch, lambda error: failed.append(error) if error else None)
        posted.get()()

    rate = per_second(put, seconds)
    store.close()
    if failed:
        raise failed[0]
    return rate


def per_second(put: Callable[[list[tuple[Any, ...]]], None], seconds: float) -> float:
    """Rows a second, without the time in which they are made."""
    count, spent = 0, 0.0
    while spent < seconds:
        group = rows(count)
        begun = time.perf_counter()
        put(group)
        spent += time.perf_counter() - begun
        count += GROUP
    return count / spent
