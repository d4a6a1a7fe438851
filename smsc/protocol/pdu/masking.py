"""Octets that may be shown: without the passwords of binds, and without the digits of numbers."""

from __future__ import annotations

import re

from smsc.protocol.constants import BINDS, HEADER, OUTBIND

#: How many octets of what cannot be read are shown.
SHOWN = 16
_DIGITS = re.compile(rb"[0-9]{3,}")


def without_password(frame: bytes) -> bytes:
    """The PDU with its password overwritten by asterisks; it is as long as before. Broken PDUs too: what
    stands where the password belongs is hidden up to its NUL, or to the end of the frame.
    """
    if len(frame) <= HEADER or int.from_bytes(frame[4:8], "big") not in (*BINDS, OUTBIND):
        return frame
    start = frame.find(b"\0", HEADER) + 1
    if not start:
        return frame[:HEADER] + b"*" * (len(frame) - HEADER)
    end = frame.find(b"\0", start)
    if end < 0:
        end = len(frame)
    return frame[:start] + b"*" * (end - start) + frame[end:]


def first_octets(octets: bytes) -> str:
    """The first 16 octets in hexadecimal, and as text when they are that; three digits or more are masked."""
    shown = _DIGITS.sub(lambda found: b"*" * len(found[0]), without_password(octets)[:SHOWN])
    text = shown.decode("latin-1")
    printable = all(" " <= char <= "~" or char in "\r\n\t" for char in text)
    return f"{shown.hex(' ')} ({text.strip()!r})" if text and printable else shown.hex(" ")
