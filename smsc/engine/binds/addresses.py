"""address_range of a bind: for which of its account's numbers this one bind receives [SMPP 3.4 §5.2.7].

A UNIX regular expression there; understood are digits, ``.``, ``[...]``, one or two ``*``, ``^``, ``$`` and
``|`` between several addresses. A plain number means itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Generic, TypeVar

T = TypeVar("T")

_LEGAL = re.compile(r"(\^?\+?([0-9.]\*?|\[\^?[0-9-]+\]\*?)*\$?)(\|\^?\+?([0-9.]\*?|\[\^?[0-9-]+\]\*?)*\$?)*")
_MOST_STARS = 2  # more would let one pattern take very long


class AddressRange:
    """Whether a number (E.164, no plus) is in an address_range. `prefixes`: digits of which a number in it
    begins with one; an empty one stands for any."""

    def __init__(self, parts: list[str]) -> None:
        """ValueError when the parts are no expressions."""
        try:
            self.pattern = re.compile("|".join(parts))
        except re.error as error:
            raise ValueError(f"address_range {'|'.join(parts)!r}: {error}") from None
        self.prefixes = tuple({_prefix(part) for part in parts})

    def __call__(self, number: int) -> bool:
        return self.pattern.search(str(number)) is not None


def matcher(address_range: str) -> AddressRange | None:
    """What an address_range means; None when the range is empty or all.

    Raises ValueError for what is not understood.
    """
    if address_range in ("", "*", ".*", "^.*", "^.*$"):
        return None
    if not _LEGAL.fullmatch(address_range) or address_range.count("*") > _MOST_STARS:
        raise ValueError(f"address_range {address_range!r} is not understood")
    return AddressRange([_anchored(part) for part in address_range.replace("+", "").split("|")])


def _anchored(part: str) -> str:
    """A plain number is the whole number; an expression matches anywhere unless it is anchored."""
    return f"^{part}$" if part.isdigit() else part


def _prefix(part: str) -> str:
    """The digits that every number begins with that an anchored expression matches."""
    literal = re.match(r"\^(\d*)(\*?)", part)
    if literal is None:
        return ""
    return literal[1][:-1] if literal[2] else literal[1]


class RangeIndex(Generic[T]):
    """Binds by the beginning of the numbers that they serve, so that to find those of a number costs its
    digits and not the binds there are."""

    def __init__(self, binds: Iterable[tuple[T, AddressRange | None]]) -> None:
        self.by_prefix: dict[str, list[tuple[int, T, AddressRange | None]]] = {}
        for place, (bind, serves) in enumerate(binds):
            for prefix in ("",) if serves is None else serves.prefixes:
                self.by_prefix.setdefault(prefix, []).append((place, bind, serves))

    def find(self, number: int) -> list[T]:
        """The binds that serve a number, in the order of their coming."""
        digits = str(number)
        ends = range(len(digits) + 1)
        rows = [row for end in ends for row in self.by_prefix.get(digits[:end], ())]
        found = {place: bind for place, bind, serves in rows if serves is None or serves(number)}
        return [found[place] for place in sorted(found)]
