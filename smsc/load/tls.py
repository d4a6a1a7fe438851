"""A non-blocking TLS socket that behaves like a plain one: nothing to read or no room is BlockingIOError."""

from __future__ import annotations

import socket
import ssl
from typing import cast


class TlsSocket:
    """What a wire needs of a socket, over TLS. Handshake done, non-blocking from then on."""

    def __init__(self, plain: socket.socket, context: ssl.SSLContext, name: str) -> None:
        """`plain` is connected and has a time-out. Raises OSError (ssl.SSLError is one)."""
        self._sock = context.wrap_socket(plain, server_hostname=name)
        self._sock.setblocking(False)

    def fileno(self) -> int:
        """The descriptor to wait for."""
        return self._sock.fileno()

    def recv_into(self, buffer: bytearray | memoryview) -> int:
        """As a socket's, and all that is decrypted already: the descriptor does not tell of that."""
        view = memoryview(buffer)
        got = 0
        while got < len(view):
            try:
                count = self._sock.recv_into(view[got:])
            except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
                break
            if not count:
                return got
            got += count
        if not got:
            raise BlockingIOError
        return got

    def send(self, data: bytes | memoryview) -> int:
        """As a socket's."""
        try:
            return self._sock.send(data)
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            raise BlockingIOError from None

    def sendmsg(self, parts: list[memoryview]) -> int:
        """As a socket's."""
        return self.send(b"".join(parts))

    def close(self) -> None:
        """Close without a goodbye."""
        self._sock.close()

    def as_socket(self) -> socket.socket:
        """It is used as one, and never for anything else."""
        return cast(socket.socket, self)
