"""A whole server in a thread of its own, so that a test may block while it works."""

from __future__ import annotations

import asyncio
import contextlib
import os
import threading
import time
from collections.abc import Callable, Coroutine, Generator, Mapping
from concurrent.futures import Future
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar, overload

from smsc.client import Client, ClientError
from smsc.config.base import bind_name
from smsc.config.loading import ConfigError
from smsc.control import ControlError
from smsc.eventloop import loop_factory
from smsc.server.app import Server
from smsc.server.tls import tls_problems
from smsc.testing.aio import Aio
from smsc.testing.clock import ClockHandle
from smsc.testing.faults import FaultsHandle
from smsc.testing.handles import EsmeHandle, HandsetHandle, listed
from smsc.testing.messages import MessageHandle, refusals_of, whole_messages
from smsc.testing.waiting import wait_for
from smsc.world.checks import load_checked

__tracebackhide__ = True

T = TypeVar("T")

_START = "2026-01-15T12:00:00Z"
_PATIENCE = 30.0
_TURNS = 1000  # of the loop, after which a connection that was cut is gone

#: What a test wants unless it says otherwise: nothing on disk, no fixed port, a clock that stands still.
DEFAULTS: Mapping[str, Any] = {
    "host": "127.0.0.1",
    "smpp": {"port": 0},
    "http": {"port": 0},
    "store": {"url": "memory:"},
    "clock": {"mode": "manual", "start": _START},
}


