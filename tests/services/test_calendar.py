"""Norwegian civil time of moments on the SMSC clock."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc.services import calendar
from tests.services.helpers import at


@pytest.mark.parametrize(
    "begin, months, end",
    [
        ("2026-01-31", 1, "2026-02-28"),
        ("2024-01-31", 1, "2024-02-29"),
        ("2026-08-31", 18, "2028-02-29"),
        ("2025-12-15 12:00", 1, "2026-01-15 12:00"),
        ("2026-01-15 12:00", 6, "2026-07-15 12:00"),
        ("2026-02-28 02:30", 1, "2026-03-28 02:30"),
        ("2026-06-30", 12, "2027-06-30"),
    ],
)
def test_months_later_at_the_same_time_of_day(begin: str, months: int, end: str) -> None:
    assert calendar.add_months(at(begin), months) == at(end)
    assert calendar.add_months(at(begin) + 7, months) == at(end) + 7


@pytest.mark.parametrize("moment, month", [("2026-01-31 23:59", "2026-01"), ("2026-02-01 00:00", "2026-02")])
def test_month_turns_at_midnight_in_norway(moment: str, month: str) -> None:
    assert calendar.month_of(at(moment)) == month


def test_texts() -> None:
    assert calendar.minute_of(at("2026-07-01 09:05")) == "01.07.2026 09:05"
    assert calendar.utc_text(at("2026-07-01 09:05") + 999) == "2026-07-01T07:05:00Z"
    assert calendar.utc_text(None) is None


@given(st.integers(0, 4_000_000_000_000), st.integers(0, 240))
def test_later_moments_stay_later_and_months_are_counted(moment: int, months: int) -> None:
    later = calendar.add_months(moment, months)
    assert later >= moment
    ahead, now = calendar.local(later), calendar.local(moment)
    assert (ahead.year - now.year) * 12 + ahead.month - now.month == months
    assert ahead.day <= now.day
