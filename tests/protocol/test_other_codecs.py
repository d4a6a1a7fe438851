"""Agreement with the codecs of smpplib and aiosmpplib, whose own faults are listed with the clause they
break."""

import struct
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from aiosmpplib import protocol as aio
from aiosmpplib.state import NPI, TON, OptionalParam, PhoneNumber, SmppCommandStatus
from hypothesis import given
from hypothesis import strategies as st
from smpplib import smpp as smpplib

from smsc.protocol import constants as c
from smsc.protocol.pdu import tlv
from smsc.protocol.pdu.codec import Pdu, decode_pdu, encode_pdu
from smsc.protocol.pdu.fields import CString, Integer, ShortMessage, Time
from smsc.protocol.pdu.layouts import PDUS
from smsc.protocol.smpptime import EPOCH, QUARTER_HOUR, absolute, read_time, relative
from smsc.protocol.text.receipt_text import build, parse
from tests.protocol.helpers import SEQUENCES, submit_fields

ASCII = st.characters(min_codepoint=33, max_codepoint=126)
#: smpplib knows these, and of their fields it spells one otherwise.
KNOWN_TO_SMPPLIB = (
    *(
        "bind_transmitter",
        "bind_receiver",
        "bind_transceiver",
        "submit_sm",
        "deliver_sm",
        "data_sm",
        "query_sm",
    ),
    *("submit_sm_resp", "deliver_sm_resp", "data_sm_resp", "query_sm_resp", "unbind", "unbind_resp"),
    *("enquire_link", "enquire_link_resp", "generic_nack", "alert_notification"),
    *("bind_transmitter_resp", "bind_receiver_resp", "bind_transceiver_resp"),
)
BY_NAME = {layout.name: layout for layout in PDUS.values()}


def plain(field: object) -> st.SearchStrategy[object]:
    """Values that smpplib can hold: it knows neither octets above ASCII nor addresses of 65 octets."""
    if isinstance(field, Integer):
        # interface_version is fixed by smpplib whatever it is told.
        return st.just(c.V34) if field.name == "interface_version" else st.integers(0, 255)
    if isinstance(field, ShortMessage):
        return st.binary(max_size=254)
    if isinstance(field, Time):
        return st.just("") | st.text("0123456789", min_size=15, max_size=15).map(lambda digits: digits + "R")
    assert isinstance(field, CString)
    least = 1 if field.name == "message_id" else 0
    return st.text(ASCII, min_size=least, max_size=min(field.size, 21) - 1)


@st.composite
def pdu_of(draw: st.DrawFn, names: tuple[str, ...]) -> Pdu:
    layout = BY_NAME[draw(st.sampled_from(names))]
    fields = {field.name: draw(plain(field)) for field in layout.fields}
    return Pdu(layout.command_id, 0, draw(SEQUENCES), fields)


def of_smpplib(pdu: Pdu) -> Any:
    made = smpplib.make_pdu(pdu.name, sequence=1)
    made.sequence = pdu.sequence
    for name, value in pdu.fields.items():
        setattr(made, name, value)
    return made


@given(pdu_of(KNOWN_TO_SMPPLIB))
def test_smpplib_writes_what_we_write(pdu: Pdu) -> None:
    assert of_smpplib(pdu).generate() == encode_pdu(pdu)


@given(pdu_of(KNOWN_TO_SMPPLIB))
def test_smpplib_reads_what_we_write(pdu: Pdu) -> None:
    read = smpplib.parse_pdu(encode_pdu(pdu), sequence=1)
    assert (read.command, read.status, read.sequence) == (pdu.name, pdu.status, pdu.sequence)
    for name, value in pdu.fields.items():
        expected = value.encode() if isinstance(value, str) else value
        assert getattr(read, name) == expected or (expected == b"" and getattr(read, name) is None)


SMPPLIB_TLVS = [
    ("user_message_reference", 0xBEEF),
    ("source_port", 2097),
    ("destination_port", 16000),
    ("dest_addr_subunit", 1),
    ("sar_msg_ref_num", 513),
    ("sar_total_segments", 3),
    ("sar_segment_seqnum", 2),
    ("more_messages_to_send", 1),
    ("payload_type", 0),
    ("privacy_indicator", 3),
    ("user_response_code", 7),
    ("display_time", 2),
    ("sms_signal", 258),
    ("ms_msg_wait_facilities", 0x81),
    ("number_of_messages", 99),
    ("language_indicator", 1),
    ("its_reply_type", 8),
    ("ussd_service_op", 2),
]


