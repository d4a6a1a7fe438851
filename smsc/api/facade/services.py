"""What an engine may offer of the special services."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from smsc.api.facade.documents import Body, Document


@runtime_checkable
class Helplines(Protocol):
    """Offered by a control that knows the helplines' numbers."""

    def helplines(self) -> Sequence[Document]:
        """All 116 numbers with holder and service."""

    def helpline_bill(self, month: str) -> Sequence[Document]:
        """What each holder owes for a month such as `2026-01`."""


@runtime_checkable
class Interconnects(Protocol):
    """Where messages leave this network, if there are other operators."""

    def interconnects(self) -> Sequence[Document]:
        """Other operators' networks, and how messages to them fare."""


@runtime_checkable
class Codes(Protocol):
    """Offered by a control that knows the short codes."""

    def codes(self) -> Sequence[Document]:
        """All short codes with their providers and prices."""

    def subscriptions(self, msisdn: str) -> Sequence[Document]:
        """The content services that a number subscribes to."""


@runtime_checkable
class Charging(Protocol):
    """Offered by a control that keeps charging records."""

    def charging(self, after: str | None, limit: int) -> Sequence[Document]:
        """At most `limit` flat records with an `id` past `after`, oldest first."""

    def charging_totals(self) -> Sequence[Document]:
        """Records and øre by month, provider and direction."""


@runtime_checkable
class Register(Protocol):
    """Offered by a control with a contact and reservation register.

    Look-up, notification and report check the agency's `token` themselves: 401, 403.
    """

    def register_lookup(self, token: str | None, version: int, body: object) -> Document:
        """Look persons up as `body`, any JSON, asks; 400 unless it is as the public register wants it."""

    def register_notify(self, token: str | None, body: Body) -> Document:
        """Order a notification and return its report so far; 400."""

    def register_report(self, token: str | None, order_id: str) -> Document:
        """What became of a notification; 404 unless it is the caller's."""

    def register_outbox(self) -> Sequence[Document]:
        """The e-mails that would have been sent."""

    def register_lookups(self, identifier: str | None = None) -> Sequence[Document]:
        """Who looked up how many persons, or one person."""

    def register_persons(self, after: str | None, limit: int) -> Sequence[Document]:
        """At most `limit` persons past `after`, by identifier."""

    def register_person(self, identifier: str) -> Document:
        """One person; 404."""

    def put_register_person(self, identifier: str, body: Body) -> Document:
        """Make or change a person; 409, 422."""

    def delete_register_person(self, identifier: str) -> None:
        """Let a person leave the register; 404."""


@runtime_checkable
class EmergencySite(Protocol):
    """Offered by a control with the registration site, exclusions and dialogues of emergency SMS."""

    def emergency_look_up(self, number: str) -> Document:
        """What the site offers for one number; 400, 503."""

    def emergency_start(self, body: Body) -> Document:
        """Begin a transaction, whose code goes out by SMS; 400, 403, 409, 503."""

    def emergency_confirm(self, transaction: str, code: str) -> Document:
        """Complete a transaction; 400, 404, 503."""

    def emergency_site(self) -> Document:
        """Whether the site is open."""

    def put_emergency_site(self, body: Body) -> Document:
        """Open or close the site."""

    def exclusions(self) -> Sequence[Document]:
        """The numbers that are or were shut out."""

    def exclude(self, msisdn: str) -> Document:
        """Shut a number out."""

    def pardon(self, msisdn: str) -> None:
        """Forget an exclusion; 404."""

    def dialogues(self) -> Sequence[Document]:
        """The open conversations with the centres."""


class Desks(Protocol):
    """The desks of the emergency centres; `token` is what `log_in` gave."""

    async def log_in(self, centre: str, password: str) -> Document:
        """Bind as the centre; 403, 404, 409."""

    async def log_out(self, token: str) -> None:
        """Unbind; 403."""

    async def dialogues(self, token: str) -> Document:
        """What the desk sees; 403."""

    async def act(self, token: str, number: str, action: str) -> Document:
        """Take, release, close or open a dialogue; 403, 404, 409."""

    async def answer(self, token: str, number: str, text: str) -> Document:
        """Write to the user; 403, 404, 409, 422."""


@runtime_checkable
class DeskRoom(Protocol):
    """Offered by a server with desks."""

    @property
    def desks(self) -> Desks:
        """All of them."""
