"""One TCP connection: octets from the socket to the engine, and back in one write per turn.

Compiled, because every chunk passes here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from math import inf
from typing import Any, Protocol

from smsc import reasons
from smsc.engine.binds.authentication import Authentication
from smsc.engine.binds.bindings import Bind
from smsc.protocol.constants import BINDS
from smsc.protocol.sessions.session import Session
from smsc.server.faults import ConnectionFaults
from smsc.server.trace import Tracer

_LAST_WORDS = 10.0  # seconds that a peer has to read what was written before the connection was closed


class Room(Protocol):
    """Says whether one more connection may stay open for its peer to close it."""

    def may_linger(self, connection: Connection) -> bool:
        """Whether there is room for it."""


class Authenticating(Protocol):
    """What is asked of the engine while a bind is undecided; first it is told the time."""

    @property
    def authentication(self) -> Authentication:
        """Who decides on binds."""

    def set_time(self, link_now: float) -> int:
        """It is so late; returns the SMSC's time."""


class Owner(Protocol):
    """What a connection asks of the listener that holds it; the methods stand there with their contracts."""

    linger: float
    loop: asyncio.AbstractEventLoop
    write_buffer: int

    @property
    def capacity(self) -> Room: ...
    @property
    def connections(self) -> Mapping[int, Connection]: ...
    @property
    def engine(self) -> Authenticating: ...
    def opened(self, connection: Connection) -> Session | None: ...
    def received(self, connection: Connection, session: Session, data: bytes) -> None: ...
    def end_of_stream(self, connection: Connection, session: Session) -> bool: ...
    def closed(self, connection: Connection, session: Session) -> None: ...
    def ticked(self, connection: Connection, session: Session) -> None: ...
    def stalled(self, connection: Connection) -> None: ...
    def caught_up(self, connection: Connection) -> None: ...
    def admitted(self, session: Session, bind: Bind) -> None: ...
    def group_done(self, error: BaseException | None) -> None: ...
    def turn(self) -> None: ...
    def decided(self, session: Session) -> None: ...
    def trace(self, connection: Connection) -> Tracer: ...
    def turned_away(self, peer: str, reason: int, detail: str = "") -> None: ...
    def refused_by_fault(
        self, connection: Connection, session: Session, command: int, answer: bytes
    ) -> None: ...
    def faults_fired(
        self, connection: Connection, session: Session, fired: list[tuple[str, int, int]]
    ) -> None: ...


