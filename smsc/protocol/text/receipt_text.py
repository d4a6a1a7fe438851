"""The text of a delivery receipt, built and read [SMPP 3.4 App. B]: an example there, the common tongue in
the field."""

import re
from typing import NamedTuple

from smsc.protocol.constants import STATS, UDHI
from smsc.protocol.text import gsm0338
from smsc.protocol.text.data_coding import DEFAULT, alphabet, is_gsm
from smsc.protocol.text.gsm0338 import ESCAPE

_STATS = {state: stat.encode("ascii") for state, stat in STATS.items()}
#: The first octet of a character of UTF-8 with so many octets behind it, at least.
_LEADS = (0, 0xC0, 0xE0, 0xF0)
_KEYS = r"id|sub|dlvrd|submit\s*date|done\s*date|stat|err"
_TOKEN = re.compile(rf"\b({_KEYS})\s*:\s*(\S*)", re.IGNORECASE)
_TEXT = re.compile(r"\btext\s*:\s?(.*)", re.IGNORECASE | re.DOTALL)


class Receipt(NamedTuple):
    """What a receipt's text says; None for what it does not. Dates are as written: 10 or 12 digits of local
    time."""

    id: str
    sub: int | None
    dlvrd: int | None
    submitted: str | None
    done: str | None
    stat: str
    err: str | None
    text: str | None


def build(
    message_id: bytes,
    state: int,
    submitted: bytes,
    done: bytes,
    err: int,
    text: bytes = b"",
    *,
    counts: bool = True,
) -> bytes:
    """The octets, for data_coding 0. `message_id` as it stood in the response; dates are YYMMDDhhmm of local
    time; `text` from `excerpt`.

    `err` is written with three digits; dlvrd is 001 for DELIVERED. `counts=False` leaves sub and dlvrd out.
    """
    delivered = b" sub:001 dlvrd:001 submit date:" if state == 2 else b" sub:001 dlvrd:000 submit date:"
    return b"".join(
        (
            b"id:",
            message_id,
            delivered if counts else b" submit date:",
            submitted,
            b" done date:",
            done,
            b" stat:",
            _STATS[state],
            b" err:%03d text:" % err,
            text,
        )
    )


def excerpt(data_coding: int, esm_class: int, body: bytes) -> bytes:
    """The first 20 characters of a message as a receipt quotes them, in GSM 03.38: of plain text in the
    default alphabet, in IA5 or in Latin-1."""
    if esm_class & UDHI:
        return b""
    if data_coding in (1, 3) and not (data_coding == 1 and is_gsm(body)):  # into the receipt's own alphabet
        return gsm0338.encode_or(body.removesuffix(b"\0")[:20].decode("latin-1"), "?")
    if data_coding != 1 and alphabet(data_coding) != DEFAULT:
        return b""
    return body[: _whole(body, 20)]


def _whole(body: bytes, end: int) -> int:
    """Where to cut so that no escape pair is in two [03.38 §6.2.1.1], and no character of UTF-8
    [RFC 3629 §3], which some mean by the default alphabet."""
    if len(body) <= end:
        return end
    escapes = end - len(body[:end].rstrip(bytes((ESCAPE,))))
    if escapes % 2:
        return end - 1
    for start in range(end, end - 4, -1):
        if body[start] & 0xC0 != 0x80:
            return start if body[start] >= _LEADS[end - start] else end
    return end


def parse(text: str) -> Receipt | None:
    """Read a receipt as vendors write them: any order, any case, tokens missing. None without both id and
    stat."""
    quoted = _TEXT.search(text)
    head = text[: quoted.start()] if quoted else text
    found = {re.sub(r"\s", "", key.lower()): value for key, value in _TOKEN.findall(head)}
    if not found.get("id") or not found.get("stat"):
        return None
    return Receipt(
        id=found["id"],
        sub=_integer(found.get("sub")),
        dlvrd=_integer(found.get("dlvrd")),
        submitted=found.get("submitdate"),
        done=found.get("donedate"),
        stat=found["stat"].upper(),
        err=found.get("err"),
        text=quoted.group(1) if quoted else None,
    )


def _integer(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() else None
