"""How much waits for a number without being in its queue: scheduled, on its sender's handset, on its way."""

from __future__ import annotations


class Elsewhere:
    """Counts by destination; what counts nothing is not kept."""

    __slots__ = ("counts",)

    def __init__(self) -> None:
        self.counts: dict[int, int] = {}

    def came(self, destination: int) -> None:
        """One more waits."""
        self.counts[destination] = self.counts.get(destination, 0) + 1

    def went(self, destination: int) -> None:
        """One fewer; without effect when everything was forgotten meanwhile."""
        left = self.counts.pop(destination, 0) - 1
        if left > 0:
            self.counts[destination] = left

    def count(self, destination: int) -> int:
        """How many wait."""
        return self.counts.get(destination, 0)

    def clear(self) -> dict[int, int]:
        """Everything is forgotten; returns what there was."""
        counts, self.counts = self.counts, {}
        return counts
