"""The contact and reservation register: how to reach everybody digitally, for those who may ask.

Rules K1-K19 of docs/norway.md; the look-up has the public shape of ``POST /rest/v2/personer``. Every
person in it is synthetic: only numbers that nobody can have are accepted, wherever they come in. Another
one, which may be somebody's, fails the whole call, and is neither repeated nor kept.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from smsc.services.base import DAY, Journal, Row, Rows, ServiceError
from smsc.services.calendar import local_text, utc_text
from smsc.services.contact_register import fnr
from smsc.services.contact_register.access import CONTACT_SCOPE, POST_SCOPE, Access, Caller
from smsc.services.contact_register.people import (
    ACTIVE,
    DELETED,
    LANGUAGES,
    MAILBOX_SUPPLIERS,
    Channel,
    Person,
    View,
    from_row,
    public,
    read_email,
    read_mobile,
    unregistered,
)
from smsc.services.lapsing import Kept

MOST_IDENTIFIERS: Final = 1000
_CHANNELS: Final = {"mobile": read_mobile, "email": read_email}


@dataclass(frozen=True, slots=True)
class RegisterRules:
    """Choices. ``stale_contact``: stale contact data is still handed out, as it may serve for service
    messages; False withholds it. ``log_life`` and ``log_limit`` bound the log of look-ups. ``marks`` are
    those of the synthetic numbers that are accepted, see ``fnr.MARKS``. ``utc``: dates end in ``Z``, as the
    documentation has some, not in ``+01`` or ``+02``, as they are recorded."""

    stale_contact: bool = True
    marks: frozenset[int] = frozenset({fnr.TENOR})
    log_life: int = 365 * DAY
    log_limit: int = 1_000
    utc: bool = False


class ContactRegister(Rows):
    """People, their channels and choices, and the log of who asked about them."""

    def __init__(self, rules: RegisterRules, access: Access, journal: Journal) -> None:
        self.rules = rules
        self.access = access
        self._journal = journal
        self._people: dict[str, Person] = {}
        #: How many active people use an address (K18).
        self._users: Counter[str] = Counter()
        self._log: Kept[dict[str, Any]] = Kept("lookup", rules.log_life, journal, rules.log_limit)
        self._lookups = 0
        self.kinds = {"person": self._take_person, "lookup": self._take_lookup}

    # What a person does, in one place (K2).

    def create(self, identifier: str, language: str = "nb") -> Person:
        """A person makes a profile with their electronic ID (K8); a deleted one starts again.

        Raises ServiceError: 400 unless the identifier is a synthetic one, 409 when already active.
        """
        self.require_synthetic(identifier)
        known = self._people.get(identifier)
        if known is not None and known.status == ACTIVE:
            raise ServiceError(409, "Already registered", "The person is in the register.")
        return self._save(Person(identifier, language=_language(language)))

    def require_synthetic(self, identifier: object, name: str = "identifier") -> None:
        """Raise ServiceError 400, without the value, unless it is an identifier that nobody can have."""
        read_identifier(identifier, self.rules.marks, name)

    def people(self) -> Iterator[Person]:
        """Everybody who is or was in the register, by identifier."""
        return (self._people[identifier] for identifier in sorted(self._people))

    def find(self, identifier: str) -> Person | None:
        """The person as they stand, or None."""
        return self._people.get(identifier)

    def set_channel(self, identifier: str, name: str, address: str | None, now: int) -> Person:
        """Set or remove ``mobile`` or ``email``; an address is updated and verified by being set.

        Raises ServiceError 404, 422, and 409 for removing the last channel of a digital mailbox (K1).
        """
        person = self._active(identifier)
        if address is None:
            others = [channel for channel in person.channels if channel is not getattr(person, name)]
            if person.mailbox and not others:
                raise ServiceError(
                    409, "Needed", "A digital mailbox needs a mobile number or e-mail address."
                )
        channel = Channel(_CHANNELS[name](address), now, now) if address is not None else None
        self._count(person, -1)
        setattr(person, name, channel)
        self._count(person, 1)
        return self._save(person)

    def forget_mobile(self, address: str) -> None:
        """Nobody has this mobile number any more, whatever else they have (K1)."""
        for person in list(self._people.values()):
            if person.mobile is not None and person.mobile.address == address:
                self._count(person, -1)
                person.mobile = None
                self._count(person, 1)
                self._save(person)

    def verify(self, identifier: str, now: int, names: Iterable[str] = ("mobile", "email")) -> Person:
        """The person confirms that channels are still right, which makes them fresh again."""
        person = self._active(identifier)
        for name in names:
            channel: Channel | None = getattr(person, name)
            if channel is not None:
                channel.verified = now
        return self._save(person)

    def reserve(self, identifier: str, reserved: bool, now: int) -> Person:
        """Opt out of digital decisions, or in again (K5, K9)."""
        person = self._active(identifier)
        person.reserved_at = now if reserved else None
        person.reservation_updated = now
        return self._save(person)

    def set_language(self, identifier: str, language: str, now: int) -> Person:
        """Choose ``nb``, ``nn``, ``en`` or ``se``."""
        person = self._active(identifier)
        person.language, person.language_updated = _language(language), now
        return self._save(person)

    def choose_mailbox(self, identifier: str, address: str, supplier: str) -> Person:
        """Choose a digital mailbox (K5); needs a mobile number or e-mail address (K1)."""
        person = self._active(identifier)
        if not person.channels:
            raise ServiceError(409, "Needed", "A digital mailbox needs a mobile number or e-mail address.")
        if supplier not in MAILBOX_SUPPLIERS:
            raise ServiceError(422, "No such supplier", f"Expected one of {', '.join(MAILBOX_SUPPLIERS)}.")
        person.mailbox, person.mailbox_supplier = address, supplier
        person.certificate = f"synthetic certificate of {address}"
        return self._save(person)

    def delete(self, identifier: str) -> Person:
        """Leave the register: nothing but the status stays (K16)."""
        self._count(self._active(identifier), -1)
        return self._save(Person(identifier, status=DELETED))

    # What an agency does.

    def look_up(
        self, token: str | None, body: object, now: int, version: int = 2
    ) -> tuple[int, dict[str, Any]]:
        """``POST /rest/v{1,2}/personer``: 200 with ``personer``, or 400, 401 or 403 with ``feil``."""
        try:
            caller = self.access.caller(token, now)
            identifiers = read_identifiers(body, self.rules.marks)
            everybody = _include_unregistered(body) or version == 1
        except ServiceError as error:
            return error.status, {"feil": error.title, "beskrivelse": error.detail}
        self.log(caller.agency.number, caller.asked_by, identifiers, now)
        view = self._view(caller)
        found = [(identifier, self._people.get(identifier)) for identifier in identifiers]
        return 200, {
            "personer": [
                public(person, view, now) if person is not None else unregistered(identifier, view)
                for identifier, person in found
                if person is not None or everybody
            ]
        }

    def log(self, agency: str, asked_by: str, identifiers: list[str], now: int) -> None:
        """Note who asked about whom, in whose name."""
        self._lookups = self._journal.following(self._lookups)
        entry = {"at": now, "agency": agency, "asked_by": asked_by, "identifiers": identifiers}
        self._log.put(str(self._lookups), entry, now)

    @property
    def looked_up(self) -> int:
        """The number of the last look-up."""
        return self._lookups

    def lookups(self, identifier: str | None = None) -> list[dict[str, Any]]:
        """The log, oldest first, without identifiers; only what concerns one person if asked for."""
        return [
            {
                "at": utc_text(entry["at"]),
                "agency": entry["agency"],
                "asked_by": entry["asked_by"],
                "count": len(entry["identifiers"]),
            }
            for _, _, entry in self._log.items()
            if identifier is None or identifier in entry["identifiers"]
        ]

    def records(self) -> Iterator[tuple[str, Row]]:
        """Every row."""
        for identifier, person in self._people.items():
            yield f"person/{identifier}", person.to_row()
        yield from self._log.records()

    def _take_person(self, name: str, row: Row | None) -> None:
        known = self._people.pop(name, None)
        if known is not None:
            self._count(known, -1)
        if row is not None:
            person = self._people[name] = from_row(row)
            self._count(person, 1)

    def _take_lookup(self, name: str, row: Row | None) -> None:
        self._log.take(f"lookup/{name}", row)
        self._lookups = max(self._lookups, int(name))

    def _view(self, caller: Caller) -> View:
        return View(
            contact=CONTACT_SCOPE in caller.scopes,
            post=POST_SCOPE in caller.scopes,
            stale=self.rules.stale_contact,
            users=self._users,
            text=utc_text if self.rules.utc else local_text,
        )

    def _active(self, identifier: str) -> Person:
        person = self._people.get(identifier)
        if person is None or person.status != ACTIVE:
            raise ServiceError(404, "Not registered", "The person is not in the register.")
        return person

    def _count(self, person: Person, step: int) -> None:
        for channel in person.channels:
            self._users[channel.address] += step
            if not self._users[channel.address]:
                del self._users[channel.address]

    def _save(self, person: Person) -> Person:
        self._people[person.identifier] = person
        self._journal.put(f"person/{person.identifier}", person.to_row())
        return person


def read_identifier(given: object, marks: Collection[int], name: str) -> str:
    """A synthetic identifier. Raises ServiceError 400 that says where and what is expected; never the value,
    which may be a real person's number."""
    if not (isinstance(given, str) and fnr.is_synthetic(given, marks)):
        added = " or ".join(str(mark) for mark in sorted(marks, reverse=True))
        raise ServiceError(
            400,
            "Bad Request",
            f"{name}: not a valid synthetic identifier: 11 digits as text, {added} added to the month, and "
            "two check digits.",
        )
    return given


def read_identifiers(body: object, marks: Collection[int]) -> list[str]:
    """The 1 to 1000 synthetic identifiers of a request, each once. Raises ServiceError 400."""
    name = "personidentifikatorer"
    asked = body.get(name) if isinstance(body, Mapping) else None
    if not isinstance(asked, list) or not 1 <= len(asked) <= MOST_IDENTIFIERS:
        raise ServiceError(400, "Bad Request", f"{name}: expected a list of 1 to {MOST_IDENTIFIERS}.")
    read = (read_identifier(one, marks, f"{name}[{place}]") for place, one in enumerate(asked))
    return list(dict.fromkeys(read))


def _include_unregistered(body: object) -> bool:
    include = body.get("inkluderIkkeRegistrerte", False) if isinstance(body, Mapping) else False
    if not isinstance(include, bool):
        raise ServiceError(400, "Bad Request", "inkluderIkkeRegistrerte: expected true or false.")
    return include


def _language(language: str) -> str:
    if language not in LANGUAGES:
        raise ServiceError(422, "No such language", f"Expected one of {', '.join(LANGUAGES)}.")
    return language
