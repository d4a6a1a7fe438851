"""What every engine offers."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from smsc.api.facade.documents import Body, Document, Steps


class Control(Protocol):
    """Everything that the API can see and change."""

    def number(self, text: str, ton: int = 0, npi: int = 1) -> Document:
        """How the number plan reads `text` as a destination with this type of number and numbering plan.

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
        """Make the number unknown; with `erase` also begin to erase every record of it."""

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

    def outages(self) -> Document:
        """Planned outages: `zone`, `cell` and `county`, each a dict of lists by name."""

    def put_outages(self, kind: str, name: str, body: Body) -> Document:
        """Plan the outages of one of them anew; 404."""

    def registrations(self) -> Sequence[Document]:
        """All registrations for emergency SMS, by MSISDN."""

    def registration(self, msisdn: str) -> Document:
        """One registration for emergency SMS; 404."""

    def put_registration(self, msisdn: str, body: Body) -> Document:
        """Register one number, or update its registration."""

    def delete_registration(self, msisdn: str) -> None:
        """Delete the registration; 404."""

    def search(
        self,
        text: str = "",
        source: str | None = None,
        destination: str | None = None,
        state: str | None = None,
    ) -> Any:
        """What the calls below look for: a search as people write it, and fields beside it.

        422 with `at`, `length` (characters of the text) and `expected` when the text makes no sense."""

    def listing(
        self,
        search: Any,
        limit: int,
        *,
        newest: bool = False,
        after: str | None = None,
        before: str | None = None,
    ) -> Steps[tuple[Sequence[Document], str | None]]:
        """At most `limit` messages with an id above `after` and below `before`, oldest or newest first, and
        the id to go on from, None for no more.

        There may be many to look through: each step takes about a millisecond, the last returns them."""

    def refusals(self, what: str | None, limit: int) -> Sequence[Document]:
        """The last refusals, of one kind or of all, the latest first."""

    def tagged(self) -> Sequence[Document]:
        """All tags by name, with the search that each stands for."""

    def put_tag(self, name: str, q: str) -> Document:
        """Give a search a name; 409 when there are too many, 422."""

    def delete_tag(self, name: str) -> None:
        """The name stands for nothing any more; 404."""

    def counts(self, search: Any) -> Steps[Document]:
        """How many messages there are, by state and stage. In steps."""

    def showing(self, message_id: str) -> Steps[Document]:
        """One message with its timeline; 404, also for text that is no id. In steps."""

    def message_pdus(self, message_id: str) -> Steps[Document]:
        """The PDUs of a message, `rebuilt` where they are not kept; 404. In steps."""

    def delete_messages(self, search: Any) -> Steps[int]:
        """Forget what a search finds; how many they were. In steps."""

    def clear_messages(self) -> None:
        """Forget all messages, receipts and retries, however many."""

    def inject(self, body: Body) -> Document:
        """Submit `body` as its source would and return the message. 422 with `reason` when it is refused."""

    def clock(self) -> Document:
        """Mode and moment of the SMSC clock."""

    def set_clock(self, body: Body) -> None:
        """Change mode or moment once that is safe; 409 when time would go back."""

    def sessions(self, ended: bool = False) -> Sequence[Document]:
        """All sessions that are bound to this node, or the last ones that have ended."""

    def bound_anywhere(self) -> Steps[Sequence[Document]]:
        """The sessions that are bound to any node. In steps."""

    def session_anywhere(self, session_id: int) -> Steps[Document]:
        """One session; 404. In steps."""

    def session_here(self, session_id: int) -> Steps[None]:
        """409 for a session of another node. In steps."""

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

    def follow(self, callback: Callable[[Document, Any], None]) -> Callable[[], None]:
        """Call `callback` with every event from now on, and with what it is about, a message or None; the
        returned function ends that. An event is not changed any more; `readable` makes it a document."""

    def readable(self, event: Document) -> Document:
        """The event with its moment as text."""

    def weigh(self, subject: Any) -> int:
        """How many octets it keeps in memory who keeps what an event is about."""

    def since_moment(self, text: str, real_now: int) -> int:
        """A moment (ms) as text, RFC 3339 or a duration before `real_now`; 422."""

    def note_mark(self, real_now: int) -> None:
        """Remember what has come by this real moment (ms), for `arriving`."""

    def arriving(self, search: Any, since: int) -> Any:
        """The same search, of only what was submitted at the real moment `since` (ms) or later."""

    def arrived(self, search: Any, limit: int) -> Steps[Sequence[Document]]:
        """The first messages that a search finds, oldest first. In steps."""

    def instead(self, search: Any) -> Steps[Sequence[Document]]:
        """What an `arriving` search did not find: `message` and `why`, the nearest first. In steps."""

    def document(self, subject: Any) -> Document:
        """The message that an event is about."""

    def passes(self, search: Any, event: Document, subject: Any) -> bool:
        """Whether a search finds an event: its message as it was then, or the fields of the event."""
