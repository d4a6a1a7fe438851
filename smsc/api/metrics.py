"""Prometheus metrics from the engine's counters.

A key of `control.counters()` is a family's name without the prefix `smsc_`, with labels in Prometheus' own
form where it has some: `submits_refused_total{reason="throttled"}`. Families that end in `_total` are
counters, all others gauges. One of several nodes puts its name into the label `node` of each, so that sums
and what each does are one query.
"""

import re
from collections.abc import Callable, Iterator, Mapping

from prometheus_client import CollectorRegistry, Metric, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily
from prometheus_client.registry import Collector

PREFIX = "smsc_"
#: Series of one family above this are added up under the label value `other`, so that no label can grow
#: without bound.
MAX_SERIES = 100

HELP = {
    "sessions": "Bound sessions.",
    "binds_total": "Binds accepted.",
    "binds_refused_total": "Binds refused, by reason.",
    "submits_total": "Messages submitted, accepted or not.",
    "submits_refused_total": "Messages refused on submission, by reason.",
    "submits_lost_total": "Messages that the radio lost on their way, by reason; nobody was answered.",
    "requests_refused_total": "query_sm, cancel_sm, replace_sm and broadcasts refused, by reason.",
    "pdus_refused_total": "Other PDUs refused, by reason.",
    "answers_dropped_total": "Responses that answered nothing, by reason.",
    "connections_refused_total": "Connections turned away or cut off before or beside a bind, by reason.",
    "deliveries_total": "Messages handed over to their recipient.",
    "attempts_failed_total": "Delivery attempts that failed, by reason.",
    "receipts_total": "Delivery receipts handed over.",
    "queue_messages": "Messages that wait for delivery.",
    "queue_octets": "Octets of their texts and TLVs.",
    "queue_recipients": "Recipients that somebody's message waits for.",
    "held_messages": "Messages that wait in a handset without coverage.",
    "store_commits_total": "Transactions committed.",
    "store_errors_total": "Commits that failed.",
    "clock_seconds": "SMSC clock, seconds since the Unix epoch.",
}

_KEY = re.compile(r"([a-z_][a-z0-9_]*)(?:\{(.*)\})?", re.DOTALL)
_LABEL = re.compile(r'([a-z_][a-z0-9_]*)="([^"\\]*)",?')

Labels = tuple[tuple[str, str], ...]


class CountersCollector(Collector):
    """Reads the counters anew at each scrape."""

    def __init__(self, counters: Callable[[], Mapping[str, float]], node: Callable[[], str]) -> None:
        """``node`` tells the name of this node, "" of a server that is alone."""
        self._counters = counters
        self._node = node

    def describe(self) -> list[Metric]:
        return []

    def collect(self) -> Iterator[Metric]:
        families: dict[str, dict[Labels, float]] = {}
        for key, value in self._counters().items():
            name, labels = parse_key(key)
            families.setdefault(name, {})[labels] = value
        node = self._node()
        own: Labels = (("node", node),) if node else ()
        for name in sorted(families):
            yield _family(name, bounded(families[name]), own)


class _BuildCollector(Collector):
    def __init__(self, version: str, compiled: bool) -> None:
        self._value = {"version": version, "compiled": str(compiled).lower()}

    def collect(self) -> Iterator[Metric]:
        yield InfoMetricFamily(f"{PREFIX}build", "What is running.", value=self._value)


def build_registry(
    counters: Callable[[], Mapping[str, float]], node: Callable[[], str], version: str, compiled: bool
) -> CollectorRegistry:
    """A registry of its own, so that several servers fit in one process."""
    registry = CollectorRegistry()
    registry.register(CountersCollector(counters, node))
    registry.register(_BuildCollector(version, compiled))
    ProcessCollector(namespace=PREFIX.rstrip("_"), registry=registry)
    return registry


def parse_key(key: str) -> tuple[str, Labels]:
    """Family and labels of a counter's key; ValueError when it is not in the form described above."""
    match = _KEY.fullmatch(key)
    if match is None:
        raise ValueError(
            f"counter {key!r}: expected a name such as 'binds_total' or 'messages{{state=\"held\"}}'"
        )
    name, inside = match.groups()
    if inside is None:
        return name, ()
    labels = _LABEL.findall(inside)
    if not labels or _LABEL.sub("", inside):
        raise ValueError(f'counter {key!r}: expected labels such as {{reason="throttled"}}')
    return name, tuple(labels)


def bounded(series: dict[Labels, float]) -> dict[Labels, float]:
    """At most `MAX_SERIES` of them: the rest is added up, every label `other`."""
    if len(series) <= MAX_SERIES:
        return series
    ordered = sorted(series)
    kept = {labels: series[labels] for labels in ordered[: MAX_SERIES - 1]}
    other = tuple((name, "other") for name, _ in ordered[-1])
    kept[other] = kept.get(other, 0) + sum(series[labels] for labels in ordered[MAX_SERIES - 1 :])
    return kept


def _family(name: str, series: Mapping[Labels, float], own: Labels) -> Metric:
    kind = CounterMetricFamily if name.endswith("_total") else GaugeMetricFamily
    label_names = [label for label, _ in (*own, *next(iter(series)))]
    metric = kind(
        PREFIX + name, HELP.get(name, f"{name.replace('_', ' ').capitalize()}."), labels=label_names
    )
    for labels, value in series.items():
        metric.add_metric([text for _, text in (*own, *labels)], value)
    return metric
