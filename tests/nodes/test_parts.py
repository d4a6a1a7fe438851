"""Parts of a node by themselves: binds that wait, rows that are read again, what is taken up."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from smsc.delivery.message import SCHEDULED
from smsc.delivery.recipient import Recipient
from smsc.engine.journal.records import KEY_VALUES
from smsc.engine.nodes import arrivals
from smsc.engine.nodes.arrivals import Arrivals
from smsc.engine.nodes.leaving import Leaving
from smsc.engine.nodes.nodes import Nodes
from smsc.engine.nodes.rows import ROWS, ToldRows
from smsc.engine.restart import Restart
from smsc.engine.rounds import A_TURN, Rounds
from smsc.nodes.ownership import Ownership
from smsc.store.base import Batch, Row
from smsc.store.shared import OWNERS, Letter


class Loop:
    """What is to be done in the turns to come."""

    def __init__(self) -> None:
        self.calls: deque[Callable[[], None]] = deque()

    def call_later(self, seconds: float, call: Callable[[], None]) -> bool:
        if seconds == 0.0:
            self.calls.append(call)
        return True

    def answered(self) -> None:
        """There is no engine."""


def test_the_failure_of_one_bind_that_waits_is_its_own_and_a_turn_answers_only_some(
    caplog: pytest.LogCaptureFixture,
) -> None:
    loop = Loop()
    series = SimpleNamespace(name="ids", block=1, end=lambda: 1, jump=lambda first: None)
    caught_up: list[Callable[[], None]] = []
    shared: Any = SimpleNamespace(
        reserve_last=lambda name, block, end, done: done(1, None), catch_up=caught_up.append
    )
    centre: Any = SimpleNamespace(port=loop, ids=series, short_ids=series)
    waiting = Arrivals(centre, shared)
    answered: list[int] = []

    def bind(number: int) -> None:
        if number % 2:
            raise ValueError(number)
        answered.append(number)

    waiting.wait(lambda: bind(1))
    count = 2 * arrivals.AT_ONCE
    for number in range(count):
        waiting.wait(lambda number=number: bind(number))  # type: ignore[misc]
    caught_up.pop()()
    assert answered == []
    assert len(caught_up) == 1, "those that came meanwhile are not held for good"
    caught_up.pop()()
    assert len(answered) == arrivals.AT_ONCE // 2
    while loop.calls:
        loop.calls.popleft()()
    assert answered == list(range(0, count, 2))
    assert "can not be answered" in caplog.text


class Rows:
    """One node's rows, with a commit and a store that do what the test says."""

    def __init__(self) -> None:
        self.waiters: list[Callable[[None], None]] = []
        self.answers: deque[Callable[[list[str | None], None], None]] = deque()
        group = SimpleNamespace(changes=[], asked=[], many=[])
        self.engine: Any = SimpleNamespace(
            commit=SimpleNamespace(group=group, when_committed=self.waiters.append),
            delivery=SimpleNamespace(link_now=0.0),
            port=Loop(),
            store=SimpleNamespace(ask=lambda question, answer: self.answers.append(answer)),
        )
        self.rows = ToldRows("oslo-1", self.engine)
        self.texts: list[str | None] = []
        self.rows.take = lambda key, text: self.texts.append(text)

    def hears(self, sender: str) -> None:
        self.rows.heard(Letter(sender, 1, 1, None, ROWS, {"key": f"of {sender}"}))

    def commits(self) -> None:
        waiters, self.waiters[:] = list(self.waiters), []
        for waiter in waiters:
            waiter(None)

    def changes(self, text: str) -> None:
        batch = Batch()
        batch.put(KEY_VALUES, ("key", text))
        self.rows.flushing(1, batch)
        self.texts.append(text)

    def reads(self, text: str) -> None:
        self.answers.popleft()([text], None)


def test_what_this_node_changes_while_a_row_is_read_twice_is_not_overwritten_by_an_older_text() -> None:
    node = Rows()
    for sender in ("bergen-1", "tromso-1", "bergen-1"):
        node.hears(sender)
    node.commits()
    assert len(node.answers) == 2
    node.reads("older")
    node.changes("of oslo-1")
    node.reads("older")
    assert node.texts[-1] == "of oslo-1"
    node.commits()
    node.reads("of oslo-1")
    assert node.texts[-1] == "of oslo-1"
    assert not node.answers
    assert not node.waiters
    node.hears("tromso-1")  # and what comes later is read and taken
    node.commits()
    node.reads("newer")
    assert node.texts[-1] == "newer"


