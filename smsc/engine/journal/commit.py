"""Group commit: what has happened becomes true together, and only then is anybody told.

A group gathers new messages, final states and other changes while the store is busy with the group
before it. When the store says that a group is safe, ``on_committed`` releases what waited for it:
``submit_sm_resp`` leaves, deliveries start, window slots are freed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from smsc.delivery.message import RECEIPT, Message
from smsc.engine.journal.records import MESSAGES, message_row
from smsc.store.base import Batch, Store, Table


class Group:
    """What one commit makes true."""

    __slots__ = (
        "changes",
        "cleared",
        "finals",
        "forgotten",
        "fresh",
        "ids",
        "moved",
        "overtaken",
        "updates",
        "waiters",
    )

    def __init__(self) -> None:
        self.cleared: Table | None = None
        self.overtaken = False
        self.ids: frozenset[int] | None = None
        self.fresh: list[Message] = []
        self.forgotten: list[Message] = []
        self.moved: list[Message] = []
        self.finals: list[Message] = []
        self.updates: list[Message] = []
        self.changes: list[tuple[Table, Any, tuple[Any, ...] | None]] = []
        self.waiters: list[Callable[[BaseException | None], None]] = []

    def fresh_ids(self) -> frozenset[int]:
        """The ids of the new messages; asked for only while the group is being written."""
        if self.ids is None:
            self.ids = frozenset([message.id for message in self.fresh])
        return self.ids

    def coming(self) -> list[Message]:
        """What joins its queue once the group is safe."""
        return [] if self.overtaken else self.moved + self.fresh

    def is_empty(self) -> bool:
        """Whether there is nothing to make true and nobody to tell."""
        return not (
            self.fresh
            or self.finals
            or self.updates
            or self.moved
            or self.changes
            or self.waiters
            or self.cleared
            or self.forgotten
        )


class Commit:
    """The open group, and at most one group on its way to the disk."""

    __slots__ = ("after", "durable", "group", "on_committed", "store", "under_way")

    def __init__(self, store: Store, on_committed: Callable[[Group, BaseException | None], None]) -> None:
        self.store = store
        self.durable = store.durable
        self.on_committed = on_committed
        self.after: Callable[[BaseException | None], None] | None = None
        self.group = Group()
        self.under_way: Group | None = None

    def add(self, message: Message) -> None:
        """A new message: safe before anybody hears of it."""
        self.group.fresh.append(message)

    def finish(self, message: Message) -> None:
        """A message has reached its final state."""
        self.group.finals.append(message)

    def update(self, message: Message) -> None:
        """A message changed while it waits, as by replace_sm."""
        self.group.updates.append(message)

    def move_on(self, message: Message) -> None:
        """A message left the handset, or its time has come: it goes on once that is safe."""
        self.group.moved.append(message)

    def change(self, table: Table, key: Any, row: tuple[Any, ...] | None) -> None:
        """Put a row of another table, or delete it (None)."""
        self.group.changes.append((table, key, row))

    def withdraw(self, message: Message) -> None:
        """A message just added was refused after all."""
        self.group.fresh.remove(message)

    def clear(self, table: Table) -> list[Message]:
        """Empty the table; what is under way to it counts for nothing. Returns the finals given up.

        New messages of the open group are forgotten before they were written; their submitters are answered.
        """
        if self.under_way is not None:
            self.under_way.overtaken = True
        group = self.group
        given_up = group.finals
        group.forgotten += [message for message in group.moved + group.fresh if message.bind is not None]
        group.fresh = []
        group.finals = []
        group.updates = []
        group.moved = []
        group.cleared = table
        return given_up

    def when_committed(self, waiter: Callable[[BaseException | None], None]) -> None:
        """Call ``waiter`` once everything so far is in the store."""
        self.group.waiters.append(waiter)

    def is_idle(self) -> bool:
        """Whether everything that happened is safe."""
        return self.under_way is None and self.group.is_empty()

    def flush(self) -> None:
        """Hand the open group to the store, unless the one before is still being written."""
        while self.under_way is None and not self.group.is_empty():
            group = self.group
            self.group = Group()
            if self.durable:
                self.under_way = group
                self.store.write(self.batch(group), _Done(self, group))
            else:
                self.on_committed(group, None)

    def batch(self, group: Group) -> Batch:
        """The rows of a group, made on the caller's thread from messages that go on changing."""
        batch = Batch()
        if group.cleared is not None:
            batch.clear(group.cleared)
        for message in group.fresh:
            batch.put(MESSAGES, message_row(message))
        for message in group.updates:
            batch.put(MESSAGES, message_row(message))
        for message in group.moved:
            batch.put(MESSAGES, message_row(message))
        for message in group.finals:
            if message.kind == RECEIPT:  # has done its work
                batch.delete(MESSAGES, message.id)
            else:
                batch.put(MESSAGES, message_row(message))
        for table, key, row in group.changes:
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
        commit.on_committed(self.group, error)
        if commit.after is not None:
            commit.after(error)
