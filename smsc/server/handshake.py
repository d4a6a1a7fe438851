"""TLS: the handshake of a connection, which counts among the sessions from its first octet."""

from __future__ import annotations

import asyncio
import ssl
import types
from collections.abc import Awaitable, Coroutine, Generator
from typing import TYPE_CHECKING, Any, TypeVar, cast

from smsc import reasons
from smsc.server.connection import Connection

if TYPE_CHECKING:
    from smsc.server.listener import Listener


T = TypeVar("T")


class Handshake(asyncio.Protocol):
    """A TCP connection until TLS is agreed; then its `Secured` is the protocol."""

    def __init__(self, listener: Listener, context: ssl.SSLContext) -> None:
        self.listener = listener
        self.context = context
        self.peer = ""
        self.evicted = False
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A peer has connected: it has as long for the handshake as for a bind."""
        self.transport = cast("asyncio.Transport", transport)
        self.peer = peer_of(self.transport)
        if self.listener.stopping or not self.listener.capacity.arrived(self):
            self.listener.turned_away(
                self.peer, reasons.STOPPING if self.listener.stopping else reasons.NO_ROOM
            )
            self.transport.abort()
            return
        secured = Secured(self.listener)
        patience = self.listener.limits.session_init
        steps = self.listener.loop.start_tls(
            self.transport,
            cast("asyncio.Protocol", secured),
            self.context,
            server_side=True,
            ssl_handshake_timeout=min(patience, _LONGEST),
        )
        # Its first step is taken here, not in a task: from now on the peer's octets are TLS's.
        rest = _rest(steps, steps.send(None))
        self.listener.shaking[self] = self.listener.loop.create_task(
            self._shake(self.transport, secured, rest)
        )

    def evict(self) -> None:
        """Others need the room."""
        self.evicted = True
        self.listener.turned_away(self.peer, reasons.MADE_ROOM)
        if self.transport is not None:
            self.transport.abort()

    async def _shake(
        self, plain: asyncio.Transport, secured: Secured, rest: Awaitable[asyncio.Transport | None]
    ) -> None:
        listener = self.listener
        try:
            transport = await rest
        except (OSError, TimeoutError) as error:
            plain.abort()
            if not self.evicted:
                listener.turned_away(self.peer, *handshake_failure(error))
            return
        finally:
            listener.capacity.gone(self)
            listener.shaking.pop(self, None)
        if transport is not None:
            secured.begin(transport)


@types.coroutine
def _rest(steps: Coroutine[Any, Any, T], waiting: Any) -> Generator[Any, Any, T]:
    """What is left of a coroutine that has taken its first step and waits for something."""
    while True:
        try:
            try:
                got = yield waiting
            except BaseException as error:
                waiting = steps.throw(error)
            else:
                waiting = steps.send(got)
        except StopIteration as end:
            value: T = end.value
            return value


_LONGEST = 3_600.0
_NO_TLS = frozenset(
    {
        "WRONG_VERSION_NUMBER",
        "HTTP_REQUEST",
        "HTTPS_PROXY_REQUEST",
        "UNKNOWN_PROTOCOL",
        "PACKET_LENGTH_TOO_LONG",
    }
)


class Secured(Connection):
    """A connection over TLS. What comes with the end of the handshake waits until the session is there."""

    __slots__ = ("early", "over")

    def __init__(self, listener: Listener) -> None:
        super().__init__(listener)
        self.early: list[bytes] = []
        self.over = False

    def begin(self, transport: Any) -> None:
        """The handshake is done."""
        if self.over or transport.is_closing():
            transport.abort()
            return
        self.connection_made(transport)
        early, self.early = self.early, []
        for octets in early:
            self.data_received(octets)

    def data_received(self, data: bytes) -> None:
        """Octets of the peer."""
        if self.session is None and self.transport is None:
            self.early.append(data)
        else:
            super().data_received(data)

    def eof_received(self) -> bool:
        """There is no half of a TLS connection: the session is over."""
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """The socket is gone."""
        self.over = True
        super().connection_lost(exc)


def peer_of(transport: asyncio.BaseTransport) -> str:
    """The peer's address and port, as it is shown."""
    name = transport.get_extra_info("peername")
    return f"{name[0]}:{name[1]}" if isinstance(name, tuple) and len(name) >= 2 else "unknown"


def handshake_failure(error: Exception) -> tuple[int, str]:
    """(reason, sentence) of a handshake that failed."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return reasons.TLS_CERTIFICATE, f"the peer's certificate is refused: {error.verify_message}"
    if isinstance(error, ssl.SSLError):
        name = (error.reason or "").lower().replace("_", " ")
        if error.reason in (
            "WRONG_VERSION_NUMBER",
            "HTTP_REQUEST",
            "UNKNOWN_PROTOCOL",
            "PACKET_LENGTH_TOO_LONG",
        ):
            return reasons.NOT_TLS, "the peer speaks no TLS here; SMPP without TLS has a port of its own"
        if error.reason == "PEER_DID_NOT_RETURN_A_CERTIFICATE":
            return reasons.TLS_CERTIFICATE, "the peer shows no certificate, and tls_client_ca asks for one"
        return reasons.TLS_HANDSHAKE, f"the TLS handshake failed: {name or error}"
    if isinstance(error, TimeoutError) or "SSL handshake is taking longer" in str(error):
        return reasons.TLS_TIMEOUT, "the TLS handshake was not finished within limits.bind_timeout"
    return reasons.TLS_HANDSHAKE, "the peer went away during the TLS handshake"
