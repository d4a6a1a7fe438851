"""What every service has in common: what it is shown, what it decides, and how it is remembered."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple, Protocol, TypeAlias

from smsc import reasons
from smsc.delivery.message import FOREVER

#: A JSON-ready row that a service wants kept; its key is unique within the service.
Row = dict[str, Any]

#: Latitude and longitude in WGS84 degrees, radius of uncertainty in metres.
Location = tuple[float, float, float]

#: A repeatable draw in [0, 1): (subject, count) -> float. The engine binds seed and purpose.
Draw = Callable[[int, int], float]

SECOND: Final = 1_000
MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR

#: How many servers may share a store, as far as numbers go: a prime, above any that would make sense.
SERVERS: Final = 997

# Type of number and numbering plan of what a service sends (SMPP 3.4 §5.2.5, §5.2.6).
TON_INTERNATIONAL: Final = 1
TON_NETWORK: Final = 3
TON_ALPHANUMERIC: Final = 5
NPI_UNKNOWN: Final = 0
NPI_E164: Final = 1


class Reply(NamedTuple):
    """A message that a service asks the engine to send.

    ``source`` is the digits of a key, or letters when ``source_ton`` is 5; ``to`` is a recipient key.
    ``kind`` names the text for timelines. A reply with a ``tag`` is followed: the engine calls the
    service's ``on_sent`` once it has message ids, one for each part, or a refusal. ``address`` is the number
    to which it is sent, when that is not the recipient's own.
    """

    source: str
    source_ton: int
    source_npi: int
    to: int
    text: str
    kind: str
    tag: str = ""
    priority: int = 0
    address: int = 0


class Outcome(NamedTuple):
    """What becomes of a message.

    ``recipient``: a handset's key or ``-account.index``; 0 is nobody. ``reason`` 0 goes on; with recipient
    0 it means that the service itself took the message, which then counts as delivered. ``refuse``: True
    answers the submit with the reason's command_status, False accepts the message and ends it REJECTED.
    ``tlvs`` are appended when it is delivered. ``data`` is for the timeline. ``keep`` lets the message live
    until it is delivered or deleted, whatever its validity says.
    """

    recipient: int
    reason: int = 0
    refuse: bool = False
    priority: int = 0
    tlvs: bytes = b""
    replies: tuple[Reply, ...] = ()
    data: dict[str, Any] | None = None
    keep: bool = False


class MessageView(Protocol):
    """A message as a service sees it. Addresses are keys; ``source`` is 0 when it is alphanumeric.

    ``part`` counts from 1; a message in one piece has ``parts`` 1 and ``reference`` 0. ``tlvs`` is the
    raw area as submitted, ``account`` the index of the submitting account, ``scheduled_at`` (ms) when it is
    to go out, 0 for at once.
    """

    @property
    def id(self) -> int: ...
    @property
    def source(self) -> int: ...
    @property
    def destination(self) -> int: ...
    @property
    def text(self) -> str: ...
    @property
    def account(self) -> int: ...
    @property
    def tlvs(self) -> bytes: ...
    @property
    def part(self) -> int: ...
    @property
    def parts(self) -> int: ...
    @property
    def reference(self) -> int: ...
    @property
    def scheduled_at(self) -> int: ...


class SubscriberView(Protocol):
    """What services ask of a subscriber; ``imsi`` may be None, then the SIM is one of ours; ``main`` is
    the number of the subscription that a twin SIM shares, 0 for an ordinary one."""

    @property
    def imsi(self) -> str | None: ...
    @property
    def barred(self) -> int: ...
    @property
    def main(self) -> int: ...


class Service(Protocol):
    """A special number's rules. Calls are synchronous, ``now`` is milliseconds on the SMSC clock.

    After each call that may change something the engine takes ``changes()`` and writes them in the
    same commit as the message that caused them.
    """

    name: str

    def on_submit(
        self,
        message: MessageView,
        subscriber: SubscriberView | None,
        now: int,
        location: Location | None = None,
    ) -> Outcome:
        """A handset's message reached the SMSC (after the radio): where to, and what besides."""

    def on_from_provider(
        self, account: int, message: MessageView, now: int, subscriber: SubscriberView | None = None
    ) -> Outcome:
        """The provider behind the number submits to ``subscriber``."""

    def on_delivered(self, message: MessageView, now: int) -> tuple[Reply, ...]:
        """The recipient's deliver_sm_resp was ESME_ROK."""

    def on_failed(self, message: MessageView, reason: int, now: int) -> tuple[Reply, ...]:
        """The message ended otherwise than delivered."""

    def on_sent(self, tag: str, message_ids: Sequence[int], reason: int, now: int) -> tuple[Reply, ...]:
        """A tagged reply became these messages, one for each part, or none: refused with ``reason``."""

    def next_due(self) -> int:
        """When ``step`` has something to do; FOREVER when nothing is planned."""

    def step(self, now: int) -> tuple[Reply, ...]:
        """Do what is due."""

    def forget(self, number: int) -> None:
        """Remember nothing of a subscriber any more; what they paid for stays, without saying who."""

    def changes(self) -> dict[str, Row | None]:
        """Rows changed since the last call, None for those gone."""

    def records(self) -> Iterator[tuple[str, Row]]:
        """Every row, as ``load`` takes them."""

    def load(self, records: Iterable[tuple[str, Row]]) -> None:
        """Start again from what was stored, in any order."""

    def among(self, server: int) -> None:
        """Be one of several on a store, each with its own number from 1 to ``SERVERS`` - 1; before anything
        else."""

    def take(self, key: str, row: Row | None) -> None:
        """Let a row that somebody else has written hold here, None for one that is gone; as often as you
        like. It is not among ``changes``. Raises KeyError for a row of no kind that the service keeps."""


