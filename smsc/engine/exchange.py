"""What deliveries and commits mean on the wire: answers released, deliver_sm written, receipts made.

Compiled together with its base class; everything here runs once per message.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from smsc import reasons
from smsc.delivery.message import Message
from smsc.delivery.receipt import owes_intermediate, owes_receipt
from smsc.delivery.schedule import RetrySchedule
from smsc.delivery.timers import Timers
from smsc.engine.bindings import Bind, Bindings
from smsc.engine.commit import Commit, Group
from smsc.engine.deliver import Delivery, Scheduled
from smsc.engine.ids import IdSeries
from smsc.engine.ledger import Ledger
from smsc.engine.parking import Parking
from smsc.engine.receipts import ReceiptMaker
from smsc.protocol.submit import Acks, Submit
from smsc.routing.router import Router


class Exchange(Delivery):
    """Deliveries as the wire sees them."""

    __slots__ = (
        "deliveries",
        "dirty",
        "failures",
        "held",
        "ids",
        "ledger",
        "outcomes",
        "receipts",
        "receipts_made",
        "row",
        "service_ended",
        "submissions",
        "watch",
        "way_up",
    )

    def __init__(
        self,
        commit: Commit,
        router: Router,
        bindings: Bindings,
        timers: Timers,
        parking: Parking,
        schedule: RetrySchedule,
        permanent: frozenset[int],
        seed: int,
        ledger: Ledger,
        ids: IdSeries,
        receipts: ReceiptMaker,
    ) -> None:
        Delivery.__init__(self, commit, router, bindings, timers, parking, schedule, permanent, seed)
        self.ledger = ledger
        self.ids = ids
        self.receipts = receipts
        self.row = Submit()
        self.dirty: list[Bind] = []
        self.service_ended: Callable[[Message, int], None] | None = None
        self.outcomes: Any = None
        self.held: Callable[[Message], None] | None = None
        self.watch: Callable[[str, Message], None] | None = None
        self.deliveries = 0
        self.receipts_made = 0
        self.submissions = 0
        self.failures = [0] * len(reasons.REASONS)
        self.way_up: Any = None

    # --- commits --------------------------------------------------------------------------------

    def landed(self, group: Group) -> None:
        """A group is safe: answer the submissions, start the deliveries, free the windows."""
        if not group.overtaken:
            for message in group.fresh:  # all of them, before a queue looks for more in the store
                self.ledger.add(message)
            for message in group.moved:  # they were submitted before those that are new
                if self.paced and self.left_handset(message):
                    continue
                self.answer(message)
                self.go_on(message)
        for message in group.fresh:
            if group.overtaken:
                self.answer(message)
                continue  # DELETE /messages came while it was being written
            if self.watch is not None:
                self.watch("message.accepted", message)
            if self.commit.group.moved and message.state != 10 and self.is_behind(message):
                self.commit.move_on(message)
                continue
            if self.paced and self.travels(message):
                continue
            self.answer(message)
            self.go_on(message)
        for message in group.forgotten:
            self.answer(message)
        for message in group.finals:
            if message.session is not None:
                self.slot_free(message)
            self.retire(message)

    def is_behind(self, message: Message) -> bool:
        """Whether its sender's handset has just let go of an earlier message that is yet to be committed."""
        return any(earlier.source == message.source for earlier in self.commit.group.moved)

    def travels(self, message: Message) -> bool:
        """Whether a message from a handset is still on its way up, which ends with the rest of ``landed``."""
        if message.session is None or message.originator <= 0 or message.state == 10:
            return False
        return bool(self.way_up.depart(message, self.now))

    def left_handset(self, message: Message) -> bool:
        """Whether a message that was held begins its way up now."""
        if message.state != 1 or message.due_at or message.originator <= 0:
            return False
        return bool(self.way_up.depart(message, self.now))

    def answer(self, message: Message) -> None:
        """The submit_sm_resp that is owed for a message that is safe."""
        bind = message.session
        if bind is None:
            return
        message.session = None
        self.submissions += 1
        if message.esm_class & 3 == 2 and self.outcomes is not None:
            self.outcomes.expect(message, bind, None)  # answered when its fate is known
        else:
            bind.session.submit_resp(message.sequence, message.id)
            self.mark(bind)

    def go_on(self, message: Message) -> None:
        """What its state asks for: it queues, waits for its time or on its handset, or has ended already."""
        if message.state == 1:
            self.enqueue(message)
        elif message.state == 0:
            self.timers.arm(Scheduled(message), message.due_at)
        elif message.state == 10:
            if self.held is not None:
                self.held(message)
        else:
            self.queued -= 1
            self.ended(message)
            self.retire(message)

    def retire(self, message: Message) -> None:
        """A final state is safe: receipts are forgotten, others stay readable for a while."""
        if message.kind == 1 or self.commit.durable:
            self.ledger.drop(message.id)
        else:
            self.ledger.retire(message.id)

    def add(self, message: Message) -> None:
        """A message that the SMSC itself makes joins the open commit."""
        message.id = self.ids.take()
        self.queued += 1
        self.commit.add(message)

    def mark(self, bind: Bind) -> None:
        """The bind's session has something to write."""
        if not bind.dirty:
            bind.dirty = True
            self.dirty.append(bind)

    # --- the wire -------------------------------------------------------------------------------

    def transmit(self, bind: Bind, message: Message) -> None:
        """Write one deliver_sm."""
        row = self.row
        row.service_type = message.service_type
        key = message.source
        if key == 0:
            row.source_ton = 5
            row.source_npi = 0
            row.source = -1
            row.source_text = message.source_text
        else:
            row.source_length = 0
            if is_msisdn(key):
                row.source_ton = 1
                row.source = key
            else:
                row.source_ton = 0
                row.source_length = national_length(key)
                row.source = national_number(key)
            row.source_npi = 1
        key = message.destination
        if key == 0:
            row.dest_ton = 5
            row.dest_npi = 0
            row.dest = -1
            row.dest_text = message.destination_text
        else:
            row.dest_length = 0
            if is_msisdn(key):
                row.dest_ton = 1
                row.dest = key
            else:
                row.dest_ton = 0
                row.dest_length = national_length(key)
                row.dest = national_number(key)
            row.dest_npi = 1
        row.esm_class = message.esm_class & 0xFC
        row.protocol_id = message.protocol_id
        row.priority = 3 if message.priority > 3 else message.priority
        row.registered_delivery = message.registered_delivery & 0x0C
        row.data_coding = message.data_coding
        row.body = message.body
        row.payload = message.payload and bind.takes_payload()
        row.tlvs = message.tlvs
        message.sequence = bind.session.send_message(row, message, self.link_now)
        self.mark(bind)

    def take_acks(self, acks: Acks) -> None:
        """A run of deliver_sm_resp."""
        tokens = acks.tokens
        statuses = acks.statuses
        for index in range(acks.count):
            self.answered(tokens[index], statuses[index])

    def slot_free(self, message: Message) -> None:
        """The window of the bind has room for one more."""
        bind = message.session
        if bind is None:
            return
        message.session = None
        bind.outstanding -= 1
        bind.session.release(1)
        if bind.backlog:
            self.window_opened(bind)

    # --- what follows ---------------------------------------------------------------------------

    def tell_failed(self, message: Message, cause: int) -> None:
        """An attempt failed: an intermediate notification, once, when it was asked for."""
        self.failures[cause] += 1
        if message.registered_delivery & 0x10 and not message.notified and owes_intermediate(message):
            message.notified = True
            self.add(self.receipts.intermediate(message, cause, self.now))
        if self.watch is not None:
            self.watch("message.attempt_failed", message)

    def ended(self, message: Message) -> None:
        """A final state: a receipt when one is due, and the service behind it hears of it."""
        if message.state == 2:
            self.deliveries += 1
        if message.registered_delivery & 3 and owes_receipt(message, message.state):
            self.receipts_made += 1
            self.add(self.receipts.receipt(message, self.now))
        if message.service and self.service_ended is not None:
            self.service_ended(message, self.now)
        if message.esm_class & 3 == 2 and self.outcomes is not None:
            self.outcomes.known(message)
        if self.watch is not None:
            self.watch("message.final", message)


def is_msisdn(key: int) -> bool:
    """Whether a key is a subscriber's number (8 national digits, or 12 that begin with 58), shown as E.164.

    Everything else is shown in its national form: short numbers, and codes with dialogue digits.
    """
    return 4_700_000_000 <= key < 4_800_000_000 or 47_580_000_000_000 <= key < 47_590_000_000_000


def national_length(key: int) -> int:
    """How many digits the national form of a key has."""
    length = 1
    bound = 480
    while key >= bound:
        bound *= 10
        length += 1
    return length


def national_number(key: int) -> int:
    """The value of the national form of a key; leading zeros are in its length."""
    prefix = 470
    while key >= prefix + prefix // 47:
        prefix *= 10
    return key - prefix
