"""What deliveries mean on the wire: deliver_sm written, windows freed, receipts made."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from smsc import reasons
from smsc.delivery.message import DELIVERED, PAYLOAD, Message
from smsc.delivery.receipt import INTERMEDIATE, owes_intermediate, owes_receipt
from smsc.delivery.timers import Timers
from smsc.engine.binds.bindings import NACKED, REFUSED, UNANSWERED, Bind
from smsc.engine.journal.commit import Commit
from smsc.engine.journal.ids import IdSeries
from smsc.engine.mt.delivery import Delivery
from smsc.engine.mt.latency import WayDown
from smsc.engine.mt.reach import Reach
from smsc.engine.mt.receipts import ReceiptMaker
from smsc.engine.mt.retry import Retry
from smsc.engine.mt.spill import Spill
from smsc.protocol.constants import MODE_MASK, MODE_TRANSACTION, UDHI
from smsc.protocol.pdu.submit import Acks, Submit
from smsc.routing.plan_data import bounds

_ALPHANUMERIC: Final = 5  # TON [3.4 §5.2.5]
_INTERNATIONAL: Final = 1
_ISDN: Final = 1  # NPI E.164 [§5.2.6]
_NOT_THE_MODE: Final = 0xFC  # of esm_class: a deliver_sm has none [§5.2.12]
_HIGHEST: Final = 3  # priority_flag; an emergency's is above it [§5.2.14]
_RECEIPT_WANTED: Final = 0x03  # registered_delivery [§5.2.17]
_ACKNOWLEDGEMENTS: Final = 0x0C  # that the sending user asks of the receiving one

_FIRST_M2M, _LAST_M2M = bounds("m2m_iot")[0]  # C integers when compiled


class SmppDelivery(Delivery):
    """Deliveries as the wire sees them."""

    __slots__ = (
        "deliveries",
        "dirty",
        "failures",
        "ids",
        "receipts",
        "receipts_made",
        "row",
        "service_ended",
        "transactions",
        "watch",
    )

    def __init__(
        self,
        commit: Commit,
        timers: Timers,
        spill: Spill,
        reach: Reach,
        retry: Retry,
        permanent: frozenset[int],
        way_down: WayDown,
        tell: Callable[[str, dict[str, Any]], None],
        ids: IdSeries,
        receipts: ReceiptMaker,
    ) -> None:
        Delivery.__init__(self, commit, timers, spill, reach, retry, permanent, way_down, tell)
        self.ids = ids
        self.receipts = receipts
        self.row = Submit()
        self.dirty: list[Bind] = []
        self.service_ended: Callable[[Message, int], None] | None = None
        self.transactions: Any = None
        self.watch: Callable[[str, Message], None] | None = None
        self.deliveries = 0
        self.receipts_made = 0
        self.failures = [0] * len(reasons.REASONS)

    def add(self, message: Message) -> None:
        """A message that the SMSC itself makes joins the open commit."""
        message.id = self.ids.take()
        self.count_in(message)
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
            row.source_ton = _ALPHANUMERIC
            row.source_npi = 0
            row.source = -1
            row.source_text = message.source_text
            if message.recipient > 0 and len(message.source_text) > 11:  # on the air [23.040 §9.1.2.5]
                row.source_text = message.source_text[0:11]
        else:
            length = shown_length(key)
            row.source_ton = 0 if length else _INTERNATIONAL
            row.source_npi = _ISDN
            row.source = national_number(key) if length else key
            row.source_length = length
        key = message.destination
        if key == 0:
            row.dest_ton = _ALPHANUMERIC
            row.dest_npi = 0
            row.dest = -1
            row.dest_text = message.destination_text
        else:
            length = shown_length(key)
            row.dest_ton = 0 if length else _INTERNATIONAL
            row.dest_npi = _ISDN
            row.dest = national_number(key) if length else key
            row.dest_length = length
        row.esm_class = message.esm_class & _NOT_THE_MODE
        row.protocol_id = message.protocol_id
        row.priority = _HIGHEST if message.priority > _HIGHEST else message.priority
        row.registered_delivery = message.registered_delivery & _ACKNOWLEDGEMENTS
        row.data_coding = message.data_coding
        if message.parts is None:
            row.body = message.body
            row.payload = message.payload == PAYLOAD
        else:
            row.body = message.parts.next()
            row.payload = 0
            if message.parts.is_divided():
                row.esm_class |= UDHI
        row.tlvs = message.tlvs
        message.sequence = bind.session.send_message(row, message, self.link_now)
        self.mark(bind)

    def take_acks(self, acks: Acks, bind: Bind) -> None:
        """A run of deliver_sm_resp of one bind."""
        tokens = acks.tokens
        statuses = acks.statuses
        for index in range(acks.count):
            self.answered(tokens[index], statuses[index])
        bind.unanswered = 0
        if bind.sick or bind.session.window_most:
            self.take_note(bind, statuses[: acks.count])

    def take_note(self, bind: Bind, statuses: list[int]) -> None:
        """What the answers say of a bind that is sick, or whose window has shrunk."""
        taken = statuses.count(0)
        bind.session.took(taken, self.link_now)
        self.recover(bind, UNANSWERED | REFUSED | NACKED if taken else UNANSWERED)
        if bind.backlog:
            self.window_opened(bind)

    def slot_free(self, message: Message) -> None:
        """The window of the bind has room for one more."""
        bind = message.bind
        if bind is None:
            return
        message.bind = None
        bind.outstanding -= 1
        bind.session.release(1)
        if bind.backlog:
            self.window_opened(bind)

    # --- what follows ---------------------------------------------------------------------------

    def tell_failed(self, message: Message, cause: int) -> None:
        """An attempt failed: an intermediate notification, once, when it was asked for."""
        self.failures[cause] += 1
        if message.registered_delivery & INTERMEDIATE and not message.notified and owes_intermediate(message):
            message.notified = True
            self.add(self.receipts.intermediate(message, cause, self.now))
        if self.watch is not None:
            self.watch("message.attempt_failed", message)

    def ended(self, message: Message) -> None:
        """A final state: a receipt when one is due, and the service behind it hears of it."""
        self.owe_receipt(message)
        self.tell_ended(message)

    def owe_receipt(self, message: Message) -> None:
        """The receipt of a final state joins the commit that holds that state."""
        if message.registered_delivery & _RECEIPT_WANTED and owes_receipt(message, message.state):
            self.receipts_made += 1
            self.add(self.receipts.receipt(message, self.now))

    def tell_ended(self, message: Message) -> None:
        """Whoever waits for a message's end, or watches, hears of it."""
        if message.state == DELIVERED:
            self.deliveries += 1
        if message.service and self.service_ended is not None:
            self.service_ended(message, self.now)
        if message.esm_class & MODE_MASK == MODE_TRANSACTION and self.transactions is not None:
            self.transactions.known(message)
        if self.watch is not None:
            self.watch("message.final", message)


def shown_length(key: int) -> int:
    """How many digits of a number are shown: 0, for all in E.164, of a subscriber's; else the national ones.

    A subscriber's number has 8 national digits, or 12 that begin with 58; everything else is shown in its
    national form: short numbers, and codes with dialogue digits.
    """
    if 4_700_000_000 <= key < 4_800_000_000 or _FIRST_M2M <= key <= _LAST_M2M:
        return 0
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
