"""Suite `submit`: submit_sm to submit_sm_resp on a memory store, all checks on, as ratios to the C limit."""

from typing import Any

from bench import children
from bench.measure import APART, SHAPES, SHARED, Row, Shape, in_turn, load, ratios, submit_options
from bench.results import Suite

#: Shares of the C limit that are wanted on one core shared with the generator.
TARGETS = {Shape(1, 10): 0.50, Shape(32, 10): 0.35, Shape(4, 100): 0.15}
SINGLE = Shape(1, 1)


def run(options: Any) -> Suite:
    suite = Suite("submit")
    for shape in (*SHAPES, SINGLE):
        rows = measure(shape, SHARED, options)
        mine, theirs = rows["smsc"], rows["limit"]
        suite.add(f"{shape} one core", "/s", [row.per_second for row in mine])
        suite.add(f"{shape} one core, C limit", "/s", [row.per_second for row in theirs])
        if shape == SINGLE:
            slower = ratios([row.p50 for row in mine], [row.p50 for row in theirs])
            suite.add(f"{shape} one core, p50 over limit's", "x", slower, lower=True, target=1.5)
            suite.add(f"{shape} one core, p50", "us", [row.p50 for row in mine], lower=True)
            continue
        share = ratios([row.per_second for row in mine], [row.per_second for row in theirs])
        suite.add(f"{shape} one core, share of limit", "x", share, target=TARGETS[shape])
        by_cpu = ratios([row.potential for row in mine], [row.potential for row in theirs])
        suite.add(f"{shape} one core, share by CPU time", "x", by_cpu, note="blind to what else ran")
        suite.add(f"{shape} CPU a message, server", "ns", [row.server_ns for row in mine], lower=True)
        suite.add(f"{shape} CPU a message, generator", "ns", [row.generator_ns for row in mine], lower=True)
        if options.apart:
            rows = measure(shape, APART, options)
            mine, theirs = rows["smsc"], rows["limit"]
            suite.add(f"{shape} two cores", "/s", [row.per_second for row in mine])
            suite.add(f"{shape} two cores, C limit", "/s", [row.per_second for row in theirs])
    return suite


def measure(shape: Shape, cores: tuple[Any, Any], options: Any) -> dict[str, list[Row]]:
    """The limit and the server in turn. Each time a fresh server: what was submitted stays in its queues."""
    server_cpus, own_cpus = cores if options.pin else (None, None)
    wanted = submit_options(shape, options.seconds, 0.5)

    def limit() -> Row:
        with children.limit(server_cpus) as child:
            return load(child, own_cpus, **wanted)

    def smsc() -> Row:
        with children.Smsc(cpus=server_cpus) as child:
            children.settle(child)
            return load(child, own_cpus, **wanted)

    return in_turn({"limit": limit, "smsc": smsc}, options.repetitions)
