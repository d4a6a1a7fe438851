"""Holds the sockets of one engine: turns of the loop, what moves the clock, and who is connected.

Compiled, because every chunk passes here twice.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from smsc import reasons
from smsc.delivery.message import FOREVER
from smsc.engine.binds.bindings import NOT_READING, STALLED, Bind
from smsc.engine.engine import Engine
from smsc.engine.refusals import CONNECTION, kind_of
from smsc.protocol.constants import command_name
from smsc.protocol.pdu.submit import Acks, SubmitBatch
from smsc.protocol.sessions.events import LOST
from smsc.protocol.sessions.limits import SessionLimits
from smsc.protocol.sessions.session import Session
from smsc.routing.id_form import ids_of
from smsc.server.capacity import Capacity
from smsc.server.connection import Connection
from smsc.server.faults import ConnectionFaults
from smsc.server.port import ListenerPort
from smsc.server.trace import Capture, Tracer

log = logging.getLogger("smsc.server")

_RETRY_STORE = 0.25  # seconds between tries of a store that failed
_LONGEST_SLEEP = 3600.0


class Listener:
    """The sockets around one engine. Everything runs on one event loop's thread."""

    __slots__ = (
        "acks",
        "after_turn",
        "alarm",
        "alarm_at",
        "all_gone",
        "batch",
        "capacity",
        "capture",
        "connections",
        "engine",
        "limits",
        "linger",
        "loop",
        "next_id",
        "port",
        "retry",
        "shaking",
        "stopping",
        "store_failed",
        "turning",
        "write_buffer",
    )

    def __init__(self, engine: Engine, loop: asyncio.AbstractEventLoop) -> None:
        limits = engine.world.settings.limits
        self.engine = engine
        self.loop = loop
        self.limits = SessionLimits(
            max_pdu=limits.max_pdu,
            window_in=limits.window,
            window_out=limits.window_out,
            throttle=engine.world.settings.policy.full_window == "throttle",
            payload_supersedes=engine.world.settings.policy.text_and_payload == "payload",
            session_init=limits.bind_timeout,
            enquire_link=limits.enquire_link,
            inactivity=limits.inactivity,
            response=limits.response_timeout,
        )
        self.write_buffer = limits.write_buffer
        self.capacity = Capacity(limits.sessions)
        self.linger = limits.linger
        self.connections: dict[int, Connection] = {}
        self.shaking: dict[Any, asyncio.Task[None]] = {}  # TLS handshakes under way
        self.batch = SubmitBatch()
        self.acks = Acks()
        self.next_id = 0
        self.turning = False
        self.alarm: asyncio.TimerHandle | None = None
        self.alarm_at = FOREVER
        self.stopping = False
        self.store_failed = False
        self.all_gone = asyncio.Event()
        self.all_gone.set()
        self.after_turn: list[Callable[[], None]] = []
        engine.fault_rules.watchers.append(self._faults_changed)
        self.capture: Capture | None = None
        self.port = ListenerPort(self)
        self.retry: asyncio.TimerHandle | None = None  # of a store that failed
        engine.attach(self.port)

    # --- what connections call ------------------------------------------------------------------

    def opened(self, connection: Connection) -> Session | None:
        """A peer has connected; None turns it away."""
        if self.stopping or not self.capacity.arrived(connection):
            self.turned_away(connection.peer, reasons.STOPPING if self.stopping else reasons.NO_ROOM)
            if connection.transport is not None:
                connection.transport.abort()
            return None
        self.next_id += 1
        session = Session(self.limits, self.loop.time(), self.batch, self.acks)
        session.id = self.next_id
        self.connections[session.id] = connection
        self.all_gone.clear()
        if self.engine.fault_rules:
            connection.faults = ConnectionFaults(self.engine.fault_rules, self.limits.max_pdu)
        if self.capture is not None or self.engine.world.settings.trace.sessions:
            self.trace(connection)
        return session

    def turned_away(self, peer: str, reason: int, detail: str = "") -> None:
        """A peer with which there was no session to speak of."""
        self.engine.refusals.refused(CONNECTION, reason, detail, peer=peer)

    def refused_by_fault(self, connection: Connection, session: Session, command: int, answer: bytes) -> None:
        """A fault on purpose has refused what the session never saw."""
        status = int.from_bytes(answer[8:12], "big")
        peer, bind = connection.peer, session.bind
        self.engine.refusals.refused(
            kind_of(command), reasons.FAULT_INJECTED, bind=bind, peer=peer, status=status, command=command
        )

    def faults_fired(
        self, connection: Connection, session: Session, fired: list[tuple[str, int, int]]
    ) -> None:
        """Faults on purpose have done something to this connection."""
        engine, bind = self.engine, session.bind
        who = {"system_id": session.system_id, "peer": connection.peer}
        for action, command, sequence in fired:
            detail = f"{action} on {command_name(command)} {sequence}"
            if bind is not None:
                bind.note(engine.clock.now(), "fault_fired", detail)
            engine.watchers.tell(
                "fault.fired",
                {**who, "action": action, "command": command_name(command), "sequence": sequence},
            )
            line = f"fault on purpose: {detail} of {session.system_id or connection.peer}"
            engine.refusals.lines.say(log, ("fault", action), line, self.loop.time())

    def trace(self, connection: Connection) -> Tracer:
        """Keep what goes over a connection from now on; its tracer."""
        if connection.tracer is None:
            keep = self.engine.world.settings.trace.pdus
            connection.tracer = Tracer(
                connection.address("peername"),
                connection.address("sockname"),
                self.capture,
                keep,
                self.limits.max_pdu,
            )
        return connection.tracer

    def _faults_changed(self) -> None:
        """Other rules are in force, for those who are connected too."""
        if not self.engine.fault_rules:
            return
        for connection in self.connections.values():
            session = connection.session
            if connection.faults is None and session is not None:
                self._put_faults(connection, session)

    def _put_faults(self, connection: Connection, session: Session) -> None:
        """From now on the octets of a connection go through its faults."""
        connection.faults = ConnectionFaults(self.engine.fault_rules, self.limits.max_pdu, session.system_id)
        connection.faults.take_partial(session)

    def received(self, connection: Connection, session: Session, data: bytes) -> None:
        """Octets from a peer."""
        engine = self.engine
        engine.received(session, data, self.loop.time())
        if engine.commit.durable or session.bind is None:
            if session.bind is None or session.wants_close:
                if session.held and not session.wants_close:
                    self.capacity.decides(connection)
                connection.write_out()
            else:
                engine.wire.mark(session.bind)
            self.turn()
            return
        # Nothing to gather for: commit now, and answer now if nobody else has anything to say.
        bind = session.bind
        engine.turn_over()
        dirty = engine.wire.dirty
        if self.turning or self.after_turn or len(dirty) > 1 or (dirty and dirty[0] is not bind):
            engine.wire.mark(bind)
            self.turn()
            return
        if dirty:
            dirty[0].dirty = False
            engine.wire.dirty = []
        connection.write_out()
        self.set_alarm()

    def end_of_stream(self, connection: Connection, session: Session) -> bool:
        """The peer will say no more. True when there is something left to answer: what waits for a commit is
        answered when that is through, and then the connection is closed."""
        if session.bind is None:
            return False
        session.end_of_stream()
        self._answer_rest(connection, session, session.unread)
        self.turn()
        return True

    def _answer_rest(self, connection: Connection, session: Session, unread: int) -> None:
        """Once all so far is safe: read on where a full window had stopped that, until nothing is left."""

        def safe(_: BaseException | None) -> None:
            if session.bind is None:
                connection.write_out()
                return
            self.engine.digest(session)
            if session.unread < unread:
                self._answer_rest(connection, session, session.unread)
                return
            session.close(LOST)
            self.engine.digest(session)
            connection.write_out()

        self.engine.commit.when_committed(safe)

    def ticked(self, connection: Connection, session: Session) -> None:
        """A link timer of the session fell due."""
        now = self.loop.time()
        session.tick(now)
        self.engine.set_time(now)
        self.engine.digest(session)
        connection.write_out()
        self.turn()

    def closed(self, connection: Connection, session: Session) -> None:
        """The connection is gone."""
        self.engine.set_time(self.loop.time())
        self.engine.sessions.lost(session)
        self.connections.pop(session.id, None)
        self.capacity.gone(connection)
        if not self.connections:
            self.all_gone.set()
        self.turn()

    def stalled(self, connection: Connection) -> None:
        """A peer reads too slowly: its bind gets nothing until it has caught up."""
        bind = connection.session.bind if connection.session is not None else None
        if isinstance(bind, Bind):
            bind.halted |= STALLED
            self.engine.responses.fall_sick(bind, NOT_READING)

    def caught_up(self, connection: Connection) -> None:
        """A slow peer has read what was written."""
        bind = connection.session.bind if connection.session is not None else None
        if isinstance(bind, Bind):
            bind.halted &= ~STALLED
            self.engine.set_time(self.loop.time())
            self.engine.responses.recover(bind, NOT_READING)
            self.engine.delivery.window_opened(bind)
            self.turn()

    def admitted(self, session: Session, bind: Bind) -> None:
        connection = self.connections[session.id]
        self.capacity.has_bound(connection)
        bind.peer = connection.peer
        bind.connection = connection
        if bind.account.settings.get("early_receipts"):
            if connection.faults is None:
                self._put_faults(connection, session)
            if connection.faults is not None:
                connection.faults.early = ids_of(bind.account)
        connection.arm()

    def decided(self, session: Session) -> None:
        """A bind that was held has its answer: it leaves, and reading goes on."""
        connection = self.connections.get(session.id)
        if connection is not None:
            connection.write_out()
            connection.wind_up()
        self.turn()

    # --- turns ----------------------------------------------------------------------------------

    def turn(self) -> None:
        """Finish this turn of the loop together: one commit, one write per session."""
        if not self.turning:
            self.turning = True
            self.loop.call_soon(self.turn_over)

    def turn_over(self) -> None:
        """Commit what came in, deliver what can go, write out what there is to say."""
        self.turning = False
        engine = self.engine
        engine.turn_over()
        self.write_out()
        self.set_alarm()
        if self.after_turn:
            waiting, self.after_turn = self.after_turn, []
            for call in waiting:
                call()

    def write_out(self) -> None:
        """Every session that has something to say says it."""
        dirty = self.engine.wire.dirty
        while dirty:
            self.engine.wire.dirty = []
            for bind in dirty:
                bind.dirty = False
                connection = bind.connection
                if connection is not None:
                    connection.write_out()
                    connection.wind_up()
            dirty = self.engine.wire.dirty

    def group_done(self, error: BaseException | None) -> None:
        if error is None:
            if self.store_failed:
                self.store_failed = False
                log.warning("the store works again")
            self.turn_over()
            return
        if not self.store_failed:  # a line for each change, not for each try
            self.store_failed = True
            log.error("the store failed, and is tried again until it works: %s", error)
        self.engine.set_time(self.loop.time())  # the next group is as old as that
        self.write_out()
        self.retry = self.loop.call_later(_RETRY_STORE, self.turn_over)

    # --- the clock's hand -----------------------------------------------------------------------

    def set_alarm(self) -> None:
        """Wake up when the SMSC clock reaches the next due moment; a manual clock never does by itself."""
        due = self.engine.next_due()
        if due == self.alarm_at and self.alarm is not None:
            return
        if self.alarm is not None:
            self.alarm.cancel()
            self.alarm = None
        self.alarm_at = due
        if due >= FOREVER:
            return
        seconds = self.engine.clock.seconds_until(due)
        if seconds == 0.0:
            self.alarm = self.loop.call_later(0, self.ring)
        elif seconds != float("inf"):
            self.alarm = self.loop.call_later(min(seconds, _LONGEST_SLEEP), self.ring)

    def ring(self) -> None:
        """The next due moment may have come."""
        self.alarm = None
        self.alarm_at = FOREVER
        self.engine.step(self.loop.time())
        self.turn_over()
