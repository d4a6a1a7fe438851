"""One load on one server as a row of figures, and servers measured in turn so that the machine's moods hit
all alike."""

import os
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from bench.children import Child
from smsc.load.plan import NumberRange, Plan
from smsc.load.runner import Measurement, Runner

#: Server and generator on the same core: what a message costs in all, free of cross-core wake-ups.
SHARED = ((0,), (0,))
#: A core each.
APART = ((0,), (1,))


class Shape(NamedTuple):
    """A closed loop: so many binds with so many submit_sm unanswered on each."""

    binds: int
    window: int

    def __str__(self) -> str:
        return f"{self.binds} x {self.window}"


SHAPES = (Shape(1, 10), Shape(32, 10), Shape(4, 100))

#: Handsets of the demo world that no bind serves: a message to them is accepted, queued and waits.
NOT_SERVED = NumberRange(4740000000, 4740009999)
FARM = NumberRange(4790000000, 4790099999)


class Row(NamedTuple):
    """What one load showed. `per_second` by the clock; `*_ns` CPU time a message (over the whole run);
    latencies in us.

    `potential` is the rate that the two CPU times alone would allow on one core: when server and generator
    share an otherwise idle core it equals `per_second`, and it stays true when something else takes part of
    that core."""

    per_second: float
    potential: float
    server_ns: float
    generator_ns: float
    p50: float
    p99: float
    complete_per_second: float
    measured: Measurement


def load(child: Child, cpus: Sequence[int] | None, **options: Any) -> Row:
    """Put a load on the server, this process pinned to `cpus` meanwhile."""
    before = os.sched_getaffinity(0)
    if cpus is not None:
        os.sched_setaffinity(0, cpus)
    try:
        server, own = child.cpu_seconds(), time.process_time()
        measured = Runner(Plan(child.host, child.port, **options)).run()
        server, own = child.cpu_seconds() - server, time.process_time() - own
    finally:
        os.sched_setaffinity(0, before)
    answered = max(1, sum(measured.statuses.values()))
    responses = measured.responses
    return Row(
        measured.measured_answers / measured.measured_seconds,
        answered / (server + own),
        server / answered * 1e9,
        own / answered * 1e9,
        responses.quantile(0.5) / 1e3,
        responses.quantile(0.99) / 1e3,
        min(measured.measured_answers, measured.measured_deliveries / 2) / measured.measured_seconds,
        measured,
    )


def in_turn(subjects: dict[str, Callable[[], Row]], repetitions: int) -> dict[str, list[Row]]:
    """Each subject once a round, in alternating order."""
    rows: dict[str, list[Row]] = {name: [] for name in subjects}
    for round_number in range(repetitions):
        names = list(subjects)
        for name in names if round_number % 2 == 0 else reversed(names):
            rows[name].append(subjects[name]())
    return rows


def ratios(mine: Iterable[float], theirs: Iterable[float]) -> list[float]:
    """Each round's ratio: the two were measured within the same seconds."""
    return [a / b for a, b in zip(mine, theirs, strict=True)]


def submit_options(shape: Shape, seconds: float, warm_up: float) -> dict[str, Any]:
    """submit_sm only: sources of the farm, destinations that nobody serves, no receipts."""
    return {
        "binds": shape.binds,
        "window": shape.window,
        "duration": seconds,
        "warm_up": warm_up,
        "source": FARM,
        "destination": NOT_SERVED,
        "receipts": False,
        "bind_type": "transmitter",
        "drain": 1.0,
    }
