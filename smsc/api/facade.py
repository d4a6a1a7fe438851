"""What the API needs from the engine: every call that it makes, and what it hands over and gets back.

All calls happen on the event loop's thread, one at a time; none may block. What is handed over was validated
before: a body holds only the keys that the client gave, with every moment an `int` (ms since the Unix epoch
on the SMSC clock); a duration stays a number of seconds or a text such as "40m". What comes back is ready for
JSON: moments as RFC 3339 text, message ids as decimal text.

A call is refused by raising an exception with the attributes of `Refusal`. It is recognised by its shape, so
that this package does not depend on where the engine defines it.
"""

from collections.abc import Callable, Generator, Mapping, Sequence
from typing import Any, Protocol, TypeAlias, TypeVar, runtime_checkable

T = TypeVar("T")
#: work that others may interrupt at each ``yield``, and what it returns; what it may yield begins to wait for
#: something, and calls what it is given when the work can go on
Steps: TypeAlias = Generator[Callable[[Callable[[], None]], None] | None, None, T]
#: one thing as JSON
Document = dict[str, Any]
#: a validated request body
Body = Mapping[str, Any]
#: a part of the map: south, west, north, east in degrees
Edges = tuple[float, float, float, float]


@runtime_checkable
class Refusal(Protocol):
    """An exception that says why a call was refused: HTTP status, a short title, one sentence."""

    status: int
    title: str
    detail: str


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


@runtime_checkable
class Tracing(Protocol):
    """Offered by a control that keeps what goes over its sessions."""

    def session_pdus(self, session_id: int, limit: int) -> Document:
        """The last PDUs of a session, decoded; 404."""

    def trace_session(self, session_id: int) -> Document:
        """Keep a session's PDUs from now on; 404."""


@runtime_checkable
class Dialling(Protocol):
    """Offered by a control that can call ESMEs."""

    def outbinds(self) -> Sequence[Document]:
        """All ESMEs that are or were dialled."""

    def outbind(self, outbind_id: int) -> Document:
        """One of them; 404."""

    def dial(self, body: Body) -> Document:
        """Dial an ESME and say outbind; 409, 422."""

    def end_outbind(self, outbind_id: int) -> None:
        """Dial it no more; 404."""


@runtime_checkable
class Esmes(Protocol):
    """Offered by a control whose ESMEs can be changed."""

    def esmes(self) -> Sequence[Document]:
        """All ESMEs, without their passwords."""

    def esme(self, system_id: str) -> Document:
        """One of them; 404."""

    def put_esme(self, system_id: str, body: Body) -> Document:
        """Make or replace it; 422."""

    def delete_esme(self, system_id: str) -> None:
        """Remove it; 404, 409 while something else of the configuration names it."""


@runtime_checkable
class Sharing(Protocol):
    """Offered by a control that may be one of several on a store."""

    def nodes(self) -> Sequence[Document]:
        """All nodes by name; none for a server that is alone."""


@runtime_checkable
class Resetting(Protocol):
    """Offered by a control that can begin anew."""

    def reset(self) -> None:
        """Forget all messages and put the world back as it was configured."""


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


@runtime_checkable
class SimCards(Protocol):
    """Offered by a control that swaps cards, changes numbers, and reads and writes lists."""

    def swap_sim(self, msisdn: str, body: Body) -> Document:
        """A new card for the number; 404, 422."""

    def report_lost(self, msisdn: str) -> Document:
        """Block the card; 404."""

    def change_number(self, msisdn: str, body: Body) -> Document:
        """Another number for the card; 404, 409, 422."""

    def add_twin(self, msisdn: str, body: Body) -> Document:
        """A second card for the subscription; 404, 422."""

    def operator(self, msisdn: str) -> Document:
        """Which operator serves the number now."""

    def subscribers_csv(self) -> Steps[str]:
        """All subscribers as CSV."""

    def import_subscribers(self, text: str) -> Document:
        """Take a CSV of subscribers; 422 changes nothing."""

    def assignments_csv(self) -> str:
        """All assigned numbers as CSV."""

    def import_assignments(self, text: str, how: str) -> Document:
        """`add` a CSV of assigned numbers, or `replay` it as today's list; 422."""

    def ported_csv(self) -> str:
        """All ported numbers as CSV."""

    def import_ported(self, text: str) -> Document:
        """Take a CSV of ported numbers; 422."""


@runtime_checkable
class CoverageMap(Protocol):
    """Offered by a control that knows the map. What takes long comes in steps of a few milliseconds."""

    def coverage_outline(self) -> Document:
        """The land, the towns, the counties."""

    def is_charted(self) -> bool:
        """Whether the cells of the map are there."""

    def survey(self) -> Sequence[Any]:
        """The cells of the map; on any thread."""

    def chart(self, cells: Sequence[Any]) -> None:
        """Take in what `survey` gave."""

    def coverage_raster(self, box: Edges, columns: int, rows: int) -> Steps[Document]:
        """How strong the signal is, square by square."""

    def coverage_cells(self, box: Edges) -> Document:
        """The cells in a box."""

    def coverage_at(self, lat: float, lon: float, inside: str) -> Document:
        """The signal at a position, and why."""

    def coverage_phones(self, box: Edges) -> Steps[Document]:
        """The phones in a box."""


@runtime_checkable
class Described(Protocol):
    """Offered by a server that tells where it listens."""

    def about(self) -> Document:
        """Version, addresses and store; nothing that is secret."""


@runtime_checkable
class Holding(Protocol):
    """Offered by a server that can answer for a phone itself."""

    def holds(self, msisdn: str) -> bool:
        """Whether it does so for this number."""

    async def hold(self, msisdn: str) -> None:
        """Bind for the number; 409 when the bind is refused."""

    async def release(self, msisdn: str) -> None:
        """Unbind; nothing happens when it is not held."""


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


class Server(Protocol):
    """What `create_app` is given."""

    @property
    def control(self) -> Control:
        """The facade of the engine."""

    async def advance(
        self, *, seconds: float | None = None, to: int | None = None, until: str | None = None
    ) -> Document:
        """Move a manual clock: exactly one argument is given. 409 unless manual. Returns what happened."""

    async def writable(self) -> None:
        """Return when the store takes changes; 503 when it fails, before anything was changed."""

    async def committed(self) -> None:
        """Return when every change made so far is in the store."""

    async def erased(self) -> None:
        """Return when nothing is left of the number that was erased last."""
