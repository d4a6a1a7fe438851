"""Listening on all addresses that a host stands for: one port, both families, all of them told."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from smsc.addresses import listening, shown
from smsc.client import Client
from smsc.server.app import say_ready
from smsc.testing import SmscHandle

pytestmark = pytest.mark.loop
Make = Callable[..., SmscHandle]


def has_ipv6() -> bool:
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6):
            return True
    except OSError:
        return False


needs_ipv6 = pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6")


async def bind(address: str) -> None:
    host, _, port = address.rpartition(":")
    async with await Client.connect(host.strip("[]"), int(port)) as client:
        await client.bind("4790000001", "1234")


@needs_ipv6
@pytest.mark.parametrize(
    ("host", "expected"),
    [("127.0.0.1", {"127.0.0.1"}), ("::1", {"::1"}), ("[::1]", {"::1"}), ("::", {"::", "0.0.0.0"})],
)
def test_what_a_host_stands_for(host: str, expected: set[str]) -> None:
    sockets = listening(host, 0, 10)
    try:
        assert {one.getsockname()[0] for one in sockets} == expected
        assert len({one.getsockname()[1] for one in sockets}) == 1
        assert shown(sockets[0]).endswith(f":{sockets[0].getsockname()[1]}")
    finally:
        for one in sockets:
            one.close()


def test_a_port_that_is_taken_names_address_and_port() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match=f"127.0.0.1:{port}: "):
            listening("127.0.0.1", port, 10)


@needs_ipv6
@pytest.mark.parametrize("host", ["localhost", "::"])
async def test_both_families_are_served_and_told(make_smsc: Make, tmp_path: Path, host: str) -> None:
    smsc = make_smsc(host=host, http={"port": 0, "token": "t"})
    ready = tmp_path / "ready.json"
    say_ready(smsc.server, ready)
    told = json.loads(ready.read_text())
    assert (told["smpp"], told["http"]) == (told["addresses"]["smpp"][0], told["addresses"]["http"][0])
    port = told["smpp"].rpartition(":")[2]
    await bind(f"127.0.0.1:{port}")
    if host == "::" or len(told["addresses"]["smpp"]) > 1:
        await bind(f"[::1]:{port}")


def test_the_ready_line_keeps_its_form(make_smsc: Make, capsys: pytest.CaptureFixture[str]) -> None:
    smsc = make_smsc()
    say_ready(smsc.server, None)
    assert capsys.readouterr().out == f"ready smpp={smsc.smpp_address} http={smsc.http_address}\n"
