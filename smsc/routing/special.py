"""Numbers that a service answers: emergency centres, 116 helplines, SMS short codes; each with its dates.

Times are milliseconds on the SMSC clock. An assignment holds from `assigned_from` up to, not including,
`assigned_to`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar
from zoneinfo import ZoneInfo

from smsc.routing.plan_data import NumberingRules, document, is_of

FOREVER = 2**62
_OSLO = ZoneInfo("Europe/Oslo")


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
class ShortCode:
    """An SMS short code. `provider` is the system_id that gets its messages, `sharing` those that get some of
    them by keyword; the price is the first one's for one message."""

    number: int
    provider: str | None = None
    price_nok: float = 0.0
    service: str = ""
    assigned_from: int = 0
    assigned_to: int = FOREVER
    sharing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HeldNumber:
    """A number assigned directly to its holder: five-digit, provider-specific, directory enquiries.

    `account` is the system_id that takes its SMS, None while the holder has not set SMS up.
    """

    number: int
    holder: str
    assigned_from: int = 0
    assigned_to: int = FOREVER
    account: str | None = None


_Dated = TypeVar("_Dated", Helpline, ShortCode, HeldNumber)


class Dated(Generic[_Dated]):
    """Assignments of one sort by number and time; those of one number never overlap."""

    __slots__ = ("_by_number",)

    def __init__(self, assignments: Iterable[_Dated] = ()) -> None:
        self._by_number: dict[int, list[_Dated]] = {}
        for assignment in assignments:
            self.add(assignment)

    def add(self, new: _Dated) -> None:
        """Add an assignment. Raises ValueError when it ends before it begins or overlaps another."""
        if new.assigned_from >= new.assigned_to:
            raise ValueError(f"{new.number}: the assignment ends before it begins")
        for other in self._by_number.get(new.number, ()):
            if new.assigned_from < other.assigned_to and other.assigned_from < new.assigned_to:
                raise ValueError(f"{new.number} is assigned already at that time")
        self._by_number.setdefault(new.number, []).append(new)

    def remove(self, number: int) -> bool:
        """Drop every assignment of a number; tell whether there was one."""
        return self._by_number.pop(number, None) is not None

    def at(self, number: int, now: int) -> _Dated | None:
        """Return the assignment that holds at `now`."""
        held = self._by_number.get(number, ())
        return next((entry for entry in held if entry.assigned_from <= now < entry.assigned_to), None)

    def all_at(self, now: int) -> Iterator[_Dated]:
        """Yield the assignments that hold at `now`, by number."""
        return (found for number in sorted(self._by_number) if (found := self.at(number, now)) is not None)

    def next_change(self, now: int) -> int:
        """Return the next moment after `now` at which an assignment begins or ends, else FOREVER."""
        moments = (
            moment
            for held in self._by_number.values()
            for entry in held
            for moment in (entry.assigned_from, entry.assigned_to)
        )
        return min((moment for moment in moments if moment > now), default=FOREVER)


class SpecialNumbers:
    """Helplines, short codes and numbers held directly, over time."""

    def __init__(
        self,
        helplines: Iterable[Helpline] = (),
        codes: Iterable[ShortCode] = (),
        held: Iterable[HeldNumber] = (),
    ) -> None:
        self._helplines: Dated[Helpline] = Dated()
        self._codes: Dated[ShortCode] = Dated()
        self._held: Dated[HeldNumber] = Dated()
        for helpline in helplines:
            self.add_helpline(helpline)
        for code in codes:
            self.add_code(code)
        for number in held:
            self.add_held(number)

    def add_helpline(self, helpline: Helpline) -> None:
        """Assign a 116 number. Raises ValueError when it is none or is assigned then already."""
        if not is_of("eu_harmonised_116", helpline.number):
            raise ValueError(f"{helpline.number} is no 116 number")
        self._helplines.add(helpline)

    def add_code(self, code: ShortCode) -> None:
        """Assign a short code. Raises ValueError when it has not 4 or 5 digits or is assigned then."""
        if len(str(code.number)) not in (6, 7):
            raise ValueError(f"{code.number} is no key of a 4- or 5-digit short code")
        self._codes.add(code)

    def add_held(self, number: HeldNumber) -> None:
        """Assign a number directly. Raises ValueError when it is assigned then already."""
        self._held.add(number)

    def remove_helpline(self, number: int) -> bool:
        """Drop every assignment of a 116 number; tell whether there was one."""
        return self._helplines.remove(number)

    def remove_code(self, number: int) -> bool:
        """Drop every assignment of a short code; tell whether there was one."""
        return self._codes.remove(number)

    def remove_held(self, number: int) -> bool:
        """Drop every direct assignment of a number; tell whether there was one."""
        return self._held.remove(number)

    def helpline(self, number: int, now: int) -> Helpline | None:
        """Return the assignment of a 116 number that holds at `now`."""
        return self._helplines.at(number, now)

    def code(self, number: int, now: int) -> ShortCode | None:
        """Return the assignment of a short code that holds at `now`."""
        return self._codes.at(number, now)

    def held(self, number: int, now: int) -> HeldNumber | None:
        """Return the direct assignment of a number that holds at `now`."""
        return self._held.at(number, now)

    def helplines(self, now: int) -> Iterator[Helpline]:
        """Yield the helplines assigned at `now`, by number."""
        return self._helplines.all_at(now)

    def codes(self, now: int) -> Iterator[ShortCode]:
        """Yield the short codes assigned at `now`, by number."""
        return self._codes.all_at(now)

    def held_numbers(self, now: int) -> Iterator[HeldNumber]:
        """Yield the numbers assigned directly at `now`, by number."""
        return self._held.all_at(now)

    def users(self, now: int) -> dict[int, frozenset[str]]:
        """Return by number which accounts may send from it, as those that take what is sent to it."""
        users: dict[int, frozenset[str]] = {}
        for code in self.codes(now):
            if code.provider is not None:
                users[code.number] = frozenset((code.provider, *code.sharing))
        for table in (self.helplines(now), self.held_numbers(now)):
            users |= {row.number: frozenset((row.account,)) for row in table if row.account is not None}
        return users

    def next_change(self, now: int) -> int:
        """Return the next moment after `now` at which an assignment begins or ends, else FOREVER."""
        return min(table.next_change(now) for table in (self._helplines, self._codes, self._held))


def midnight(date: str) -> int:
    """Return the moment at which the ISO date begins in Norway. Raises ValueError."""
    begin = datetime.strptime(date, "%Y-%m-%d").replace(tzinfo=_OSLO)
    return int(begin.timestamp() * 1000)


def day_of(moment: int) -> str:
    """Return the ISO date in Norway of a moment."""
    return datetime.fromtimestamp(moment / 1000, _OSLO).date().isoformat()


def default_helplines(rules: NumberingRules | None = None) -> list[Helpline]:
    """Return the helplines assigned in Norway; none takes SMS until configured."""
    rules = NumberingRules() if rules is None else rules
    return [
        Helpline(int("47" + entry["number"]), entry["holder"], entry["service"], _moment(entry.get("from")))
        for entry in document()["helplines"]
        if entry["assigned"] and (entry["number"] != "116006" or rules.helpline_116006_assigned)
    ]


def _moment(date: str | None) -> int:
    return 0 if date is None else midnight(date)
