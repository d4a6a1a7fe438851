"""Rows of keys and values that one node writes, told to all the others in the same commit.

A letter has the rows themselves, which is enough while one node writes a key at a time. When several have
written the same key lately, nobody's letters tell which of them came last: then the row is read again, once
this node's own changes of it are decided, and what the store has holds.
"""

from __future__ import annotations

import json
from collections import Counter, deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Set
from functools import partial
from typing import Final, Protocol, TypeAlias

from smsc.engine.journal.commit import Commit
from smsc.engine.journal.records import KEY_VALUES, OWN_KEYS
from smsc.engine.mt.delivery import Delivery
from smsc.engine.port import Port
from smsc.store.base import Batch, Reads, Row, Store
from smsc.store.shared import Letter

#: To all: {key: JSON text, or null when the row is gone}
ROWS: Final = "rows"
AT_ONCE: Final = 50  # rows that are taken in one turn of the loop
_LATELY: Final = 10.0  # seconds

Take: TypeAlias = Callable[[str, str | None], None]


class Centre(Protocol):
    """What is needed of the engine."""

    commit: Commit
    delivery: Delivery
    port: Port
    store: Store


class ToldRows:
    """What is told of rows, and what others tell; ``take`` lets one hold here."""

    def __init__(self, me: str, engine: Centre) -> None:
        self.me = me
        self.engine = engine
        self.take: Take | None = None
        self._waiting: deque[tuple[str, str | None]] = deque()
        self._writers: dict[str, tuple[str, float]] = {}  # of a key, who wrote it last and when; oldest first
        self._asked: Counter[str] = Counter()  # being read again, how many times
        self._again: set[str] = set()  # of these, what this node has changed since

    def flushing(self, place: int, batch: Batch) -> tuple[int, None, str, str] | None:
        """The letter that goes with a commit, if any."""
        changed = batch.changes.get(KEY_VALUES.name)
        if not changed:
            return None
        rows = {key: None if row is None else row[1] for key, row in changed.items() if key not in OWN_KEYS}
        if not rows:
            return None
        for key in rows:
            self._is_contested(key, self.me)
        self._again.update(self._asked.keys() & rows.keys())
        return place, None, ROWS, json.dumps(rows)

    def letters(self, rows: Mapping[str, Row | None]) -> Iterator[str]:
        """The bodies of the letters that tell of very many rows, to go with the commit that brings them."""
        told: dict[str, str | None] = {}
        for key, row in rows.items():
            self._is_contested(key, self.me)
            told[key] = None if row is None else row[1]
            if len(told) == AT_ONCE:
                yield json.dumps(told)
                told = {}
        if told:
            yield json.dumps(told)

    def flushing_many(self, keys: Set[str]) -> None:
        """That commit is about to be written."""
        self._again.update(self._asked.keys() & keys)

    def heard(self, letter: Letter) -> None:
        """Another node has committed these."""
        if letter.sender == self.me:
            return
        open_keys = self._open_among(letter.body)
        contested = []
        for key, text in letter.body.items():
            if self._is_contested(key, letter.sender) or key in open_keys or key in self._asked:
                contested.append(key)
            else:
                self._waiting.append((key, text))
        if contested:
            self._read_again(contested)
        self._take_some()

    def _is_contested(self, key: str, writer: str) -> bool:
        """Whether somebody else has written the key lately too; the writer is noted."""
        now = self.engine.delivery.link_now
        while self._writers:
            oldest = next(iter(self._writers))
            if self._writers[oldest][1] > now - _LATELY:
                break
            del self._writers[oldest]
        before = self._writers.pop(key, None)
        self._writers[key] = writer, now
        return before is not None and before[0] != writer

    def _open_among(self, keys: Collection[str]) -> set[str]:
        """Which of these this node has changed and not handed to the store yet."""
        group = self.engine.commit.group
        changed = {key for table, key, _ in (*group.changes, *group.asked) if table is KEY_VALUES}
        return {key for key in keys if key in changed or any(key in many.rows for many in group.many)}

    def _read_again(self, keys: Iterable[str]) -> None:
        """Once all that this node has changed so far is decided."""
        self._asked.update(keys)
        self.engine.commit.when_committed(partial(self._ask, list(keys)))

    def _ask(self, keys: list[str], error: BaseException | None) -> None:
        def question(reads: Reads) -> list[str | None]:
            rows = [reads.get(KEY_VALUES, key) for key in keys]
            return [None if row is None else str(row[1]) for row in rows]

        def answer(texts: list[str | None] | None, error: BaseException | None) -> None:
            if texts is None:  # the store is away, and is asked again with the next commit
                self._answered(keys)
                self._read_again(keys)
                return
            self._answered(keys)
            changed = self._open_among(keys) | (self._again & set(keys))
            again = {key for key in changed if key not in self._asked}  # else another answer follows
            self._again -= again
            self._waiting.extend(one for one in zip(keys, texts, strict=True) if one[0] not in changed)
            if again:
                self._read_again(again)
            self._take_some()
            self.engine.port.answered()

        self.engine.store.ask(question, answer)

    def _answered(self, keys: Iterable[str]) -> None:
        for key in keys:
            self._asked[key] -= 1
            if not self._asked[key]:
                del self._asked[key]

    def _take_some(self) -> None:
        """So many in one turn that nobody is held up."""
        for _ in range(min(AT_ONCE, len(self._waiting))):
            key, text = self._waiting.popleft()
            if self.take is not None:
                self.take(key, text)
        if self._waiting and not self.engine.port.call_later(0.0, self._go_on):
            self._take_some()

    def _go_on(self) -> None:
        self._take_some()
        self.engine.port.answered()
