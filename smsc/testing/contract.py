"""What the handles of handsets, ESMEs and the clock need of the server that they belong to."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any, Protocol, TypeVar

from smsc.server.app import Server

T = TypeVar("T")


class Running(Protocol):
    """A server that runs in a thread of its own."""

    @property
    def server(self) -> Server:
        """The server itself; only its own thread may change it."""

    def control(self, name: str, *args: Any) -> Any:
        """Call a method of the server's control on its own thread, and wait for the store."""

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine on the server's loop and wait for it."""
