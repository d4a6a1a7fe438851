"""Whether a text goes on the air, and what becomes of one that does not [23.040 §9.2.3.16, §9.2.3.24.1]."""

from __future__ import annotations

from typing import Literal

from smsc.delivery.message import LONG, Message
from smsc.engine.reading import part_of
from smsc.protocol.constants import UDHI
from smsc.protocol.pdu.submit import Submit
from smsc.protocol.pdu.tlv import SAR_TAGS, split_tlvs
from smsc.protocol.text import gsm0338, udh
from smsc.protocol.text.data_coding import BINARY, DEFAULT, UCS2, Reading, alphabet, decode_text
from smsc.protocol.text.division import MOST_PARTS, divide

_CONCAT = 6  # octets of the header that the SMSC makes of SAR TLVs, and for the parts of a payload


def decide(policy: Literal["reject", "pass", "split"], row: Submit, reading: Reading, emergency: bool) -> str:
    """Why a text is refused, "" when it is taken: then ``row.payload`` tells if handsets get it in parts.

    An emergency's is never refused, and a part of a longer text is not divided again.
    """
    wrong = excess(row, reading)
    if not wrong or (policy == "pass" and not emergency):
        return ""
    if (emergency or policy == "split") and in_parts(row, reading, 0) is not None:
        row.payload = row.payload or LONG
        return ""
    return "" if emergency else wrong


def in_parts(text: Submit | Message, reading: Reading, reference: int) -> list[bytes] | None:
    """The bodies that carry a text, [its own] when it fits; None for what cannot be divided."""
    if part_of(text)[1] > 1:
        return None
    return divide(text.data_coding, text.esm_class, text.body, reading, reference)


def excess(row: Submit, reading: Reading) -> str:
    """What is too long, with count and limit; "" when it fits."""
    header, rest = udh.split(row.body) if row.esm_class & UDHI else (b"", row.body)
    room = len(header)
    tags = {tag for tag, _ in split_tlvs(row.tlvs) or ()}
    parts = 1
    if tags.issuperset(SAR_TAGS):
        room += _CONCAT
    elif row.payload and part_of(row)[1] == 1:
        single, _, limit = _measure(row.data_coding, rest, room, reading)
        if single <= limit:
            return ""
        room += _CONCAT - 1 if header else _CONCAT
        parts = MOST_PARTS
    count, unit, limit = _measure(row.data_coding, rest, room, reading)
    if parts == 1:
        return "" if count <= limit else f"{count} {unit}, {limit} fit"
    # a pair that is not cut costs a part one unit at most
    if count <= (limit - 1) * parts or in_parts(row, reading, 0) is not None:
        return ""
    return f"{count} {unit}, {limit * parts} fit into {parts} parts of {limit}"


def _measure(data_coding: int, octets: bytes, header: int, reading: Reading) -> tuple[int, str, int]:
    """(count, unit, limit) in the alphabet in which it would go on the air: codings 0, 1 and 3 as GSM 03.38
    where every character has a place there, else as UCS2."""
    kind = alphabet(data_coding)
    free = gsm0338.OCTETS - header
    if kind == BINARY:
        return len(octets), "octets", free
    if kind == UCS2:
        return (len(octets) + 1) // 2, "UCS2 units", free // 2
    if kind == DEFAULT or data_coding in (1, 3):
        if kind == DEFAULT and reading.default_alphabet == "gsm0338":
            return len(octets), "septets", gsm0338.capacity(header)
        text = decode_text(data_coding, octets, 0, *reading)
        if gsm0338.encodable(text):
            return gsm0338.septets(text), "septets", gsm0338.capacity(header)
        return len(text.encode("utf-16-be", "surrogatepass")) // 2, "UCS2 units", free // 2
    return len(octets), "octets", free
