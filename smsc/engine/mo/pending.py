"""What still waits can be asked about, changed and taken out: query_sm, cancel_sm, replace_sm, erasure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from smsc import reasons
from smsc.delivery.message import (
    DELETED,
    EMERGENCY_PRIORITY,
    ENROUTE,
    HELD,
    ORDINARY,
    SCHEDULED,
    WAITING,
    Message,
)
from smsc.delivery.recipient import Recipient
from smsc.engine.mo.changes import Claim, Move, Replacement, Supersession, Withdrawal
from smsc.engine.mo.outbox import Outboxes
from smsc.engine.mo.schedule import Schedule
from smsc.engine.mt.latency import WayUp
from smsc.engine.mt.smpp_delivery import SmppDelivery

AT_ONCE = 254  # messages that one request ends in one commit; the rest follow in the next ones


class Pending:
    """Every message without a final state, wherever it waits."""

    def __init__(
        self,
        delivery: SmppDelivery,
        outboxes: Outboxes,
        schedule: Schedule,
        way_up: WayUp,
        superseded: dict[int, Supersession],
        end_arrived: Callable[[Message], None],
        go_on: Callable[[Message], None],
    ) -> None:
        """``superseded``: what will have ended when it arrives, which ``end_arrived`` or ``go_on`` see to."""
        self.delivery = delivery
        self.outboxes = outboxes
        self.schedule = schedule
        self.way_up = way_up
        self.superseded = superseded
        self.end_arrived = end_arrived
        self.go_on = go_on
        self.claims: dict[int, Claim] = {}
        self.replaced: dict[int, Message] = {}  # by id, as the latest undecided replace_sm leaves it

    # --- asking ---------------------------------------------------------------------------------

    def is_changeable(self, message: Message) -> bool:
        """Whether a message can still be changed: not final, and not in flight."""
        if message.state != ENROUTE:
            return message.state in WAITING
        recipient = self.delivery.recipients.get(message.recipient)
        lane = None if recipient is None else recipient.find(message.lane_key())
        return lane is None or not lane.busy or lane.first() is not message

    def latest(self, message: Message) -> Message:
        """The message as the latest undecided replace_sm leaves it."""
        return self.replaced.get(message.id, message)

    def is_undecided(self, message: Message) -> bool:
        """Whether what a request did to the message is not safe yet."""
        return message.id in self.claims or message.id in self.superseded or message.undecided > 0

    def cause_of(self, message: Message) -> int:
        """Why a message waits: its own last error, or its recipient's."""
        recipient = self.delivery.recipients.get(message.recipient)
        if message.reason or recipient is None or not recipient.flags:
            return message.reason
        return recipient.absent_reason

    def of_pair(
        self,
        source: int,
        source_text: bytes,
        destination: int,
        service_type: bytes | None = None,
        after: int = 0,
    ) -> Iterator[Message]:
        """What waits between two ends, of one service type or of all (None); of the store's those behind the
        id ``after``.

        What others have waiting is not looked at: lanes are by sender, and so are the indexes.
        """
        delivery = self.delivery
        owner = delivery.reach.router.account_of(destination)
        key = destination if owner is None else -owner.index
        recipient = delivery.recipients.get(key)
        if recipient is not None:
            for lane_key in _lane_keys(source, source_text):
                lane = recipient.find(lane_key)
                if lane is not None:
                    yield from lane.waiting() if service_type is None else lane.of_type(service_type)
            if recipient.spilled:
                yield from delivery.spill.of_sender(
                    recipient, source, source_text, service_type, after, AT_ONCE
                )
        yield from self.schedule.of_pair(source, source_text, destination)
        yield from self.outboxes.of_pair(source, destination)

    # --- taking out -----------------------------------------------------------------------------

    def withdraw(self, message: Message, state: int, cause: int) -> bool:
        """End a message that has not gone out yet, once that is safe; False when it is in flight or gone."""
        claim = self._claim(message)
        if claim is None:
            return False
        message = claim.message
        delivery, commit = self.delivery, self.delivery.commit
        change = Withdrawal(self, claim)
        recipient = delivery.recipients.get(message.recipient)
        delivery.settle(recipient or Recipient(message.recipient), message, state, cause)
        before = len(commit.group.fresh)
        delivery.owe_receipt(message)
        change.receipts = commit.group.fresh[before:]
        commit.finish(message)
        commit.group.undoable.append(change)
        if recipient is not None:
            delivery.forget_if_done(recipient)
        return True

    def replace(self, message: Message, copy: Message) -> bool:
        """The message becomes ``copy`` once that is safe; False when it is in flight or gone."""
        commit = self.delivery.commit
        change: Replacement | Move
        if message.state == ENROUTE and copy.state == ENROUTE:
            if message.id in self.claims:
                return False
            live = message if self.delivery.spill.is_in_memory(message) else copy
            change = Replacement(self, message, copy, live)
        else:
            claim = self._claim(message)
            if claim is None:
                return False
            change = Move(self, claim, copy)
        self.replaced[message.id] = copy
        commit.update(copy)
        commit.group.undoable.append(change)
        return True

    def give_way(self, message: Message) -> None:
        """replace_if_present_flag: what still waits of the same kind between the two ends [3.4 §5.2.18]."""
        self._withdraw_alike(message, 0)
        commit = self.delivery.commit
        for group in (commit.group, commit.under_way):
            if group is not None and not group.overtaken:
                self._supersede(group.alike(message), message)
        self._supersede(self.way_up.between(message.source, message.recipient), message)

    def _withdraw_alike(self, message: Message, after: int) -> None:
        """End some of what was there before ``message``; more when these are safe."""
        ended = 0
        pair = (message.source, message.source_text, message.destination)
        for old in self.of_pair(*pair, message.service_type, after):
            later = (old.submitted_at, old.id) >= (message.submitted_at, message.id)
            if later or not _is_alike(old, message):
                continue
            ended += self.withdraw(old, DELETED, reasons.REPLACED)
            after = max(after, old.id)
            if ended == AT_ONCE:
                self.delivery.commit.when_committed(partial(self._withdraw_more, message, after))
                return

    def _withdraw_more(self, message: Message, after: int, error: BaseException | None) -> None:
        if error is None:
            self._withdraw_alike(message, after)

    def _supersede(self, found: list[Message], message: Message) -> None:
        commit = self.delivery.commit
        for old in found:
            if old is message or not _is_alike(old, message):
                continue
            change = Supersession(self, old)
            old.state, old.reason, old.final_at = DELETED, reasons.REPLACED, self.delivery.now
            self.superseded[old.id] = change
            commit.group.undoable.append(change)
            commit.update(old)  # its row may say already that it waits

    # --- between two places ---------------------------------------------------------------------

    def _claim(self, message: Message) -> Claim | None:
        """Take a message out of the place where it waits; None when it does not wait any more."""
        claim = self.claims.get(message.id)
        if claim is not None:
            return claim if claim.message.state in WAITING else None
        spilled = False
        if message.state == HELD:
            taken = self.outboxes.take(message)
        elif message.state == SCHEDULED:
            taken = self.schedule.remove(message)
        elif message.state == ENROUTE:
            taken, spilled = self._out_of_queue(message)
        else:
            taken = False
        if not taken:
            return None
        claim = self.claims[message.id] = Claim(message, spilled)
        return claim

    def _out_of_queue(self, message: Message) -> tuple[bool, bool]:
        """(whether it waited for its recipient, whether in the store)."""
        recipient = self.delivery.recipients.get(message.recipient)
        if recipient is None:
            return False, False
        lane = recipient.find(message.lane_key())
        if lane is not None and lane.remove(message):
            recipient.took_out(message)
            return True, False
        taken = self.delivery.spill.take_out(recipient, message)
        return taken, taken

    def release(self, claim: Claim) -> None:
        claim.holders -= 1
        message = claim.message
        if claim.holders or self.claims.get(message.id) is not claim:
            return
        del self.claims[message.id]
        if message.state == HELD:
            self.outboxes.put_back(message, self.delivery.now)
        elif message.state == SCHEDULED:
            self.schedule.add(message)
        elif message.state == ENROUTE:
            self._back_into_queue(message, claim.spilled)

    def _back_into_queue(self, message: Message, spilled: bool) -> None:
        delivery = self.delivery
        recipient = delivery.recipients.get(message.recipient)
        if recipient is None:
            delivery.enqueue(message)
            return
        if spilled and recipient.spilled:
            delivery.spill.put(recipient, message)
        else:
            recipient.put_back(message)
        delivery.timers.arm(recipient, recipient.next_expiry)
        if not recipient.flags:
            delivery.pump(recipient)

    def decided(self, message: Message, copy: Message) -> None:
        if self.replaced.get(copy.id) is copy:
            del self.replaced[copy.id]
        recipient = self.delivery.recipients.get(message.recipient)
        lane = None if recipient is None else recipient.find(message.lane_key())
        if lane is not None:
            lane.ordered = False  # it may expire before the one ahead of it now
        if recipient is None or message.undecided or message.state != ENROUTE:
            return
        recipient.next_expiry = min(recipient.next_expiry, message.expires_at)
        self.delivery.timers.arm(recipient, recipient.next_expiry)
        lane = recipient.find(message.lane_key())
        if lane is not None and lane.first() is message and not lane.busy:
            if recipient.lanes is not None:
                recipient.offer(lane)
            if not recipient.flags:
                self.delivery.pump(recipient)

    def ended(self, message: Message) -> None:
        self.delivery.tell_ended(message)

    def restored(self, message: Message) -> None:
        self.delivery.queued += 1

    def give_way_now(self, change: Supersession) -> None:
        if self.superseded.pop(change.message.id, None) is change and change.arrived:
            self.end_arrived(change.message)

    def go_on_after_all(self, change: Supersession) -> None:
        if self.superseded.pop(change.message.id, None) is change and change.arrived:
            self.go_on(change.message)

    def clear(self) -> None:
        """Every message is forgotten."""
        self.claims.clear()
        self.replaced.clear()
        self.superseded.clear()
        self.schedule.clear()


def _lane_keys(source: int, source_text: bytes) -> Iterator[int]:
    """The keys of one sender's lanes, one for each priority."""
    probe = Message()
    probe.source, probe.source_text = source, source_text
    for probe.priority in range(EMERGENCY_PRIORITY, -1, -1):
        yield probe.lane_key()


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
