"""What content services cost whom: charges in whole øre, caps per message and month.

A charge is reserved when the message is accepted, so that the caps hold for what is still on its way,
and becomes a record when the message is delivered; a message that fails costs nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from smsc.services.base import Journal, Row, Rows, masked, row_of
from smsc.services.calendar import month_of, utc_text


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
        #: payer -> (month, øre), reservations included; only the latest month counts.
        self._spent: dict[int, tuple[str, int]] = {}
        #: (month, provider, direction) -> (records, øre)
        self._totals: dict[tuple[str, str, str], tuple[int, int]] = {}
        self.kinds = {
            "reserved": self._take_reserved,
            "charge": self._take_charge,
            "spent": self._take_spent,
            "total": self._take_total,
        }

    def allows(self, payer: int, price_ore: int, now: int) -> bool:
        """Whether the caps leave room for a price."""
        return (
            price_ore <= self.caps.message_ore and self.spent(payer, now) + price_ore <= self.caps.month_ore
        )

    def spent(self, payer: int, now: int) -> int:
        """What a subscriber has spent this calendar month, with what is on its way, in øre."""
        month, ore = self._spent.get(payer, ("", 0))
        return ore if month == month_of(now) else 0

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
        self._last_id += 1
        charge = replace(reserved, id=self._last_id)
        self._records[charge.id] = charge
        self._journal.put(f"charge/{charge.id}", row_of(charge))
        if len(self._records) > self._keep:
            oldest = next(iter(self._records))
            del self._records[oldest]
            self._journal.delete(f"charge/{oldest}")
        key = (month_of(charge.at), charge.provider, charge.direction)
        records, ore = self._totals.get(key, (0, 0))
        self._totals[key] = records + 1, ore + charge.price_ore
        self._journal.put("total/" + "/".join(key), {"records": records + 1, "ore": ore + charge.price_ore})
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
        if self._spent.pop(payer, None) is not None:
            self._journal.delete(f"spent/{payer}")

    def page(self, after: int = 0, limit: int = 1000) -> list[Charge]:
        """Records with an id above ``after``, oldest first."""
        # Ids are given in order and the oldest go first, so those kept have no gap.
        first = max(after, self._last_id - len(self._records)) + 1
        return [self._records[number] for number in range(first, min(first + limit, self._last_id + 1))]

    def totals(self) -> list[dict[str, object]]:
        """Records and øre by month, provider and direction."""
        return [
            {"month": month, "provider": provider, "direction": direction, "records": records, "ore": ore}
            for (month, provider, direction), (records, ore) in sorted(self._totals.items())
        ]

    def records(self) -> Iterator[tuple[str, Row]]:
        """Every row, as ``load`` takes them."""
        for message_id, charge in self._reserved.items():
            yield f"reserved/{message_id}", row_of(charge)
        for number, charge in self._records.items():
            yield f"charge/{number}", row_of(charge)
        for payer, (month, ore) in self._spent.items():
            yield f"spent/{payer}", {"month": month, "ore": ore}
        for key, (records, ore) in self._totals.items():
            yield "total/" + "/".join(key), {"records": records, "ore": ore}

    def _take_reserved(self, name: str, row: Row | None) -> None:
        self._reserved.pop(int(name), None)
        if row is not None:
            self._reserved[int(name)] = Charge(**row)

    def _take_charge(self, name: str, row: Row | None) -> None:
        number = int(name)
        if row is None:
            self._records.pop(number, None)
        else:
            self._records[number] = Charge(**row)
            self._last_id = max(self._last_id, number)

    def _take_spent(self, name: str, row: Row | None) -> None:
        self._spent.pop(int(name), None)
        if row is not None:
            self._spent[int(name)] = row["month"], row["ore"]

    def _take_total(self, name: str, row: Row | None) -> None:
        month, _, rest = name.partition("/")
        provider, _, direction = rest.rpartition("/")  # a system_id may hold a slash
        self._totals.pop((month, provider, direction), None)
        if row is not None:
            self._totals[month, provider, direction] = row["records"], row["ore"]

    def _spend(self, payer: int, month: str, ore: int) -> None:
        known, spent = self._spent.get(payer, ("", 0))
        if month < known:
            return  # a release after the month turned: last month's cap no longer matters
        total = (spent if known == month else 0) + ore
        self._spent[payer] = month, total
        self._journal.put(f"spent/{payer}", {"month": month, "ore": total})
