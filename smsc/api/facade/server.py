"""What the server round the engine offers."""

from typing import Protocol, runtime_checkable

from smsc.api.facade.control import Control
from smsc.api.facade.documents import Document, Steps


@runtime_checkable
class Resetting(Protocol):
    """Offered by a control that can begin anew."""

    def reset(self) -> Steps[None]:
        """Forget all messages and put the world back as it was configured; 503."""


@runtime_checkable
class Described(Protocol):
    """Offered by a server that tells where it listens."""

    def about(self) -> Document:
        """Version, addresses and store; nothing that is secret."""


class Server(Protocol):
    """What `create_app` is given."""

    @property
    def control(self) -> Control:
        """The facade of the engine."""

    async def advance(
        self, *, seconds: float | None = None, to: int | None = None, until: str | None = None
    ) -> Document:
        """Move a manual clock: exactly one argument is given. 409 unless manual. Returns what happened."""

    async def writable(self) -> None:
        """Return when the store takes changes; 503 when it fails, before anything was changed."""

    async def committed(self) -> None:
        """Return when every change made so far is in the store."""

    async def erased(self) -> None:
        """Return when nothing is left of the number that was erased last."""
