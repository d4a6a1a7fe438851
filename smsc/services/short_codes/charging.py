"""What content services cost whom: charges in whole øre, caps per message and month.

A charge is reserved when the message is accepted, so that the caps hold for what is still on its way,
and becomes a record when the message is delivered; a message that fails costs nothing.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from smsc.services.base import SERVERS, Journal, Row, Rows, masked, row_of
from smsc.services.calendar import month_of, utc_text
from smsc.services.sums import Sums

_GONE_AT_MOST: Final = 4096  # places of records that are no more, before they are cleared away


@dataclass(frozen=True, slots=True)
class Charge:
    """One charge of one subscriber.

    ``id`` is 0 until the message is delivered, ``at`` is when it was accepted, in ms, ``code`` is as
    dialled, with its dialogue digits; ``direction`` is ``mo`` or ``mt``.
    """

    id: int
    at: int
    payer: int
    code: str
    keyword: str
    provider: str
    direction: str
    message_id: int
    price_ore: int

    def __repr__(self) -> str:
        return f"Charge({self.id}, {masked(self.payer)}, {self.code}, {self.price_ore} øre)"

    def flat(self) -> dict[str, object]:
        """The record as it is exported; ``id`` and ``message_id`` are decimal strings."""
        row = row_of(self)
        return {
            **row,
            "id": str(self.id),
            "at": utc_text(self.at),
            "payer": str(self.payer),
            "message_id": str(self.message_id),
        }


@dataclass(frozen=True, slots=True)
class Caps:
    """Most that content services may cost a subscriber, in øre. The EU's limits for payment on the
    phone bill are EUR 50 a transaction and EUR 300 a month; here in round kroner."""

    message_ore: int = 50_000
    month_ore: int = 300_000


class Charges(Rows):
    """The charging records. At most ``keep`` of them stay; the totals count them all."""

    def __init__(self, caps: Caps, journal: Journal, keep: int = 1_000_000) -> None:
        self.caps = caps
        self._journal = journal
        self._keep = keep
        self._last_id = 0
        self._reserved: dict[int, Charge] = {}
        self._records: dict[int, Charge] = {}
        self._order: list[int] = []  # their ids, which have gaps where several servers give them
        self._gone = 0  # how many at the head of that are no more
        #: payer and server in one -> (month, øre), reservations included; only the latest month counts.
        self._spent: dict[int, tuple[str, int]] = {}
        self._servers = {0}  # those that have spent something for somebody
        #: month/provider/direction -> records, øre
        self._totals = Sums("total", ("records", "ore"), journal)
        self.kinds = {
            "reserved": self._take_reserved,
            "charge": self._take_charge,
            "spent": self._take_spent,
            "spent-of": self._take_spent_of,
            **self._totals.kinds,
        }

    def allows(self, payer: int, price_ore: int, now: int) -> bool:
        """Whether the caps leave room for a price."""
        return (
            price_ore <= self.caps.message_ore and self.spent(payer, now) + price_ore <= self.caps.month_ore
        )

    def spent(self, payer: int, now: int) -> int:
        """What a subscriber has spent this calendar month, with what is on its way, in øre."""
        this_month = month_of(now)
        known = (self._spent.get(payer * SERVERS + server, ("", 0)) for server in self._servers)
        return sum(ore for month, ore in known if month == this_month)

    def reserve(self, charge: Charge) -> None:
        """Set the price of an accepted message aside."""
        self._reserved[charge.message_id] = charge
        self._journal.put(f"reserved/{charge.message_id}", row_of(charge))
        self._spend(charge.payer, month_of(charge.at), charge.price_ore)

    def settle(self, message_id: int) -> Charge | None:
        """The message was delivered: its charge becomes a record. None when it cost nothing."""
        reserved = self._reserved.pop(message_id, None)
        if reserved is None:
            return None
        self._journal.delete(f"reserved/{message_id}")
        charge = replace(reserved, id=self._journal.following(self._last_id))
        self._enter(charge)
        self._journal.put(f"charge/{charge.id}", row_of(charge))
        if len(self._records) > self._keep:
            oldest = self._order[self._gone]
            self._drop(oldest)
            self._journal.delete(f"charge/{oldest}")
        self._totals.add(f"{month_of(charge.at)}/{charge.provider}/{charge.direction}", 1, charge.price_ore)
        return charge

    def release(self, message_id: int) -> None:
        """The message failed: nobody pays."""
        charge = self._reserved.pop(message_id, None)
        if charge is not None:
            self._journal.delete(f"reserved/{message_id}")
            self._spend(charge.payer, month_of(charge.at), -charge.price_ore)

    def forget(self, payer: int) -> None:
        """Charges stay, as totals and providers' claims do; who paid them is not known any more (payer 0)."""
        for charge in [charge for charge in self._reserved.values() if charge.payer == payer]:
            self.release(charge.message_id)
        for number, charge in self._records.items():
            if charge.payer == payer:
                self._records[number] = replace(charge, payer=0)
                self._journal.put(f"charge/{number}", row_of(self._records[number]))
        for server in self._servers:
            if self._spent.pop(payer * SERVERS + server, None) is not None:
                self._journal.delete(_spent_key(payer, server))

    def page(self, after: int = 0, limit: int = 1000) -> list[Charge]:
        """Records with an id above ``after``, oldest first."""
        first = bisect_right(self._order, after, self._gone)
        return [self._records[number] for number in self._order[first : first + limit]]

    def totals(self) -> list[dict[str, object]]:
        """Records and øre by month, provider and direction."""
        return [
            {"month": month, "provider": provider, "direction": direction, "records": records, "ore": ore}
            for (month, provider, direction), (records, ore) in sorted(
                (_parts(name), sums) for name, sums in self._totals.items()
            )
        ]

    def records(self) -> Iterator[tuple[str, Row]]:
        """Every row, as ``load`` takes them."""
        for message_id, charge in self._reserved.items():
            yield f"reserved/{message_id}", row_of(charge)
        for number, charge in self._records.items():
            yield f"charge/{number}", row_of(charge)
        for key, (month, ore) in self._spent.items():
            yield _spent_key(*divmod(key, SERVERS)), {"month": month, "ore": ore}
        yield from self._totals.records()

    def _take_reserved(self, name: str, row: Row | None) -> None:
        self._reserved.pop(int(name), None)
        if row is not None:
            self._reserved[int(name)] = Charge(**row)

    def _take_charge(self, name: str, row: Row | None) -> None:
        number = int(name)
        self._drop(number)
        if row is not None:
            self._enter(Charge(**row))

    def _take_spent(self, name: str, row: Row | None) -> None:
        self._put_spent(int(name), 0, row)

    def _take_spent_of(self, name: str, row: Row | None) -> None:
        server, payer = name.split("/")
        self._put_spent(int(payer), int(server), row)

    def _put_spent(self, payer: int, server: int, row: Row | None) -> None:
        self._spent.pop(payer * SERVERS + server, None)
        if row is not None:
            self._servers.add(server)
            self._spent[payer * SERVERS + server] = row["month"], row["ore"]

    def _enter(self, charge: Charge) -> None:
        self._records[charge.id] = charge
        insort(self._order, charge.id, self._gone)  # nearly always at the end
        self._last_id = max(self._last_id, charge.id)

    def _drop(self, number: int) -> None:
        """Take a record out; the oldest, which is nearly always the one, without moving the others."""
        if self._records.pop(number, None) is None:
            return
        if self._order[self._gone] == number:
            self._gone += 1
        else:
            del self._order[bisect_left(self._order, number, self._gone)]
        if self._gone == _GONE_AT_MOST:
            del self._order[: self._gone]
            self._gone = 0

    def _spend(self, payer: int, month: str, ore: int) -> None:
        server = self._journal.server
        known, spent = self._spent.get(payer * SERVERS + server, ("", 0))
        if month < known:
            return  # a release after the month turned: last month's cap no longer matters
        total = (spent if known == month else 0) + ore
        self._servers.add(server)
        self._spent[payer * SERVERS + server] = month, total
        self._journal.put(_spent_key(payer, server), {"month": month, "ore": total})


def _spent_key(payer: int, server: int) -> str:
    return f"spent-of/{server}/{payer}" if server else f"spent/{payer}"


def _parts(name: str) -> tuple[str, str, str]:
    """Month, provider and direction; a provider's system_id may hold a slash."""
    month, _, rest = name.partition("/")
    provider, _, direction = rest.rpartition("/")
    return month, provider, direction
