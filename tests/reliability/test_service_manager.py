"""The service manager hears when the server is ready and when it stops."""

import socket
from pathlib import Path

from smsc.server.notify import notify
from tests.reliability.process import Process


def test_systemd_is_told(tmp_path: Path) -> None:
    path = tmp_path / "n"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(path))
        manager.settimeout(30)
        with Process(tmp_path, NOTIFY_SOCKET=str(path)) as server:
            assert manager.recv(100) == b"READY=1"
            assert server.stop() == 0
            assert manager.recv(100) == b"STOPPING=1"


def test_without_a_manager_nothing_is_told() -> None:
    assert not notify("READY=1")
