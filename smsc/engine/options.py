"""The rarer wishes of a submit_sm: modes, priority, schedule, validity, replacement, canned messages."""

from __future__ import annotations

from smsc import reasons
from smsc.delivery.message import Message
from smsc.protocol.smpptime import TimeError, parse_time
from smsc.protocol.submit import Submit

DATAGRAM = 1
TRANSACTION = 2


class Options:
    """Reads what most submissions leave at its default, and refuses what makes no sense."""

    def __init__(
        self,
        default_validity: int,
        max_validity: int,
        max_schedule: int,
        default_messages: dict[int, bytes],
    ) -> None:
        self.default_validity = default_validity
        self.max_validity = max_validity
        self.max_schedule = max_schedule
        self.default_messages = default_messages

    def apply(self, row: Submit, message: Message, now: int, version: int) -> int:
        """Fill the message's times from the row; returns a reason to refuse, or 0."""
        kind = row.esm_class & 0x3C
        if kind in (0x04, 0x20, 0x18):
            return reasons.RECEIPT_FROM_CLIENT  # only the SMSC says such things [SMPP 3.4 §5.2.12]
        if row.esm_class & 3 == TRANSACTION and version < 0x50:
            return reasons.INVALID_ESM_CLASS  # data_sm only before 5.0
        if row.registered_delivery & 3 == 3 and version < 0x50:
            return reasons.INVALID_REGISTERED_DELIVERY
        if row.default_msg_id:
            canned = self.default_messages.get(row.default_msg_id)
            if canned is None:
                return reasons.INVALID_DEFAULT_MESSAGE
            row.body = canned
            row.data_coding = 0
        return self.times(row, message, now)

    def times(self, row: Submit, message: Message, now: int) -> int:
        """schedule_delivery_time and validity_period [SMPP 3.4 §7.1.1]; a relative validity is kept as such."""
        due = now
        if row.schedule:
            if row.esm_class & 3 == DATAGRAM:
                return reasons.INVALID_SCHEDULE
            try:
                moment = parse_time(row.schedule, now)
            except TimeError:
                return reasons.INVALID_SCHEDULE
            if moment > now + self.max_schedule:
                return reasons.INVALID_SCHEDULE
            if moment > now:
                due = message.due_at = moment
        if not row.validity:
            message.expires_at = due + self.default_validity
            return 0
        try:
            expires = parse_time(row.validity, now)
        except TimeError:
            return reasons.INVALID_VALIDITY
        if expires <= now or expires <= due:
            return reasons.INVALID_VALIDITY
        if row.validity.endswith(b"R"):
            message.validity = expires - now
        message.expires_at = min(expires, due + self.max_validity)
        return 0
