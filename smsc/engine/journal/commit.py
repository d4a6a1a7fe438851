"""Group commit: what has happened becomes true together, and only then is anybody told.

A group gathers new messages, final states and other changes while the store is busy with the group
before it. When the store says that a group is safe, ``on_done`` releases what waited for it:
``submit_sm_resp`` leaves, deliveries start, window slots are freed.

There is one open group, and at most one under way; so groups become safe in the order in which they were
filled, and the size of a group follows the load without a timer. With a store that is not durable a flush
answers at once, and the road is the same.

    open group --flush--> under way --safe--> fresh     answered, then queued (or held, scheduled)
        ^                     |               moved     queued: they left their handset, or were due
        |                     |               finals    their window slot is freed, they are forgotten
        |                     |               undoable  take effect
        +------- failed ------+               waiters   hear of it, last

What holds between commits: a message is *fresh* in exactly one group, and in no queue before that is safe.
A message that has ended is in no lane but still in the index until its final state is safe, for its row
shows it waiting until then. Rows are made at the flush, on the caller's thread, from messages that go on
changing afterwards: what changes later belongs to a later group.

A group that fails kept nothing. Fresh submissions are refused (ESME_RMSGQFUL, ESME_RSYSERR); what a request
was to do to a waiting message is undone; what has happened on the air, receipts and notices among it, goes
into the open group ahead of what is there, and is written again. Who waited in the open group meanwhile has
waited as long as that, and the store is told so (``Batch.waited``): a store that another program holds is
waited for once, not once a group. ``clear`` (DELETE /messages) overtakes a
group under way: its messages are answered, and nothing else comes of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol

from smsc.delivery.message import RECEIPT, REJECTED, Message
from smsc.engine.journal.records import MESSAGES, message_row
from smsc.engine.journal.stored import Written
from smsc.store.base import Batch, Changes, Store, Table


class Undoable(Protocol):
    """What was done to a message on the condition that the group is kept."""

    receipts: list[Message]

    def committed(self) -> None:
        """The group is safe."""

    def undo(self) -> None:
        """Nothing of the group was kept."""


class Others(Protocol):
    """The other nodes on this store."""

    def flushing(self, group: Group, batch: Batch) -> None:
        """A group is about to be written."""


class Many(NamedTuple):
    """Very many rows that were asked for as one. ``letters`` tell other nodes of them."""

    table: Table
    rows: Changes
    letters: Sequence[str]


class Pairs:
    """The messages that a group brings, by addresses and service type; filled in as far as it is asked."""

    __slots__ = ("by_pair", "seen")

    def __init__(self) -> None:
        self.by_pair: dict[tuple[int, bytes, int, bytes], list[Message]] = {}
        self.seen = [0, 0]

    def find(self, group: Group, message: Message) -> list[Message]:
        """Those alike, without looking twice at what was there the last time."""
        for place, messages in enumerate((group.moved, group.fresh)):
            first = min(self.seen[place], len(messages))
            for index in range(first, len(messages)):
                one = messages[index]
                pair = (one.source, one.source_text, one.destination, one.service_type)
                self.by_pair.setdefault(pair, []).append(one)
            self.seen[place] = len(messages)
        pair = (message.source, message.source_text, message.destination, message.service_type)
        return list(self.by_pair.get(pair, ()))


class Bound:
    """How many messages a group brings to each recipient; filled in as far as it is asked."""

    __slots__ = ("counts", "seen")

    def __init__(self) -> None:
        self.counts: dict[int, int] = {}
        self.seen = [0, 0]

    def count(self, group: Group, recipient: int) -> int:
        """Those for one recipient, without looking twice at what was there the last time."""
        for place, messages in enumerate((group.moved, group.fresh)):
            for index in range(self.seen[place], len(messages)):
                key = messages[index].recipient
                self.counts[key] = self.counts.get(key, 0) + 1
            self.seen[place] = len(messages)
        return self.counts.get(recipient, 0)

    def withdrawn(self, group: Group, message: Message) -> None:
        """The last of the new messages is new no longer."""
        if self.seen[1] > len(group.fresh):
            self.seen[1] = len(group.fresh)
            self.counts[message.recipient] -= 1


class Group:
    """What one commit makes true."""

    __slots__ = (
        "asked",
        "bound",
        "changes",
        "cleared",
        "finals",
        "forgotten",
        "fresh",
        "ids",
        "many",
        "moved",
        "octets",
        "overtaken",
        "pairs",
        "since",
        "undoable",
        "updates",
        "waiters",
    )

    def __init__(self) -> None:
        self.cleared: Table | None = None
        self.overtaken = False
        self.octets = 0  # of the texts that it brings
        self.ids: frozenset[int] | None = None
        self.fresh: list[Message] = []
        self.forgotten: list[Message] = []
        self.moved: list[Message] = []
        self.finals: list[Message] = []
        self.updates: list[Message] = []
        self.changes: list[tuple[Table, Any, tuple[Any, ...] | None]] = []
        self.asked: list[tuple[Table, Any, tuple[Any, ...] | None]] = []
        self.many: list[Many] = []
        self.undoable: list[Undoable] = []
        self.pairs: Pairs | None = None
        self.bound: Bound | None = None
        self.since = -1.0  # link time at which it could have been written, had the store been free
        self.waiters: list[Callable[[BaseException | None], None]] = []

    def fresh_ids(self) -> frozenset[int]:
        """The ids of the new messages; asked for only while the group is being written."""
        if self.ids is None:
            self.ids = frozenset([message.id for message in self.fresh])
        return self.ids

    def alike(self, message: Message) -> list[Message]:
        """What joins its queue once the group is safe, with the addresses and service type of ``message``."""
        if self.pairs is None:
            self.pairs = Pairs()
        return self.pairs.find(self, message)

    def coming(self, recipient: int) -> int:
        """How many messages join the queue of a recipient once the group is safe."""
        if self.bound is None:
            self.bound = Bound()
        return self.bound.count(self, recipient)

    def reordered(self) -> None:
        """Messages have left the group, or come before others: what was counted is counted again."""
        self.pairs = self.bound = None

    def is_empty(self) -> bool:
        """Whether there is nothing to make true and nobody to tell."""
        return not (
            self.fresh
            or self.finals
            or self.updates
            or self.moved
            or self.changes
            or self.asked
            or self.many
            or self.waiters
            or self.cleared
            or self.forgotten
        )


class Commit:
    """The open group, and at most one group on its way to the disk."""

    __slots__ = (
        "after",
        "durable",
        "group",
        "most_octets",
        "nodes",
        "octets",
        "on_done",
        "store",
        "under_way",
        "written",
    )

    def __init__(
        self,
        store: Store,
        on_done: Callable[[Group, BaseException | None], None],
        most_octets: int,
        after: Callable[[BaseException | None], None],
        nodes: Others | None = None,
    ) -> None:
        """``nodes`` are the others on the store; None where it is this server's alone."""
        self.store = store
        self.most_octets = most_octets
        self.durable = store.durable
        self.on_done = on_done
        self.after = after
        self.nodes = nodes
        self.group = Group()
        self.under_way: Group | None = None
        self.written = Written()
        self.octets = 0  # of the texts in both

    def add(self, message: Message) -> None:
        """A new message: safe before anybody hears of it."""
        self.group.fresh.append(message)
        self.bring(message.octets)

    def finish(self, message: Message) -> None:
        """A message has reached its final state."""
        self.group.finals.append(message)
        self.bring(message.octets)

    def update(self, message: Message) -> None:
        """A message changed while it waits, as by replace_sm."""
        self.group.updates.append(message)
        self.bring(len(message.body) + len(message.tlvs))

    def is_heavy(self) -> bool:
        """Whether so much text is on its way to the store that nothing more should follow for now."""
        return self.octets >= self.most_octets

    def bring(self, octets: int) -> None:
        """The open group brings so much more text."""
        self.group.octets += octets
        self.octets += octets

    def move_on(self, message: Message) -> None:
        """A message left the handset, or its time has come: it goes on once that is safe."""
        self.group.moved.append(message)
        self.bring(message.octets)

    def change(self, table: Table, key: Any, row: tuple[Any, ...] | None) -> None:
        """Put a row of another table, or delete it (None)."""
        self.group.changes.append((table, key, row))

    def ask(self, table: Table, key: Any, row: tuple[Any, ...] | None) -> None:
        """The same for somebody who is refused when the group fails: then it has not happened."""
        self.group.asked.append((table, key, row))

    def ask_many(self, table: Table, rows: Changes, letters: Sequence[str] = ()) -> None:
        """The same for very many rows, by key, without looking at each; they are the latest of the group."""
        if rows:
            self.group.many.append(Many(table, rows, letters))

    def withdraw(self, message: Message) -> None:
        """A message just added was refused after all."""
        message.state = REJECTED
        group = self.group
        self.bring(-message.octets)
        if group.fresh[len(group.fresh) - 1] is message:
            group.fresh.pop()
            if group.pairs is not None:
                group.pairs.seen[1] = min(group.pairs.seen[1], len(group.fresh))
            if group.bound is not None:
                group.bound.withdrawn(group, message)
        else:
            group.fresh.remove(message)
            group.reordered()

    def clear(self, table: Table) -> list[Message]:
        """Empty the table; what is under way to it counts for nothing. Returns the finals given up.

        New messages of the open group are forgotten before they were written; their submitters are answered.
        """
        if self.under_way is not None:
            self.under_way.overtaken = True
        group = self.group
        given_up = group.finals
        group.forgotten += group.moved
        group.forgotten += group.fresh
        self.bring(-group.octets)
        group.fresh = []
        group.finals = []
        group.updates = []
        group.undoable = []
        group.reordered()
        group.moved = []
        group.cleared = table
        return given_up

    def coming(self, recipient: int) -> int:
        """How many messages join the queue of a recipient with the commits that are to come."""
        under_way = self.under_way
        count = 0 if under_way is None or under_way.overtaken else under_way.coming(recipient)
        return count + self.group.coming(recipient)

    def when_committed(self, waiter: Callable[[BaseException | None], None]) -> None:
        """Call ``waiter`` once everything so far is in the store."""
        self.group.waiters.append(waiter)

    def is_idle(self) -> bool:
        """Whether everything that happened is safe."""
        return self.under_way is None and self.group.is_empty()

    def flush(self, link_now: float) -> None:
        """Hand the open group to the store, unless the one before is still being written."""
        if self.under_way is not None and self.group.since < 0 and not self.group.is_empty():
            self.group.since = link_now
        while self.under_way is None and not self.group.is_empty():
            group = self.group
            self.group = Group()
            if self.durable:
                self.under_way = group
                batch = self.batch(group)
                if group.since >= 0:
                    batch.waited = link_now - group.since
                if self.nodes is not None:
                    self.nodes.flushing(group, batch)
                for many in group.many:  # of which nodes are told otherwise
                    batch.of(many.table).update(many.rows)
                self.written.add(batch)
                self.store.write(batch, _Done(self, group))
            else:
                self.octets -= group.octets
                self.on_done(group, None)

    def batch(self, group: Group) -> Batch:
        """The rows of a group, made on the caller's thread from messages that go on changing."""
        batch = Batch()
        if group.cleared is not None:
            batch.clear(group.cleared)
        if group.fresh or group.updates or group.moved or group.finals:
            rows = batch.of(MESSAGES)
            for messages in (group.fresh, group.updates, group.moved):
                for message in messages:
                    rows[message.id] = message_row(message)
            for message in group.finals:  # a receipt has done its work
                rows[message.id] = None if message.kind == RECEIPT else message_row(message)
        for table, key, row in (*group.changes, *group.asked):
            if row is None:
                batch.delete(table, key)
            else:
                batch.put(table, row)
        return batch


class _Done:
    """What the store calls when a group is safe or has failed."""

    __slots__ = ("commit", "group")

    def __init__(self, commit: Commit, group: Group) -> None:
        self.commit = commit
        self.group = group

    def __call__(self, error: BaseException | None) -> None:
        commit = self.commit
        commit.under_way = None
        if error is not None:
            commit.written.failed()
        commit.octets -= self.group.octets
        commit.on_done(self.group, error)
        commit.after(error)
