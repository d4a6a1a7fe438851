"""What follows a commit. When it is safe answers leave, deliveries start and windows open; when it failed,
what is new is refused.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from smsc import reasons
from smsc.delivery.message import HELD, ORDINARY, UNDELIVERABLE, WAITING, Message, address_digits
from smsc.engine.binds.bindings import Bind
from smsc.engine.journal.commit import Group
from smsc.engine.journal.message_index import MessageIndex
from smsc.engine.mo.changes import Supersession
from smsc.engine.mt.latency import WayUp
from smsc.engine.mt.smpp_delivery import SmppDelivery
from smsc.engine.refusals import SUBMIT, Refusals
from smsc.store.base import StoreFull


class Committed:
    """Carries out what a group of messages waited for."""

    __slots__ = (
        "delayed",
        "delivery",
        "held",
        "message_index",
        "refusals",
        "scheduled",
        "submissions",
        "superseded",
        "transactions",
        "way_up",
        "withdrawn",
    )

    def __init__(self, delivery: SmppDelivery, message_index: MessageIndex, refusals: Refusals) -> None:
        self.delivery = delivery
        self.message_index = message_index
        self.refusals = refusals
        self.transactions: Any = None
        self.held: Callable[[Message], None] | None = None
        self.scheduled: Callable[[Message], None] | None = None
        self.superseded: dict[int, Supersession] = {}  # has ended by the time it gets here
        # answered only when what it replaces has ended
        self.delayed: dict[int, tuple[Message, Bind] | None] = {}
        self.way_up: WayUp | None = None
        self.withdrawn: Callable[[Message], None] = lambda message: None
        self.submissions = 0

    # --- safe -----------------------------------------------------------------------------------

    def on_committed(self, group: Group) -> None:
        """A group is safe: answer the submissions, start the deliveries, free the windows."""
        delivery = self.delivery
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
            if delivery.watch is not None:
                delivery.watch("message.accepted", message)
            if delivery.commit.group.moved and message.state != 10 and self.is_behind(message):
                delivery.commit.move_on(message)
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
        return any(earlier.source == message.source for earlier in self.delivery.commit.group.moved)

    def travels(self, message: Message) -> bool:
        """Whether a message from a handset is still on its way up; at its end comes what is left out here."""
        if message.bind is None or message.originator <= 0 or message.state == HELD:
            return False
        return self.way_up is not None and self.way_up.depart(message, self.delivery.now)

    def left_handset(self, message: Message) -> bool:
        """Whether a message that was held begins its way up now."""
        if message.state != 1 or message.due_at or message.originator <= 0:
            return False
        return self.way_up is not None and self.way_up.depart(message, self.delivery.now)

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
        if message.esm_class & 3 == 2 and self.transactions is not None:
            self.transactions.expect(message, bind, None)  # answered when its fate is known
        else:
            bind.session.submit_resp(message.sequence, message.id)
            self.delivery.mark(bind)

    def go_on(self, message: Message) -> None:
        """What its state asks for: it queues, waits for its time or on its handset, or has ended already."""
        if message.state == 1:
            self.delivery.enqueue(message)
        elif message.state == 0:
            if self.scheduled is not None:
                self.scheduled(message)
        elif message.state == 10:
            if self.held is not None:
                self.held(message)
        elif self.superseded and message.id in self.superseded:
            self.superseded[message.id].arrived = True
        else:
            self.end(message)

    def end(self, message: Message) -> None:
        """A message that has ended before it came to its queue."""
        self.delivery.count_out(message)
        self.delivery.ended(message)
        self.retire(message)

    def retire(self, message: Message) -> None:
        """A final state is safe: a message stays readable for a while, in the store or in memory."""
        if message.kind == 1 and message.about:
            self.message_index.retire_receipt(message)
        elif message.kind == 1 or self.delivery.commit.durable:  # what is erased is of a receipt's kind
            self.message_index.drop(message.id)
        else:
            self.message_index.retire(message.id)

    # --- failed ---------------------------------------------------------------------------------

    def failed(self, group: Group, error: BaseException) -> None:
        """The store kept nothing of the group: refuse what is new, hold on to what has happened."""
        reason = reasons.STORE_FULL if isinstance(error, StoreFull) else reasons.STORE_FAILED
        open_group = self.delivery.commit.group
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
                self.delivery.count_out(message)  # the receipt of what has not ended after all
                self.delivery.receipts_made -= 1
            elif message.bind is not None:
                self.superseded.pop(message.id, None)
                self.delivery.count_out(message)
                if message.service:
                    message.state, message.reason = UNDELIVERABLE, reasons.STORE_FAILED
                self.withdrawn(message)
                self.refuse(message, reason)
            elif message.kind == ORDINARY:
                self.delivery.count_out(message)  # whoever asked waits for the commit and hears of it
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
            self.delivery.commit.bring(message.octets)
        open_group.reordered()

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
        self.delivery.mark(bind)
