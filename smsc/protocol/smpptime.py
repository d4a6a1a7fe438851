"""Absolute and relative time, `YYMMDDhhmmsstnnp` [SMPP 3.4 §7.1.1]. Times are milliseconds since the Unix
epoch."""

import calendar
from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
#: 00-37 are 2000-2037, 38-99 are 1938-1999 [3.4 App. C].
FIRST_YEAR = 1938
QUARTER_HOUR = 900_000


class TimeFormatError(ValueError):
    """The text is no legal time, or a time that the field may not have. The message says what is wrong."""


def read_time(text: str | bytes, now: int, first_year: int = FIRST_YEAR) -> int:
    """The moment that 16 characters name. `first_year` begins the century that two-digit years fall into.

    A relative time counts months and years by the UTC calendar, the day cut to the month's last [3.4
    §7.1.1.2]; its 00 months and days are legal, whatever 5.0's table says, since "ten minutes" needs them.
    """
    chars = text.decode("latin-1") if isinstance(text, bytes) else text
    if len(chars) != 16:
        raise TimeFormatError(f"{len(chars)} characters, 16 are legal")
    digits, sign = chars[:15], chars[15]
    if not (digits.isascii() and digits.isdigit()) or sign not in "+-R":
        raise TimeFormatError("not fifteen digits and one of + - R")
    year, month, day, hour, minute, second = (int(digits[i : i + 2]) for i in range(0, 12, 2))
    if hour > 23 or minute > 59 or second > 59:
        raise TimeFormatError("no such time of day")
    clock = timedelta(hours=hour, minutes=minute, seconds=second)
    if sign == "R":
        if month > 12 or day > 31:
            raise TimeFormatError("more than 12 months or 31 days")
        return _later(now, year * 12 + month, clock + timedelta(days=day))
    quarters = int(digits[13:15])
    if quarters > 48:
        raise TimeFormatError("more than 48 quarter-hours from UTC")
    try:
        date = datetime(first_year + (year - first_year) % 100, month, day, tzinfo=UTC)
    except ValueError:
        raise TimeFormatError("no such date") from None
    local = _milliseconds(date + clock) + int(digits[12]) * 100
    return local - quarters * QUARTER_HOUR if sign == "+" else local + quarters * QUARTER_HOUR


def read_schedule(
    text: str | bytes, now: int, first_year: int = FIRST_YEAR, *, past_is_error: bool = False
) -> int:
    """schedule_delivery_time: `now` when empty, nil or past (the last is a TimeFormatError if so wished)."""
    if not text:
        return now
    moment = read_time(text, now, first_year)
    if moment < now and past_is_error:
        raise TimeFormatError("in the past")
    return max(moment, now)


def read_validity(
    text: str | bytes, now: int, schedule: int | None = None, first_year: int = FIRST_YEAR
) -> int:
    """validity_period, not empty: TimeFormatError when nil, past, or not after the schedule."""
    moment = read_time(text, now, first_year)
    if moment <= now:
        raise TimeFormatError("over before it begins")
    if schedule is not None and moment <= schedule:
        raise TimeFormatError("over before the scheduled delivery")
    return moment


def is_relative(text: str | bytes) -> bool:
    return text[-1:] in ("R", b"R")


def absolute(moment: int, quarters: int = 0) -> str:
    """The 16 characters of a moment in local time, `quarters` quarter-hours ahead of UTC (4 CET, 8 CEST)."""
    local = EPOCH + timedelta(milliseconds=moment + quarters * QUARTER_HOUR)
    tenth = local.microsecond // 100_000
    return f"{local:%y%m%d%H%M%S}{tenth}{abs(quarters):02d}{'-' if quarters < 0 else '+'}"


def relative(milliseconds: int) -> str:
    """The 16 characters of a period of 0 to 31 days, in whole seconds. ValueError beyond."""
    minutes, seconds = divmod(milliseconds // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if not 0 <= days <= 31:
        raise ValueError(f"a relative time of {days} days, 0 to 31 are possible")
    return f"0000{days:02d}{hours:02d}{minutes:02d}{seconds:02d}000R"


def _later(now: int, months: int, rest: timedelta) -> int:
    start = EPOCH + timedelta(milliseconds=now)
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    day = min(start.day, calendar.monthrange(year, month + 1)[1])
    return _milliseconds(start.replace(year=year, month=month + 1, day=day) + rest)


def _milliseconds(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(milliseconds=1)
