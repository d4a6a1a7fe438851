"""Sockets are waited for with epoll, and with poll where there is none."""

import select
import socket

import pytest

from smsc.load.poll import READABLE, WRITABLE, Poller


@pytest.mark.parametrize("without_epoll", [False, True])
def test_tells_which_sockets_are_ready(without_epoll: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if without_epoll:
        monkeypatch.delattr(select, "epoll", raising=False)
    poller = Poller()
    ours, theirs = socket.socketpair()
    with ours, theirs:
        poller.register(ours.fileno(), WRITABLE)
        assert poller.wait(1) == [(ours.fileno(), WRITABLE)]
        poller.modify(ours.fileno(), READABLE)
        for seconds in (0, 0.0002, 0.002):
            assert poller.wait(seconds) == []
        theirs.send(b"x")
        for seconds in (0, 0.0002, 1):
            assert poller.wait(seconds) == [(ours.fileno(), READABLE)]
        poller.unregister(ours.fileno())
        assert poller.wait(0) == []
    poller.close()
