"""Norwegian civil dates of moments on the SMSC clock: months for caps, lapses and the 18-month rule."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

OSLO: Final = ZoneInfo("Europe/Oslo")


def local(now: int) -> datetime:
    """Civil time in Norway."""
    return datetime.fromtimestamp(now / 1000, OSLO)


def month_of(now: int) -> str:
    """The calendar month, as ``2026-01``."""
    return local(now).isoformat()[:7]


def minute_of(now: int) -> str:
    """Date and time for people, as ``31.12.2026 23:59``."""
    return local(now).strftime("%d.%m.%Y %H:%M")


def add_months(moment: int, months: int) -> int:
    """The same day and time of day ``months`` later, or that month's last day when it is shorter."""
    start = local(moment)
    index = start.year * 12 + start.month - 1 + months
    year, month = divmod(index, 12)
    day = min(start.day, monthrange(year, month + 1)[1])
    return _milliseconds(start.replace(year=year, month=month + 1, day=day)) + moment % 1000


def utc_text(moment: int | None) -> str | None:
    """RFC 3339 in UTC, as ``2024-05-01T10:00:00Z``; None stays None."""
    if moment is None:
        return None
    return datetime.fromtimestamp(moment / 1000, UTC).isoformat()[:19] + "Z"


def local_text(moment: int | None) -> str | None:
    """The same in civil time with the hours of its offset alone, as the register is recorded to write it:
    ``2023-06-29T10:14:52+02``.
    """
    if moment is None:
        return None
    text = local(moment).isoformat()
    return text[:19] + text[-6:-3]


def _milliseconds(moment: datetime) -> int:
    return int(moment.replace(microsecond=0).timestamp()) * 1000
