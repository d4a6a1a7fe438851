"""What clients get wrong and is let through: a NUL behind short_message, TLVs of another version."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from smsc.protocol import constants as c
from smsc.protocol.pdu.codec import Pdu, encode_pdu, request
from smsc.protocol.pdu.fields import Destination
from smsc.testing.server import SmscHandle
from tests.peer import Peer

pytestmark = pytest.mark.loop
Make = Callable[..., SmscHandle]
SHOP = {"source_addr": "Shop", "source_addr_ton": 5}
AWAY = "4799000007"


def bound(smsc: SmscHandle, version: int = 0x34) -> Peer:
    peer = Peer(smsc.host, smsc.port)
    peer.ask(request(c.BIND_TRANSCEIVER, system_id="shop", password="shop", interface_version=version))
    answer = peer.pdu()
    assert answer is not None
    assert answer.status == 0
    return peer


def _to(command: int) -> dict[str, Any]:
    if command == c.SUBMIT_MULTI:
        return {**SHOP, "dest_address": [Destination(1, 1, AWAY)]}
    if command == c.REPLACE_SM:
        return {**SHOP}
    return {**SHOP, "destination_addr": AWAY, "dest_addr_ton": 1}


def with_octets(command: int, behind: bytes, tlvs: list[tuple[int, bytes]], ident: str) -> bytes:
    """A PDU with octets between short_message and its TLVs."""
    fields = _to(command)
    if command == c.REPLACE_SM:
        fields["message_id"] = ident
    pdu = request(command, short_message=b"Hei", **fields)
    pdu.sequence = 5
    whole = (
        encode_pdu(pdu)
        + behind
        + b"".join(tag.to_bytes(2, "big") + len(value).to_bytes(2, "big") + value for tag, value in tlvs)
    )
    return len(whole).to_bytes(4, "big") + whole[4:]


COMMANDS = [c.SUBMIT_SM, c.SUBMIT_MULTI, c.REPLACE_SM]
TLVS = [[], [(0x0204, b"\0\7")], [(0x0204, b"\0\7"), (0x3000, b"\0\0\0")]]


@pytest.mark.parametrize("command", COMMANDS, ids=[c.COMMANDS[each] for each in COMMANDS])
@pytest.mark.parametrize("tlvs", TLVS, ids=["none", "one", "two"])
def test_a_nul_behind_the_text_is_left_out_and_told(
    smsc_server: SmscHandle, command: int, tlvs: list[tuple[int, bytes]]
) -> None:
    with bound(smsc_server) as peer:
        peer.ask(request(c.SUBMIT_SM, short_message=b"hello", **_to(c.SUBMIT_SM)))
        kept = peer.pdu()
        assert kept is not None
        ident = str(kept.fields["message_id"])
        for count in (1, 2):
            peer.send(with_octets(command, b"\0", tlvs, ident))
            answer = peer.pdu()
            assert answer is not None
            assert (answer.status, answer.command_id) == (0, c.RESPONSE | command)
            session = smsc_server.control("sessions")[-1]
            assert session["counters"]["trailing_nuls"] == count
        told = [row["detail"] for row in session["events"] if row["event"] == "trailing_nul_tolerated"]
        assert told == [f"{c.COMMANDS[command]} 5: 1 octet (NUL) behind short_message, left out"]
    assert smsc_server.message(ident).text in ("hello", "Hei")


@pytest.mark.parametrize("command", COMMANDS, ids=[c.COMMANDS[each] for each in COMMANDS])
@pytest.mark.parametrize(
    ("behind", "tolerant", "said"),
    [
        (b"\0", False, "1 octet behind short_message"),
        (b"\1", True, "1 octet behind short_message"),
        (b"\0\0", True, "2 octets behind short_message"),
        (b"\0\0\0", True, "3 octets behind short_message"),
    ],
)
def test_anything_else_behind_the_text_is_refused(
    make_smsc: Make, command: int, behind: bytes, tolerant: bool, said: str
) -> None:
    shop = {"system_id": "shop", "password": "shop", "senders": ["Shop"], "tolerate_trailing_nul": tolerant}
    smsc = make_smsc(esmes=[shop])
    with bound(smsc, 0x50) as peer:
        peer.send(with_octets(command, behind, [], "1"))
        answer = peer.pdu()
        assert answer is not None
        assert (answer.status, answer.command_id) == (0xC0, c.RESPONSE | command)
        assert said in str(answer.tlv("additional_status_info_text"))


#: Tags that only 5.0 knows, with lengths that 5.0 does not allow; and tags that no submission has.
STRANGE = [
    (0x060D, b"12345"),
    (0x060B, b""),
    (0x0611, b"\1\2"),
    (0x0600, b"\7\7"),
    (0x0428, b"\xff"),
    (0x0427, b"\1\2\3"),
    (0x001E, b"x" * 99),
    (0x0423, b"\3"),
    (0x0420, b"\7"),
    (0x3FFF, b"\7"),
]


@pytest.mark.parametrize("tlv", STRANGE, ids=[f"{tag:04X}" for tag, _ in STRANGE])
@pytest.mark.parametrize("command", [c.SUBMIT_SM, c.SUBMIT_MULTI, c.DATA_SM])
def test_what_3_4_does_not_know_is_passed_on(
    smsc_server: SmscHandle, tlv: tuple[int, bytes], command: int
) -> None:
    payload = [(0x0424, b"Hei")] if command == c.DATA_SM else []
    text = {} if command == c.DATA_SM else {"short_message": b"Hei"}
    if command == c.DATA_SM and tlv[0] in (0x0427, 0x001E, 0x0423):
        return  # data_sm carries receipts too, so these are expected in it
    with bound(smsc_server) as peer:
        peer.ask(request(command, [tlv, *payload], **text, **_to(command)))
        answer = peer.pdu()
        assert answer is not None
        assert answer.status == 0


@pytest.mark.parametrize(("tlv", "status"), [((0x060D, b"12345"), 0xC2), ((0x0611, b"\1\2"), 0xC2)])
def test_what_5_0_knows_must_be_right_on_a_5_0_bind(
    smsc_server: SmscHandle, tlv: tuple[int, bytes], status: int
) -> None:
    with bound(smsc_server, 0x50) as peer:
        peer.ask(request(c.SUBMIT_SM, [tlv], short_message=b"Hei", **_to(c.SUBMIT_SM)))
        answer: Pdu | None = peer.pdu()
        assert answer is not None
        assert answer.status == status
