"""What was on the wire as a pcapng file, with made-up TCP/IP around it so that Wireshark opens it.

Pure: octets and moments in, octets out. Raw IP packets (LINKTYPE_RAW), microseconds since the Unix epoch
[draft-ietf-opsawg-pcapng §4; RFC 791, 8200, 9293].
"""

from __future__ import annotations

import ipaddress
import struct

#: The most that one packet carries; more is cut, as TCP would.
SEGMENT = 16_384

_SECTION, _INTERFACE, _PACKET = 0x0A0D0D0A, 1, 6
_RAW_IP = 101
_TCP = 6
_FIN, _SYN, _PSH, _ACK = 1, 2, 8, 16
_WRAP = 0xFFFFFFFF


def preamble(application: str) -> bytes:
    """The blocks that a file begins with: its section, and one interface with raw IP."""
    section = struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1) + _option(4, application.encode()) + _option(0, b"")
    interface = struct.pack("<HHI", _RAW_IP, 0, 0) + _option(9, b"\6") + _option(0, b"")
    return _block(_SECTION, section) + _block(_INTERFACE, interface)


class Conversation:
    """One TCP connection as it would look on the wire: handshake, data both ways, goodbye."""

    def __init__(self, peer: tuple[str, int], local: tuple[str, int], number: int) -> None:
        """`peer` and `local` are (address, port); what is no IP address becomes 127.0.0.1 with that port.

        `number` tells conversations apart whose addresses are the same; it seeds the sequence numbers.
        """
        self.ends = (_End(peer, number * 2654435761 & _WRAP), _End(local, number * 2246822519 & _WRAP))
        if self.ends[0].address.version != self.ends[1].address.version:
            for end in self.ends:
                end.address = _as_ipv6(end.address)

    def opened(self, at: int) -> bytes:
        """The peer connects; `at` in microseconds since the epoch."""
        peer, local = self.ends
        packets = self._packet(peer, local, _SYN, b"", at)
        peer.sequence = peer.sequence + 1 & _WRAP
        packets += self._packet(local, peer, _SYN | _ACK, b"", at)
        local.sequence = local.sequence + 1 & _WRAP
        return packets + self._packet(peer, local, _ACK, b"", at)

    def data(self, incoming: bool, octets: bytes, at: int) -> bytes:
        """Octets from the peer (`incoming`) or to it."""
        sender, receiver = self.ends if incoming else self.ends[::-1]
        packets = []
        for start in range(0, len(octets), SEGMENT):
            piece = octets[start : start + SEGMENT]
            packets.append(self._packet(sender, receiver, _PSH | _ACK, piece, at))
            sender.sequence = sender.sequence + len(piece) & _WRAP
        return b"".join(packets)

    def closed(self, at: int) -> bytes:
        """The connection is gone."""
        peer, local = self.ends
        packets = self._packet(local, peer, _FIN | _ACK, b"", at)
        local.sequence = local.sequence + 1 & _WRAP
        packets += self._packet(peer, local, _FIN | _ACK, b"", at)
        peer.sequence = peer.sequence + 1 & _WRAP
        return packets + self._packet(local, peer, _ACK, b"", at)

    @staticmethod
    def _packet(sender: _End, receiver: _End, flags: int, data: bytes, at: int) -> bytes:
        acknowledged = receiver.sequence if flags & _ACK else 0
        ports = struct.pack("!HH", sender.port, receiver.port)
        numbers = struct.pack("!II", sender.sequence, acknowledged)
        tcp = ports + numbers + struct.pack("!BBHHH", 5 << 4, flags, 0xFFFF, 0, 0)
        source, destination = sender.address.packed, receiver.address.packed
        segment = tcp + data
        pseudo = source + destination + struct.pack("!II", len(segment), _TCP)
        tcp = tcp[:16] + struct.pack("!H", _checksum(pseudo + segment)) + tcp[18:]
        if sender.address.version == 4:
            sender.packets = sender.packets + 1 & 0xFFFF
            head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(segment), sender.packets, 0x4000, 64, _TCP, 0)
            ip = head[:10] + struct.pack("!H", _checksum(head + source + destination)) + source + destination
        else:
            ip = struct.pack("!IHBB", 6 << 28, len(segment), _TCP, 64) + source + destination
        packet = ip + tcp + data
        body = struct.pack("<IIIII", 0, at >> 32, at & _WRAP, len(packet), len(packet))
        return _block(_PACKET, body + packet + bytes(-len(packet) % 4))


class _End:
    """One end of a conversation."""

    __slots__ = ("address", "packets", "port", "sequence")

    def __init__(self, where: tuple[str, int], sequence: int) -> None:
        self.address: ipaddress.IPv4Address | ipaddress.IPv6Address
        try:
            self.address = ipaddress.ip_address(where[0].partition("%")[0])
        except ValueError:
            self.address = ipaddress.IPv4Address("127.0.0.1")
        self.port = where[1]
        self.sequence = sequence
        self.packets = 0


def _as_ipv6(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> ipaddress.IPv6Address:
    if isinstance(address, ipaddress.IPv6Address):
        return address
    return ipaddress.IPv6Address(b"\0" * 10 + b"\xff\xff" + address.packed)


def _option(code: int, value: bytes) -> bytes:
    return struct.pack("<HH", code, len(value)) + value + bytes(-len(value) % 4)


def _block(kind: int, body: bytes) -> bytes:
    length = struct.pack("<I", 12 + len(body))
    return struct.pack("<I", kind) + length + body + length


def _checksum(octets: bytes) -> int:
    """The one's complement sum of RFC 1071."""
    if len(octets) % 2:
        octets += b"\0"
    total: int = sum(struct.unpack(f"!{len(octets) // 2}H", octets))
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF
