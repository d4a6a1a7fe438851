"""Which finished messages are too old to be kept, in real time, whatever the SMSC's clock does.

Moments in the store are those of the SMSC's clock, which may stand or run ahead. Marks that pair both clocks
tell how far the SMSC's clock had come so many real days ago: what ended before that is past its time.
"""

from __future__ import annotations

from collections import deque
from typing import Any

DAY = 86_400_000
_MARKS = 100  # over the whole time that messages are kept


class Retention:
    """``days`` is real time; 0 keeps everything. All moments in milliseconds."""

    def __init__(self, days: float) -> None:
        self.span = int(days * DAY)
        self.marks: deque[tuple[int, int]] = deque()  # (real time, SMSC clock), ascending

    def is_due(self, real_now: int) -> bool:
        """Whether it is time for another mark."""
        return self.span > 0 and (not self.marks or real_now - self.marks[-1][0] >= self.span // _MARKS)

    def mark(self, real_now: int, now: int) -> int:
        """Pair the clocks; returns the moment on the SMSC's before which nothing is kept, 0 for none."""
        self.marks.append((real_now, now))
        below = 0
        while self.marks and self.marks[0][0] <= real_now - self.span:
            below = self.marks.popleft()[1]
        if below:
            self.marks.appendleft((real_now - self.span, below))
        return below

    def record(self) -> dict[str, Any]:
        """The marks as the store keeps them."""
        return {"marks": list(self.marks)}

    def restore(self, record: dict[str, Any]) -> None:
        """Go on where the last run ended."""
        self.marks = deque((int(real), int(now)) for real, now in record["marks"])