class Connection:
    """Joins a transport and a protocol session. An asyncio.Protocol, but that no C type can inherit it."""

    __slots__ = (
        "backlog",
        "ended",
        "faults",
        "faults_timer",
        "listener",
        "parting",
        "peer",
        "reading",
        "session",
        "timer",
        "timer_at",
        "tracer",
        "transport",
        "writable",
    )

    def __init__(self, listener: Owner) -> None:
        self.listener = listener
        self.session: Session | None = None
        self.transport: asyncio.Transport | None = None
        self.timer: asyncio.TimerHandle | None = None
        self.parting: asyncio.TimerHandle | None = None  # the connection is being closed
        self.timer_at = 0.0
        self.peer = ""
        self.tracer: Tracer | None = None
        self.faults: ConnectionFaults | None = None
        self.faults_timer: asyncio.TimerHandle | None = None
        self.reading = True
        self.ended = False  # the peer will say no more
        self.writable = True

    def connection_made(self, transport: Any) -> None:
        """A peer has connected: the session_init timer runs from now."""
        self.transport = transport
        name = self.address("peername")
        self.peer = f"{name[0]}:{name[1]}" if name[0] else "unknown"
        transport.set_write_buffer_limits(high=self.listener.write_buffer)
        self.session = self.listener.opened(self)
        if self.session is not None:
            self.arm()

    def address(self, end: str) -> tuple[str, int]:
        """(host, port) of an end of the connection, "peername" or "sockname"; ("", 0) when it has none."""
        name = None if self.transport is None else self.transport.get_extra_info(end)
        return (name[0], name[1]) if isinstance(name, tuple) and len(name) >= 2 else ("", 0)

    def data_received(self, data: bytes) -> None:
        """Octets of the peer: taken in now, answered at the end of this turn of the loop."""
        session = self.session
        if session is None:
            return
        if self.tracer is not None:
            self.tracer.saw(True, data)
        if self.faults is not None:
            data = self._through(self.faults, session, data)
        self.listener.received(self, session, data)
        self.wind_up()

    def trace(self) -> None:
        """Keep the last PDUs from now on."""
        self.listener.trace(self)

    def _through(self, faults: ConnectionFaults, session: Session, data: bytes) -> bytes:
        """What faults let pass; what they refuse is answered."""
        data, refused = faults.incoming(data, self.listener.loop.time())
        self._tell_faults(faults, session)
        for command, answer in refused:
            session.send(answer)
            self.listener.refused_by_fault(self, session, command, answer)
            if command in BINDS:
                session.close("bind refused")
        return data

    def eof_received(self) -> bool:
        """The peer will send no more: what it has sent is answered first. True keeps the connection open for
        that."""
        session = self.session
        self.ended = True
        return session is not None and self.parting is None and self.listener.end_of_stream(self, session)

    def evict(self) -> None:
        """Others need the room of this unbound connection."""
        self.listener.turned_away(self.peer, reasons.MADE_ROOM)
        if self.transport is not None:
            self.transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """The socket is gone."""
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None
        if self.faults_timer is not None:
            self.faults_timer.cancel()
            self.faults_timer = None
        if self.parting is not None:
            self.parting.cancel()
            self.parting = None
        if self.tracer is not None:
            self.tracer.closed()
        session, self.session = self.session, None
        if session is not None:
            self.listener.closed(self, session)
        self.transport = None

    def pause_writing(self) -> None:
        """The peer reads too slowly: nothing more is delivered until it has caught up."""
        self.writable = False
        self.wind_up()
        self.listener.stalled(self)

    def resume_writing(self) -> None:
        """The peer has caught up."""
        self.writable = True
        self.listener.caught_up(self)
        self.wind_up()

    def write_out(self) -> None:
        """One write of everything the session has to say."""
        session, transport = self.session, self.transport
        if session is None or transport is None:
            return
        data = session.data_to_send()
        if self.faults is not None:
            self._write_through(self.faults, session, transport, data)
            return
        if data:
            if self.tracer is not None:
                self.tracer.saw(False, data)
            transport.write(data)
        if session.wants_close:
            self.part(session.lingers)

    def part(self, lingers: bool) -> None:
        """Close the connection once all is written, or when the peer does not do so first; what it still
        sends is not looked at. A peer that does not read is cut off after a while."""
        transport = self.transport
        if transport is None or self.parting is not None:
            return
        listener = self.listener
        if lingers and not self.ended and listener.linger > 0 and listener.capacity.may_linger(self):
            self.parting = listener.loop.call_later(listener.linger, self.close)
        else:
            self.close()

    def close(self) -> None:
        """Close the connection, when the peer reads what is left for it, or when its time is up."""
        transport = self.transport
        if transport is not None:
            self.parting = self.listener.loop.call_later(_LAST_WORDS, transport.abort)
            transport.close()

    def _write_through(
        self, faults: ConnectionFaults, session: Session, transport: asyncio.Transport, data: bytes
    ) -> None:
        """Write what faults make of it, now and when they say."""
        now = self.listener.loop.time()
        data = faults.outgoing(data, now)
        if faults.unbind:
            faults.unbind = False
            session.unbind(now)
            data += faults.outgoing(session.data_to_send(), now)
            self.arm()
        self._tell_faults(faults, session)
        if data:
            if self.tracer is not None:
                self.tracer.saw(False, data)
            transport.write(data)
        due = faults.next_due()
        if faults.drop and not faults.line:
            transport.close()
        elif session.wants_close and due == inf and not faults.dead:
            self.part(session.lingers)
        elif due != inf and self.faults_timer is None:
            self.faults_timer = self.listener.loop.call_at(due, self._faults_due)

    def _tell_faults(self, faults: ConnectionFaults, session: Session) -> None:
        """Let it be known that a fault on purpose answers for the server."""
        if faults.fired:
            fired, faults.fired = faults.fired, []
            self.listener.faults_fired(self, session, fired)

    def _faults_due(self) -> None:
        self.faults_timer = None
        self.write_out()

    def wind_up(self) -> None:
        """After events: set the timer anew, and stop or start reading.

        A peer with a full inbound window, one that does not read its answers, or one whose bind is being
        decided is not read from. When the session is over, only the end of the stream is of interest.
        """
        session, transport = self.session, self.transport
        if session is None or transport is None:
            return
        self.arm()
        may_read = session.ended or (self.writable and not session.paused and not session.held)
        if may_read != self.reading and not self.ended and not transport.is_closing():
            self.reading = may_read
            if may_read:
                transport.resume_reading()
                self.listener.received(self, session, b"")
            else:
                transport.pause_reading()

    def arm(self) -> None:
        """Call the session when its next timer falls due; a timer that comes too early re-arms itself."""
        session = self.session
        if session is None:
            return
        due = session.next_tick()
        if due == inf:
            return
        if self.timer is None or due < self.timer_at:
            if self.timer is not None:
                self.timer.cancel()
            self.timer_at = due
            self.timer = self.listener.loop.call_at(due, self.tick)

    def tick(self) -> None:
        """A link timer may have fallen due."""
        self.timer = None
        session = self.session
        if session is None:
            return
        self.listener.ticked(self, session)
        self.arm()
