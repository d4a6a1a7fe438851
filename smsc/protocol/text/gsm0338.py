"""The GSM default alphabet, one septet an octet, and what fits into one short message [GSM 03.38 §6.2.1]."""

from codecs import charmap_decode

BASE = (
    "@£$¥èéùìòÇ\nØø\rÅå"
    "Δ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ"
    " !\"#¤%&'()*+,-./"
    "0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNO"
    "PQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmno"
    "pqrstuvwxyzäöñüà"
)
ESCAPE = 0x1B
EXTENSION = {
    0x0A: "\f",
    0x14: "^",
    0x28: "{",
    0x29: "}",
    0x2F: "\\",
    0x3C: "[",
    0x3D: "~",
    0x3E: "]",
    0x40: "|",
    0x65: "€",
}
#: What one short message carries: octets of user data, and septets when there is no header.
OCTETS, SEPTETS = 140, 160

_ENCODED = {char: bytes([code]) for code, char in enumerate(BASE) if code != ESCAPE}
_ENCODED |= {char: bytes([ESCAPE, code]) for code, char in EXTENSION.items()}


def encode(text: str) -> bytes:
    """Unpacked septets, an extension character as two. ValueError names the first character outside the
    alphabet."""
    try:
        return b"".join([_ENCODED[char] for char in text])
    except KeyError as error:
        raise ValueError(f"{error.args[0]!r} is not in the GSM default alphabet") from None


def encode_or(text: str, instead: str) -> bytes:
    """The same with a stand-in for each character outside the alphabet."""
    return b"".join([_ENCODED.get(char, _ENCODED[instead]) for char in text])


def encodable(text: str) -> bool:
    return all(char in _ENCODED for char in text)


def septets(text: str) -> int:
    """How many septets a text takes. ValueError when it is not in the alphabet."""
    return len(encode(text))


def decode(octets: bytes) -> str:
    """The text of unpacked septets. 0x00 is `@`, so nothing is stripped; octets above 0x7F are U+FFFD.

    An unknown extension code shows the base character of its second septet [03.38 §6.2.1.1], a lone escape a
    space.
    """
    if ESCAPE not in octets and octets.isascii():
        return str(charmap_decode(octets, "strict", BASE)[0])
    chars = []
    escaped = False
    for octet in octets:
        if octet == ESCAPE and not escaped:
            escaped = True
            continue
        base = BASE[octet] if octet < 128 and octet != ESCAPE else "\ufffd" if octet >= 128 else " "
        chars.append(EXTENSION.get(octet, base) if escaped else base)
        escaped = False
    return "".join(chars) + (" " if escaped else "")


def capacity(header: int) -> int:
    """Septets that fit beside a user data header of so many octets, its length octet included: 6 leave
    153."""
    return (OCTETS - header) * 8 // 7
