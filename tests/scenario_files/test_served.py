"""Scenarios on ports: a client of one's own takes part, on a clock that runs or is moved."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from smsc.client import Client
from smsc.scenarios.run import Result, ScenarioError, serve
from smsc.testing import SmscHandle

GATEWAY = """
title = "A code in the tunnel"

[[config.esmes]]
system_id = "mygw"
password = "secret"
senders = ["Mygw"]
numbers = ["59000100"]

[[steps]]
at = "0s"
bind = ["4790000002", "4790000001"]

[[steps]]
at = "0s"
wait = { bind = "mygw", timeout = "20s" }

[[steps]]
at = "10s"
handset = { msisdn = "4790000002", zone = "laerdal-tunnel" }

[[steps]]
at = "11s"
send = { name = "question", from = "4790000001", to = "59000100", text = "Kode?" }

[[steps]]
at = "20s"
wait = { to = "4790000002", text = "Kode 1234", timeout = "20s" }

[[steps]]
at = "1m"
expect = { to = "4790000002", text = "Kode 1234", state = "enroute", count = 1 }

[[steps]]
at = "40m"
handset = { msisdn = "4790000002", zone = "oslo" }

[[steps]]
at = "40m"
send = { name = "answer", from = "4790000002", to = "4790000001", receipt = true }

[[steps]]
at = "41m"
expect = { text = "Kode 1234", state = "delivered", final_after = "40m" }
"""


async def gateway(address: str) -> None:
    """Binds, sends a code when it is asked for one, and waits for the receipt."""
    host, _, port = address.rpartition(":")
    async with await Client.connect(host, int(port)) as client:
        await client.bind("mygw", "secret")
        assert (await asyncio.wait_for(client.receive(), 30)).text == "Kode?"
        await client.submit("+4790000002", "Kode 1234", source="Mygw", registered_delivery=1)
        await asyncio.wait_for(client.receive(), 30)


def played(file: Path, clock: str, client: Callable[[str], Any] | None) -> Result:
    threads: list[threading.Thread] = []

    def ready(handle: SmscHandle) -> None:
        if client is not None:
            thread = threading.Thread(target=lambda: asyncio.run(client(handle.smpp_address)), daemon=True)
            thread.start()
            threads.append(thread)

    flags = {"smpp": {"port": 0}, "http": {"port": 0}, "clock": {"mode": clock}}
    try:
        return serve(file, flags, ready)
    finally:
        for thread in threads:
            thread.join(30)


@pytest.mark.parametrize("clock", ["manual", "x600"])
def test_a_gateway_of_one_s_own_takes_part(tmp_path: Path, clock: str) -> None:
    file = tmp_path / "gateway.toml"
    file.write_text(GATEWAY, "utf-8")
    result = played(file, clock, gateway)
    assert [check.problem for check in result.checks] == ["", ""]


def test_waiting_in_vain_is_told_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "s.toml"
    file.write_text("[[steps]]\nat = 0\nwait = { bind = 'mygw', timeout = '1ms' }", "utf-8")
    with pytest.raises(
        ScenarioError, match=r"s\.toml:3: steps\[0\]\.wait: waited 0\.001 s for a bind of mygw in vain"
    ):
        played(file, "manual", None)


def test_a_shipped_scenario_holds_on_ports_too() -> None:
    result = played(Path("tunnel"), "manual", None)
    assert result.passed, [check.problem for check in result.checks]
    assert json.dumps(result.as_dict())
