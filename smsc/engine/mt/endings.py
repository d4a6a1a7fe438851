"""How a message ends, or an attempt fails, and who hears of it: receipts, services, responses, watchers."""

from __future__ import annotations

from typing import Final, Protocol

from smsc import reasons
from smsc.delivery.message import DELIVERED, Message
from smsc.delivery.receipt import INTERMEDIATE, owes_intermediate, owes_receipt
from smsc.delivery.recipient import Lane, Recipient
from smsc.engine.mt.queues import Queues
from smsc.engine.mt.receipts import ReceiptMaker
from smsc.engine.mt.transaction import TransactionResponses
from smsc.engine.watchers import Watchers
from smsc.protocol.constants import MODE_MASK, MODE_TRANSACTION

_RECEIPT_WANTED: Final = 0x03  # registered_delivery [3.4 §5.2.17]


class Services(Protocol):
    """Whoever let a message of a special number through, and hears of its end."""

    def ended(self, message: Message, now: int) -> None:
        """The message has its final state."""


class Endings:
    """The ends of the messages of the queues."""

    __slots__ = (
        "deliveries",
        "failures",
        "queues",
        "receipts",
        "receipts_made",
        "services",
        "transactions",
        "watchers",
    )

    def __init__(
        self,
        queues: Queues,
        receipts: ReceiptMaker,
        services: Services,
        transactions: TransactionResponses,
        watchers: Watchers,
    ) -> None:
        self.queues = queues
        self.receipts = receipts
        self.services = services
        self.transactions = transactions
        self.watchers = watchers
        self.deliveries = 0
        self.receipts_made = 0
        self.failures = [0] * len(reasons.REASONS)

    # --- out of a queue -------------------------------------------------------------------------

    def end(self, recipient: Recipient, lane: Lane, message: Message, state: int, cause: int) -> None:
        """The first message of a lane is done with."""
        lane.pop()
        recipient.took_out(message)
        self.close(recipient, message, state, cause)
        if recipient.lanes is not None:
            if lane.size() == 0:
                recipient.drop_empty_lane(lane)
            else:
                recipient.offer(lane)

    def close(self, recipient: Recipient, message: Message, state: int, cause: int) -> None:
        """A message has come to its end; whoever is owed something hears of it."""
        queues = self.queues
        queues.settle(recipient, message, state, cause)
        self.ended(message)
        queues.commit.finish(message)

    # --- who hears of it ------------------------------------------------------------------------

    def tell_failed(self, message: Message, cause: int) -> None:
        """An attempt failed while the message stays on its way: an intermediate notification, once, when it
        was asked for."""
        self.failures[cause] += 1
        if message.registered_delivery & INTERMEDIATE and not message.notified and owes_intermediate(message):
            message.notified = True
            self.queues.add(self.receipts.intermediate(message, cause, self.queues.now))
        if self.watchers.watched:
            self.watchers.tell_of("message.attempt_failed", message)

    def ended(self, message: Message) -> None:
        """A final state: a receipt when one is due, and the service behind it hears of it."""
        self.owe_receipt(message)
        self.tell_ended(message)

    def owe_receipt(self, message: Message) -> None:
        """The receipt of a final state joins the commit that holds that state."""
        if message.registered_delivery & _RECEIPT_WANTED and owes_receipt(message, message.state):
            self.receipts_made += 1
            self.queues.add(self.receipts.receipt(message, self.queues.now))

    def tell_ended(self, message: Message) -> None:
        """Whoever waits for a message's end, or watches, hears of it."""
        if message.state == DELIVERED:
            self.deliveries += 1
        if message.service:
            self.services.ended(message, self.queues.now)
        if message.esm_class & MODE_MASK == MODE_TRANSACTION:
            self.transactions.known(message)
        if self.watchers.watched:
            self.watchers.tell_of("message.final", message)
