"""SMPP time formats [3.4 §7.1.1]."""

from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc.protocol.smpptime import (
    TimeFormatError,
    absolute,
    is_relative,
    read_schedule,
    read_time,
    read_validity,
    relative,
)

SECOND = 1000
DAY = 86_400 * SECOND


def ms(*moment: int) -> int:
    return int(datetime(*moment, tzinfo=UTC).timestamp() * 1000)  # type: ignore[misc, arg-type]


NOW = ms(2026, 1, 31, 12)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("260201130000004+", ms(2026, 2, 1, 12)),  # CET
        ("260701140000008+", ms(2026, 7, 1, 12)),  # CEST
        ("260701070000020-", ms(2026, 7, 1, 12)),
        ("260701120000300+", ms(2026, 7, 1, 12) + 300),
        ("240229000000000+", ms(2024, 2, 29)),
        ("370101000000000+", ms(2037, 1, 1)),
        ("380101000000000+", ms(1938, 1, 1)),
        ("000000001000000R", NOW + 600 * SECOND),
        ("000000000000000R", NOW),
        ("000001000000999R", NOW + DAY),  # tenths and quarter-hours do not count
        ("000100000000000R", ms(2026, 2, 28, 12)),  # a month after the 31st of January
        ("010000000000000R", ms(2027, 1, 31, 12)),
        ("021200000000000R", ms(2029, 1, 31, 12)),
        ("020610233429000R", ms(2028, 8, 11, 11, 34, 29)),  # the specification's own
    ],
)
def test_reading(text: str, moment: int) -> None:
    assert read_time(text, NOW) == moment
    assert read_time(text.encode(), NOW) == moment


@pytest.mark.parametrize(
    "text",
    [
        "",
        "26020113000000+",
        "2602011300000000+",
        "26020113000004+ ",
        "260201130000004 ",
        "260201130000004r",
        "26020113000x004+",
        "260001130000004+",
        "261301130000004+",
        "260200130000004+",
        "260232130000004+",
        "260231130000004+",
        "250229130000004+",
        "260201240000004+",
        "260201136000004+",
        "260201130060004+",
        "260201130000049+",
        "001300000000000R",
        "000032000000000R",
        "000000240000000R",
        "000000006000000R",
        "000000000060000R",
        "²60201130000004+",
    ],
)
def test_refusing(text: str) -> None:
    with pytest.raises(TimeFormatError):
        read_time(text, NOW)


@given(st.text(max_size=20) | st.text("0123456789+-R", min_size=16, max_size=16))
def test_any_text_is_a_time_or_a_time_format_error(text: str) -> None:
    with suppress(TimeFormatError):
        assert isinstance(read_time(text, NOW), int)


@given(st.integers(ms(1938, 1, 2), ms(2037, 12, 30)), st.integers(-48, 48))
def test_an_absolute_time_comes_back_in_tenths(moment: int, quarters: int) -> None:
    assert read_time(absolute(moment, quarters), NOW) == moment // 100 * 100


@given(st.integers(0, 32 * DAY - 1))
def test_a_relative_time_comes_back_in_seconds(period: int) -> None:
    assert read_time(relative(period), NOW) == NOW + period // 1000 * 1000
    assert is_relative(relative(period))


def test_a_relative_time_is_at_most_31_days_long() -> None:
    with pytest.raises(ValueError, match="0 to 31"):
        relative(32 * DAY)


def test_the_century_is_an_argument() -> None:
    assert read_time("380101000000000+", NOW, first_year=2000) == ms(2038, 1, 1)
    assert read_time("990101000000000+", NOW, first_year=2000) == ms(2099, 1, 1)


def test_schedules() -> None:
    assert read_schedule("", NOW) == NOW
    assert read_schedule("000000000000000R", NOW) == NOW
    assert read_schedule("000000000100000R", NOW) == NOW + 60 * SECOND
    assert read_schedule("250101000000000+", NOW) == NOW
    with pytest.raises(TimeFormatError, match="past"):
        read_schedule("250101000000000+", NOW, past_is_error=True)


@pytest.mark.parametrize("text", ["000000000000000R", "250101000000000+", absolute(NOW)])
def test_a_validity_must_end_in_the_future(text: str) -> None:
    with pytest.raises(TimeFormatError):
        read_validity(text, NOW)


def test_a_validity_must_outlast_the_schedule() -> None:
    assert read_validity("000000000200000R", NOW, NOW + 119 * SECOND) == NOW + 120 * SECOND
    with pytest.raises(TimeFormatError, match="scheduled"):
        read_validity("000000000200000R", NOW, NOW + 120 * SECOND)


def test_relative_is_told_from_absolute() -> None:
    assert is_relative(b"000000000200000R")
    assert not is_relative("260201130000004+")
    assert not is_relative(b"")
