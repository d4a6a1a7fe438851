"""The user data header: information elements, and which part of which long message this is [23.040
§9.2.3.24]."""

from collections.abc import Sequence
from typing import NamedTuple

from smsc.protocol.constants import UDHI

CONCAT_8, CONCAT_16, PORTS_8, PORTS_16, SINGLE_SHIFT, LOCKING_SHIFT = 0x00, 0x08, 0x04, 0x05, 0x24, 0x25


class Concat(NamedTuple):
    """Part `part` of `parts`; `wide` is a 16-bit reference, whose numbers are a series of their own."""

    reference: int
    parts: int
    part: int
    wide: bool


def split(body: bytes) -> tuple[bytes, bytes]:
    """The header, its length octet included, and the text behind it; no header when its length runs past the
    end."""
    size = body[0] + 1 if body else 1
    return (body[:size], body[size:]) if size <= len(body) else (b"", body)


def elements(header: bytes) -> list[tuple[int, bytes]]:
    """The (identifier, data) elements of a header; what is cut off at its end is left out."""
    found, at = [], 1
    while at + 2 <= len(header) and at + 2 + header[at + 1] <= len(header):
        found.append((header[at], header[at + 2 : at + 2 + header[at + 1]]))
        at += 2 + header[at + 1]
    return found


def concat(header: bytes) -> Concat | None:
    """The last valid concatenation element; one that counts impossibly is ignored [23.040 §9.2.3.24.1]."""
    result = None
    for identifier, data in elements(header):
        if identifier == CONCAT_8 and len(data) == 3:
            found = Concat(data[0], data[1], data[2], False)
        elif identifier == CONCAT_16 and len(data) == 4:
            found = Concat(data[0] << 8 | data[1], data[2], data[3], True)
        else:
            continue
        if 1 <= found.part <= found.parts:
            result = found
    return result


def ports(header: bytes) -> tuple[int, int] | None:
    """(destination, originator) application ports, or None [23.040 §9.2.3.24.3, .4]."""
    for identifier, data in elements(header):
        if identifier == PORTS_16 and len(data) == 4:
            return data[0] << 8 | data[1], data[2] << 8 | data[3]
        if identifier == PORTS_8 and len(data) == 2:
            return data[0], data[1]
    return None


def build_concat(part: Concat) -> bytes:
    """The header with this one element: `05 00 03 RR TT SS`, or `06 08 04 RRRR TT SS`."""
    if part.wide:
        return bytes(
            (6, CONCAT_16, 4, part.reference >> 8 & 255, part.reference & 255, part.parts, part.part)
        )
    return bytes((5, CONCAT_8, 3, part.reference & 255, part.parts, part.part))


def sar(tlvs: Sequence[tuple[int, bytes]]) -> Concat | None:
    """The same from the sar_ TLVs: only the complete triple counts [SMPP 3.4 §5.3.2.22]."""
    values = {tag: int.from_bytes(value, "big") for tag, value in tlvs}
    reference, parts, part = (values.get(tag) for tag in (0x020C, 0x020E, 0x020F))
    if reference is None or parts is None or part is None or not 1 <= part <= parts:
        return None
    return Concat(reference, parts, part, True)


def part_of(esm_class: int, body: bytes, tlvs: Sequence[tuple[int, bytes]] = ()) -> Concat | None:
    """Which part a message is, however it says so; None when it is whole."""
    return concat(split(body)[0]) if esm_class & UDHI else sar(tlvs)
