"""What the engine and the control may ask of the connection behind a bind."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class Trace(Protocol):
    """The last PDUs of a connection: (microseconds since 1970, incoming, octets), oldest first."""

    @property
    def pdus(self) -> Sequence[tuple[int, bool, bytes]]: ...


class PeerConnection(Protocol):
    """A connection that writes what its session says, and whose PDUs can be kept."""

    @property
    def tracer(self) -> Trace | None:
        """What is kept, None while nothing is."""

    def trace(self) -> None:
        """Keep the last PDUs from now on."""

    def write_out(self) -> None:
        """Write what the session has to say."""

    def wind_up(self) -> None:
        """Set the next timer, and close what is over."""
