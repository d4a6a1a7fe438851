"""What waits in the store instead of in memory: the tail of long queues, and everything after a restart.

The store is the queue. Memory holds the head of what can go out soon, and one entry per recipient; the rest
of a queue is ``spilled`` and comes back in order as the head is worked off.

A row says ENROUTE from its commit until the commit of its end. Spilled are those rows whose message is
neither in the index (in memory, or ended and yet to be committed) nor new in a group of which nothing has
been heard yet (``coming``). There is no mark in the row: moving between memory and store writes nothing.

``put`` leaves a message to the store once it is committed. ``fetch`` reads in the order of the queue, rank
and id, as many rows more as memory holds, for those come first and are passed over. A newcomer that is
urgent goes to memory only when nothing as urgent is spilled (``recipient.top_spilled``) and less than HEAD
of its priority or above is there; after a restart anything may be, so it waits behind. When memory has run
out of what is as urgent as the store has, that is fetched before anything else goes out.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from smsc.delivery.message import ENROUTE, FOREVER, Message
from smsc.delivery.recipient import Recipient
from smsc.engine.journal.commit import Commit
from smsc.engine.journal.message_index import MessageIndex
from smsc.engine.journal.records import MESSAGES, message_of
from smsc.store.base import Store

HEAD = 64  # messages of one recipient that memory holds
HEAD_OCTETS = 32 * 1024  # and their texts together, but for one that is longer by itself
_LONG = HEAD_OCTETS // HEAD
_NOTHING: frozenset[int] = frozenset()
GRAIN = 1_000  # ms between looks for what has expired where many have to be looked at


class Spill:
    """The spilled part of every queue. Without a durable store nothing is ever spilled."""

    def __init__(self, store: Store, commit: Commit, message_index: MessageIndex, most: int) -> None:
        self.store = store
        self.commit = commit
        self.message_index = message_index
        self.most = most  # messages in memory, all recipients together
        self.expiring: dict[int, int] = {}  # by recipient, the last id of a look that is not through
        self.cut_short = False  # whether the last fetch left some that it had asked for

    def wants(self, recipient: Recipient, message: Message) -> bool:
        """Whether a message in a durable store is better left there for now.

        It is when something that goes before it is there too, or when memory holds enough that does.
        """
        if recipient.spilled and message.priority <= recipient.top_spilled:
            return True
        before = recipient.held(message.priority)
        if before >= HEAD or (before and len(message.body) > _LONG):
            return True
        return recipient.flags != 0 and self.message_index.count > self.most

    def put(self, recipient: Recipient, message: Message) -> None:
        """Leave the message to the store."""
        if not recipient.spilled or message.priority > recipient.top_spilled:
            recipient.top_spilled = message.priority
        recipient.spilled += 1
        recipient.next_expiry = min(recipient.next_expiry, message.expires_at)
        self.message_index.drop(message.id)

    def is_in_memory(self, message: Message) -> bool:
        """Whether the message is not (only) in the store."""
        return self.message_index.find(message.id) is not None

    def fetch(self, recipient: Recipient, priority: int = 0) -> list[Message]:
        """The next spilled messages of at least that priority, in order; they are in memory then.

        At most HEAD, and HEAD_OCTETS of text or one message; ``cut_short`` tells whether there may be more.
        """
        found: list[Message] = []
        octets = 0
        self.cut_short = False
        coming, changed = self.coming(), self.changed()
        limit = HEAD + recipient.count
        while True:
            rows = self.store.select(
                MESSAGES,
                {"recipient": recipient.key, "state": ENROUTE},
                less={"rank": 5 - priority},
                order=("rank", "id"),
                limit=limit,
            )
            for row in rows:
                if self.message_index.find(row[0]) is None and row[0] not in coming:
                    message = changed.get(row[0]) or message_of(row)
                    self.message_index.add(message)
                    found.append(message)
                    octets += len(message.body)
                    self.cut_short = len(found) == HEAD or octets >= HEAD_OCTETS
                    if self.cut_short:
                        break
            if found or len(rows) < limit:
                break
            limit *= 4  # all of these have ended, and the store has yet to hear of it
        recipient.spilled = max(0, recipient.spilled - len(found)) if found or priority else 0
        return found

    def coming(self) -> frozenset[int]:
        """What the store may show already though its commit has not been heard of: not spilled, still new."""
        under_way = self.commit.under_way
        return _NOTHING if under_way is None else under_way.fresh_ids()

    def changed(self) -> dict[int, Message]:
        """By id, what replace_sm changed and the store does not show yet."""
        commit = self.commit
        found = {} if commit.under_way is None else {m.id: m for m in commit.under_way.updates}
        found.update((message.id, message) for message in commit.group.updates)
        return found

    def find(self, message_id: int) -> Message | None:
        """A message that is only in the store, as it is by now; None when nobody has been told of its id."""
        if self.is_emptied():
            return None
        message = self.changed().get(message_id)
        if message is not None or message_id in self.coming():
            return message
        row = self.store.get(MESSAGES, message_id)
        return None if row is None else message_of(row)

    def of_sender(
        self,
        recipient: Recipient,
        source: int,
        source_text: bytes,
        service_type: bytes | None,
        after: int,
        most: int,
    ) -> Iterator[Message]:
        """What one sender has among the spilled of a recipient, behind the id ``after``, ``most`` a read;
        of one service type, or of all (None)."""
        where: dict[str, Any] = {"recipient": recipient.key, "state": ENROUTE, "source": source}
        where["source_text"] = source_text
        if service_type is not None:
            where["service_type"] = service_type
        while True:
            coming, changed = self.coming(), self.changed()
            rows = self.store.select(MESSAGES, where, greater={"id": after}, order=("id",), limit=most)
            for row in rows:
                if self.message_index.find(row[0]) is None and row[0] not in coming:
                    yield changed.get(row[0]) or message_of(row)
            if len(rows) < most:
                return
            after = rows[len(rows) - 1][0]

    def is_emptied(self) -> bool:
        """Whether DELETE /messages is yet to reach the store."""
        commit = self.commit
        under_way = commit.under_way
        return commit.group.cleared is not None or (under_way is not None and under_way.cleared is not None)

    def take_out(self, recipient: Recipient, message: Message) -> bool:
        """Take one spilled message into memory, and out of its queue; False when it is not spilled."""
        if recipient.spilled == 0 or self.is_in_memory(message):
            return False
        recipient.spilled -= 1
        self.message_index.add(message)  # nobody fetches its row, which is there until the commit
        return True

    def expired(self, recipient: Recipient, now: int, most: int) -> list[Message]:
        """Spilled messages whose validity is over, so many at once; they count as taken out."""
        if not recipient.spilled or not most:
            return []
        rows = self.store.select(
            MESSAGES,
            {"recipient": recipient.key, "state": ENROUTE},
            less={"expires_at": now + 1},
            greater={"id": self.expiring.pop(recipient.key, 0)},
            order=("id",),
            limit=most + recipient.count,
        )
        found: list[Message] = []
        coming, changed = self.coming(), self.changed()
        for row in rows:
            if self.message_index.find(row[0]) is None and row[0] not in coming:
                message = changed.get(row[0]) or message_of(row)
                if message.expires_at > now:
                    continue
                self.message_index.add(message)
                found.append(message)
                if len(found) == most:
                    self.expiring[recipient.key] = row[0]
                    break
        recipient.spilled = max(0, recipient.spilled - len(found))
        return found

    def next_expiry(self, recipient: Recipient, now: int) -> int:
        """When to look again for what has expired among the spilled: soon while the store shows some."""
        if not recipient.spilled:
            return FOREVER
        rows = self.store.select(
            MESSAGES,
            {"recipient": recipient.key, "state": ENROUTE},
            order=("expires_at",),
            limit=1,
        )
        return max(rows[0][7], now + GRAIN) if rows else now + GRAIN

    def waiting(self) -> Iterator[tuple[int, int, int]]:
        """(recipient, messages, earliest expiry) of everything the store holds for delivery."""
        return iter(self.store.tally(MESSAGES, "recipient", {"state": ENROUTE}, least="expires_at"))
