"""Reading and writing moments and durations as they stand in JSON and TOML."""

import re
from datetime import UTC, datetime, timedelta

from smsc.coverage.errors import CoverageError
from smsc.coverage.outages import FOREVER

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_UNIT_MS = {
    "ms": 1,
    "s": 1_000,
    "m": 60_000,
    "min": 60_000,
    "h": 3_600_000,
    "d": 86_400_000,
    "w": 604_800_000,
}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|min|[smhdw])")


def read_moment(value: object, field: str) -> int:
    """Return ms since the epoch for an int (ms), an ISO 8601 text or a datetime, both with offset."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < FOREVER:
        return value
    moment = value
    if isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            moment = None
    if isinstance(moment, datetime) and moment.tzinfo is not None and moment >= _EPOCH:
        return (moment - _EPOCH) // timedelta(milliseconds=1)
    raise CoverageError(field, value, "a moment like 2026-01-01T12:00:00Z, or ms since 1970")


def write_moment(moment: int) -> str | None:
    """Return `moment` as ISO 8601 in UTC, None for FOREVER."""
    if moment >= FOREVER:
        return None
    text = (_EPOCH + timedelta(milliseconds=moment)).isoformat(
        timespec="milliseconds" if moment % 1000 else "seconds"
    )
    return text.replace("+00:00", "Z")


def read_duration(value: object, field: str) -> int:
    """Return ms for a number of seconds, or a text like "40m", "1h30m", "250ms"."""
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1e12:
        return round(value * 1000)
    if isinstance(value, str):
        parts = _DURATION.findall(value)
        if parts and "".join(number + unit for number, unit in parts) == value:
            return round(sum(float(number) * _UNIT_MS[unit] for number, unit in parts))
    raise CoverageError(field, value, "seconds, or a text like 40m, 1h30m, 250ms")
