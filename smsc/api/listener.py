"""The HTTP listener: uvicorn inside an event loop that already runs, without signals or loose ends."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator

import uvicorn
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from smsc.addresses import listening, shown
from smsc.api.app import ControlApi
from smsc.exposure import check_exposure

#: connections at a time; one more closes the one that has been idle longest
MAX_CONNECTIONS = 1000
#: real seconds that a client may take to send the head of a request
HEAD_SECONDS = 30.0
#: real seconds that open requests get to end when the listener stops
GRACE = 1.0
_BACKLOG = 512


class HttpListener:
    """Serves an application on one port; ValueError when it would be open to other machines without a token.

    `host` is an address or a name, which may stand for several addresses; port 0 takes a free one. `start`
    raises OSError when the port cannot be had; after it, `port` is the real one and `address` is `host:port`,
    an IPv6 address in brackets. `stop` ends event streams, gives open requests `GRACE` seconds and then cuts
    what is left; it returns within 2 s.
    """

    def __init__(self, app: ControlApi, host: str, port: int) -> None:
        # The settings are checked before any port opens; this holds for whoever builds a listener by hand.
        check_exposure(host, app.token)
        self._app = app
        self._host = host
        self.port = port
        self.address = ""
        self.addresses: list[str] = []
        self._server: _Server | None = None
        self._running: asyncio.Task[None] | None = None

    async def start(self) -> None:
        sockets = await asyncio.to_thread(listening, self._host, self.port, _BACKLOG)
        self.port = int(sockets[0].getsockname()[1])
        self.addresses = [shown(one) for one in sockets]
        self.address = self.addresses[0]
        config = uvicorn.Config(
            self._answer,
            interface="asgi3",
            http=_Connection,
            ws="none",
            lifespan="off",
            log_config=None,
            log_level="warning",
            access_log=False,
            server_header=False,
            proxy_headers=False,
            backlog=_BACKLOG,
        )
        self._server = _Server(config)
        self._running = asyncio.create_task(self._server.serve(sockets), name="http listener")
        ready = asyncio.create_task(self._server.ready.wait())
        await asyncio.wait({ready, self._running}, return_when=asyncio.FIRST_COMPLETED)
        ready.cancel()
        if self._running.done():
            self._running.result()

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._app(scope, receive, send)
        except asyncio.CancelledError:
            # Only `stop` cancels calls, after it has cut their connections: nothing that a log should tell.
            if self._server is None or not self._server.stopping.is_set():
                raise

    async def stop(self) -> None:
        if self._server is None or self._running is None:
            return
        self._app.state.streams.close()
        self._server.stopping.set()
        await self._running
        self._server = None


class _Server(uvicorn.Server):
    """Uvicorn's server, told by events instead of signals and polling when to be ready and when to stop."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        #: connections without an open request, those that have been so longest first
        self.server_state.idle = {}  # type: ignore[attr-defined]
        self.ready = asyncio.Event()
        self.stopping = asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        # Signals belong to the process that this listener is a part of.
        yield

    async def main_loop(self) -> None:
        self.ready.set()
        await self.stopping.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        for each in sockets or []:
            each.close()
        connections = self.server_state.connections
        for connection in list(connections):
            connection.shutdown()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(GRACE):
                while connections:  # noqa: ASYNC110 - uvicorn has no event for the last one
                    await asyncio.sleep(0.01)
        for connection in list(connections):
            connection.transport.abort()
        await asyncio.sleep(0)
        tasks = set(self.server_state.tasks)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=GRACE / 2)


class _Connection(H11Protocol):
    """A connection that the application can cut, and that may not dribble the head of a request."""

    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        # Copied into the scope of every request, where the event streams find it.
        self.app_state = {**self.app_state, "transport": transport}
        if len(self.connections) > MAX_CONNECTIONS:
            # Who holds connections for nothing must not keep others out.
            next(iter(self._idle), self).transport.abort()
        if not transport.is_closing():
            self._idle[self] = None
            self._expect_request()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._is_busy():
            self._cancel_deadline()
            self._idle.pop(self, None)
        elif self._deadline is None:
            self._expect_request()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if not self._is_busy() and not self.transport.is_closing():
            self._idle[self] = None

    def connection_lost(self, exc: Exception | None) -> None:
        self._cancel_deadline()
        self._idle.pop(self, None)
        super().connection_lost(exc)

    def _is_busy(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    @property
    def _idle(self) -> "dict[_Connection, None]":
        idle: dict[_Connection, None] = self.server_state.idle  # type: ignore[attr-defined]
        return idle

    def _should_upgrade(self) -> bool:
        # Java's client asks for HTTP/2 with every call: it is answered in HTTP/1.1, and no log need know.
        return False

    def _expect_request(self) -> None:
        self._deadline = self.loop.call_later(HEAD_SECONDS, self.transport.abort)

    def _cancel_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
