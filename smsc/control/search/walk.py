"""Walks past messages in short steps: what is in memory, and what only the store has."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from smsc.control.search.matching import COLUMNS, OF_MESSAGE, OF_ROW, Search
from smsc.control.steps import Wait, asked
from smsc.delivery.message import Message
from smsc.engine.journal.records import MESSAGES, message_of
from smsc.store.base import Reads

if TYPE_CHECKING:
    from smsc.engine.engine import Engine

STEP = 500
"""Ids that one step looks at."""
LONGEST_STEP = 4_000
"""Ids that a step may have come to look at while words are looked for in vain in the store: each question
waits for its turn, however little it asks."""
_MOST_SINGLE: Final = 30
"""Rows that are read one by one instead of all of their step."""


class Step(NamedTuple):
    """Messages that were found, the id up to which has been looked, and past how many."""

    found: list[Message]
    reached: int
    looked: int


class Range(NamedTuple):
    """What a step looks at, ids from `first` to `last`, and the rows of it that can match."""

    first: int
    last: int
    rows: list[tuple[Any, ...]]


def walk(
    engine: Engine, search: Search, newest: bool, after: int, before: int
) -> Iterator[Step | Wait | None]:
    """Messages with `after` < id < `before` that match, step by step.

    What is in memory is newer than what the store has of it. Each message is told as it is at its step. What
    is no Step is a Wait for the store: whoever walks hands it on.
    """
    low, high = max(after, search.first - 1), min(before, search.last + 1)
    blocks = engine.message_index.blocks
    numbers = [number for number in blocks if low >> 10 <= number <= high >> 10]
    numbers.sort(reverse=not newest)  # the next one is the last
    size = STEP
    while low + 1 < high:
        ahead = _next_in_memory(engine, numbers, newest, low, high)
        span: Range | None = None
        if engine.commit.durable:
            look = partial(_stored, search, newest, low, high, ahead, size)
            span = yield from asked(engine.store, look)
            size = min(2 * size, LONGEST_STEP) if search.words and span and not span.rows else STEP
        elif ahead is not None:
            span = Range(*_step(newest, low, high, ahead, STEP), [])
        if span is None:
            return
        first, last, _ = span
        yield Step(_found(engine, search, newest, span), first if newest else last, last - first + 1)
        low, high = (low, first) if newest else (last, high)


def _next_in_memory(engine: Engine, numbers: list[int], newest: bool, low: int, high: int) -> int | None:
    """The next id in memory, if there is one. `numbers` are the blocks of the index that are yet to be
    walked, the next one last."""
    while numbers:
        found = engine.message_index.between(
            max(low + 1, numbers[-1] << 10), min(high - 1, numbers[-1] << 10 | 1023)
        )
        if found:
            return found[-1 if newest else 0].id
        numbers.pop()
    return None


def _step(newest: bool, low: int, high: int, ahead: int, size: int) -> tuple[int, int]:
    """The ids from the next one on, or down, that one step looks at."""
    return (max(low + 1, ahead - size + 1), ahead) if newest else (ahead, min(high - 1, ahead + size - 1))


def _stored(
    search: Search, newest: bool, low: int, high: int, ahead: int | None, size: int, reads: Reads
) -> Range | None:
    """The next step: from the next id in memory or in the store on, so that it looks at no gap, and the rows
    of it that can match. None when there is nothing more."""
    begin = reads.select(
        MESSAGES,
        greater={"id": low},
        less={"id": high},
        order=("id",),
        descending=newest,
        limit=1,
        columns=("id",),
    )
    starts = [row[0] for row in begin] + ([] if ahead is None else [ahead])
    if not starts:
        return None
    start = max(starts) if newest else min(starts)
    first, last = _step(newest, low, high, start, size)
    rows = _rows(reads, search, first, last)
    if rows is None:  # too many to be looked at in one turn
        first, last = _step(newest, low, high, start, STEP)
        rows = _rows(reads, search, first, last)
    return Range(first, last, rows or [])


def _rows(reads: Reads, search: Search, first: int, last: int) -> list[tuple[Any, ...]] | None:
    """The rows of a step that can match; None when of a long step there are many."""
    rows: list[tuple[Any, ...]] = []
    greater, less = {**search.greater, "id": first - 1}, {**search.less, "id": last + 1}
    wheres = [{**search.where, "state": state} for state in search.states] or [dict(search.where)]
    for where in wheres:
        if search.words:
            some = reads.select(MESSAGES, where, greater=greater, less=less, columns=COLUMNS)
            for words in search.words:
                some = words.candidates(some, OF_ROW)
            if len(some) <= _MOST_SINGLE:
                rows += filter(None, (reads.get(MESSAGES, row[0]) for row in some))
                continue
            if last - first >= STEP:
                return None
        rows += reads.select(MESSAGES, where, greater=greater, less=less)
    return rows


def _found(engine: Engine, search: Search, newest: bool, span: Range) -> list[Message]:
    found = engine.message_index.between(span.first, span.last)
    if span.rows:
        known = {message.id for message in found}
        found += [message_of(row) for row in span.rows if row[0] not in known]
        found.sort(key=_id_of)
    if newest:
        found.reverse()
    for words in search.words:
        found = words.candidates(found, OF_MESSAGE)
    matches = search.matches
    return [message for message in found if matches(message)]


def _id_of(message: Message) -> int:
    return message.id