class SmscHandle:
    """One running SMSC. Every call blocks the test until it is done; ``aio`` has the same calls to await."""

    def __init__(
        self, config: Path | None = None, flags: Mapping[str, Any] | None = None, node: str | None = None
    ) -> None:
        try:
            self.settings = load_checked(
                config,
                merge(DEFAULTS, flags or {}),
                now=time.time_ns() // 1_000_000,
                given_as="setting",
                extends="demo",
                check=tls_problems,
            )
        except ConfigError as error:
            raise error.with_traceback(None) from None
        self.server = Server(self.settings, node)
        self.events: list[dict[str, Any]] = []
        self.left: dict[str, str | None] = {}  # the zone each handset was in before it entered another
        self._listening: dict[str, tuple[Client, asyncio.Task[None]]] = {}
        self.clock = ClockHandle(self)
        self.aio = Aio(self)
        self._grace: float | None = None
        self._changed = threading.Condition()
        self._started: Future[None] = Future()
        self._stop: asyncio.Event
        self._loop: asyncio.AbstractEventLoop
        self._thread = threading.Thread(target=self._serve, name="smsc", daemon=True)
        self._thread.start()
        self._started.result(_PATIENCE)

    # --- where ----------------------------------------------------------------------------------

    @property
    def smpp_address(self) -> str:
        """``host:port`` for SMPP."""
        return self.server.smpp_address

    @property
    def host(self) -> str:
        """The host of the SMPP listener."""
        return self.smpp_address.rpartition(":")[0]

    @property
    def port(self) -> int:
        """The port of the SMPP listener."""
        return int(self.smpp_address.rpartition(":")[2])

    @property
    def http_address(self) -> str:
        """``host:port`` of the control API."""
        return self.server.http_address

    @property
    def url(self) -> str:
        """The control API's address for an HTTP client."""
        return f"http://{self.http_address}"

    # --- what -----------------------------------------------------------------------------------

    def handset(self, msisdn: str) -> HandsetHandle:
        """A handset of the simulated world, to be moved, switched off, or asked what it got."""
        return HandsetHandle(self, msisdn)

    def esme(self, system_id: str) -> EsmeHandle:
        """An ESME of the simulated world, to be asked what it sent and got. ValueError when there is none."""
        return EsmeHandle(self, system_id)

    def message(self, message_id: str | int) -> MessageHandle:
        """A message with its timeline, by the id of its submit_sm_resp. Raises ControlError."""
        return MessageHandle(self.control("showing", str(message_id)))

    def messages(
        self,
        *,
        source: str | None = None,
        destination: str | None = None,
        state: str | None = None,
        limit: int | None = None,
    ) -> list[MessageHandle]:
        """The messages that match, oldest first, parts of long ones one by one; at most ``limit``."""
        return list(islice(listed(self, source, destination, state), limit))

    def send(self, source: str, destination: str, text: str, *, receipt: bool = False) -> MessageHandle:
        """Submit a message without a client of one's own, as the source's handset or ESME would."""
        body = {
            "source": source,
            "destination": destination,
            "text": text,
            "registered_delivery": int(receipt),
        }
        return MessageHandle(self.control("inject", body))

    def wait_for_message(
        self,
        *,
        source: str | None = None,
        destination: str | None = None,
        text: str | None = None,
        state: str | None = None,
        timeout: float = 5.0,
    ) -> MessageHandle:
        """The first message that matches, waited for in real time. TimeoutError tells what there is.

        ``text`` is that of the whole message: of a long one all parts are waited for."""

        def match() -> MessageHandle | None:
            found = listed(self, source, destination, state)
            if text is None:
                return next(found, None)
            whole = whole_messages(found, self.message)
            return next((message for message in whole if message.text == text), None)

        wanted = {"source": source, "destination": destination, "text": text, "state": state}
        shown = ", ".join(f"{key}={value!r}" for key, value in wanted.items() if value is not None)
        return self.await_message(match, timeout, f"no message with {shown or 'any content'}")

    @overload
    def wait(self, q: str = "", *, timeout: float = 5.0, since: str | None = None) -> MessageHandle: ...

    @overload
    def wait(
        self, q: str = "", *, count: int, timeout: float = 5.0, since: str | None = None
    ) -> list[MessageHandle]: ...

    def wait(
        self, q: str = "", *, count: int | None = None, timeout: float = 5.0, since: str | None = None
    ) -> MessageHandle | list[MessageHandle]:
        """The first message that a search finds, or a list of ``count``, waited for in real time.

        ``smsc.wait("to:4790000001 has:code").code``; the search is that of ``GET /messages``. TimeoutError
        tells what came instead and why it was not meant, ValueError what is wrong with the search.
        """
        secret = self.settings.http.token
        token = None if secret is None else secret.get_secret_value()
        found = wait_for(self.url, token, q, 1 if count is None else count, timeout, since)
        handles = [MessageHandle(row) for row in found]
        return handles[0] if count is None else handles

    def await_message(
        self, look: Callable[[], MessageHandle | None], timeout: float, wanted: str
    ) -> MessageHandle:
        """What ``look`` finds, asked again whenever something happens; TimeoutError tells what there is."""
        deadline = time.monotonic() + timeout
        while True:
            seen = len(self.events)
            if (found := look()) is not None:
                return found
            with self._changed:
                left = deadline - time.monotonic()
                news = len(self.events) > seen
                if not news and (left <= 0 or not self._changed.wait(left)):
                    there = "\n".join(f"  {message}" for message in self.messages()) or "  none at all"
                    raise TimeoutError(f"{wanted} within {timeout} s; there are\n{there}")

    def refusals(self) -> list[str]:
        """What was refused lately and why, a sentence each: binds first, then submissions."""
        binds = [event for event in list(self.events) if event["event"] == "bind.refused"]
        told = [f"{event['system_id']}: bind refused: {event['reason']}" for event in binds]
        for session in [*self.control("sessions", True), *self.control("sessions")]:
            told += refusals_of(session)
        return told

    # --- what goes wrong on purpose -------------------------------------------------------------

    def faults(self, *rules: Mapping[str, Any] | str, seed: int | None = None, **rule: Any) -> FaultsHandle:
        """Let things go wrong on purpose, in place of what was to go wrong before; none at all ends it.

        ``faults("status", status="ESME_RSYSERR", count=1)``, or several, each as [[faults]] of the
        configuration: ``faults({"action": "delay", "seconds": 2}, {"action": "twice"})``.
        In a ``with`` they end with the block. Raises ControlError.
        """
        given = [{"action": one} if isinstance(one, str) else dict(one) for one in rules]
        if rule:
            given = [{**(given[0] if given else {}), **rule}, *given[1:]]
        body = {"rules": given} if seed is None else {"rules": given, "seed": seed}
        self.control("put_faults", body)
        return FaultsHandle(self)

    def drop(self, system_id: str | None = None, *, how: str = "drop") -> int:
        """End the sessions of a peer, or all of them; how many there were.

        ``drop`` closes the connections, which are gone when this returns; ``unbind`` asks the peers to leave.
        ValueError when nobody of that name is bound.
        """
        sessions = self.control("sessions")
        chosen = [one["id"] for one in sessions if system_id in (None, one["system_id"])]
        if not chosen and system_id is not None:
            bound = ", ".join(sorted({one["system_id"] for one in sessions})) or "nobody"
            raise ValueError(f"{system_id!r} is not bound; bound is {bound}")
        self.run(self._drop(chosen, how))
        return len(chosen)

    async def _drop(self, sessions: list[int], how: str) -> None:
        for session in sessions:
            self.server.control.drop_session(session, how)
        self.server.listener.turn_over()
        for _ in range(_TURNS):
            if how != "drop" or not {one["id"] for one in self.server.control.sessions()} & set(sessions):
                return
            await asyncio.sleep(0)

    # --- binds of the test's own ----------------------------------------------------------------

    def listen(self, system_id: str, password: str) -> None:
        """Bind as a handset or an ESME and answer all that comes; once is enough."""
        name = bind_name(system_id)
        if name not in self._listening:
            self._listening[name] = self.run(self._listen(name, password))

    async def _listen(self, name: str, password: str) -> tuple[Client, asyncio.Task[None]]:
        client = await Client.connect(self.host, self.port)
        try:
            await client.bind(name, password, kind="receiver")
        except ClientError:
            await client.close()
            raise
        return client, asyncio.create_task(_read(client))

    def hang_up(self, system_id: str) -> None:
        """End the bind of ``listen``."""
        client, reading = self._listening.pop(bind_name(system_id), (None, None))
        if client is not None and reading is not None:
            self.run(_close(client, reading))

    def reset(self) -> None:
        """Forget all messages, and put subscribers, zones and registrations back as they were configured."""
        for name in list(self._listening):
            self.hang_up(name)
        self.control("reset")
        self.events.clear()
        self.left.clear()

    def control(self, name: str, *args: Any) -> Any:
        """Call a method of the server's control on its own thread, and wait for the store."""

        async def call() -> Any:
            self.server.engine.set_time(self.server.listener.loop.time())
            result = getattr(self.server.control, name)(*args)
            if isinstance(result, Generator):
                result = await self.server.done(result)
            await self.server.committed()
            await self.server.committed()  # what follows a change that has to be safe first
            return result

        return self.run(call())

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine on the server's loop and wait for it."""
        try:
            return self.submit(work).result(_PATIENCE)
        except (ControlError, ClientError) as error:
            raise error.with_traceback(None) from None  # the sentence tells all; where it was raised does not

    def submit(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        """Start a coroutine on the server's loop."""
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    # --- life -----------------------------------------------------------------------------------

    def _serve(self) -> None:
        with asyncio.Runner(loop_factory=loop_factory(self.settings.loop)) as runner:
            try:
                runner.run(self._main())
            except BaseException as error:
                if self._started.done():
                    raise
                self._started.set_exception(error)

    async def _main(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        await self.server.start()
        self.server.control.subscribe(self._happened)
        self._started.set_result(None)
        await self._stop.wait()
        await self.server.stop(self._grace)

    def _happened(self, event: dict[str, Any]) -> None:
        with self._changed:
            self.events.append(event)
            self._changed.notify_all()

    @property
    def is_running(self) -> bool:
        """Whether the server has not been stopped."""
        return self._thread.is_alive()

    def stop(self, *, grace: float | None = None) -> None:
        """Stop the server as SIGTERM would; peers have ``grace`` seconds to answer (limits.shutdown)."""
        if self.is_running:
            self._grace = grace
            self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join(_PATIENCE)

    def __enter__(self) -> SmscHandle:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop(grace=0)


async def _read(client: Client) -> None:
    """Take what comes, so that its reading never pauses, until the connection ends."""
    with contextlib.suppress(ClientError):
        while True:
            await client.receive()


async def _close(client: Client, reading: asyncio.Task[None]) -> None:
    await client.close()
    await reading


def merge(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """A deep copy of ``base`` with the values of ``over`` in it."""
    merged = {key: dict(value) if isinstance(value, Mapping) else value for key, value in base.items()}
    for key, value in over.items():
        known = merged.get(key)
        merged[key] = merge(known, value) if isinstance(known, dict) and isinstance(value, Mapping) else value
    return merged


def start_smsc(config: str | os.PathLike[str] | None = None, **settings: Any) -> SmscHandle:
    """Start an SMSC: ``start_smsc("smsc.toml", limits={"window": 10})``. Stop it, or use ``with``.

    File and settings extend the demo world unless they say otherwise: ``extends="none"``. Raises ConfigError.
    """
    return SmscHandle(None if config is None else Path(config), settings)
