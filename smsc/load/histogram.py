"""Counts latencies in HdrHistogram's layout: three significant digits from 1 ns to over an hour, one array
of counts.

The layout is HdrHistogram's own so that the exported histogram is exactly what was counted; recording is a
shift loop and one increment, because a call into a histogram package for each message would cost more than
the message.
"""

from array import array
from typing import Final

#: Buckets double in width; each has 1024 counts (the lowest 2048), enough to tell three digits apart.
HALF = 1024
HIGHEST = (1 << 42) - 1
SIZE = (42 - 11 + 2) * HALF

_LONGEST: Final = HIGHEST  # as a C integer in the compiled build


def bounds(index: int) -> tuple[int, int]:
    """The smallest and the largest value, in ns, that `index` counts."""
    if index < 2 * HALF:
        return index, index
    shift = index // HALF - 1
    low = (index % HALF + HALF) << shift
    return low, low + (1 << shift) - 1


class Histogram:
    """Counts of latencies in nanoseconds; values outside 0..HIGHEST count at the nearest end."""

    __slots__ = ("counts", "highest", "latest", "lowest", "place", "total")

    def __init__(self) -> None:
        self.counts = array("q", bytes(8 * SIZE))
        self.clear()

    def clear(self) -> None:
        """Forget everything."""
        for i in range(len(self.counts)):
            self.counts[i] = 0
        self.total = self.latest = 0
        self.place = -1
        self.lowest = HIGHEST
        self.highest = 0

    def record(self, value: int) -> None:
        """Count one latency of `value` ns."""
        if value != self.latest or self.place < 0:  # what was sent together is mostly answered together
            self.find_place(value)
        self.total += 1
        self.counts[self.place] += 1

    def find_place(self, value: int) -> None:
        """Where in `counts` the latency belongs."""
        self.latest = value
        value = max(0, min(value, _LONGEST))
        self.lowest = min(self.lowest, value)
        self.highest = max(self.highest, value)
        place = value
        base = 0
        while place >= 2048:  # 2 * HALF
            place >>= 1
            base += 1024
        self.place = base + place

    def add(self, other: "Histogram") -> None:
        """Count everything that `other` has counted too."""
        for i in range(len(self.counts)):
            self.counts[i] += other.counts[i]
        self.total += other.total
        self.lowest = min(self.lowest, other.lowest)
        self.highest = max(self.highest, other.highest)

    def rank(self, position: int) -> int:
        """Index of the bucket that holds the value at `position`, counted from 1 in order of size; -1
        beyond the last."""
        seen = 0
        for i in range(len(self.counts)):
            seen += self.counts[i]
            if seen >= position:
                return i
        return -1

    def quantile(self, q: float) -> int:
        """The latency, in ns, that the share `q` (0..1) of all values does not exceed; 0 when nothing was
        counted."""
        if self.total == 0:
            return 0
        position = max(1, round(q * self.total))
        return min(self.highest, bounds(self.rank(position))[1])

    def rows(self) -> list[tuple[int, int]]:
        """(highest value of the bucket in ns, count) of each bucket in use, ascending."""
        return [(bounds(i)[1], self.counts[i]) for i in range(len(self.counts)) if self.counts[i]]
