"""Every PDU of the tables, to octets and back."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smsc.protocol import constants as c
from smsc.protocol.pdu.codec import (
    Pdu,
    PduError,
    check_values,
    decode_pdu,
    encode_pdu,
    explain_message,
    request,
)
from smsc.protocol.pdu.fields import Destination, DistributionList, Unsuccess
from smsc.protocol.pdu.layouts import PDUS
from smsc.protocol.pdu.submit import Submit, parse_submit
from tests.conftest import examples
from tests.protocol.helpers import any_pdu, decoded, frame, hostile_stream, submit_fields

GOLDEN_BIND = bytes.fromhex(
    "0000002F000000020000000000000001534D50503354455354007365637265743038005355424D4954310000010100"
)


def test_the_specifications_own_example_reads_as_it_says() -> None:
    pdu = decode_pdu(GOLDEN_BIND)  # [3.4 §3.2.2]
    assert (pdu.name, pdu.status, pdu.sequence) == ("bind_transmitter", 0, 1)
    assert pdu.fields == {
        "system_id": "SMPP3TEST",
        "password": "secret08",
        "system_type": "SUBMIT1",
        "interface_version": 0,
        "addr_ton": 1,
        "addr_npi": 1,
        "address_range": "",
    }
    assert encode_pdu(pdu) == GOLDEN_BIND


GOLDEN = [
    ("unbind", Pdu(c.UNBIND, 0, 2), "00000010 00000006 00000000 00000002"),
    ("enquire_link_resp", Pdu(0x80000015, 0, 3), "00000010 80000015 00000000 00000003"),
    ("generic_nack", Pdu(c.GENERIC_NACK, 3, 0), "00000010 80000000 00000003 00000000"),
    (
        "submit_sm",
        Pdu(c.SUBMIT_SM, 0, 7, submit_fields(registered_delivery=1), [(0x0204, b"\x00\x2a")]),
        "0000003E 00000004 00000000 00000007 00 01 01 34373930303030303031 00 01 01 34373930303030303032 00"
        "00 00 00 00 00 01 00 00 00 03 486569 0204 0002 002A",
    ),
    (
        "submit_sm_resp",
        Pdu(0x80000004, 0, 7, {"message_id": "12"}),
        "00000013 80000004 00000000 00000007 313200",
    ),
    ("refusal", Pdu(0x80000004, 0x58, 7), "00000010 80000004 00000058 00000007"),
    (
        "submit_multi",
        request(
            c.SUBMIT_MULTI,
            source_addr="2097",
            dest_address=[Destination(1, 1, "4790000001"), DistributionList("venner")],
            short_message=b"Hei",
        ),
        "0000003C 00000021 00000000 00000000 00 00 00 3230393700 02 01 01 01 3437393030303030303100"
        "02 76656E6E657200 00 00 00 00 00 00 00 00 00 03 486569",
    ),
    (
        "submit_multi_resp",
        Pdu(
            0x80000021,
            0,
            1,
            {"message_id": "5", "unsuccess_sme": [Unsuccess(1, 1, "46", 0x0B)]},
        ),
        "0000001C 80000021 00000000 00000001 3500 01 01 01 343600 0000000B",
    ),
    (
        "query_sm_resp",
        Pdu(
            0x80000003,
            0,
            1,
            {"message_id": "9", "final_date": "260101120000004+", "message_state": 2, "error_code": 0},
        ),
        "00000025 80000003 00000000 00000001 3900 3236303130313132303030303030342B00 02 00",
    ),
    (
        "alert_notification",
        Pdu(c.ALERT_NOTIFICATION, 0, 1, {"source_addr": "47", "esme_addr": "1"}, [(0x0422, b"\0")]),
        "0000001E 00000102 00000000 00000001 00 00 343700 00 00 3100 0422 0001 00",
    ),
]


@pytest.mark.parametrize(("name", "pdu", "octets"), GOLDEN, ids=[row[0] for row in GOLDEN])
def test_golden_vector(name: str, pdu: Pdu, octets: str) -> None:
    wire = bytes.fromhex(octets)
    assert encode_pdu(pdu).hex() == wire.hex()
    read = decode_pdu(wire)
    assert read.tlvs == pdu.tlvs
    assert {field: read.fields[field] for field in pdu.fields} == pdu.fields


@given(any_pdu())
def test_what_can_be_built_reads_back(pdu: Pdu) -> None:
    octets = encode_pdu(pdu)
    read = decode_pdu(octets)
    if len(octets) == 16:
        assert (read.command_id, read.status, read.sequence) == (pdu.command_id, pdu.status, pdu.sequence)
    else:
        assert read == pdu
    assert encode_pdu(read) == octets


@given(st.binary(max_size=120) | hostile_stream())
@settings(max_examples=examples(150))
def test_any_octets_are_a_pdu_or_an_error_with_a_status(octets: bytes) -> None:
    read = decoded(octets)
    if isinstance(read, PduError):
        assert read.status in c.STATUSES
        assert read.respond_as in ("nack", "resp")
        assert read.hint
    else:
        assert encode_pdu(read)


def test_every_request_has_its_response_and_every_pdu_its_name() -> None:
    for command, layout in PDUS.items():
        assert layout.name == c.command_name(command)
        if not command & c.RESPONSE and command not in c.ONE_WAY:
            assert c.RESPONSE | command in PDUS
    assert set(PDUS) == set(c.COMMANDS)


@pytest.mark.parametrize("octets", [b"", b"\0\0\0\x10", frame(c.UNBIND) + b"x", frame(c.UNBIND)[:-1]])
def test_a_frame_is_as_long_as_it_says(octets: bytes) -> None:
    with pytest.raises(PduError) as caught:
        decode_pdu(octets)
    assert (caught.value.status, caught.value.respond_as) == (c.ESME_RINVCMDLEN, "nack")


@pytest.mark.parametrize("response", sorted(command for command in PDUS if command & c.RESPONSE))
def test_a_response_without_a_body_is_legal(response: int) -> None:
    assert decode_pdu(frame(response)).fields == {}


@pytest.mark.parametrize(
    ("command", "fields", "what"),
    [
        (c.SUBMIT_SM, {"source_addr": "1" * 21}, "source_addr holds at most 20"),
        (c.SUBMIT_SM, {"short_message": b"x" * 255}, "at most 254"),
        (c.SUBMIT_SM, {"validity_period": "1"}, "0 or 16"),
        (c.SUBMIT_SM, {"esm_class": 256}, "1-octet integer"),
        (c.SUBMIT_SM, {"text": "hi"}, "no such field: text"),
        (c.SUBMIT_MULTI, {}, "1 to 254 destinations"),
        (c.BIND_RECEIVER, {"password": "a\0b"}, "no NUL"),
        (0x0A, {}, "unknown command 0x0000000A"),
    ],
)
def test_building_what_cannot_be_is_refused_in_words(command: int, fields: dict[str, Any], what: str) -> None:
    with pytest.raises(ValueError, match=what):
        encode_pdu(Pdu(command, fields=fields))


def test_254_octets_are_the_limit_of_34_and_255_of_50() -> None:
    fields = submit_fields(short_message=b"x" * 255)
    octets = encode_pdu(Pdu(c.SUBMIT_SM, fields=fields), c.V50)
    assert decode_pdu(octets, c.V50).fields["short_message"] == b"x" * 255
    with pytest.raises(PduError) as caught:
        decode_pdu(octets, c.V34)
    assert caught.value.status == c.ESME_RINVMSGLEN


@pytest.mark.parametrize(
    ("fields", "version", "status"),
    [
        ({"priority_flag": 4}, c.V34, c.ESME_RINVPRTFLG),
        ({"replace_if_present_flag": 2}, c.V34, c.ESME_RINVREPFLAG),
        ({"esm_class": 2}, c.V34, c.ESME_RINVESMCLASS),
        ({"esm_class": 2}, c.V50, 0),
        ({"registered_delivery": 3}, c.V34, c.ESME_RINVREGDLVFLG),
        ({"registered_delivery": 3}, c.V50, 0),
        ({"registered_delivery": 0x11}, c.V34, 0),
    ],
)
def test_values_are_judged_apart_from_reading(fields: dict[str, int], version: int, status: int) -> None:
    octets = encode_pdu(Pdu(c.SUBMIT_SM, fields=submit_fields(**fields)), version)
    assert check_values(decode_pdu(octets, version), version) == status


def test_a_pdu_shows_neither_passwords_nor_texts() -> None:
    shown = repr(decode_pdu(GOLDEN_BIND))
    assert "secret08" not in shown
    assert "bind" not in shown or "command_id" in shown


def test_a_tlv_is_found_by_name_and_typed() -> None:
    pdu = Pdu(c.DELIVER_SM, tlvs=[(0x1401, b"?"), (0x001E, b"17\0"), (0x0427, b"\2"), (0x0423, b"\3\0\x06")])
    assert pdu.tlv("receipted_message_id") == "17"
    assert pdu.tlv("message_state") == 2
    assert pdu.tlv("network_error_code") == b"\3\0\x06"
    assert pdu.tlv("source_port") is None


@pytest.mark.parametrize("payload_supersedes", [False, True])
def test_the_explanation_judges_a_text_in_two_places_as_the_refusal_did(payload_supersedes: bool) -> None:
    fields = submit_fields(esm_class=c.UDHI, short_message=b"\x02\x70\x00Hei")
    octets = encode_pdu(Pdu(c.SUBMIT_SM, 0, 7, fields, [(0x0424, b"no header")]))
    row = Submit()
    status = parse_submit(octets, 0, len(octets), row, c.V34, payload_supersedes)
    assert status == (c.ESME_RINVESMCLASS if payload_supersedes else c.ESME_RINVMSGLEN)
    told = explain_message(octets, c.V34, status, payload_supersedes)
    assert ("user data header" if payload_supersedes else "only one may have it") in told
