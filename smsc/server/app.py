"""Starts and stops a whole SMSC: store, engine, listeners, HTTP, each after what it needs."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import gc
import json
import logging
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, TypeVar, cast

import smsc
from smsc.addresses import listening, shown
from smsc.clock import Clock, ClockError, make_clock
from smsc.config.settings import Settings
from smsc.control import Control, ControlError
from smsc.control.search.facts import stage_of
from smsc.control.steps import Steps
from smsc.delivery.message import Message
from smsc.engine.binds.passwords import stored_hash
from smsc.engine.engine import FLOORS, TABLES, Engine
from smsc.engine.journal.records import KEY_VALUES
from smsc.moments import milliseconds
from smsc.protocol.sessions.session import Session
from smsc.server.clockwork import Clockwork
from smsc.server.connection import Connection
from smsc.server.desks import Desks
from smsc.server.handshake import Handshake
from smsc.server.holds import Holds
from smsc.server.listener import Listener
from smsc.server.notify import notify
from smsc.server.outbinds import Outbinds
from smsc.server.tls import server_context
from smsc.server.trace import Capture
from smsc.store import open_store
from smsc.store.base import Store, StoreError
from smsc.store.urls import ONE_CLOCK, shown_url
from smsc.world.world import World

log = logging.getLogger("smsc.server")
every_event = logging.getLogger("smsc.events")  # debug: everything that happens to messages and sessions
T = TypeVar("T")

SCHEMA_VERSION = 1
_BACKLOG = 4096
_LEAD = 60_000  # ms by which a clock may be ahead without a word
_MARK = 0.1  # seconds
_STORE_PATIENCE = 8.0  # seconds: less than anybody waits for an answer
_RETRY_AFTER = 5  # seconds, for who came while a list or a reset was made
_PROBE = "api/probe"  # a row that is written to see whether rows can be
_AT_ONCE = 1.2  # seconds for the peers of a server that can keep nothing any more
_GC_YOUNG = 200_000  # the collector has little to find here, and much to walk through


class Server:
    """One SMSC in this process. ``start`` once, ``stop`` once, both on the same event loop."""

    def __init__(self, settings: Settings, node: str | None = None) -> None:
        """``node``: its name, where it is one of several on one database."""
        self.settings = settings
        self.node = node
        self.lost: StoreError | None = None  # why it is one of them no longer
        self.on_lost: Callable[[], None] = _nothing
        self.smpp_address = ""
        self.tls_address = ""
        self.http_address = ""
        self.addresses: dict[str, list[str]] = {}  # all of them, by what is spoken there
        self.listeners: list[asyncio.Server] = []
        self.held = Holds(lambda: self.smpp_address)
        self.desks = Desks(
            lambda: self.smpp_address,
            self._centre,
            lambda: str(self.control.clock()["now"]),
            self._place,
            self._stages,
        )
        self.http: Any = None
        self.maintenance: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Open the store, take up what waits, and listen. Raises StoreError, OSError."""
        loop = asyncio.get_running_loop()
        settings = self.settings
        post = partial(_post, loop)
        self.store: Store = open_store(settings.store.url, post, self.node, FLOORS)
        self.store.open(TABLES, SCHEMA_VERSION)
        self.clock: Clock = self._clock()
        world = World(settings, self.clock.now())
        self.engine = Engine(world, self.store, self.clock)
        if every_event.isEnabledFor(logging.DEBUG):
            self.engine.watchers.add(_log_event)
        self.control = Control(self.engine)
        self.control.restore()
        if self.engine.nodes is not None:
            self.engine.nodes.when_lost(self._lost)
        elif self.store.durable:
            self.engine.stamp_with(self.control.stamp_commit)
        self.listener = Listener(self.engine, loop)
        trace = settings.trace
        if trace.file is not None:
            self.listener.capture = Capture(trace.file, trace.limit, trace.passwords)
        self.clockwork = Clockwork(self.listener)
        restored = self.engine.restart.restore()
        self.control.begin_taking()
        if restored:
            log.info("%d messages wait", restored)
        self.store.begin_serving()
        self.listener.turn_over()
        self.outbinds = self.control.dialler = Outbinds(self.listener)
        await self._listen(loop)
        for row in settings.outbinds:
            self.outbinds.dial(row, configured=True)
        self.maintenance = loop.create_task(self._maintenance())
        self.marking = loop.create_task(self._mark())

    def _lost(self, error: Exception) -> None:
        """Another node has taken this one over: nothing that happens here is kept any more."""
        self.lost = StoreError(str(error))
        log.error("%s; it ends", error)
        self.on_lost()

    def about(self) -> dict[str, str | None]:
        """What the console's first page tells: where to bind, and whether anything is kept."""
        url = self.settings.store.url
        scheme = url.partition(":")[0]
        return {
            "version": smsc.__version__,
            "smpp": self.smpp_address,
            "smpps": self.tls_address or None,
            "http": self.http_address,
            "store": url if scheme in ("memory", "sqlite") else shown_url(url),
        }

    def holds(self, msisdn: str) -> bool:
        """Whether the server answers for the phone itself."""
        return msisdn in self.held

    async def hold(self, msisdn: str) -> None:
        """Answer for the phone from now on; ControlError 409."""
        subscriber = self.engine.world.registry.find(int(msisdn))
        password = subscriber.password if subscriber is not None else None
        if not password or stored_hash(password) is not None:
            raise ControlError(
                409, "Not held", f"{msisdn}: its password is not known here; bind with a client"
            )
        await self.held.hold(msisdn, password)

    async def release(self, msisdn: str) -> None:
        """Let the phone go."""
        await self.held.release(msisdn)

    def _centre(self, name: str) -> str | None:
        """The system_id that answers for a centre."""
        return dict(self.settings.emergency.centres).get(name)

    def _place(self, number: str) -> dict[str, Any] | None:
        """Where a number is, as its centre is told: with how far off that may be, and when."""
        if not number.isdecimal():
            return None
        subscriber = self.engine.world.registry.find(int(number))
        now = self.clock.now()
        position = None if subscriber is None else subscriber.place.position(now)
        if subscriber is None or position is None:
            return None
        return {
            "lat": position[0],
            "lon": position[1],
            "accuracy_m": subscriber.place.accuracy(now),
            "source": subscriber.place.name,
            "at": self.control.clock()["now"],
        }

    async def _stages(self, ids: list[str]) -> dict[str, str | None]:
        """What became of messages; None of one that was forgotten."""
        told: asyncio.Future[list[Message | None]] = asyncio.get_running_loop().create_future()

        def found(messages: list[Message | None], error: BaseException | None) -> None:
            if not told.done():
                told.set_result(messages)

        known = [ident for ident in ids if ident.isascii() and ident.isdigit()]
        self.engine.stored.find([int(ident) for ident in known], found)
        messages = await told
        pairs = zip(known, messages, strict=True)
        return {ident: None if message is None else stage_of(message) for ident, message in pairs}

    def _clock(self) -> Clock:
        start = self.settings.clock.start
        last = Control.stored_clock(self.store)
        if self.node is not None and self.settings.clock.mode != "real":
            raise StoreError(f"node {self.node}: clock.mode is {self.settings.clock.mode}; {ONE_CLOCK}")
        first = None if start is None else milliseconds(start)
        wall = _machine_time if self.store.shared is None else self.store.shared.now
        clock = make_clock(self.settings.clock.mode, start=first, last=last, wall=wall)
        if start is None and last is not None and clock.mode != "manual":
            self._warn_of_a_lead(clock.now() - wall())
        return clock

    @staticmethod
    def _warn_of_a_lead(ahead: int) -> None:
        """A store that an accelerated run has left is ahead (ms) of the machine's time for good."""
        if ahead < _LEAD:
            return
        days, rest = divmod(ahead // 1000, 86_400)
        lead = f"{days} days and {rest // 3600} hours" if days else f"{rest // 3600} h {rest // 60 % 60} min"
        log.warning(
            "the store carries the SMSC clock %s ahead of this machine's, from an earlier run; "
            "smsc serve --fresh begins anew, smsc reset forgets the messages only",
            lead,
        )

    async def _listen(self, loop: asyncio.AbstractEventLoop) -> None:
        from smsc.api.app import create_app
        from smsc.api.listener import HttpListener

        settings, host = self.settings, self.settings.host
        self.addresses["smpp"] = await self._open(self._protocol, settings.smpp.port)
        self.smpp_address = self.addresses["smpp"][0]
        if settings.smpp.tls_cert is not None:
            context = server_context(settings)
            secure = partial(Handshake, self.listener, context)
            self.addresses["smpps"] = await self._open(secure, settings.smpp.tls_port)
            self.tls_address = self.addresses["smpps"][0]
        http = settings.http
        app = create_app(
            self,
            token=None if http.token is None else http.token.get_secret_value(),
            pages_on=http.pages,
            root_path=http.root_path,
            hosts=http.hosts,
        )
        self.http = HttpListener(app, host, http.port)
        await self.http.start()
        self.http_address = self.http.address
        self.addresses["http"] = self.http.addresses

    async def _open(self, protocol: Callable[[], Any], port: int) -> list[str]:
        """Listen on all addresses of the host; where, the first one first."""
        loop = asyncio.get_running_loop()
        sockets = await asyncio.to_thread(listening, self.settings.host, port, _BACKLOG)
        for one in sockets:
            self.listeners.append(await loop.create_server(protocol, sock=one, backlog=_BACKLOG))
        return [shown(one) for one in sockets]

    def _protocol(self) -> asyncio.Protocol:
        return cast("asyncio.Protocol", Connection(self.listener))

    async def stop(self, grace: float | None = None) -> None:
        """Stop accepting, unbind the peers within ``grace`` (limits.shutdown) seconds, flush the store."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + (self.settings.limits.shutdown if grace is None else grace)
        if self.maintenance is not None:
            self.maintenance.cancel()
            self.marking.cancel()
            self.outbinds.close()
        await self.held.close()
        await self.desks.close()
        self.listener.stopping = True
        for listener in self.listeners:
            listener.close()
        if self.http is not None:
            await self.http.stop()
        with contextlib.suppress(
            TimeoutError, ControlError
        ):  # what was submitted is answered before the unbind
            await asyncio.wait_for(self.committed(), max(0.1, (deadline - loop.time()) / 2))
        for handshake in list(self.listener.shaking):
            handshake.evict()
        for connection in list(self.listener.connections.values()):
            self._part(connection.session, connection)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.listener.all_gone.wait(), max(0.0, deadline - 1.0 - loop.time()))
        for connection in list(self.listener.connections.values()):
            if connection.transport is not None:
                connection.transport.abort()
        await asyncio.sleep(0)
        self.control.save_clock()
        self.listener.turn_over()
        with contextlib.suppress(TimeoutError, ControlError):
            await asyncio.wait_for(self.committed(), max(0.1, deadline - loop.time()))
        for timer in (self.listener.alarm, self.listener.retry):
            if timer is not None:
                timer.cancel()
        self.listener.port.close()
        if self.listener.capture is not None:
            self.listener.capture.close()
        self.store.close()

    def _part(self, session: Session | None, connection: Connection) -> None:
        if session is None:
            return
        if session.bind is None:
            if connection.transport is not None:
                connection.transport.close()
            return
        session.unbind(self.listener.loop.time())
        connection.write_out()
        connection.arm()

    # --- what the API calls ---------------------------------------------------------------------

    async def advance(
        self, *, seconds: float | None = None, to: int | None = None, until: str | None = None
    ) -> dict[str, Any]:
        """Move the manual clock, see ``Clockwork.advance``; ControlError 409 when it cannot be moved so."""
        try:
            told = await self.clockwork.advance(seconds=seconds, to=to, until=until)
        except ClockError as error:
            raise ControlError(409, "The clock cannot be advanced", str(error)) from None
        self.control.save_clock()
        self.listener.turn()
        return self.control.advanced(told)

    async def writable(self) -> None:
        """Return when the store takes changes: nothing is changed that could not be kept. A small write
        tries it.

        ControlError 503 when it fails, or when it does not answer, or a list or a reset is not through, for
        as long as a caller may be kept waiting.
        """
        engine = self.engine
        if engine.commit.durable:
            if engine.store_failing:
                raise _store_fails(engine.store_failing)
            engine.commit.change(KEY_VALUES, _PROBE, (_PROBE, "{}"))
        try:
            await asyncio.wait_for(self._is_decided(), _STORE_PATIENCE)
        except TimeoutError:
            if self.control.turns.is_settling:
                raise _list_first() from None
            raise _store_fails(f"it does not answer within {_STORE_PATIENCE:.0f} s") from None

    async def _is_decided(self) -> None:
        """Wait for the store, and until nothing that was changed before may have to be put back."""
        turns, changes = self.control.turns, self.control.changes
        if self.engine.commit.durable:
            await self.committed()
        while turns.is_settling or changes.are_under_way():
            await self._told(turns.when_settled)
            if changes.are_under_way():
                await self.committed()

    async def committed(self) -> None:
        """Wait until everything that happened so far is in the store. ControlError 503 when it fails."""
        await self._told(self.engine.commit.when_committed)

    async def done(self, work: Steps[T]) -> T:
        """Do long work step by step, waiting for the store where it asks for something."""
        loop = asyncio.get_running_loop()
        while True:
            try:
                wait = next(work)
            except StopIteration as done:
                result: T = done.value
                return result
            if wait is not None:
                waiting: asyncio.Future[None] = loop.create_future()
                wait(partial(_resume, waiting))
                await waiting

    async def erased(self) -> None:
        """Wait until nothing is left of the number that was erased last. Raises the store's error."""
        await self._told(self.control.erasures.when_done, "Not all of it is erased")

    async def _told(
        self,
        subscribe: Callable[[Callable[[BaseException | None], None]], None],
        what: str = "Nothing was changed",
    ) -> None:
        told: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def done(error: BaseException | None) -> None:
            if told.done():
                return
            if error is None:
                told.set_result(None)
            elif isinstance(error, StoreError):
                told.set_exception(_store_fails(str(error), what))
            else:
                told.set_exception(error)

        subscribe(done)
        self.listener.turn_over()
        await told

    async def _mark(self) -> None:
        """Note how far messages have come, for those who wait for what comes after a real moment."""
        while True:
            self.control.note_mark(time.time_ns() // 1_000_000)
            await asyncio.sleep(_MARK)

    async def _maintenance(self) -> None:
        """Once a second: keep the clock's last value, forget what retention no longer covers."""
        while True:
            await asyncio.sleep(1.0)
            self.control.maintain(time.time_ns() // 1_000_000)
            self.engine.refusals.lines.flush(self.listener.loop.time())
            if self.listener.capture is not None:
                self.listener.capture.flush()
            self.listener.turn()


def _machine_time() -> int:
    return time.time_ns() // 1_000_000


def _nothing() -> None:
    """Nobody needs to hear of it."""


def _log_event(event: dict[str, Any]) -> None:
    """One event of a message or a session as a line; its numbers are masked like all others."""
    told = " ".join(f"{name}={value}" for name, value in event.items() if name not in ("event", "at"))
    every_event.debug("%s %s", event["event"], told)


def _store_fails(why: str, what: str = "Nothing was changed") -> ControlError:
    return ControlError(503, "The store fails", f"{what}: {why.rstrip('.')}.")


def _list_first() -> ControlError:
    detail = (
        "Nothing was changed: a list of subscribers or a reset is being written and made, "
        f"and other changes come after it; try again in {_RETRY_AFTER} s."
    )
    headers = {"Retry-After": str(_RETRY_AFTER)}
    return ControlError(503, "A list or a reset comes first", detail, headers=headers)


def _resume(waiting: asyncio.Future[None]) -> None:
    if not waiting.done():
        waiting.set_result(None)


def _post(loop: asyncio.AbstractEventLoop, call: Callable[[], None]) -> None:
    loop.call_soon_threadsafe(call)


async def serve(settings: Settings, ready_file: Path | None = None, node: str | None = None) -> None:
    """Run until SIGTERM or SIGINT; says ``ready`` once both listeners accept.

    Raises StoreError, also when another node has taken this one over."""
    server = Server(settings, node)
    stop = asyncio.Event()
    server.on_lost = stop.set
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(number, stop.set)
    await server.start()
    gc.collect()
    gc.freeze()
    gc.set_threshold(_GC_YOUNG, 20, 100)
    try:
        say_ready(server, ready_file)
        notify("READY=1")
        await stop.wait()
    finally:
        notify("STOPPING=1")
        await server.stop(None if server.lost is None else _AT_ONCE)
    if server.lost is not None:
        raise server.lost


def say_ready(server: Server, ready_file: Path | None, *, quiet: bool = False) -> None:
    """Tell where the server listens, on stdout (on stderr when `quiet`) and in a file."""
    if ready_file is not None:
        _write_ready(server, ready_file)
    tls = f" smpps={server.tls_address}" if server.tls_address else ""
    print(
        f"ready smpp={server.smpp_address} http={server.http_address}{tls}",
        flush=True,
        file=sys.stderr if quiet else sys.stdout,
    )


def _write_ready(server: Server, ready_file: Path) -> None:
    """Where it listens, as JSON; the file is there only when it is complete."""
    told: dict[str, Any] = {"smpp": server.smpp_address, "http": server.http_address, "pid": os.getpid()}
    if server.tls_address:
        told["smpps"] = server.tls_address
    told["addresses"] = server.addresses
    handle, name = tempfile.mkstemp(dir=ready_file.resolve().parent, prefix=".ready-")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(json.dumps(told) + "\n")
    os.replace(name, ready_file)


def _sentence(error: Exception, settings: Settings) -> str:
    """What went wrong without numbers of the operating system, and what helps."""
    if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
        ports = (settings.smpp.port, settings.http.port, settings.smpp.tls_port)
        taken = next((port for port in ports if port and str(port) in str(error)), "a port")
        return f"{settings.host}:{taken}: address already in use; --smpp-port 0 --http-port 0 pick free ports"
    if isinstance(error, OSError) and error.filename and error.strerror:
        return f"{error.filename}: {error.strerror}"
    return str(error)


def run(settings: Settings, *, ready_file: Path | None = None, node: str | None = None) -> int:
    """``smsc serve``: the exit status, 0 after a clean stop and 1 when it could not start."""
    from smsc import eventloop

    try:
        eventloop.run(serve(settings, ready_file, node), settings.loop)
    except (StoreError, OSError) as error:
        print(f"smsc: {_sentence(error, settings)}", file=sys.stderr)
        return 1
    return 0
