"""What people want to read of a message: its text and its place in a concatenation. Cold."""

from __future__ import annotations

from collections.abc import Mapping

from smsc.delivery.message import Message
from smsc.protocol.constants import UDHI
from smsc.protocol.pdu.submit import Submit, find_tlv
from smsc.protocol.text import packed, udh
from smsc.protocol.text.data_coding import (
    DEFAULT,
    GSM,
    GSM_PACKED,
    USUAL,
    Reading,
    alphabet,
    decode_text,
)

_SAR_TAGS = (0x020C, 0x020E, 0x020F)


def text_of(message: Message, reading: Reading = USUAL) -> str:
    """The text without its user data header; binary content as hexadecimal digits."""
    return decode_text(message.data_coding, message.body, message.esm_class, *reading)


def octets_of(message: Message) -> tuple[int, bytes]:
    """(data_coding, octets of the text without its header), for `protocol.text.join_text`."""
    return message.data_coding, _split(message)[1]


def concat_of(message: Message | Submit) -> udh.Concat | None:
    """The message's place among the parts of a longer one, None of one in one piece.

    By user data header [23.040 §9.2.3.24.1, .8] or by SAR TLVs [SMPP 3.4 §5.3.2.22-24].
    """
    values = [(tag, find_tlv(message.tlvs, tag)) for tag in _SAR_TAGS] if message.tlvs else []
    return udh.part_of(
        message.esm_class, message.body, [(tag, value) for tag, value in values if value is not None]
    )


def part_of(message: Message | Submit) -> tuple[int, int, int]:
    """(reference, parts, part) of a concatenated message, (0, 1, 1) of one in one piece."""
    found = concat_of(message)
    return (0, 1, 1) if found is None else (found.reference, found.parts, found.part)


def reading_of(settings: Mapping[str, object]) -> Reading:
    """What data_coding 0 and 1 mean in a message, from its account's settings."""
    reading = reading_on_wire(settings)
    return reading._replace(default_alphabet=GSM) if reading.default_alphabet == GSM_PACKED else reading


def reading_on_wire(settings: Mapping[str, object]) -> Reading:
    """What they mean in the account's PDUs, where septets may be packed."""
    default, ia5 = settings.get("default_alphabet", GSM), settings.get("ia5_means", "auto")
    return Reading(str(default), str(ia5))


def unpack_text(row: Submit | Message, settings: Mapping[str, object]) -> None:
    """Change a text as the account's ESME has sent it to one as messages have it."""
    if _is_packed(row, settings):
        header, rest = _split(row)
        row.body = header + packed.unpack(rest, len(header))


def pack_text(row: Submit, settings: Mapping[str, object]) -> None:
    """Change a text as messages have it to one that the account's ESME reads."""
    if _is_packed(row, settings):
        row.body = packed_text(row)


def packed_text(row: Submit | Message) -> bytes:
    """The octets of a text in the default alphabet, its septets packed."""
    header, rest = _split(row)
    return header + packed.pack(rest, len(header))


def _is_packed(row: Submit | Message, settings: Mapping[str, object]) -> bool:
    return settings.get("default_alphabet") == GSM_PACKED and alphabet(row.data_coding) == DEFAULT


def _split(row: Submit | Message) -> tuple[bytes, bytes]:
    return udh.split(row.body) if row.esm_class & UDHI else (b"", row.body)
