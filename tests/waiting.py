"""The only place of the suite that looks at the machine's clock, or pauses (`test_habits.py` sees to that).

No test may be right on a quiet machine and wrong on a busy one. A wait ends as soon as what it waits for is
there, and `PATIENCE` only keeps a broken test from waiting for ever. What is measured can be printed and
not compared: how quick something is belongs to `bench/`, what it costs is counted in operations
(`operations`).
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

PATIENCE = 100.0
_PAUSE = 0.005


def until(
    holds: Callable[[], object],
    otherwise: str | Callable[[], str] = "it did not come about",
    meanwhile: Callable[[], object] | None = None,
) -> None:
    """Wait for what another thread or process does without telling; ``meanwhile`` is done between two
    looks.
    """
    deadline = time.monotonic() + PATIENCE
    while not holds():
        if time.monotonic() > deadline:
            raise AssertionError(otherwise if isinstance(otherwise, str) else otherwise())
        if meanwhile is None:
            time.sleep(_PAUSE)
        else:
            meanwhile()


def unchanged(look: Callable[[], Any], for_so_long: float = 0.2) -> Any:
    """What ``look`` shows once it shows the same for so long: for what has no event of its own when it is
    at rest.
    """
    seen, quiet = look(), Quiet(for_so_long)
    while not quiet.is_over():
        time.sleep(_PAUSE)
        if (now := look()) != seen:
            seen = now
            quiet.broken()
    return seen


def lasting(seconds: float) -> Iterator[None]:
    """Tick of a load that lasts so long."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        yield


def paced(pause: float) -> Iterator[None]:
    """Tick of a peer that says something, and then nothing for so long; until the caller leaves the loop."""
    deadline = time.monotonic() + PATIENCE
    while True:
        yield
        assert time.monotonic() < deadline, "no end is in sight"
        time.sleep(pause)


class Quiet:
    """Whether nothing has happened for so long."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.since = time.monotonic()

    def broken(self) -> None:
        self.since = time.monotonic()

    def is_over(self) -> bool:
        return time.monotonic() - self.since >= self.seconds


class Took:
    """A measured time that can be shown, ``f"{took}"``, and is no number: nothing can be decided by it."""

    def __init__(self) -> None:
        self._spans: list[float] = []

    def __enter__(self) -> Took:
        self._began = time.perf_counter()
        return self

    def __exit__(self, *_: object) -> None:
        self._spans.append(time.perf_counter() - self._began)

    def __str__(self) -> str:
        """The only span, or the median and the longest of several."""
        ordered = sorted(self._spans)
        if len(ordered) == 1:
            return _shown(ordered[0])
        return f"{_shown(ordered[len(ordered) // 2])} (at most {_shown(ordered[-1])})"


def _shown(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds >= 1 else f"{seconds * 1e3:.2f} ms"


def processor_time() -> float:
    """Seconds that this thread has computed: for the budget of an event loop, with a bound far above what
    is usual.

    What else the machine does is not in it, but for the caches that it takes.
    """
    return time.thread_time()


def operations(work: Callable[[], object]) -> int:
    """How many functions, in Python or C, are called to do it; of a compiled module those that Python
    calls.
    """
    count = 0

    def profile(_: FrameType, event: str, __: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(profile)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count
