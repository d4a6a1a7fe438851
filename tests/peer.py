"""An SMPP peer over TCP that does what it is told, right or wrong, and no more; `tests.esme` has one that
behaves.
"""

from __future__ import annotations

import contextlib
import socket
import struct
from typing import Any

from smsc.protocol.codec import Pdu, decode_pdu, encode_pdu, request, response
from smsc.protocol.constants import (
    BIND_RECEIVER,
    BIND_TRANSCEIVER,
    BIND_TRANSMITTER,
    DELIVER_SM,
    RESPONSE,
    SUBMIT_SM,
    V34,
)
from tests.waiting import PATIENCE

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

    def submit_pdu(self, source: str, destination: str, text: bytes = b"hello", **fields: Any) -> Pdu:
        return request(
            SUBMIT_SM,
            source_addr_ton=1,
            source_addr_npi=1,
            source_addr=source,
            dest_addr_ton=1,
            dest_addr_npi=1,
            destination_addr=destination,
            short_message=text,
            **fields,
        )

    def submit(self, source: str, destination: str, text: bytes = b"hello", **fields: Any) -> Pdu:
        """Submit and wait for the answer; deliveries that come before it are answered."""
        sequence = self.ask(self.submit_pdu(source, destination, text, **fields))
        while True:
            pdu = self.pdu()
            assert pdu is not None, "the connection ended"
            if pdu.command_id == DELIVER_SM:
                self.answer(pdu)
            elif pdu.command_id == RESPONSE | SUBMIT_SM and pdu.sequence == sequence:
                return pdu

    def answer(self, deliver: Pdu, status: int = 0) -> None:
        """A deliver_sm_resp."""
        self.send(encode_pdu(response(deliver, status, {"message_id": ""}), self.version))

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
                self.send(encode_pdu(response(pdu, 0, {}), self.version))
        return found
