"""A small SMSC on a real socket, in a thread: answers, delivers, sends receipts, and can misbehave on
request."""

import selectors
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from smsc.protocol.constants import BINDS, DELIVER_SM, RESPONSE, SUBMIT_SM, UNBIND
from smsc.protocol.pdu.codec import Pdu, decode_pdu, encode_pdu, pdu_octets


class LittleSmsc:
    """`bind_status` answers binds; `silent` never answers a submit_sm; `lose_every` drops each n-th
    receipt, `hang_up` closes the connection after so many submit_sm."""

    def __init__(
        self, bind_status: int = 0, silent: bool = False, lose_every: int = 0, hang_up: int = 0
    ) -> None:
        self.bind_status, self.silent = bind_status, silent
        self.lose_every, self.hang_up = lose_every, hang_up
        self.submits = 0
        self.texts: list[bytes] = []
        self.unbound = 0
        self.stopping = threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self.listener.getsockname()[1])

    def serve(self) -> None:
        with selectors.DefaultSelector() as ready:
            ready.register(self.listener, selectors.EVENT_READ)
            held: dict[socket.socket, bytes] = {}
            while not self.stopping.is_set():
                for key, _ in ready.select(0.02):
                    sock = key.fileobj
                    assert isinstance(sock, socket.socket)
                    if sock is self.listener:
                        new, _ = sock.accept()
                        ready.register(new, selectors.EVENT_READ)
                        held[new] = b""
                    elif not self.read(sock, held):
                        ready.unregister(sock)
                        sock.close()
                        del held[sock]
            for sock in [self.listener, *held]:
                sock.close()

    def read(self, sock: socket.socket, held: dict[socket.socket, bytes]) -> bool:
        try:
            chunk = sock.recv(65536)
        except ConnectionError:
            return False
        octets = held[sock] + chunk
        out = b""
        while len(octets) >= 16 and len(octets) >= (length := struct.unpack_from(">I", octets)[0]):
            out += self.answer(decode_pdu(octets[:length]))
            octets = octets[length:]
            if self.hang_up and self.submits >= self.hang_up:
                return False
        held[sock] = octets
        if out:
            sock.sendall(out)
        return bool(chunk)

    def answer(self, pdu: Pdu) -> bytes:
        if pdu.command_id in BINDS:
            return pdu_octets(RESPONSE | pdu.command_id, self.bind_status, pdu.sequence, b"little\0")
        if pdu.command_id == UNBIND:
            self.unbound += 1
            return pdu_octets(RESPONSE | UNBIND, 0, pdu.sequence)
        if pdu.command_id != SUBMIT_SM or self.silent:
            return b""
        self.submits += 1
        self.texts.append(pdu.fields["short_message"])
        message_id = str(1000 + self.submits)
        out = pdu_octets(RESPONSE | SUBMIT_SM, 0, pdu.sequence, message_id.encode() + b"\0")
        out += encode_pdu(Pdu(DELIVER_SM, sequence=2 * self.submits, fields=pdu.fields))
        if self.lose_every and self.submits % self.lose_every == 0:
            return out
        receipt = f"id:{message_id} sub:001 dlvrd:001 stat:DELIVRD err:000 text:".encode()
        fields = {"esm_class": 4, "short_message": receipt}
        return out + encode_pdu(Pdu(DELIVER_SM, sequence=2 * self.submits + 1, fields=fields))


@contextmanager
def little_smsc(**how: int) -> Iterator[LittleSmsc]:
    """The server, running; its thread ends with the block."""
    server = LittleSmsc(**how)  # type: ignore[arg-type]
    thread = threading.Thread(target=server.serve, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.stopping.set()
        thread.join(5)
