"""What people want to read of a message: its text and its place in a concatenation. Cold."""

from __future__ import annotations

from smsc.delivery.message import Message
from smsc.protocol.submit import find_tlv
from smsc.protocol.text import decode_text


def text_of(message: Message, default_alphabet: str = "gsm0338") -> str:
    """The text without its user data header; binary content as hexadecimal digits."""
    return decode_text(message.data_coding, message.body, message.esm_class, default_alphabet)


def part_of(message: Message) -> tuple[int, int, int]:
    """(reference, parts, part) of a concatenated message, (0, 1, 1) of one in one piece.

    By user data header [23.040 §9.2.3.24.1, .8] or by SAR TLVs [SMPP 3.4 §5.3.2.22-24].
    """
    if message.esm_class & 0x40 and message.body:
        found = _from_header(message.body)
        if found is not None:
            return found
    if message.tlvs:
        reference, total, part = (find_tlv(message.tlvs, tag) for tag in (0x020C, 0x020E, 0x020F))
        if reference and total and part and 1 <= part[0] <= total[0]:
            return int.from_bytes(reference, "big"), total[0], part[0]
    return 0, 1, 1


def _from_header(body: bytes) -> tuple[int, int, int] | None:
    end = min(len(body), body[0] + 1)
    at = 1
    while at + 2 <= end:
        kind, size = body[at], body[at + 1]
        value = body[at + 2 : at + 2 + size]
        if len(value) < size:
            return None
        if (kind == 0 and size == 3) or (kind == 8 and size == 4):
            total, part = value[-2], value[-1]
            if 1 <= part <= total:
                return int.from_bytes(value[:-2], "big"), total, part
        at += 2 + size
    return None
