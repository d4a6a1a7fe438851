"""Listening sockets: one for each address that a host stands for, all on the same port."""

from __future__ import annotations

import errno
import socket

#: Every address of the machine, of both families.
_ANY = {"::": ("::", "0.0.0.0"), "": ("0.0.0.0", "::"), "*": ("0.0.0.0", "::")}
_TRIES = 20  # to find a port that is free for all addresses
_ABSENT = (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)


def listening(host: str, port: int, backlog: int) -> list[socket.socket]:
    """Sockets for all addresses of `host`; port 0 picks one that is free for each. Raises OSError.

    `host` is an address or a name; "::" is all of the machine's addresses, IPv6 and IPv4. What a name stands
    for besides, and this machine does without, is left out."""
    for last in range(_TRIES):
        try:
            return _all_of(host, port, backlog)
        except OSError as error:
            if port or error.errno != errno.EADDRINUSE or last == _TRIES - 1:
                raise
    raise AssertionError


def shown(listener: socket.socket) -> str:
    """`host:port` of a socket, an IPv6 address in brackets."""
    host, port = listener.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _all_of(host: str, port: int, backlog: int) -> list[socket.socket]:
    sockets: list[socket.socket] = []
    missing: OSError | None = None
    bare = host.removeprefix("[").removesuffix("]")
    found = [
        (family, address[0])
        for name in _ANY.get(bare, (bare,))
        for family, _, _, _, address in socket.getaddrinfo(
            name, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
    ]
    for family, address in dict.fromkeys(found):
        chosen = sockets[0].getsockname()[1] if sockets else port
        try:
            sockets.append(_listener(family, str(address), chosen, backlog))
        except OSError as error:
            if error.errno in _ABSENT:
                missing = error
                continue
            for each in sockets:
                each.close()
            raise OSError(error.errno, f"{address}:{chosen}: {error.strerror}") from None
    if not sockets:
        raise missing or OSError(f"{host!r} has no address")
    return sockets


def _listener(family: int, address: str, port: int, backlog: int) -> socket.socket:
    """`create_server` keeps IPv4 out of an IPv6 socket, so that both families can have the port."""
    found = socket.create_server((address, port), family=family, backlog=backlog)
    found.setblocking(False)
    return found
