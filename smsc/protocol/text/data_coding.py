"""From data_coding and octets to text and back [SMPP 3.4 §5.2.19, GSM 03.38 §4]."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from smsc.protocol.constants import UDHI
from smsc.protocol.text import gsm0338, packed, udh
from smsc.protocol.text.udh import Concat

DEFAULT, BINARY, GSM, UCS2, IA5 = "default", "binary", "gsm0338", "utf-16-be", "ascii"
#: Only between an ESME and its session: inside, septets take an octet each.
GSM_PACKED = "gsm0338-packed"
#: What no control character is that would tell GSM 03.38 from IA5.
_NO_CONTROL = bytes((9, 10, 13, *range(0x20, 0x100)))

#: SMPP's own values; the others are GSM data coding schemes.
_SMPP = {
    0: DEFAULT,
    1: IA5,
    2: BINARY,
    3: "latin-1",
    4: BINARY,
    5: "shift_jis",
    6: "iso8859_5",
    7: "iso8859_8",
    8: UCS2,
    9: "shift_jis",
    10: "iso2022_jp",
    13: "euc_jp",
    14: "euc_kr",
}
_GENERAL = (DEFAULT, BINARY, UCS2, DEFAULT)


def alphabet(data_coding: int) -> str:
    """DEFAULT, BINARY or a Python codec. Reserved values count as the default alphabet [03.38 §4]."""
    if data_coding < 0x10:
        return _SMPP.get(data_coding, DEFAULT)
    group = data_coding >> 4
    if group < 8:  # general and automatic deletion groups; bit 5 is compression, which nothing here undoes
        return BINARY if data_coding & 0x20 else _GENERAL[data_coding >> 2 & 3]
    if group == 14:
        return UCS2
    if group == 15:
        return BINARY if data_coding & 4 else DEFAULT
    return DEFAULT


def message_class(data_coding: int) -> int | None:
    """0 flash, 1 ME, 2 SIM, 3 TE; None when the coding names no class [03.38 §4]."""
    if data_coding & 0xF0 == 0xF0 or (data_coding < 0x80 and data_coding & 0x10):
        return data_coding & 3
    return None


class Reading(NamedTuple):
    """What an ESME means by two codings. `default_alphabet`, data_coding 0: gsm0338, gsm0338-packed,
    latin-1, utf-8 or another Python codec. `ia5`, data_coding 1: "ia5", "gsm" (GSM 03.38, as node-smpp writes
    it), "auto"."""

    default_alphabet: str = GSM
    ia5: str = "auto"


USUAL = Reading()


def decode_text(
    data_coding: int, body: bytes, esm_class: int = 0, default_alphabet: str = GSM, ia5: str = "auto"
) -> str:
    """What a reader sees; a user data header is not text, and 8-bit data is shown in hexadecimal.

    `default_alphabet` and `ia5` are those of a `Reading`.
    """
    header = b""
    if esm_class & UDHI:
        header, body = udh.split(body)
    codec = alphabet(data_coding)
    if codec == DEFAULT:
        codec = default_alphabet
        if codec == GSM_PACKED:
            return gsm0338.decode(packed.unpack(body, len(header)))
    elif codec == IA5:
        if is_gsm(body, ia5):
            codec = GSM
        else:
            return body.removesuffix(b"\0").decode("latin-1")
    if codec == GSM:
        return gsm0338.decode(body)
    if codec == BINARY:
        return body.hex()
    return body.decode(codec, "replace")


def is_gsm(body: bytes, means: str = "auto") -> bool:
    """Whether a whole text under data_coding 1 is GSM 03.38: "auto" takes a control character other than tab,
    line feed, carriage return or one final NUL for a letter of that alphabet."""
    if means != "auto":
        return means == "gsm"
    return body.removesuffix(b"\0").translate(None, _NO_CONTROL) != b""


def join_text(parts: Iterable[tuple[int, bytes]], reading: Reading = USUAL) -> str:
    """The text of a long message from (data_coding, octets without header) in order: octets of equal coding
    are joined before they are read, so that a pair cut between two parts is whole again."""
    runs: list[tuple[int, bytearray]] = []
    for data_coding, octets in parts:
        if runs and runs[-1][0] == data_coding:
            runs[-1][1].extend(octets)
        else:
            runs.append((data_coding, bytearray(octets)))
    return "".join(decode_text(coding, bytes(octets), 0, *reading) for coding, octets in runs)


def fits(data_coding: int, esm_class: int, body: bytes, default_alphabet: str = GSM) -> bool:
    """Whether the body goes into one short message: septets are counted, not the octets that carry them."""
    header, rest = udh.split(body) if esm_class & UDHI else (b"", body)
    if alphabet(data_coding) != DEFAULT or not rest:
        return len(body) <= gsm0338.OCTETS
    if default_alphabet != GSM:
        text = rest.decode(default_alphabet, "replace")
        if not gsm0338.encodable(text):
            return len(header) + 2 * len(text) <= gsm0338.OCTETS
        rest = gsm0338.encode(text)
    return len(rest) <= gsm0338.capacity(len(header))


def encode_text(text: str, reference: int = 0, wide: bool = False) -> tuple[int, list[bytes]]:
    """(data_coding, bodies): GSM 03.38 when every character is in it, else UCS2 for the whole message.

    Several bodies carry a concatenation header with `reference` (16 bits when `wide`), so their esm_class has
    UDHI. ValueError when 255 parts do not suffice.
    """
    if gsm0338.encodable(text):
        data_coding, units, single, room = (
            0,
            _septet_units(text),
            gsm0338.SEPTETS,
            gsm0338.capacity(7 if wide else 6),
        )
    else:
        data_coding, units, single, room = 8, _utf16_units(text), gsm0338.OCTETS, (133 if wide else 134) & ~1
    whole = list(units)
    if sum(map(len, whole)) <= single:
        return data_coding, [b"".join(whole)]
    bodies = list(_pack(whole, room))
    if len(bodies) > 255:
        raise ValueError(f"the text needs {len(bodies)} parts, at most 255 are possible")
    headers = (
        udh.build_concat(Concat(reference, len(bodies), part, wide)) for part in range(1, len(bodies) + 1)
    )
    return data_coding, [header + body for header, body in zip(headers, bodies, strict=True)]


def _septet_units(text: str) -> Iterator[bytes]:
    """What may not be cut: a septet, or an escape and its septet."""
    return (gsm0338.encode(char) for char in text)


def _utf16_units(text: str) -> Iterator[bytes]:
    """What may not be cut: a code unit, or a surrogate pair."""
    return (char.encode("utf-16-be", "surrogatepass") for char in text)


def _pack(units: list[bytes], room: int) -> Iterator[bytes]:
    body = b""
    for unit in units:
        if len(body) + len(unit) > room:
            yield body
            body = b""
        body += unit
    yield body
