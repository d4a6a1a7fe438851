"""What still waits can be asked about, changed and taken out: query_sm, cancel_sm, replace_sm, erasure."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from functools import partial
from heapq import nsmallest
from typing import Any, Final

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
from smsc.engine.binds.bindings import Bind
from smsc.engine.discarded import apart
from smsc.engine.mo.changes import (
    Claim,
    Forgetting,
    ForgettingInFlight,
    ForgettingReceipt,
    Move,
    Replacement,
    Supersession,
    Withdrawal,
)
from smsc.engine.mo.outbox import Held, Outboxes
from smsc.engine.mo.scheduled import Scheduled, ScheduledMessages
from smsc.engine.mo.way_up import WayUp
from smsc.engine.mt.delivery import Delivery
from smsc.protocol.constants import MODE_MASK, MODE_TRANSACTION
from smsc.store.base import Row

AT_ONCE = 254  # messages that one request ends in one commit; the rest follow in the next ones

Place = tuple[int, int]  # ids behind which the store is looked at: among the spilled, among the kept
BEGIN: Final = (0, 0)


class OfPair:
    """What waits between two ends. ``spilled`` and ``kept`` (scheduled, or held on the handset) come from the
    store; ``more`` says from where there is more of them, None when that is all."""

    __slots__ = ("elsewhere", "error", "kept", "more", "spilled")

    def __init__(self, elsewhere: Iterator[Message]) -> None:
        self.elsewhere = elsewhere
        self.kept: list[Message] = []
        self.spilled: list[Message] = []
        self.more: Place | None = None
        self.error: BaseException | None = None

    def messages(self) -> Iterator[Message]:
        """All of it."""
        yield from self.spilled
        yield from self.elsewhere
        yield from self.kept


class Pending:
    """Every message without a final state, wherever it waits."""

    def __init__(
        self,
        delivery: Delivery,
        outboxes: Outboxes,
        scheduled: ScheduledMessages,
        way_up: WayUp,
        superseded: dict[int, Supersession],
        end_arrived: Callable[[Message], None],
        go_on: Callable[[Message], None],
        delayed: dict[int, tuple[Message, Bind] | None],
        respond: Callable[[Message, Bind], None],
        give_way_there: Callable[[Message], None],
    ) -> None:
        """``superseded``: what will have ended when it arrives, which ``end_arrived`` or ``go_on`` see to.

        ``delayed``: what takes the place of others in the store that are yet to end, and once it is safe who
        is owed its answer, which ``respond`` gives. ``give_way_there`` has the node that runs the recipient
        end what a message takes the place of, where that is another one.
        """
        self.delivery = delivery
        self.queues = delivery.queues
        self.endings = delivery.endings
        self.outboxes = outboxes
        self.scheduled = scheduled
        self.way_up = way_up
        self.superseded = superseded
        self.end_arrived = end_arrived
        self.go_on = go_on
        self.claims: dict[int, Claim] = {}
        self.replaced: dict[int, Message] = {}  # by id, as the latest undecided replace_sm leaves it
        self.delayed = delayed
        self.respond = respond
        self.give_way_there = give_way_there

    # --- asking ---------------------------------------------------------------------------------

    def is_changeable(self, message: Message) -> bool:
        """Whether a message can still be changed: not final, and not in flight."""
        if message.state != ENROUTE:
            return message.state in WAITING
        recipient: Recipient | None = self.queues.recipients.get(message.recipient)
        lane = None if recipient is None else recipient.find(message.lane_key())
        return lane is None or not lane.busy or lane.first() is not message

    def keeps(self, message: Message) -> bool:
        """Whether a message is scheduled or held here; several nodes have one store."""
        return message.id in self.claims or self.scheduled.has(message) or self.outboxes.has(message)

    def latest(self, message: Message) -> Message:
        """The message as the latest undecided replace_sm leaves it."""
        return self.replaced.get(message.id, message)

    def is_undecided(self, message: Message) -> bool:
        """Whether what a request did to the message is not safe yet."""
        return message.id in self.claims or message.id in self.superseded or message.undecided > 0

    def cause_of(self, message: Message) -> int:
        """Why a message waits: its own last error, or its recipient's."""
        recipient: Recipient | None = self.queues.recipients.get(message.recipient)
        if message.reason or recipient is None or not recipient.flags:
            return message.reason
        return recipient.absent_reason

    def of_pair(
        self,
        source: int,
        source_text: bytes,
        destination: int,
        service_type: bytes | None,
        after: Place,
        then: Callable[[OfPair], None],
    ) -> None:
        """Hand over what waits between two ends, of one service type or of all (None); of each kind that the
        store has at most AT_ONCE, behind ``after``. At once, unless the store has to be asked.

        What others have waiting is not looked at: lanes are by sender, and so are the indexes.
        """
        found = OfPair(self._elsewhere(source, source_text, destination, service_type))
        recipient = self._recipient_of(destination)
        kept = self._kept(source, source_text, destination, after[1])

        def have_kept(messages: list[Message | None], error: BaseException | None) -> None:
            found.kept = [message for message in messages if message is not None]
            found.error = error
            if len(kept) == AT_ONCE:
                found.more = after[0], kept[-1]
            if error is None and recipient is not None and recipient.spilled:
                ask_spilled(recipient, after[0])
            else:
                then(found)

        def ask_spilled(recipient: Recipient, behind: int) -> None:
            def have_spilled(
                messages: Iterator[Message], rows: list[Row], error: BaseException | None
            ) -> None:
                found.spilled += messages
                found.error = error
                reached = rows[len(rows) - 1][0] if len(rows) == AT_ONCE else 0
                if reached and not found.spilled:  # all of these have ended, or are in memory
                    ask_spilled(recipient, reached)
                    return
                if reached:
                    found.more = reached, after[1] if found.more is None else found.more[1]
                then(found)

            spill = self.queues.spill
            question = spill.of_sender(recipient, source, source_text, service_type, behind, AT_ONCE)
            spill.stored.waiting(question, have_spilled)

        if kept:
            self.queues.spill.stored.find(kept, have_kept)
        else:
            have_kept([], None)

    def recipient_key(self, destination: int) -> int:
        """Whose queue a message to that number joins."""
        owner = self.delivery.reach.router.account_of(destination)
        return destination if owner is None else -owner.index

    def _recipient_of(self, destination: int) -> Recipient | None:
        found: Recipient | None = self.queues.recipients.get(self.recipient_key(destination))
        return found

    def _kept(self, source: int, source_text: bytes, destination: int, after: int) -> list[int]:
        """The next ids of what the store keeps of the scheduled and the held between two ends."""
        waiters = self.scheduled.of_pair(source, source_text, destination)
        held = self.outboxes.of_pair(source, destination)
        everyone: tuple[Scheduled | Held, ...] = (*waiters, *held)
        kept = (one.ident for one in everyone if one.message is None and one.ident > after)
        return nsmallest(AT_ONCE, kept)

    def _elsewhere(
        self, source: int, source_text: bytes, destination: int, service_type: bytes | None
    ) -> Iterator[Message]:
        """What memory has of it."""
        recipient = self._recipient_of(destination)
        if recipient is not None:
            for lane_key in _lane_keys(source, source_text):
                lane = recipient.find(lane_key)
                if lane is not None:
                    yield from lane.waiting() if service_type is None else lane.of_type(service_type)
        scheduled = self.scheduled.of_pair(source, source_text, destination)
        everyone: tuple[Scheduled | Held, ...] = (*scheduled, *self.outboxes.of_pair(source, destination))
        for one in everyone:
            if one.message is not None:
                yield one.message

    # --- taking out -----------------------------------------------------------------------------

    def withdraw(self, message: Message, state: int, cause: int) -> bool:
        """End a message that has not gone out yet, once that is safe; False when it is in flight or gone."""
        claim = self._claim(message)
        if claim is None:
            return False
        message = claim.message
        commit = self.queues.commit
        change = Withdrawal(self, claim)
        recipient = self.queues.recipients.get(message.recipient)
        self.queues.settle(recipient or Recipient(message.recipient), message, state, cause)
        before = len(commit.group.fresh)
        self.endings.owe_receipt(message)
        change.receipts = commit.group.fresh[before:]
        commit.finish(message)
        commit.group.undoable.append(change)
        if recipient is not None:
            self.queues.forget_if_done(recipient)
        return True

    def forget(self, message: Message) -> bool:
        """A message that waits, or a receipt, is no more once that is safe; False when it is in flight, and
        is no more when its answer has come."""
        index = self.queues.spill.message_index
        if message.id in index.receipts:
            gone = partial(index.forget_receipt, message.id)
            self.queues.commit.group.undoable.append(ForgettingReceipt(self, gone))
            return True
        claim = self._claim(message)
        commit = self.queues.commit
        if claim is None:
            commit.group.undoable.append(ForgettingInFlight(self, message))
            return False
        message = claim.message
        change = Forgetting(self, claim)
        recipient = self.queues.recipients.get(message.recipient)
        self.queues.settle(recipient or Recipient(message.recipient), message, DELETED, reasons.ERASED)
        commit.finish(message)
        commit.group.undoable.append(change)
        if recipient is not None:
            self.queues.forget_if_done(recipient)
        return True

    def replace(self, message: Message, copy: Message) -> bool:
        """The message becomes ``copy`` once that is safe; False when it is in flight or gone."""
        commit = self.queues.commit
        change: Replacement | Move
        if message.state == ENROUTE and copy.state == ENROUTE:
            if message.id in self.claims:
                return False
            live = message if self.queues.spill.is_in_memory(message) else copy
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
        """replace_if_present_flag: what still waits of the same kind between the two ends [3.4 §5.2.18].

        Where the store has to be asked for it the answer to ``message`` waits until that has ended too.
        """
        commit = self.queues.commit
        recipient = self._recipient_of(message.destination)
        pair = (message.source, message.source_text, message.destination)
        if (recipient is not None and recipient.spilled) or self._kept(*pair, 0):
            if message.esm_class & MODE_MASK != MODE_TRANSACTION:  # answered with its fate
                self.delayed[message.id] = None
            commit.when_committed(partial(self._withdraw_alike, message, BEGIN))
        else:
            self._withdraw_alike(message, BEGIN)
        self.give_way_there(message)
        for group in (commit.group, commit.under_way):
            if group is not None and not group.overtaken:
                self._supersede(group.alike(message), message)
        self._supersede(self.way_up.between(message.source, message.recipient), message)

    def give_way_to(self, ident: int) -> None:
        """A message that another node has accepted takes the place of what waits here of its kind."""

        def found(messages: list[Message | None], error: BaseException | None) -> None:
            if error is not None:
                self.queues.commit.when_committed(lambda _: self.give_way_to(ident))
            elif messages[0] is not None and messages[0].state in WAITING:
                self._withdraw_alike(messages[0], BEGIN)

        self.queues.spill.stored.find([ident], found)

    def _withdraw_alike(self, message: Message, after: Place, error: BaseException | None = None) -> None:
        """End some of what was there before ``message``; more when these are safe."""
        if error is not None and message.id not in self.delayed:
            return

        def found(there: OfPair) -> None:
            commit = self.queues.commit
            if there.error is not None:  # it can not be answered before that has been looked at
                commit.when_committed(lambda _: self._withdraw_alike(message, after))
                return
            ended = 0
            for old in there.messages():
                later = (old.submitted_at, old.id) >= (message.submitted_at, message.id)
                if later or not _is_alike(old, message):
                    continue
                ended += self.withdraw(old, DELETED, reasons.REPLACED)
                if ended == AT_ONCE:
                    break
            following = there.more or (after if ended == AT_ONCE else None)
            if following is not None:
                commit.when_committed(partial(self._withdraw_alike, message, following))
            elif message.id in self.delayed:
                commit.when_committed(partial(self._gave_way, message))

        pair = (message.source, message.source_text, message.destination)
        self.of_pair(*pair, message.service_type, after, found)

    def _gave_way(self, message: Message, error: BaseException | None) -> None:
        """It is safe that all have ended whose place a message takes: its answer may leave."""
        if error is not None:
            self._withdraw_alike(message, BEGIN)
            return
        owed = self.delayed.pop(message.id, None)
        if owed is not None:
            self.respond(*owed)

    def _supersede(self, found: list[Message], message: Message) -> None:
        commit = self.queues.commit
        for old in found:
            if old is message or not _is_alike(old, message):
                continue
            change = Supersession(self, old)
            old.state, old.reason, old.final_at = DELETED, reasons.REPLACED, self.queues.now
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
            taken = self.scheduled.remove(message)
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
        recipient = self.queues.recipients.get(message.recipient)
        if recipient is None:
            return False, False
        lane = recipient.find(message.lane_key())
        if lane is not None and lane.remove(message):
            recipient.took_out(message)
            return True, False
        taken = self.queues.spill.take_out(recipient, message)
        return taken, taken

    def release(self, claim: Claim) -> None:
        claim.holders -= 1
        message = claim.message
        if claim.holders or self.claims.get(message.id) is not claim:
            return
        del self.claims[message.id]
        if message.state == HELD:
            self.outboxes.put_back(message, self.queues.now)
        elif message.state == SCHEDULED:
            self.scheduled.add(message)
        elif message.state == ENROUTE:
            self._back_into_queue(message, claim.spilled)

    def _back_into_queue(self, message: Message, spilled: bool) -> None:
        delivery = self.delivery
        recipient = self.queues.recipients.get(message.recipient)
        if recipient is None:
            delivery.enqueue(message)
            return
        if spilled and recipient.spilled:
            self.queues.spill.put(recipient, message)
        else:
            recipient.put_back(message)
        self.queues.timers.arm(recipient, recipient.next_expiry)
        if not recipient.flags:
            delivery.pump(recipient)

    def decided(self, message: Message, copy: Message) -> None:
        if self.replaced.get(copy.id) is copy:
            del self.replaced[copy.id]
        self.queues.weigh_again(message)
        recipient = self.queues.recipients.get(message.recipient)
        lane = None if recipient is None else recipient.find(message.lane_key())
        if lane is not None:
            lane.ordered = False  # it may expire before the one ahead of it now
        if recipient is None or message.undecided or message.state != ENROUTE:
            return
        recipient.next_expiry = min(recipient.next_expiry, message.expires_at)
        self.queues.timers.arm(recipient, recipient.next_expiry)
        lane = recipient.find(message.lane_key())
        if lane is not None and lane.first() is message and not lane.busy:
            if recipient.lanes is not None:
                recipient.offer(lane)
            if not recipient.flags:
                self.delivery.pump(recipient)

    def ended(self, message: Message) -> None:
        self.endings.tell_ended(message)

    def restored(self, message: Message) -> None:
        self.queues.count_in(message)

    def give_way_now(self, change: Supersession) -> None:
        if self.superseded.pop(change.message.id, None) is change and change.arrived:
            self.end_arrived(change.message)

    def go_on_after_all(self, change: Supersession) -> None:
        if self.superseded.pop(change.message.id, None) is change and change.arrived:
            self.go_on(change.message)

    def clear(self) -> Iterator[int]:
        """Every message is forgotten; what this returns takes them apart, and has those answered whose answer
        was delayed. What no commit has decided is as much as a group holds."""
        undecided, owed = (self.claims, self.replaced), deque(self.delayed.values())
        self.claims, self.replaced = {}, {}
        self.superseded.clear()
        self.delayed.clear()
        return self._answered(owed, *undecided)

    def _answered(self, owed: deque[tuple[Message, Bind] | None], *undecided: Any) -> Iterator[int]:
        while owed:
            one = owed.popleft()
            if one is not None:
                self.respond(*one)
            yield 1
        yield from apart(*undecided)


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
