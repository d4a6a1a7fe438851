"""When to try again: one retry schedule per cause, with jitter that depends on nothing but the seed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

SECOND: Final = 1000
MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE

# Suggested defaults [delivery facts §4, policy]: no operator publishes its own.
DEFAULT_RETRY: Final[tuple[int, ...]] = (
    30 * SECOND,
    2 * MINUTE,
    5 * MINUTE,
    15 * MINUTE,
    30 * MINUTE,
    *([HOUR] * 24),
    6 * HOUR,
)
DEFAULT_MEMORY_FULL: Final[tuple[int, ...]] = (5 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR)
DEFAULT_BUSY: Final[tuple[int, ...]] = (2 * MINUTE,)


class RetrySchedule:
    """Delays by cause and step; the last delay of a cause repeats for ever."""

    __slots__ = ("by_reason", "default", "jitter")

    def __init__(
        self,
        default: Sequence[int] = DEFAULT_RETRY,
        by_reason: Mapping[int, Sequence[int]] | None = None,
        jitter: float = 0.1,
    ) -> None:
        self.default = tuple(default)
        self.by_reason = {reason: tuple(delays) for reason, delays in (by_reason or {}).items()}
        self.jitter = jitter

    def delay(self, reason: int, step: int, draw: float) -> int:
        """Milliseconds until attempt ``step + 1`` after a failure for ``reason``.

        ``draw`` in [0, 1) places the delay inside plus or minus ``jitter``.
        """
        delays = self.by_reason.get(reason, self.default)
        last = len(delays) - 1
        base = delays[step if step < last else last]
        delay = int(base * (1 + self.jitter * (2 * draw - 1)) + 0.5)
        return delay if delay > 1 else 1
