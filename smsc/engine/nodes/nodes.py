"""This node among others on one store: who runs which recipient, and what is told when.

The engine asks this object at four places, and there is none where a server has its store to itself:

- ``flushing`` when a group is handed to the store: what of it is for recipients of other nodes is told to
  them in the same commit, and what is to be given away is given.
- ``takes`` when a committed message joins its queue: one for a recipient of another node waits in the store
  alone, and the owner counts it among what it has there (``more``).
- ``began`` and ``ended`` when a session does, ``bound`` and ``parted`` besides for one that receives.

A recipient is given to a node where it is bound when something waits for it, it is bound at that node and not
here, and nothing of it is in flight. Its new owner takes it up as after a restart.
"""

from __future__ import annotations

import json
import logging
import re
from collections import deque
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Final, Protocol
from zlib import crc32

from smsc.delivery.message import EMERGENCY_PRIORITY, ENROUTE, WAITING, Message
from smsc.delivery.recipient import Recipient
from smsc.engine.binds.bindings import Bind, Bindings
from smsc.engine.journal.commit import Commit, Group
from smsc.engine.journal.ids import IdSeries
from smsc.engine.mt.delivery import Delivery
from smsc.engine.mt.queues import Queues
from smsc.engine.mt.transaction import TransactionResponses
from smsc.engine.nodes.arrivals import Arrivals
from smsc.engine.nodes.asking import ANSWERED, ASKED, Asking
from smsc.engine.nodes.blocks import Blocks
from smsc.engine.nodes.leaving import Leaving
from smsc.engine.nodes.rows import ROWS, ToldRows
from smsc.engine.port import Port
from smsc.engine.rounds import Work
from smsc.nodes.bound import BoundElsewhere
from smsc.nodes.ownership import MESSAGE, Ownership, Waiting
from smsc.routing.accounts import indexes
from smsc.services.base import SERVERS
from smsc.store.base import Batch, Store, StoreError
from smsc.store.shared import BINDS, MAIL, SESSIONS, TAKEN, Bound, Letter, Life, News, Shared, Tally

BOUND: Final = "bound"  # to all: the rows of BINDS that are new
PARTED: Final = "parted"  # to all: the ids of those that are gone
FATE: Final = "fate"  # to all: [id, state, reason] of a message in transaction mode that has ended
GIVE_WAY: Final = "give_way"  # to an owner: the id of a message, accepted in the same commit, that replaces
_TIDY: Final = 60_000  # ms between two times that recipients of their own are given back
AT_ONCE: Final = 256  # recipients that are taken up in one turn of the loop


class Pending(Protocol):
    """What still waits here."""

    def give_way_to(self, ident: int) -> None:
        """A message of another node takes the place of what waits of its kind."""

    def keeps(self, message: Message) -> bool:
        """Whether a message is scheduled, or held on its handset, here."""


class TakingUp(Protocol):
    """What there is in the store."""

    def take_up_kept(self, is_ours: Callable[[int], bool]) -> None:
        """Scheduled and held messages that another node had are this one's now."""


class Centre(Protocol):
    """What is needed of the engine."""

    queues: Queues
    commit: Commit
    delivery: Delivery
    bindings: Bindings
    port: Port
    ids: IdSeries
    short_ids: IdSeries
    store: Store
    pending: Pending
    transactions: TransactionResponses

    @property
    def restart(self) -> TakingUp:
        """Who takes up what another node had."""

    def set_time(self, link_now: float) -> int:
        """It is now."""


log = logging.getLogger("smsc.nodes")

Handler = Callable[[Letter], None]


