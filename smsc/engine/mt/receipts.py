"""Delivery receipts and intermediate notifications: messages from the recipient back to the sender.

Text as in SMPP 3.4 Appendix B, TLVs receipted_message_id, message_state and network_error_code
[§5.3.2.12, §5.3.2.35, §5.3.2.31], user_message_reference echoed.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from typing import Final, Protocol

from smsc import reasons
from smsc.delivery.message import ENROUTE, RECEIPT, Message, new_message
from smsc.protocol.constants import TYPE_INTERMEDIATE, TYPE_RECEIPT, UDHI
from smsc.protocol.pdu import copying
from smsc.protocol.pdu.submit import find_tlv, put_number
from smsc.protocol.pdu.tlv import USER_MESSAGE_REFERENCE
from smsc.protocol.text import receipt_text

_DEFAULT_ALPHABET: Final = 0  # data_coding
_QUOTED: Final = 20  # characters of the message [SMPP 3.4 Appendix B]
_ESCAPE: Final = 0x1B
_NUMBERS: Final = 64  # octets: the id, twice, and the heads of two TLVs
_REFERENCE: Final = b"\x02\x04\x00\x02"  # the head of a user_message_reference


class LocalTime:
    """``YYMMDDhhmm`` in the SMSC's time zone; remembers the minutes last asked for."""

    __slots__ = ("before_minute", "before_text", "minute", "text", "zone")

    def __init__(self, zone: tzinfo) -> None:
        self.zone = zone
        self.minute = -1
        self.text = b""
        self.before_minute = -1
        self.before_text = b""

    def stamp(self, at: int) -> bytes:
        """The ten digits for a moment in ms."""
        minute = at // 60_000
        if minute == self.minute:
            return self.text
        if minute != self.before_minute:
            moment = datetime.fromtimestamp(minute * 60, UTC).astimezone(self.zone)
            self.before_text = moment.strftime("%y%m%d%H%M").encode("ascii")
            self.before_minute = minute
        self.minute, self.before_minute = self.before_minute, self.minute
        self.text, self.before_text = self.before_text, self.text
        return self.text


Parts = tuple[bytes, bytes, bytes, bytes, bytes]


class Rewriting(Protocol):
    """How one account's receipts are rewritten."""

    def rewrite(self, made: Message, ident: int, submitted: int, now: int) -> None:
        """Change the receipt that was made for message ``ident``."""


