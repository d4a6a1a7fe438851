"""How many peers there may be: a share of the sessions is kept for those that bind.

A peer counts from the moment its connection is accepted, TLS handshake or not. Those that have not bound have
three quarters of the sessions at most. When they are more, or when all sessions are taken, the one that has
been unbound longest goes, whatever its address: who binds at once is never turned away by who does not bind.
"""

from __future__ import annotations

from typing import Protocol

#: A peer that parted lingers so long as there are fewer than this many that do.
MOST_LINGERING = 1_000


class Unbound(Protocol):
    """A connection that has not bound."""

    def evict(self) -> None:
        """Close it now: others need the room."""


class Capacity:
    """Counts connections; those that have not bound, oldest first. No step depends on how many there are."""

    def __init__(self, sessions: int) -> None:
        self.sessions = sessions
        self.most_unbound = sessions - sessions // 4
        self.bound: dict[Unbound, None] = {}
        self.lingering: set[Unbound] = set()
        self.unbound: dict[Unbound, None] = {}
        #: Unbound ones whose password is being looked at: they have done their part, and go last.
        self.deciding: dict[Unbound, None] = {}

    @property
    def unbound_count(self) -> int:
        """How many have not bound."""
        return len(self.unbound) + len(self.deciding)

    def arrived(self, peer: Unbound) -> bool:
        """A peer has connected. False turns it away: every session is bound."""
        while self.unbound_count and self._no_room():
            oldest = next(iter(self.unbound or self.deciding))
            self.gone(oldest)
            oldest.evict()
        if self._no_room():
            return False
        self.unbound[peer] = None
        return True

    def _no_room(self) -> bool:
        unbound = self.unbound_count
        return unbound >= self.most_unbound or len(self.bound) + unbound >= self.sessions

    def decides(self, peer: Unbound) -> None:
        """Its bind is being looked at, which takes time."""
        if peer in self.unbound:
            del self.unbound[peer]
            self.deciding[peer] = None

    def has_bound(self, peer: Unbound) -> None:
        """It is bound, and keeps its place."""
        self.unbound.pop(peer, None)
        self.deciding.pop(peer, None)
        self.bound[peer] = None

    def may_linger(self, peer: Unbound) -> bool:
        """Whether it may stay for a while after its session is over."""
        if len(self.lingering) >= MOST_LINGERING:
            return False
        self.lingering.add(peer)
        return True

    def gone(self, peer: Unbound) -> None:
        """Its connection is over."""
        self.lingering.discard(peer)
        for room in (self.unbound, self.deciding, self.bound):
            if peer in room:
                del room[peer]
                return
