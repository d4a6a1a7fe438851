"""Real time by the clock of the database: one for all nodes, whatever the clocks of their machines say."""

from __future__ import annotations

import time
from typing import Final

from smsc.store.postgres.connection import Connection

COLUMN: Final = "(extract(epoch from clock_timestamp()) * 1000)::int8"
"""What is asked for, in ms."""
_COARSE: Final = 2  # ms: the answer's rounding, and that of this machine


def wall_ms() -> int:
    """This machine's time."""
    return time.time_ns() // 1_000_000


class DatabaseTime:
    """This machine's clock, and by how much the database's is ahead of it, as of the latest answer.

    An answer is exact by half of the time that it took. So small a difference changes nothing: a clock that
    is followed is not shaken by the network. ``now`` may be called on any thread.
    """

    def __init__(self) -> None:
        self._wall = wall_ms
        self._ahead = 0

    def now(self) -> int:
        """Milliseconds since the epoch."""
        return self._wall() + self._ahead

    def measure(self, connection: Connection) -> None:
        """Ask. Raises the driver's errors."""
        asked = self.asked()
        row = connection.execute(f"SELECT {COLUMN}").fetchone()
        assert row is not None
        self.told(asked, int(row[0]))

    def asked(self) -> int:
        """This machine's time when a question is asked that has ``COLUMN``, for ``told``."""
        return self._wall()

    def told(self, asked: int, there: int) -> None:
        """It was so late there at a moment since ``asked``."""
        answered = self._wall()
        ahead = there - (asked + answered) // 2
        if abs(ahead - self._ahead) > (answered - asked) // 2 + _COARSE:
            self._ahead = ahead
