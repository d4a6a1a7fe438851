"""address_range of a bind: for which of its account's numbers this one bind receives [SMPP 3.4 §5.2.7].

A UNIX regular expression there; understood are digits, ``.``, ``[...]``, one or two ``*``, ``^``, ``$`` and
``|`` between several addresses. A plain number means itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable

_LEGAL = re.compile(r"(\^?\+?([0-9.]\*?|\[\^?[0-9-]+\]\*?)*\$?)(\|\^?\+?([0-9.]\*?|\[\^?[0-9-]+\]\*?)*\$?)*")
_MOST_STARS = 2  # more would let one pattern take very long


def matcher(address_range: str) -> Callable[[int], bool] | None:
    """Whether a number (E.164, no plus) is in the range; None when the range is empty or all.

    Raises ValueError for what is not understood.
    """
    if address_range in ("", "*", ".*", "^.*", "^.*$"):
        return None
    if not _LEGAL.fullmatch(address_range) or address_range.count("*") > _MOST_STARS:
        raise ValueError(f"address_range {address_range!r} is not understood")
    parts = [_anchored(part) for part in address_range.replace("+", "").split("|")]
    try:
        pattern = re.compile("|".join(parts))
    except re.error as error:
        raise ValueError(f"address_range {address_range!r}: {error}") from None
    return lambda number: pattern.search(str(number)) is not None


def _anchored(part: str) -> str:
    """A plain number is the whole number; an expression matches anywhere unless it is anchored."""
    return f"^{part}$" if part.isdigit() else part
