"""Where a scenario is played: what its runner needs of the SMSC, wired in memory or served on ports."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple, Protocol

from smsc.delivery.message import Message


class Text(NamedTuple):
    """What is submitted; `token` is what its answers are called."""

    text: str
    token: str
    reference: int = 0
    receipt: bool = False
    validity: bytes = b""
    priority: int = 0


class Peer(Protocol):
    """A client that answers all it gets."""

    receipts: int
    answers: list[tuple[Any, int, bytes]]  # token, status, message_id

    def send(self, source: str, destinations: Iterable[int], what: Text) -> None:
        """Submit a text to each; the answers come with the stage's `settle`."""


class Stage(Protocol):
    """An SMSC with the scenario's clients."""

    @property
    def control(self) -> Any:
        """Every change and every question, as the API makes them."""

    def now(self) -> int:
        """What the SMSC clock shows, ms."""

    def advance_to(self, moment: int) -> None:
        """Let everything happen that is due until then."""

    def connect(self, system_id: str, password: str) -> Peer:
        """A client that has bound; ConnectionRefusedError when the SMSC does not want it."""

    def settle(self) -> None:
        """Until nobody has anything more to say."""

    def find(self, message_id: int) -> Message | None:
        """A message by its id."""

    @property
    def tolerance(self) -> int:
        """By how many ms of the SMSC clock a moment may be missed: 0 where the clock stands still."""
