"""Reading and writing moments and durations as they stand in JSON and TOML."""

from datetime import UTC, datetime, timedelta

from smsc.coverage.errors import CoverageError
from smsc.coverage.outages import FOREVER
from smsc.durations import parse_duration
from smsc.moments import LATEST

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def read_moment(value: object, field: str) -> int:
    """Return ms since the epoch for an int (ms), an ISO 8601 text or a datetime, both with offset."""
    moment = value
    if isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            moment = None
    if isinstance(moment, datetime) and moment.tzinfo is not None:
        moment = (moment - _EPOCH) // timedelta(milliseconds=1)
    if isinstance(moment, int) and not isinstance(moment, bool) and 0 <= moment < LATEST:
        return moment
    raise CoverageError(
        field, value, "a moment like 2026-01-01T12:00:00Z, or ms since 1970, before the year 9000"
    )


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
    try:
        return parse_duration(value)
    except ValueError as error:
        raise CoverageError(field, value, str(error)) from None
