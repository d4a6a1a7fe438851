"""Who may use emergency SMS: the Nød-SMS site's front page, its registrations and exclusions.

Rules N5-N14, N26, N29, N30 and N37 of docs/norway.md. A citizen enters one mobile number; an unknown
number starts a registration, a known one is offered update or delete; each of them takes effect when
the code that was sent to that number by SMS is entered. A code stands for what was known when it was
sent: whoever changes a number's registration makes its other codes invalid. Misuse ends the
registration, so that an excluded number is one that is not registered and may not register yet.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Set
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from smsc.delivery.message import FOREVER
from smsc.routing.plan_data import is_of
from smsc.services.base import (
    HOUR,
    MINUTE,
    NPI_UNKNOWN,
    TON_ALPHANUMERIC,
    Draw,
    Journal,
    Reply,
    Row,
    Rows,
    ServiceError,
    masked,
    row_of,
)
from smsc.services.calendar import utc_text
from smsc.services.lapsing import Kept, Lapsing
from smsc.services.numbers import mobile_key
from smsc.services.texts import NOD_SMS
from smsc.typed import compact

#: The sender of codes: letters that every handset shows, not a number to answer to.
SITE_SENDER: Final = "Nod-SMS"
ACTIONS_WHEN_KNOWN: Final = ("update", "delete")
ACTIONS_WHEN_UNKNOWN: Final = ("register",)

_SEVERAL: Final = re.compile(r"[,;/\n]|\d\s*\+|\bog\b|\band\b")


@dataclass(frozen=True, slots=True)
class Person:
    """What a user registers besides the number (N29)."""

    name: str = ""
    address: str = ""
    postcode: str = ""
    email: str = ""
    country: str = ""

    def __repr__(self) -> str:
        return "Person(...)"


@dataclass(frozen=True, slots=True)
class Registration:
    """One number that may use the service."""

    number: int
    person: Person
    registered_at: int
    updated_at: int

    def __repr__(self) -> str:
        return f"Registration({masked(self.number)})"


@dataclass(frozen=True, slots=True)
class Exclusion:
    """A number shut out for misuse until ``until`` (N26); ``count`` is how often that happened."""

    until: int
    count: int


@dataclass(slots=True)
class Transaction:
    """One number on its way through the site; done when ``code`` comes back."""

    id: str
    number: int
    action: str
    person: Person
    code: str
    attempts_left: int

    def __repr__(self) -> str:
        return f"Transaction({self.id}, {self.action}, {masked(self.number)})"


@dataclass(frozen=True, slots=True)
class RegistrationRules:
    """Choices of the site. ``plus`` is the reading of N10: ``normalise`` or ``refuse`` a leading +."""

    language: str = "en"
    plus: str = "normalise"
    code_life: int = 30 * MINUTE
    code_attempts: int = 3
    codes_per_hour: int = 5
    exclusion: int = 48 * HOUR


Standing: TypeAlias = tuple[Registration | None, Exclusion | None]


def read_number(text: str, rules: RegistrationRules) -> int:
    """The key of the one mobile number that was entered.

    Raises ServiceError 400 for several numbers (N8), a + where 00 is asked for (N10), or a number that
    is no Norwegian mobile number (N9).
    """
    number = compact(text)
    if _SEVERAL.search(text.strip().lower()):
        raise ServiceError(400, "One number at a time", "Register each mobile number separately.")
    if number.startswith("+") and rules.plus == "refuse":
        raise ServiceError(400, "Number not accepted", "Use 00 instead of + before your country code.")
    key = mobile_key(number)
    if key == 0:
        raise ServiceError(
            400,
            "Number not accepted",
            "Only Norwegian mobile numbers can use Nød-SMS: 0047 and eight digits.",
        )
    return key


def require_mobile(number: int) -> None:
    """Raise ServiceError 422 unless the key is a Norwegian mobile number's (N9), whoever registers it."""
    if not is_of("mobile", number):
        raise ServiceError(
            422, "Not a mobile number", f"{number}: only mobile numbers can use Nød-SMS, 47 and eight digits"
        )


