"""An SMPP peer over TCP that does what it is told, right or wrong, and no more; `tests.esme` has one that
behaves.
"""

from __future__ import annotations

import contextlib
import socket
import struct
from collections import deque
from collections.abc import Iterable
from typing import Any

from smsc.client import address
from smsc.protocol.constants import (
    BIND_RECEIVER,
    BIND_TRANSCEIVER,
    BIND_TRANSMITTER,
    DELIVER_SM,
    ONE_WAY,
    RESPONSE,
    SUBMIT_SM,
    V34,
)
from smsc.protocol.pdu.codec import Pdu, decode_pdu, encode_pdu, request, response
from smsc.protocol.text.data_coding import encode_text
from tests.waiting import PATIENCE

Tlvs = Iterable[tuple[int, bytes]]
KINDS = {"transmitter": BIND_TRANSMITTER, "receiver": BIND_RECEIVER, "transceiver": BIND_TRANSCEIVER}


def bind_pdu(
    system_id: str,
    password: str = "1234",
    kind: str = "transceiver",
    version: int = V34,
    address_range: str = "",
) -> Pdu:
    """A bind of one of the three kinds."""
    return request(
        KINDS[kind],
        system_id=system_id,
        password=password,
        system_type="",
        interface_version=version,
        addr_ton=0,
        addr_npi=0,
        address_range=address_range,
    )


def submit_pdu(
    destination: str, text: str | bytes = "Hei", source: str = "", tlvs: Tlvs = (), **fields: Any
) -> Pdu:
    """A submit_sm of one part; any field may be given."""
    source_ton, source_npi, source = address(source)
    dest_ton, dest_npi, destination = address(destination)
    coding, body = 0, text if isinstance(text, bytes) else b""
    if isinstance(text, str):
        coding, bodies = encode_text(text)
        body = b"".join(bodies) if len(bodies) < 2 else bodies[0]
    values = {
        "service_type": "",
        "source_addr_ton": source_ton,
        "source_addr_npi": source_npi,
        "source_addr": source,
        "dest_addr_ton": dest_ton,
        "dest_addr_npi": dest_npi,
        "destination_addr": destination,
        "esm_class": 0,
        "protocol_id": 0,
        "priority_flag": 0,
        "schedule_delivery_time": "",
        "validity_period": "",
        "registered_delivery": 0,
        "replace_if_present_flag": 0,
        "data_coding": coding,
        "sm_default_msg_id": 0,
        "short_message": body,
    }
    unknown = fields.keys() - values.keys()
    assert not unknown, f"submit_sm has no {unknown}"
    return request(SUBMIT_SM, tlvs, **{**values, **fields})


