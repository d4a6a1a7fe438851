"""What is known of a message beside its fields: where it waits and why, who submitted it, what it shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from smsc import reasons
from smsc.delivery.message import ENROUTE, HELD, SCHEDULED, STATE_NAMES, WAITING, Message, address_digits
from smsc.protocol.text.data_coding import Reading

if TYPE_CHECKING:
    from smsc.engine.engine import Engine

KIND_NAMES: Final = ("message", "receipt", "notice")
#: Where a message may be: the states, with enroute told apart.
STAGES: Final = (
    "scheduled",
    "held",
    "waiting",
    "underway",
    "delivered",
    "expired",
    "deleted",
    "undeliverable",
    "accepted",
    "unknown",
    "rejected",
    "refused",
)


def stage_of(message: Message) -> str:
    """Its state, or where it waits: scheduled, held, waiting, underway (handed over, not answered yet)."""
    if message.state == SCHEDULED:
        return "scheduled"
    if message.state == ENROUTE:
        return "underway" if message.sent_at and message.bind is not None else "waiting"
    return STATE_NAMES[message.state]


def reason_of(engine: Engine, message: Message) -> int:
    """Why it ended or waits: its own reason, or its recipient's; 0 for none."""
    if message.reason:
        return message.reason
    if message.state == HELD:
        sender = engine.world.registry.find(message.source)
        return (sender.silence() if sender is not None else 0) or reasons.NO_COVERAGE_HOLD
    if message.state in WAITING:
        recipient = engine.queues.recipients.get(message.recipient)
        if recipient is not None and recipient.flags:
            return int(recipient.absent_reason)
    return 0


def system_of(engine: Engine, message: Message) -> str | None:
    """Who submitted it: the system_id of the ESME or handset; None for what the SMSC wrote itself."""
    if message.account:
        account = engine.world.accounts.by_index(message.account)
        return None if account is None else account.system_id
    return str(message.originator) if message.kind == 0 and message.originator > 0 else None


def shown(key: int, text: bytes) -> str:
    """A sender or recipient as the API writes it."""
    return text.decode("latin-1") if text else address_digits(key) if key else ""


def alphabet_of(engine: Engine, message: Message) -> Reading:
    """What data_coding 0 and 1 mean for whoever sent it."""
    return engine.reading(message)
