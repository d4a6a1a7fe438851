"""Durations as people write them, `"72h"`, `"2 min"`, `"1h 30min"`, `5`: the only place that reads them."""

import math
import re
from decimal import Decimal
from typing import Annotated

from pydantic import BeforeValidator

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
_PIECE = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([a-z]*)", re.ASCII)
_REPEAT = re.compile(r"(.*\S)\s*x\s*(\d+)\s*", re.ASCII)
_EXPECTED = 'a duration such as "500ms", "30s", "2 min", "72h", "7d" or a number of seconds'
_MAX_MS = 100 * 365 * 86_400_000
_MAX_REPEAT = 1000


def parse_duration(given: object) -> int:
    """Milliseconds of `given`; a bare number is seconds. ValueError says what is expected."""
    if isinstance(given, bool) or not isinstance(given, (int, float, str)):
        raise ValueError(_EXPECTED)
    if isinstance(given, str):
        ms = _parse_text(given.strip().lower())
    else:
        ms = round(given * 1000) if math.isfinite(given) else -1
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


def parse_schedule(given: object) -> tuple[int, ...]:
    """Milliseconds of each wait of a retry schedule; `"1h x 23"` is 23 waits, the last repeats for ever."""
    if not isinstance(given, (list, tuple)) or not given:
        raise ValueError('a list of durations such as ["30s", "2min", "1h x 23", "6h"]; the last one repeats')
    waits: list[int] = []
    for item in given:
        repeated = _REPEAT.fullmatch(item) if isinstance(item, str) else None
        wait = parse_duration(repeated[1] if repeated else item)
        times = int(repeated[2]) if repeated else 1
        if wait == 0 or not 1 <= times <= _MAX_REPEAT:
            raise ValueError(f"waits longer than 0, each repeated 1 to {_MAX_REPEAT} times")
        waits += [wait] * times
    return tuple(waits)


def _timer(given: object) -> float:
    return math.inf if given in ("off", math.inf) else parse_duration(given) / 1000


#: Message time: milliseconds on the SMSC clock.
Milliseconds = Annotated[int, BeforeValidator(parse_duration)]
#: Link time: seconds on the real monotonic clock; "off" is infinity.
Seconds = Annotated[float, BeforeValidator(_timer)]
#: Waits between attempts, milliseconds; the last one repeats.
Schedule = Annotated[tuple[int, ...], BeforeValidator(parse_schedule)]