class ServiceError(Exception):
    """A request that the API must answer with ``status``: RFC 9457 title and detail."""

    def __init__(self, status: int, title: str, detail: str) -> None:
        super().__init__(f"{status} {title}: {detail}")
        self.status = status
        self.title = title
        self.detail = detail


class Journal:
    """The rows that changed since they were last taken, and which of several servers on the store writes
    them: ``server`` is 0 when it is alone, else a number below ``SERVERS`` that no other one has."""

    def __init__(self) -> None:
        self._rows: dict[str, Row | None] = {}
        self.server = 0

    def following(self, last: int) -> int:
        """The number after ``last`` that this server gives; no other one ever gives it."""
        return last + 1 + (self.server - last - 1) % SERVERS if self.server else last + 1

    def put(self, key: str, row: Row) -> None:
        """Remember ``row`` as the latest state of ``key``."""
        self._rows[key] = row

    def delete(self, key: str) -> None:
        """Remember that ``key`` is gone."""
        self._rows[key] = None

    def take(self) -> dict[str, Row | None]:
        """Hand the changes over."""
        rows, self._rows = self._rows, {}
        return rows


Take: TypeAlias = Callable[[str, Row | None], None]
"""Lets the row of a name within its kind hold, None for one that is gone. Writes nothing, may be repeated."""


class Rows:
    """What is kept as rows ``<kind>/<name>``. ``kinds`` says how a row of each kind is taken, in the order
    in which they are at a start: one kind may need another."""

    kinds: Mapping[str, Take]

    def take(self, key: str, row: Row | None) -> None:
        """See Service."""
        kind, _, name = key.partition("/")
        self.kinds[kind](name, row)

    def load(self, records: Iterable[tuple[str, Row]]) -> None:
        """Take rows back, in any order; others than our own are left alone."""
        place = {kind: number for number, kind in enumerate(self.kinds)}
        taking, ours = tuple(self.kinds.values()), []
        for key, row in records:
            kind, _, name = key.partition("/")
            if kind in place:
                # What lapses or falls due first comes first, and else what has the lowest number.
                ours.append((place[kind], row.get("lapses") or row.get("due") or 0, len(name), name, row))
        for number, _, _, name, row in sorted(ours, key=lambda one: one[:4]):
            taking[number](name, row)


class ServiceBase(Rows):
    """What a service does when its rules say nothing: nothing."""

    name = ""
    kinds: Mapping[str, Take] = {}

    def __init__(self) -> None:
        self._journal = Journal()

    def among(self, server: int) -> None:
        """See Service."""
        self._journal.server = server

    def on_submit(
        self,
        message: MessageView,
        subscriber: SubscriberView | None,
        now: int,
        location: Location | None = None,
    ) -> Outcome:
        """A service without a number has nobody to send to."""
        return Outcome(0, reasons.DESTINATION_UNASSIGNED, refuse=True)

    def on_from_provider(
        self, account: int, message: MessageView, now: int, subscriber: SubscriberView | None = None
    ) -> Outcome:
        """A service without a number has none to send from."""
        return Outcome(0, reasons.SOURCE_NOT_ALLOWED, refuse=True)

    def on_delivered(self, message: MessageView, now: int) -> tuple[Reply, ...]:
        """See Service."""
        return ()

    def on_failed(self, message: MessageView, reason: int, now: int) -> tuple[Reply, ...]:
        """See Service."""
        return ()

    def on_sent(self, tag: str, message_ids: Sequence[int], reason: int, now: int) -> tuple[Reply, ...]:
        """See Service."""
        return ()

    def next_due(self) -> int:
        """See Service."""
        return FOREVER

    def step(self, now: int) -> tuple[Reply, ...]:
        """See Service."""
        return ()

    def forget(self, number: int) -> None:
        """See Service."""

    def changes(self) -> dict[str, Row | None]:
        """See Service."""
        return self._journal.take()


def row_of(value: Any) -> Row:
    """The fields of a dataclass with slots, as they are: unlike asdict, not a deep copy."""
    return {name: getattr(value, name) for name in value.__slots__}


def e164(key: int) -> str:
    """The address that stands for a key: its digits, without ``+``."""
    return str(key)


def masked(number: int | str) -> str:
    """A number for logs and reprs: the last four digits are hidden."""
    return str(number)[:-4] + "****"
