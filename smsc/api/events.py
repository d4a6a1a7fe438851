"""Server-sent events: one bounded queue for each client; who reads too slowly is told so and dropped."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable

from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from smsc.api.facade import Document
from smsc.api.problems import Refused
from smsc.api.replies import to_json

#: events that one client may be behind
QUEUE = 10_000
#: clients at a time
MAX_STREAMS = 100
#: real seconds between comments that keep the connection open through proxies
KEEP_ALIVE = 15.0
#: real seconds that a dropped client has to take the news before its connection is aborted
LAST_WORD = 5.0
_BATCH = 200
_GREETING = b": events follow, each one line of JSON\nretry: 1000\n\n"

Subscribe = Callable[[Callable[[Document], None]], Callable[[], None]]
Abort = Callable[[], None]


class EventStream:
    """The events that one client has yet to get, and how its stream ends."""

    def __init__(self, limit: int, abort: Abort | None) -> None:
        self._waiting: deque[Document] = deque()
        self._limit = limit
        self._abort = abort
        self._wake = asyncio.Event()
        self._last: bytes | None = None
        self._deadline: asyncio.TimerHandle | None = None

    def push(self, event: Document) -> None:
        """Queue an event; a client that is too far behind loses them all and gets its stream ended."""
        if self._last is not None:
            return
        if len(self._waiting) < self._limit:
            self._waiting.append(event)
            self._wake.set()
            return
        self._waiting.clear()
        self.end(f"dropped: more than {self._limit} events behind")

    def end(self, why: str) -> None:
        """Send what is queued, then end the stream; who takes nothing more is cut off after `LAST_WORD`."""
        if self._last is not None:
            return
        self._last = _encode({"event": "stream.ended", "detail": why})
        self._wake.set()
        if self._abort is not None:
            self._deadline = asyncio.get_running_loop().call_later(LAST_WORD, self._abort)

    def close(self) -> None:
        """Forget everything: the connection is over."""
        self._waiting.clear()
        if self._deadline is not None:
            self._deadline.cancel()

    async def chunks(self) -> AsyncIterator[bytes]:
        """What goes over the wire, until the stream is ended."""
        yield _GREETING
        while True:
            try:
                async with asyncio.timeout(KEEP_ALIVE):
                    await self._wake.wait()
            except TimeoutError:
                yield b": still here\n\n"
                continue
            self._wake.clear()
            while self._waiting:
                count = min(len(self._waiting), _BATCH)
                yield b"".join([_encode(self._waiting.popleft()) for _ in range(count)])
            if self._last is not None:
                yield self._last
                return


class EventStreams:
    """All streams of one application."""

    def __init__(self, subscribe: Subscribe, limit: int = QUEUE) -> None:
        self._subscribe = subscribe
        self._limit = limit
        self._open: set[EventStream] = set()
        self._closed = False

    def __len__(self) -> int:
        return len(self._open)

    def response(self, abort: Abort | None) -> "EventStreamResponse":
        """A stream for one more client; `abort` cuts its connection. Refused when there are too many."""
        if self._closed:
            raise Refused(503, "Shutting down", "The server is stopping.")
        if len(self._open) >= MAX_STREAMS:
            raise Refused(503, "Too many streams", f"There are {MAX_STREAMS} event streams already.")
        return EventStreamResponse(self, EventStream(self._limit, abort))

    def attach(self, stream: EventStream) -> Callable[[], None]:
        """Let events flow into the stream; the returned function ends that."""
        unsubscribe = self._subscribe(stream.push)
        self._open.add(stream)

        def detach() -> None:
            unsubscribe()
            self._open.discard(stream)
            stream.close()

        return detach

    def close(self) -> None:
        """End all streams and admit no more: the server stops."""
        self._closed = True
        for stream in self._open:
            stream.end("the server is stopping")


class EventStreamResponse(StreamingResponse):
    """Subscribed before its headers leave, so that who has them misses nothing; until the connection ends."""

    def __init__(self, streams: EventStreams, stream: EventStream) -> None:
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        super().__init__(stream.chunks(), headers=headers, media_type="text/event-stream")
        self._streams = streams
        self._stream = stream

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        detach = self._streams.attach(self._stream)
        try:
            await super().__call__(scope, receive, send)
        finally:
            detach()


def _encode(event: Document) -> bytes:
    # JSON escapes line ends, so an event is always one data line.
    return b"data: " + to_json(event) + b"\n\n"
