"""Erases one number: every message from and to it, receipts, timelines, sessions, and what services remember.

What is in memory goes at once; the store is walked through in small steps beside the traffic, and then its
log and free pages hold nothing of the number either. A message that is in flight when its number is erased
is forgotten the moment its answer comes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from smsc import reasons
from smsc.delivery.message import DELETED, RECEIPT, WAITING, Message, address_digits
from smsc.engine.journal.records import KEY_VALUES, MESSAGES, message_of

if TYPE_CHECKING:
    from smsc.engine.engine import Engine

OnErased = Callable[[BaseException | None], None]


class Erasures:
    """The erasures under way, in the order of their beginning."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._under_way: dict[Erasure, None] = {}

    def begin(self, key: int) -> None:
        """Begin to erase a number; ``when_done`` tells when nothing is left of it."""
        erasure = Erasure(self._engine, key, self._ended)
        self._under_way[erasure] = None
        erasure.begin()

    def when_done(self, waiter: OnErased) -> None:
        """Call ``waiter`` once the latest erasure is through, at once when there is none under way."""
        if not self._under_way:
            waiter(None)
            return
        next(reversed(self._under_way)).waiters.append(waiter)

    def _ended(self, erasure: Erasure) -> None:
        self._under_way.pop(erasure, None)


class Erasure:
    """One number on its way out; ``waiters`` hear when nothing is left, or why the store kept something."""

    def __init__(self, engine: Engine, key: int, ended: Callable[[Erasure], None]) -> None:
        self.engine = engine
        self.key = key
        self.ended = ended
        self.waiters: list[OnErased] = []

    def begin(self) -> None:
        """Forget the number now, and once more when all that is on its way to the store has come there."""
        self._services()
        self._traces()
        self._messages()
        self.engine.commit.when_committed(self._walk)

    def _walk(self, error: BaseException | None) -> None:
        self._messages()
        if error is not None or not self.engine.commit.durable:
            self._end(error)
            return
        of_the_number = dict.fromkeys(("source", "destination", "recipient"), self.key)
        self.engine.store.scan(MESSAGES, of_the_number, self._stored, self._walked)

    def _walked(self, error: BaseException | None) -> None:
        if error is not None:
            self._end(error)
            return
        self.engine.commit.when_committed(self._purge)
        self.engine.turn_over()

    def _purge(self, error: BaseException | None) -> None:
        if error is not None:
            self._end(error)
        else:
            self.engine.store.purge(self._end)

    def _end(self, error: BaseException | None) -> None:
        self.ended(self)
        for waiter in self.waiters:
            waiter(error)

    # --- messages -------------------------------------------------------------------------------

    def _messages(self) -> None:
        """What is in memory, and on its way to the store."""
        engine, key = self.engine, self.key
        found = [message for message in engine.message_index if concerns(message, key)]
        for message in found:
            _forget(engine, message)
        group = engine.commit.group
        for message in (*group.fresh, *group.finals, *group.updates):
            if concerns(message, key):
                _blank(message)
        for message in found:
            engine.commit.change(MESSAGES, message.id, None)

    def _stored(self, rows: list[tuple[Any, ...]], go_on: Callable[[], None]) -> None:
        """What is only in the store: finished messages, and those spilled. More once these are gone."""
        engine = self.engine
        for row in rows:
            message = engine.message_index.find(row[0])
            if message is not None:
                _forget(engine, message)
                continue
            forget(engine, message_of(row))
        engine.commit.when_committed(lambda _: go_on())
        engine.turn_over()

    # --- everything else ------------------------------------------------------------------------

    def _services(self) -> None:
        """What services remember, here and in the store."""
        services = self.engine.services
        for service in dict.fromkeys(services.by_route.values()):
            service.forget(self.key)
            services.changed(service)

    def _traces(self) -> None:
        """Its SIM as the API changed it, its sessions, its failed binds, its place in tables."""
        engine, key = self.engine, self.key
        engine.commit.change(KEY_VALUES, f"api/subscriber/{key}", None)
        for bind in engine.bindings:
            bind.forget_number(address_digits(key))
            if bind.number == key:
                bind.session.close("its number was erased")
                engine.delivery.mark(bind)
        engine.authentication.backoff.forget(str(key))
        engine.refusals.forget_number(str(key)[2:])
        engine.repeats.forget_number(key)
        engine.pending_flags.forget(key)
        engine.uplink.forget(key)


def concerns(message: Message, key: int) -> bool:
    """Whether a message comes from a number or goes to it."""
    return key in (message.source, message.destination, message.recipient)


def _blank(message: Message) -> None:
    """Nothing of the message is told or stored again: its row is deleted when it ends, as a receipt's is."""
    message.body = message.tlvs = b""
    message.about = 0
    message.registered_delivery = 0
    message.events = None
    message.kind = RECEIPT


def forget(engine: Engine, message: Message) -> None:
    """A message, in memory or read from the store, is no more: it is not delivered, and its row is
    deleted."""
    if engine.message_index.find(message.id) is message:
        _forget(engine, message)
    elif message.state in WAITING:
        _blank(message)
        engine.pending.withdraw(message, DELETED, reasons.ERASED)
    engine.commit.change(MESSAGES, message.id, None)


def _forget(engine: Engine, message: Message) -> None:
    """One in memory: findable until the commit, so that its row is not taken for a spilled one."""
    _blank(message)
    if message.state in WAITING:
        engine.pending.withdraw(message, DELETED, reasons.ERASED)
    elif message.id in engine.message_index.receipts:
        engine.message_index.forget_receipt(message.id)
    elif not engine.commit.durable:
        engine.message_index.drop(message.id)
