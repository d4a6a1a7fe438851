"""A store against a dictionary: whatever is done in whatever order, reads say what the dictionary says."""

import tempfile
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from smsc.store import Batch, Row
from tests.conftest import examples
from tests.store.keeper import MEMORY_DISK, MESSAGE, RECORD, Keeper, message, url_keeper

KEYS = st.integers(0, 40)
NAMES = st.text(st.characters(codec="utf-8"), max_size=3)
ROWS = st.builds(
    lambda number, recipient, state, submitted, price, text, body: message(
        number, recipient=recipient, state=state, submitted=submitted, price=price, text=text, body=body
    ),
    KEYS,
    st.none() | st.integers(0, 3),
    st.integers(0, 2),
    st.none() | st.integers(0, 20),
    st.none() | st.floats(allow_nan=False),
    st.none() | st.text(st.characters(codec="utf-8"), max_size=8),
    st.none() | st.binary(max_size=8),
)
CHANGES = st.lists(
    st.tuples(st.just("put"), ROWS)
    | st.tuples(st.just("delete"), KEYS)
    | st.tuples(st.just("record"), NAMES)
    | st.tuples(st.just("clear"), st.just(None)),
    max_size=30,
)
MANY = st.integers(1, 700)
PLACES = {name: place for place, name in enumerate(MESSAGE.columns)}
LAST = (False, 0)


def sort_key(order: tuple[str, ...]) -> Any:
    return lambda row: [
        (True, row[PLACES[name]]) if row[PLACES[name]] is not None else LAST for name in (*order, "id")
    ]


class StoreMachine(RuleBasedStateMachine):
    """`messages` and `records` are what the store should hold; `first` what a reservation should answer."""

    url = "memory:"

    def __init__(self) -> None:
        super().__init__()
        self.messages: dict[int, Row] = {}
        self.records: dict[str, Row] = {}
        self.first = 1
        self.keeper: Keeper | None = None

    @initialize()
    def begin(self) -> None:
        self.keeper = url_keeper(self.url).open()

    @rule(changes=CHANGES)
    def write(self, changes: list[tuple[str, Any]]) -> None:
        batch = Batch()
        for what, value in changes:
            self.apply(batch, what, value)
        assert self.keeper.commit(batch) is None

    def apply(self, batch: Batch, what: str, value: Any) -> None:
        if what == "put":
            batch.put(MESSAGE, value)
            self.messages[value[0]] = value
        elif what == "delete":
            batch.delete(MESSAGE, value)
            self.messages.pop(value, None)
        elif what == "record":
            batch.put(RECORD, (value, value))
            self.records[value] = (value, value)
        else:
            batch.clear(MESSAGE)
            self.messages.clear()

    @rule(count=MANY, state=st.integers(0, 2))
    def write_many(self, count: int, state: int) -> None:
        batch = Batch()
        for number in range(100, 100 + count):
            self.apply(batch, "put", message(number, state=state))
        assert self.keeper.commit(batch) is None

    @rule(below=st.integers(0, 20), state=st.integers(0, 2))
    def prune(self, below: int, state: int) -> None:
        assert self.keeper.prune(MESSAGE, "submitted", below, state=state) is None
        self.messages = {
            key: row
            for key, row in self.messages.items()
            if row[PLACES["submitted"]] is None
            or row[PLACES["submitted"]] >= below
            or row[PLACES["state"]] != state
        }

    @rule(block=st.integers(1, 1000))
    def reserve(self, block: int) -> None:
        assert self.keeper.store.reserve("message", block) == self.first
        self.first += block

    @rule(
        recipient=st.none() | st.integers(0, 3),
        after=st.integers(-1, 200),
        order=st.sampled_from([(), ("submitted",), ("state", "submitted"), ("text",), ("price", "body")]),
        descending=st.booleans(),
        limit=st.none() | st.integers(0, 10),
    )
    def select(
        self, recipient: int | None, after: int, order: tuple[str, ...], descending: bool, limit: int | None
    ) -> None:
        found = self.keeper.store.select(
            MESSAGE,
            {"recipient": recipient},
            greater={"id": after},
            order=order,
            descending=descending,
            limit=limit,
        )
        wanted = [
            row
            for row in self.messages.values()
            if row[PLACES["recipient"]] == recipient and row[PLACES["id"]] > after
        ]
        wanted.sort(key=sort_key(order), reverse=descending)
        assert found == wanted[:limit]
        assert self.keeper.store.count(MESSAGE, {"recipient": recipient}) == sum(
            row[PLACES["recipient"]] == recipient for row in self.messages.values()
        )

    @invariant()
    def holds_what_the_dictionary_holds(self) -> None:
        if self.keeper is None:
            return
        assert self.keeper.store.select(MESSAGE) == [self.messages[key] for key in sorted(self.messages)]
        assert self.keeper.store.count(RECORD) == len(self.records)
        for key in (0, 7, 101):
            assert self.keeper.store.get(MESSAGE, key) == self.messages.get(key)

    def teardown(self) -> None:
        if self.keeper is not None:
            self.keeper.close()


class DurableMachine(StoreMachine):
    """The same, closed and opened again whenever hypothesis likes."""

    def __init__(self) -> None:
        super().__init__()
        self.directory = tempfile.TemporaryDirectory(dir=MEMORY_DISK if MEMORY_DISK.is_dir() else None)
        self.url = f"sqlite:{Path(self.directory.name)}/smsc.db"

    @rule()
    def reopen(self) -> None:
        self.keeper.close()
        self.keeper = url_keeper(self.url).open()

    def teardown(self) -> None:
        super().teardown()
        self.directory.cleanup()


TestMemory = StoreMachine.TestCase
TestMemory.settings = settings(max_examples=examples(30), stateful_step_count=25, deadline=None)
TestSqlite = DurableMachine.TestCase
TestSqlite.settings = settings(max_examples=examples(15), stateful_step_count=20, deadline=None)
