"""Fødselsnummer and D-number: checking, and making synthetic ones that no person can have.

Eleven digits ``ddmmyy iii k1 k2`` (Skatteetaten, PID 2032). A D-number has 40 added to the day, a
synthetic number 80 to the month (Tenor), 40 (NAV) or 65 (the health network). Numbers with 40 are also
H-numbers, which stand for real patients: only those with 80 are certainly nobody's. Numbers issued from
2032 on may leave a remainder of 1, 2 or 3 at the first check digit, and their century cannot be told;
both rules are accepted.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Collection, Iterator
from itertools import count
from typing import Final, NamedTuple

_WEIGHTS_1: Final = (3, 7, 6, 1, 8, 9, 4, 5, 2, 1)
_WEIGHTS_2: Final = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1)
_CENTURIES: Final = (1800, 1900, 2000)
_D_NUMBER: Final = 40
TENOR: Final = 80
#: What a synthetic number may have added to the month; a real one has nothing.
MARKS: Final = (40, 65, TENOR)
_MONTH_OFFSETS: Final = (0, *MARKS)


class Identifier(NamedTuple):
    """What a valid number tells. ``mark`` is what was added to the month, 0 for a real person's number;
    ``rule`` is ``old`` (remainder 0) or ``2032`` (remainder 1-3)."""

    text: str
    d_number: bool
    mark: int
    rule: str

    def __repr__(self) -> str:
        return f"Identifier(mark={self.mark}, rule={self.rule!r})"


def read(text: str) -> Identifier | None:
    """The number, or None when it cannot be one."""
    if len(text) != 11 or not (text.isascii() and text.isdigit()):
        return None
    digits = [int(character) for character in text]
    first = _weighted(digits, _WEIGHTS_1)
    if first > 3 or _weighted(digits, _WEIGHTS_2) != 0:
        return None
    day, month, year = int(text[:2]), int(text[2:4]), int(text[4:6])
    d_number = day > _D_NUMBER
    offset = max(offset for offset in _MONTH_OFFSETS if month > offset or offset == 0)
    if not _exists(day - _D_NUMBER * d_number, month - offset, year):
        return None
    return Identifier(text, d_number, offset, "2032" if first else "old")


def is_synthetic(text: object, marks: Collection[int] = (TENOR,)) -> bool:
    """Whether it is a valid number that carries one of the marks: nobody can have it."""
    number = read(text) if isinstance(text, str) else None
    return number is not None and number.mark in marks


def make(day: int, month: int, year: int, individual: int) -> str | None:
    """The synthetic number (month + 80, old rule) of a two-digit ``year`` and a three-digit individual
    number; None when that number is not issued because a check digit would be 10."""
    head = f"{day:02d}{month + TENOR:02d}{year:02d}{individual:03d}"
    for weights in (_WEIGHTS_1, _WEIGHTS_2):
        # The weight of the check digit itself is 1, so it is what is missing to a multiple of 11.
        check = -_weighted([int(character) for character in head], weights) % 11
        if check == 10:
            return None
        head += str(check)
    return head


def synthetic() -> Iterator[str]:
    """Millions of valid synthetic numbers, always in the same order: people born 1950-1999."""
    for individual in range(500):
        for serial in count():
            year, rest = divmod(serial, 12 * 28)
            if year == 50:
                break
            number = make(rest % 28 + 1, rest // 28 + 1, 50 + year, individual)
            if number is not None:
                yield number


def _weighted(digits: list[int], weights: tuple[int, ...]) -> int:
    return sum(digit * weight for digit, weight in zip(digits, weights, strict=False)) % 11


def _exists(day: int, month: int, year: int) -> bool:
    # The century cannot always be told, so any in which the day exists will do.
    return 1 <= month <= 12 and any(
        1 <= day <= monthrange(century + year, month)[1] for century in _CENTURIES
    )
