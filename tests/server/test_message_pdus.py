"""The octets of a message: as they went over the wire while a traced session has them, for as long as it is
listed."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from smsc.testing.server import SmscHandle
from tests.esme import Esme

KARI, OLA = "4790000001", "4790000002"
pytestmark = pytest.mark.loop


@pytest.fixture
def smsc(make_smsc: Any) -> SmscHandle:
    handle: SmscHandle = make_smsc(trace={"sessions": True})
    return handle


def pdus(smsc: SmscHandle, path: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = httpx.get(f"{smsc.url}/api/v1/{path}/pdus").json()["pdus"]
    return found


def test_what_was_received_and_sent_is_shown_as_it_was(smsc: SmscHandle) -> None:
    smsc.handset(OLA).listen()
    kari = Esme(smsc.smpp_address, KARI, "1234")
    kari.submit(OLA, "Blåbær")
    message = smsc.wait("blåbær state:delivered")
    found = pdus(smsc, f"messages/{message.id}")
    assert [(pdu["direction"], pdu["command"], pdu["rebuilt"]) for pdu in found] == [
        ("in", "submit_sm", False),
        ("out", "submit_sm_resp", False),
        ("out", "deliver_sm", False),
        ("in", "deliver_sm_resp", False),
    ]
    assert found[0]["text"] == found[2]["text"] == "Blåbær"
    assert found[0]["sequence"] == found[1]["sequence"]
    assert found[0]["session"] == message.session
    assert all(pdu["at"] and bytes.fromhex(pdu["octets"]) for pdu in found)
    kari.unbind()


def test_an_injected_message_has_only_what_was_sent(smsc: SmscHandle) -> None:
    smsc.handset(OLA).listen()
    smsc.send(KARI, OLA, "hei")
    message = smsc.wait("hei state:delivered")
    found = pdus(smsc, f"messages/{message.id}")
    assert [pdu["command"] for pdu in found] == ["deliver_sm", "deliver_sm_resp"]


def test_the_pdus_of_a_session_stay_as_long_as_it_is_listed(smsc: SmscHandle) -> None:
    smsc.handset(OLA).listen()
    session = httpx.get(f"{smsc.url}/api/v1/sessions").json()["sessions"][0]["id"]
    before = pdus(smsc, f"sessions/{session}")
    smsc.drop(OLA)
    assert httpx.get(f"{smsc.url}/api/v1/sessions/{session}").json()["ended_at"] is not None
    after = pdus(smsc, f"sessions/{session}")
    assert after[: len(before)] == before
    assert before[0]["command"].startswith("bind_")
