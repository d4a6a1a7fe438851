"""PDUs out of a stream of octets and octets out of PDUs: the buffers of a connection [SMPP 3.4 §3.2, §4.3].

Compiled, with `submit`: a chunk from the socket is parsed where it lies; only what a PDU's split leaves is
gathered.
"""

from smsc.protocol.constants import HEADER
from smsc.protocol.pdu.masking import first_octets

#: An output buffer above this size is not kept between writes.
KEPT = 65536
#: Chunks that may wait beside a partial PDU before the rest is gathered in one.
CHUNKS = 32


class Framing:
    """Bytes in, frames found; bytes out. Once it has `ended`, nothing is read and nothing more to be sent."""

    __slots__ = (
        "arrived_at",
        "buffer",
        "chunk_octets",
        "chunks",
        "command",
        "end",
        "ended",
        "max_pdu",
        "now",
        "octets_in",
        "out",
        "out_length",
        "position",
    )

    def __init__(self, max_pdu: int, now: float) -> None:
        self.max_pdu = max_pdu
        self.now = self.arrived_at = now
        self.ended = False
        self.buffer = b""
        self.position = self.end = 0
        self.chunks: list[bytes | bytearray] = []
        self.chunk_octets = 0
        self.octets_in = 0
        self.command = 0
        self.out = bytearray(64)
        self.out_length = 0

    def receive_data(self, data: bytes, now: float) -> None:
        """Take what arrived. It is parsed by `next_event`; a partial PDU is gathered without copying it again
        and again."""
        self.now = now
        if self.ended or len(data) == 0:
            return
        self.octets_in += len(data)
        if self.position == self.end and self.chunk_octets == 0:
            self.buffer = data
            self.position = 0
            self.end = len(data)
            return
        if len(self.chunks) == CHUNKS:
            self.chunks[CHUNKS - 1] += data
        else:
            self.chunks.append(bytearray(data) if len(self.chunks) == CHUNKS - 1 else data)
        self.chunk_octets += len(data)

    def gather(self) -> None:
        """Put what waits beside the buffer behind what is unread in it: at most twice for each PDU."""
        self.buffer = b"".join([self.buffer[self.position : self.end], *self.chunks])
        self.position = 0
        self.end = len(self.buffer)
        self.chunks.clear()
        self.chunk_octets = 0

    @property
    def offset(self) -> int:
        """How many octets of the peer stand before what is read next."""
        return self.octets_in - (self.end - self.position) - self.chunk_octets

    def cut_off(self) -> str:
        """What is wrong when no more octets come: that a PDU is not whole, and how it begins; else ""."""
        self.gather()
        unread = self.buffer[self.position : self.end]
        length = int.from_bytes(unread[:4], "big") if len(unread) >= HEADER else 0
        if not unread or 0 < length <= len(unread):
            return ""
        whole = f" of {length}" if length else ""
        told = f"the stream ended after {len(unread)}{whole} octets of the PDU at octet {self.offset}"
        return f"{told}; it begins with {first_octets(unread)}"

    def frame(self) -> int:
        """The length of the next whole PDU, its id in self.command; 0 when it is not whole yet; -1 when
        framing is lost.

        The whole header is awaited before its length is judged, so that a generic_nack can echo its
        sequence_number.
        """
        left = self.end - self.position
        if left < 16:
            if self.chunk_octets == 0 or left + self.chunk_octets < 16:
                return 0
            self.gather()
            left = self.end
        p = self.buffer
        at = self.position
        length = p[at] << 24 | p[at + 1] << 16 | p[at + 2] << 8 | p[at + 3]
        self.command = p[at + 4] << 24 | p[at + 5] << 16 | p[at + 6] << 8 | p[at + 7]
        if length < 16 or length > self.max_pdu:
            return -1
        if left < length:
            if left + self.chunk_octets < length:
                return 0
            self.gather()
        self.arrived_at = self.now  # octets alone prove nothing: a peer may dribble them for ever
        return length

    def reserve(self, size: int) -> None:
        need = self.out_length + size
        if need > len(self.out):
            self.out.extend(bytes(max(need, 2 * len(self.out)) - len(self.out)))

    def send(self, octets: bytes) -> None:
        """Append octets as they are, not looked at: answers that are made up elsewhere, and faults."""
        if self.ended:
            return
        self.reserve(len(octets))
        self.out[self.out_length : self.out_length + len(octets)] = octets
        self.out_length += len(octets)

    @property
    def pending_bytes(self) -> int:
        return self.out_length

    def data_to_send(self) -> bytes:
        """Everything there is to send, once."""
        if self.out_length == 0:
            return b""
        p = self.out
        data = b"" + p[0 : self.out_length]  # bytes() is a Python call in C
        self.out_length = 0
        if len(self.out) > KEPT:
            self.out = bytearray(64)
        return data
