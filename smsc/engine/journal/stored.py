"""Reads messages that the store alone has, without waiting for it, as they are by the time of the answer.

The store answers later, and meanwhile the world goes on: what was read as waiting may have been delivered and
forgotten, changed, or come into memory by another road. ``Written`` keeps the batches that a read may have
missed, from the one that was under way when it was asked; ``Stored`` lays them over the answer, and besides
what is known here and not there: what has not been told to be safe yet, and what replace_sm has changed. So
whoever asks gets what a store that answers at once would have said, and needs to know none of this.

Not seen are rows that became waiting while the read was under way: whoever left a message to the store
meanwhile knows that it is there.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from typing import Any, Protocol

from smsc.delivery.message import ENROUTE, Message
from smsc.engine.journal.message_index import MessageIndex
from smsc.engine.journal.records import MESSAGES, message_of
from smsc.store.base import Batch, Changes, Reads, Row, Store, StoreError

_NOTHING: frozenset[int] = frozenset()
_STATE = MESSAGES.columns.index("state")

Layer = tuple[bool, Changes]  # whether all rows before are gone, and rows by id
Found = Callable[[Iterator[Message], list[Row], BaseException | None], None]
FoundByIds = Callable[[list[Message | None], BaseException | None], None]


class Written:
    """What the oldest read that is yet to be answered may have missed. Reads are answered in their order."""

    __slots__ = ("asked", "first", "layers")

    def __init__(self) -> None:
        self.layers: deque[Layer] = deque()
        self.first = 0  # the number of the first of them
        self.asked: deque[int] = (
            deque()
        )  # for each read under way the number of the first layer to lay over it

    def add(self, batch: Batch) -> None:
        """A batch is handed to the store."""
        self.layers.append((MESSAGES.name in batch.cleared, batch.changes.get(MESSAGES.name, {})))
        self._forget()

    def failed(self) -> None:
        """Nothing of the latest batch was kept."""
        self.layers[-1] = (False, {})

    def begin(self) -> int:
        """A read is asked for."""
        since = self.first + max(0, len(self.layers) - 1)
        self.asked.append(since)
        return since

    def end(self, since: int) -> list[Layer]:
        """It is answered: what is to be laid over it, the latest first."""
        newest = self.first + len(self.layers) - 1
        found = [self.layers[number - self.first] for number in range(newest, since - 1, -1)]
        self.asked.popleft()
        self._forget()
        return found

    def _forget(self) -> None:
        needed = self.asked[0] if self.asked else self.first + len(self.layers) - 1
        while self.first < needed:
            self.layers.popleft()
            self.first += 1


def by_now(row: Row | None, ident: int, layers: list[Layer]) -> Row | None:
    """A row as the layers leave it; None when there is none."""
    for cleared, changes in layers:
        if ident in changes:
            return changes[ident]
        if cleared:
            return None
    return row


class Journal(Protocol):
    """What is written and not told to be safe yet."""

    durable: bool
    group: Any
    under_way: Any
    written: Written


class Stored:
    """The messages of a durable store. ``before`` and ``after`` surround an answer that came later."""

    __slots__ = ("after", "before", "commit", "message_index", "store")

    def __init__(
        self,
        store: Store,
        commit: Journal,
        message_index: MessageIndex,
        before: Callable[[], object],
        after: Callable[[], object],
    ) -> None:
        self.store = store
        self.commit = commit
        self.message_index = message_index
        self.before = before
        self.after = after

    def is_idle(self) -> bool:
        """Whether every read has been answered."""
        return not self.commit.written.asked

    def waiting(self, question: Callable[[Reads], list[Row]], found: Found) -> None:
        """Those of the rows that a question selects which wait for delivery and are in the store alone.

        ``found`` gets them in the order of the rows, made as they are taken, and the rows themselves.
        """

        def answer(rows: list[Row], layers: list[Layer], error: BaseException | None) -> None:
            found(self._waiting(rows, layers), rows, error)

        self._ask(question, answer)

    def find(self, idents: list[int], found: FoundByIds) -> None:
        """Messages by their ids as they are by now, wherever they are; None for one that there is not, or
        whose id nobody has been told."""

        def answer(rows: list[Row], layers: list[Layer], error: BaseException | None) -> None:
            there = {row[0]: row for row in rows}
            emptied, coming, changed = self.is_emptied(), self.coming(), self.changed()
            messages: list[Message | None] = []
            for ident in idents:
                message = self.message_index.find(ident)
                if message is None and not emptied:
                    message = changed.get(ident)
                    if message is None and ident not in coming:
                        row = by_now(there.get(ident), ident, layers)
                        message = None if row is None else message_of(row)
                messages.append(message)
            found(messages, error)

        def question(reads: Reads) -> list[Row]:
            return [row for row in (reads.get(MESSAGES, ident) for ident in idents) if row is not None]

        if not self.commit.durable:
            found([self.message_index.find(ident) for ident in idents], None)
            return
        self._ask(question, answer)

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

    def is_emptied(self) -> bool:
        """Whether DELETE /messages is yet to reach the store."""
        under_way = self.commit.under_way
        return self.commit.group.cleared is not None or (
            under_way is not None and under_way.cleared is not None
        )

    def _waiting(self, rows: list[Row], layers: list[Layer]) -> Iterator[Message]:
        if self.is_emptied():
            return
        coming, changed = self.coming(), self.changed()
        for row in rows:
            if self.message_index.find(row[0]) is None and row[0] not in coming:
                latest = by_now(row, row[0], layers)
                if latest is not None and latest[_STATE] == ENROUTE:
                    yield changed.get(row[0]) or message_of(latest)

    def _ask(
        self,
        question: Callable[[Reads], list[Row]],
        answer: Callable[[list[Row], list[Layer], BaseException | None], None],
    ) -> None:
        written = self.commit.written
        since = written.begin()
        later = False

        def answered(rows: list[Row] | None, error: BaseException | None) -> None:
            layers = written.end(since)
            if later:
                self.before()
            answer(rows or [], layers, error)
            if later:
                self.after()

        try:
            self.store.ask(question, answered)
        except StoreError as error:
            answered(None, error)
        later = True
