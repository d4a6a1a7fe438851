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
_COUNTS: dict[str, Callable[[dict[str, Any]], float]] = {
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
    f"delivery.p99, send.p99) with us, ms or s, or one of {', '.join(_COUNTS)}; with >, <, >= or <="
)


class Condition(NamedTuple):
    """Something that must not hold; `limit` is in microseconds for latencies."""

    text: str
    name: str
    compare: str
    limit: float

    def problem(self, result: dict[str, Any]) -> str | None:
        """A sentence when it holds, or when there is nothing to compare."""
        value = self._value(result)
        if value is None:
            return f"{self.name}: nothing was measured, the run was to fail if {self.text}"
        if not _OPERATORS[self.compare](value, self.limit):
            return None
        shown = f"{value:,.0f}" if self.name in _COUNTS else f"{value / 1000:,.3f} ms"
        return f"{self.name} is {shown}, the run was to fail if {self.text}"

    def _value(self, result: dict[str, Any]) -> float | None:
        if self.name in _COUNTS:
            return _COUNTS[self.name](result)
        prefix = self.name.rpartition(".")[0] + "." if self.name[0] != "p" and "." in self.name else ""
        found = result["latency"].get(_LATENCIES[prefix], {}).get(self.name.removeprefix(prefix))
        return None if found is None else float(found)


def read_conditions(texts: list[str]) -> list[Condition]:
    """Conditions as they are typed, several in one text with commas. ValueError says what would be right."""
    return [_read(text) for given in texts for text in given.split(",")]


def is_condition(text: str) -> bool:
    """Whether a text is meant as one."""
    return "<" in text or ">" in text


def _read(text: str) -> Condition:
    found = _CONDITION.fullmatch(text)
    names = [prefix + quantile for prefix in _LATENCIES for quantile in _QUANTILES]
    if found is None or found[1] not in (*names, *_COUNTS):
        raise ValueError(f"--fail-if {text!r}: expected {_EXPECTED}")
    is_latency = found[1] not in _COUNTS
    if is_latency != (found[4] in _MICROSECONDS):
        expected = "a time with us, ms or s" if is_latency else "a number without a unit"
        raise ValueError(f"--fail-if {text!r}: expected {expected}")
    return Condition(
        text.strip(), found[1], found[2], float(found[3]) * _MICROSECONDS.get(found[4] or "", 1.0)
    )


def failures(result: dict[str, Any], conditions: list[Condition]) -> Iterator[str]:
    """What failed, a sentence each; none when all went well."""
    yield from _always(result)
    for condition in conditions:
        if (told := condition.problem(result)) is not None:
            yield told


def _always(result: dict[str, Any]) -> Iterator[str]:
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