@pytest.mark.parametrize(("name", "value"), SMPPLIB_TLVS, ids=[name for name, _ in SMPPLIB_TLVS])
def test_smpplib_writes_the_same_integer_tlvs(name: str, value: int) -> None:
    made = of_smpplib(Pdu(c.SUBMIT_SM, 0, 1, submit_fields()))
    setattr(made, name, value)
    read = decode_pdu(made.generate())
    assert read.tlvs == [tlv.integer(name, value)]
    assert read.tlv(name) == value


def test_smpplib_reads_a_receipts_tlvs() -> None:
    tlvs = [tlv.text("receipted_message_id", "17"), tlv.integer("message_state", 2), (0x0423, b"\3\0\6")]
    read = smpplib.parse_pdu(encode_pdu(Pdu(c.DELIVER_SM, 0, 1, submit_fields(), tlvs)), sequence=1)
    assert (read.receipted_message_id, read.message_state, read.network_error_code) == (b"17", 2, b"\3\0\6")


def test_known_fault_of_smpplib_source_addr_subunit_has_two_octets() -> None:
    """3.4 §5.3.2.2 has one. Such a submit_sm is RINVTLVLEN here."""
    made = of_smpplib(Pdu(c.SUBMIT_SM, 0, 1, submit_fields()))
    made.source_addr_subunit = 1
    assert made.generate().endswith(bytes.fromhex("000d 0002 0001"))


def test_known_fault_of_smpplib_unknown_tlvs_raise() -> None:
    """3.4 §3.3: ignore and go on. So no vendor TLV goes to a peer that did not send one first."""
    octets = encode_pdu(Pdu(c.DELIVER_SM, 0, 1, submit_fields(), [(0x1400, b"x")]))
    with pytest.raises(Exception, match="Unknown SMPP command code"):
        smpplib.parse_pdu(octets, sequence=1)


# -- aiosmpplib
# ------------------------------------------------------------------------------------------------------

NUMBERS = st.builds(
    PhoneNumber,
    st.text("0123456789", min_size=1, max_size=15),
    st.sampled_from(list(TON)),
    st.sampled_from(list(NPI)),
)


@given(
    kind=st.sampled_from((aio.SubmitSm, aio.DeliverSm)),
    sequence=st.integers(1, 2**31 - 1),
    text=st.text("abcæøåÆØÅ@€[]", min_size=1, max_size=70) | st.text("абвгд😀", min_size=1, max_size=30),
    source=NUMBERS,
    destination=NUMBERS,
    octets=st.tuples(*[st.integers(0, 255)] * 4),
    reference=st.integers(0, 65535),
)
def test_aiosmpplib_and_we_read_one_another(
    kind: Any,
    sequence: int,
    text: str,
    source: PhoneNumber,
    destination: PhoneNumber,
    octets: tuple[int, int, int, int],
    reference: int,
) -> None:
    protocol_id, priority, replace, default = octets
    theirs = kind(
        sequence_num=sequence,
        short_message=text,
        source=source,
        destination=destination,
        service_type="CMT",
        protocol_id=protocol_id,
        priority_flag=priority,
        registered_delivery=1,
        replace_if_present_flag=replace,
        sm_default_msg_id=default,
        validity_period=timedelta(hours=3),
        optional_params=[OptionalParam(0x0204, reference), OptionalParam(0x001E, "abc")],
    )
    theirs.set_encoding_info("gsm0338", None)
    octets_ = theirs.pdu()
    ours = decode_pdu(octets_)
    assert ours.fields["source_addr"] == source.number
    assert (ours.fields["dest_addr_ton"], ours.fields["dest_addr_npi"]) == (destination.ton, destination.npi)
    assert ours.fields["validity_period"] == relative(3 * 3_600_000)
    assert ours.tlvs == [
        tlv.integer("user_message_reference", reference),
        tlv.text("receipted_message_id", "abc"),
    ]
    assert encode_pdu(ours) == octets_
    back = kind.from_pdu(octets_, aio.SmppMessage.parse_header(octets_), "gsm0338")
    assert (back.short_message, back.service_type) == (text, "CMT")


