"""Moments and durations as they stand in JSON and TOML."""

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc.coverage.documents.moments import read_duration, read_moment, write_moment
from smsc.coverage.errors import CoverageError
from smsc.coverage.outages import FOREVER


@given(st.integers(0, 4_000_000_000_000))
def test_a_written_moment_reads_back(moment: int) -> None:
    assert read_moment(write_moment(moment), "at") == moment == read_moment(moment, "at")


def test_a_moment_may_have_any_offset_or_be_a_datetime() -> None:
    assert read_moment("2026-01-01T13:00:00+01:00", "at") == read_moment("2026-01-01T12:00:00Z", "at")
    assert (
        read_moment(datetime(2026, 1, 1, 13, tzinfo=timezone(timedelta(hours=1))), "at") == 1_767_268_800_000
    )


def test_for_ever_is_written_as_nothing() -> None:
    assert write_moment(FOREVER) is None


@pytest.mark.parametrize(
    "value",
    ["2026-01-01T12:00:00", "noon", -1, True, None, 1.5, FOREVER, "1960-01-01T00:00Z", "9999-12-31T00:00Z"],
)
def test_a_moment_without_offset_or_sense_is_refused(value: object) -> None:
    with pytest.raises(CoverageError, match="at: "):
        read_moment(value, "at")


@pytest.mark.parametrize(
    ("value", "ms"),
    [
        ("40m", 2_400_000),
        ("1h30m", 5_400_000),
        ("250ms", 250),
        ("1.5s", 1_500),
        ("2d", 172_800_000),
        ("2 min", 120_000),
        (2, 2_000),
        (0.1, 100),
    ],
)
def test_durations(value: object, ms: int) -> None:
    assert read_duration(value, "every") == ms


@pytest.mark.parametrize(
    "value", ["", "m", "-1s", -1, True, None, "1h, 2m", "1h 30", "101y", "40000d", float("nan"), float("inf")]
)
def test_a_duration_that_makes_no_sense_is_refused(value: object) -> None:
    with pytest.raises(CoverageError):
        read_duration(value, "every")
