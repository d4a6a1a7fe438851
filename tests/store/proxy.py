"""A TCP proxy before PostgreSQL that cuts a connection at the very message that a test names."""

from __future__ import annotations

import contextlib
import re
import socket
import threading

_PREPARE = re.compile(rb"P.{4}(_pg3_[0-9]+)\0([A-Z]+)\0", re.DOTALL)


class Proxy:
    """Listens on a free port of the loopback. ``cuts`` counts the connections that were cut on purpose."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self.cuts = 0
        self.refusing = False
        self._lock = threading.Lock()
        self._word = b""
        self._of = b""
        self._hear = False
        self._open: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def cut_at(self, word: bytes, *, hear: bool, of: bytes = b"") -> None:
        """Cut the next connection that says the word, of those that have said ``of``; the server still hears
        it, and its answer is lost, or it never does."""
        with self._lock:
            self._word, self._hear, self._of = word, hear, of

    def close(self) -> None:
        self._listener.close()
        for one in self._open:
            one.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                if self.refusing:
                    client.close()
                    continue
                try:
                    server = socket.create_connection(("127.0.0.1", self._target))
                except OSError:  # nobody is there
                    client.close()
                    continue
                self._open += [client, server]
                threading.Thread(target=self._to_server, args=(client, server), daemon=True).start()
                threading.Thread(target=self._to_client, args=(server, client), daemon=True).start()

    def _to_server(self, client: socket.socket, server: socket.socket) -> None:
        prepared: dict[
            bytes, bytes
        ] = {}  # what the driver says instead of a statement, once it said it often
        said = b""
        with contextlib.suppress(OSError):
            while data := client.recv(65536):
                for name, statement in _PREPARE.findall(data):
                    prepared[statement] = b"\0" + name + b"\0"
                if self._of and self._of in data:
                    said = self._of
                if self._is_named(data, prepared, said):
                    self.cuts += 1
                    _shut(client)
                    if not self._hear:
                        break
                    server.sendall(data)
                    while server.recv(65536):  # until it has done what it was told
                        break
                    break
                server.sendall(data)
        _shut(server)

    def _is_named(self, data: bytes, prepared: dict[bytes, bytes], said: bytes) -> bool:
        """Whether this connection is the one to cut; no other one is then."""
        with self._lock:
            word = self._word
            if not word or self._of not in (b"", said):
                return False
            if word not in data and prepared.get(word, word) not in data:
                return False
            self._word = b""
            return True

    def _to_client(self, server: socket.socket, client: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := server.recv(65536):
                client.sendall(data)
        _shut(client)


def _shut(one: socket.socket) -> None:
    with contextlib.suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
