"""What waits in the store instead of in memory: the tail of long queues, and everything after a restart.

The store is the queue. Memory holds the head of what can go out soon, and one entry per recipient; the rest
of a queue is ``spilled`` and comes back in order as the head is worked off. The store answers later
(``journal.stored``), so a queue asks while some of its head is left.

A row says ENROUTE from its commit until the commit of its end. Spilled are those rows whose message is
neither in the index (in memory, or ended and yet to be committed) nor new in a group of which nothing has
been heard yet. There is no mark in the row: moving between memory and store writes nothing.

``put`` leaves a message to the store once it is committed. ``fetch`` reads in the order of the queue, rank
and id, as many rows more as memory holds, for those come first and are passed over. A newcomer that is
urgent goes to memory only when nothing as urgent is spilled (``recipient.top_spilled``) and less than HEAD
of its priority or above is there; after a restart anything may be, so it waits behind. When memory has run
out of what is as urgent as the store has, that is fetched before anything else goes out.

A recipient has at most one fetch under way, and one look for what has expired. What is left to the store
meanwhile (``Fetch.put``) is behind what the fetch brings, or is fetched next.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from smsc.delivery.message import ENROUTE, Message
from smsc.delivery.recipient import Recipient
from smsc.engine.discarded import apart
from smsc.engine.journal.message_index import MessageIndex
from smsc.engine.journal.records import MESSAGES
from smsc.engine.journal.stored import Stored
from smsc.store.base import Reads, Row, Store

HEAD = 64  # messages of one recipient that memory holds
HEAD_OCTETS = 32 * 1024  # and their texts together, but for one that is longer by itself
_LONG = HEAD_OCTETS // HEAD
_EXPIRES_AT = MESSAGES.columns.index("expires_at")
GRAIN = 1_000  # ms between looks for what has expired where many have to be looked at


Expired = Callable[["Look", list[Message], int], None]


class Fetch:
    """Spilled messages on their way into memory."""

    __slots__ = (
        "came",
        "cut_short",
        "error",
        "later",
        "limit",
        "messages",
        "pagings",
        "priority",
        "put",
        "put_off",
        "recipient",
    )

    def __init__(self, recipient: Recipient, priority: int, came: Callable[[Fetch], None]) -> None:
        self.recipient = recipient
        self.priority = priority
        self.came = came
        self.limit = HEAD + recipient.count
        self.pagings = recipient.pagings  # when it was asked for
        self.messages: list[Message] = []
        self.cut_short = False  # whether some that were asked for were left behind
        self.put = -1  # the highest priority of what was left to the store since
        self.later = False  # whether the answer did not come at once
        self.put_off = False  # whether all was left where it is, as memory holds too much and nothing can go
        self.error: BaseException | None = None


class Look:
    """A look for what has expired; ``later`` when the answer did not come at once."""

    __slots__ = ("later", "recipient")

    def __init__(self, recipient: Recipient) -> None:
        self.recipient = recipient
        self.later = False


class Spill:
    """The spilled part of every queue. Without a durable store nothing is ever spilled."""

    def __init__(
        self, store: Store, stored: Stored, message_index: MessageIndex, most: int, most_octets: int
    ) -> None:
        self.store = store
        self.stored = stored
        self.message_index = message_index
        self.most = most  # messages in memory, all recipients together
        self.most_octets = most_octets  # and their texts
        self.expiring: dict[int, int] = {}  # by recipient, the last id of a look that is not through
        self.fetches: dict[int, Fetch] = {}  # under way, by recipient
        self.looks: dict[int, Look] = {}

    def wants(self, recipient: Recipient, message: Message) -> bool:
        """Whether a message in a durable store is better left there for now.

        It is when something that goes before it is there too, or when memory holds enough that does.
        """
        if recipient.spilled and message.priority <= recipient.top_spilled:
            return True
        before = recipient.held(message.priority)
        if before >= HEAD or (before and len(message.body) > _LONG):
            return True
        return recipient.flags != 0 and self.is_over()

    def is_over(self) -> bool:
        """Whether memory holds more than it should, so that what need not be there is left to the store."""
        index = self.message_index
        return index.count - len(index.receipts) > self.most or index.octets > self.most_octets

    def weighed(self, message: Message, more: int) -> None:
        """A message has so many octets more than it had."""
        if self.message_index.find(message.id) is message:
            self.message_index.octets += more

    def put(self, recipient: Recipient, message: Message) -> None:
        """Leave the message to the store."""
        if not recipient.spilled or message.priority > recipient.top_spilled:
            recipient.top_spilled = message.priority
        fetch = self.fetches.get(recipient.key)
        if fetch is not None:
            fetch.put = max(fetch.put, message.priority)
        recipient.spilled += 1
        recipient.next_expiry = min(recipient.next_expiry, message.expires_at)
        self.message_index.drop(message.id)

    def left(self, recipient: Recipient, messages: int, priority: int, expiry: int) -> None:
        """So many more are in the store, none more urgent than that, and none expires earlier."""
        if not recipient.spilled or priority > recipient.top_spilled:
            recipient.top_spilled = priority
        fetch = self.fetches.get(recipient.key)
        if fetch is not None:
            fetch.put = max(fetch.put, priority)
        recipient.spilled += messages
        recipient.next_expiry = min(recipient.next_expiry, expiry)

    def is_in_memory(self, message: Message) -> bool:
        """Whether the message is not (only) in the store."""
        return self.message_index.find(message.id) is not None

    def fetch(self, recipient: Recipient, priority: int, came: Callable[[Fetch], None]) -> Fetch:
        """Ask for the next spilled messages of at least that priority, in order: at most HEAD, and
        HEAD_OCTETS of text or one message.

        ``came`` gets them, and they are in memory then; nothing comes for a recipient that was forgotten.
        """
        fetch = Fetch(recipient, priority, came)
        self.fetches[recipient.key] = fetch
        self._read(fetch)
        fetch.later = True
        return fetch

    def _read(self, fetch: Fetch) -> None:
        recipient = fetch.recipient
        where = {"recipient": recipient.key, "state": ENROUTE}
        less = {"rank": 5 - fetch.priority}
        limit = fetch.limit

        def found(messages: Iterator[Message], rows: list[Row], error: BaseException | None) -> None:
            if self.fetches.get(recipient.key) is fetch:
                self._take(fetch, messages, len(rows) < limit, error)

        self.stored.waiting(
            lambda reads: reads.select(MESSAGES, where, less=less, order=("rank", "id"), limit=limit), found
        )

    def _take(
        self, fetch: Fetch, messages: Iterator[Message], all_read: bool, error: BaseException | None
    ) -> None:
        octets = 0
        found = fetch.messages
        bind = fetch.recipient.bind
        if self.is_over() and bind is not None and not bind.has_room():  # others were faster
            del self.fetches[fetch.recipient.key]
            fetch.put_off = True
            fetch.came(fetch)
            return
        for message in messages:
            self.message_index.add(message)
            found.append(message)
            octets += len(message.body)
            fetch.cut_short = len(found) == HEAD or octets >= HEAD_OCTETS
            if fetch.cut_short:
                break
        if not (found or all_read or error is not None):
            fetch.limit *= 4  # all of these have ended, and the store has yet to hear of it
            self._read(fetch)
            return
        recipient = fetch.recipient
        if found or fetch.priority or fetch.put >= 0 or error is not None:
            recipient.spilled = max(0, recipient.spilled - len(found))
        else:
            recipient.spilled = 0
        del self.fetches[recipient.key]
        fetch.error = error
        fetch.came(fetch)

    def of_sender(
        self,
        recipient: Recipient,
        source: int,
        source_text: bytes,
        service_type: bytes | None,
        after: int,
        most: int,
    ) -> Callable[[Reads], list[Row]]:
        """The question for what one sender has among the waiting of a recipient, behind the id ``after``; of
        one service type, or of all (None)."""
        where: dict[str, Any] = {"recipient": recipient.key, "state": ENROUTE, "source": source}
        where["source_text"] = source_text
        if service_type is not None:
            where["service_type"] = service_type
        return lambda reads: reads.select(MESSAGES, where, greater={"id": after}, order=("id",), limit=most)

    def take_out(self, recipient: Recipient, message: Message) -> bool:
        """Take one spilled message into memory, and out of its queue; False when it is not spilled."""
        if recipient.spilled == 0 or self.is_in_memory(message):
            return False
        recipient.spilled -= 1
        self.message_index.add(message)  # nobody fetches its row, which is there until the commit
        return True

    def look_for_expired(self, recipient: Recipient, now: int, most: int, told: Expired) -> Look | None:
        """Ask for spilled messages whose validity is over, so many at once; ``told`` gets them, taken out,
        and when to look again: soon while the store shows some. None while a look is under way."""
        if recipient.key in self.looks:
            return None
        look = Look(recipient)
        self.looks[recipient.key] = look
        where = {"recipient": recipient.key, "state": ENROUTE}
        after = {"id": self.expiring.pop(recipient.key, 0)}
        limit = most + recipient.count
        nearest: list[int] = []

        def question(reads: Reads) -> list[Row]:
            soonest = reads.select(MESSAGES, where, order=("expires_at",), limit=1)
            nearest.extend(row[_EXPIRES_AT] for row in soonest)
            less = {"expires_at": now + 1}
            return reads.select(MESSAGES, where, less=less, greater=after, order=("id",), limit=limit)

        def found(messages: Iterator[Message], rows: list[Row], error: BaseException | None) -> None:
            if self.looks.get(recipient.key) is not look:
                return
            del self.looks[recipient.key]
            expired: list[Message] = []
            for message in messages:
                if message.expires_at > now:
                    continue
                self.message_index.add(message)
                expired.append(message)
                if len(expired) == most:
                    self.expiring[recipient.key] = message.id
                    break
            recipient.spilled = max(0, recipient.spilled - len(expired))
            again = max(nearest[0], now + GRAIN) if nearest else now + GRAIN
            told(look, expired, now if len(expired) == most else again)

        self.stored.waiting(question, found)
        look.later = True
        return look

    def forget(self, recipient: Recipient) -> None:
        """Nothing waits for a recipient any more: nothing comes of what it asked."""
        if self.fetches:
            self.fetches.pop(recipient.key, None)
        if self.looks:
            self.looks.pop(recipient.key, None)
        if self.expiring:
            self.expiring.pop(recipient.key, None)

    def clear(self) -> Iterator[int]:
        """All was deleted: nothing comes of what was asked; what this returns takes it apart."""
        gone = self.fetches, self.looks, self.expiring
        self.fetches, self.looks, self.expiring = {}, {}, {}
        return apart(*gone)

    def waiting(self) -> Iterator[tuple[int, int, int]]:
        """(recipient, messages, earliest expiry) of everything the store holds for delivery."""
        return iter(self.store.tally(MESSAGES, "recipient", {"state": ENROUTE}, least="expires_at"))
