"""The result of a load run: as JSON-ready values, and as text for a terminal."""

import json
from collections.abc import Iterator
from typing import Any

from smsc._compiled import describe
from smsc.load.histogram import Histogram
from smsc.load.runner import Measurement
from smsc.protocol.constants import STATES, status_name

QUANTILES = (0.5, 0.9, 0.99, 0.999, 0.9999)

#: Above this share of a core the generator itself may be what limits the figures.
BUSY = 0.9


def summary(measured: Measurement) -> dict[str, Any]:
    """Everything measured, JSON-ready. Rates are per second after the warm-up, latencies in microseconds."""
    plan, reconciliation = measured.plan, measured.reconciliation
    sent, accepted, refused, unanswered = (
        sum(counts[i] for counts in measured.kinds.values()) for i in range(4)
    )
    result: dict[str, Any] = {
        "plan": plan.describe(),
        "seconds": round(measured.measured_seconds, 6),
        "bind_seconds": round(measured.bind_seconds, 6),
        "connections": measured.connections,
        "submits": {
            "sent": sent,
            "accepted": accepted,
            "refused": refused,
            "unanswered": unanswered,
            "measured": measured.measured_answers,
            "per_second": rate(measured.measured_answers, measured.measured_seconds),
            "statuses": {status_name(status): n for status, n in sorted(measured.statuses.items())},
            "kinds": {
                name: dict(zip(("sent", "accepted", "refused", "unanswered"), counts, strict=True))
                for name, counts in measured.kinds.items()
                if counts[0]
            },
        },
        "latency": {"submit_sm_resp": latencies(measured.responses)},
        "deliver_sm": {
            "received": measured.delivered,
            "per_second": rate(measured.measured_deliveries, measured.measured_seconds),
        },
        "faults": {"unexpected_responses": measured.unexpected, "disconnected": measured.disconnected},
        "series": [
            {"at": round(s.at, 3), "answered": s.answered, "delivered": s.delivered, "p50": us(s.p50)}
            | {"p99": us(s.p99), "warm_up": s.warm_up}
            for s in measured.seconds
        ],
        "generator": {"cpu_share": round(measured.cpu_share, 3), "build": describe()},
    }
    if plan.rate is not None:
        result["latency"]["send"] = latencies(measured.lateness)
    if plan.receipts:
        reported = {STATES.get(i, str(i)): n for i, n in enumerate(reconciliation.states_reported()) if n}
        result["receipts"] = {
            "received": sum(reported.values()),
            "states": reported,
            "lost": reconciliation.lost_receipts,
            "duplicated": reconciliation.duplicated_receipts,
            "reordered": reconciliation.reordered_receipts,
            "unmatched": reconciliation.unmatched_receipts,
            "repeated_ids": reconciliation.repeated_ids,
            "intermediate": reconciliation.intermediate,
        }
        result["latency"]["receipt"] = latencies(reconciliation.receipts)
    if plan.deliveries:
        result["messages"] = {
            "received": reconciliation.arrived,
            "lost": reconciliation.lost_deliveries,
            "duplicated": reconciliation.duplicated_deliveries,
            "reordered": reconciliation.reordered_deliveries,
            "strangers": reconciliation.strangers,
        }
        result["latency"]["delivery"] = latencies(reconciliation.deliveries)
    result["hints"] = list(hints(result))
    return result


def hints(result: dict[str, Any]) -> Iterator[str]:
    """What the figures hardly mean, and what is more likely."""
    receipts = result.get("receipts", {"received": 0, "unmatched": 0, "lost": 0})
    if receipts["unmatched"]:
        yield (
            f"{receipts['unmatched']:,} receipts have ids that no response gave: "
            "try another --message-id (hex-decimal, ...)"
        )
    elif receipts["lost"] > receipts["received"]:
        yield (
            "most receipts did not come: does anybody receive for the destinations (--to), "
            "does a bind here receive (--bind), is --drain long enough?"
        )
    share = result["generator"]["cpu_share"]
    if share > BUSY:
        yield f"the generator used {share:.0%} of a core: the SMSC may be faster than this shows"


def rate(count: int, seconds: float) -> float:
    return round(count / seconds, 1) if seconds else 0.0


