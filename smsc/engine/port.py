"""What the engine asks of whoever holds the sockets. What stands here has none: no addresses, no waiting."""

from __future__ import annotations

from collections.abc import Callable

from smsc.engine.binds.bindings import Bind
from smsc.engine.binds.passwords import verify
from smsc.protocol.sessions.session import Session


class Port:
    """The engine calls these on the thread that calls the engine."""

    verifiers = (1, 1)  #: passwords verified at the same time, of known names and of unknown ones

    def group_done(self, error: BaseException | None) -> None:
        """A durable store has taken a group, or kept nothing of it: what waited for that can be written out,
        and the next group handed over."""

    def answered(self) -> None:
        """An answer of the store has come, later than it was asked: a turn follows."""

    def address(self, session: Session) -> str:
        """Where the peer connects from, "" when that is not known."""
        return ""

    def peer(self, session: Session) -> str:
        """The peer's address and port, "" when they are not known."""
        return ""

    def verify(self, stored: str, given: str, done: Callable[[bool], None]) -> None:
        """Verify a password against its hash, and tell; `Authentication.nobody` in a pool of its own."""
        done(verify(stored, given))

    def call_later(self, seconds: float, call: Callable[[], None]) -> bool:
        """Call later; False when that cannot be."""
        return False

    def admitted(self, session: Session, bind: Bind) -> None:
        """A session has become a bind."""

    def decided(self, session: Session) -> None:
        """A bind that was held has its answer."""
