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


def put_part(out: bytearray, at: int, value: bytes, start: int, end: int) -> int:
    """The same of a part of the octets."""
    return put(out, at, value[start:end])


def put_word(out: bytearray, at: int, word: int) -> None:
    """Eight octets, the lowest first."""
    put(out, at, word.to_bytes(8, "little"))


def word(data: bytes, at: int) -> int:
    """The eight octets that begin there, all of which must be in ``data``."""
    return int.from_bytes((data[at : at + 7] + bytes((data[at + 7],))), "little")
