"""Octets into a buffer and out of it. Compiled modules have the same in C, from the `.pxd` beside this."""

from __future__ import annotations


def put(out: bytearray, at: int, value: bytes) -> int:
    """A copy of the octets; returns where they end. The buffer has room for them: IndexError where this runs
    as Python."""
    for place in range(len(value)):
        out[at + place] = value[place]
    return at + len(value)


def taken(out: bytearray, start: int, end: int) -> bytes:
    """The octets of a part of the buffer."""
    return bytes(out[start:end])
