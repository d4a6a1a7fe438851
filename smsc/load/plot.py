"""A load run as one HTML page: throughput and latency over time, latency by percentile. Inline SVG, nothing
fetched."""

import math
from collections.abc import Callable, Sequence
from html import escape
from typing import Any, NamedTuple

from smsc.load.report import text

WIDTH, HEIGHT = 860, 300
LEFT, RIGHT, TOP, BOTTOM = 80, 150, 20, 40

#: Lines in the order they are drawn; told apart without colour vision too, by their end labels.
COLOURS = ("#1b6ca8", "#c1440e", "#3c7a3b", "#6b3fa0")

PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>smsc load</title>
<style>
body {{ font: 15px/1.5 system-ui, sans-serif; color: #222; background: #fff;
  max-width: 900px; margin: 2em auto; padding: 0 1em }}
h2 {{ font-size: 1.1em; margin: 1.6em 0 .3em }} pre {{ background: #f4f4f4; padding: 1em; overflow: auto }}
svg text {{ font: 12px system-ui, sans-serif; fill: #444 }} .grid {{ stroke: #ddd }} .axis {{ stroke: #888 }}
path {{ fill: none; stroke-width: 2 }}
</style>
<h1>smsc load</h1>
<pre>{text}</pre>
{charts}
</html>
"""


class Line(NamedTuple):
    """A named line of points."""

    name: str
    points: Sequence[tuple[float, float]]


class Axis(NamedTuple):
    """Where values lie on an axis: a function to 0..1, and the ticks with their labels."""

    place: Callable[[float], float]
    ticks: list[tuple[float, str]]


def page(result: dict[str, Any]) -> str:
    """The page for a summary of `report.summary`."""
    charts = [
        chart("PDUs a second", "seconds", over_time(result), linear, linear),
        chart(
            "Latency of submit_sm_resp over time", "seconds", latency_over_time(result), linear, logarithmic
        ),
        chart("Latency by percentile", "percentile", by_percentile(result), nines, logarithmic),
    ]
    return PAGE.format(text=escape(text(result)), charts="\n".join(charts))


def over_time(result: dict[str, Any]) -> list[Line]:
    rows = list(spans(result))
    return [
        Line(label, [(at, row[key] / span) for at, span, row in rows])
        for key, label in (("answered", "submit_sm_resp"), ("delivered", "deliver_sm"))
        if any(row[key] for _, _, row in rows)
    ]


def latency_over_time(result: dict[str, Any]) -> list[Line]:
    rows = [(at, row) for at, _, row in spans(result) if row["answered"]]
    return [Line(key, [(at, row[key]) for at, row in rows]) for key in ("p50", "p99")]


def spans(result: dict[str, Any]) -> list[tuple[float, float, dict[str, Any]]]:
    """(end, length in seconds, row) of each second that was long enough to mean something."""
    ends = [0.0, *(row["at"] for row in result["series"])]
    rows = zip(ends[1:], ends, result["series"], strict=False)
    return [(end, end - begin, row) for end, begin, row in rows if end - begin > 0.2]


def by_percentile(result: dict[str, Any]) -> list[Line]:
    return [Line(name, row["curve"]) for name, row in result["latency"].items() if row["count"]]


def linear(values: list[float]) -> Axis:
    top = max([*values, 1e-9])
    step = 10 ** math.floor(math.log10(top))
    step = next(step * part for part in (0.2, 0.5, 1, 2) if top / (step * part) <= 6)
    count = math.ceil(top / step)
    return Axis(lambda v: v / (step * count), [(i * step, f"{i * step:,.10g}") for i in range(count + 1)])


def logarithmic(values: list[float]) -> Axis:
    """Microseconds from the decade of the smallest value to that of the largest."""
    positive = [value for value in values if value > 0] or [1.0]
    low, high = math.floor(math.log10(min(positive))), math.ceil(math.log10(max(positive)) + 1e-9)
    high = max(high, low + 1)
    ticks = [
        (10.0**e, f"{10.0**e:,.10g} us" if e < 3 else f"{10.0 ** (e - 3):,.10g} ms")
        for e in range(low, high + 1)
    ]
    return Axis(lambda v: (math.log10(max(v, 10.0**low)) - low) / (high - low), ticks)


def nines(values: list[float]) -> Axis:
    """Percentiles by their nines, so that the tail has room."""
    most = max((-math.log10(1 - v) for v in values if v < 1), default=1.0)
    labels = [(0.0, "0"), (0.9, "90"), (0.99, "99"), (0.999, "99.9"), (0.9999, "99.99"), (0.99999, "99.999")]
    ticks = [(v, label) for v, label in labels if v == 0 or -math.log10(1 - v) <= most]
    return Axis(lambda v: 1.0 if v >= 1 else min(1.0, -math.log10(1 - v) / most), ticks)


def chart(
    title: str, x_label: str, lines: list[Line], x_axis: Callable[..., Axis], y_axis: Callable[..., Axis]
) -> str:
    """One SVG chart; an empty string when there is nothing to draw."""
    lines = [line for line in lines if len(line.points) > 1]
    if not lines:
        return ""
    across = x_axis([x for line in lines for x, _ in line.points])
    up = y_axis([y for line in lines for _, y in line.points])
    right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM

    def x(value: float) -> float:
        return LEFT + across.place(value) * (right - LEFT)

    def y(value: float) -> float:
        return bottom - up.place(value) * (bottom - TOP)

    title = escape(title)
    parts = [f"<h2>{title}</h2>", f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{title}">']
    for value, label in up.ticks:
        parts.append(f'<line class="grid" x1="{LEFT}" x2="{right}" y1="{y(value):.1f}" y2="{y(value):.1f}"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{y(value) + 4:.1f}" text-anchor="end">{escape(label)}</text>')
    for value, label in across.ticks:
        parts.append(
            f'<text x="{x(value):.1f}" y="{bottom + 18}" text-anchor="middle">{escape(label)}</text>'
        )
    parts.append(f'<text x="{right}" y="{HEIGHT - 4}" text-anchor="end">{escape(x_label)}</text>')
    parts.append(f'<line class="axis" x1="{LEFT}" x2="{right}" y1="{bottom}" y2="{bottom}"/>')
    ends = apart([y(line.points[-1][1]) for line in lines])
    for i, line in enumerate(lines):
        colour = COLOURS[i % len(COLOURS)]
        path = "L".join(f"{x(a):.1f} {y(b):.1f}" for a, b in line.points)
        parts.append(f'<path stroke="{colour}" d="M{path}"/>')
        name = f'<text x="{right + 8}" y="{ends[i] + 4:.1f}" style="fill:{colour}">{escape(line.name)}</text>'
        parts.append(name)
    return "\n".join([*parts, "</svg>"])


def apart(heights: list[float], gap: float = 14.0) -> list[float]:
    """The heights, moved down where needed so that labels there do not cover one another."""
    moved = list(heights)
    lowest = -gap
    for i in sorted(range(len(heights)), key=heights.__getitem__):
        moved[i] = lowest = max(heights[i], lowest + gap)
    return moved
