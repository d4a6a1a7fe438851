"""Whose each recipient is: exactly one node runs its queue, timers and receipts.

A recipient key belongs to the node of its slot, unless it has an owner of its own. Only its owner gives it
away, in a commit of its own which also sends a letter to all (``GIVEN``); the new owner begins when it reads
that letter, with a tally of the store taken in the same snapshot. Of a dead node everything is given in the
commit that shuts it out (``TAKEN``).

Letters say only what to look at; whose it is then stands in the snapshot. Two things make this exact:

- What a node has given and not read its own letter of yet (``leaving``) is left out of what it learns: a
  snapshot may be older than its commit. When the commit failed the letter alone is sent all the same, and
  reading it shows that the recipient is this node's still: it is tallied and begun anew.
- A message that another node has accepted is counted by the letter of the commit that brought it, unless
  that commit showed in the snapshot of the tally (``since``): then it was counted there. A letter that was
  forwarded keeps the number of that first commit.

What this node has accepted for a recipient that it did not own yet when it was written, it counts itself as
soon as it is the owner (``sent``), and not again when the former owner forwards it: what is accepted next
would overtake it else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from smsc.store.shared import GIVEN, SLOTS, TAKEN, Letter, News, Tally, slot_of

#: To the owner: {"of": [sender, number] when it was forwarded, "waiting": [each a Waiting]}
MESSAGE = "message"

Numbers = Mapping[str, int]


class Waiting(NamedTuple):
    """So many messages more wait in the store for a recipient."""

    key: int
    messages: int
    expiry: int
    octets: int
    priority: int


class Origin(NamedTuple):
    """The commit that brought messages: whose, and its number."""

    node: str
    number: int


class Learned(NamedTuple):
    """What follows from news: what this node runs from now on, what more waits for what it runs, what goes on
    to others, and the nodes that were taken over."""

    taken: list[Tally]
    more: list[Waiting]
    forward: list[tuple[str, Origin, list[Waiting]]]
    dead: list[str]


class Ownership:
    """What one node knows."""

    def __init__(self, me: str) -> None:
        self.me = me
        self.slots: list[str] = [me] * SLOTS
        self.owners: dict[int, str] = {}  # of those that have one of their own
        self.leaving: dict[int, tuple[frozenset[int], frozenset[int]]] = {}  # keys and slots, by letter
        self._slot_since: list[Numbers] = [{}] * SLOTS
        self._key_since: dict[int, Numbers] = {}
        self._sent: list[tuple[int, list[Waiting]]] = []  # by number: no tally shows these commits yet

    def begin(self, news: News) -> list[Tally]:
        """At the start: what is this node's, with what waits for it."""
        assert news.slots is not None
        self.slots = list(news.slots)
        self.owners = dict(news.owners)
        self._slot_since = [news.numbers] * SLOTS
        mine = (key for key, node in self.owners.items() if node == self.me)
        self._key_since = dict.fromkeys(mine, news.numbers)
        return list(news.tally)

    # --- asking ---------------------------------------------------------------------------------

    def owner(self, key: int) -> str:
        """Who runs a recipient, as far as is known here. What is leaving is another's already."""
        if self.owners:
            own = self.owners.get(key)
            if own is not None:
                return own
        return self.slots[slot_of(key)]

    def is_mine(self, key: int) -> bool:
        return self.owner(key) == self.me

    def surplus(self, alive: Sequence[str]) -> list[tuple[int, str]]:
        """Slots that this node gives so that all who are alive have as many: (slot, to whom)."""
        nodes = sorted({*alive, self.me})
        have = dict.fromkeys(nodes, 0)
        for node in self.slots:
            if node in have:
                have[node] += 1
        most = -(-SLOTS // len(nodes))
        least = SLOTS // len(nodes)
        mine = [slot for slot, node in enumerate(self.slots) if node == self.me]
        given: list[tuple[int, str]] = []
        for node in nodes:
            while node != self.me and have[node] < least and have[self.me] > most and mine:
                given.append((mine.pop(), node))
                have[node] += 1
                have[self.me] -= 1
        return given

    # --- giving ---------------------------------------------------------------------------------

    def give(
        self, place: int, keys: Mapping[int, str], slots: Mapping[int, str], kept: Iterable[int]
    ) -> None:
        """From now on these are others'; the commit that says so has the letter with this place. ``kept`` are
        recipients of the slots that stay with this node, each by itself."""
        kept = list(kept)
        for key in kept:
            self._key_since[key] = self._since(key)
            self.owners[key] = self.me
        for key, node in keys.items():
            if self.slots[slot_of(key)] == node:
                self.owners.pop(key, None)
            else:
                self.owners[key] = node
            self._key_since.pop(key, None)
        for slot, node in slots.items():
            self.slots[slot] = node
        if slots:
            stays = self._key_since.items()
            self._key_since = {k: s for k, s in stays if k in self.owners or slot_of(k) not in slots}
        self.leaving[place] = frozenset((*keys, *kept)), frozenset(slots)

    def sent(self, number: int, waiting: list[Waiting]) -> list[Waiting]:
        """A commit of this node has told others of what waits for them; what is this node's own by now."""
        self._sent.append((number, waiting))
        return self._overdue()

    def _overdue(self) -> list[Waiting]:
        """Of what was sent to others, what is for recipients that have become this node's."""
        found: list[Waiting] = []
        for number, rows in self._sent:
            mine = [row for row in rows if self.is_mine(row.key)]
            for row in mine:
                since = self._since(row.key)
                if number > since.get(self.me, -1):
                    found.append(row)
                    self._key_since[row.key] = {**since, self.me: number}
            if mine:
                rows[:] = [row for row in rows if not self.is_mine(row.key)]
        return found

    def _since(self, key: int) -> Numbers:
        found = self._key_since.get(key)
        return self._slot_since[slot_of(key)] if found is None else found

    # --- learning -------------------------------------------------------------------------------

    def learn(self, news: News) -> Learned:
        """What is new of ownership and of what waits."""
        for letter in news.letters:
            if letter.sender == self.me and letter.kind == GIVEN:
                self.leaving.pop(letter.place, None)
        left_keys = frozenset().union(*(keys for keys, _ in self.leaving.values()))
        left_slots = frozenset().union(*(slots for _, slots in self.leaving.values()))
        mine_before = {tally.key for tally in news.tally if self.is_mine(tally.key)}
        self._learn_slots(news, left_slots)
        self._learn_owners(news, left_keys)
        taken = [
            tally
            for tally in news.tally
            if tally.key not in mine_before and tally.key not in left_keys and self.is_mine(tally.key)
        ]
        learned = Learned(taken, [], [], [one.body["node"] for one in news.letters if one.kind == TAKEN])
        seen = news.numbers.get(self.me, -1)
        self._sent = [one for one in self._sent if one[0] > seen and one[1]]
        learned.more.extend(self._overdue())
        for letter in news.letters:
            if letter.kind == MESSAGE:
                self._sort(letter, learned)
        return learned

    def _learn_slots(self, news: News, left: frozenset[int]) -> None:
        if news.slots is None:
            return
        for slot, node in enumerate(news.slots):
            if slot in left or node == self.slots[slot]:
                continue
            if node == self.me:
                self._slot_since[slot] = news.numbers
            self.slots[slot] = node

    def _learn_owners(self, news: News, left: frozenset[int]) -> None:
        changed = {*news.owners, *self.owners} if news.is_whole else news.changed
        for key in changed:
            if key in left:
                continue
            was_mine = self.is_mine(key)
            node = news.owners.get(key)
            if node is None:
                self.owners.pop(key, None)
            else:
                self.owners[key] = node
            if not self.is_mine(key):
                self._key_since.pop(key, None)
            elif not was_mine:
                self._key_since[key] = news.numbers

    def _sort(self, letter: Letter, learned: Learned) -> None:
        """What waits for recipients of this node is counted, what for others goes on to them."""
        of = letter.body.get("of")
        origin = Origin(letter.sender, letter.number) if of is None else Origin(*of)
        forward: dict[str, list[Waiting]] = {}
        for row in letter.body["waiting"]:
            waiting = Waiting(*row)
            owner = self.owner(waiting.key)
            if owner != self.me:
                forward.setdefault(owner, []).append(waiting)
            elif origin.number > self._since(waiting.key).get(origin.node, -1):
                learned.more.append(waiting)
        learned.forward.extend((node, origin, rows) for node, rows in forward.items())
