"""Tells a service manager that the server is ready, or stopping: the protocol of sd_notify(3)."""

import os
import socket


def notify(state: str) -> bool:
    """Send ``state`` ("READY=1") to the socket that NOTIFY_SOCKET names; False when nobody listens."""
    name = os.environ.get("NOTIFY_SOCKET", "")
    if not name or not hasattr(socket, "AF_UNIX"):
        return False
    address = "\0" + name[1:] if name.startswith("@") else name
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as channel:
            channel.sendto(state.encode(), address)
    except OSError:
        return False
    return True
