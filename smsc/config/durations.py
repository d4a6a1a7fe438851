"""The durations of the configuration: message time, link time, and schedules of retries."""

import math
import re
from typing import Annotated

from pydantic import BeforeValidator

from smsc.durations import parse_duration

_REPEAT = re.compile(r"(.*\S)\s*x\s*(\d+)\s*", re.ASCII)
_MAX_REPEAT = 1000


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
