"""Whole PDUs out of a copy of the stream: for traces and faults, apart from what a session parses.

The stream of one direction goes in as it comes, in pieces of any size.
"""

from __future__ import annotations

from smsc.protocol.constants import HEADER


class Splitter:
    """Cuts a stream where its PDUs end. After an impossible command_length it hands on all as it comes."""

    __slots__ = ("lost", "max_pdu", "rest")

    def __init__(self, max_pdu: int) -> None:
        self.max_pdu = max_pdu
        self.rest = b""
        self.lost = False

    def feed(self, octets: bytes) -> list[bytes]:
        """The PDUs that are whole now, in order; a partial one is kept."""
        data = self.rest + octets if self.rest else octets
        if self.lost:
            self.rest = b""
            return [data] if data else []
        frames: list[bytes] = []
        at = 0
        while len(data) - at >= 4:
            length = int.from_bytes(data[at : at + 4], "big")
            if not HEADER <= length <= self.max_pdu:
                self.lost = True
                frames.append(data[at:])
                at = len(data)
                break
            if len(data) - at < length:
                break
            frames.append(data[at : at + length])
            at += length
        self.rest = data[at:]
        return frames
