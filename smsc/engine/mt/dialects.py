"""Receipts as other operators write them, for ESMEs that are to meet them in a test.

The specification's receipt is an example [SMPP 3.4 Appendix B] and its message_id any text [§5.2.23], and
operators use that. An account with a dialect gets its receipts rewritten; all others never come here.
"""

from __future__ import annotations

from smsc.config.settings import Settings
from smsc.config.wire import ReceiptDialect
from smsc.delivery.message import Message
from smsc.engine.mt.receipts import LocalTime
from smsc.protocol.pdu.submit import find_tlv
from smsc.protocol.pdu.tlv import (
    MESSAGE_STATE,
    NETWORK_ERROR_CODE,
    RECEIPTED_MESSAGE_ID,
    USER_MESSAGE_REFERENCE,
)
from smsc.routing.accounts import Accounts
from smsc.routing.id_form import id_form

_COUNTS = b"sub:001 dlvrd:"


class Dialect:
    """How one account's receipts are rewritten."""

    __slots__ = ("ids", "rules", "zone")

    def __init__(self, rules: ReceiptDialect, zone: LocalTime) -> None:
        self.rules = rules
        self.ids = id_form(rules.id, rules.id_width)
        self.zone = zone

    def rewrite(self, made: Message, ident: int, submitted: int, now: int) -> None:
        """Change the text and the TLVs of a receipt as it was made for message ``ident``."""
        shown, plain = self.ids.show(ident), b"%d" % ident
        if self.rules.text:
            made.body = self._text(made.body, plain, shown, submitted, now)
        else:
            made.body = b""
        made.tlvs = self._tlvs(made.tlvs, shown) if self.rules.tlvs else b""

    def _text(self, text: bytes, plain: bytes, shown: bytes, submitted: int, now: int) -> bytes:
        text = b"id:" + shown + text[len(b"id:") + len(plain) :]
        head, quoted, excerpt = text.partition(b" text:")
        if not self.rules.counts:
            before, counts, after = head.partition(_COUNTS)
            if counts:
                head = before + after[4:]  # three digits and a space
        if self.rules.seconds:
            for label, at in ((b"submit date:", submitted), (b"done date:", now)):
                before, label, after = head.partition(label)
                head = before + label + self.zone.stamp(at) + b"%02d" % (at // 1000 % 60) + after[10:]
        return head + quoted + excerpt

    def _tlvs(self, area: bytes, shown: bytes) -> bytes:
        kept = _tlv(RECEIPTED_MESSAGE_ID, shown + b"\0")
        for tag in (MESSAGE_STATE, NETWORK_ERROR_CODE, USER_MESSAGE_REFERENCE):
            value = find_tlv(area, tag)
            if value is not None:
                kept += _tlv(tag, value)
        return kept


def _tlv(tag: int, value: bytes) -> bytes:
    return tag.to_bytes(2, "big") + len(value).to_bytes(2, "big") + value


def dialects(settings: Settings, accounts: Accounts, zone: LocalTime) -> dict[int, Dialect]:
    """The dialects by account index; empty when everybody gets what the specification shows."""
    found: dict[int, Dialect] = {}
    plain = ReceiptDialect()
    for esme in settings.esmes:
        account = accounts.by_system_id(esme.system_id)
        if account is not None and esme.receipts != plain:
            found[account.index] = Dialect(esme.receipts, zone)
    return found
