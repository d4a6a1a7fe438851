"""The tables themselves: numbers that the specification fixes and the web gets wrong."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc.protocol import constants as c
from smsc.protocol.pdu import expected, tlv
from smsc.protocol.pdu.fields import Cursor
from smsc.protocol.pdu.layouts import PDUS
from smsc.protocol.states import BOUND_RX, BOUND_TRX, BOUND_TX, OPEN

#: command_status by number [3.4 §5.1.3, 5.0 §4.7.6], typed from there and not from the module.
STATUSES = """
00 ROK, 01 RINVMSGLEN, 02 RINVCMDLEN, 03 RINVCMDID, 04 RINVBNDSTS, 05 RALYBND, 06 RINVPRTFLG,
07 RINVREGDLVFLG, 08 RSYSERR, 0A RINVSRCADR, 0B RINVDSTADR, 0C RINVMSGID, 0D RBINDFAIL,
0E RINVPASWD, 0F RINVSYSID, 11 RCANCELFAIL, 13 RREPLACEFAIL, 14 RMSGQFUL, 15 RINVSERTYP,
33 RINVNUMDESTS, 34 RINVDLNAME, 40 RINVDESTFLAG, 42 RINVSUBREP, 43 RINVESMCLASS, 44 RCNTSUBDL,
45 RSUBMITFAIL, 48 RINVSRCTON, 49 RINVSRCNPI, 50 RINVDSTTON, 51 RINVDSTNPI, 53 RINVSYSTYP,
54 RINVREPFLAG, 55 RINVNUMMSGS, 58 RTHROTTLED, 61 RINVSCHED, 62 RINVEXPIRY, 63 RINVDFTMSGID,
64 RX_T_APPN, 65 RX_P_APPN, 66 RX_R_APPN, 67 RQUERYFAIL, C0 RINVTLVSTREAM, C1 RTLVNOTALLWD,
C2 RINVTLVLEN, C3 RMISSINGTLV, C4 RINVTLVVAL, FE RDELIVERYFAILURE, FF RUNKNOWNERR,
100 RSERTYPUNAUTH, 101 RPROHIBITED, 102 RSERTYPUNAVAIL, 103 RSERTYPDENIED, 104 RINVDCS,
105 RINVSRCADDRSUBUNIT, 106 RINVDSTADDRSUBUNIT, 107 RINVBCASTFREQINT, 108 RINVBCASTALIAS_NAME,
109 RINVBCASTAREAFMT, 10A RINVNUMBCAST_AREAS, 10B RINVBCASTCNTTYPE, 10C RINVBCASTMSGCLASS,
10D RBCASTFAIL, 10E RBCASTQUERYFAIL, 10F RBCASTCANCELFAIL, 110 RINVBCAST_REP, 111 RINVBCASTSRVGRP,
112 RINVBCASTCHANIND
"""

#: command_id of requests [3.4 §5.1.2.1, 5.0 §4.7.5].
COMMANDS = """
01 BIND_RECEIVER, 02 BIND_TRANSMITTER, 03 QUERY_SM, 04 SUBMIT_SM, 05 DELIVER_SM, 06 UNBIND, 07 REPLACE_SM,
08 CANCEL_SM, 09 BIND_TRANSCEIVER, 0B OUTBIND, 15 ENQUIRE_LINK, 21 SUBMIT_MULTI, 102 ALERT_NOTIFICATION,
103 DATA_SM, 111 BROADCAST_SM, 112 QUERY_BROADCAST_SM, 113 CANCEL_BROADCAST_SM
"""


def numbers(table: str) -> dict[str, int]:
    pairs = (row.split() for row in table.split(","))
    return {name: int(number, 16) for number, name in pairs}


def test_every_status_has_the_specifications_number() -> None:
    told = {name: value for name, value in vars(c).items() if name.startswith("ESME_")}
    assert told == {f"ESME_{name}": value for name, value in numbers(STATUSES).items()}
    assert {name: c.status_name(value) for name, value in told.items()} == {name: name for name in told}


@pytest.mark.parametrize(("name", "number"), numbers(COMMANDS).items())
def test_every_command_has_the_specifications_number(name: str, number: int) -> None:
    assert getattr(c, name) == number
    assert c.command_name(number) == name.lower()


def test_reserved_statuses_are_in_no_table() -> None:
    reserved = {0x09, 0x10, 0x12, *range(0x16, 0x33), *range(0x35, 0x40), 0x41, 0x46, 0x47, 0x4A, 0x4B, 0x52}
    reserved |= {0x56, 0x57, 0x59, 0x60, *range(0x68, 0xC0), *range(0xC5, 0xFE)}
    assert not reserved & c.STATUSES.keys()
    assert c.status_name(0x4A) == "0x0000004A"
    assert c.command_name(0x0A) == "0x0000000A"


def test_every_status_of_50_that_a_message_may_meet_has_a_word_in_34() -> None:
    for status in range(0x100, 0x107):
        assert c.status_for(status, c.V34) < 0x100
        assert c.status_for(status, c.V50) == status


@pytest.mark.parametrize(
    ("command", "side", "states"),
    [
        (c.BIND_RECEIVER, "esme", {OPEN}),
        (c.SUBMIT_SM, "esme", {BOUND_TX, BOUND_TRX}),
        (c.SUBMIT_SM, "smsc", set()),
        (c.DELIVER_SM, "smsc", {BOUND_RX, BOUND_TRX}),
        (c.DELIVER_SM, "esme", set()),
        (c.REPLACE_SM, "esme", {BOUND_TX, BOUND_TRX}),
        (c.OUTBIND, "smsc", {OPEN}),
        (c.ALERT_NOTIFICATION, "smsc", {BOUND_RX, BOUND_TRX}),
        (c.RESPONSE | c.DELIVER_SM, "esme", {BOUND_RX, BOUND_TRX}),
        (c.RESPONSE | c.SUBMIT_SM, "smsc", {BOUND_TX, BOUND_TRX}),
    ],
)
def test_who_may_say_what_when(command: int, side: str, states: set[int]) -> None:
    assert getattr(PDUS[command], side) == states


def test_field_sizes() -> None:
    sizes = {field.name: field.size for field in PDUS[c.BIND_TRANSCEIVER].fields}
    assert sizes == {
        "system_id": 16,
        "password": 9,
        "system_type": 13,
        "interface_version": 1,
        "addr_ton": 1,
        "addr_npi": 1,
        "address_range": 41,
    }
    assert {field.name: field.size for field in PDUS[c.DATA_SM].fields}["source_addr"] == 65


def test_every_tlv_that_a_pdu_names_exists() -> None:
    for layout in PDUS.values():
        assert all(name in tlv.BY_NAME for name in (*layout.tlvs, *layout.required)), layout.name
        assert len(set(layout.tlvs)) == len(layout.tlvs), layout.name


def test_tlv_tags_and_names_are_unique() -> None:
    assert len(tlv.BY_TAG) == len(tlv.BY_NAME) == len(tlv.TYPES)


@pytest.mark.parametrize(
    ("command", "version", "table"),
    [
        (c.SUBMIT_SM, c.V34, expected.SUBMIT_34),
        (c.SUBMIT_SM, c.V50, expected.SUBMIT_50),
        (c.DELIVER_SM, c.V34, expected.DELIVER_34),
        (c.DELIVER_SM, c.V50, expected.DELIVER_50),
    ],
)
def test_the_compiled_limits_are_those_of_what_is_expected(command: int, version: int, table: bytes) -> None:
    """What a version does not know, or a PDU does not have, has no length to be wrong [3.4 §3.3]."""
    known = expected.tags(command, version)
    for tag in range(tlv.LIMITS_TAGS):
        row = tlv.BY_TAG[tag] if tag in known else None
        low, high, largest = (row.low, row.high, row.largest) if row else (0, 0xFFFF, 255)
        at = tag * tlv.LIMITS_ROW
        octets = low.to_bytes(2, "big") + high.to_bytes(2, "big") + bytes([largest])
        assert table[at : at + tlv.LIMITS_ROW] == octets


def test_no_tag_is_expected_that_the_compiled_parser_does_not_check(monkeypatch: pytest.MonkeyPatch) -> None:
    assert max(tlv.BY_TAG) < tlv.LIMITS_TAGS, "vendors' TLVs stand in services/tlvs.py"
    monkeypatch.setattr(expected, "tags", lambda command, version: frozenset({tlv.LIMITS_TAGS}))
    with pytest.raises(ValueError, match="TLV 0x1400: lengths are checked below 0x1400 only"):
        expected.limits(c.SUBMIT_SM, c.V34)


PAIRS = st.lists(st.tuples(st.integers(0, 0xFFFF), st.binary(max_size=30)))


@given(PAIRS)
def test_tlvs_come_back(pairs: list[tuple[int, bytes]]) -> None:
    area = tlv.encode_tlvs(pairs)
    assert tlv.split_tlvs(area) == pairs
    assert not area or tlv.split_tlvs(area[:-1]) is None or len(pairs[-1][1]) == 0


@given(st.binary(max_size=60))
def test_any_area_is_tlvs_or_none(area: bytes) -> None:
    pairs = tlv.split_tlvs(area)
    assert pairs is None or tlv.encode_tlvs(pairs) == area


def test_tlv_values_by_name() -> None:
    assert tlv.integer("source_port", 2097) == (0x020A, b"\x08\x31")
    assert tlv.text("receipted_message_id", "x" * 99) == (0x001E, b"x" * 64 + b"\0")
    assert tlv.value_of(0x020A, b"\x08\x31") == 2097
    assert tlv.value_of(0x001D, b"why\0") == "why"
    assert tlv.value_of(0x1500, b"\0") == b"\0"
    assert (tlv.tag_name(0x0424), tlv.tag_name(0x1500)) == ("message_payload", "0x1500")


def test_a_cursor_reads_in_order() -> None:
    cursor = Cursor(b"\1\2abc\0rest", 0, c.V34)
    assert (cursor.integer(2, "n"), cursor.string(4, "s", 1), cursor.take(4, "o")) == (0x0102, "abc", b"rest")


def test_the_console_calls_the_tlvs_by_their_names() -> None:
    """Its script has a short table of its own, for octets that are taken apart in the browser."""
    script = Path(tlv.__file__).parents[2] / "web" / "static" / "console" / "pdufields.js"
    table = script.read_text("utf-8").split("const TLVS = {")[1].split("}")[0]
    found = {int(tag, 16): name for tag, name in re.findall(r'(0x[0-9a-f]{4}): "(\w+)"', table)}
    assert len(found) > 10
    assert found == {tag: tlv.tag_name(tag) for tag in found}
