"""A long text on its way to a receiver that takes it in parts."""

from __future__ import annotations


class Parts:
    """The parts of one message, and how many of them the receiver has accepted.

    ``body`` is what they were made of, ``reference`` what their headers name them by.
    """

    __slots__ = ("accepted", "bodies", "body", "reference")

    def __init__(self, body: bytes, bodies: list[bytes], reference: int) -> None:
        self.body = body
        self.bodies = bodies
        self.reference = reference
        self.accepted = 0

    def next(self) -> bytes:
        """The part that goes out now."""
        return self.bodies[self.accepted]

    def is_divided(self) -> bool:
        """Whether there is more than one, each with its header."""
        return len(self.bodies) > 1

    def has_more(self) -> bool:
        """Whether another one follows it."""
        return self.accepted + 1 < len(self.bodies)
