"""What still waits can be asked about, changed and taken out: query_sm, cancel_sm, replace_sm, erasure."""

from __future__ import annotations

from smsc import reasons
from smsc.delivery.message import DELETED, ENROUTE, HELD, ORDINARY, SCHEDULED, WAITING, Message
from smsc.delivery.recipient import Recipient
from smsc.engine.mo.outbox import Outboxes
from smsc.engine.mt.delivery import Delivery
from smsc.engine.mt.latency import WayUp
from smsc.engine.mt.queues import Scheduled


class Pending:
    """Every message without a final state, wherever it waits."""

    def __init__(self, delivery: Delivery, outboxes: Outboxes, way_up: WayUp) -> None:
        self.delivery = delivery
        self.outboxes = outboxes
        self.way_up = way_up

    def of_pair(self, source: int, source_text: bytes, destination: int) -> list[Message]:
        """What waits for a number, a handset's or an ESME's; of what is spilled, what the source sent."""
        delivery = self.delivery
        owner = delivery.reach.router.account_of(destination)
        key = destination if owner is None else -owner.index
        recipient = delivery.recipients.get(key)
        waiting = [] if recipient is None else recipient.waiting()
        if recipient is not None and recipient.spilled:
            waiting += delivery.spill.spilled(recipient, source, source_text)
        return waiting + [
            waiter.message
            for _, _, waiter in delivery.timers.heap
            if isinstance(waiter, Scheduled) and waiter.message.recipient == key
        ]

    def is_changeable(self, message: Message) -> bool:
        """Whether a message can still be changed: not final, and not in flight."""
        if message.state != ENROUTE:
            return message.state in WAITING
        recipient = self.delivery.recipients.get(message.recipient)
        lane = None if recipient is None else recipient.find(message.lane_key())
        return lane is None or not lane.busy or lane.first() is not message

    def cause_of(self, message: Message) -> int:
        """Why a message waits: its own last error, or its recipient's."""
        recipient = self.delivery.recipients.get(message.recipient)
        if message.reason or recipient is None or not recipient.flags:
            return message.reason
        return recipient.absent_reason

    def reschedule(self, message: Message, due: int) -> bool:
        """A waiting message gets another schedule_delivery_time; False when it is between two places."""
        delivery = self.delivery
        if message.state == ENROUTE and due > delivery.now:
            recipient = delivery.recipients.get(message.recipient)
            if recipient is None or not self._take_out(recipient, message):
                return False
            message.state = SCHEDULED
            delivery.forget_if_done(recipient)
        message.due_at = due
        if message.state == SCHEDULED:
            delivery.timers.arm(Scheduled(message), max(due, delivery.now))
        return True

    def expiry_changed(self, message: Message) -> None:
        """A waiting message got another validity_period."""
        if message.state == HELD:
            self.outboxes.expiry_changed(message)
        recipient = self.delivery.recipients.get(message.recipient)
        if recipient is not None and message.state == ENROUTE:
            recipient.next_expiry = min(recipient.next_expiry, message.expires_at)
            self.delivery.timers.arm(recipient, recipient.next_expiry)

    def _take_out(self, recipient: Recipient, message: Message) -> bool:
        """Out of its recipient's queue, in memory or in the store; False when it does not wait there."""
        lane = recipient.find(message.lane_key())
        if lane is not None and lane.remove(message):
            recipient.count -= 1
            return True
        return self.delivery.spill.take_out(recipient, message)

    def withdraw(self, message: Message, state: int, cause: int) -> bool:
        """Take a message out that has not gone out yet; False when it is in flight or gone."""
        delivery = self.delivery
        if message.state == HELD:
            self.outboxes.forget(lambda held: held is message)
            delivery.close(Recipient(message.recipient), message, state, cause)
            return True
        recipient = delivery.recipients.get(message.recipient)
        if message.state == SCHEDULED:
            delivery.close(recipient or Recipient(message.recipient), message, state, cause)
            return True
        if recipient is None or message.state != ENROUTE or not self._take_out(recipient, message):
            return False
        delivery.close(recipient, message, state, cause)
        delivery.forget_if_done(recipient)
        return True

    def give_way(self, message: Message) -> None:
        """replace_if_present_flag: what still waits of the same kind between the two ends [3.4 §5.2.18]."""
        for old in self.of_pair(message.source, message.source_text, message.destination):
            if _is_alike(old, message):
                self.withdraw(old, DELETED, reasons.REPLACED)
        commit = self.delivery.commit
        for old in commit.group.coming():
            if old is not message and _is_alike(old, message):
                self._replace(old)
        on_its_way = [] if commit.under_way is None else commit.under_way.coming()
        for old in (*on_its_way, *self.way_up.messages()):
            if _is_alike(old, message):
                self._replace(old)
                commit.update(old)  # its row says already that it waits

    def _replace(self, old: Message) -> None:
        """What has not come to its queue yet has ended when it gets there; its submission is answered."""
        old.state, old.reason, old.final_at = DELETED, reasons.REPLACED, self.delivery.now


def _is_alike(old: Message, message: Message) -> bool:
    """Whether ``message`` takes the place of ``old``: the same addresses and service type [3.4 §5.2.18]."""
    return (
        (old.source, old.source_text) == (message.source, message.source_text)
        and old.destination == message.destination
        and old.service_type == message.service_type
        and old.account == message.account
        and old.kind == ORDINARY
        and old.state in WAITING
    )
