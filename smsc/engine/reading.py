"""What people want to read of a message: its text and its place in a concatenation. Cold."""

from __future__ import annotations

from collections.abc import Mapping

from smsc.delivery.message import Message
from smsc.protocol.constants import UDHI
from smsc.protocol.pdu.submit import Submit, find_tlv
from smsc.protocol.text import udh
from smsc.protocol.text.data_coding import GSM, USUAL, Reading, decode_text

_SAR_TAGS = (0x020C, 0x020E, 0x020F)


def text_of(message: Message, reading: Reading = USUAL) -> str:
    """The text without its user data header; binary content as hexadecimal digits."""
    return decode_text(message.data_coding, message.body, message.esm_class, *reading)


def octets_of(message: Message) -> tuple[int, bytes]:
    """(data_coding, octets of the text without its header), for `protocol.text.join_text`."""
    return message.data_coding, udh.split(message.body)[1] if message.esm_class & UDHI else message.body


def part_of(message: Message | Submit) -> tuple[int, int, int]:
    """(reference, parts, part) of a concatenated message, (0, 1, 1) of one in one piece.

    By user data header [23.040 §9.2.3.24.1, .8] or by SAR TLVs [SMPP 3.4 §5.3.2.22-24].
    """
    values = [(tag, find_tlv(message.tlvs, tag)) for tag in _SAR_TAGS] if message.tlvs else []
    found = udh.part_of(
        message.esm_class, message.body, [(tag, value) for tag, value in values if value is not None]
    )
    return (0, 1, 1) if found is None else (found.reference, found.parts, found.part)


def reading_of(settings: Mapping[str, object]) -> Reading:
    """What data_coding 0 and 1 mean, from an account's settings."""
    default, ia5 = settings.get("default_alphabet", GSM), settings.get("ia5_means", "auto")
    return Reading(str(default), str(ia5))
