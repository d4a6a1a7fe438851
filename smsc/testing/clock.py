"""The SMSC clock as a test holds it."""

from __future__ import annotations

from typing import Any

from smsc.delivery.message import FOREVER
from smsc.durations import parse_duration
from smsc.testing.contract import Running

__tracebackhide__ = True


def milliseconds(duration: str | float) -> int:
    """A duration like ``"2h"`` or ``"90s"``, or a number of seconds, in ms. Raises ValueError."""
    return parse_duration(duration) if isinstance(duration, str) else round(duration * 1000)


class ClockHandle:
    """The SMSC clock."""

    def __init__(self, smsc: Running) -> None:
        self._smsc = smsc

    @property
    def now(self) -> str:
        """What the clock shows, RFC 3339."""
        return str(self._smsc.control("clock")["now"])

    @property
    def milliseconds(self) -> int:
        """What the clock shows, in ms since the Unix epoch."""
        return self._smsc.server.engine.clock.now()

    @property
    def next_due(self) -> int | None:
        """The next moment (ms) at which something happens by itself; None when nothing is planned."""
        due = self._smsc.server.engine.next_due()
        return None if due >= FOREVER else due

    @property
    def is_manual(self) -> bool:
        """Whether the clock stands still until the test moves it."""
        return bool(self._smsc.control("clock")["mode"] == "manual")

    def advance_to(self, moment: int) -> dict[str, Any]:
        """Move the manual clock to a moment in ms."""
        return self._smsc.run(self._advance(to=moment))

    def advance(self, duration: str | float) -> dict[str, Any]:
        """Move the manual clock; returns when all that was due has happened. ``"2h"`` or seconds."""
        return self._smsc.run(self._advance(seconds=milliseconds(duration) / 1000))

    def advance_until_idle(self) -> dict[str, Any]:
        """Move the manual clock until no message or receipt is unfinished."""
        return self._smsc.run(self._advance(until="idle"))

    async def _advance(self, **how: Any) -> dict[str, Any]:
        told = await self._smsc.server.advance(**how)
        await self._smsc.server.committed()
        return told
