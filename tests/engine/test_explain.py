"""The explanation of a message: a paragraph that reads, and the same as data."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from smsc.cli.app import app
from smsc.testing import SmscHandle
from tests.esme import Esme

pytestmark = pytest.mark.loop

KARI, OLA = "4790000001", "4790000002"


def explained(smsc: SmscHandle, ident: str) -> dict[str, Any]:
    found: dict[str, Any] = httpx.get(f"{smsc.url}/api/v1/messages/{ident}").raise_for_status().json()
    return found


def test_a_message_in_the_dead_part_of_an_outage_says_until_when(smsc_server: SmscHandle) -> None:
    ola = Esme(smsc_server.smpp_address, OLA)
    told = smsc_server.control(
        "put_outages", "zone", "oslo", {"outages": [{"duration": "2h", "note": "storm"}]}
    )
    message = smsc_server.send("4740000001", OLA, "Hei")
    found = explained(smsc_server, message.id)
    assert found["waiting_for"] == "coverage at the recipient"
    assert found["until"][:19] == told["outages"][0]["to"][:19]
    assert found["next_attempt"] is not None
    for part in (message.id, OLA, "storm", "Coverage returns at", "it expires at", "tried once"):
        assert part in found["explanation"]
    ola.drop()


@pytest.mark.parametrize(
    ("changes", "waiting_for"),
    [
        ({"zone": "laerdal-tunnel"}, "coverage at the recipient"),
        ({"powered": False}, "the handset to be switched on"),
        ({"memory_full": True}, "memory in the handset"),
    ],
)
def test_each_obstacle_has_its_sentence(
    smsc_server: SmscHandle, changes: dict[str, Any], waiting_for: str
) -> None:
    ola = Esme(smsc_server.smpp_address, OLA)
    smsc_server.control("patch_subscriber", OLA, changes)
    message = smsc_server.send(KARI, OLA, "Hei")
    found = explained(smsc_server, message.id)
    assert found["waiting_for"] == waiting_for
    assert found["what_next"] in found["explanation"]
    ola.drop()


def test_no_bind_held_and_final_messages_are_explained(smsc_server: SmscHandle) -> None:
    unbound = smsc_server.send(KARI, OLA, "Hei")
    assert explained(smsc_server, unbound.id)["waiting_for"] == "a bind that serves the number"
    held = smsc_server.send("4799000020", OLA, "Fra tunnelen")
    assert explained(smsc_server, held.id)["waiting_for"] == "coverage at the sender"
    smsc_server.clock.advance("73h")
    ended = explained(smsc_server, unbound.id)
    assert ended["waiting_for"] is None
    assert "expired 3 d later" in ended["explanation"]


def test_the_command_asks_the_api(smsc_server: SmscHandle) -> None:
    message = smsc_server.send(KARI, OLA, "Hei")
    port = smsc_server.http_address.rpartition(":")[2]
    told = CliRunner().invoke(app, ["explain", str(message.id), "--http-port", port])
    assert told.exit_code == 0
    assert "waits in the SMSC" in told.output
    missing = CliRunner().invoke(app, ["explain", "1", "--http-port", port])
    assert missing.exit_code == 1


@pytest.mark.parametrize("number", [KARI, OLA])
def test_it_says_when_nothing_planned_brings_coverage_back(smsc: SmscHandle, number: str) -> None:
    outages = [
        {"from": f"2025-01-01T00:00:{start:02}Z", "duration": "31s", "every": "60s"} for start in (0, 30)
    ]
    smsc.control("put_zone", "cellar", {"coverage": "good", "outages": outages})
    smsc.control("patch_subscriber", number, {"zone": "cellar"})
    ola, kari = Esme(smsc.smpp_address, OLA), Esme(smsc.smpp_address, KARI)
    message = smsc.send(KARI, OLA, "Hei")
    found = explained(smsc, message.id)
    assert "Nothing that is planned brings coverage back there." in found["explanation"]
    assert "until" not in found or found["until"] is None
    ola.drop()
    kari.drop()