class ReceiptMaker:
    """Writes the receipts of one SMSC."""

    __slots__ = (
        "buffer",
        "came",
        "common",
        "dialects",
        "ended",
        "errors",
        "last",
        "last_key",
        "last_parts",
        "local",
        "network_errors",
        "text",
        "validity",
    )

    def __init__(self, local: LocalTime, validity: int, dialects: Mapping[int, Rewriting]) -> None:
        """``validity`` in ms; ``dialects`` of the accounts whose operator writes receipts otherwise."""
        self.local = local
        self.validity = validity
        self.dialects = dialects
        self.common: dict[int, Parts] = {}
        self.last_key = 0  # of the receipt before, and what it had in common
        self.last: Parts | None = None
        self.last_parts: Parts | None = None
        self.came = self.ended = self.text = b""
        self.buffer = bytearray(1024)  # in which a receipt is put together
        self.errors = [reason.err for reason in reasons.REASONS]
        self.network_errors = [
            b"\x04\x23\x00\x03\x03" + reason.map_error.to_bytes(2, "big") if reason.map_error else b""
            for reason in reasons.REASONS
        ]

    def speak(self, dialects: Mapping[int, Rewriting]) -> None:
        """Other accounts have dialects now."""
        self.dialects = dialects

    def receipt(self, message: Message, now: int) -> Message:
        """The receipt for a message that has just reached its final state."""
        return self.build(message, message.state, message.reason, now, TYPE_RECEIPT)

    def intermediate(self, message: Message, cause: int, now: int) -> Message:
        """The notification that a first attempt failed while the message stays on its way."""
        return self.build(message, ENROUTE, cause, now, TYPE_INTERMEDIATE)

    def build(self, message: Message, state: int, cause: int, now: int, esm_class: int) -> Message:
        """One deliver_sm with its own expiry; id 0 until the engine gives it one."""
        number = message.about if message.about else message.id  # submit_multi has one id for all
        made = new_message()
        made.kind = RECEIPT
        made.about = message.id
        made.source = message.destination
        made.source_text = message.destination_text
        made.destination = message.source
        made.destination_text = message.source_text
        made.recipient = message.originator
        made.account = message.account
        made.service_type = message.service_type
        made.esm_class = esm_class
        made.submitted_at = now
        made.expires_at = now + self.validity
        self.write(made, message, number, self.parts_of(state, cause), now)
        if self.dialects and message.account in self.dialects:
            dialect = self.dialects[message.account]
            dialect.rewrite(made, number, message.submitted_at, now)
        return made

    def write(self, made: Message, message: Message, number: int, parts: Parts, now: int) -> None:
        """Give a receipt its text and its TLVs: both are put together in one buffer."""
        between, quoted = self.between(parts, message, now), self.quoted(message)
        reference = find_tlv(message.tlvs, USER_MESSAGE_REFERENCE) if len(message.tlvs) else None
        wanted = len(parts[0]) + len(between) + len(quoted) + len(parts[4]) + _NUMBERS
        if reference is not None:
            wanted += len(reference)
        if wanted > len(self.buffer):
            self.buffer = bytearray(2 * wanted)
        out = self.buffer
        end = copying.put(out, 0, parts[0])
        end = put_number(out, end, number, 1) - 1  # without its NUL
        end = copying.put(out, end, between)
        end = copying.put(out, end, quoted)
        made.body = copying.taken(out, 0, end)
        end = put_number(out, 4, number, 1) - 1  # its NUL is the first of what follows
        out[0] = 0  # receipted_message_id 0x001E, a C-Octet String
        out[1] = 0x1E
        out[2] = 0
        out[3] = end - 3
        end = copying.put(out, end, parts[4])
        if reference is not None:
            end = copying.put(out, end, _REFERENCE)
            end = copying.put(out, end, reference)
        made.tlvs = copying.taken(out, 0, end)

    def between(self, parts: Parts, message: Message, now: int) -> bytes:
        """The text between id and quotation, which is the same for all of one outcome that came and ended in
        the same minutes."""
        came, ended = self.local.stamp(message.submitted_at), self.local.stamp(now)
        if parts is not self.last_parts or came is not self.came or ended is not self.ended:
            self.last_parts, self.came, self.ended = parts, came, ended
            self.text = b"".join((parts[1], came, parts[2], ended, parts[3]))
        return self.text

    def parts_of(self, state: int, cause: int) -> Parts:
        """What receipts of one outcome have in common: the text around id and dates, and the last TLVs."""
        key = state << 16 | cause
        if key == self.last_key and self.last is not None:
            return self.last
        parts = self.common.get(key)
        if parts is None:
            text = receipt_text.build(b"\0", state, b"\0", b"\0", self.errors[cause], b"")
            before, between, dates, after = text.split(b"\0")
            tlvs = b"\x00\x04\x27\x00\x01" + bytes((state,))
            parts = (before, between, dates, after, tlvs + (self.network_errors[cause] if cause else b""))
            self.common[key] = parts
        self.last_key, self.last = key, parts
        return parts

    def quoted(self, message: Message) -> bytes:
        """The beginning of the message, when it is text in the default alphabet."""
        if message.data_coding == _DEFAULT_ALPHABET and message.esm_class & UDHI == 0:
            p = body = message.body
            if len(body) <= _QUOTED:
                return body
            # neither an escape pair [03.38 §6.2.1.1] nor a character of UTF-8 is split
            if p[_QUOTED - 1] != _ESCAPE and p[_QUOTED] & 0xC0 != 0x80:  # noqa: PLR2004  (of C integers)
                return p[:_QUOTED]
        return receipt_text.excerpt(message.data_coding, message.esm_class, message.body)
