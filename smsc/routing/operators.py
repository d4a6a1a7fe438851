"""Mobile operators: network codes, whose a number is, and the interconnect to another operator's network.

A number's prefix never tells its operator: series are assigned to providers, and customers take single
numbers along when they change. What is ported goes before what was assigned.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

from smsc import reasons
from smsc.routing.assignments import SERIES, Assignments
from smsc.routing.csvrows import CsvRow, read_rows
from smsc.routing.plan_data import document
from smsc.routing.special import FOREVER, day_of, midnight
from smsc.typed import compact

_COLUMNS = ("number", "operator", "from")


class Operator(NamedTuple):
    """One mobile network code of Norway. `name` is empty for a withdrawn code."""

    mcc: str
    mnc: str
    name: str
    status: str
    source: str


@cache
def operators() -> tuple[Operator, ...]:
    """Return the networks of country code 242, by network code."""
    sources = document()["sources"]
    return tuple(
        Operator("242", entry["mnc"], entry["name"], entry["status"], sources[entry["source"]])
        for entry in document()["operators"]
    )


def network_of_imsi(imsi: str) -> Operator | None:
    """Return the network that issued an IMSI, None when it is not one of Norway's."""
    return next((found for found in operators() if imsi.startswith(found.mcc + found.mnc)), None)


class Ownership:
    """Whose a number is at a moment: ported numbers first, then the series assigned to operators."""

    def __init__(self, series: Assignments | None = None, home: str | None = None) -> None:
        """`home` is whose the numbers are that neither was ported nor lies in a known series."""
        self.series = Assignments() if series is None else series
        self.home = home
        self._ported: dict[int, list[tuple[int, str]]] = {}

    def port(self, key: int, operator: str, at: int) -> None:
        """Let the number belong to `operator` from `at` on. Raises ValueError when another is known then or
        later."""
        history = self._ported.setdefault(key, [])
        if (at, operator) in history:
            return
        if history and at <= history[-1][0]:
            raise ValueError(f"{key} was ported to {history[-1][1]} at that time or later")
        history.append((at, operator))

    def operator_of(self, key: int, now: int) -> str | None:
        """Return the operator that serves the number at `now`."""
        for at, operator in reversed(self._ported.get(key, ())):
            if at <= now:
                return operator
        row = self.series.at(SERIES, key, now)
        return self.home if row is None else row.holder

    def is_ported(self, key: int, now: int) -> bool:
        """Tell whether another operator than the series' serves the number at `now`."""
        row = self.series.at(SERIES, key, now)
        return self.operator_of(key, now) != (self.home if row is None else row.holder)

    def next_change(self, key: int, now: int) -> int:
        """Return the next moment after `now` at which the number is ported, else FOREVER."""
        return min((at for at, _ in self._ported.get(key, ()) if at > now), default=FOREVER)

    def load_ported(self, lines: Iterable[str], name: str = "list") -> int:
        """Port the numbers of a CSV with the columns number, operator, from; return how many.

        Numbers are national; dates are days in Norway. What is known already may come again. Raises
        ValueError that names line and column, and changes nothing then.
        """
        rows = list(read_rows(lines, _ported, required=_COLUMNS, known=_COLUMNS, name=name))
        trial = Ownership()
        trial._ported = {key: list(self._ported.get(key, ())) for _, key, _ in rows}
        for at, key, operator in sorted(rows):
            trial.port(key, operator, at)
        self._ported |= trial._ported
        return len(rows)

    def ported_csv(self) -> str:
        """Return all ported numbers as a list that `load_ported` reads."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(_COLUMNS)
        for key, history in sorted(self._ported.items()):
            writer.writerows((str(key)[2:], operator, day_of(at)) for at, operator in history)
        return out.getvalue()


def _ported(row: CsvRow) -> tuple[int, int, str]:
    number = compact(row["number"])
    if not (number.isascii() and number.isdigit()) or len(number) not in (5, 8, 12):
        raise ValueError(f"number {row['number']!r} is not 5, 8 or 12 digits")
    if not row["operator"]:
        raise ValueError("operator is missing")
    try:
        return midnight(row["from"]), int("47" + number), row["operator"]
    except ValueError:
        raise ValueError(f"from {row['from']!r} is not a date like 2026-01-31") from None


class Interconnect(NamedTuple):
    """The way into another operator's network, as a simulation: what it adds and how often it fails.

    `failure_rate` and `congestion_rate` are probabilities of one attempt, together at most 1.
    """

    operator: str
    latency_ms: int = 0
    failure_rate: float = 0.0
    congestion_rate: float = 0.0

    def attempt(self, draw: float) -> int:
        """Return the reason why an attempt fails on the way, 0 when it passes; `draw` is in [0, 1)."""
        if draw < self.failure_rate:
            return reasons.INTERCONNECT_FAILURE
        if draw < self.failure_rate + self.congestion_rate:
            return reasons.INTERCONNECT_CONGESTION
        return reasons.NONE
