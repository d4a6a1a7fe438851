"""Phones that the server holds itself: bound like any other client, over the wire, taking all that comes.

A phone that nobody is bound for gets nothing. Who tries things out by hand has no client: the phone is held,
which is a receiver's bind with its own number and password, and answers every deliver_sm with ESME_ROK.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Final

from smsc.client import Client, ClientError
from smsc.control import ControlError

#: phones held at a time
MOST: Final = 200
_ANY: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}


class Holds:
    """`address` gives host:port of the SMPP listener."""

    def __init__(self, address: Callable[[], str]) -> None:
        self._address = address
        self._held: dict[str, tuple[Client, asyncio.Task[None]]] = {}

    def __contains__(self, msisdn: str) -> bool:
        return msisdn in self._held

    async def hold(self, msisdn: str, password: str) -> None:
        """Bind for the number, once. ControlError 409 when that is refused or too many are held."""
        if msisdn in self._held:
            return
        if len(self._held) >= MOST:
            raise ControlError(409, "Too many held", f"{MOST} phones are held; let one go first")
        host, _, port = self._address().rpartition(":")
        host = host.strip("[]")
        try:
            client = await Client.connect(_ANY.get(host, host), int(port))
            try:
                await client.bind(msisdn, password, kind="receiver")
            except ClientError:
                await client.close()
                raise
        except ClientError as error:
            raise ControlError(409, "Not held", f"{msisdn}: {error}") from None
        self._held[msisdn] = (client, asyncio.create_task(self._take(msisdn, client)))

    async def release(self, msisdn: str) -> None:
        """Unbind it; nothing happens when it is not held."""
        client, reading = self._held.pop(msisdn, (None, None))
        if client is not None and reading is not None:
            await client.close()
            await reading

    async def close(self) -> None:
        """Let all go."""
        await asyncio.gather(*map(self.release, list(self._held)))

    async def _take(self, msisdn: str, client: Client) -> None:
        with contextlib.suppress(ClientError):
            while True:
                await client.receive()
        if self._held.get(msisdn, (None,))[0] is client:  # the session ended by itself
            del self._held[msisdn]
