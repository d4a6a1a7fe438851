"""Moments: milliseconds since 1970 inside, RFC 3339 text outside, and how late the latest may be. The one
rule.

Of what is planned from a moment on, by durations of up to a hundred years, the end must still be a date.
"""

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
#: No clock shows this moment, and nothing is planned from it on: the beginning of the year 9000.
LATEST_YEAR = 9000
LATEST = (datetime(LATEST_YEAR, 1, 1, tzinfo=UTC) - _EPOCH) // timedelta(milliseconds=1)
_LAST_WRITTEN = (datetime.max.replace(tzinfo=UTC) - _EPOCH) // timedelta(milliseconds=1)


def milliseconds(moment: datetime) -> int:
    """Milliseconds since 1970 of an aware moment, exact. ValueError outside of the years 1970 to 8999."""
    delta = moment - _EPOCH
    found = (delta.days * 86_400 + delta.seconds) * 1000 + delta.microseconds // 1000
    if not 0 <= found < LATEST:
        raise ValueError(f"a moment from the year 1970 on and before the year {LATEST_YEAR}")
    return found


def moment_text(at: int) -> str:
    """RFC 3339 with milliseconds, in UTC. Total: what is later than a date can be is the last one."""
    moment = _EPOCH + timedelta(milliseconds=max(0, min(at, _LAST_WRITTEN)))
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
