"""ESMEs that the server dials: it says outbind, and the ESME binds as receiver [SMPP 3.4 §4.1.7]."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from math import inf

from smsc.config.wire import Outbind
from smsc.server.connection import Connection
from smsc.server.host import Host

log = logging.getLogger("smsc.server")


class Outbinds:
    """One task for each ESME, which dials again whenever the connection is gone."""

    def __init__(self, host: Host, rows: Iterable[Outbind]) -> None:
        self.host = host
        self.tasks = [host.loop.create_task(self._keep(row)) for row in rows]

    async def _keep(self, row: Outbind) -> None:
        while True:
            if not self._is_bound(row.system_id):
                try:
                    connection = await self.dial(row)
                    await connection.gone.wait()
                except OSError as error:
                    log.info("outbind to %s failed: %s", row.system_id, error)
            if row.retry == inf:
                return
            await asyncio.sleep(row.retry)

    def _is_bound(self, system_id: str) -> bool:
        return any(
            bind.receiving and bind.account.system_id == system_id for bind in self.host.engine.bindings
        )

    async def dial(self, row: Outbind) -> Dialled:
        """Connect and say outbind; the bind that follows is judged like any other. Raises OSError."""
        loop = self.host.loop
        _, connection = await loop.create_connection(lambda: Dialled(self.host), row.host, row.port)
        session = connection.session
        if session is not None:
            password = "" if row.password is None else row.password.get_secret_value()
            session.outbind(self.host.engine.world.settings.smsc.system_id, password, loop.time())
            connection.write_out()
        return connection

    def close(self) -> None:
        """Dial no more."""
        for task in self.tasks:
            task.cancel()


class Dialled(Connection):
    """A connection that tells when it is gone."""

    __slots__ = ("gone",)

    def __init__(self, host: Host) -> None:
        super().__init__(host)
        self.gone = asyncio.Event()

    def connection_lost(self, exc: Exception | None) -> None:
        """The socket is gone."""
        super().connection_lost(exc)
        self.gone.set()
