"""A load run beside an earlier one: what both have measured, and how much it changed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from smsc.load.verdict import COUNTS, value_of

#: What is compared: higher or lower tells nothing by itself, that is for --fail-if to say.
COMPARED = (
    "rate", "p50", "p90", "p99", "p99.9", "max",
    "receipt.p50", "receipt.p99", "delivery.p50", "delivery.p99",
    "refused", "unanswered", "lost", "duplicated", "reordered",
)  # fmt: skip

#: Of a plan, what says where and how long rather than what was asked.
_APART = {"host", "port", "duration", "warm_up", "drain", "connect_timeout", "response_timeout", "capacity"}


def earlier(path: Path) -> dict[str, Any]:
    """The result that `smsc load --json` wrote. ValueError says what would be right; OSError as reading
    raises it."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        for part in ("plan", "submits", "latency", "faults"):
            found[part].keys()
        for name in COMPARED:
            value_of(found, name)
    except (ValueError, LookupError, TypeError, AttributeError):
        raise ValueError(f"{path}: expected the result of an earlier smsc load --json") from None
    return dict(found)


def compared(before: dict[str, Any], now: dict[str, Any]) -> dict[str, Any]:
    """What both have: latencies in microseconds, `change` as a share of before (None where that was 0); and
    in which settings the plans differ."""
    rows = {}
    for name in COMPARED:
        old, new = value_of(before, name), value_of(now, name)
        if old is not None and new is not None:
            change = round((new - old) / old, 4) if old else None
            rows[name] = {"before": old, "now": new, "change": change}
    plans = {
        name: {"before": before["plan"].get(name), "now": value}
        for name, value in now["plan"].items()
        if name not in _APART and before["plan"].get(name) != value
    }
    return {"figures": rows, "plans": plans}


def text(found: dict[str, Any], name: str) -> str:
    """The same for people."""
    lines = [f"{'compared with ' + name:<28}{'before':>14}{'now':>14}{'change':>10}"]
    for figure, row in found["figures"].items():
        if row["before"] or row["now"]:
            shown = (f"{_shown(figure, row[when]):>14}" for when in ("before", "now"))
            change = "" if row["change"] is None else f"{row['change']:+.1%}"
            lines.append(f"{figure:<28}{''.join(shown)}{change:>10}")
    for setting, row in found["plans"].items():
        lines.append(f"the plans differ: {setting} {row['before']} before, {row['now']} now")
    return "\n".join(lines)


def _shown(name: str, value: float) -> str:
    return f"{value:,.0f}" if name in COUNTS else f"{value:,.0f} us"
