"""Erases one number: every message from and to it, receipts, timelines, sessions, and what services remember.

Memory and the store are walked through in small steps beside the traffic, and then the store's log and free
pages hold nothing of the number either. A message that is in flight when its number is erased is forgotten
the moment its answer comes. What was to go with a commit that failed is still there, and the caller told.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from smsc.control.changes import ask_to_drop
from smsc.delivery.message import WAITING, Message, address_digits
from smsc.engine.journal.records import MESSAGES, message_of

if TYPE_CHECKING:
    from smsc.engine.engine import Engine

OnErased = Callable[[BaseException | None], None]

AT_ONCE = 256  # messages that are forgotten in one turn of the loop
_BLOCKS = 16  # of a thousand ids, that are looked through in one


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

    def are_under_way(self) -> bool:
        """Whether there are any."""
        return bool(self._under_way)

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
        self.blocks: list[int] = []  # of the index, yet to be walked; the last one from the id ``place`` on
        self.place = 0
        self.error: BaseException | None = None  # why the store kept some of what it was to forget

    def begin(self) -> None:
        """The row of its subscriber is deleted; once that is safe, and not before, all else goes that is
        known of the number, but for the subscriber, who is the caller's."""
        ask_to_drop(self.engine.commit, f"api/subscriber/{self.key}")
        self.engine.commit.when_committed(self._begin)

    def _begin(self, error: BaseException | None) -> None:
        """What is known of the number goes now; messages when all that is on its way to the store has come
        there."""
        if error is not None:
            self._end(error)
            return
        self._services()
        self._traces()
        self.engine.commit.when_committed(self._begin_walk)

    def _begin_walk(self, error: BaseException | None) -> None:
        if error is not None:
            self._end(error)
            return
        self.blocks = sorted(self.engine.message_index.blocks)
        self._in_memory(None)

    def _in_memory(self, error: BaseException | None) -> None:
        """Forget what is in memory, some in each turn of the loop; more once these are gone."""
        if error is not None:
            self._end(error)
            return
        index, forgotten = self.engine.message_index, 0
        looked = 0
        while self.blocks and looked < _BLOCKS and forgotten < AT_ONCE:
            block = self.blocks[-1] << 10
            looked += 1
            for message in index.between(max(block, self.place), block | 1023):
                if concerns(message, self.key):
                    if forgotten == AT_ONCE:
                        self.place = message.id
                        break
                    forget(self.engine, message)
                    forgotten += 1
            else:
                self.blocks.pop()
                self.place = 0
        self.engine.commit.when_committed(self._in_memory if self.blocks else self._in_store)
        self.engine.turn_over()

    def _in_store(self, error: BaseException | None) -> None:
        """What only the store has is walked through as fast as commits follow."""
        if error is not None or not self.engine.commit.durable:
            self._end(error)
            return
        of_the_number = dict.fromkeys(("source", "destination", "recipient"), self.key)
        self.engine.store.scan(MESSAGES, of_the_number, self._stored, self._walked)

    def _walked(self, error: BaseException | None) -> None:
        if error is not None or self.error is not None:
            self._end(error or self.error)
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

    def _stored(self, rows: list[tuple[Any, ...]], go_on: Callable[[], None]) -> None:
        """What is only in the store: finished messages, and those spilled. More once these are gone."""
        engine = self.engine
        if self.error is not None:  # nothing more is forgotten, but the scan has to end
            go_on()
            return
        for row in rows[:AT_ONCE]:
            forget(engine, engine.message_index.find(row[0]) or message_of(row))

        def safe(error: BaseException | None) -> None:
            self.error = error
            self._stored(rows[AT_ONCE:], go_on) if rows[AT_ONCE:] else go_on()

        engine.commit.when_committed(safe)
        engine.turn_over()

    # --- everything else ------------------------------------------------------------------------

    def _services(self) -> None:
        """What services remember, here and in the store."""
        services = self.engine.services
        for service in dict.fromkeys(services.by_route.values()):
            service.forget(self.key)
            services.changed(service)

    def _traces(self) -> None:
        """Its sessions, its failed binds, its place in tables."""
        engine, key = self.engine, self.key
        for bind in engine.bindings:
            bind.forget_number(address_digits(key))
            if bind.number == key:
                bind.session.close("its number was erased")
                engine.wire.mark(bind)
        engine.authentication.backoff.forget(str(key))
        engine.refusals.forget_number(str(key)[2:])
        engine.repeats.forget_number(key)
        engine.pending_flags.forget(key)
        engine.uplink.forget(key)


def concerns(message: Message, key: int) -> bool:
    """Whether a message comes from a number or goes to it."""
    return key in (message.source, message.destination, message.recipient)


def forget(engine: Engine, message: Message) -> None:
    """A message, in memory or read from the store, is no more once that is safe: nobody gets it, and its row
    is deleted. When the commit fails it is what it was."""
    is_finished = message.state not in WAITING and message.id not in engine.message_index.receipts
    if not is_finished and engine.pending.forget(message):
        return  # its row goes with its end
    if is_finished and not engine.commit.durable:
        engine.message_index.drop(message.id)
    engine.commit.ask(MESSAGES, message.id, None)
