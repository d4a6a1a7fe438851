"""A notification that an agency ordered: what it says, how each person may be told, and its report.

Rules K3, K4, K9 and K11-K17 of docs/norway.md, as far as they choose a channel.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Final

from smsc.services.base import Row, ServiceError
from smsc.services.calendar import utc_text
from smsc.services.contact_register.access import Caller
from smsc.services.contact_register.people import DELETED, LANGUAGES, Channel, Person
from smsc.services.contact_register.register import read_identifiers
from smsc.services.texts import LETTER

#: ``service``: appointments, water, snow (K4). ``formal``: decisions under eForvaltningsforskriften §8.
#: ``letter``: something lies in the digital mailbox (K3), which is formal too.
KINDS: Final = ("service", "formal", "letter")

# What became of one person's notification.
WAITING: Final = "waiting"
SMS_SENT: Final = "sms_sent"
SMS_DELIVERED: Final = "sms_delivered"
EMAIL_SENT: Final = "email_sent"
NOT_NOTIFIED: Final = "not_notified"
FAILED: Final = "failed"


@dataclass(frozen=True, slots=True)
class Plan:
    """How to notify one person: ``channel`` is ``sms``, ``email`` or empty, ``why`` says why not SMS."""

    channel: str
    address: str = ""
    why: str = ""

    def __repr__(self) -> str:
        return f"Plan({self.channel!r}, why={self.why!r})"


@dataclass(slots=True)
class Result:
    """One person's line of the report. ``message_id`` is the SMS's first part, ``missing`` are the parts that
    have not arrived."""

    identifier: str
    state: str = WAITING
    why: str = ""
    language: str = ""
    alphabet: str = ""
    message_id: int = 0
    missing: list[int] = field(default_factory=list)

    def __repr__(self) -> str:
        return f"Result({self.state!r}, why={self.why!r})"


@dataclass(slots=True)
class Notification:
    """An agency's order. ``texts`` by language, ``dispatch_at`` in ms."""

    id: int
    agency: str
    asked_by: str
    agency_name: str
    sender: str
    kind: str
    texts: dict[str, str]
    subject: str
    ordered_at: int
    dispatch_at: int
    dispatched: bool = False
    results: list[Result] = field(default_factory=list)

    def __repr__(self) -> str:
        return f"Notification({self.id}, {self.agency_name!r}, {len(self.results)} people)"


def plan(person: Person | None, kind: str, now: int) -> Plan:
    """Which channel may and can be used for a person now."""
    if person is None:
        return Plan("", why="not_registered")
    if person.status == DELETED:
        return Plan("", why="deleted")
    if kind != "service" and person.reserved_at is not None:
        return Plan("", why="reserved")
    if kind == "letter" and not person.mailbox:
        return Plan("", why="no_mailbox")
    mobile, email = (usable(channel, kind, now) for channel in (person.mobile, person.email))
    # K17: the number may be foreign, and this network reaches +47 only.
    if mobile is not None and mobile.address.startswith("+47"):
        return Plan("sms", mobile.address)
    if email is not None:
        why = "foreign_number" if mobile is not None else "stale" if person.mobile else "no_mobile"
        return Plan("email", email.address, why)
    return Plan(
        "", why="foreign_number" if mobile is not None else "stale" if person.channels else "no_contact"
    )


def usable(channel: Channel | None, kind: str, now: int) -> Channel | None:
    """The channel, if it may be used: stale data serves for service messages (K13), not for formal
    notification (K11)."""
    return channel if channel is not None and (kind == "service" or channel.fresh(now)) else None


def language_of(person: Person, texts: Mapping[str, str]) -> str:
    """The person's language, or the first that there is a text in."""
    preferred = (person.language, *LANGUAGES)
    return next(language for language in preferred if language in texts)


@dataclass(frozen=True, slots=True)
class Order:
    """The body of an order, checked."""

    identifiers: list[str]
    kind: str
    texts: dict[str, str]
    subject: str
    dispatch_at: int | None

    def __repr__(self) -> str:
        return f"Order({self.kind!r}, {len(self.identifiers)} people)"


def read_order(body: object, caller: Caller, marks: Collection[int]) -> Order:
    """Check an order. Raises ServiceError 400."""
    identifiers = read_identifiers(body, marks)
    given = body if isinstance(body, Mapping) else {}
    kind = given.get("kind", "service")
    if kind not in KINDS:
        raise ServiceError(400, "Bad Request", f"kind: expected one of {', '.join(KINDS)}.")
    dispatch_at = given.get("dispatch_at")
    if dispatch_at is not None and not isinstance(dispatch_at, int):
        raise ServiceError(400, "Bad Request", "dispatch_at: expected milliseconds.")
    letter = {name: text.format(agency=caller.agency.name) for name, text in LETTER.items()}
    texts = letter if kind == "letter" else _texts(given.get("texts"))
    subject = str(given.get("subject", caller.agency.name))
    return Order(identifiers, kind, texts, subject, dispatch_at)


def _texts(texts: object) -> dict[str, str]:
    given = dict(texts) if isinstance(texts, Mapping) else {}
    if not given or not all(name in LANGUAGES and isinstance(text, str) for name, text in given.items()):
        raise ServiceError(400, "Bad Request", f"texts: expected one text or more by {', '.join(LANGUAGES)}.")
    return given


def report(order: Notification) -> dict[str, Any]:
    """What became of an order so far, person by person; JSON-ready."""
    return {
        "id": str(order.id),
        "agency": order.agency_name,
        "kind": order.kind,
        "ordered_at": utc_text(order.ordered_at),
        "dispatch_at": utc_text(order.dispatch_at),
        "dispatched": order.dispatched,
        "counts": dict(Counter(result.state for result in order.results)),
        "people": [
            {
                "personidentifikator": result.identifier,
                "state": result.state,
                "why": result.why,
                "language": result.language,
                "alphabet": result.alphabet,
                "message_id": str(result.message_id) if result.message_id else None,
            }
            for result in order.results
        ],
    }


def order_row(order: Notification) -> Row:
    """The order as it is stored; the results are rows of their own."""
    names = (one.name for one in fields(order) if one.name != "results")
    return {name: getattr(order, name) for name in names} | {"people": len(order.results)}


def from_row(row: Row, results: list[Result]) -> Notification:
    """An order as stored."""
    return Notification(**{name: value for name, value in row.items() if name != "people"}, results=results)
