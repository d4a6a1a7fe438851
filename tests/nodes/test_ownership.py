"""Who runs which recipient, after any order of binds, deaths, sleep, failed commits and late letters.

A database of its own stands for PostgreSQL: commits are whole and serial, a node that was taken over can
commit nothing, and a snapshot shows all of a moment. What a node does with it is the product's own.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from smsc.nodes.ownership import MESSAGE, Ownership, Waiting
from smsc.store.shared import GIVEN, SLOTS, TAKEN, Letter, Life, News, Tally, slot_of
from tests.conftest import examples

KEYS = (1, 2, SLOTS + 2, -3)
NAMES = ("a", "b", "c")


class Database:
    """What is committed."""

    def __init__(self) -> None:
        self.epochs = dict.fromkeys(NAMES, 0)
        self.numbers = dict.fromkeys(NAMES, 0)
        self.slots = ["a"] * SLOTS
        self.owners: dict[int, str] = {}
        self.heirs = {name: name for name in NAMES}  # who reads a node's mail
        self.mail: list[Letter] = []
        self.waiting: dict[int, int] = {}  # recipient keys by message
        self.done: Counter[int] = Counter()

    def owner(self, key: int) -> str:
        return self.owners.get(key) or self.slots[slot_of(key)]

    def news(self, me: str, seen: dict[str, int], read: set[int], *, whole: bool = False) -> News:
        """As `store.postgres.mail` reads it."""
        letters = []
        if not whole:
            mine = [name for name in NAMES if self.heirs[name] == me]
            letters = [one for one in self.mail if one.receiver in mine and one.place not in read]
            letters += [
                one for one in self.mail if one.receiver is None and one.number > seen.get(one.sender, -1)
            ]
        changed = {key for one in letters if one.kind == GIVEN for key in one.body["keys"]}
        slots = {slot for one in letters if one.kind == GIVEN for slot in one.body["slots"]}
        whole = whole or any(one.kind == TAKEN for one in letters)
        count = Counter(self.waiting.values())
        tally = tuple(
            Tally(key, count[key], 0, 0)
            for key in count
            if self.owner(key) == me and (whole or key in changed or slot_of(key) in slots)
        )
        owners = self.owners if whole else {k: n for k, n in self.owners.items() if k in changed}
        told_slots = tuple(self.slots) if whole or slots else None
        lives = [Life(name, True, "") for name in NAMES]
        return News(
            letters,
            dict(self.numbers),
            lives,
            frozenset(changed),
            dict(owners),
            told_slots,
            None,
            tally,
            whole,
        )


class Group:
    """What one commit makes true."""

    def __init__(self) -> None:
        self.fresh: list[tuple[int, int]] = []  # message, recipient
        self.finals: list[tuple[int, int]] = []
        self.letters: list[tuple[int, str | None, str, Any]] = []
        self.made: list[tuple[int, str | None, str, Any]] = []  # of what the group brings
        self.read: list[int] = []


class Node:
    """What a node has in memory."""

    def __init__(self, name: str, database: Database) -> None:
        self.name = name
        self.database = database
        self.places = 0
        self.start()

    def start(self) -> None:
        database = self.database
        database.epochs[self.name] += 1
        database.heirs[self.name] = self.name
        self.epoch = database.epochs[self.name]
        self.lives = True
        self.own = Ownership(self.name)
        news = database.news(self.name, {}, set(), whole=True)
        self.queue = Counter({tally.key: tally.messages for tally in self.own.begin(news)})
        self.seen = dict(news.numbers)
        self.read: set[int] = set()
        self.open = Group()
        self.under_way: Group | None = None
        self.given: tuple[Any, ...] | None = None
        self.gives: tuple[dict[int, str], dict[int, str], list[int]] = ({}, {}, [])
        self.sent: list[tuple[int, list[Waiting]]] = []
        self.away: set[int] = set()
        self.wishes: dict[int, str] = {}
        self.surplus: list[tuple[int, str]] = []
        self.inbox: News | None = None

    def place(self) -> int:
        self.places += 1
        return NAMES.index(self.name) + 10 * self.places

    def ended(self) -> set[int]:
        groups = [self.open] if self.under_way is None else [self.open, self.under_way]
        return {message for group in groups for message, _ in group.finals}

    def flush(self) -> None:
        if self.under_way is not None:
            return
        group, self.open = self.open, Group()
        held = {key for _, key in group.finals}
        keys = {k: n for k, n in self.wishes.items() if self.own.is_mine(k) and n != self.name}
        slots = {s: n for s, n in self.surplus if self.own.slots[s] == self.name}
        kept = [k for k in held if slot_of(k) in slots and k not in self.own.owners and k not in keys]
        self.wishes, self.surplus = {}, []
        if keys or slots:
            place = self.place()
            self.given = (place, None, GIVEN, {"keys": [*keys, *kept], "slots": list(slots)})
            self.own.give(place, keys, slots, kept)
            group.made.append(self.given)
            for key in KEYS:
                if not self.own.is_mine(key):
                    self.queue.pop(key, None)
        self.gives = keys, slots, kept
        away: dict[str, dict[int, int]] = {}
        for message, key in group.fresh:
            if not self.own.is_mine(key):
                self.away.add(message)
                of_node = away.setdefault(self.own.owner(key), {})
                of_node[key] = of_node.get(key, 0) + 1
        for node, counts in away.items():
            rows = [Waiting(key, count, 0, 0, 0) for key, count in counts.items()]
            place = self.place()
            group.made.append((place, node, MESSAGE, {"waiting": list(rows)}))
            self.sent.append((place, rows))
        self.under_way = group

    def commit(self) -> None:
        group = self.under_way
        if group is None:
            return
        database, keys, slots, kept = self.database, *self.gives
        if database.epochs[self.name] != self.epoch:
            self.lives = False
            return
        database.numbers[self.name] += 1
        number = database.numbers[self.name]
        for message, key in group.finals:
            assert database.owner(key) == self.name, "only its owner ends a message"
            assert message in database.waiting
            del database.waiting[message]
            database.done[message] += 1
        database.waiting.update(group.fresh)
        for key, node in keys.items():
            if database.slots[slot_of(key)] == node:
                database.owners.pop(key, None)
            else:
                database.owners[key] = node
        for slot, node in slots.items():
            database.slots[slot] = node
        database.owners.update(dict.fromkeys(kept, self.name))
        database.mail = [one for one in database.mail if one.place not in group.read]
        database.mail += [Letter(self.name, number, *letter) for letter in group.letters + group.made]
        self.told(number)

    def fail(self) -> None:
        """Nothing of it was kept: what is new is refused, what has happened is written again."""
        group = self.under_way
        if group is None:
            return
        self.open.finals[:0] = group.finals
        self.open.read[:0] = group.read
        self.open.letters[:0] = group.letters
        if self.given is not None:
            self.open.letters.append(self.given)
        self.told(None)

    def told(self, number: int | None) -> None:
        group, self.under_way = self.under_way, None
        assert group is not None
        if number is not None:
            for message, key in group.fresh:
                if message not in self.away and self.own.is_mine(key):
                    self.queue[key] += 1
            for _, rows in self.sent:
                for row in self.own.sent(number, rows):
                    self.queue[row.key] += row.messages
        self.away.clear()
        self.sent, self.given, self.gives = [], None, ({}, {}, [])

    def learn(self) -> None:
        news, self.inbox = self.inbox, None
        if news is None:
            return
        learned = self.own.learn(news)
        for letter in news.letters:
            if letter.receiver is None:
                self.seen[letter.sender] = max(self.seen.get(letter.sender, -1), letter.number)
            else:
                self.read.add(letter.place)
                self.open.read.append(letter.place)
        for node, origin, rows in learned.forward:
            body = {"of": tuple(origin), "waiting": rows}
            self.open.letters.append((self.place(), node, MESSAGE, body))
        for tally in learned.taken:
            self.queue[tally.key] += tally.messages
        for row in learned.more:
            self.queue[row.key] += row.messages


class Machine(RuleBasedStateMachine):
    @initialize()
    def begin(self) -> None:
        self.database = Database()
        self.nodes = [Node(name, self.database) for name in NAMES]
        self.messages = 0

    some = st.integers(0, len(NAMES) - 1)
    key = st.sampled_from(KEYS)

    @rule(which=some, key=key)
    def accept(self, which: int, key: int) -> None:
        node = self.nodes[which]
        if node.lives:
            self.messages += 1
            node.open.fresh.append((self.messages, key))

    @rule(which=some, key=key, to=st.sampled_from(NAMES))
    def bind(self, which: int, key: int, to: str) -> None:
        self.nodes[which].wishes[key] = to

    @rule(which=some)
    def share(self, which: int) -> None:
        alive = [node.name for node in self.nodes if node.lives]
        self.nodes[which].surplus = self.nodes[which].own.surplus(alive)

    @rule(which=some)
    def flush(self, which: int) -> None:
        if self.nodes[which].lives:
            self.nodes[which].flush()

    @rule(which=some)
    def commit(self, which: int) -> None:
        if self.nodes[which].lives:
            self.nodes[which].commit()

    @rule(which=some)
    def fail(self, which: int) -> None:
        if self.nodes[which].lives:
            self.nodes[which].fail()

    @rule(which=some)
    def look(self, which: int) -> None:
        node = self.nodes[which]
        if node.lives and node.inbox is None:
            node.read &= {one.place for one in self.database.mail}
            node.inbox = self.database.news(node.name, node.seen, node.read)

    @rule(which=some)
    def learn(self, which: int) -> None:
        if self.nodes[which].lives:
            self.nodes[which].learn()

    @rule(which=some, key=key)
    def deliver(self, which: int, key: int) -> None:
        """Read the next of the queue from the store, and end it with the next commit."""
        node = self.nodes[which]
        if not node.lives or not node.own.is_mine(key) or node.queue[key] <= 0:
            return
        ended = node.ended()
        coming = set() if node.under_way is None else {message for message, _ in node.under_way.fresh}
        found = [m for m, k in self.database.waiting.items() if k == key and m not in ended | coming]
        if found:
            node.open.finals.append((min(found), key))
            node.queue[key] -= 1

    @rule(which=some)
    def die(self, which: int) -> None:
        self.nodes[which].lives = False

    @rule(which=some)
    def restart(self, which: int) -> None:
        if not self.nodes[which].lives:
            self.nodes[which].start()

    @rule(which=some, by=some)
    def take_over(self, which: int, by: int) -> None:
        """Its lease has run out: it is dead, or asleep and does not know."""
        node, taker, database = self.nodes[which], self.nodes[by], self.database
        if which == by or not taker.lives or database.epochs[taker.name] != taker.epoch:
            return
        database.epochs[node.name] += 1
        database.numbers[taker.name] += 1
        database.slots = [taker.name if one == node.name else one for one in database.slots]
        database.owners = {
            key: taker.name if one == node.name else one for key, one in database.owners.items()
        }
        for name, heir in database.heirs.items():
            if node.name in (name, heir):
                database.heirs[name] = taker.name
        number = database.numbers[taker.name]
        database.mail.append(
            Letter(taker.name, number, taker.place(), None, TAKEN, {"node": node.name, "blocks": []})
        )

    @invariant()
    def nothing_is_done_twice(self) -> None:
        if hasattr(self, "database"):
            assert all(count == 1 for count in self.database.done.values())

    def teardown(self) -> None:
        """When all is quiet each recipient is run by one node, which knows all that waits for it."""
        if not hasattr(self, "database"):
            return
        for node in self.nodes:
            if not node.lives or self.database.epochs[node.name] != node.epoch:
                node.lives = False
            node.wishes, node.surplus = {}, []
        for node in self.nodes:
            if node.lives:
                node.commit()  # who still owns something is taken over again
        self.restart(0)
        for which in (1, 2):
            if not self.nodes[which].lives:
                self.take_over(which, 0)
        for _ in range(12):
            for which, node in enumerate(self.nodes):
                if not node.lives:
                    continue
                node.commit()
                node.flush()
                node.commit()
                node.learn()
                self.look(which)
                node.learn()
        alive = [node for node in self.nodes if node.lives]
        for key in KEYS:
            runs = [node for node in alive if node.own.is_mine(key)]
            assert [node.name for node in runs] == [self.database.owner(key)]
            assert {node.own.owner(key) for node in alive} == {runs[0].name}
            waits = sum(one == key for one in self.database.waiting.values())
            assert runs[0].queue[key] == waits
        assert not [letter for letter in self.database.mail if letter.receiver is not None]


TestOwnership = Machine.TestCase
TestOwnership.settings = settings(max_examples=examples(50), stateful_step_count=60, deadline=None)
