"""Who follows what happens: one ring of events, read by every stream and every waiting call at their own
pace.

Nothing is made for events while nobody follows. From the first follower on they are kept, and a while after
the last one has gone, so that a client which lost its connection misses nothing. An event is encoded once,
for all streams. A client that reads too slowly is told what it missed.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Generator
from typing import Any, Final

from starlette.responses import StreamingResponse
from starlette.types import Message, Receive, Scope, Send

from smsc.api.facade.control import Control
from smsc.api.facade.documents import Document
from smsc.api.jsontext import to_json
from smsc.api.problems import Refused
from smsc.api.replies import in_steps
from smsc.api.ring import MOST, Entry, EventRing

#: streams at a time
MAX_STREAMS = 100
#: real seconds between comments that keep the connection open through proxies
KEEP_ALIVE = 15.0
#: real seconds that a client may take nothing of what it is sent before its connection is aborted
PATIENCE = 30.0
#: real seconds that events are kept when nobody follows any more
LINGER = 300.0
#: real seconds in which a stopping server waits for clients to take the last word
LAST_WORD = 5.0
_BATCH: Final = 200
#: Real seconds that all are woken later for each stream there is, so that many wake seldom and read more at
#: once.
_TOGETHER: Final = 0.0005
_GREETING: Final = b": events follow, each one line of JSON\nretry: 1000\n\n"

Abort = Callable[[], None]


class Follower:
    """A place in the ring: all that happened behind `number` is yet to be read."""

    def __init__(self, ring: EventRing, number: int) -> None:
        self._ring = ring
        self.number = number
        self.wake = asyncio.Event()
        self.ended = ""
        self.cut_off = False  # the client takes nothing, and its connection is gone

    def missed(self) -> int | None:
        """How many events were lost, None for nobody knows how many; what is still kept follows."""
        lost = self._ring.missed(self.number)
        if lost != 0:
            self.number = self._ring.first - 1
        return lost

    def take(self) -> list[Entry]:
        """The next events, none when there are no more now."""
        found = self._ring.after(self.number, _BATCH)
        if found:
            self.number = found[-1].number
        else:
            self.wake.clear()
        return found


class EventStreams:
    """All that follow the events of one application."""

    def __init__(self, control: Control, most: int = MOST) -> None:
        self.control = control
        self.ring = EventRing(control.weigh, most)
        self._followers: set[Follower] = set()
        self._streams = 0
        self._unfollow: Callable[[], None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._is_waking = False
        self._closed = False

    def __len__(self) -> int:
        """How many streams there are."""
        return self._streams

    # --- following ------------------------------------------------------------------------------

    def attach(self, number: int | None = None) -> Follower:
        """A follower of what happens from now on, or of all behind `number`. `detach` it."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._unfollow is None:
            self._unfollow = self.control.follow(self._push)
        follower = Follower(self.ring, self.ring.next - 1 if number is None else number)
        self._followers.add(follower)
        follower.wake.set()
        return follower

    def detach(self, follower: Follower) -> None:
        """It follows no more."""
        self._followers.discard(follower)
        if not self._followers and self._timer is None and not self._closed:
            self._timer = asyncio.get_running_loop().call_later(LINGER, self._stop)

    def _stop(self) -> None:
        self._timer = None
        if self._unfollow is not None:
            self._unfollow()
            self._unfollow = None
        self.ring.forget()

    def _push(self, event: Document, subject: Any) -> None:
        self.ring.push(event, subject)
        if not self._is_waking and self._followers:
            self._is_waking = True
            asyncio.get_running_loop().call_later(_TOGETHER * len(self._followers), self._wake)

    def _wake(self) -> None:
        self._is_waking = False
        for follower in self._followers:
            follower.wake.set()

    def encoded(self, entry: Entry) -> bytes:
        """The event as it goes over the wire."""
        if entry.data is None:
            entry.data = _encode(self.control.readable(entry.event), entry.number)
        return entry.data

    # --- streams --------------------------------------------------------------------------------

    def response(self, abort: Abort | None, number: int | None, search: Any) -> "EventStreamResponse":
        """A stream for one more client, see `EventStream`. Refused when there are too many."""
        if self._closed:
            raise Refused(503, "Shutting down", "The server is stopping.")
        if self._streams >= MAX_STREAMS:
            raise Refused(503, "Too many streams", f"There are {MAX_STREAMS} event streams already.")
        self._streams += 1
        return EventStreamResponse(self, EventStream(self, number, search), abort)

    def over(self) -> None:
        """One stream less."""
        self._streams -= 1

    def close(self) -> None:
        """End all streams and admit no more: the server stops."""
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()
        for follower in self._followers:
            follower.ended = "the server is stopping"
            follower.wake.set()


class EventStream:
    """What one client gets: what happens, or what happened behind `number`, as far as `search` lets it
    pass."""

    def __init__(self, streams: EventStreams, number: int | None, search: Any) -> None:
        self._streams = streams
        self._search = search
        self.follower = streams.attach(number)

    async def chunks(self) -> AsyncIterator[bytes]:
        """What goes over the wire, until the stream is ended."""
        yield _GREETING
        follower = self.follower
        while not follower.cut_off:  # however much there would be to say
            missed = follower.missed()
            if missed != 0:
                yield _encode({"event": "stream.gap", "missed": missed}, follower.number)
            entries = follower.take()
            if entries:
                chunk = await in_steps(self._encode(entries))
                if chunk:
                    yield chunk
                continue
            if follower.ended:
                yield _encode({"event": "stream.ended", "detail": follower.ended}, None)
                return
            try:
                async with asyncio.timeout(KEEP_ALIVE):
                    await follower.wake.wait()
            except TimeoutError:
                yield b": still here\n\n"

    def _encode(self, entries: list[Entry]) -> Generator[None, None, bytes]:
        streams, control, search = self._streams, self._streams.control, self._search
        found = []
        for entry in entries:
            if search is None or control.passes(search, entry.event, entry.subject):
                found.append(streams.encoded(entry))
            yield
        return b"".join(found)


class EventStreamResponse(StreamingResponse):
    """Attached before its headers leave, so that who has them misses nothing; until the connection ends."""

    def __init__(self, streams: EventStreams, stream: EventStream, abort: Abort | None) -> None:
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        super().__init__(stream.chunks(), headers=headers, media_type="text/event-stream")
        self._streams = streams
        self._stream = stream
        self._abort = abort

    def _cut_off(self) -> None:
        self._stream.follower.cut_off = True
        if self._abort is not None:
            self._abort()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def patient(message: Message) -> None:
            """Cut a client off that takes nothing."""
            patience = LAST_WORD if self._stream.follower.ended else PATIENCE
            loop = asyncio.get_running_loop()
            timer = loop.call_later(patience, self._cut_off)
            try:
                await send(message)
            finally:
                timer.cancel()

        try:
            await super().__call__(scope, receive, patient)
        finally:
            self._streams.over()
            self._streams.detach(self._stream.follower)


def _encode(event: Document, number: int | None) -> bytes:
    # JSON escapes line ends, so an event is always one data line.
    ident = b"" if number is None else b"id: %d\n" % number
    return b"%sdata: %s\n\n" % (ident, to_json(event))
