"""What a submit_sm asks for besides: modes, priority, schedule, validity, replacement, canned messages."""

from __future__ import annotations

from smsc import reasons
from smsc.config.settings import Settings
from smsc.delivery.message import ABSOLUTE, SCHEDULED, Message
from smsc.protocol.constants import (
    MODE_DATAGRAM,
    MODE_MASK,
    RECEIPT_MASK,
    RECEIPT_SUCCESS,
    TYPE_CONVERSATION_ABORT,
    TYPE_INTERMEDIATE,
    TYPE_MASK,
    TYPE_RECEIPT,
    V50,
)
from smsc.protocol.pdu.submit import Submit
from smsc.protocol.smpptime import TimeFormatError, is_relative, read_schedule, read_validity

_HOUR = 3_600_000


class Options:
    """Reads what most submissions leave at its default, and refuses what makes no sense."""

    def __init__(self, settings: Settings, default_messages: dict[int, bytes]) -> None:
        delivery, policy = settings.delivery, settings.policy
        self.default_validity = delivery.validity_default
        self.max_validity = delivery.validity_max
        self.max_schedule = delivery.schedule_max
        self.first_year = 1900 + settings.smsc.two_digit_year
        self.refuse_past_schedule = policy.schedule_in_past == "reject"
        self.refuse_long_validity = delivery.validity_over_max == "reject"
        self.default_messages = default_messages
        self.wrong = ""  # what made the last refusal, in words

    def apply(self, row: Submit, message: Message, now: int, version: int, due: int | None = None) -> int:
        """Fill the message's times from the row; returns a reason to refuse, or 0.

        ``due`` is the schedule that a message has already.
        """
        if row.esm_class & TYPE_MASK in (TYPE_RECEIPT, TYPE_INTERMEDIATE, TYPE_CONVERSATION_ABORT):
            return reasons.RECEIPT_FROM_CLIENT  # only the SMSC says such things [SMPP 3.4 §5.2.12]
        if row.registered_delivery & RECEIPT_MASK == RECEIPT_SUCCESS and version < V50:
            return reasons.INVALID_REGISTERED_DELIVERY
        if row.default_msg_id:
            canned = self.default_messages.get(row.default_msg_id)
            if canned is None:
                known = ", ".join(map(str, sorted(self.default_messages))) or "none"
                self.wrong = f"there are: {known} (default_messages)"
                return reasons.INVALID_DEFAULT_MESSAGE
            row.body = canned
            row.data_coding = 0
        return self.times(row, message, now, due)

    def times(self, row: Submit, message: Message, now: int, due: int | None = None) -> int:
        """schedule_delivery_time and validity_period [SMPP 3.4 §7.1.1]; a relative one is kept as such."""
        schedule = due
        if row.schedule:
            if row.esm_class & MODE_MASK == MODE_DATAGRAM:
                self.wrong = "a datagram is tried at once, or not at all"
                return reasons.INVALID_SCHEDULE
            try:
                schedule = read_schedule(
                    row.schedule, now, self.first_year, past_is_error=self.refuse_past_schedule
                )
            except TimeFormatError as error:
                self.wrong = str(error)
                return reasons.INVALID_SCHEDULE
            if schedule > now + self.max_schedule:
                self.wrong = f"more than {self.max_schedule // _HOUR} h ahead (delivery.schedule_max)"
                return reasons.INVALID_SCHEDULE
            if schedule > now:
                message.due_at = schedule
                message.state = SCHEDULED
        start = now if schedule is None else schedule
        if not row.validity:
            message.expires_at = start + self.default_validity
            return 0
        try:
            expires = read_validity(row.validity, now, schedule, self.first_year)
        except TimeFormatError as error:
            self.wrong = str(error)
            return reasons.INVALID_VALIDITY
        longest = start + self.max_validity
        if expires > longest:
            if self.refuse_long_validity:
                self.wrong = f"more than {self.max_validity // _HOUR} h (delivery.validity_max)"
                return reasons.INVALID_VALIDITY
            expires = longest
        message.validity = expires - now if is_relative(row.validity) else ABSOLUTE
        message.expires_at = expires
        return 0
