"""The awaitable twins of the handles: ``await smsc.aio.clock.advance("2h")``."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from smsc.testing.clock import ClockHandle
from smsc.testing.faults import FaultsHandle
from smsc.testing.parties import Party

_HANDLES = (ClockHandle, FaultsHandle, Party)


class Aio:
    """The awaitable twin of an ``SmscHandle``: ``await smsc.aio.clock.advance("2h")``."""

    def __init__(self, target: Any) -> None:
        self._target = target

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._target, name)
        if callable(found):
            return _awaitable(found)
        return Aio(found) if isinstance(found, _HANDLES) else found

    def handset(self, msisdn: str) -> Aio:
        """The awaitable twin of a handset."""
        return Aio(self._target.handset(msisdn))

    def esme(self, system_id: str) -> Aio:
        """The awaitable twin of an ESME."""
        return Aio(self._target.esme(system_id))


def _awaitable(call: Callable[..., Any]) -> Callable[..., Awaitable[Any]]:
    async def twin(*args: Any, **kwargs: Any) -> Any:
        found = await asyncio.to_thread(call, *args, **kwargs)
        return Aio(found) if isinstance(found, _HANDLES) else found

    return twin
