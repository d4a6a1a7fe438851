"""A person in the contact and reservation register, and when their contact data may be used.

Rules K1 and K8-K18 of docs/norway.md. Nothing here prints a person: reprs carry no identifier, no
address and no number.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from smsc.services.base import Row, ServiceError, row_of
from smsc.services.calendar import add_months, local_text
from smsc.services.numbers import mobile_key
from smsc.typed import compact

ACTIVE: Final = "AKTIV"
DELETED: Final = "SLETTET"
NOT_REGISTERED: Final = "IKKE_REGISTRERT"
MAY_NOTIFY: Final = "KAN_VARSLES"
MAY_NOT_NOTIFY: Final = "KAN_IKKE_VARSLES"
LANGUAGES: Final = ("nb", "nn", "en", "se")
#: Organisation numbers of the suppliers of digital mailboxes.
MAILBOX_SUPPLIERS: Final = ("984661185", "922020175")
#: eForvaltningsforskriften §32: contact data must be younger than this for formal notification.
FRESH_MONTHS: Final = 18

_INTERNATIONAL: Final = re.compile(r"(?:\+|00)([1-9]\d{6,14})", re.ASCII)
_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


@dataclass(slots=True)
class Channel:
    """One way to reach a person; times in ms. ``verified`` is the person's own confirmation,
    ``validated`` a code that came back."""

    address: str
    updated: int
    verified: int | None = None
    validated: int | None = None

    def __repr__(self) -> str:
        return "Channel(...)"

    def fresh(self, now: int) -> bool:
        """Updated or verified less than 18 calendar months ago (K11)."""
        return now < add_months(max(self.updated, self.verified or 0), FRESH_MONTHS)


@dataclass(slots=True)
class Person:
    """One row of the register."""

    identifier: str
    status: str = ACTIVE
    mobile: Channel | None = None
    email: Channel | None = None
    reserved_at: int | None = None
    reservation_updated: int | None = None
    language: str = "nb"
    language_updated: int | None = None
    mailbox: str = ""
    mailbox_supplier: str = ""
    certificate: str = ""

    def __repr__(self) -> str:
        return f"Person(status={self.status!r})"

    @property
    def channels(self) -> list[Channel]:
        """Mobile and e-mail, those there are (K1)."""
        return [channel for channel in (self.mobile, self.email) if channel is not None]

    def notification_status(self, now: int) -> str:
        """KAN_VARSLES when active, not reserved, and one channel is fresh (K12, K14)."""
        able = self.status == ACTIVE and self.reserved_at is None
        fresh = any(channel.fresh(now) for channel in self.channels)
        return MAY_NOTIFY if able and fresh else MAY_NOT_NOTIFY

    def to_row(self) -> Row:
        """As it is stored."""
        channels = {
            name: row_of(channel) if channel is not None else None
            for name, channel in (("mobile", self.mobile), ("email", self.email))
        }
        return {**row_of(self), **channels}


def from_row(row: Row) -> Person:
    """A person as stored."""
    channels = {name: Channel(**row[name]) if row[name] else None for name in ("mobile", "email")}
    return Person(**{**row, **channels})


@dataclass(frozen=True, slots=True)
class View:
    """What a caller may see: ``contact`` and ``post`` by scope, ``stale`` contact data by setting.

    ``users`` tells how many people have an address, which marks shared ones (K18). ``text`` writes moments.
    """

    contact: bool = True
    post: bool = True
    stale: bool = True
    users: Mapping[str, int] = field(default_factory=dict)
    text: Callable[[int | None], str | None] = local_text


def public(person: Person, view: View, now: int) -> dict[str, Any]:
    """A person in the register's public shape (``/rest/v2/personer``): what there is nothing of is absent."""
    shown: dict[str, Any] = {
        "personidentifikator": person.identifier,
        "reservasjon": "NEI" if person.reserved_at is None else "JA",
        **_present("reservasjonstidspunkt", view.text(person.reserved_at)),
        **_present("reservasjon_oppdatert", view.text(person.reservation_updated)),
        "status": person.status,
    }
    notifiable = person.notification_status(now)
    if view.contact:
        shown["varslingsstatus"] = notifiable
    if person.status != ACTIVE:
        return shown
    # The documentation contradicts itself on stale data; handing it out is the default.
    if view.contact and (view.stale or notifiable == MAY_NOTIFY):
        shown["kontaktinformasjon"] = {
            **_channel("epostadresse", person.email, view),
            **_channel("mobiltelefonnummer", person.mobile, view),
        }
    if view.contact:
        shown["spraak"] = person.language
        shown |= _present("spraak_oppdatert", view.text(person.language_updated))
    if view.post and person.mailbox:
        shown["digital_post"] = {
            "postkasseadresse": person.mailbox,
            "postkasseleverandoeradresse": person.mailbox_supplier,
        }
        shown["sertifikat"] = person.certificate
    return shown


def unregistered(identifier: str, view: View) -> dict[str, Any]:
    """Somebody who is not in the register (K8), in the public shape."""
    shown = {"personidentifikator": identifier, "reservasjon": "NEI", "status": NOT_REGISTERED}
    return {**shown, "varslingsstatus": MAY_NOT_NOTIFY} if view.contact else shown


def read_mobile(text: str) -> str:
    """A mobile number as ``+`` and E.164 digits (K17): +, 00 or, for Norway, none before it.

    Raises ServiceError 422.
    """
    number = compact(text)
    if key := mobile_key(number):
        return f"+{key}"
    match = _INTERNATIONAL.fullmatch(number)
    if match is None or match[1].startswith("47"):
        raise ServiceError(422, "Not a mobile number", "Expected +, a country code and the number.")
    return "+" + match[1]


def read_email(text: str) -> str:
    """An e-mail address. Raises ServiceError 422."""
    if not _EMAIL.fullmatch(text.strip()):
        raise ServiceError(422, "Not an e-mail address", "Expected name@domain.")
    return text.strip()


def _channel(name: str, channel: Channel | None, view: View) -> dict[str, str]:
    if channel is None:
        return {}
    return {
        name: channel.address,
        **_present(f"{name}_oppdatert", view.text(channel.updated)),
        **_present(f"{name}_sist_verifisert", view.text(channel.verified)),
        **_present(f"{name}_sist_validert", view.text(channel.validated)),
        **_present(f"{name}_duplisert", "JA" if view.users.get(channel.address, 0) > 1 else None),
    }


def _present(name: str, value: str | None) -> dict[str, str]:
    return {} if value is None else {name: value}