def test_aiosmpplib_reads_a_refusal_and_a_success() -> None:
    for status, fields, message_id in ((0, {"message_id": "12"}, "12"), (c.ESME_RTHROTTLED, {}, "")):
        octets = encode_pdu(Pdu(0x80000004, status, 5, fields))
        read = aio.SubmitSmResp.from_pdu(octets, aio.SmppMessage.parse_header(octets))
        assert (read.message_id, read.command_status) == (message_id, SmppCommandStatus(status))


def test_aiosmpplib_reads_our_bind_resp() -> None:
    tlvs = [tlv.integer("sc_interface_version", c.V34)]
    octets = encode_pdu(Pdu(0x80000009, 0, 5, {"system_id": "smsc"}, tlvs))
    read = aio.BindTransceiverResp.from_pdu(octets, aio.SmppMessage.parse_header(octets))
    assert (read.system_id, read.sc_interface_version) == ("smsc", c.V34)


def test_aiosmpplib_reads_our_receipt_and_we_theirs() -> None:
    text = build(b"17", c.DELIVERED, b"2601011200", b"2601011201", 0, b"Hei")
    fields = submit_fields(esm_class=c.TYPE_RECEIPT, short_message=text)
    octets = encode_pdu(Pdu(c.DELIVER_SM, 0, 1, fields, [tlv.text("receipted_message_id", "17")]))
    read = aio.DeliverSm.from_pdu(octets, aio.SmppMessage.parse_header(octets), "gsm0338").parse_receipt()
    assert (read["id"], read["stat"], read["err"], read["text"]) == ("17", "DELIVRD", 0, "Hei")
    assert read["submit date"] == datetime(2026, 1, 1, 12, 0)
    ours = parse(aio.DeliverSm.encode_receipt(read))
    assert (ours.id, ours.stat, ours.dlvrd, ours.done) == ("17", "DELIVRD", 1, "2601011201")


@pytest.mark.parametrize("hours", [0, 1, 2, 12])
def test_aiosmpplib_writes_the_same_absolute_time(hours: int) -> None:
    moment = datetime(2026, 7, 1, 12, 30, 5, 200_000, timezone(timedelta(hours=hours)))
    theirs = aio.SubmitSm.datetime_to_smpp_time(moment)
    now = (moment - EPOCH) // timedelta(milliseconds=1)
    assert absolute(now, 4 * hours) == theirs
    assert read_time(theirs, 0) == now


def test_known_fault_of_aiosmpplib_west_of_greenwich() -> None:
    """3.4 §7.1.1.1: nn counts the quarter-hours of the difference; five hours west are 20, not 76."""
    moment = datetime(2026, 7, 1, 12, tzinfo=timezone(timedelta(hours=-5)))
    assert aio.SubmitSm.datetime_to_smpp_time(moment)[13:] == "76-"
    now = (moment - EPOCH) // timedelta(milliseconds=1)
    assert absolute(now, -20)[13:] == "20-"
    assert read_time(absolute(now, -20), 0) == now


def test_known_fault_of_aiosmpplib_absolute_years_are_of_the_first_century() -> None:
    """3.4 App. C: 26 is 2026."""
    assert aio.SubmitSm.smpp_time_to_datetime("260701120000000+").year == 26
    assert read_time("260701120000000+", 0) == (
        datetime(2026, 7, 1, 12, tzinfo=EPOCH.tzinfo) - EPOCH
    ).days * 86_400_000 + (48 * QUARTER_HOUR)


def test_known_fault_of_aiosmpplib_sixteen_bit_references() -> None:
    """23.040 §9.2.3.24.8: the reference has two octets; four are read, the counts among them."""
    body = bytes.fromhex("06 08 04 0102 02 01") + b"Hei"
    octets = encode_pdu(Pdu(c.DELIVER_SM, 0, 1, submit_fields(esm_class=0x40, short_message=body)))
    read = aio.DeliverSm.from_pdu(octets, aio.SmppMessage.parse_header(octets), "gsm0338")
    assert read.get_segmentation_data()[0] == struct.unpack(">I", bytes.fromhex("0102 02 01"))[0]


def test_known_fault_of_aiosmpplib_an_empty_message_raises() -> None:
    """3.4 §5.2.21: sm_length 0 is legal."""
    octets = encode_pdu(Pdu(c.DELIVER_SM, 0, 1, submit_fields(short_message=b"")))
    with pytest.raises(ValueError, match="must be specified"):
        aio.DeliverSm.from_pdu(octets, aio.SmppMessage.parse_header(octets), "gsm0338")
