"""How octets carry words: patterns that say, at a tenth of the cost of decoding, where words cannot be."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from smsc.control.search.query import fold
from smsc.protocol.text import gsm0338
from smsc.protocol.text.data_coding import alphabet

SIMPLE: Final = frozenset({"gsm0338", "gsm0338-packed", "latin-1", "ascii"})
#: data_coding -> how its octets carry characters: one octet each, two each, or in a way only decoding tells.
FORMS: Final = tuple(
    {"default": "octets", "ascii": "octets", "latin-1": "octets", "utf-16-be": "units"}.get(
        alphabet(coding), ""
    )
    for coding in range(256)
)


def octets_of(words: str) -> dict[str, re.Pattern[bytes]]:
    """Patterns that every body matches whose text has the words in it, by form; some others match as well."""
    patterns = {}
    # An escape that begins no pair is skipped when GSM 03.38 is read.
    for form, of_one, between in (("octets", _octet_forms, b"\x1b*"), ("units", _unit_forms, b"")):
        forms = [of_one(char) for char in words]
        pieces = [
            _UNREADABLE[form] if char == "\ufffd" else b"(?:" + b"|".join(map(re.escape, each)) + b")"
            for char, each in zip(words, forms, strict=True)
        ]
        patterns[form] = re.compile(between.join(pieces) if all(forms) else b"(?!)", re.DOTALL)
    return patterns


def runs_of(words: str) -> dict[str, bytes]:
    """By form, octets that stand in the body in lower case whenever the words stand in its text and the
    body has no escape: the longest run of letters and digits that every alphabet has in one place. Much
    quicker than the pattern."""
    return {
        "octets": max(_RUN.findall(words), key=len, default="").encode(),
        "units": max(_UNIT_RUN.findall(words), key=len, default="").encode("utf-16-be"),
    }


_RUN: Final = re.compile("[a-z0-9]+")
#: The Kelvin sign and the dotted I are k and i in lower case.
_UNIT_RUN: Final = re.compile("[a-hjl-z0-9]+")


@cache
def _octet_forms(char: str) -> tuple[bytes, ...]:
    """How octets carry a character, in GSM 03.38 or Latin-1, in upper or lower case; nothing when they
    cannot."""
    if char == "\ufffd":  # what no alphabet has
        return _ANY
    found = {b"\x1b"} if char == " " else set()  # a lone escape
    for each in _same_folded().get(char, (char,)):
        if gsm0338.encodable(each):
            found.add(gsm0338.encode(each))
        if ord(each) < 256:
            found.add(bytes((ord(each),)))
    return tuple(sorted(found))


@cache
def _unit_forms(char: str) -> tuple[bytes, ...]:
    if char == "\ufffd":
        return _ANY
    upper = char.upper()
    chars = {char, *_same_folded().get(char, ()), upper if len(upper) == 1 else char}
    return tuple(sorted(each.encode("utf-16-be", "surrogatepass") for each in chars))


#: What U+FFFD may have been: one octet; of two octets a character, up to four that make none.
_UNREADABLE: Final = {"octets": b".", "units": b".{1,4}?"}
_ANY: Final = tuple(bytes((octet,)) for octet in range(256))


@cache
def _same_folded() -> dict[str, tuple[str, ...]]:
    """Character in lower case -> all characters of the first plane that are it in lower case."""
    same: dict[str, list[str]] = {}
    for code in range(0x10000):
        char = chr(code)
        same.setdefault(fold(char), []).append(char)
    return {char: tuple(chars) for char, chars in same.items() if len(chars) > 1 or chars[0] != char}