def us(nanoseconds: int) -> float:
    return round(nanoseconds / 1000, 3)


def latencies(histogram: Histogram) -> dict[str, Any]:
    """Percentiles in microseconds, the counts behind them, and HdrHistogram's own form where its package is
    there."""
    shown: dict[str, Any] = {"count": histogram.total}
    if histogram.total:
        shown["min"] = us(histogram.lowest)
        for q in QUANTILES:
            shown[f"p{q * 100:g}"] = us(histogram.quantile(q))
        shown["max"] = us(histogram.highest)
        shown["hdr"] = encoded(histogram)
        shown["curve"] = curve(histogram)
    return shown


def encoded(histogram: Histogram) -> str | None:
    """The histogram of nanoseconds as the HdrHistogram tools read it (compressed, base64), or None without
    its package."""
    try:
        from hdrh.histogram import HdrHistogram
    except ImportError:
        return None
    copy = HdrHistogram(1, (1 << 42) - 1, 3)
    for value, count in histogram.rows():
        copy.record_value(value, count)
    text: bytes = copy.encode()
    return text.decode()


def curve(histogram: Histogram, points: int = 80) -> list[tuple[float, float]]:
    """(share of values, latency in microseconds) at even steps of nines: what a percentile plot draws."""
    quantiles = [1 - 10 ** (-6 * i / points) for i in range(points + 1)]
    last = 1 - 1 / histogram.total
    kept = [q for q in quantiles if q <= last] + [1.0]
    return [(round(q, 8), us(histogram.quantile(q))) for q in kept]


def text(result: dict[str, Any]) -> str:
    """The summary for people."""
    submits, plan = result["submits"], result["plan"]
    load = f"{plan['rate']:g} a second" if plan["rate"] else f"window {plan['window']}"
    lines = [
        f"{plan['binds']} bind{'s' if plan['binds'] > 1 else ''}, {load}, {result['seconds']:.1f} s",
        f"submit_sm   {submits['per_second']:>12,.0f} answered a second",
        f"            {submits['sent']:,} sent, {submits['accepted']:,} accepted, "
        f"{submits['refused']:,} refused, {submits['unanswered']:,} unanswered",
    ]
    lines += [f"            {name}: {count:,}" for name, count in submits["statuses"].items()]
    lines.append(f"deliver_sm  {result['deliver_sm']['per_second']:>12,.0f} received a second")
    for part in ("messages", "receipts"):
        if part in result:
            found = result[part]
            lines.append(
                f"{part:<11} {found['received']:,} received, {found['lost']:,} lost, {found['duplicated']:,} "
                f"duplicated, {found['reordered']:,} reordered"
            )
            lines += [f"            {state}: {count:,}" for state, count in found.get("states", {}).items()]
    lines.append("latency, us        p50        p90        p99      p99.9        max")
    for name, row in result["latency"].items():
        if row["count"]:
            lines.append(
                f"{name:<14}" + "".join(f"{row[q]:>11,.0f}" for q in ("p50", "p90", "p99", "p99.9", "max"))
            )
    faults = result["faults"]
    if faults["disconnected"]:
        lines.append(f"{faults['disconnected']} connections were closed by the SMSC")
    if faults["unexpected_responses"]:
        lines.append(f"{faults['unexpected_responses']} responses to nothing that was asked, or too late")
    return "\n".join(lines + result["hints"])


def steps(result: dict[str, Any]) -> str:
    """The steps of a search, and what it found."""
    found = result["search"]
    wanted = ", ".join(found["wanted"])
    lines = [step(one) for one in found["steps"]]
    if found["rate"] is None:
        return "\n".join([*lines, f"{wanted}: at no rate that was tried"])
    return "\n".join([*lines, f"{wanted}: up to {found['rate']:,.0f} submit_sm a second, which measured"])


def step(one: dict[str, Any]) -> str:
    """One step of a search."""
    p99 = "" if one["p99"] is None else f"p99 {one['p99'] / 1000:,.3f} ms"
    return f"{one['rate']:>12,.0f} a second  {'; '.join(one['why']) or 'held, ' + p99}"


def to_json(result: dict[str, Any]) -> str:
    return json.dumps(result, ensure_ascii=False)
