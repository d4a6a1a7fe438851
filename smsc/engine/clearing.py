"""Every message is forgotten, waiting or finished, as DELETE /messages asks; sessions stay."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from smsc.delivery.message import Message
from smsc.engine.after_commit import AfterCommit
from smsc.engine.discarded import apart
from smsc.engine.journal.records import MESSAGES
from smsc.engine.mo.pending import Pending
from smsc.engine.mo.repeats import Repeats
from smsc.engine.mt.delivery import Delivery
from smsc.engine.mt.pending_flag import PendingFlags
from smsc.engine.mt.transaction import TransactionResponses
from smsc.engine.mt.wire import Wire
from smsc.engine.rounds import Rounds


class Clearing:
    """All messages are gone at once, however many. The memory is given back, and the answers leave that are
    still owed, in the next turns of the loop (``discarded``)."""

    def __init__(
        self,
        delivery: Delivery,
        after_commit: AfterCommit,
        pending: Pending,
        transactions: TransactionResponses,
        pending_flags: PendingFlags,
        repeats: Repeats,
        wire: Wire,
        now: Callable[[], int],
    ) -> None:
        """``now`` is the time on the SMSC clock."""
        self.delivery = delivery
        self.queues = delivery.queues
        self.bindings = delivery.reach.bindings
        self.after_commit = after_commit
        self.pending = pending
        self.transactions = transactions
        self.pending_flags = pending_flags
        self.repeats = repeats
        self.wire = wire
        self.now = now
        self.discarded = Rounds(self.queues.timers)

    def clear(self) -> None:
        """Forget every message."""
        backlogs = [bind.backlog for bind in self.bindings if bind.backlog]
        for bind in self.bindings:
            bind.backlog = None
        after_commit, queues = self.after_commit, self.queues
        self.discarded.put(
            after_commit.way_up.clear(after_commit.answer),
            after_commit.outboxes.clear(self._forget_answer),
            self.pending.clear(),
            self.transactions.clear(),
            self._slots_freed(queues.commit.clear(MESSAGES)),
            self.pending_flags.outlive(queues.timers.clear()),
            *queues.clear(),
            after_commit.scheduled.clear(),
            self.repeats.clear(),
            after_commit.message_index.clear(),
            apart(backlogs),
        )
        for rounds in (self.discarded, queues.rounds):
            rounds.restart(self.now())

    def _slots_freed(self, given_up: list[Message]) -> Iterator[int]:
        """Messages that had ended, which no commit will tell, free their slots."""
        while given_up:
            self.delivery.slot_free(given_up.pop())
            yield 1

    def _forget_answer(self, deferred: Message) -> None:
        """A submission that was deferred is never to be answered."""
        if deferred.bind.is_open():
            deferred.bind.session.forget(1)
            self.wire.mark(deferred.bind)
