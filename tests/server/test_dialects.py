"""Receipts as operators write them, and where they go."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from smsc.protocol.codec import Pdu, encode_pdu, request
from smsc.protocol.constants import (
    BIND_RECEIVER,
    BIND_TRANSCEIVER,
    BIND_TRANSMITTER,
    DELIVER_SM,
    ENQUIRE_LINK,
    RESPONSE,
    SUBMIT_SM,
)
from smsc.testing.server import SmscHandle
from tests.reliability.peer import Peer

pytestmark = pytest.mark.loop
Make = Callable[..., SmscHandle]


def world(make_smsc: Make, **receipts: object) -> SmscHandle:
    return make_smsc(
        esmes=[{"system_id": "shop", "password": "shop", "numbers": ["59000001"], "receipts": receipts}],
        emergency={"centres": {"fire": None, "police": None, "medical": None}},
        helplines=[],
        codes=[],
    )


def bound(smsc: SmscHandle, kind: int = BIND_TRANSCEIVER) -> Peer:
    peer = Peer(smsc.host, smsc.port)
    say(peer, request(kind, system_id="shop", password="shop"), 1)
    answer = peer.pdu()
    assert answer is not None
    assert answer.status == 0
    return peer


def say(peer: Peer, pdu: Pdu, sequence: int) -> None:
    pdu.sequence = sequence
    peer.send(encode_pdu(pdu))


def submit(peer: Peer, sequence: int = 2, wanted: int = 1) -> None:
    """To a number that is nobody's: the message fails at once."""
    to = {"dest_addr_ton": 1, "dest_addr_npi": 1, "destination_addr": "4798765432"}
    fields = {"source_addr": "4759000001", "source_addr_ton": 1, "source_addr_npi": 1, **to}
    say(peer, request(SUBMIT_SM, short_message=b"Hei id", registered_delivery=wanted, **fields), sequence)


def heard(peer: Peer) -> Pdu:
    pdu = peer.pdu()
    assert pdu is not None
    if pdu.command_id == DELIVER_SM:
        say(peer, Pdu(RESPONSE | DELIVER_SM), pdu.sequence)
    return pdu


def exchange(smsc: SmscHandle) -> tuple[int, Pdu]:
    """The id in the submit_sm_resp, and the receipt."""
    with bound(smsc) as peer:
        submit(peer)
        answer, receipt = heard(peer), heard(peer)
    return int(answer.fields["message_id"]), receipt


DATES = r"submit date:{0} done date:{0} stat:UNDELIV err:001 text:Hei id$"
TEN, TWELVE = DATES.format(r"\d{10}"), DATES.format(r"\d{12}")


@pytest.mark.parametrize(
    ("receipts", "ident", "text"),
    [
        ({}, "{}", "id:{} sub:001 dlvrd:000 " + TEN),
        ({"id": "hex"}, "{:x}", "id:{:x} sub:001 dlvrd:000 " + TEN),
        ({"id": "HEX", "id_width": 12}, "{:012X}", "id:{:012X} sub:001 dlvrd:000 " + TEN),
        ({"id_width": 14}, "{:014d}", "id:{:014d} sub:001 dlvrd:000 " + TEN),
        ({"counts": False}, "{}", "id:{} " + TEN),
        ({"seconds": True}, "{}", "id:{} sub:001 dlvrd:000 " + TWELVE),
        ({"text": False}, "{}", "^$"),
        ({"tlvs": False}, None, "id:{} sub:001 dlvrd:000 " + TEN),
    ],
)
def test_a_receipt_in_the_words_of_an_operator(
    make_smsc: Make, receipts: dict[str, object], ident: str | None, text: str
) -> None:
    number, receipt = exchange(world(make_smsc, **receipts))
    pattern = re.sub(r"\{(?!\d+\})[:0-9dxX]*\}", lambda found: found[0].format(number), text)
    assert re.match(pattern, receipt.fields["short_message"].decode()), receipt.fields
    if ident is None:
        assert receipt.tlvs == []
    else:
        assert receipt.tlv("receipted_message_id") == ident.format(number)
        assert receipt.tlv("message_state") == 5
        assert receipt.tlv("network_error_code") == b"\x03\x00\x01"


def test_the_receipt_comes_before_the_answer(make_smsc: Make) -> None:
    smsc = world(make_smsc, early=True, id="hex")
    with bound(smsc) as peer:
        submit(peer)
        assert [heard(peer).command_id for _ in range(2)] == [DELIVER_SM, RESPONSE | SUBMIT_SM]
        submit(peer, 3, wanted=0)
        assert heard(peer).sequence == 3


def test_an_answer_does_not_wait_for_a_receipt_for_ever(make_smsc: Make) -> None:
    smsc = world(make_smsc, early=True)
    with bound(smsc, BIND_TRANSMITTER) as peer:  # nobody to take the receipt
        submit(peer)
        say(peer, request(ENQUIRE_LINK), 3)
        assert [heard(peer).sequence for _ in range(2)] == [3, 2]


def test_the_receipt_goes_to_another_bind(make_smsc: Make) -> None:
    smsc = world(make_smsc, other_bind=True)
    with bound(smsc) as first, bound(smsc) as second:
        submit(first)
        assert heard(first).command_id == RESPONSE | SUBMIT_SM
        assert heard(second).command_id == DELIVER_SM
        with bound(smsc, BIND_RECEIVER) as third:
            submit(first, 3)
            assert heard(first).command_id == RESPONSE | SUBMIT_SM
            assert heard(third).command_id == DELIVER_SM
