"""What follows a commit. When it is safe answers leave, deliveries start and windows open; when it failed,
what is new is refused.
"""

from __future__ import annotations

from smsc import reasons
from smsc.delivery.message import (
    ENROUTE,
    HELD,
    ORDINARY,
    RECEIPT,
    SCHEDULED,
    UNDELIVERABLE,
    WAITING,
    Message,
    address_digits,
)
from smsc.engine.binds.bindings import Bind
from smsc.engine.journal.commit import Group
from smsc.engine.journal.message_index import MessageIndex
from smsc.engine.mo.changes import Supersession
from smsc.engine.mo.outbox import Outboxes
from smsc.engine.mo.repeats import Repeats
from smsc.engine.mo.scheduled import ScheduledMessages
from smsc.engine.mo.servicing import Services
from smsc.engine.mo.way_up import Underway, WayUp
from smsc.engine.mt.delivery import Delivery
from smsc.engine.refusals import SUBMIT, Refusals
from smsc.protocol.constants import MODE_MASK, MODE_TRANSACTION
from smsc.store.base import StoreFull


class AfterCommit:
    """Carries out what a group of messages waited for.

    ``superseded``, by id, are those that have ended by the time they get here; ``delayed`` are answered only
    when what they replace has ended.
    """

    __slots__ = (
        "commit",
        "delayed",
        "delivery",
        "endings",
        "message_index",
        "outboxes",
        "queues",
        "refusals",
        "repeats",
        "scheduled",
        "services",
        "submissions",
        "superseded",
        "transactions",
        "watchers",
        "way_up",
        "wire",
    )

    def __init__(
        self,
        delivery: Delivery,
        message_index: MessageIndex,
        refusals: Refusals,
        outboxes: Outboxes,
        scheduled: ScheduledMessages,
        way_up: WayUp,
        services: Services,
        repeats: Repeats | None,
    ) -> None:
        self.delivery = delivery
        self.queues = delivery.queues
        self.endings = delivery.endings
        self.wire = delivery.wire
        self.commit = delivery.queues.commit
        self.watchers = delivery.endings.watchers
        self.transactions = delivery.endings.transactions
        self.message_index = message_index
        self.refusals = refusals
        self.outboxes = outboxes
        self.scheduled = scheduled
        self.way_up = way_up
        self.services = services
        self.repeats = repeats
        self.superseded: dict[int, Supersession] = {}
        self.delayed: dict[int, tuple[Message, Bind] | None] = {}
        self.submissions = 0

    # --- safe -----------------------------------------------------------------------------------

    def succeeded(self, group: Group) -> None:
        """A group is safe: answer the submissions, start the deliveries, free the windows."""
        delivery, commit = self.delivery, self.commit
        if not group.overtaken:
            for message in group.fresh:  # all of them, before a queue looks for more in the store
                self.message_index.add(message)
            for message in group.moved:  # they were submitted before those that are new
                if delivery.paced and self.left_handset(message):
                    continue
                self.answer(message)
                self.go_on(message)
        for message in group.fresh:
            if group.overtaken:
                self.answer(message)
                continue  # DELETE /messages came while it was being written
            if self.watchers.watched:
                self.watchers.tell_of("message.accepted", message)
            if commit.group.moved and message.state != HELD and self.is_behind(message):
                commit.move_on(message)
                continue
            if delivery.paced and self.travels(message):
                continue
            self.answer(message)
            self.go_on(message)
        for message in group.forgotten:
            self.answer(message)
        for message in group.finals:
            if message.bind is not None:
                delivery.slot_free(message)
            self.retire(message)
        if group.undoable and not group.overtaken:
            for change in group.undoable:
                change.committed()

    def is_behind(self, message: Message) -> bool:
        """Whether its sender's handset has just let go of an earlier message that is yet to be committed."""
        return any(earlier.source == message.source for earlier in self.commit.group.moved)

    def travels(self, message: Message) -> bool:
        """Whether a message from a handset is still on its way up; at its end comes what is left out here."""
        if message.bind is None or message.originator <= 0 or message.state == HELD:
            return False
        return self.way_up.depart(message, self.queues.now)

    def left_handset(self, message: Message) -> bool:
        """Whether a message that was held begins its way up now."""
        if message.state != ENROUTE or message.due_at or message.originator <= 0:
            return False
        return self.way_up.depart(message, self.queues.now)

    def arrived(self, waiter: Underway) -> None:
        """A message is up from its handset: it is answered, and goes on when it is the first of its pair."""
        self.answer(waiter.message)
        for message in self.way_up.arrive(waiter):
            self.go_on(message)

    def answer(self, message: Message) -> None:
        """The submit_sm_resp that is owed for a message that is safe."""
        bind = message.bind
        if bind is None:
            return
        message.bind = None
        self.submissions += 1
        if self.delayed and message.id in self.delayed:
            self.delayed[message.id] = message, bind
            return
        self.respond(message, bind)

    def respond(self, message: Message, bind: Bind) -> None:
        """The submit_sm_resp leaves."""
        if message.esm_class & MODE_MASK == MODE_TRANSACTION:
            self.transactions.expect(message, bind, None)  # answered when its fate is known
        else:
            bind.session.submit_resp(message.sequence, message.id)
            self.wire.mark(bind)

    def go_on(self, message: Message) -> None:
        """What its state asks for: it queues, waits for its time or on its handset, or has ended already."""
        if message.state == ENROUTE:
            self.delivery.enqueue(message)
        elif message.state == SCHEDULED:
            self.scheduled.add(message)
        elif message.state == HELD:
            self.outboxes.add(message, self.queues.now)
        elif self.superseded and message.id in self.superseded:
            self.superseded[message.id].arrived = True
        else:
            self.end(message)

    def end(self, message: Message) -> None:
        """A message that has ended before it came to its queue."""
        self.queues.count_out(message)
        self.endings.ended(message)
        self.retire(message)

    def retire(self, message: Message) -> None:
        """A final state is safe: a message stays readable for a while, in the store or in memory."""
        if message.kind == RECEIPT and message.about:
            self.message_index.retire_receipt(message)
        elif message.kind == RECEIPT or self.commit.durable:  # what is erased is of a receipt's kind
            self.message_index.drop(message.id)
        else:
            self.message_index.retire(message)

    # --- failed ---------------------------------------------------------------------------------

    def failed(self, group: Group, error: BaseException) -> None:
        """The store kept nothing of the group: refuse what is new, hold on to what has happened."""
        reason = reasons.STORE_FULL if isinstance(error, StoreFull) else reasons.STORE_FAILED
        open_group = self.commit.group
        open_group.changes[:0] = group.changes
        open_group.cleared = open_group.cleared or group.cleared
        for message in group.forgotten:
            self.refuse(message, reason)
        if group.overtaken:  # by DELETE /messages: nothing is left to hold on to
            for message in group.fresh:
                self.refuse(message, reason)
            for message in group.finals:
                self.delivery.slot_free(message)
            return
        for change in group.undoable:
            change.undo()
        given_up = {message.id for change in group.undoable for message in change.receipts}
        undone = given_up | {
            message.id for message in (*group.finals, *group.updates) if message.state in WAITING
        }
        keep: list[Message] = []
        for message in group.fresh:
            if message.id in given_up:
                self.queues.count_out(message)  # the receipt of what has not ended after all
                self.endings.receipts_made -= 1
            elif message.bind is not None:
                self.superseded.pop(message.id, None)
                self.queues.count_out(message)
                if message.service:
                    message.state, message.reason = UNDELIVERABLE, reasons.STORE_FAILED
                self.withdrawn(message)
                self.refuse(message, reason)
            elif message.kind == ORDINARY:
                self.queues.count_out(message)  # whoever asked waits for the commit and hears of it
            else:
                keep.append(message)  # receipts and notices are owed all the same
        refused = {message.id for message in group.fresh} - {message.id for message in keep}
        open_group.updates = [message for message in open_group.updates if message.id not in refused]
        open_group.fresh[:0] = keep
        ended = [message for message in group.finals if message.id not in undone]
        changed = [message for message in group.updates if message.id not in undone]
        open_group.finals[:0] = ended
        open_group.updates[:0] = changed
        open_group.moved[:0] = group.moved
        for message in (*keep, *ended, *changed, *group.moved):
            self.commit.bring(message.octets)
        open_group.reordered()

    def withdrawn(self, message: Message) -> None:
        """A submission could not be kept: nobody remembers it."""
        if self.repeats is not None:
            self.repeats.forget(message)
        if message.service:
            self.services.ended(message, self.queues.now)

    def refuse(self, message: Message, reason: int) -> None:
        """Tell the submitter of a message that could not be kept."""
        bind = message.bind
        if bind is None:
            return
        message.bind = None
        self.delayed.pop(message.id, None)
        to = address_digits(message.destination)
        note = self.refusals.refused(SUBMIT, reason, bind=bind, destination=to)
        bind.session.submit_nack(message.sequence, reasons.REASONS[reason].command_status, note)
        self.wire.mark(bind)
