"""Calls that wait for messages: answered when the messages are there, or when the time is up."""

import asyncio
import time
from typing import Any, Final

from starlette.requests import Request

from smsc.api.events import EventStreams, Follower
from smsc.api.facade.control import Control
from smsc.api.facade.documents import Document, Steps
from smsc.api.problems import Refused
from smsc.api.replies import in_steps
from smsc.api.ring import Entry

#: calls that wait, at a time
MAX_WAITS = 100
#: Real seconds before the call from which on a message counts that was sent just before.
LOOK_BACK: Final = 60.0


class Waits:
    """All calls of one application that wait."""

    def __init__(self, control: Control, streams: EventStreams) -> None:
        self._control = control
        self._streams = streams
        self._count = 0

    def __len__(self) -> int:
        return self._count

    async def messages(
        self, request: Request, search: Any, count: int, timeout: float, since: int | None
    ) -> tuple[list[Document], Any]:
        """The first `count` messages that a search finds and that were submitted at the real moment `since`
        (ms) or later, or those that came within `timeout` seconds; and the search to ask what came
        instead."""
        if self._count >= MAX_WAITS:
            raise Refused(503, "Too many calls wait", f"There are {MAX_WAITS} calls that wait already.")
        now = time.time_ns() // 1_000_000
        self._control.note_mark(now)
        if since is None:
            since = now - round(LOOK_BACK * 1000)
        search = self._control.arriving(search, since)
        self._count += 1
        follower = self._streams.attach()
        looking = asyncio.create_task(self._look(follower, search, count, timeout))
        leaving = asyncio.create_task(_gone(request))
        try:
            await asyncio.wait((looking, leaving), return_when=asyncio.FIRST_COMPLETED)
            return (looking.result() if looking.done() else []), search
        finally:
            looking.cancel()
            leaving.cancel()
            self._streams.detach(follower)
            self._count -= 1

    async def _look(self, follower: Follower, search: Any, count: int, timeout: float) -> list[Document]:
        loop = asyncio.get_running_loop()
        until = loop.time() + timeout
        found: dict[str, Document] = {}
        again = True
        while True:
            if again or follower.missed() != 0:
                again = False
                rows = await in_steps(self._control.arrived(search, count))
                found |= {row["id"]: row for row in rows}
            elif entries := follower.take():
                await in_steps(self._sift(entries, search, found, count))
            else:
                left = until - loop.time()
                if follower.ended:
                    raise Refused(503, "Shutting down", "The server is stopping.")
                if left <= 0:
                    break
                try:
                    async with asyncio.timeout(left):
                        await follower.wake.wait()
                except TimeoutError:
                    continue  # what came with the last moment counts
            if len(found) >= count:
                break
        return sorted(found.values(), key=lambda row: int(row["id"]))[:count]

    def _sift(self, entries: list[Entry], search: Any, found: dict[str, Document], count: int) -> Steps[None]:
        for entry in entries:
            if entry.subject is not None and self._control.passes(search, entry.event, entry.subject):
                row = self._control.document(entry.subject)
                found.setdefault(row["id"], row)
                if len(found) == count:
                    return
            yield None


async def _gone(request: Request) -> None:
    """Return when the client has left."""
    while (await request.receive())["type"] != "http.disconnect":
        pass
