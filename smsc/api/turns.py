"""How many calls may begin in one turn of the event loop, how many may be open, and how much their bodies
may hold.

Not by address: everybody is 127.0.0.1 where tests run. Probes pass by. Event streams and calls that wait
have totals of their own, and do not count as open while they last.
"""

import asyncio
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from smsc.api.problems import Refused

#: calls that begin in one turn of the event loop; the others wait for the next
A_TURN: Final = 8
#: calls that are open, those that wait for their turn included
MOST_CALLS = 500
#: octets of all request bodies that are being read or dealt with
MOST_OCTETS = 64 * 1024 * 1024


class Turns:
    """The calls of one application."""

    def __init__(self) -> None:
        self.open = 0
        self.octets = 0
        self._passed = 0
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._is_turning = False

    @contextmanager
    def count(self) -> Iterator[None]:
        """One more open call. Refused when there are too many."""
        if self.open >= MOST_CALLS:
            raise Refused(
                503, "Too many calls", f"There are {MOST_CALLS} open calls already.", {"Retry-After": "1"}
            )
        self.open += 1
        try:
            yield
        finally:
            self.open -= 1

    async def turn(self) -> None:
        """Return in a turn of the loop in which not too many have begun; first come, first served."""
        if self._passed < A_TURN and not self._waiting:
            self._pass()
            return
        mine: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(mine)
        await mine

    def _pass(self) -> None:
        self._passed += 1
        if not self._is_turning:
            self._is_turning = True
            asyncio.get_running_loop().call_soon(self._next_turn)

    def _next_turn(self) -> None:
        self._is_turning = False
        self._passed = 0
        while self._waiting and self._passed < A_TURN:
            mine = self._waiting.popleft()
            if not mine.done():  # its client has left
                mine.set_result(None)
                self._pass()

    @contextmanager
    def hold(self) -> Iterator["Held"]:
        """What the body of one call holds, until the call is over."""
        held = Held(self)
        try:
            yield held
        finally:
            self.octets -= held.octets


class Held:
    """The octets of one body."""

    def __init__(self, turns: Turns) -> None:
        self._turnstile = turns
        self.octets = 0

    def add(self, octets: int) -> None:
        """So much more was read. Refused when all bodies together are too much."""
        if self._turnstile.octets + octets > MOST_OCTETS:
            raise Refused(
                503,
                "Too much at once",
                f"The bodies of all open calls may have {MOST_OCTETS} bytes together.",
                {"Retry-After": "1"},
            )
        self._turnstile.octets += octets
        self.octets += octets
