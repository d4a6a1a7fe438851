"""Moved to `tests.peer`."""

from tests.peer import KINDS, Peer

__all__ = ["KINDS", "Peer"]
