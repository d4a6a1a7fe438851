"""A long text as the short messages that carry it on the air [23.040 §9.2.3.24.1, GSM 03.38 §6.2.1].

Each part begins with the concatenation element, the other elements of the text's own header behind it. Octets
stay in the coding in which they came; where to cut is counted in the alphabet in which they go on the air.
"""

from __future__ import annotations

from typing import Final

from smsc.protocol.constants import UDHI
from smsc.protocol.text import gsm0338, udh
from smsc.protocol.text.data_coding import BINARY, DEFAULT, GSM, IA5, UCS2, Reading, alphabet, is_gsm

MOST_PARTS: Final = 255  # what the count of an element can say
_CONCAT: Final = (udh.CONCAT_8, udh.CONCAT_16)
_LATIN_1: Final = "latin-1"
_ELEMENT: Final = 5  # octets of a concatenation element with a reference of 8 bits
_LEAST: Final = 4  # octets beside a header: a surrogate pair, or an escape pair and more


def divide(
    data_coding: int, esm_class: int, body: bytes, reading: Reading, reference: int
) -> list[bytes] | None:
    """The bodies of the parts, each with its header: their esm_class has UDHI. The body itself when it fits.

    None when 255 parts do not suffice. ``reading`` is the sender's.
    """
    header, rest = udh.split(body) if esm_class & UDHI else (b"", body)
    own = b"".join(
        bytes((kind, len(data))) + data for kind, data in udh.elements(header) if kind not in _CONCAT
    )
    whole = _cut(data_coding, rest, len(header), reading)
    if len(whole) == 1:
        return [body]
    pieces = _cut(data_coding, rest, 1 + _ELEMENT + len(own), reading)
    if not 0 < len(pieces) <= MOST_PARTS:
        return None
    heads = (
        bytes((_ELEMENT + len(own), udh.CONCAT_8, 3, reference & 255, len(pieces), number)) + own
        for number in range(1, len(pieces) + 1)
    )
    return [head + piece for head, piece in zip(heads, pieces, strict=True)]


def _cut(data_coding: int, octets: bytes, header: int, reading: Reading) -> list[bytes]:
    """Pieces that go on the air beside a header of so many octets, in order; none where it leaves no room."""
    free = gsm0338.OCTETS - header
    if free < _LEAST:
        return [] if octets else [octets]
    codec = _codec(data_coding, octets, reading)
    if codec == GSM:
        return _septets(octets, gsm0338.capacity(header))
    if codec == UCS2:
        return _units(octets, free & ~1)
    if codec == BINARY:
        return [octets[at : at + free] for at in range(0, len(octets), free)] or [b""]
    if codec == _LATIN_1 and alphabet(data_coding) == IA5:
        octets = octets.removesuffix(b"\0")  # no character, but the end of a string
    text = octets.decode(codec, "replace")
    if text.encode(codec, "replace") != octets:  # what is no text of its alphabet is cut as it is
        return [octets[at : at + free] for at in range(0, len(octets), free)]
    if gsm0338.encodable(text):
        sizes = [len(gsm0338.decode(one)) for one in _septets(gsm0338.encode(text), gsm0338.capacity(header))]
    else:
        on_air = _units(text.encode(UCS2, "surrogatepass"), free & ~1)
        sizes = [len(one.decode(UCS2, "surrogatepass")) for one in on_air]
    pieces, at = [], 0
    for size in sizes:
        pieces.append(text[at : at + size].encode(codec))
        at += size
    return pieces


def _codec(data_coding: int, octets: bytes, reading: Reading) -> str:
    """The alphabet of the octets: GSM, UCS2, BINARY for what is carried as it is, or another Python codec."""
    kind = alphabet(data_coding)
    if kind == DEFAULT:
        return reading.default_alphabet
    if kind == IA5:
        return GSM if is_gsm(octets, reading.ia5) else _LATIN_1
    return kind if kind in (UCS2, _LATIN_1) else BINARY


def _septets(octets: bytes, room: int) -> list[bytes]:
    """Unpacked septets; an escape and its septet stay together."""
    pieces, at = [], 0
    while len(octets) - at > room:
        end = at + room
        run = end
        while run > at and octets[run - 1] == gsm0338.ESCAPE:
            run -= 1
        if (end - run) % 2:  # the last escape's septet is behind the cut
            end -= 1
        pieces.append(octets[at:end])
        at = end
    return [*pieces, octets[at:]]


def _units(octets: bytes, room: int) -> list[bytes]:
    """UTF-16; a surrogate pair stays together."""
    pieces, at = [], 0
    while len(octets) - at > room:
        end = at + room
        if octets[end - 2] & 0xFC == 0xD8 and octets[end] & 0xFC == 0xDC:
            end -= 2
        pieces.append(octets[at:end])
        at = end
    return [*pieces, octets[at:]]
