"""Ranges of numbers laid over one another: of two that overlap the later one counts."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from typing import NamedTuple


class Span(NamedTuple):
    """The numbers `first` to `last`, both included, and the place of their range in the list."""

    first: int
    last: int
    of: int


def disjoint(ranges: Iterable[tuple[int, int]]) -> list[Span]:
    """Each range without the numbers that a later one has too; none overlap, in order of their numbers."""
    spans: list[Span] = []
    for place, (first, last) in enumerate(ranges):
        low = bisect_left(spans, first, key=lambda span: span.last)
        high = low
        while high < len(spans) and spans[high].first <= last:
            high += 1
        left = [span._replace(last=first - 1) for span in spans[low:high] if span.first < first]
        right = [span._replace(first=last + 1) for span in spans[low:high] if span.last > last]
        spans[low:high] = [*left, Span(first, last, place), *right]
    return spans
