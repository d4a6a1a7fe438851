"""GSM 03.38 with eight septets in seven octets, as on the air [23.038 §6.1.2.1, 23.040 §9.2.3.24].

The octets do not say how many septets they carry. Where seven bits are left over and all are 0, they count as
padding and not as an `@`, which is septet 0: a text that ends in `@` there loses it.
"""

from __future__ import annotations

from typing import Final

_NO_SEPTET: Final = 0x3F  # "?", for an octet above 0x7F


def pack(septets: bytes, header: int = 0) -> bytes:
    """The octets behind a user data header of so many octets, whose fill bits begin them."""
    packed = bytearray()
    held, bits = 0, _fill(header)
    for septet in septets:
        held |= (septet if septet < 0x80 else _NO_SEPTET) << bits
        bits += 7
        while bits >= 8:
            packed.append(held & 0xFF)
            held >>= 8
            bits -= 8
    if bits and septets:
        packed.append(held)
    return bytes(packed)


def unpack(octets: bytes, header: int = 0) -> bytes:
    """The septets, one an octet, of what stands behind a user data header of so many octets."""
    septets = bytearray()
    held, bits = 0, -_fill(header)
    for octet in octets:
        held |= octet << bits if bits >= 0 else octet >> -bits
        bits += 8
        while bits >= 7:
            septets.append(held & 0x7F)
            held >>= 7
            bits -= 7
    if bits == 0 and septets and septets[-1] == 0:
        septets.pop()
    return bytes(septets)


def _fill(header: int) -> int:
    """Bits up to the next septet [23.040 §9.2.3.24]."""
    return -8 * header % 7
