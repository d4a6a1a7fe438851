"""116 helplines: harmonised numbers of social value, 116000-116999, open to everybody and free.

Rules E1-E15 of docs/norway.md. A message goes to the number's holder unchanged. Nothing is asked of
the sender, nothing is charged, appended or remembered about them; the holder pays. Emergency SMS
is the opposite in all of that and shares nothing with this module.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from smsc import reasons
from smsc.delivery.message import FOREVER
from smsc.routing.special import Helpline, SpecialNumbers
from smsc.services.base import (
    MINUTE,
    NPI_E164,
    TON_INTERNATIONAL,
    Location,
    MessageView,
    Outcome,
    Reply,
    Row,
    ServiceBase,
    ServiceError,
    SubscriberView,
    e164,
)
from smsc.services.calendar import add_months, month_of, utc_text
from smsc.services.lapsing import OncePer
from smsc.services.sums import Sums
from smsc.services.texts import HELPLINE

#: What a harmonised service may be: one of these or a mix (E4).
PURPOSES: Final = frozenset({"information", "help", "reporting"})
#: E12: months without use after the assignment, and after the last use.
UNUSED_FROM_START: Final = 6
UNUSED_LATER: Final = 12


@dataclass(frozen=True, slots=True)
class Terms:
    """What an assignment says besides number, holder and dates.

    ``voice``: the line is in lasting use by telephone, which this SMSC cannot see. ``extended_to`` (ms):
    Nkom's extra time. ``exempt_from_free``: Nkom's exemption from being free of charge (E11).
    """

    purposes: frozenset[str] = frozenset({"help"})
    operates_in_norway: bool = True
    voice: bool = True
    extended_to: int = 0
    exempt_from_free: bool = False


@dataclass(frozen=True, slots=True)
class HelplineRules:
    """Choices. ``no_sms``: a holder without SMS answers so (``reply``), or the submit is refused
    (``refuse``). ``receiver_price_ore`` is what a holder pays for each message (E10)."""

    language: str = "en"
    no_sms: str = "reply"
    reply_interval: int = MINUTE
    receiver_price_ore: int = 0


class HelplineService(ServiceBase):
    """The list of assigned numbers and what becomes of messages to and from them."""

    name = "helplines"

    def __init__(
        self,
        rules: HelplineRules,
        numbers: SpecialNumbers,
        index_of: Callable[[str], int | None],
        terms: Mapping[int, Terms] | None = None,
    ) -> None:
        """``numbers`` holds the assignments; ``index_of`` tells an account's index by system_id; ``terms``
        are those of numbers that are assigned already."""
        super().__init__()
        self.rules = rules
        self.numbers = numbers
        self._index_of = index_of
        self._terms: dict[int, Terms] = dict(terms or {})
        self._last_used: dict[int, int] = {}
        #: number/month -> messages, øre
        self._used = Sums("month", ("messages", "ore"), self._journal)
        self._replied = OncePer(rules.reply_interval)
        self.kinds = {"used": self._take_used, **self._used.kinds}

    def assign(self, helpline: Helpline, terms: Terms, now: int) -> None:
        """Take a number into the list, as Nkom would.

        Raises ServiceError 422 for a holder that does not operate in Norway (E3), a purpose that is not
        allowed (E4), a number that is not of the series (E1) or another's (E2).
        """
        if not terms.operates_in_norway:
            raise ServiceError(422, "Cannot be assigned", "The holder must operate in Norway.")
        if not terms.purposes or terms.purposes - PURPOSES:
            raise ServiceError(422, "Cannot be assigned", f"Purposes: some of {', '.join(sorted(PURPOSES))}.")
        held = self.numbers.helpline(helpline.number, now)
        if held is not None and self.lapses_at(held) <= now:
            self.numbers.remove_helpline(helpline.number)
        try:
            self.numbers.add_helpline(helpline)
        except ValueError as error:
            raise ServiceError(422, "Cannot be assigned", str(error)) from None
        self._terms[helpline.number] = terms

    def find(self, number: int, now: int) -> Helpline | None:
        """Who holds the number now; None when nobody does, or the right has lapsed (E12)."""
        helpline = self.numbers.helpline(number, now)
        return helpline if helpline is not None and now < self.lapses_at(helpline) else None

    def terms(self, number: int) -> Terms:
        """The terms of a number."""
        return self._terms.get(number, Terms())

    def lapses_at(self, helpline: Helpline) -> int:
        """When the right to the number lapses unless it is used before (E12)."""
        terms = self.terms(helpline.number)
        if terms.voice:
            return FOREVER
        last_used = self._last_used.get(helpline.number, 0)
        if last_used >= helpline.assigned_from:
            lapses = add_months(last_used, UNUSED_LATER)
        else:
            lapses = add_months(helpline.assigned_from, UNUSED_FROM_START)
        return max(lapses, terms.extended_to)

    def all(self, now: int) -> list[dict[str, object]]:
        """The list of assigned numbers as of ``now``, JSON-ready (E2)."""
        held = self.numbers.helplines(now)
        return [self._listed(helpline) for helpline in held if now < self.lapses_at(helpline)]

    def bill(self, month: str) -> list[dict[str, object]]:
        """What each holder owes for a month (E10): messages and øre; senders do not appear (E9)."""
        bill = []
        for name, (messages, ore) in sorted(self._used.items()):
            number, _, when = name.partition("/")
            if when == month:
                bill.append(
                    {
                        "number": _national(int(number)),
                        "month": month,
                        "messages": messages,
                        "price_ore": ore,
                    }
                )
        return bill

    def on_submit(
        self,
        message: MessageView,
        subscriber: SubscriberView | None,
        now: int,
        location: Location | None = None,
    ) -> Outcome:
        """Pass the message to the holder, whoever sent it (E5)."""
        helpline = self.find(message.destination, now)
        if helpline is None:
            return Outcome(0, reasons.HELPLINE_UNASSIGNED, refuse=True)
        account = self._account_of(helpline)
        if account is None:
            return self._without_sms(message, now)
        self._count(helpline, now)
        return Outcome(-account, data=self._charging(helpline))

    def on_from_provider(
        self, account: int, message: MessageView, now: int, subscriber: SubscriberView | None = None
    ) -> Outcome:
        """A helpline writes back, from its own number only."""
        helpline = self.find(message.source, now)
        if helpline is None or self._account_of(helpline) != account:
            return Outcome(0, reasons.SOURCE_NOT_ALLOWED, refuse=True)
        self._count(helpline, now)
        return Outcome(message.destination, data=self._charging(helpline))

    def forget(self, number: int) -> None:
        """See Service."""
        self._replied.forget(number)

    def records(self) -> Iterator[tuple[str, Row]]:
        """When each number was last used and how much; no senders."""
        for number, moment in self._last_used.items():
            yield f"used/{number}", {"at": moment}
        yield from self._used.records()

    def _take_used(self, name: str, row: Row | None) -> None:
        self._last_used.pop(int(name), None)
        if row is not None:
            self._last_used[int(name)] = row["at"]

    def _account_of(self, helpline: Helpline) -> int | None:
        """Who takes messages, if the holder has SMS at all (E13)."""
        return self._index_of(helpline.account) if helpline.sms and helpline.account else None

    def _charging(self, helpline: Helpline) -> dict[str, object]:
        # E10, E11: the receiver, unless Nkom exempted the number; nothing here charges a sender (E15).
        return {"payer": "sender" if self.terms(helpline.number).exempt_from_free else "receiver"}

    def _without_sms(self, message: MessageView, now: int) -> Outcome:
        if self.rules.no_sms == "refuse":
            return Outcome(0, reasons.DESTINATION_NO_SMS, refuse=True)
        replies: tuple[Reply, ...] = ()
        if self._replied.allows(message.source, now):
            written = f"{_national(message.destination)[:3]} {_national(message.destination)[3:]}"
            text = HELPLINE[self.rules.language].format(number=written)
            source = e164(message.destination)
            replies = (Reply(source, TON_INTERNATIONAL, NPI_E164, message.source, text, "helpline_no_sms"),)
        return Outcome(0, reasons.HELPLINE_NO_SMS, replies=replies)

    def _count(self, helpline: Helpline, now: int) -> None:
        number = helpline.number
        # E10, E11: the holder pays, unless Nkom exempted the number from being free.
        price = 0 if self.terms(number).exempt_from_free else self.rules.receiver_price_ore
        self._used.add(f"{number}/{month_of(now)}", 1, price)
        self._last_used[number] = now
        self._journal.put(f"used/{number}", {"at": now})

    def _listed(self, helpline: Helpline) -> dict[str, object]:
        lapses = self.lapses_at(helpline)
        return {
            "number": _national(helpline.number),
            "holder": helpline.holder,
            "service": helpline.service,
            "purposes": sorted(self.terms(helpline.number).purposes),
            "sms": self._account_of(helpline) is not None,
            "assigned_from": utc_text(helpline.assigned_from or None),
            "assigned_to": utc_text(helpline.assigned_to if helpline.assigned_to < FOREVER else None),
            "lapses_at": utc_text(lapses if lapses < FOREVER else None),
            **self._charging(helpline),
        }


def _national(number: int) -> str:
    return str(number)[2:]
