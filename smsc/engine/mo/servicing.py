"""Carries out what the services decide: special numbers, their replies, and what they remember."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

from smsc import reasons
from smsc.delivery.message import (
    DELIVERED,
    EMERGENCY_PRIORITY,
    ENROUTE,
    FOREVER,
    NOTICE,
    REJECTED,
    SCHEDULED,
    Message,
)
from smsc.engine.journal.commit import Commit
from smsc.engine.journal.records import KEY_VALUES
from smsc.engine.reading import concat_of, part_of, text_of
from smsc.protocol.constants import UDHI
from smsc.protocol.text.data_coding import Reading, encode_text
from smsc.routing.accounts import Account
from smsc.routing.subscribers import Registry, Subscriber
from smsc.services.base import Outcome, Reply, Service
from smsc.services.tlvs import without_ours

_ALPHANUMERIC = 5  # TON [SMPP 3.4 §5.2.5]
_LOOK_AGAIN = 1_000  # ms


class View:
    """A message as a service sees it."""

    __slots__ = (
        "_message",
        "_reading",
        "account",
        "body",
        "data_coding",
        "destination",
        "esm_class",
        "id",
        "source",
        "tlvs",
    )

    def __init__(self, message: Message, reading: Reading) -> None:
        self.id = message.id
        self.source = message.source
        self.destination = message.destination
        self.account = message.account
        self.tlvs = message.tlvs
        self._message = message
        self._reading = reading

    @property
    def scheduled_at(self) -> int:
        """When it is to go out, 0 for at once."""
        return self._message.due_at if self._message.state == SCHEDULED else 0

    @property
    def text(self) -> str:
        """What the message says, without its user data header."""
        return text_of(self._message, self._reading)

    @property
    def reference(self) -> int:
        """The concatenation reference, 0 for a message in one piece. Those of 16 bits are a series of their
        own [23.040 §9.2.3.24.8]."""
        found = concat_of(self._message)
        return 0 if found is None else found.wide << 16 | found.reference

    @property
    def parts(self) -> int:
        """How many parts the message has."""
        return part_of(self._message)[1]

    @property
    def part(self) -> int:
        """Which part this is, counted from 1."""
        return part_of(self._message)[2]


class Services:
    """The services by the route that leads to them and by the ESME that stands behind them."""

    def __init__(
        self,
        by_route: dict[int, Service],
        registry: Registry,
        commit: Commit,
        enlist: Callable[[Message], None],
        validity: int,
        reading: Callable[[Message], Reading],
        is_ours: Callable[[int], bool],
    ) -> None:
        """``is_ours`` tells of a recipient key whether this server runs what is due for it; a service has the
        key of its route below zero, as those have that are no handset."""
        self.by_route = by_route
        self.registry = registry
        self.commit = commit
        self.enlist = enlist  # gives an id and adds to the commit
        self.validity = validity
        self.reading = reading  # of whoever sent it
        self.is_ours = is_ours
        self.changed_names: set[str] | None = None  # of the rows that changed, where somebody wants them
        self.due = FOREVER
        self.reference = 0  # of the last concatenated notice
        self._look()

    def name_changes(self, wanted: bool) -> None:
        """Keep the names of the rows that change from now on, in ``changed_names``; or no more."""
        self.changed_names = set() if wanted else None

    def submitted(self, message: Message, route: int, subscriber: Subscriber | None, now: int) -> int:
        """A message for a special number has left the handset; returns a reason to refuse it, or 0."""
        service = self.by_route[route]
        location = None
        if subscriber is not None and subscriber.place is not None:
            position = subscriber.place.position(now)
            if position is not None:
                location = (*position, subscriber.place.accuracy(now) or 0.0)
        outcome = service.on_submit(self._view(message), subscriber, now, location)
        return self._apply(service, route, message, outcome, now)

    def from_provider(self, message: Message, route: int, account: Account, now: int) -> int:
        """The ESME behind a special number writes to a user; returns a reason to refuse it, or 0."""
        service = self.by_route[route]
        subscriber = self.registry.find(message.destination)
        outcome = service.on_from_provider(account.index, self._view(message), now, subscriber)
        return self._apply(service, route, message, outcome, now)

    def _view(self, message: Message) -> View:
        return View(message, self.reading(message))

    def _apply(self, service: Service, route: int, message: Message, outcome: Outcome, now: int) -> int:
        if outcome.refuse:
            self._after(service, outcome.replies, now)
            return outcome.reason
        message.service = route
        if outcome.recipient:
            message.recipient = outcome.recipient
            message.priority = max(message.priority, outcome.priority)
            message.tlvs = without_ours(message.tlvs) + outcome.tlvs
            if outcome.keep:
                message.expires_at = FOREVER
        else:
            message.state = REJECTED if outcome.reason else DELIVERED
            message.reason = outcome.reason
            message.final_at = now
        if outcome.data:
            message.note(now, service.name, outcome.reason, outcome.data)
        self._after(service, outcome.replies, now)
        return 0

    def ended(self, message: Message, now: int) -> None:
        """A message that a service let through has reached its final state."""
        service = self.by_route.get(message.service)
        if service is None:
            return
        if message.state == DELIVERED:
            replies = service.on_delivered(self._view(message), now)
        else:
            replies = service.on_failed(self._view(message), message.reason or reasons.VALIDITY_EXPIRED, now)
        self._after(service, replies, now)

    def next_due(self) -> int:
        """When the first service has something to do; asked every turn, so remembered."""
        return self.due

    def _look(self) -> None:
        self.due = min((service.next_due() for service in self.by_route.values()), default=FOREVER)

    def step(self, now: int) -> None:
        """Let every service do what is due, where that is this server's to do."""
        for route, service in self.by_route.items():
            if service.next_due() <= now and self.is_ours(-route):
                self._after(service, service.step(now), now)
        self._look()
        if self.due <= now:  # another server does it, and tells; should that die, this one may have to
            self.due = now + _LOOK_AGAIN

    def among(self, server: int) -> None:
        """Be one of several servers on the store, with this number."""
        for service in self.by_route.values():
            service.among(server)

    def changed(self, service: Service, asked: bool = False) -> None:
        """Write what a service changed in the open commit; follows everything that a service was asked.

        With ``asked`` it is put back when the commit fails, and its rows do not go with the next one.
        """
        put = self.commit.ask if asked else self.commit.change
        for key, row in service.changes().items():
            name = f"{service.name}/{key}"
            stored = None if row is None else (name, json.dumps(row, separators=(",", ":")))
            put(KEY_VALUES, name, stored)
            if self.changed_names is not None:
                self.changed_names.add(name)
        self._look()

    def renew(self, by_route: dict[int, Service]) -> None:
        """Put other services in the place of these; the rows of what they remembered are the caller's."""
        self.by_route.clear()
        self.by_route.update(by_route)
        self._look()

    def send(self, service: Service, replies: Iterable[Reply], now: int) -> None:
        """Send what an API call made a service say."""
        self._after(service, tuple(replies), now)

    def _after(self, service: Service, replies: tuple[Reply, ...], now: int) -> None:
        self.changed(service)
        for reply in replies:
            written = self._write(service, reply, now)
            if reply.tag:
                self._after(service, service.on_sent(reply.tag, written, 0, now), now)

    def _write(self, service: Service, reply: Reply, now: int) -> list[int]:
        """Send a reply; the ids of its parts."""
        self.reference = self.reference % 255 + 1
        data_coding, parts = encode_text(reply.text, self.reference)
        written = []
        for body in parts:
            notice = Message()
            notice.kind = NOTICE
            if reply.source_ton == _ALPHANUMERIC:
                notice.source_text = reply.source.encode("ascii", "replace")
            else:
                notice.source = int(reply.source)
            notice.recipient = reply.to
            notice.destination = reply.address or reply.to
            notice.data_coding = data_coding
            notice.body = body
            notice.esm_class = UDHI if len(parts) > 1 else 0
            notice.priority = min(reply.priority, EMERGENCY_PRIORITY)
            notice.submitted_at = now
            notice.expires_at = now + self.validity
            notice.state = ENROUTE
            notice.service = _route_of(self.by_route, service)
            notice.note(now, "written", 0, reply.kind)
            self.enlist(notice)
            written.append(notice.id)
        return written

    def load(self, rows: Iterable[tuple[Any, ...]]) -> None:
        """Hand every service its stored rows."""
        sorted_rows: dict[str, list[tuple[str, Any]]] = {}
        for key, text in rows:
            name, _, rest = key.partition("/")
            sorted_rows.setdefault(name, []).append((rest, json.loads(text)))
        for service in self.by_route.values():
            service.load(sorted_rows.get(service.name, []))
            service.changes()
        self._look()

    def take(self, key: str, text: str | None) -> None:
        """Let a row that another server has written hold here; None is one that is gone.

        Raises LookupError for a row of no service, or of no kind that its service keeps.
        """
        name, _, rest = key.partition("/")
        service = next((one for one in self.by_route.values() if one.name == name), None)
        if service is None:
            raise LookupError(f"there is no service {name!r}")
        service.take(rest, None if text is None else json.loads(text))
        self._look()


def _route_of(by_route: dict[int, Service], service: Service) -> int:
    return next((route for route, found in by_route.items() if found is service), 0)