def test_a_row_that_is_changed_before_both_of_two_readings_are_answered_is_read_once_more() -> None:
    node = Rows()
    for sender in ("bergen-1", "tromso-1", "bergen-1"):
        node.hears(sender)
    node.commits()
    node.changes("of oslo-1")
    node.reads("older")
    node.reads("older")
    assert node.texts[-1] == "of oslo-1"
    node.commits()
    assert len(node.answers) == 1
    node.reads("of oslo-1")
    node.commits()
    assert not node.answers
    assert node.texts[-1] == "of oslo-1"


class World:
    """What a takeover finds in the store, and what it takes up."""

    def __init__(self, rows: list[Row]) -> None:
        self.rows = rows
        self.taken: list[int] = []
        self.octets = 0
        self.now = 0
        timers: Any = self
        self.rounds = Rounds(timers)

    def arm(self, *_: object) -> None:
        """The next turn is the test's."""

    def select(self, _: object, where: dict[str, int], **__: object) -> list[Row]:
        return self.rows if where["state"] == SCHEDULED else []

    def ask(self, question: Any, answer: Any) -> None:
        answer(question(self), None)

    def restore(self, ident: int, pair: object, due: int) -> None:
        self.taken.append(ident)

    def take_up(self, messages: int, octets: int) -> None:
        self.octets += octets

    def look_at_all(self, now: int) -> None:
        assert len(self.taken) == len(self.rows) // 2


def test_what_a_dead_node_had_scheduled_is_taken_up_some_in_each_turn_with_its_octets() -> None:
    count = 4 * A_TURN
    world: Any = World([(ident, 1, None, 2, 3, b"hei", b"12") for ident in range(count)])
    world.queues = world
    series: Any = ()
    restart = Restart(world, series, world, world, world, world, world, None, lambda: None, lambda: None)
    restart.take_up_kept(lambda ident: ident % 2 == 0)
    turns = 1
    while world.rounds.work:
        assert len(world.taken) <= turns * A_TURN
        world.rounds.go_on(0)
        turns += 1
    assert turns >= count // A_TURN
    assert world.taken == list(range(0, count, 2))
    assert world.octets == 5 * len(world.taken)


class Recipients(dict[int, Recipient]):
    def drop(self, key: int) -> None:
        del self[key]


def test_a_recipient_leaves_when_what_is_in_flight_to_a_bind_that_serves_it_no_more_has_landed() -> None:
    recipient = Recipient(4790000001)
    recipient.in_flight = 1
    queues = SimpleNamespace(
        recipients=Recipients({recipient.key: recipient}),
        spill=SimpleNamespace(forget=lambda recipient: None),
    )
    centre: Any = SimpleNamespace(queues=queues, bindings=SimpleNamespace(serving=lambda key: None))
    woken: list[None] = []
    leaving = Leaving(Ownership("oslo-1"), centre, lambda: woken.append(None))
    leaving.wish(recipient.key, "bergen-1")
    for place in (1, 2):
        leaving.leave(place, Batch())
        assert recipient.key in queues.recipients
    assert len(woken) == 1, "no commit after the other while it is in flight"
    recipient.in_flight = 0
    batch = Batch()
    leaving.leave(3, batch)
    assert batch.changes[OWNERS.name] == {recipient.key: (recipient.key, "bergen-1")}
    assert not queues.recipients


def test_a_bind_elsewhere_is_looked_for_among_some_recipients_in_each_turn_and_each_range_once() -> None:
    world = World([])
    count = 3 * A_TURN
    recipients = Recipients((key, Recipient(key)) for key in range(1, count + 1))
    nodes = object.__new__(Nodes)
    queues: Any = SimpleNamespace(recipients=recipients, rounds=world.rounds, now=0)
    centre: Any = SimpleNamespace(queues=queues)
    nodes.engine, nodes._to_look, nodes._is_looking = centre, {}, False
    looked: list[int] = []
    vars(nodes)["look_at"] = looked.append
    nodes._look_at(1, count)
    assert len(looked) <= A_TURN
    for _ in range(3):  # what binds meanwhile
        nodes._look_at(2, count)
        nodes._look_at(7, 7)
    turns = 1
    while world.rounds.work:
        world.rounds.go_on(0)
        turns += 1
        assert len(looked) <= turns * A_TURN
    assert looked == [*range(1, count + 1), *range(2, count + 1), 7]
    nodes._look_at(5, 5)
    assert looked[-1] == 5
