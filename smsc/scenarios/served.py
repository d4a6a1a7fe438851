"""A scenario's SMSC on ports, so that a client or gateway of one's own can take part; its clock may run."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from smsc.client import Client, ClientError, Refused
from smsc.delivery.message import Message
from smsc.scenarios.stage import Text
from smsc.testing.server import SmscHandle

_PAUSE = 0.02  # real seconds between two looks at a clock that runs
_ANSWERS = 2.0  # real seconds in which answers and deliveries are to come
_CONSIDERED = 1.0


class ServedPeer:
    """A client over TCP that answers all it gets and counts the receipts."""

    def __init__(self, handle: SmscHandle, client: Client) -> None:
        self.handle = handle
        self.client = client
        self.receipts = 0
        self.answers: list[tuple[Any, int, bytes]] = []
        self.pending: set[asyncio.Task[None]] = set()
        self.reading: asyncio.Task[None] | None = None

    def send(self, source: str, destinations: Iterable[int], what: Text) -> None:
        """Submit a text to each."""
        self.handle.run(self._send(source, list(destinations), what))

    async def _send(self, source: str, destinations: list[int], what: Text) -> None:
        for destination in destinations:
            task = asyncio.create_task(self._submit(source, destination, what))
            self.pending.add(task)
            task.add_done_callback(self.pending.discard)

    async def _submit(self, source: str, destination: int, what: Text) -> None:
        to = str(destination)
        try:
            found = await self.client.submit(
                _written(to),
                what.text,
                source=_written(source),
                registered_delivery=int(what.receipt),
                validity=what.validity.decode("ascii"),
                priority=what.priority,
                timeout=86_400.0,
            )
        except Refused as refused:
            self.answers.append((what.token, refused.status, b""))
        except ClientError:
            return
        else:
            self.answers += [(what.token, 0, ident.encode()) for ident in found]

    async def read(self) -> None:
        """Take what comes until the connection ends."""
        with contextlib.suppress(ClientError):
            while True:
                received = await self.client.receive()
                self.receipts += received.receipt is not None


class Served:
    """An SMSC on ports in this process."""

    def __init__(self, settings: Mapping[str, Any], ready: Callable[[SmscHandle], None]) -> None:
        """Raises ConfigError, OSError. `ready` is told when the ports accept."""
        self.handle = SmscHandle(None, settings)
        self.control = _Control(self.handle)
        self.peers: list[ServedPeer] = []
        mode = str(self.handle.control("clock")["mode"])
        self.speed = 0.0 if mode == "manual" else float(mode[1:]) if mode.startswith("x") else 1.0
        ready(self.handle)

    @property
    def tolerance(self) -> int:
        """What happens takes its time where the clock runs."""
        return round(_ANSWERS * 1000 * self.speed)

    def now(self) -> int:
        """What the SMSC clock shows, ms."""
        return self.handle.clock.milliseconds

    def advance_to(self, moment: int) -> None:
        """Move a manual clock there, or wait until it shows the moment."""
        if not self.speed:
            self.handle.clock.advance_to(max(moment, self.now()))
            return
        while (left := moment - self.now()) > 0:
            time.sleep(min(_PAUSE, left / 1000 / self.speed))

    def connect(self, system_id: str, password: str) -> ServedPeer:
        """A client that has bound as a transceiver."""
        try:
            peer = self.handle.run(self._connect(system_id, password))
        except ClientError as error:
            raise ConnectionRefusedError(f"{system_id} may not bind: {error}") from None
        self.peers.append(peer)
        return peer

    async def _connect(self, system_id: str, password: str) -> ServedPeer:
        client = await Client.connect(self.handle.host, self.handle.port)
        await client.bind(system_id, password)
        peer = ServedPeer(self.handle, client)
        peer.reading = asyncio.create_task(peer.read())
        return peer

    def settle(self) -> None:
        """Until what was submitted is answered, or will not be for a while."""
        pending = [task for peer in self.peers for task in peer.pending]
        if pending:
            self.handle.run(_some_time(pending))
        if not self.speed:
            self.handle.clock.advance(0)

    def find(self, message_id: int) -> Message | None:
        """A message by its id."""
        return self.handle.server.engine.message_index.find(message_id)

    def wait_until(self, holds: Callable[[], bool], timeout: float) -> bool:
        """Look again and again for so many real seconds; whether it came to hold."""
        deadline = time.monotonic() + timeout
        while not holds():
            if time.monotonic() >= deadline:
                return False
            time.sleep(_PAUSE)
        return True

    def close(self) -> None:
        """Stop the server."""
        self.handle.stop(grace=_CONSIDERED)


class _Control:
    """The control's methods, each called on the server's own thread."""

    def __init__(self, handle: SmscHandle) -> None:
        self._handle = handle

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(*args: Any) -> Any:
            return self._handle.control(name, *args)

        return call


async def _some_time(tasks: list[asyncio.Task[None]]) -> None:
    await asyncio.wait(tasks, timeout=_ANSWERS)


def _written(number: str) -> str:
    """A full number as international, a short one as it is."""
    return f"+{number}" if len(number) >= 10 else number
