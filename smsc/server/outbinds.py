"""ESMEs that the server dials: it says outbind, and the ESME binds as receiver [SMPP 3.4 §4.1.7]."""

from __future__ import annotations

import asyncio
import logging
from math import inf
from typing import Any

from smsc.config.wire import Outbind
from smsc.control import ControlError
from smsc.control.base import moment_or_none
from smsc.engine.binds.bindings import Bind
from smsc.server.connection import Connection
from smsc.server.listener import Listener

log = logging.getLogger("smsc.server")

_MOST_KEPT = 1_000  # dialled ESMEs, those that are over included
# However short `retry` is: the least wait, doubled by each call in a row that brought no bind, and its end.
_LEAST_WAIT = 0.05
_LEAST_WAIT_MOST = 5.0


class Outbinds:
    """Every ESME that is or was dialled, by a number of its own."""

    def __init__(self, listener: Listener) -> None:
        self.listener = listener
        self.dialled: dict[int, Dialling] = {}
        self.last = 0

    def dial(self, row: Outbind, *, configured: bool = False) -> dict[str, Any]:
        """Dial now, and again as ``row.retry`` says. ControlError 409 when too many are dialled already."""
        for ident in [ident for ident, one in self.dialled.items() if one.is_over]:
            if len(self.dialled) < _MOST_KEPT:
                break
            del self.dialled[ident]
        if len(self.dialled) >= _MOST_KEPT:
            raise ControlError(409, "Too many outbinds", f"{_MOST_KEPT} ESMEs are being dialled; end some")
        self.last += 1
        self.dialled[self.last] = Dialling(self.last, self.listener, row, configured)
        return self.dialled[self.last].told()

    def listing(self) -> list[dict[str, Any]]:
        """All of them, oldest first."""
        return [one.told() for one in self.dialled.values()]

    def told(self, ident: int) -> dict[str, Any]:
        """One of them. ControlError 404."""
        return self._find(ident).told()

    def end(self, ident: int) -> None:
        """Dial that one no more, and forget it; a session that has bound stays. ControlError 404."""
        self._find(ident).end()
        del self.dialled[ident]

    def close(self) -> None:
        """Dial no more."""
        for one in self.dialled.values():
            one.end()

    def _find(self, ident: int) -> Dialling:
        if ident not in self.dialled:
            raise ControlError(404, "No such outbind", f"no outbind has id {ident}")
        return self.dialled[ident]


class Dialling:
    """One ESME that is dialled, by a task that dials again whenever the connection is gone."""

    def __init__(self, ident: int, listener: Listener, row: Outbind, configured: bool) -> None:
        self.id = ident
        self.listener = listener
        self.row = row
        self.configured = configured
        self.attempts = 0
        self.in_vain = 0  # calls in a row that brought no bind
        self.dialled_at: int | None = None
        self.error = ""
        self.connection: Dialled | None = None
        self.waiting = False
        self.task = listener.loop.create_task(self._keep())

    @property
    def is_over(self) -> bool:
        """Whether it is dialled no more."""
        return self.task.done()

    @property
    def session(self) -> Bind | None:
        """The bind that the ESME made on the connection."""
        session = None if self.connection is None else self.connection.session
        bind = None if session is None else session.bind
        return bind if isinstance(bind, Bind) else None

    @property
    def state(self) -> str:
        """``dialling``, ``invited`` (outbind is said), ``bound``, ``waiting`` (to try again), ``ended``."""
        if self.session is not None:
            return "bound"
        if self.connection is not None and self.connection.session is not None:
            return "invited"
        if self.is_over:
            return "ended"
        return "waiting" if self.waiting else "dialling"

    def told(self) -> dict[str, Any]:
        """What the control API shows."""
        bind = self.session
        return {
            "id": self.id,
            "system_id": self.row.system_id,
            "host": self.row.host,
            "port": self.row.port,
            "retry": None if self.row.retry == inf else self.row.retry,
            "configured": self.configured,
            "state": self.state,
            "attempts": self.attempts,
            "dialled_at": None if self.dialled_at is None else moment_or_none(self.dialled_at),
            "error": self.error or None,
            "session": None if bind is None else bind.id,
        }

    def end(self) -> None:
        """Dial no more."""
        self.task.cancel()

    async def _keep(self) -> None:
        while True:
            if not self.attempts or not self._is_served():
                await self._dial()
            if self.row.retry == inf:
                return
            self.waiting = True
            await asyncio.sleep(max(self.row.retry, least_wait(self.in_vain)))
            self.waiting = False

    def _is_served(self) -> bool:
        """Whether the ESME receives already, on whatever connection."""
        return any(
            bind.receiving and bind.account.system_id == self.row.system_id
            for bind in self.listener.engine.bindings
        )

    async def _dial(self) -> None:
        """Connect, say outbind, and wait for the end of the connection; the bind is judged like any other."""
        engine, loop, row = self.listener.engine, self.listener.loop, self.row
        self.attempts += 1
        self.in_vain += 1
        self.dialled_at, self.error = engine.clock.now(), ""
        about = {"outbind": self.id, "system_id": row.system_id, "peer": f"{row.host}:{row.port}"}
        patience = engine.world.settings.limits.bind_timeout
        try:
            async with asyncio.timeout(None if patience == inf else patience):
                _, self.connection = await loop.create_connection(
                    lambda: Dialled(self.listener), row.host, row.port
                )
        except OSError as error:
            self.error = str(error) or "the connection timed out"
            log.info("outbind to %s failed: %s", row.system_id, self.error)
            engine.watchers.tell("outbind.failed", {**about, "error": self.error})
            return
        session = self.connection.session
        if session is not None:
            password = "" if row.password is None else row.password.get_secret_value()
            session.outbind(engine.world.settings.smsc.system_id, password, loop.time())
            self.connection.write_out()
            engine.watchers.tell("outbind.sent", about)
        await self.connection.gone.wait()
        self.connection = None
        if session is not None and session.system_id:
            self.in_vain = 0


def least_wait(in_vain: int) -> float:
    """Seconds that pass at least before the next call, after so many that brought no bind."""
    return min(_LEAST_WAIT * 2.0 ** min(in_vain, 10), _LEAST_WAIT_MOST)


class Dialled(Connection, asyncio.Protocol):
    """A connection that tells when it is gone."""

    __slots__ = ("gone",)

    def __init__(self, listener: Listener) -> None:
        super().__init__(listener)
        self.gone = asyncio.Event()

    def connection_lost(self, exc: Exception | None) -> None:
        """The socket is gone."""
        super().connection_lost(exc)
        self.gone.set()