class Registrations(Rows):
    """The database of numbers that may use emergency SMS."""

    def __init__(self, rules: RegistrationRules, draw: Draw, journal: Journal) -> None:
        self.rules = rules
        #: False while the site is down for maintenance; those registered go on as before (N37).
        self.site_open = True
        self._draw = draw
        self._journal = journal
        self._registered: dict[int, Registration] = {}
        self._configured: set[int] = set()  # come back at every start, unless a row says otherwise
        self._exclusions: dict[int, Exclusion] = {}
        self._transactions: Lapsing[str, Transaction] = Lapsing(rules.code_life, 100_000)
        #: number -> when its codes of the last hour were sent, at most ``codes_per_hour`` of them.
        self._sent: Kept[list[int]] = Kept("codes", HOUR, journal)
        #: number -> its open transactions; those that lapsed may still be named.
        self._open: Lapsing[int, list[str]] = Lapsing(rules.code_life, 100_000)
        self._count = 0
        self.kinds = {
            "site": self._take_site,
            "registration": self._take_registration,
            "exclusion": self._take_exclusion,
            **self._sent.kinds,
        }

    # The operator's view.

    def is_registered(self, number: int) -> bool:
        """Whether the number is in the database."""
        return number in self._registered

    def find(self, number: int) -> Registration | None:
        """The registration of a number."""
        return self._registered.get(number)

    def all(self) -> Iterator[Registration]:
        """Every registration."""
        return iter(self._registered.values())

    def put(self, number: int, person: Person, now: int) -> Registration:
        """Enter or update a number without asking its owner; for the operator.

        Raises ServiceError: 422 for another number than a mobile one (N9), 409 while it is excluded (N26).
        """
        self.check(number, now)
        return self._enter(number, person, now)

    def row_of_change(self, number: int, wanted: bool, now: int) -> tuple[str, Row | None] | None:
        """The row by which a number would be registered, or would not be, for ``take``; None when that is so
        already. Nothing is changed. Raises what ``put`` would raise."""
        if wanted is (number in self._registered):
            return None
        if wanted:
            self.check(number, now)
            row: Row | None = _row(Registration(number, Person(), now, now))
        else:
            row = {"removed": True} if number in self._configured else None
        return f"registration/{number}", row

    def excluded_among(self, numbers: Set[int], now: int) -> int:
        """One of the numbers that is excluded, 0 when none is."""
        shut_out = (
            number for number in self._exclusions.keys() & numbers if self.excluded_until(number, now)
        )
        return next(shut_out, 0)

    def standing(self, number: int) -> Standing:
        """What is known of a number, for ``put_back``."""
        return self._registered.get(number), self._exclusions.get(number)

    def put_back(self, number: int, before: Standing) -> None:
        """Let that be known of a number again; what is written of it has not changed."""
        registration, exclusion = before
        self._registered.pop(number, None)
        self._exclusions.pop(number, None)
        if registration is not None:
            self._registered[number] = registration
        if exclusion is not None:
            self._exclusions[number] = exclusion

    def check(self, number: int, now: int) -> None:
        """Raise what ``put`` would raise, without changing anything."""
        require_mobile(number)
        if until := self.excluded_until(number, now):
            raise ServiceError(409, "Excluded", f"{number} is excluded {_until(until)}; pardon it first.")

    def _enter(self, number: int, person: Person, now: int) -> Registration:
        self._invalidate(number)
        known = self._registered.get(number)
        registration = Registration(number, person, known.registered_at if known else now, now)
        self._registered[number] = registration
        self._journal.put(f"registration/{number}", _row(registration))
        return registration

    def configure(self, number: int, now: int) -> None:
        """Enter a number that the configuration names; what was changed later is in ``load``'s rows.

        Raises ServiceError 422 for another number than a mobile one (N9).
        """
        require_mobile(number)
        self._configured.add(number)
        self._registered[number] = Registration(number, Person(), now, now)

    def delete(self, number: int) -> bool:
        """Take a number out of the database; False when it was not there."""
        self._invalidate(number)
        if self._registered.pop(number, None) is None:
            return False
        if number in self._configured:
            self._journal.put(f"registration/{number}", {"removed": True})
        else:
            self._journal.delete(f"registration/{number}")
        return True

    def forget(self, number: int) -> None:
        """Nothing is left but what the configuration itself says, at the next start."""
        self._invalidate(number)
        self._registered.pop(number, None)
        self._journal.delete(f"registration/{number}")
        self._sent.pop(str(number))
        self.pardon(number)

    def exclude(self, number: int, now: int) -> Exclusion:
        """Shut a number out after misuse: 48 h, on repetition for good (N26). Its registration ends: when the
        time is over it must register anew."""
        self.delete(number)
        before = self._exclusions.get(number)
        count = before.count + 1 if before else 1
        exclusion = Exclusion(now + self.rules.exclusion if count == 1 else FOREVER, count)
        self._exclusions[number] = exclusion
        self._journal.put(f"exclusion/{number}", row_of(exclusion))
        return exclusion

    def open_site(self, is_open: bool) -> None:
        """Take the site down for maintenance, or open it again (N37)."""
        self.site_open = is_open
        if is_open:
            self._journal.delete("site")
        else:
            self._journal.put("site", {"open": False})

    def pardon(self, number: int) -> None:
        """Forget that a number was ever excluded."""
        if self._exclusions.pop(number, None) is not None:
            self._journal.delete(f"exclusion/{number}")

    def excluded_until(self, number: int, now: int) -> int:
        """When the exclusion ends, FOREVER for a permanent one, 0 when there is none now."""
        exclusion = self._exclusions.get(number)
        return exclusion.until if exclusion is not None and exclusion.until > now else 0

    def exclusions(self) -> Iterator[tuple[int, Exclusion]]:
        """Every number that was ever excluded and not pardoned."""
        return iter(self._exclusions.items())

    # The citizen's view: the site.

    def look_up(self, text: str) -> dict[str, Any]:
        """What the front page offers for the number entered: ``number``, ``registered``, ``choices``."""
        self._require_open()
        number = read_number(text, self.rules)
        known = self.is_registered(number)
        choices = ACTIONS_WHEN_KNOWN if known else ACTIONS_WHEN_UNKNOWN
        return {"number": str(number), "registered": known, "choices": list(choices)}

    def start(
        self, text: str, action: str, now: int, person: Person | None = None, terms: bool = False
    ) -> tuple[str, Reply]:
        """Begin ``register``, ``update`` or ``delete`` of one number; returns the transaction's id and
        the SMS with the code.

        Raises ServiceError: 503 site down, 400 number or terms, 403 excluded, 409 not that choice now,
        429 too many codes within an hour of the SMSC clock.
        """
        self._require_open()
        number = read_number(text, self.rules)
        choices = ACTIONS_WHEN_KNOWN if self.is_registered(number) else ACTIONS_WHEN_UNKNOWN
        if action not in choices:
            raise ServiceError(409, "Not possible now", f"{action!r}: expected {' or '.join(choices)}.")
        if action != "delete" and not terms:
            raise ServiceError(
                400,
                "Terms not confirmed",
                "Nød-SMS is for those who are deaf, hard of hearing or speech impaired; confirm the terms.",
            )
        if action == "register" and self.excluded_until(number, now):
            raise ServiceError(403, "Excluded", "This number is excluded from Nød-SMS.")
        self._note_code(number, now)
        self._count += 1
        code = f"{int(self._draw(number, self._count) * 1_000_000):06d}"
        transaction = Transaction(
            str(self._count), number, action, person or Person(), code, self.rules.code_attempts
        )
        self._transactions.put(transaction.id, transaction, now)
        still_open = [one for one in self._open.get(number, now) or () if self._transactions.get(one, now)]
        self._open.put(number, [*still_open, transaction.id], now)
        return transaction.id, self._sms(number, "code", code=code, minutes=self.rules.code_life // MINUTE)

    def transaction(self, transaction_id: str, now: int) -> Transaction | None:
        """A transaction that is open, for ``reopen``."""
        return self._transactions.get(transaction_id, now)

    def reopen(self, transaction: Transaction, before: Standing, now: int) -> None:
        """A transaction was not completed after all: its code counts again."""
        self.put_back(transaction.number, before)
        self._transactions.put(transaction.id, transaction, now)

    def confirm(self, transaction_id: str, code: str, now: int) -> tuple[Registration | None, Reply]:
        """Complete a transaction with the code from the SMS (N30); returns the registration as it now is
        and the SMS that says so.

        Raises ServiceError: 404 unknown, lapsed or spent transaction, 400 wrong code.
        """
        self._require_open()
        transaction = self._transactions.get(transaction_id, now)
        if transaction is None:
            raise ServiceError(404, "No such transaction", "It is unknown, done or too old: start again.")
        if code.strip() != transaction.code:
            transaction.attempts_left -= 1
            if transaction.attempts_left == 0:
                self._transactions.pop(transaction_id)
            raise ServiceError(400, "Wrong code", f"{transaction.attempts_left} attempts left.")
        self._transactions.pop(transaction_id)
        registration = None
        if transaction.action == "delete":
            self.delete(transaction.number)
        else:
            registration = self._enter(transaction.number, transaction.person, now)
        return registration, self._sms(transaction.number, transaction.action)

    # Persistence. Transactions are not kept: after a restart the citizen starts again.

    def records(self) -> Iterator[tuple[str, Row]]:
        """Every registration and exclusion as rows, and that the site is down."""
        if not self.site_open:
            yield "site", {"open": False}
        for number, registration in self._registered.items():
            yield f"registration/{number}", _row(registration)
        for number in self._configured - self._registered.keys():
            yield f"registration/{number}", {"removed": True}
        for number, exclusion in self._exclusions.items():
            yield f"exclusion/{number}", row_of(exclusion)
        yield from self._sent.records()

    def _take_site(self, name: str, row: Row | None) -> None:
        self.site_open = row is None or row["open"]

    def _take_registration(self, name: str, row: Row | None) -> None:
        number = int(name)
        self._invalidate(number)
        self._registered.pop(number, None)
        if row is not None and "removed" not in row:
            self._registered[number] = Registration(**{**row, "person": Person(**row["person"])})

    def _take_exclusion(self, name: str, row: Row | None) -> None:
        self._exclusions.pop(int(name), None)
        if row is not None:
            self._exclusions[int(name)] = Exclusion(**row)

    def _invalidate(self, number: int) -> None:
        """The codes that are on their way to a number were for what it was before."""
        for transaction in self._open.pop(number) or ():
            self._transactions.pop(transaction)

    def _note_code(self, number: int, now: int) -> None:
        """Count a code that is to be sent. Raises ServiceError 429 when an hour had its share."""
        most = self.rules.codes_per_hour
        sent = [moment for moment in self._sent.get(str(number), now) or () if moment > now - HOUR]
        if len(sent) >= most:
            raise ServiceError(
                429,
                "Too many codes",
                f"At most {most} codes an hour are sent to a number; the next one from "
                f"{utc_text(sent[-most] + HOUR + 999)}.",
            )
        self._sent.put(str(number), [*sent, now], now)

    def _require_open(self) -> None:
        if not self.site_open:
            raise ServiceError(
                503, "Down for maintenance", "The website is down for maintenance. Please try again later."
            )

    def _sms(self, number: int, text: str, **values: object) -> Reply:
        return Reply(
            SITE_SENDER,
            TON_ALPHANUMERIC,
            NPI_UNKNOWN,
            number,
            NOD_SMS[self.rules.language][text].format(**values),
            f"nod_sms_{text}",
        )


def _until(until: int) -> str:
    return "for good" if until == FOREVER else f"until {utc_text(until)}"


def _row(registration: Registration) -> Row:
    return {**row_of(registration), "person": row_of(registration.person)}
