"""Suite `endtoend`: submit, resp, deliver, resp, receipt, resp on a memory store; every message accounted
for."""

from typing import Any

from bench import children
from bench.measure import APART, FARM, SHARED, Row, Shape, in_turn, load, ratios
from bench.results import Suite
from smsc.load.runner import Measurement

SHAPE = Shape(4, 100)
TARGET = 150_000


def run(options: Any) -> Suite:
    suite = Suite("endtoend")
    for label, cores in (("two cores", APART), ("one core", SHARED)):
        rows = measure(cores, options)
        mine, theirs = rows["smsc"], rows["limit"]
        target = TARGET if cores is APART else None
        suite.add(
            f"complete messages, {label}", "/s", [row.complete_per_second for row in mine], target=target
        )
        complete = [row.complete_per_second for row in theirs]
        suite.add(f"complete messages, {label}, C limit", "/s", complete)
        share = ratios([row.complete_per_second for row in mine], complete)
        suite.add(f"complete messages, {label}, share of limit", "x", share)
        suite.add(
            f"CPU a complete message, {label}, server", "ns", [row.server_ns for row in mine], lower=True
        )
        receipts = [row.measured.reconciliation.receipts.quantile(0.99) / 1e6 for row in mine]
        suite.add(f"receipt p99 when saturated, {label}", "ms", receipts, lower=True)
        wrong = sum(faults(row.measured) for row in mine)
        suite.add(f"lost, duplicated, reordered, {label}", "", [float(wrong)], lower=True, target=0)
    return suite


def complete_options(seconds: float, in_flight: int = 4000) -> dict[str, Any]:
    """Farm to farm, receipts asked for, never more than `in_flight` messages without their receipt."""
    return {
        "binds": SHAPE.binds,
        "window": SHAPE.window,
        "duration": seconds,
        "warm_up": 0.5,
        "source": FARM,
        "destination": FARM,
        "receipts": True,
        "deliveries": True,
        "in_flight": in_flight,
    }


def faults(measured: Measurement) -> int:
    """Everything that went wrong with a message or receipt on its way."""
    reconciliation = measured.reconciliation
    return (
        reconciliation.lost_receipts
        + reconciliation.lost_deliveries
        + reconciliation.duplicated_receipts
        + reconciliation.duplicated_deliveries
        + reconciliation.reordered_receipts
        + reconciliation.reordered_deliveries
        + reconciliation.unmatched_receipts
        + measured.disconnected
    )


def measure(cores: tuple[Any, Any], options: Any) -> dict[str, list[Row]]:
    server_cpus, own_cpus = cores if options.pin else (None, None)
    wanted = complete_options(options.seconds)

    def limit() -> Row:
        with children.limit(server_cpus, deliver=True) as child:
            return load(child, own_cpus, **wanted)

    def smsc() -> Row:
        with children.Smsc(cpus=server_cpus) as child:
            children.settle(child)
            return load(child, own_cpus, **wanted)

    return in_turn({"limit": limit, "smsc": smsc}, options.repetitions)
