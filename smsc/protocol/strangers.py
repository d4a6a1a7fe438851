"""What it is that speaks to an SMPP port and is no SMPP, by its first octets."""

from __future__ import annotations

from smsc import reasons
from smsc.protocol.pdu.masking import first_octets

_HTTP = (b"GET ", b"POST", b"HEAD", b"PUT ", b"DELE", b"OPTI", b"PATC", b"CONN", b"TRAC", b"PRI ")
_PROXY = (b"PROX", b"\r\n\r\n\0\r\nQUIT\n"[:4])


def describe(octets: bytes, offset: int, largest: int) -> tuple[int, str]:
    """(reason, what is wrong) of a command_length that cannot be, `offset` octets into the stream. `largest`:
    the longest PDU that is read."""
    start = octets[:4]
    if offset == 0 and start in _HTTP:
        return reasons.HTTP_ON_SMPP, "an HTTP request; the control API has a port of its own (http.port)"
    if offset == 0 and start[:2] == b"\x16\x03":
        return reasons.TLS_ON_SMPP, "a TLS hello; SMPP over TLS has a port of its own (smpp.tls_port)"
    if offset == 0 and start in _PROXY:
        return reasons.PROXY_ON_SMPP, "a PROXY header; let the load balancer send none"
    length = int.from_bytes(start, "big")
    detail = f"command_length is {length} at octet {offset} of the stream, 16 to {largest} are read"
    return reasons.FRAMING, f"{detail}; it begins with {first_octets(octets)}"
