"""Durations as people write them, `"72h"`, `"2 min"`, `"1h30m"`, `5`: the only place that reads them."""

import re
from decimal import Decimal

_UNITS_MS = {
    "ms": 1,
    "s": 1000,
    "sec": 1000,
    "second": 1000,
    "seconds": 1000,
    "m": 60_000,
    "min": 60_000,
    "minute": 60_000,
    "minutes": 60_000,
    "h": 3_600_000,
    "hour": 3_600_000,
    "hours": 3_600_000,
    "d": 86_400_000,
    "day": 86_400_000,
    "days": 86_400_000,
    "w": 604_800_000,
    "week": 604_800_000,
    "weeks": 604_800_000,
}
_PIECE = re.compile(r"\s*(\d{1,15}(?:\.\d{1,15})?)\s*([a-z]*)", re.ASCII)
_EXPECTED = 'a duration such as "500ms", "30s", "2 min", "72h", "7d" or a number of seconds'
_MAX_MS = 100 * 365 * 86_400_000


def parse_duration(given: object) -> int:
    """Milliseconds of `given`; a bare number is seconds. ValueError says what is expected."""
    if isinstance(given, bool) or not isinstance(given, (int, float, str)):
        raise ValueError(_EXPECTED)
    if isinstance(given, str):
        ms = _parse_text(given.strip().lower())
    else:
        ms = round(given * 1000) if 0 <= given <= _MAX_MS else -1
    if not 0 <= ms <= _MAX_MS:
        raise ValueError(f"{_EXPECTED}, not negative and at most 100 years")
    return ms


def _parse_text(text: str) -> int:
    total, position = Decimal(0), 0
    while position < len(text) or not text:
        piece = _PIECE.match(text, position)
        # A bare number is seconds only when it is the whole text: "1h 30" would be a guess.
        if piece is None or (not piece[2] and piece.span() != (0, len(text))):
            raise ValueError(_EXPECTED)
        unit = _UNITS_MS.get(piece[2] or "s")
        if unit is None:
            raise ValueError(f"{_EXPECTED}; {piece[2]!r} is no unit")
        total += Decimal(piece[1]) * unit
        position = piece.end()
    return round(total)