class Nodes:
    """Made before the parts of the engine, which it asks when something happens."""

    def __init__(self, engine: Centre, shared: Shared) -> None:
        self.engine = engine
        self.shared = shared
        self.me = shared.name
        self.own = Ownership(self.me)
        self.elsewhere = BoundElsewhere(self.me, _matcher)
        self.leaving = Leaving(self.own, engine, self._wake)
        self.blocks = Blocks(self.me)
        self.asking = Asking(self)
        self.arrivals = Arrivals(engine, shared)
        self.lives: list[Life] = []
        self._when_lost: Callable[[Exception], None] = _nothing
        #: What to do with letters of other kinds, by kind; on the loop, each sender's in order.
        self.rows = ToldRows(self.me, engine)
        self.on: dict[str, Handler] = {
            BOUND: self._others_bound,
            PARTED: self._others_parted,
            ROWS: self.rows.heard,
            GIVE_WAY: self._given_way,
            FATE: self._fate_known,
            ASKED: self.asking.asked,
            ANSWERED: self.asking.answered,
        }
        self._place = shared.first_place()
        self._away: set[int] = set()  # of the group under way, what is for recipients of other nodes
        self._sent: list[tuple[int, list[Waiting]]] = []  # by place, the letters of the group under way
        self._begun: list[Tally] = []
        self._to_take: deque[Waiting] = deque()
        #: From which key to which recipients may be bound elsewhere, and not here; the oldest first.
        self._to_look: dict[tuple[int, int], None] = {}
        self._is_looking = False
        self._wakes = False
        self._tidied_at = 0  # ms

    # --- the beginning --------------------------------------------------------------------------

    def begin(self) -> None:
        """Learn what is this node's. Before a port is open. Raises StoreError."""
        news = self.shared.begin(self._told, self._lost)
        self._begun = self.own.begin(news)
        self.elsewhere.begin(news.binds or ())
        self.lives = news.lives
        for life in news.lives:
            if life.name != self.me and _number(life.name) == self.number:
                raise StoreError(
                    f"node {self.me}: its services would give the same numbers as those of {life.name}; "
                    "choose another name"
                )
        self.blocks.begin((self.engine.ids, self.engine.short_ids), self.shared.blocks())

    def when_lost(self, call: Callable[[Exception], None]) -> None:
        """Have somebody told, with the store's sentence, when another node has taken this one over."""
        self._when_lost = call

    @property
    def number(self) -> int:
        """What the services of this node know it by."""
        return _number(self.me)

    def is_mine(self, key: int) -> bool:
        """Whether this node runs what there is of a recipient key."""
        return self.own.is_mine(key)

    def owner(self, key: int) -> str:
        """Which node runs what waits for a recipient key."""
        return self.own.owner(key)

    def node_of(self, message: Message) -> str | None:
        """Which other node runs a message that waits; None when this one does, or nobody needs to."""
        if message.state == ENROUTE:
            node: str | None = self.own.owner(message.recipient)
        elif message.state in WAITING and not self.engine.pending.keeps(message):
            node = self.blocks.node_of(message.id) or "another"  # who has accepted it
        else:
            node = None
        return None if node == self.me else node

    def give_way(self, message: Message) -> None:
        """A new message takes the place of what waits of its kind, which the recipient's owner knows."""
        node = self.own.owner(message.recipient)
        if node != self.me:
            self.tell(GIVE_WAY, message.id, node)

    @property
    def queues(self) -> Queues:
        return self.engine.queues

    @property
    def commit(self) -> Commit:
        return self.engine.commit

    @property
    def port(self) -> Port:
        return self.engine.port

    def waiting(self) -> Iterator[tuple[int, int, int]]:
        """(recipient, messages, earliest expiry) of what waits for delivery by this node."""
        return ((tally.key, tally.messages, tally.expiry) for tally in self._begun)

    def octets(self) -> int:
        """Of their texts. What was begun with is forgotten then."""
        octets = sum(tally.octets for tally in self._begun)
        self._begun = []
        return octets

    def keeps(self, ident: int) -> bool:
        """Whether a scheduled or held message is this node's: it is of who has accepted it."""
        node = self.blocks.node_of(ident)
        return self.own.slots[0] == self.me if node is None else node == self.me

    # --- telling --------------------------------------------------------------------------------

    def tell(self, kind: str, body: Any, to: str | None = None) -> None:
        """A letter in the next commit, to one node or to all (this one among them); read within a second."""
        place = self.next_place()
        self.commit.change(MAIL, place, (place, to, kind, json.dumps(body)))

    def alive(self) -> list[str]:
        """The nodes whose lease runs."""
        return sorted({self.me, *(life.name for life in self.lives if life.is_alive)})

    def next_place(self) -> int:
        """The place of a letter in the next commit, behind all before it."""
        self._place += 1
        return self._place

    # --- what the engine asks -------------------------------------------------------------------

    def flushing(self, group: Group, batch: Batch) -> None:
        """A group is about to be written, and none is under way."""
        self._wakes = False
        self.leaving.leave(self.next_place(), batch)
        rows = self.rows.flushing(self.next_place(), batch)
        if rows is not None:
            batch.put(MAIL, rows)
        for many in group.many:
            self.rows.flushing_many(many.rows.keys())
            for body in many.letters:
                batch.put(MAIL, (self.next_place(), None, ROWS, body))
        away: dict[str, dict[int, Waiting]] = {}
        owner = self.own.owner
        for message in (*group.moved, *group.fresh):
            if message.state == ENROUTE:
                node = owner(message.recipient)
                if node != self.me:
                    self._away.add(message.id)
                    _count(away.setdefault(node, {}), message)
        for node, waiting in away.items():
            counts = list(waiting.values())
            letter = self.next_place(), node, MESSAGE, json.dumps({"waiting": counts})
            batch.put(MAIL, letter)
            self._sent.append((letter[0], counts))

    def group_done(self, error: BaseException | None) -> None:
        """The group is safe, or nothing of it was kept; whatever follows has been done."""
        self._away.clear()
        sent, self._sent = self._sent, []
        if error is None:
            for place, rows in sent:
                for waiting in self.own.sent(self.shared.number_of(place), rows):
                    self.more(waiting)
        letter = self.leaving.group_done(error)
        if letter is not None:
            self.commit.change(MAIL, letter[0], letter)

    def takes(self, message: Message) -> bool:
        """Whether a committed message does not join its queue here; then it waits in the store alone."""
        key = message.recipient
        if message.id in self._away or not self.own.is_mine(key):
            self.queues.count_out(message)
            self.queues.spill.message_index.drop(message.id)
            return True
        node = self._better(key)
        if node is None:
            return False
        recipient = self._recipient(key)
        self.queues.spill.put(recipient, message)
        self.leaving.wish(key, node)
        self._rearm(recipient)
        return True

    def tell_fate(self, message: Message) -> None:
        """A message in transaction mode has ended, and its response is not owed here."""
        self.tell(FATE, [message.id, message.state, message.reason])

    def began(self, bind: Bind) -> None:
        """A session is bound: any node shows it."""
        kind = int(bind.receiving), int(bind.sending)
        about = bind.peer, bind.session.version, bind.bound_at
        self.commit.change(SESSIONS, bind.id, (bind.id, self.me, bind.account.system_id, *kind, *about))

    def ended(self, bind: Bind) -> None:
        """It is over."""
        self.commit.change(SESSIONS, bind.id, None)

    def bound(self, bind: Bind) -> None:
        """A bind receives from now on."""
        pattern = "" if bind.serves is None else bind.serves.pattern.pattern
        rows = [Bound(ident, self.me, *ends, pattern) for ident, ends in self._ends_of(bind)]
        for row in rows:
            self.commit.change(BINDS, row.id, row)
        self.tell(BOUND, rows)

    def parted(self, bind: Bind) -> None:
        """It receives no more."""
        ends = list(self._ends_of(bind))
        for ident, _ in ends:
            self.commit.change(BINDS, ident, None)
        self.tell(PARTED, [ident for ident, _ in ends])
        for _, (first, last) in ends:
            self._look_at(first, last)

    def before_bind(self, call: Callable[[], None]) -> None:
        """Call when this node has caught up with the others, so that whoever was bound there is heard in
        order: what was accepted there is known here, and has lower ids than what comes."""
        self.arrivals.wait(call)

    def _ends_of(self, bind: Bind) -> Iterator[tuple[str, tuple[int, int]]]:
        """What it receives for: ids of rows, and from which key to which."""
        ends: list[tuple[int, int]] = []
        if bind.number:
            ends.append((bind.number, bind.number))
        else:
            ends += [(-index, -index) for index in indexes(bind.account)]
            ends += bind.account.ranges
        for place, one in enumerate(ends):
            yield f"{self.me} {bind.id} {place}", one

    # --- what others tell -----------------------------------------------------------------------

    def _told(self, news: News, dealt_with: Callable[[], None]) -> None:
        self._understood(partial(self._learn, news, dealt_with))

    def _understood(self, step: Callable[[], None]) -> None:
        """Whose what is must be right: who can not tell leaves it to others. Nothing is
        done once the store is closed."""
        if self.shared.is_closed:
            return
        try:
            step()
        except Exception as error:
            log.exception("what other nodes tell could not be dealt with")
            self._when_lost(StoreError(f"node {self.me}: what other nodes tell is not understood: {error!r}"))

    def _learn(self, news: News, dealt_with: Callable[[], None]) -> None:
        engine = self.engine
        now = engine.set_time(engine.delivery.link_now)
        if now >= self._tidied_at + _TIDY:
            self._tidied_at = now
            self.leaving.tidy()
        learned = self.own.learn(news)
        if news.binds is not None:
            self.elsewhere.begin(news.binds)
        for letter in news.letters:
            if letter.receiver is not None and letter.kind != ASKED:  # it goes with its answer
                self.commit.change(MAIL, letter[:3], None)
            handler = self.on.get(letter.kind)
            if handler is not None:
                handler(letter)
            elif letter.kind == TAKEN:
                self._was_taken(letter)
        for node, origin, waiting in learned.forward:
            self.tell(MESSAGE, {"of": origin, "waiting": waiting}, node)
        self._to_take.extend(Waiting(*tally, EMERGENCY_PRIORITY) for tally in learned.taken)
        self._to_take.extend(learned.more)
        if news.lives != self.lives or learned.dead:
            self.lives = news.lives
            self.leaving.share(self.alive())
        self._take_some(dealt_with)

    def _take_some(self, dealt_with: Callable[[], None]) -> None:
        """So many in one turn that nobody is held up."""
        for _ in range(min(AT_ONCE, len(self._to_take))):
            self.more(self._to_take.popleft())
        if not self._to_take:
            self.asking.answer_all()
            dealt_with()
        else:
            go_on = partial(self._take_some, dealt_with)
            if not self.engine.port.call_later(0.0, partial(self._understood, go_on)):
                go_on()
        self.engine.port.answered()

    def more(self, waiting: Waiting) -> None:
        """So many messages more wait in the store for a recipient of this node."""
        queues, key = self.queues, waiting.key
        if not self.own.is_mine(key):  # given away again in the turns since: its new owner has counted them
            return
        recipient = self._recipient(key)
        queues.queued += waiting.messages
        queues.octets += waiting.octets
        queues.spill.left(recipient, waiting.messages, waiting.priority, waiting.expiry)
        node = self._better(key)
        if node is not None:
            self.leaving.wish(key, node)
        elif not recipient.flags or waiting.priority:
            self.engine.delivery.pump(recipient)
        self._rearm(recipient)

    def _recipient(self, key: int) -> Recipient:
        recipient: Recipient | None = self.queues.recipients.get(key)
        if recipient is None:
            recipient = Recipient(key)
            recipient.known = True
            self.queues.recipients.put(key, recipient)
        return recipient

    def _rearm(self, recipient: Recipient) -> None:
        if recipient.known:
            self.engine.delivery.retry.rearm(recipient, self.queues.now)

    def _better(self, key: int) -> str | None:
        """Another node that a recipient is better given to."""
        return self.elsewhere.node_for(key) if self.engine.bindings.serving(key) is None else None

    def _fate_known(self, letter: Letter) -> None:
        """Whoever has accepted it owes the response."""
        message = Message()
        message.id, message.state, message.reason = letter.body
        message.recipient = -1  # a flag for its handset would be of no use here
        if letter.sender != self.me and message.id in self.engine.transactions.owed:
            self.engine.transactions.known(message)

    def _given_way(self, letter: Letter) -> None:
        self.engine.pending.give_way_to(letter.body)

    def _others_bound(self, letter: Letter) -> None:
        for row in letter.body:
            bound = Bound(*row)
            self.elsewhere.came(bound)
            if bound.node != self.me:
                self._look_at(bound.first, bound.last)

    def _others_parted(self, letter: Letter) -> None:
        for ident in letter.body:
            self.elsewhere.went(ident)

    def _look_at(self, first: int, last: int) -> None:
        """Whoever of these has something waiting, and is bound at another node and not here, goes there; some
        in each turn of the loop."""
        self._to_look[first, last] = None
        if not self._is_looking:
            self._is_looking = True
            self.queues.rounds.begin(self._looks(), self.queues.now)

    def _looks(self) -> Work:
        try:
            while self._to_look:
                first, last = next(iter(self._to_look))
                del self._to_look[first, last]
                if first == last:
                    self.look_at(first)
                    yield 1
                    continue
                for recipient in self.queues.recipients.values():
                    if first <= recipient.key <= last:
                        self.look_at(recipient.key)
                    yield 1
        finally:
            self._is_looking = False

    def look_at(self, key: int) -> None:
        """Let a recipient go to another node where it is better off, if nothing of it is in flight."""
        if key in self.queues.recipients:
            node = self._better(key)
            if node is not None:
                self.leaving.wish(key, node)

    def _was_taken(self, letter: Letter) -> None:
        """A dead node's part is another's, who takes up its scheduled and held messages."""
        blocks = self.blocks.taken(letter.body["blocks"], letter.sender)
        if letter.sender == self.me and blocks:
            self.engine.restart.take_up_kept(lambda ident: self.blocks.is_in(ident, blocks))

    def _lost(self, error: Exception) -> None:
        self._when_lost(error)

    def _wake(self) -> None:
        """Let there be a commit soon."""
        if not self._wakes:
            self._wakes = True
            self.commit.when_committed(_nothing)


def _count(waiting: dict[int, Waiting], message: Message) -> None:
    key = message.recipient
    before = waiting.get(key) or Waiting(key, 0, message.expires_at, 0, message.priority)
    waiting[key] = Waiting(
        key,
        before.messages + 1,
        min(before.expiry, message.expires_at),
        before.octets + message.octets,
        max(before.priority, message.priority),
    )


def _number(name: str) -> int:
    """From 1 to SERVERS - 1, the same at each start."""
    return crc32(name.encode()) % (SERVERS - 1) + 1


def _matcher(pattern: str) -> Callable[[int], bool] | None:
    if not pattern:
        return None
    search = re.compile(pattern).search
    return lambda number: search(str(number)) is not None


def _nothing(error: BaseException | None) -> None:
    """Nobody waits for it."""
