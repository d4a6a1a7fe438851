"""Walks past messages in short steps: what is in memory, and what only the store has."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from smsc.control.search.matching import Search, Words
from smsc.control.steps import Steps, Wait, asked
from smsc.delivery.message import Message
from smsc.engine.journal.records import MESSAGES, message_of
from smsc.store.base import Reads

if TYPE_CHECKING:
    from smsc.engine.engine import Engine

STEP = 500
"""Ids that one step looks at."""
_MOST_SINGLE: Final = 30
"""Rows that are read one by one instead of all of their step."""


class Step(NamedTuple):
    """Messages that were found, and the id up to which has been looked."""

    found: list[Message]
    reached: int


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
    while low + 1 < high:
        ahead = yield from _next_ids(engine, numbers, newest, low, high)
        if not ahead:
            return
        if newest:
            last = max(ahead)
            first = max(low + 1, last - STEP + 1)
        else:
            first = min(ahead)
            last = min(high - 1, first + STEP - 1)
        found = yield from _step(engine, search, newest, first, last)
        yield Step(found, first if newest else last)
        low, high = (low, first) if newest else (last, high)


def _next_ids(engine: Engine, numbers: list[int], newest: bool, low: int, high: int) -> Steps[list[int]]:
    """The next id in memory and the next one in the store, if there are any. `numbers` are the blocks of the
    index that are yet to be walked, the next one last."""
    ahead: list[int] = []
    while numbers and not ahead:
        found = engine.message_index.between(
            max(low + 1, numbers[-1] << 10), min(high - 1, numbers[-1] << 10 | 1023)
        )
        if found:
            ahead.append(found[-1 if newest else 0].id)
        else:
            numbers.pop()
    stored = (yield from _next_stored(engine, newest, low, high)) if engine.commit.durable else None
    return ahead if stored is None else [*ahead, stored]


def _next_stored(engine: Engine, newest: bool, low: int, high: int) -> Steps[int | None]:
    """The id of the store's next row: a step that begins there looks at no gap."""
    rows = yield from asked(
        engine.store,
        lambda reads: reads.select(
            MESSAGES,
            greater={"id": low},
            less={"id": high},
            order=("id",),
            descending=newest,
            limit=1,
            columns=("id",),
        ),
    )
    return int(rows[0][0]) if rows else None


def _step(engine: Engine, search: Search, newest: bool, first: int, last: int) -> Steps[list[Message]]:
    if not engine.commit.durable:
        found = engine.message_index.between(first, last)
    else:
        rows = yield from asked(engine.store, lambda reads: _stored(reads, search, first, last))
        found = engine.message_index.between(first, last)
        known = {message.id for message in found}
        found += [message_of(row) for row in rows if row[0] not in known]
        found.sort(key=_id_of)
    if newest:
        found.reverse()
    matches = search.matches
    return [message for message in found if matches(message)]


def _stored(reads: Reads, search: Search, first: int, last: int) -> list[tuple[Any, ...]]:
    """The rows of a step that can match."""
    rows: list[tuple[Any, ...]] = []
    greater, less = {**search.greater, "id": first - 1}, {**search.less, "id": last + 1}
    wheres = [{**search.where, "state": state} for state in search.states] or [dict(search.where)]
    for where in wheres:
        if search.words:
            some = reads.select(MESSAGES, where, greater=greater, less=less, columns=Words.columns)
            for words in search.words:
                some = words.candidates(some)
            if len(some) <= _MOST_SINGLE:
                rows += filter(None, (reads.get(MESSAGES, row[0]) for row in some))
                continue
        rows += reads.select(MESSAGES, where, greater=greater, less=less)
    return rows


def _id_of(message: Message) -> int:
    return message.id
