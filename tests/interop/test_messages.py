"""Two handsets of foreign libraries talk with one another through a server process."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.interop.processes import ForeignClient
from tests.server.process import ServerProcess

pytestmark = pytest.mark.loop

KARI, OLA = "4790000001", "4790000002"
LONG = "Blåbærsyltetøy og gulost. " * 16  # 416 characters of the default alphabet: three parts


def body_of(event: dict[str, Any]) -> str:
    """The text that smpplib hands over as octets."""
    octets = bytes.fromhex(event["body"])
    if event["data_coding"] == 8:
        return octets.decode("utf-16-be")
    return "".join({12: "ø", 15: "å", 29: "æ", 14: "Å"}.get(octet, chr(octet)) for octet in octets)


def text_of(event: dict[str, Any]) -> str:
    """The text of a delivery, whichever library saw it."""
    return str(event["text"]) if "text" in event else body_of(event)


@pytest.mark.parametrize("text", ["Blåbær på Ås, sa ørreten", "Gratulerer 🎂🇳🇴"])
def test_a_message_and_its_receipt(server: ServerProcess, foreign: ForeignClient, text: str) -> None:
    kari, ola = foreign.bind(KARI), foreign.bind(OLA)
    sent = kari.submit(OLA, text, registered_delivery=1)
    assert sent.status == 0

    arrived = ola.receive()
    assert (arrived["source"], arrived["source_ton"], arrived["source_npi"]) == (KARI, 1, 1)
    assert (arrived["destination"], text_of(arrived), arrived["receipt"]) == (OLA, text, False)

    receipt = kari.receive()
    assert (receipt["source"], receipt["destination"], receipt["receipt"]) == (OLA, KARI, True)
    told = text_of(receipt)
    times = r"submit date:\d{10} done date:\d{10}"
    assert re.match(rf"id:{sent.message_id} sub:001 dlvrd:001 {times} stat:DELIVRD err:000 ", told), told
    tlvs = receipt["tlvs"]
    assert tlvs.get("receipted_message_id", tlvs.get("0x001e")) == sent.message_id
    assert tlvs.get("message_state", tlvs.get("0x0427")) == 2
    assert server.message(sent.message_id)["text"] == text


def test_a_long_message_in_three_parts_by_user_data_header(server: ServerProcess) -> None:
    foreign = ForeignClient("smpplib", server.smpp_address)
    try:
        kari, ola = foreign.bind("4790000003"), foreign.bind("4790000004")
        tag = kari.begin(ola.name, LONG, registered_delivery=1)
        answers = [kari.answer(tag) for _ in range(3)]
        assert [answer.status for answer in answers] == [0, 0, 0]

        parts = [ola.receive() for _ in range(3)]
        headers = [bytes.fromhex(part["header"]) for part in parts]
        assert [(header[:3], header[4:]) for header in headers] == [
            (b"\x05\x00\x03", bytes((3, number))) for number in (1, 2, 3)
        ]
        assert len({header[3] for header in headers}) == 1
        assert "".join(body_of(part) for part in parts) == LONG
        assert sorted(kari.receive()["tlvs"]["receipted_message_id"] for _ in range(3)) == sorted(
            answer.message_id for answer in answers
        )
    finally:
        foreign.close()


def test_a_long_message_in_three_parts_that_aiosmpplib_splits_and_joins(server: ServerProcess) -> None:
    foreign = ForeignClient("aiosmpplib", server.smpp_address)
    try:
        kari, ola = foreign.bind("4790000005"), foreign.bind("4790000006")
        assert kari.submit(ola.name, LONG, esm_class=0x40, auto_message_payload=False).status == 0
        assert ola.receive()["text"] == LONG
        server.advance(seconds=0)
        parts = server.call("GET", f"/messages?destination={ola.name}")["messages"]
        assert [part["state"] for part in parts] == ["delivered"] * 3
        assert "".join(part["text"] for part in parts) == LONG
    finally:
        foreign.close()


def test_a_long_message_in_one_piece_reaches_a_handset_in_parts_that_aiosmpplib_joins(
    server: ServerProcess,
) -> None:
    foreign = ForeignClient("aiosmpplib", server.smpp_address)
    try:
        kari, ola = foreign.bind("4790000007"), foreign.bind("4790000008")
        assert kari.submit(ola.name, LONG).status == 0
        assert ola.receive()["text"] == LONG
    finally:
        foreign.close()


def test_a_receipt_tells_of_failure(server: ServerProcess, foreign: ForeignClient) -> None:
    kari = foreign.bind(KARI)
    sent = kari.submit("4798765432", "Hei", registered_delivery=1)
    assert sent.status == 0
    receipt = kari.receive()
    assert "stat:UNDELIV err:001" in text_of(receipt)
    tlvs = receipt["tlvs"]
    assert tlvs.get("message_state", tlvs.get("0x0427")) == 5
    assert tlvs.get("network_error_code", tlvs.get("0x0423")) == "\x03\x00\x01"
