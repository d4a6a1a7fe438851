"""Figures with their repetitions, spread and targets: printed, kept as JSON, compared."""

import json
import statistics
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from bench import machine

RESULTS = Path(__file__).resolve().parent / "results"
REFERENCE = RESULTS / "reference.json"


@dataclass
class Figure:
    """One quantity, measured several times. `target` is what it should reach: at least, or at most when
    `lower` is better. `note` says what a reader must know to read it right."""

    name: str
    unit: str
    values: list[float]
    lower: bool = False
    target: float | None = None
    note: str = ""

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    @property
    def spread(self) -> float:
        """Half the distance between the extremes, as a share of the median."""
        return (max(self.values) - min(self.values)) / 2 / self.median if self.median else 0.0

    @property
    def met(self) -> bool | None:
        if self.target is None:
            return None
        return self.median <= self.target if self.lower else self.median >= self.target


@dataclass
class Suite:
    """The figures of one suite, and what was left out and why."""

    name: str
    figures: list[Figure] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)

    def add(self, name: str, unit: str, values: Sequence[float], **more: Any) -> Figure:
        figure = Figure(name, unit, list(values), **more)
        self.figures.append(figure)
        return figure

    def text(self) -> str:
        width = max((len(figure.name) for figure in self.figures), default=10)
        lines = [self.name, *(f"  {f.name:<{width}}  {shown(f)}" for f in self.figures)]
        return "\n".join([*lines, *(f"  absent: {line}" for line in self.absent)])


def shown(figure: Figure) -> str:
    """Median, unit, spread, repetitions, target and note on one line."""
    spread = f"+-{figure.spread:4.0%} of {len(figure.values)}"
    parts = [f"{number(figure.median):>12} {figure.unit:<6} {spread}"]
    if figure.target is not None:
        sign = "<=" if figure.lower else ">="
        parts.append(f"target {sign} {number(figure.target)} {'met' if figure.met else 'MISSED'}")
    return "  ".join([*parts, f"({figure.note})" if figure.note else ""]).rstrip()


def number(value: float) -> str:
    """Four significant digits, thousands apart."""
    if value == 0 or abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:,.4g}"


def document(suites: Sequence[Suite]) -> dict[str, Any]:
    """Everything of a run, JSON-ready."""
    return {
        "at": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        "machine": machine.describe(),
        "suites": {suite.name: asdict(suite) for suite in suites},
    }


def keep(suites: Sequence[Suite], path: Path | None = None) -> Path:
    """Write a run to bench/results/, or to `path`."""
    if path is None:
        path = RESULTS / f"{'-'.join(suite.name for suite in suites)}-{time.strftime('%Y%m%d-%H%M%S')}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document(suites), indent=1) + "\n", encoding="utf-8")
    return path


def read(path: Path) -> dict[str, Figure]:
    """The figures of a kept run, by `suite: name`."""
    suites = json.loads(path.read_text(encoding="utf-8"))["suites"]
    return {
        f"{name}: {row['name']}": Figure(**row) for name, suite in suites.items() for row in suite["figures"]
    }


def compare(old: Path, new: Path, tolerance: float = 0.1) -> tuple[str, int]:
    """Old and new side by side, and how many figures became worse by more than `tolerance` and than both
    spreads."""
    before, after = read(old), read(new)
    lines, worse = [], 0
    for name in sorted(before.keys() & after.keys()):
        a, b = before[name], after[name]
        if not a.median:
            continue
        change = b.median / a.median - 1
        bad = (change if a.lower else -change) > max(tolerance, a.spread, b.spread)
        worse += bad
        mark = "  WORSE" if bad else ""
        lines.append(
            f"{name:<60} {number(a.median):>12} -> {number(b.median):>12} {a.unit:<6} {change:+7.1%}{mark}"
        )
    once = sorted(before.keys() ^ after.keys())
    lines += [f"{name:<60} only in {old.name if name in before else new.name}" for name in once]
    return "\n".join(lines), worse
