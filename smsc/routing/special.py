"""Numbers that a service answers: emergency centres, 116 helplines, SMS short codes; each with its dates.

Times are milliseconds on the SMSC clock. An assignment holds from `assigned_from` up to, not including,
`assigned_to`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from typing import TypeVar

from smsc.routing.plan_data import NumberingRules, document

FOREVER = 2**62


def _emergency() -> tuple[dict[int, str], dict[int, int]]:
    centres, numbers = {}, {}
    for entry in document()["emergency"]:
        number, alias = int("47" + entry["number"]), int("47" + entry["alias"])
        centres[number] = centres[alias] = entry["centre"]
        numbers[alias] = number
    return centres, numbers


EMERGENCY: dict[int, str]
"""Key of every number of an emergency centre -> fire, police or medical."""

EMERGENCY_NUMBER: dict[int, int]
"""Key of 110, 112 and 113 -> key of the 59 555 11x number of the same centre."""

EMERGENCY, EMERGENCY_NUMBER = _emergency()


@dataclass(frozen=True, slots=True)
class Helpline:
    """A 116 number in the hands of a holder. `account` is the system_id that takes its SMS, None for none."""

    number: int
    holder: str
    service: str
    assigned_from: int = 0
    assigned_to: int = FOREVER
    sms: bool = False
    account: str | None = None


@dataclass(frozen=True, slots=True)
class KeywordRule:
    """Which provider answers to a keyword on a shared code. `mode`: exact, starts_with or wildcard."""

    mode: str
    text: str
    provider: str

    def __post_init__(self) -> None:
        if self.mode not in ("exact", "starts_with", "wildcard"):
            raise ValueError(f"keyword mode {self.mode!r} is none of exact, starts_with, wildcard")


@dataclass(frozen=True, slots=True)
class ShortCode:
    """An SMS short code. `provider` is the system_id that gets what no keyword rule claims, None for nobody.

    `price_nok` is what a message to the code costs its sender, in kroner.
    """

    number: int
    provider: str | None = None
    price_nok: float = 0.0
    service: str = ""
    keywords: tuple[KeywordRule, ...] = ()
    assigned_from: int = 0
    assigned_to: int = FOREVER


_Dated = TypeVar("_Dated", Helpline, ShortCode)


class SpecialNumbers:
    """Helplines and short codes over time. Several assignments of one number must not overlap."""

    def __init__(self, helplines: Iterable[Helpline] = (), codes: Iterable[ShortCode] = ()) -> None:
        self._helplines: dict[int, list[Helpline]] = {}
        self._codes: dict[int, list[ShortCode]] = {}
        for helpline in helplines:
            self.add_helpline(helpline)
        for code in codes:
            self.add_code(code)

    def add_helpline(self, helpline: Helpline) -> None:
        """Assign a 116 number. Raises ValueError when it is no 116 number or is assigned at that time."""
        if not 47116000 <= helpline.number <= 47116999:
            raise ValueError(f"{helpline.number} is no 116 number")
        _add(self._helplines, helpline)

    def add_code(self, code: ShortCode) -> None:
        """Assign a short code. Raises ValueError when it has not 4 or 5 digits or is assigned then."""
        if len(str(code.number)) not in (6, 7):
            raise ValueError(f"{code.number} is no key of a 4- or 5-digit short code")
        _add(self._codes, code)

    def remove_helpline(self, number: int) -> bool:
        """Drop every assignment of a 116 number; tell whether there was one."""
        return self._helplines.pop(number, None) is not None

    def remove_code(self, number: int) -> bool:
        """Drop every assignment of a short code; tell whether there was one."""
        return self._codes.pop(number, None) is not None

    def helpline(self, number: int, now: int) -> Helpline | None:
        """Return the assignment of a 116 number that holds at `now`."""
        return _at(self._helplines.get(number, ()), now)

    def code(self, number: int, now: int) -> ShortCode | None:
        """Return the assignment of a short code that holds at `now`."""
        return _at(self._codes.get(number, ()), now)

    def helplines(self, now: int) -> Iterator[Helpline]:
        """Yield the helplines assigned at `now`, by number."""
        return (found for number in sorted(self._helplines) if (found := self.helpline(number, now)))

    def codes(self, now: int) -> Iterator[ShortCode]:
        """Yield the short codes assigned at `now`, by number."""
        return (found for number in sorted(self._codes) if (found := self.code(number, now)))

    def next_change(self, now: int) -> int:
        """Return the next moment after `now` at which an assignment begins or ends, else FOREVER."""
        dated: list[Helpline | ShortCode] = [*chain(*self._helplines.values())]
        dated += chain(*self._codes.values())
        moments = [moment for entry in dated for moment in (entry.assigned_from, entry.assigned_to)]
        return min((moment for moment in moments if moment > now), default=FOREVER)


def _add(held: dict[int, list[_Dated]], new: _Dated) -> None:
    if new.assigned_from >= new.assigned_to:
        raise ValueError(f"{new.number}: the assignment ends before it begins")
    for other in held.get(new.number, ()):
        if new.assigned_from < other.assigned_to and other.assigned_from < new.assigned_to:
            raise ValueError(f"{new.number} is assigned already at that time")
    held.setdefault(new.number, []).append(new)


def _at(held: Iterable[_Dated], now: int) -> _Dated | None:
    return next((entry for entry in held if entry.assigned_from <= now < entry.assigned_to), None)


def default_helplines(rules: NumberingRules | None = None) -> list[Helpline]:
    """Return the helplines assigned in Norway; none takes SMS until configured."""
    rules = NumberingRules() if rules is None else rules
    return [
        Helpline(int("47" + entry["number"]), entry["holder"], entry["service"], _moment(entry.get("from")))
        for entry in document()["helplines"]
        if entry["assigned"] and (entry["number"] != "116006" or rules.helpline_116006_assigned)
    ]


def _moment(date: str | None) -> int:
    return 0 if date is None else int(datetime.fromisoformat(date).replace(tzinfo=UTC).timestamp() * 1000)
