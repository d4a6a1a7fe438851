"""Whether a load run went well: what always counts as failed, and the conditions that the user names."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

_OPERATORS: dict[str, Callable[[float, float], bool]] = {
    ">": operator.gt,
    "<": operator.lt,
    ">=": operator.ge,
    "<=": operator.le,
}
_CONDITION = re.compile(r"\s*([a-z.0-9_]+)\s*(>=|<=|>|<)\s*(\d+(?:\.\d+)?)\s*(us|ms|s|%)?\s*")
_MICROSECONDS = {"us": 1.0, "ms": 1e3, "s": 1e6}
_QUANTILES = ("min", "p50", "p90", "p99", "p99.9", "p99.99", "max")
_LATENCIES = {"": "submit_sm_resp", "receipt.": "receipt", "delivery.": "delivery", "send.": "send"}
COUNTS: dict[str, Callable[[dict[str, Any]], float]] = {
    "rate": lambda result: float(result["submits"]["per_second"]),
    "sent": lambda result: int(result["submits"]["sent"]),
    "refused": lambda result: int(result["submits"]["refused"]),
    "unanswered": lambda result: int(result["submits"]["unanswered"]),
    "lost": lambda result: _sum(result, "lost"),
    "duplicated": lambda result: _sum(result, "duplicated"),
    "reordered": lambda result: _sum(result, "reordered"),
    "disconnected": lambda result: int(result["faults"]["disconnected"]),
}
_EXPECTED = (
    f'a condition such as "p99>20ms" or "refused>0": one of {", ".join(_QUANTILES)} (also receipt.p99, '
    f"delivery.p99, send.p99) with us, ms or s, or one of {', '.join(COUNTS)}; with >, <, >= or <=; or "
    "with %, a share of what the run of --compare measured"
)


class Condition(NamedTuple):
    """What a figure shall be, or shall not; `limit` is in microseconds for latencies, and a share of what an
    earlier run measured when `relative`."""

    text: str
    name: str
    compare: str
    limit: float
    relative: bool = False

    def problem(self, result: dict[str, Any], before: dict[str, Any] | None = None) -> str | None:
        """A sentence when it holds, or when there is nothing to compare."""
        value, limit = value_of(result, self.name), self._limit(before)
        if value is None or limit is None:
            return f"{self.name}: nothing was measured, the run was to fail if {self.text}"
        if not _OPERATORS[self.compare](value, limit):
            return None
        beside = f" after {self._shown(value_of(before, self.name))}" if self.relative and before else ""
        return f"{self.name} is {self._shown(value)}{beside}, the run was to fail if {self.text}"

    def shortfall(self, result: dict[str, Any]) -> str | None:
        """A sentence when it does not hold, or when there is nothing to compare."""
        value = value_of(result, self.name)
        if value is None:
            return f"{self.name}: nothing was measured"
        return None if _OPERATORS[self.compare](value, self.limit) else f"{self.name} is {self._shown(value)}"

    def _limit(self, before: dict[str, Any] | None) -> float | None:
        if not self.relative:
            return self.limit
        value = value_of(before, self.name) if before else None
        return None if value is None else self.limit * value

    def _shown(self, value: float | None) -> str:
        return f"{value or 0:,.0f}" if self.name in COUNTS else f"{(value or 0) / 1000:,.3f} ms"


def value_of(result: dict[str, Any], name: str) -> float | None:
    """The figure of that name, latencies in microseconds; None when the run has not measured it."""
    if name in COUNTS:
        return COUNTS[name](result)
    prefix = name.rpartition(".")[0] + "." if name[0] != "p" and "." in name else ""
    found = result["latency"].get(_LATENCIES[prefix], {}).get(name.removeprefix(prefix))
    return None if found is None else float(found)


def read_conditions(
    texts: list[str], *, compared: bool = False, option: str = "--fail-if"
) -> list[Condition]:
    """Conditions as they are typed, several in one text with commas; percentages of an earlier run only when
    it is `compared` with one. ValueError names the option and says what would be right."""
    found = [_read(text, option) for given in texts for text in given.split(",")]
    for one in found:
        if one.relative and not compared:
            raise ValueError(
                f"{option} {one.text!r}: expected --compare FILE, to have what this is a share of"
            )
    return found


def is_condition(text: str) -> bool:
    """Whether a text is meant as one."""
    return "<" in text or ">" in text


def _read(text: str, option: str) -> Condition:
    found = _CONDITION.fullmatch(text)
    names = [prefix + quantile for prefix in _LATENCIES for quantile in _QUANTILES]
    if found is None or found[1] not in (*names, *COUNTS):
        raise ValueError(f"{option} {text!r}: expected {_EXPECTED}")
    if found[4] == "%":
        return Condition(text.strip(), found[1], found[2], float(found[3]) / 100, relative=True)
    is_latency = found[1] not in COUNTS
    if is_latency != (found[4] in _MICROSECONDS):
        expected = "a time with us, ms or s" if is_latency else "a number without a unit"
        raise ValueError(f"{option} {text!r}: expected {expected}")
    return Condition(
        text.strip(), found[1], found[2], float(found[3]) * _MICROSECONDS.get(found[4] or "", 1.0)
    )


def failures(
    result: dict[str, Any], conditions: list[Condition], before: dict[str, Any] | None = None
) -> Iterator[str]:
    """What failed, a sentence each; none when all went well. `before` is the earlier run of --compare."""
    yield from always(result)
    for condition in conditions:
        if (told := condition.problem(result, before)) is not None:
            yield told


def always(result: dict[str, Any]) -> Iterator[str]:
    """What is a failure whatever the user asks for."""
    submits = result["submits"]
    if result["faults"]["disconnected"]:
        yield f"the SMSC closed {result['faults']['disconnected']} of {result['connections']} connections"
    if not submits["sent"]:
        yield "nothing was sent"
    meant = [counts for name, counts in submits["kinds"].items() if name != "refused"]
    wanted = sum(counts["sent"] for counts in meant)
    if wanted and not any(counts["accepted"] for counts in meant):
        statuses = ", ".join(name for name in submits["statuses"] if name != "ESME_ROK")
        yield f"none of {wanted:,} submit_sm was accepted ({statuses or 'no answer'})"
    elif submits["unanswered"]:
        yield f"{submits['unanswered']:,} submit_sm were never answered"
    for part, what in (("receipts", "receipts"), ("messages", "messages")):
        lost = result.get(part, {}).get("lost", 0)
        if lost:
            yield f"{lost:,} {what} did not come"
        for fault in ("duplicated", "reordered"):
            count = result.get(part, {}).get(fault, 0)
            if part == "messages" and count:
                yield f"{count:,} messages were {fault}"


def _sum(result: dict[str, Any], what: str) -> int:
    return sum(int(result.get(part, {}).get(what, 0)) for part in ("receipts", "messages"))
