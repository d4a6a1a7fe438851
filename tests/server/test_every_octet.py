"""Every request takes every octet in each of its string fields: it is answered, and the session lives."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from smsc.protocol.constants import (
    BINDS,
    CANCEL_SM,
    COMMANDS,
    ENQUIRE_LINK,
    OUTBIND,
    RESPONSE,
    SUBMIT_MULTI,
    command_name,
)
from smsc.protocol.pdu.codec import Pdu, encode_pdu, request
from smsc.protocol.pdu.fields import Destination, DistributionList
from smsc.protocol.pdu.layouts import PDUS
from smsc.testing.server import SmscHandle
from tests.peer import Peer

pytestmark = pytest.mark.loop
KARI = "4790000001"

#: What makes each request one that gets far.
_GOOD: dict[str, Any] = {
    "source_addr": KARI,
    "source_addr_ton": 1,
    "destination_addr": "4799000007",
    "dest_addr_ton": 1,
    "short_message": b"Hei",
    "message_id": "",
}
#: The text fields: those of a C-Octet String and of a time.
_PLACES: list[tuple[int, str, int]] = [
    (row.command_id, field.name, field.size)
    for row in PDUS.values()
    if not row.command_id & RESPONSE and row.esme and row.command_id not in BINDS
    for field in row.fields
    if isinstance(field.default, str)
]
_PLACES += [(SUBMIT_MULTI, "dest_address", 21), (SUBMIT_MULTI, "dl_name", 21)]


def _strange(command: int, name: str, size: int, octet: int, length: int, ident: str) -> Pdu:
    value = bytes([octet]) * length if size > length else b""
    known = {field.name for field in PDUS[command].fields}
    fields = {key: given for key, given in _GOOD.items() if key in known}
    if "message_id" in known:  # an empty one means all of a pair to cancel_sm
        fields["message_id"] = "" if command == CANCEL_SM else ident
    if command == SUBMIT_MULTI:
        good = Destination(1, 1, "4799000007")
        bad = Destination(1, 1, value.decode("latin-1"))
        fields["dest_address"] = [good, bad if name == "dest_address" else good]
        if name == "dl_name":
            fields["dest_address"] = [DistributionList(value.decode("latin-1"))]
    if name in known and name != "dest_address":
        fields[name] = value.decode("latin-1")
    tlvs = [(0x0424, b"Hei")] if "message_payload" in PDUS[command].required else []
    return request(command, tlvs, **fields)


def _lengths(size: int) -> list[int]:
    return [16] if size == 17 else [1, size - 1]


@pytest.mark.parametrize(
    ("command", "name", "size"), _PLACES, ids=[f"{COMMANDS[command]}-{name}" for command, name, _ in _PLACES]
)
def test_every_octet_in_every_string(
    smsc_server: SmscHandle, caplog: pytest.LogCaptureFixture, command: int, name: str, size: int
) -> None:
    caplog.set_level(logging.WARNING)
    with Peer(smsc_server.host, smsc_server.port) as peer:
        assert peer.bind(KARI) == 0
        ident = str(peer.submit("4799000007", source=KARI).fields["message_id"])
        octets = [(octet, length) for octet in range(1, 256) for length in _lengths(size)]
        pdus = [_strange(command, name, size, *each, ident) for each in octets]
        for at in range(0, len(pdus), 100):
            asked = {peer.ask(pdu) for pdu in pdus[at : at + 100]}
            while asked:
                answer = peer.pdu()
                assert answer is not None, f"the session ended with {command_name(command)}"
                asked.discard(answer.sequence)
        peer.ask(Pdu(ENQUIRE_LINK))
        alive = peer.pdu()
        assert alive is not None
        assert alive.command_id == RESPONSE | ENQUIRE_LINK
    assert [record.getMessage() for record in caplog.records] == []
    listed = httpx.get(f"{smsc_server.url}/api/v1/messages?limit=1000", trust_env=False)
    assert listed.status_code == 200


@pytest.mark.parametrize("octet", [0x01, 0x1B, 0x7F, 0x80, 0xB2, 0xE6, 0xFF])
@pytest.mark.parametrize("field", ["system_id", "password", "system_type", "address_range"])
def test_every_octet_in_a_bind(
    make_smsc: Callable[..., SmscHandle], caplog: pytest.LogCaptureFixture, field: str, octet: int
) -> None:
    caplog.set_level(logging.WARNING)
    smsc = make_smsc(limits={"failed_binds_free": 1_000})
    for command in BINDS:
        for length in (1, 8, 12):
            if field == "password" and length == 12:
                continue
            fields: dict[str, Any] = {
                "system_id": "shop",
                "password": "shop",
                field: (bytes([octet]) * length).decode("latin-1"),
            }
            with Peer(smsc.host, smsc.port) as peer:
                peer.ask(request(command, **fields))
                answer = peer.pdu()
                assert answer is not None
                assert answer.command_id == RESPONSE | command
    assert [record.getMessage() for record in caplog.records] == []


def test_outbind_is_not_for_esmes(smsc_server: SmscHandle) -> None:
    with Peer(smsc_server.host, smsc_server.port) as peer:
        peer.send(encode_pdu(request(OUTBIND, system_id="\xe6", password="\xe6")))
        answer = peer.pdu()
        assert answer is not None
        assert answer.status == 0x04
