"""The highest rate at which conditions hold: doubled while they do, then halved in between."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from smsc.load.verdict import Condition, always

#: Where a search begins, submit_sm a second, when nobody says.
FIRST = 1000.0

#: The search is over when the rate that holds and the one that does not are so close, as a share.
CLOSE = 0.05

#: A rate is not kept when less than this share of it was answered, or under way at the end.
KEPT = 0.9

#: A rate fails when it fails so many times: one bad second of a machine is no limit of an SMSC.
TRIES = 2

#: Slower than this nobody measures.
LOWEST = 1.0


class Search:
    """Which rate to try next. `best` is the highest that held, `rate` the next one, None when it is over."""

    def __init__(self, first: float = FIRST) -> None:
        self.rate: float | None = first
        self.best: float | None = None
        self.failed: float | None = None
        self.tries = 0

    def told(self, held: bool) -> None:
        """What came of `rate`."""
        assert self.rate is not None
        self.tries = 0 if held else self.tries + 1
        if held:
            self.best = self.rate
        elif self.tries < TRIES:
            return
        else:
            self.failed, self.tries = self.rate, 0
        self.rate = self._next()

    def _next(self) -> float | None:
        best, failed = self.best, self.failed
        if failed is None:
            return 2 * best if best is not None else None
        if best is None:
            return max(LOWEST, failed / 2) if failed > LOWEST else None
        between = float(f"{(best + failed) / 2:.3g}")
        return between if failed - best > CLOSE * best and best < between < failed else None


def search(
    measure: Callable[[float], dict[str, Any]],
    wanted: list[Condition],
    first: float = FIRST,
    told: Callable[[dict[str, Any]], None] | None = None,
    stopped: Callable[[], bool] = bool,
) -> dict[str, Any]:
    """Measure rate after rate; the summary of the highest at which all of `wanted` hold, with the steps in
    `search`. When none held, that of the last one, and `search.rate` is None.

    `told` hears of each step; `stopped` ends the search early, with what is known by then."""
    looking, steps = Search(first), []
    shown: dict[str, Any] | None = None
    while (rate := looking.rate) is not None:
        result = measure(rate)
        why = shortfalls(result, rate, wanted)
        if stopped() and shown is not None:
            break
        step = {
            "rate": rate,
            "held": not why,
            "per_second": result["submits"]["per_second"],
            "p99": result["latency"]["submit_sm_resp"].get("p99"),
            "why": why,
        }
        steps.append(step)
        if told is not None:
            told(step)
        if not why or looking.best is None:
            shown = result
        if stopped():
            break
        looking.told(not why)
    assert shown is not None
    best = max((step["rate"] for step in steps if step["held"]), default=None)
    return shown | {"search": {"wanted": [one.text for one in wanted], "rate": best, "steps": steps}}


def shortfalls(result: dict[str, Any], rate: float, wanted: list[Condition]) -> list[str]:
    """Why a rate does not hold, a sentence each."""
    why = [*always(result), *filter(None, (one.shortfall(result) for one in wanted))]
    answered, seconds, plan = result["submits"]["per_second"], result["seconds"], result["plan"]
    under_way = plan["binds"] * plan["window"]  # what the end of the measurement may have found unanswered
    if answered * seconds + under_way < KEPT * rate * seconds:
        why.append(f"only {answered:,.0f} a second were answered")
    return why
