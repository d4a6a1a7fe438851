"""What the engine asks of the event loop: turns, peers' addresses, hashes verified elsewhere, and time."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from smsc.engine.binds.bindings import Bind
from smsc.engine.binds.passwords import verify
from smsc.engine.binds.verification import KNOWN, UNKNOWN
from smsc.engine.port import Port
from smsc.protocol.sessions.session import Session
from smsc.server.connection import Owner

# Threads for known names and for unknown ones; a verification takes 64 MiB and tens of ms without the GIL.
_VERIFIERS = (2, 1)
_IPV6_NETWORK = 64  # bits: whoever has one IPv6 address has a whole network of them


class ListenerPort(Port):
    """A listener's loop, threads and peers."""

    verifiers = _VERIFIERS

    def __init__(self, listener: Owner) -> None:
        self.listener = listener
        self.pools: dict[int, ThreadPoolExecutor] = {}

    def address(self, session: Session) -> str:
        """The peer's address without its port; of IPv6 the network."""
        connection = self.listener.connections.get(session.id)
        if connection is None:
            return ""
        text = connection.peer.rpartition(":")[0]
        try:
            found = ipaddress.ip_address(text.partition("%")[0])
        except ValueError:
            return text
        if isinstance(found, ipaddress.IPv4Address):
            return text
        mapped = found.ipv4_mapped
        if mapped is not None:
            return str(mapped)
        return str(ipaddress.ip_network((found, _IPV6_NETWORK), strict=False))

    def verify(self, stored: str, given: str, done: Callable[[bool], None]) -> None:
        """Verify in a thread; ``done`` is called on the loop."""
        pool = UNKNOWN if stored == self.listener.engine.authentication.nobody else KNOWN
        if pool not in self.pools:
            self.pools[pool] = ThreadPoolExecutor(_VERIFIERS[pool], thread_name_prefix="smsc-verify")

        def finished(future: Future[bool]) -> None:
            if not future.cancelled():
                self.listener.loop.call_soon_threadsafe(self._tell, done, future)

        self.pools[pool].submit(verify, stored, given).add_done_callback(finished)

    def group_done(self, error: BaseException | None) -> None:
        """What waited for the commit is written out."""
        self.listener.group_done(error)

    def answered(self) -> None:
        """What the answer made possible goes out."""
        self.listener.turn()

    def admitted(self, session: Session, bind: Bind) -> None:
        """The bind and its connection know each other."""
        self.listener.admitted(session, bind)

    def _tell(self, done: Callable[[bool], None], future: Future[bool]) -> None:
        self.listener.engine.set_time(self.listener.loop.time())
        done(future.exception() is None and future.result())

    def call_later(self, seconds: float, call: Callable[[], None]) -> bool:
        """Call on the loop after that time."""

        def ring() -> None:
            self.listener.engine.set_time(self.listener.loop.time())
            call()

        self.listener.loop.call_later(seconds, ring)
        return True

    def decided(self, session: Session) -> None:
        """The answer to a held bind leaves."""
        self.listener.decided(session)

    def peer(self, session: Session) -> str:
        """The peer's address and port."""
        connection = self.listener.connections.get(session.id)
        return "" if connection is None else connection.peer

    def close(self) -> None:
        """Verify nothing more."""
        for pool in self.pools.values():
            pool.shutdown(wait=False, cancel_futures=True)
