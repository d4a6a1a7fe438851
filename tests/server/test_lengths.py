"""What does not fit on the air is refused with count and limit; an alphanumeric sender is cut to 11."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from smsc.engine.mo.length import excess
from smsc.protocol import constants as c
from smsc.protocol.pdu.codec import request
from smsc.protocol.pdu.submit import Submit
from smsc.protocol.pdu.tlv import encode_tlvs
from smsc.protocol.text.data_coding import USUAL
from smsc.testing.server import SmscHandle
from tests.peer import Peer

pytestmark = pytest.mark.loop
Make = Callable[..., SmscHandle]
KARI, OLA = "4790000001", "4790000002"
UDH8, UDH16 = b"\5\0\3\7\2\1", b"\6\x08\4\0\7\2\1"
SAR = [(0x020C, b"\0\1"), (0x020E, b"\2"), (0x020F, b"\1")]


def _utf16(count: int) -> bytes:
    return "ж".encode("utf-16-be") * count


# (data_coding, esm_class, body, TLVs, what is said; "" when it fits)
CASES: dict[str, tuple[int, int, bytes, list[tuple[int, bytes]], str]] = {
    "160 septets": (0, 0, b"x" * 160, [], ""),
    "161 septets": (0, 0, b"x" * 161, [], "161 septets, 160 fit"),
    "an escape pair is two": (0, 0, b"x" * 159 + b"\x1be", [], "161 septets, 160 fit"),
    "UDH + 153": (0, 0x40, UDH8 + b"x" * 153, [], ""),
    "UDH + 154": (0, 0x40, UDH8 + b"x" * 154, [], "154 septets, 153 fit"),
    "wide UDH + 152": (0, 0x40, UDH16 + b"x" * 152, [], ""),
    "wide UDH + 153": (0, 0x40, UDH16 + b"x" * 153, [], "153 septets, 152 fit"),
    "70 UCS2": (8, 0, _utf16(70), [], ""),
    "71 UCS2": (8, 0, _utf16(71), [], "71 UCS2 units, 70 fit"),
    "UDH + 67 UCS2": (8, 0x40, UDH8 + _utf16(67), [], ""),
    "UDH + 68 UCS2": (8, 0x40, UDH8 + _utf16(68), [], "68 UCS2 units, 67 fit"),
    "35 emoji": (8, 0, "😀".encode("utf-16-be") * 35, [], ""),
    "36 emoji": (8, 0, "😀".encode("utf-16-be") * 36, [], "72 UCS2 units, 70 fit"),
    "140 octets": (4, 0, b"\xff" * 140, [], ""),
    "141 octets": (4, 0, b"\xff" * 141, [], "141 octets, 140 fit"),
    "141 octets of 2": (2, 0, b"\xff" * 141, [], "141 octets, 140 fit"),
    "UDH + 135 octets": (4, 0x40, UDH8 + b"\xff" * 135, [], "135 octets, 134 fit"),
    "IA5 in GSM": (1, 0, b"x" * 160, [], ""),
    "Latin-1 in GSM": (3, 0, "æ".encode("latin-1") * 160, [], ""),
    "Latin-1 not in GSM": (3, 0, "þ".encode("latin-1") * 71, [], "71 UCS2 units, 70 fit"),
    "a bracket is two": (3, 0, b"[" * 81, [], "162 septets, 160 fit"),
    "SAR 153": (0, 0, b"x" * 153, SAR, ""),
    "SAR 154": (0, 0, b"x" * 154, SAR, "154 septets, 153 fit"),
    "SAR 68 UCS2": (8, 0, _utf16(68), SAR, "68 UCS2 units, 67 fit"),
    "SAR 135 octets": (4, 0, b"\xff" * 135, SAR, "135 octets, 134 fit"),
    "half a SAR is none": (0, 0, b"x" * 160, SAR[:2], ""),
    "a payload of 255 parts": (0, 0, b"", [(0x0424, b"x" * 153 * 255)], ""),
    "a payload of 256 parts": (0, 0, b"", [(0x0424, b"x" * (153 * 255 + 1))], "fit into 255 parts of 153"),
    "a payload in one": (8, 0, b"", [(0x0424, _utf16(70))], ""),
}


def send(peer: Peer, command: int, to: str, case: str) -> Any:
    coding, esm_class, body, tlvs, _ = CASES[case]
    fields: dict[str, Any] = {"destination_addr": to, "data_coding": coding, "esm_class": esm_class}
    if command == c.DATA_SM:
        if body:
            tlvs = [*tlvs, (0x0424, body)]
    else:
        fields["short_message"] = body
    peer.ask(request(command, tlvs, **fields))
    return peer.pdu()


@pytest.mark.parametrize("case", list(CASES))
def test_what_does_not_fit_is_refused_with_count_and_limit(smsc_server: SmscHandle, case: str) -> None:
    said = CASES[case][4]
    with Peer(smsc_server.host, smsc_server.port) as peer:
        peer.ask(request(c.BIND_TRANSMITTER, system_id=KARI, password="1234", interface_version=0x50))
        assert peer.pdu() is not None
        answer = send(peer, c.SUBMIT_SM, OLA, case)
        assert answer.status == (0x01 if said else 0)
        if said:
            assert said in str(answer.tlv("additional_status_info_text"))
        assert send(peer, c.SUBMIT_SM, "112", case).status == 0  # an emergency is never refused


def test_replace_sm_is_no_way_around(smsc: SmscHandle) -> None:
    with Peer(smsc.host, smsc.port) as kari:
        assert kari.bind(KARI) == 0
        kari.ask(request(c.SUBMIT_SM, destination_addr="4799000007", short_message=b"wait"))
        answer = kari.pdu()
        assert answer is not None
        ident = answer.fields["message_id"]
        for text, status in ((b"a" * 160, 0), (b"a" * 161, 0x01)):
            kari.ask(
                request(
                    c.REPLACE_SM, message_id=ident, source_addr_ton=1, source_addr=KARI, short_message=text
                )
            )
            replaced = kari.pdu()
            assert replaced is not None
            assert replaced.status == status


def test_what_is_not_measured_always_fits() -> None:
    row = Submit()
    for coding in range(256):
        row.data_coding, row.body = coding, b"\xfe" * 66
        row.tlvs = encode_tlvs(SAR)
        assert excess(row, USUAL) == "", coding


@pytest.mark.parametrize("header", [0, 1, 6, 7, 30, 131])
def test_septets_that_are_not_measured_fit_beside_any_header(header: int) -> None:
    """Submission looks closer at 0 only above 160 octets, and above 133 beside a header or SAR TLVs."""
    row = Submit()
    row.body = b"a" * 160
    assert excess(row, USUAL) == ""
    row.esm_class = 0x40
    row.body = bytes((header,)) + bytes(header) + b"a" * (132 - header)
    assert excess(row, USUAL) == ""
    row.tlvs = encode_tlvs(SAR)
    assert excess(row, USUAL) == ""


def test_the_policy_may_let_it_pass(make_smsc: Make) -> None:
    smsc = make_smsc(policy={"too_long": "pass"})
    with Peer(smsc.host, smsc.port) as peer:
        assert peer.bind(KARI) == 0
        assert send(peer, c.SUBMIT_SM, OLA, "161 septets").status == 0
        (message,) = smsc.messages()
        assert len(message.text) == 161


# --- senders --------------------------------------------------------------------------------------


def test_a_sender_of_twelve_characters_arrives_with_eleven(smsc: SmscHandle) -> None:
    with Peer(smsc.host, smsc.port) as skatt, Peer(smsc.host, smsc.port) as ola:
        assert (skatt.bind("skatt", "skatt"), ola.bind(OLA)) == (0, 0)
        fields: dict[str, Any] = {"source_addr": "Skatteetaten", "source_addr_ton": 5}
        skatt.ask(request(c.SUBMIT_SM, destination_addr=OLA, short_message=b"Hei", **fields))
        (delivered,) = ola.deliveries(1)
        assert delivered.fields["source_addr"] == "Skatteetate"
    (message,) = smsc.messages()
    assert message.source == "Skatteetaten"
    cut = [event["detail"] for event in message.timeline if event["event"] == "sender_cut"]
    assert cut == ["Skatteetate"]


def test_a_long_sender_may_be_refused(make_smsc: Make) -> None:
    smsc = make_smsc(policy={"long_sender": "reject"})
    with Peer(smsc.host, smsc.port) as skatt:
        skatt.ask(request(c.BIND_TRANSMITTER, system_id="skatt", password="skatt", interface_version=0x50))
        assert skatt.pdu() is not None
        fields: dict[str, Any] = {"source_addr": "Skatteetaten", "source_addr_ton": 5}
        skatt.ask(request(c.SUBMIT_SM, destination_addr=OLA, short_message=b"Hei", **fields))
        answer = skatt.pdu()
        assert answer is not None
        assert answer.status == 0x0A
        assert "at most 11 characters" in str(answer.tlv("additional_status_info_text"))
