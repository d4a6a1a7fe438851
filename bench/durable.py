"""Suite `durable`: the same with SQLite and an fsync before each response."""

import os
import tempfile
import time
from pathlib import Path
from typing import Any

from bench import children
from bench.endtoend import complete_options, faults
from bench.measure import Row, Shape, load, submit_options
from bench.results import Suite
from bench.timing import per_second

SHAPE = Shape(4, 100)


def run(options: Any) -> Suite:
    suite = Suite("durable")
    suite.add("fsync of the disk alone", "/s", per_second(fsyncs(options.repetitions)), note=filesystem())
    rows = [submit(options) for _ in range(options.repetitions)]
    rates = suite.add(f"submit {SHAPE}", "/s", [row.per_second for row in rows], target=60_000)
    suite.add(f"submit {SHAPE}, p99 when saturated", "ms", [row.p99 / 1e3 for row in rows], lower=True)
    suite.add(f"submit {SHAPE}, CPU a message, server", "ns", [row.server_ns for row in rows], lower=True)
    rate = rates.median * 0.7
    rows = [submit(options, rate) for _ in range(options.repetitions)]
    late = [row.p99 / 1e3 for row in rows]
    suite.add("submit at 70 %, p99", "ms", late, lower=True, target=50, note=f"{rate:,.0f} a second")
    suite.add("submit at 70 %, p50", "ms", [row.p50 / 1e3 for row in rows], lower=True)
    rows = [complete(options) for _ in range(options.repetitions)]
    suite.add("complete messages", "/s", [row.complete_per_second for row in rows], target=25_000)
    wrong = sum(faults(row.measured) for row in rows)
    suite.add("lost, duplicated, reordered", "", [float(wrong)], lower=True, target=0)
    return suite


def submit(options: Any, rate: float | None = None) -> Row:
    """On two cores that all threads share: the store's writer is a thread of the server."""
    with children.Smsc("sqlite:") as child:
        children.settle(child)
        wanted = submit_options(SHAPE, options.seconds, 0.5)
        if rate is not None:
            wanted |= {"window": 1000}
        return load(child, None, **wanted, rate=rate)


def complete(options: Any) -> Row:
    with children.Smsc("sqlite:") as child:
        children.settle(child)
        return load(child, None, **(complete_options(options.seconds) | {"drain": 10.0}))


def fsyncs(repetitions: int) -> list[float]:
    """ns of a 4 KiB append with fdatasync where the databases of this suite lie."""
    values = []
    with tempfile.NamedTemporaryFile(prefix="smsc-bench-") as file:
        for _ in range(repetitions):
            begun = time.perf_counter()
            for _ in range(50):
                os.write(file.fileno(), bytes(4096))
                os.fdatasync(file.fileno())
            values.append((time.perf_counter() - begun) / 50 * 1e9)
    return values


def filesystem() -> str:
    """The file system under the temporary directory."""
    where = Path(tempfile.gettempdir()).resolve()
    mounts = [line.split()[:3] for line in Path("/proc/mounts").read_text().splitlines()]
    under = [(len(point), kind) for _, point, kind in mounts if where.is_relative_to(point)]
    return max(under)[1] if under else "unknown"
