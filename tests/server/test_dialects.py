"""Receipts as operators write them, and where they go."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from smsc.protocol.constants import (
    BIND_RECEIVER,
    BIND_TRANSCEIVER,
    BIND_TRANSMITTER,
    CANCEL_SM,
    DATA_SM,
    DELIVER_SM,
    ENQUIRE_LINK,
    ESME_RINVMSGID,
    QUERY_SM,
    REPLACE_SM,
    RESPONSE,
    SUBMIT_MULTI,
    SUBMIT_SM,
)
from smsc.protocol.pdu.codec import Pdu, request
from smsc.protocol.pdu.fields import Destination
from smsc.testing.server import SmscHandle
from tests.peer import Peer

pytestmark = pytest.mark.loop
Make = Callable[..., SmscHandle]


def world(make_smsc: Make, responses: dict[str, Any] | None = None, **receipts: Any) -> SmscHandle:
    shop = {"system_id": "shop", "password": "shop", "numbers": ["59000001"]}
    return make_smsc(
        esmes=[{**shop, "responses": responses or {}, "receipts": receipts}],
        emergency={"centres": {"fire": None, "police": None, "medical": None}},
        helplines=[],
        codes=[],
    )


def bound(smsc: SmscHandle, kind: int = BIND_TRANSCEIVER, version: int = 0x34) -> Peer:
    peer = Peer(smsc.host, smsc.port)
    peer.say(request(kind, system_id="shop", password="shop", interface_version=version), 1)
    assert peer.hear().status == 0
    return peer


def submit(peer: Peer, sequence: int = 2, wanted: int = 1) -> None:
    """To a number that is nobody's: the message fails at once."""
    to = {"dest_addr_ton": 1, "dest_addr_npi": 1, "destination_addr": "4798765432"}
    fields: dict[str, Any] = {"source_addr": "4759000001", "source_addr_ton": 1, "source_addr_npi": 1, **to}
    peer.say(request(SUBMIT_SM, short_message=b"Hei id", registered_delivery=wanted, **fields), sequence)


def heard(peer: Peer) -> Pdu:
    pdu = peer.hear()
    if pdu.command_id == DELIVER_SM:
        peer.say(Pdu(RESPONSE | DELIVER_SM), pdu.sequence)
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
    make_smsc: Make, receipts: dict[str, Any], ident: str | None, text: str
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
        peer.say(request(ENQUIRE_LINK), 3)
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


# --- the ids in responses -------------------------------------------------------------------------

SHOP: dict[str, Any] = {"source_addr": "4759000001", "source_addr_ton": 1, "source_addr_npi": 1}
OLA: dict[str, Any] = {"dest_addr_ton": 1, "dest_addr_npi": 1, "destination_addr": "4790000002"}
FORMS = [
    ({"id": "hex"}, "{:x}"),
    ({"id": "HEX", "id_width": 12}, "{:012X}"),
    ({"id_width": 20}, "{:020d}"),
]


def answer(peer: Peer, pdu: Pdu, sequence: int) -> Pdu:
    peer.say(pdu, sequence)
    return heard(peer)


@pytest.mark.parametrize(("responses", "form"), FORMS)
@pytest.mark.parametrize("version", [0x34, 0x50])
def test_every_response_shows_the_id_in_the_operators_form(
    make_smsc: Make, responses: dict[str, Any], form: str, version: int
) -> None:
    smsc = world(make_smsc, responses)
    with bound(smsc, version=version) as peer:
        submitted = answer(peer, request(SUBMIT_SM, short_message=b"en", **SHOP, **OLA), 2)
        data = answer(peer, request(DATA_SM, tlvs=[(0x0424, b"to")], **SHOP, **OLA), 3)
        to_ola = [Destination(1, 1, "4790000002")]
        multi = answer(peer, request(SUBMIT_MULTI, short_message=b"tre", dest_address=to_ola, **SHOP), 4)
    kept = [int(message.id) for message in smsc.messages()]
    assert [each.fields["message_id"] for each in (submitted, data, multi)] == [form.format(n) for n in kept]


@pytest.mark.parametrize(("responses", "form"), FORMS)
def test_a_message_is_asked_for_by_the_id_that_the_client_got(
    make_smsc: Make, responses: dict[str, Any], form: str
) -> None:
    smsc = world(make_smsc, responses)
    with bound(smsc) as peer:
        ident = answer(peer, request(SUBMIT_SM, short_message=b"en", **SHOP, **OLA), 2).fields["message_id"]
        asked = answer(peer, request(QUERY_SM, message_id=ident, **SHOP), 3)
        assert (asked.status, asked.fields["message_id"]) == (0, ident)
        assert answer(peer, request(REPLACE_SM, message_id=ident, short_message=b"to", **SHOP), 4).status == 0
        (kept,) = smsc.messages()
        assert (form.format(int(kept.id)), kept.text) == (ident, "to")
        assert answer(peer, request(CANCEL_SM, message_id=ident, **SHOP, **OLA), 5).status == 0
        for wrong in ("xyz", "-1", "f" * 25, "9" * 24):
            assert answer(peer, request(QUERY_SM, message_id=wrong, **SHOP), 6).status == ESME_RINVMSGID
    assert smsc.messages()[0].state == "deleted"


def test_responses_and_receipts_may_disagree_as_they_do_with_some_operators(make_smsc: Make) -> None:
    smsc = world(make_smsc, {"id": "hex"}, early=True)
    with bound(smsc) as peer:
        submit(peer)
        receipt, response = heard(peer), heard(peer)
    assert receipt.tlv("receipted_message_id") == str(int(response.fields["message_id"], 16))


def test_a_3_3_client_gets_no_more_than_eight_octets(make_smsc: Make) -> None:
    smsc = world(make_smsc, {"id_width": 12})
    with bound(smsc, BIND_TRANSMITTER, version=0x33) as peer:
        response = answer(peer, request(SUBMIT_SM, short_message=b"en", **SHOP, **OLA), 2)
        assert len(response.fields["message_id"]) == 8
        ident = response.fields["message_id"]
        assert answer(peer, request(QUERY_SM, message_id=ident, **SHOP), 3).status == 0
