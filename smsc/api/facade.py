"""What the API needs from the engine: every call that it makes, and what it hands over and gets back.

All calls happen on the event loop's thread, one at a time; none may block. What is handed over was validated
before: a body holds only the keys that the client gave, with every moment an `int` (ms since the Unix epoch
on the SMSC clock); a duration stays a number of seconds or a text such as "40m". What comes back is ready for
JSON: moments as RFC 3339 text, message ids as decimal text.

A call is refused by raising an exception with the attributes of `Refusal`. It is recognised by its shape, so
that this package does not depend on where the engine defines it.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

#: one thing as JSON
Document = dict[str, Any]
#: a validated request body
Body = Mapping[str, Any]


@runtime_checkable
class Refusal(Protocol):
    """An exception that says why a call was refused: HTTP status, a short title, one sentence."""

    status: int
    title: str
    detail: str


class Control(Protocol):
    """Everything that the API can see and change."""

    def number(self, text: str, ton: int = 0) -> Document:
        """How the number plan reads `text` as a destination with this type of number.

        Never refuses: `reason` tells.
        """

    def subscribers(self, after: str | None, limit: int) -> Sequence[Document]:
        """At most `limit` of the subscribers that stand for themselves, by MSISDN, past `after`."""

    def subscriber(self, msisdn: str) -> Document:
        """One subscriber, by any dialling form of its number. 404 when no simulated network knows it."""

    def put_subscriber(self, msisdn: str, body: Body) -> Document:
        """Make the subscriber what `body` says; what it does not name gets its default."""

    def patch_subscriber(self, msisdn: str, body: Body) -> Document:
        """Change what `body` names; None removes. `zone` and `position` clear one another."""

    def delete_subscriber(self, msisdn: str, erase: bool = False) -> None:
        """Make the number unknown; with `erase` also remove every record that names it."""

    def zones(self) -> Sequence[Document]:
        """All zones by name."""

    def zone(self, name: str) -> Document:
        """One zone; 404."""

    def put_zone(self, name: str, body: Body) -> Document:
        """Make or replace the zone."""

    def patch_zone(self, name: str, body: Body) -> Document:
        """Change what `body` names; None brings the default back."""

    def delete_zone(self, name: str) -> None:
        """Remove the zone; 409 while somebody is in it."""

    def registrations(self) -> Sequence[Document]:
        """All registrations for emergency SMS, by MSISDN."""

    def registration(self, msisdn: str) -> Document:
        """One registration for emergency SMS; 404."""

    def put_registration(self, msisdn: str, body: Body) -> Document:
        """Register one number, or update its registration."""

    def delete_registration(self, msisdn: str) -> None:
        """Delete the registration; 404."""

    def messages(
        self, source: str | None, destination: str | None, state: str | None, limit: int, after: str | None
    ) -> Sequence[Document]:
        """At most `limit` messages, oldest first, with an id above `after` and all that the filters name."""

    def message(self, message_id: str) -> Document:
        """One message with its timeline; 404, also for text that is no id."""

    def clear_messages(self) -> None:
        """Forget all messages, receipts and retries."""

    def inject(self, body: Body) -> Document:
        """Submit `body` as its source would and return the message. 422 with `reason` when it is refused."""

    def clock(self) -> Document:
        """Mode and moment of the SMSC clock."""

    def set_clock(self, body: Body) -> Document:
        """Change mode or moment; 409 when time would go back."""

    def sessions(self) -> Sequence[Document]:
        """All bound sessions."""

    def session(self, session_id: int) -> Document:
        """One session; 404."""

    def drop_session(self, session_id: int, how: str) -> None:
        """End the session: `unbind` asks the peer, `drop` closes the connection."""

    def faults(self) -> Document:
        """The fault triggers in force."""

    def put_faults(self, body: Body) -> Document:
        """Replace all fault triggers."""

    def health(self) -> Document:
        """`ready` (bool), `reasons` (sentences, empty when ready), and whatever else helps."""

    def counters(self) -> Mapping[str, float]:
        """What `/metrics` shows, see `smsc.api.metrics`."""

    def subscribe(self, callback: Callable[[Document], None]) -> Callable[[], None]:
        """Call `callback` with every event from now on; the returned function ends that.

        An event is not changed any more.
        """


@runtime_checkable
class Helplines(Protocol):
    """Offered by a control that knows the helplines' numbers."""

    def helplines(self) -> Sequence[Document]:
        """All 116 numbers with holder and service."""


@runtime_checkable
class Codes(Protocol):
    """Offered by a control that knows the short codes."""

    def codes(self) -> Sequence[Document]:
        """All short codes with provider and price."""


@runtime_checkable
class Charging(Protocol):
    """Offered by a control that keeps charging records."""

    def charging(self, after: str | None, limit: int) -> Sequence[Document]:
        """At most `limit` flat records with an `id` past `after`, oldest first."""


@runtime_checkable
class Register(Protocol):
    """Offered by a control with a contact and reservation register."""

    def register_lookup(
        self, token: str | None, version: int, identifiers: Sequence[str], include_unregistered: bool
    ) -> Document:
        """Look persons up. Checks `token` itself: 401, 403; 400 for an illegal list of identifiers."""


class Server(Protocol):
    """What `create_app` is given."""

    @property
    def control(self) -> Control:
        """The facade of the engine."""

    async def advance(
        self, *, seconds: float | None = None, to: int | None = None, until: str | None = None
    ) -> Document:
        """Move a manual clock: exactly one argument is given. 409 unless manual. Returns what happened."""

    async def committed(self) -> None:
        """Return when every change made so far is in the store."""
