"""The histogram tells three digits apart, from nanoseconds to an hour."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc.load.histogram import HIGHEST, Histogram, bounds

hdrh = pytest.importorskip("hdrh.histogram")


def of(values: list[int]) -> Histogram:
    histogram = Histogram()
    for value in values:
        histogram.record(value)
    return histogram


@given(st.integers(0, HIGHEST))
def test_a_value_is_counted_within_a_thousandth_of_itself(value: int) -> None:
    ((highest, count),) = of([value]).rows()
    assert count == 1
    assert value <= highest <= value + value / 1000


@given(st.integers(0, 33 * 1024 - 2))
def test_buckets_follow_one_another_without_a_gap(index: int) -> None:
    assert bounds(index)[1] + 1 == bounds(index + 1)[0]


@given(st.lists(st.integers(0, HIGHEST), min_size=1, max_size=50), st.sampled_from([0.5, 0.9, 0.99, 1.0]))
def test_a_quantile_covers_its_share_of_the_values(values: list[int], q: float) -> None:
    found = of(values).quantile(q)
    covered = sum(1 for value in values if value <= found)
    assert covered >= round(q * len(values))
    assert found <= max(values)


@given(st.lists(st.integers(1, HIGHEST), min_size=1, max_size=50))
def test_the_layout_is_that_of_hdrhistogram(values: list[int]) -> None:
    theirs = hdrh.HdrHistogram(1, HIGHEST, 3)
    for value in values:
        theirs.record_value(value)
    copied = hdrh.HdrHistogram(1, HIGHEST, 3)
    for value, count in of(values).rows():
        copied.record_value(value, count)
    assert copied.equals(theirs)


def test_histograms_add_up() -> None:
    both = of([5, 2000])
    both.add(of([1, 70_000]))
    assert both.total == 4
    assert (both.lowest, both.highest) == (1, 70_000)
    assert sum(count for _, count in both.rows()) == 4


def test_an_empty_histogram_has_no_latency() -> None:
    histogram = of([17])
    histogram.clear()
    assert histogram.quantile(0.99) == 0
    assert histogram.rows() == []


def test_values_beyond_the_ends_count_at_the_ends() -> None:
    histogram = of([-5, HIGHEST + 5])
    assert (histogram.lowest, histogram.highest) == (0, HIGHEST)