class Peer:
    """One connection, and nothing said or answered but what the test says.

    Every wait has an end: `timeout` seconds without a PDU is a TimeoutError.
    """

    def __init__(self, host: str, port: int, timeout: float = PATIENCE, receive_buffer: int = 0) -> None:
        sock = socket.socket()
        if receive_buffer:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        sock.settimeout(timeout)
        sock.connect((host, port))
        self._begin(sock)

    @classmethod
    def on(cls, sock: socket.socket) -> Peer:
        """A peer on a connection that there is already: over TLS, or one that the server has dialled."""
        peer = cls.__new__(cls)
        peer._begin(sock)
        return peer

    def _begin(self, sock: socket.socket) -> None:
        self.sock = sock
        if sock.family != getattr(socket, "AF_UNIX", None):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.octets = bytearray()
        self.sequence = 0
        self.delivered: deque[Pdu] = deque()
        self.version = V34

    def close(self) -> None:
        self.sock.close()

    def __enter__(self) -> Peer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # --- octets ---------------------------------------------------------------------------------

    def send(self, octets: bytes) -> None:
        self.sock.sendall(octets)

    def frame(self, timeout: float | None = None) -> bytes:
        """The next PDU's octets, b"" at the end of the connection."""
        if timeout is not None:
            self.sock.settimeout(timeout)
        while True:
            if len(self.octets) >= 4:
                length = struct.unpack_from(">I", self.octets)[0]
                if len(self.octets) >= length:
                    found = bytes(self.octets[:length])
                    del self.octets[:length]
                    return found
            try:
                chunk = self.sock.recv(65536)
            except ConnectionError:
                return b""
            if not chunk:
                return b""
            self.octets += chunk

    def pdu(self, timeout: float | None = None) -> Pdu | None:
        """The next PDU, None at the end of the connection."""
        found = self.frame(timeout)
        return decode_pdu(found, self.version) if found else None

    def hear(self, timeout: float | None = None) -> Pdu:
        """The next PDU, which there must be."""
        found = self.pdu(timeout)
        assert found is not None, "the connection ended"
        return found

    def until_closed(self, timeout: float = 10.0) -> bytes:
        """Everything that comes until the other end closes. TimeoutError when it does not."""
        found = bytes(self.octets)
        self.sock.settimeout(timeout)
        with contextlib.suppress(ConnectionError):
            while chunk := self.sock.recv(65536):
                found += chunk
        return found

    def is_closed(self, within: float = 5.0) -> bool:
        try:
            self.until_closed(within)
        except TimeoutError:
            return False
        return True

    # --- PDUs -----------------------------------------------------------------------------------

    def say(self, pdu: Pdu, sequence: int) -> None:
        """Send a PDU under a sequence number of the test's choice."""
        pdu.sequence = sequence
        self.send(encode_pdu(pdu, self.version))

    def ask(self, pdu: Pdu) -> int:
        """Send a request with the next sequence number, which is returned."""
        self.sequence += 1
        self.say(pdu, self.sequence)
        return self.sequence

    def bind(
        self,
        system_id: str,
        password: str = "1234",
        kind: str = "transceiver",
        timeout: float = PATIENCE,
        version: int = V34,
        address_range: str = "",
    ) -> int:
        """The status of the bind_resp; -1 when the connection ended without one."""
        self.version = version
        self.ask(bind_pdu(system_id, password, kind, version, address_range))
        answer = self.pdu(timeout)
        return -1 if answer is None else answer.status

    def exchange(self, pdu: Pdu) -> Pdu:
        """Send a request and wait for its response; what is delivered before it is answered, for
        ``receive``.
        """
        sequence = self.ask(pdu)
        while True:
            found = self.hear()
            if found.command_id & RESPONSE:
                if found.sequence == sequence:
                    return found
            else:
                self._take(found)

    def receive(self) -> Pdu:
        """The next deliver_sm, answered."""
        while not self.delivered:
            found = self.hear()
            if not found.command_id & RESPONSE:
                self._take(found)
        return self.delivered.popleft()

    def _take(self, pdu: Pdu) -> None:
        if pdu.command_id == DELIVER_SM:
            self.delivered.append(pdu)
        if pdu.command_id not in ONE_WAY:
            self.answer(pdu)

    def submit_pdu(self, destination: str, text: str | bytes = "Hei", source: str = "", **fields: Any) -> Pdu:
        """A submit_sm of one part; numbers are international unless a field says otherwise."""
        international = {"dest_addr_ton": 1, **({"source_addr_ton": 1} if source.isdigit() else {})}
        return submit_pdu(destination, text, source, **{**international, **fields})

    def submit(self, destination: str, text: str | bytes = "Hei", source: str = "", **fields: Any) -> Pdu:
        """Submit one part and wait for the answer."""
        return self.exchange(self.submit_pdu(destination, text, source, **fields))

    def answer(self, pdu: Pdu, status: int = 0) -> None:
        """The response to a request of the server."""
        fields = {"message_id": ""} if pdu.command_id == DELIVER_SM else {}
        self.send(encode_pdu(response(pdu, status, fields), self.version))

    def deliveries(self, count: int, timeout: float = 10.0, answer: bool = True) -> list[Pdu]:
        """The next so many deliver_sm; enquire_link is answered on the way."""
        found: list[Pdu] = []
        while len(found) < count:
            pdu = self.pdu(timeout)
            assert pdu is not None, f"the connection ended after {len(found)} deliveries"
            if pdu.command_id == DELIVER_SM:
                found.append(pdu)
                if answer:
                    self.answer(pdu)
            elif not pdu.command_id & RESPONSE:
                self.answer(pdu)
        return found
