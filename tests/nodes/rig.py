"""Real nodes on one database: started, killed, stopped for a while, each a process of its own."""

from __future__ import annotations

import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.nodes.clients import Address, Clients
from tests.reliability.process import Process

WINDOW = 50  # limits.window_out: what one bind may have in flight, and get twice after a death


class Cluster:
    """So many nodes on one store; one alone is a server without a name."""

    def __init__(self, folder: Path, url: str, count: int, *options: str) -> None:
        self.nodes: list[Process] = []
        self.asleep: set[int] = set()
        for number in range(count):
            own = folder / f"node-{number}"
            own.mkdir(parents=True, exist_ok=True)
            given = ["--store", url, *options]
            if count > 1:
                given += ["--node", f"node-{number}"]
            environment = {"SMSC_LIMITS__WINDOW_OUT": str(WINDOW)}
            self.nodes.append(Process(own, *given, **environment))

    def start(self, *which: int) -> None:
        """Those, or all."""
        for number in which or range(len(self.nodes)):
            self.nodes[number].start()

    def kill(self, number: int) -> None:
        """kill -9."""
        self.nodes[number].kill()

    def restart(self, number: int) -> None:
        """Again after a death, without waiting for anybody."""
        self.nodes[number].start()

    def suspend(self, number: int) -> None:
        """SIGSTOP: it does nothing, and knows nothing of it."""
        process = self.nodes[number].process
        assert process is not None
        process.send_signal(signal.SIGSTOP)
        self.asleep.add(number)

    def wake(self, number: int) -> None:
        """SIGCONT."""
        process = self.nodes[number].process
        assert process is not None
        process.send_signal(signal.SIGCONT)
        self.asleep.discard(number)

    def has_ended(self, number: int) -> bool:
        """Whether its process is over."""
        process = self.nodes[number].process
        return process is None or process.poll() is not None

    def addresses(self) -> Sequence[Address | None]:
        """Where each can be bound to; None of one that does not run."""
        return [
            None if self.has_ended(number) else (node.host, node.port)
            for number, node in enumerate(self.nodes)
        ]

    def stop(self) -> list[int]:
        """SIGTERM to all; their exit statuses."""
        return [node.stop(30.0) for node in self.nodes if node.process is not None]

    def end(self) -> None:
        """Whatever happened, nothing runs on."""
        for number in list(self.asleep):
            self.wake(number)
        for node in self.nodes:
            node.kill()

    def logs(self) -> str:
        return "\n".join(f"--- {node.directory.name}\n{node.log()[-3000:]}" for node in self.nodes)


@contextmanager
def serving(
    folder: Path,
    url: str,
    nodes: int,
    *options: str,
    clients: int = 0,
    window: int = 20,
    patience: float = 3.0,
) -> Iterator[tuple[Cluster, Clients]]:
    """Nodes that serve, and clients that are bound to them, one at home on each unless told otherwise."""
    cluster = Cluster(folder, url, nodes, *options)
    peers = Clients(cluster.addresses, clients or nodes, window=window, patience=patience)
    try:
        cluster.start()
        yield cluster, peers
    except AssertionError as error:
        raise AssertionError(f"{error}\n{peers.state()}\n{cluster.logs()}") from error
    finally:
        peers.hang_up()
        cluster.end()
