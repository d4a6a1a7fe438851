"""The row parser and builder of submit_sm against the table-driven codec, and against hostile octets."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smsc.protocol import constants as c
from smsc.protocol.pdu.codec import Pdu, PduError, check_values, decode_pdu, encode_pdu
from smsc.protocol.pdu.layouts import PDUS
from smsc.protocol.pdu.submit import Submit, find_tlv, parse_submit, put_message, put_response
from smsc.protocol.pdu.tlv import MESSAGE_PAYLOAD, encode_tlvs
from tests.conftest import examples
from tests.protocol.helpers import OCTET, any_pdu, decoded, frame, message, pdu, row_values, submit_fields

MESSAGES = (PDUS[c.SUBMIT_SM], PDUS[c.DELIVER_SM])
VERSIONS = st.sampled_from((c.V33, c.V34, c.V50))


def parsed(octets: bytes, version: int = c.V34, *, supersedes: bool = False) -> Submit:
    row = Submit()
    assert parse_submit(octets, 0, len(octets), row, version, supersedes) == row.status
    return row


def as_number(address: str) -> int:
    return int(address) if address.isascii() and address.isdigit() and len(address) <= 18 else -1


def agrees(row: Submit, read: Pdu) -> None:
    fields = read.fields
    assert row.service_type == fields["service_type"].encode("latin-1")
    for side, name in (("source", "source"), ("dest", "destination")):
        address = fields[f"{name}_addr"]
        number = as_number(address)
        assert getattr(row, side) == number
        assert getattr(row, f"{side}_length") == len(address)
        assert getattr(row, f"{side}_text") == (b"" if number >= 0 else address.encode("latin-1"))
        assert getattr(row, f"{side}_ton") == fields[f"{side}_addr_ton"]
        assert getattr(row, f"{side}_npi") == fields[f"{side}_addr_npi"]
    assert (row.esm_class, row.protocol_id, row.priority) == (
        fields["esm_class"],
        fields["protocol_id"],
        fields["priority_flag"],
    )
    assert row.schedule == fields["schedule_delivery_time"].encode("latin-1")
    assert row.validity == fields["validity_period"].encode("latin-1")
    assert (row.registered_delivery, row.replace_if_present, row.data_coding, row.default_msg_id) == (
        fields["registered_delivery"],
        fields["replace_if_present_flag"],
        fields["data_coding"],
        fields["sm_default_msg_id"],
    )
    assert row.body == (fields["short_message"] if not row.payload else row.body)
    assert row.tlvs == encode_tlvs(read.tlvs)
    assert row.sequence == read.sequence


@given(any_pdu(MESSAGES), VERSIONS)
def test_the_row_says_what_the_codec_says(sent: Pdu, version: int) -> None:
    octets = encode_pdu(sent)
    row = parsed(octets, version)
    read = decode_pdu(octets, version)
    expected = check_values(read, version) if sent.command_id == c.SUBMIT_SM else 0
    udhi = sent.command_id == c.SUBMIT_SM and read.fields["esm_class"] & 0x40
    if udhi and not expected:
        body = read.fields["short_message"]
        expected = 0 if body and body[0] < len(body) else c.ESME_RINVESMCLASS
    if expected:
        assert row.status != 0
    else:
        assert row.status == 0
        agrees(row, read)


@given(any_pdu(MESSAGES), st.data(), VERSIONS)
@settings(max_examples=examples(200))
def test_damage_gets_the_same_verdict_from_row_and_codec(
    sent: Pdu, data: st.DataObject, version: int
) -> None:
    octets = bytearray(encode_pdu(sent))
    for _ in range(data.draw(st.integers(0, 3))):
        octets[data.draw(st.integers(16, len(octets) - 1))] = data.draw(OCTET)
    octets = octets[: data.draw(st.integers(16, len(octets)))]
    octets[0:4] = len(octets).to_bytes(4, "big")
    row = parsed(bytes(octets), version)
    read = decoded(bytes(octets), version)
    if isinstance(read, PduError):
        # Both name the first fault, but the row of a submit_sm judges values on its way.
        assert row.status == read.status or (row.status and sent.command_id == c.SUBMIT_SM)
    elif sent.command_id == c.DELIVER_SM:
        assert row.status == 0
        agrees(row, read)


@given(st.binary(max_size=300), VERSIONS, st.booleans())
def test_any_body_leaves_a_status_and_never_raises(body: bytes, version: int, supersedes: bool) -> None:
    for command in (c.SUBMIT_SM, c.DELIVER_SM):
        octets = (16 + len(body)).to_bytes(4, "big") + command.to_bytes(4, "big") + bytes(8) + body
        assert parsed(octets, version, supersedes=supersedes).status in (0, *c.STATUSES)


ADDRESSES = st.one_of(
    st.integers(0, 10**18 - 1).map(lambda number: {"number": number, "length": 0, "text": b""}),
    st.text("0123456789", min_size=1, max_size=18).map(
        lambda digits: {"number": int(digits), "length": len(digits), "text": b""}
    ),
    st.binary(max_size=20)
    .map(lambda text: text.replace(b"\0", b"x"))
    .filter(lambda text: not (text.isdigit() and len(text) <= 18))
    .map(lambda text: {"number": -1, "length": len(text), "text": text}),
)


@given(
    source=ADDRESSES,
    dest=ADDRESSES,
    service_type=st.sampled_from((b"", b"CMT", b"WAP", b"12345")),
    octets=st.tuples(*[OCTET] * 7),
    body=st.binary(max_size=400),
    times=st.tuples(*[st.sampled_from((b"", b"000001000000000R"))] * 2),
    tlvs=st.lists(st.tuples(st.integers(0x1400, 0x3FFF), st.binary(max_size=9)), max_size=3),
    sequence=st.integers(1, 0x7FFFFFFF),
)
def test_a_row_that_is_sent_is_read_back(
    source: dict[str, Any],
    dest: dict[str, Any],
    service_type: bytes,
    octets: tuple[int, ...],
    body: bytes,
    times: tuple[bytes, bytes],
    tlvs: list[tuple[int, bytes]],
    sequence: int,
) -> None:
    row = Submit()
    row.source, row.source_length, row.source_text = source["number"], source["length"], source["text"]
    row.dest, row.dest_length, row.dest_text = dest["number"], dest["length"], dest["text"]
    row.service_type, row.body, row.tlvs = service_type, body, encode_tlvs(tlvs)
    row.schedule, row.validity = times
    (
        row.source_ton,
        row.source_npi,
        row.dest_ton,
        row.dest_npi,
        row.esm_class,
        row.protocol_id,
        row.data_coding,
    ) = octets
    buffer = bytearray(3 + 128 + len(body) + len(row.tlvs))
    end = put_message(buffer, 3, row, c.DELIVER_SM, sequence, c.V34)
    read = parsed(bytes(buffer[3:end]))
    assert read.status == 0
    expected = row_values(row) | {"sequence": sequence, "payload": len(body) > 254}
    for side, address in (("source", source), ("dest", dest)):
        digits = str(address["number"]) if address["number"] >= 0 else ""
        expected[f"{side}_length"] = address["length"] or len(digits)
        if address["number"] >= 0 and address["length"]:
            assert len(digits) <= address["length"]
    assert row_values(read) == expected
    assert decode_pdu(bytes(buffer[3:end])).command_id == c.DELIVER_SM


def test_leading_zeros_are_counted_not_lost() -> None:
    row = parsed(pdu(c.SUBMIT_SM, destination_addr="004790000002"))
    assert (row.dest, row.dest_length, row.dest_text) == (4790000002, 12, b"")


@pytest.mark.parametrize(
    "address", ["+4790000002", "Skatteetaten", "47 90", "1234567890123456789", "4790000002\xb2"]
)
def test_what_is_not_plain_digits_is_kept_as_text(address: str) -> None:
    row = parsed(pdu(c.SUBMIT_SM, source_addr=address))
    assert (row.source, row.source_length, row.source_text) == (-1, len(address), address.encode("latin-1"))


def test_an_empty_address_is_no_number() -> None:
    row = parsed(pdu(c.SUBMIT_SM, source_addr=""))
    assert (row.source, row.source_length, row.source_text) == (-1, 0, b"")


def test_eighteen_digits_are_a_number() -> None:
    assert parsed(pdu(c.SUBMIT_SM, source_addr="999999999999999999")).source == 10**18 - 1


def test_a_reused_row_forgets_what_was_in_it() -> None:
    row = Submit()
    first = pdu(
        c.SUBMIT_SM,
        5,
        [(0x1500, b"x")],
        source_addr="Shop",
        validity_period="000001000000000R",
        esm_class=0x80,
        protocol_id=1,
        priority_flag=1,
        registered_delivery=1,
        replace_if_present_flag=1,
        data_coding=8,
        sm_default_msg_id=1,
    )
    parse_submit(first, 0, len(first), row, c.V34, False)
    row.status, row.answer, row.message_id, row.note = 8, 1, 99, b"why"
    for second in (pdu(c.SUBMIT_SM, 6, short_message=b""), frame(c.SUBMIT_SM, b"", 7)):
        parse_submit(second, 0, len(second), row, c.V34, False)
        fresh = parsed(second)
        assert row_values(row) == row_values(fresh)
        assert (row.answer, row.message_id, row.note) == (0, 0, b"")


@pytest.mark.parametrize(
    ("text", "version", "supersedes", "status", "body"),
    [
        (b"", c.V34, False, 0, b"payload"),
        (b"text", c.V34, False, c.ESME_RINVMSGLEN, None),
        (b"text", c.V34, True, 0, b"payload"),
        (b"text", c.V50, False, 0, b"payload"),
    ],
)
def test_payload_and_short_message(
    text: bytes, version: int, supersedes: bool, status: int, body: bytes | None
) -> None:
    tlvs = [(0x1500, b"a"), (MESSAGE_PAYLOAD, b"payload"), (0x1501, b"b")]
    row = parsed(pdu(c.SUBMIT_SM, 1, tlvs, short_message=text), version, supersedes=supersedes)
    assert row.status == status
    if body is not None:
        assert (row.body, row.payload) == (body, True)
        assert row.tlvs == encode_tlvs([tlvs[0], tlvs[2]])


def test_an_empty_payload_leaves_the_short_message() -> None:
    row = parsed(pdu(c.SUBMIT_SM, 1, [(MESSAGE_PAYLOAD, b"")]))
    assert (row.status, row.body, row.payload, row.tlvs) == (0, b"Hei", False, b"")


def test_find_tlv() -> None:
    area = encode_tlvs([(0x1500, b"a"), (0x0204, b"\0\1"), (0x0204, b"\0\2"), (0x1501, b"")])
    assert find_tlv(area, 0x0204) == b"\0\1"
    assert find_tlv(area, 0x1501) == b""
    assert find_tlv(area, 0x0005) is None
    assert find_tlv(b"", 0x0005) is None
    for truncated in (b"\x02\x04\x00\x09abc", b"\x02\x04\x00", b"\x02"):
        assert find_tlv(truncated, 0x0204) is None
        assert find_tlv(area + truncated, 0x0005) is None
        assert find_tlv(encode_tlvs([(0x1500, b"abcdefghi")]) + truncated, 0x0204) is None


@pytest.mark.parametrize(
    ("version", "kept"),
    [(c.V33, []), (c.V34, [0x0204, 0x1500]), (c.V50, [0x0428, 0x0204, 0x060D, 0x1500])],
)
def test_a_peer_gets_the_tlvs_of_its_version(version: int, kept: list[int]) -> None:
    tlvs = [(0x0428, b"\x50"), (0x0204, b"\0\1"), (0x060D, b"242010\0"), (0x1500, b"x")]
    row = message(tlvs=encode_tlvs(tlvs))
    buffer = bytearray(300)
    end = put_message(buffer, 0, row, c.DELIVER_SM, 1, version)
    assert [tag for tag, _ in decode_pdu(bytes(buffer[:end])).tlvs] == kept


def test_a_long_tlv_does_not_hide_what_stands_behind_it() -> None:
    row, buffer = message(), bytearray(2_000)
    row.tlvs = encode_tlvs([(0x0428, b"x"), (0x1500, b"a" * 0x0302), (0x0600, b"y"), (0x0204, b"\0\1")])
    end = put_message(buffer, 0, row, c.DELIVER_SM, 1, c.V34)
    assert [(tag, len(value)) for tag, value in decode_pdu(bytes(buffer[:end])).tlvs] == [
        (0x1500, 770),
        (0x0204, 2),
    ]


@given(st.integers(0, 2**63 - 1), st.integers(0, 2**31 - 1))
def test_a_message_id_is_written_in_decimal(message_id: int, sequence: int) -> None:
    buffer = bytearray(48)
    end = put_response(buffer, 0, c.RESPONSE | c.SUBMIT_SM, 0, sequence, message_id, -1)
    expected = {"message_id": str(message_id) if message_id else ""}
    assert decode_pdu(bytes(buffer[:end])) == Pdu(c.RESPONSE | c.SUBMIT_SM, 0, sequence, expected)


@pytest.mark.parametrize(
    ("size", "payload", "inside"), [(254, False, True), (255, False, False), (9, True, False)]
)
def test_what_does_not_fit_short_message_travels_as_payload(size: int, payload: bool, inside: bool) -> None:
    row = message(body=b"x" * size, payload=payload, tlvs=encode_tlvs([(0x1500, b"a")]))
    buffer = bytearray(128 + size + len(row.tlvs))
    end = put_message(buffer, 0, row, c.SUBMIT_SM, 1, c.V34)
    sent = decode_pdu(bytes(buffer[:end]))
    assert (sent.fields["short_message"] == row.body) is inside
    assert sent.tlv("message_payload") == (None if inside else row.body)
    read = parsed(bytes(buffer[:end]))
    assert (read.status, read.body, read.payload, read.tlvs) == (0, row.body, not inside, row.tlvs)


def test_a_field_that_does_not_fit_is_the_callers_fault() -> None:
    for fault in (
        {"service_type": b"123456"},
        {"source": -1, "source_text": b"x" * 21},
        {"dest_length": 21},
        {"body": b"x" * 65536},
        {"validity": b"x" * 17},
    ):
        with pytest.raises(ValueError, match="longer than SMPP allows"):
            put_message(bytearray(100_000), 0, message(**fault), c.SUBMIT_SM, 1, c.V34)


def test_unknown_attributes_are_refused_by_both_builds() -> None:
    with pytest.raises(AttributeError):
        Submit().sorce = 1  # type: ignore[attr-defined]


def test_submit_fields_name_every_field_of_the_codec() -> None:
    assert submit_fields().keys() <= {field.name for field in MESSAGES[0].fields}
