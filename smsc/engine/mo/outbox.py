"""Messages that have not left the handset: ``hold`` and ``defer`` without coverage at the sender.

One outbox per handset, first in, first out. It opens when the handset has radio again; what it holds is
then considered as if it had just been sent, so many at a time that nobody else is held up. What was answered
(``hold``) is kept by a durable store, and in memory is only which there are; ``defer`` is unanswered and
stays in memory, bounded by the windows of the sessions.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from itertools import islice

from smsc.delivery.message import ABSOLUTE, FOREVER, Message
from smsc.engine.discarded import apart
from smsc.engine.mt.queues import Queues
from smsc.engine.mt.spill import GRAIN
from smsc.routing.subscribers import Registry

AT_ONCE = 256  # messages that leave one outbox in one turn of the loop
AGAIN = 1_000  # ms until messages that the store did not show are asked for again


class Held:
    """One message on its handset; it ends even there at ``end``. ``message``: None where the store has it."""

    __slots__ = ("destination", "end", "ident", "message")

    def __init__(self, ident: int, destination: int, end: int, message: Message | None) -> None:
        self.ident = ident
        self.destination = destination
        self.end = end
        self.message = message


class Outbox:
    """What one handset wants to send, in order."""

    __slots__ = ("armed", "expiry", "key", "messages", "reading")

    def __init__(self, key: int) -> None:
        self.armed = FOREVER
        self.expiry = FOREVER
        self.key = key
        self.reading = False  # whether the store has been asked for some that are to leave
        self.messages: dict[int, Held] = {}  # by id; of what is deferred, which has none yet, by -1, -2, ...


class Look:
    """Outboxes to be looked at again, because radio changed for more than one handset."""

    __slots__ = ("armed", "keys")

    def __init__(self) -> None:
        self.armed = FOREVER
        self.keys: deque[int] = deque()


class Outboxes:
    """All handsets that wait for coverage with something to send."""

    def __init__(
        self,
        registry: Registry,
        queues: Queues,
        durable: bool,
    ) -> None:
        self.boxes: dict[int, Outbox] = {}
        self.registry = registry
        self.queues = queues  # what is deferred counts there too
        self.timers = queues.timers
        self.spill = queues.spill
        self.durable = durable
        self.leaving: set[int] = set()  # handsets with radio whose outbox is not empty yet
        self.look = Look()
        self._deferred: dict[int, dict[int, int]] = {}  # bind id -> place -> handset
        self._count = 0
        self._serial = 0

    def add(self, message: Message, now: int) -> None:
        """Keep a message until its sender has coverage, which may be back already: then it leaves next, and
        what its handset sends meanwhile goes behind it."""
        if message.bind is not None:
            self._serial -= 1
            place = self._serial
            self.queues.octets += octets_of(message)
            self._deferred.setdefault(message.bind.id, {})[place] = message.source
        else:
            place = message.id
        kept: Message | None = message
        if message.bind is None and self.durable:
            self.spill.message_index.drop(message.id)
            kept = None
        self.restore(place, message.source, message.destination, end_of(message), kept)
        box = self.boxes[message.source]
        if self._arm(box, now):
            self.leaving.add(box.key)

    def restore(
        self, place: int, source: int, destination: int, end: int, kept: Message | None = None
    ) -> None:
        """One that the store keeps, or ``kept``; a look at it follows."""
        box = self.boxes.get(source)
        if box is None:
            box = self.boxes[source] = Outbox(source)
        box.messages[place] = Held(place, destination, end, kept)
        box.expiry = min(box.expiry, end)
        self._count += 1
        self.queues.elsewhere.came(destination)

    def open(self, key: int, now: int, left: Callable[[list[Message]], None]) -> int:
        """Open the handset's outbox if it has radio now, else wait for the next planned change. How many
        messages leave it: some in each turn of the loop, none while much is on its way to the store.

        ``left`` gets them, in order: later, where the store has to be asked. Without radio they are those
        that end on the handset.
        """
        box = self.boxes.get(key)
        if box is None or box.reading:
            return 0
        heavy = self.queues.commit.is_heavy()
        has_radio = self._has_radio(key, now)
        if has_radio:
            self.leaving.add(key)
            gone = [] if heavy else list(islice(box.messages.values(), AT_ONCE))
        else:
            self.leaving.discard(key)
            gone = self._over(box, now) if box.expiry <= now and not heavy else []
        stored = [held.ident for held in gone if held.message is None]
        if not stored:
            left(self._let_go(box, gone, {}, has_radio, now))
            return len(gone)

        def found(messages: list[Message | None], error: BaseException | None) -> None:
            box.reading = False
            if self.boxes.get(key) is not box:
                return
            now = self.queues.now
            if error is not None or self.queues.commit.is_heavy():
                box.expiry = min([box.expiry, *(held.end for held in gone)])
                self.timers.arm(box, now + AGAIN)
            elif has_radio and not self._has_radio(key, now):
                self.open(key, now, left)
            else:
                read = dict(zip(stored, messages, strict=True))
                still = [held for held in gone if box.messages.get(held.ident) is held]
                left(self._let_go(box, still, read, has_radio, now))

        box.reading = True
        self.spill.stored.find(stored, found)
        return len(gone)

    def _has_radio(self, key: int, now: int) -> bool:
        subscriber = self.registry.find(key)
        return subscriber is None or (subscriber.has_radio() and subscriber.place.reception(now) != 0)

    def _let_go(
        self, box: Outbox, gone: list[Held], read: dict[int, Message | None], has_radio: bool, now: int
    ) -> list[Message]:
        """They leave the outbox, in order; the rest follows, or waits for radio or its end."""
        heavy = self.queues.commit.is_heavy()
        found = [held.message or read.get(held.ident) for held in gone]
        for held in gone:
            self._drop(box, held)
        if box.messages:
            if has_radio or box.expiry <= now:
                self.timers.arm(box, now + GRAIN if heavy else now)
            else:
                self._arm(box, now)
        return [message for message in found if message is not None]

    def look_at_all(self, now: int) -> None:
        """Radio changed for many: look at every outbox, some in each turn of the loop."""
        self.look.keys = deque(self.boxes)
        self.timers.arm(self.look, now)

    def look_at_some(self, look: Look, now: int, left: Callable[[list[Message]], None]) -> None:
        """Look at the next of them; ``left`` gets what leaves each."""
        rest = AT_ONCE
        while look.keys and rest > 0:
            rest -= 1 + self.open(look.keys.popleft(), now, left)
        if look.keys:
            self.timers.arm(look, now)

    def _over(self, box: Outbox, now: int) -> list[Held]:
        """Some of those that end on the handset; ``expiry`` is when there are more."""
        over: list[Held] = []
        nearest = FOREVER
        for held in box.messages.values():
            if held.end <= now and len(over) < AT_ONCE:
                over.append(held)
            elif held.end < nearest:
                nearest = held.end
        box.expiry = nearest
        return over

    def of_pair(self, source: int, destination: int) -> list[Held]:
        """What a handset holds for a number and was answered for."""
        box = self.boxes.get(source)
        kept = [] if box is None else box.messages.values()
        return [held for held in kept if held.ident > 0 and held.destination == destination]

    def has(self, message: Message) -> bool:
        """Whether its handset holds it, here."""
        box = self.boxes.get(message.source)
        return box is not None and message.id in box.messages

    def take(self, message: Message) -> bool:
        """Take a held message out, into memory; False when its handset does not hold it."""
        box = self.boxes.get(message.source)
        held = None if box is None else box.messages.get(message.id)
        if box is None or held is None:
            return False
        self._drop(box, held)
        self.spill.message_index.add(message)
        return True

    def put_back(self, message: Message, now: int) -> None:
        """A held message that was taken out stays after all, in its place."""
        self.add(message, now)
        box = self.boxes[message.source]
        if len(box.messages) > 1:
            box.messages = dict(sorted(box.messages.items(), key=lambda one: (one[0] < 0, abs(one[0]))))

    def forget_bind(self, bind_id: int) -> None:
        """The session is gone, and what it was not answered for."""
        for place, key in self._deferred.pop(bind_id, {}).items():
            box = self.boxes.get(key)
            if box is not None and (held := box.messages.get(place)) is not None:
                self._drop(box, held)

    def forget_deferred(self, concerned: Callable[[Message], bool]) -> list[Message]:
        """Take out what is deferred and concerns somebody who is erased; the answers are still owed."""
        found = []
        for places in list(self._deferred.values()):
            for place, key in list(places.items()):
                held = self.boxes[key].messages[place]
                if held.message is not None and concerned(held.message):
                    found.append(held.message)
                    self._drop(self.boxes[key], held)
        return found

    def clear(self, unanswered: Callable[[Message], None]) -> Iterator[int]:
        """Every message is forgotten; what this returns takes them apart, and tells of those that were
        deferred. All timers are cleared too."""
        boxes, deferred, look = self.boxes, self._deferred, self.look
        self.boxes, self._deferred, self.look = {}, {}, Look()
        self.leaving = set()
        self._count = 0
        return _apart(boxes, deferred, look, unanswered)

    def count(self) -> int:
        """How many messages wait on handsets."""
        return self._count

    def _drop(self, box: Outbox, held: Held) -> None:
        """Out of its outbox; an empty one is forgotten."""
        del box.messages[held.ident]
        self._count -= 1
        self.queues.elsewhere.went(held.destination)
        message = held.message
        if message is not None and message.bind is not None:
            self.queues.octets -= octets_of(message)
            of_bind = self._deferred.get(message.bind.id)
            if of_bind is not None:
                of_bind.pop(held.ident, None)
                if not of_bind:
                    del self._deferred[message.bind.id]
        if not box.messages and self.boxes.get(box.key) is box:
            del self.boxes[box.key]
            self.leaving.discard(box.key)
            box.armed = FOREVER

    def _arm(self, box: Outbox, now: int) -> bool:
        """Look at it again when something in it ends, or when it opens; whether that is now."""
        self.timers.arm(box, box.expiry)
        subscriber = self.registry.find(box.key)
        opens = FOREVER
        if subscriber is None:  # the number is gone: so is what was on its handset
            opens = now
        elif subscriber.has_radio():
            opens = subscriber.place.reachable_from(now)
        self.timers.arm(box, opens)
        return opens <= now


def _apart(
    boxes: dict[int, Outbox],
    deferred: dict[int, dict[int, int]],
    look: Look,
    unanswered: Callable[[Message], None],
) -> Iterator[int]:
    while boxes:
        messages = boxes.popitem()[1].messages
        while messages:
            message = messages.popitem()[1].message
            if message is not None and message.bind is not None:
                unanswered(message)
            yield 1
    yield from apart(deferred, look.keys)


def octets_of(message: Message) -> int:
    """What a submission that has no place in the queue yet keeps in memory."""
    return len(message.body) + len(message.tlvs)


def end_of(message: Message) -> int:
    """When a message ends even while its handset holds it: at its absolute validity period."""
    return message.expires_at if message.validity == ABSOLUTE and message.bind is None else FOREVER
