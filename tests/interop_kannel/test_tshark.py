"""Wireshark's dissector reads every PDU as we do, from the captures that `--trace` writes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from smsc.protocol import constants as c
from smsc.protocol.pdu import tlv
from smsc.protocol.pdu.codec import Pdu, encode_pdu, request
from smsc.protocol.pdu.fields import CString, Destination, DistributionList, Integer, Unsuccess
from smsc.protocol.pdu.layouts import PDUS, PduType
from smsc.server.pcapng import SEGMENT, Conversation, preamble
from tests.interop_kannel.kannel import required
from tests.interop_kannel.tshark import complaints, packets
from tests.peer import Peer
from tests.server.process import ServerProcess

pytestmark = pytest.mark.interop

PORT = 2775
AT = 1_767_225_600_000_000  # 2026-01-01T00:00:00Z in microseconds
#: Our names where Wireshark's differ; None where it splits the octet into bit fields, see SPLIT.
NAMES: dict[str, str | None] = {
    "command_id": "command_id",
    "esm_class": None,
    "registered_delivery": None,
    "sc_interface_version": "SC_interface_version",
    "ms_msg_wait_facilities": None,
    "callback_num_pres_ind": None,
    "alert_on_message_delivery": None,
}
#: Bit fields: Wireshark's name, mask, by our field.
SPLIT = {
    "esm_class": (
        ("esm.submit.msg_mode", 0x03),
        ("esm.submit.msg_type", 0x3C),
        ("esm.submit.features", 0xC0),
    ),
    "registered_delivery": (("regdel.receipt", 0x03), ("regdel.acks", 0x0C), ("regdel.notif", 0x10)),
}
VALUES: dict[str, Any] = {
    "interface_version": 0x34,
    "schedule_delivery_time": "260102030405000+",
    "validity_period": "000001020304000R",
    "final_date": "260102030405004+",
    "short_message": b"Hei",
    "esm_class": 0x80 | 0x08 | 0x01,
    "registered_delivery": 0x1D,
    "data_coding": 8,
    "replace_if_present_flag": 1,
    "message_state": 2,
    "dest_address": [Destination(1, 1, "4790000001"), DistributionList("crew")],
    "unsuccess_sme": [Unsuccess(1, 1, "4790000002", 11)],
}


def filled(layout: PduType, sequence: int) -> Pdu:
    """A PDU with every field and every TLV of its layout, none at its default where that can be."""
    fields: dict[str, Any] = {}
    field: Any
    for number, field in enumerate(layout.fields):
        if field.name in VALUES:
            fields[field.name] = VALUES[field.name]
        elif isinstance(field, Integer):
            fields[field.name] = min(field.largest, number % 3 + 1)
        elif isinstance(field, CString):
            fields[field.name] = f"{field.name[:3]}{number}"[: field.size - 1]
    if "message_payload" in layout.tlvs and "short_message" in fields:
        fields["short_message"] = b""  # the text is in the TLV
    tlvs = []
    for name in layout.tlvs:
        if name in MISREAD:
            continue
        row = tlv.BY_NAME[name]
        if row.kind == tlv.INTEGER:
            value: int | str | bytes = min(row.largest, 1) if row.low < 2 else 258
        elif row.kind == tlv.CSTRING:
            value = "7" * max(1, row.low - 1)
        else:
            value = OCTETS.get(name, bytes(range(1, 1 + max(row.low, min(row.high, 4)))))
        tlvs.append(tlv.integer(name, value) if isinstance(value, int) else tlv.text(name, value))
    return Pdu(layout.command_id, 0, sequence, fields, tlvs)


#: Wireshark 4.0 reads one octet of what SMPP 5.0 gives two, and loses its way in the TLVs behind it.
MISREAD = {"broadcast_rep_num"}
#: Moments, which Wireshark converts, and TLVs without a value of their own in its output.
SHOWN_OTHERWISE = {
    *("schedule_delivery_time", "final_date", "broadcast_end_time", "callback_num", "callback_num_atag"),
}
OCTETS = {
    "network_error_code": b"\x03\x00\x06",
    "message_payload": b"payload",
    "broadcast_end_time": b"260102030405004+",
    "broadcast_area_identifier": b"\x00Oslo",
    "callback_num": b"\x00\x01\x0112345",
}


def wanted_of(name: str) -> list[str]:
    if name in SPLIT:
        return [f"smpp.{part}" for part, _ in SPLIT[name]]
    shown = NAMES.get(name, name)
    return [] if shown is None else [f"smpp.{shown}"]


def same(shown: list[str] | None, value: int | str | bytes) -> bool:
    """Whether Wireshark's word for it, a number, a string or hexadecimal digits, is ours."""
    if shown is None:
        return False
    if isinstance(value, int):
        return int(shown[0], 0) == value
    return shown[0].replace(":", "") == (value.hex() if isinstance(value, bytes) else value)


@pytest.fixture(scope="module")
def known() -> set[str]:
    """The names of the SMPP fields that this tshark has."""
    import subprocess

    (tshark,) = required("tshark")
    lines = subprocess.run([tshark, "-G", "fields"], capture_output=True, text=True, check=True).stdout
    return {row[2] for line in lines.splitlines() if (row := line.split("\t"))[2:3] and row[0] == "F"}


def test_every_kind_of_pdu_with_all_its_fields_and_tlvs(tmp_path: Path, known: set[str]) -> None:
    pdus = [filled(layout, number + 1) for number, layout in enumerate(PDUS.values())]
    talk = Conversation(("127.0.0.1", 50000), ("127.0.0.1", PORT), 1)
    blocks = [preamble("test"), talk.opened(AT)]
    for number, pdu in enumerate(pdus):
        blocks.append(talk.data(not pdu.command_id & c.RESPONSE, encode_pdu(pdu), AT + number))
    capture = tmp_path / "every.pcapng"
    capture.write_bytes(b"".join([*blocks, talk.closed(AT + 1000)]))
    assert complaints(capture, PORT) == ""

    names = {name for pdu in pdus for name in pdu.fields} | {
        name for row in PDUS.values() for name in row.tlvs
    }
    asked = {field for name in names for field in wanted_of(name)} & known
    header = ("smpp.command_length", "smpp.command_id", "smpp.command_status", "smpp.sequence_number")
    lists = ("smpp.dl_name", "smpp.error_status_code", "smpp.message", "smpp.validity_period_r")
    read = packets(capture, PORT, (*header, *lists, *sorted(asked - set(header) - set(lists))))
    assert len(read) == len(pdus)

    compared = 0
    for pdu, row in zip(pdus, read, strict=True):
        octets = encode_pdu(pdu)
        for name, value in zip(header, (len(octets), pdu.command_id, 0, pdu.sequence), strict=True):
            if name == "smpp.command_status" and not pdu.command_id & c.RESPONSE:
                continue  # Wireshark shows it of responses alone
            assert same(row[name], value), (pdu.name, name, row)
        values = {**pdu.fields, **{tlv.tag_name(tag): tlv.value_of(tag, octets) for tag, octets in pdu.tlvs}}
        for name, value in values.items():
            if name == "short_message" and value:
                assert same(row.get("smpp.message"), value), (pdu.name, row)
                compared += 1
            elif name == "dest_address":
                assert row["smpp.dl_name"] == ["crew"]
                assert row["smpp.destination_addr"] == ["4790000001"]
                compared += 2
            elif name == "unsuccess_sme":
                assert int(row["smpp.error_status_code"][0], 0) == 11
                compared += 1
            elif name == "validity_period":
                assert float(row["smpp.validity_period_r"][0]) == 86_400 + 2 * 3_600 + 3 * 60 + 4
                compared += 1
            elif name in SPLIT:
                for part, mask in SPLIT[name]:
                    shown = int(row[f"smpp.{part}"][0], 0)
                    low = mask & -mask
                    assert shown in (value & mask, (value & mask) // low), (pdu.name, part, shown)
                    compared += 1
            elif (
                (field := f"smpp.{NAMES.get(name, name)}") in row
                and "time" not in name
                and name != "final_date"
            ):
                if name.startswith("callback") or not isinstance(value, int | str | bytes):
                    continue
                assert same(row[field], value), (pdu.name, name, row[field], value)
                compared += 1
    assert compared > 250, compared


def test_a_whole_session_with_a_server_that_traces(tmp_path: Path) -> None:
    required("tshark")
    capture = tmp_path / "trace.pcapng"
    server = ServerProcess(tmp_path, "--store", "memory:", "--trace", str(capture))
    host, _, text = server.smpp_address.rpartition(":")
    port = int(text)
    try:
        with Peer(host, port) as peer:
            said = converse(peer, server)
    finally:
        assert server.stop() == 0, server.log.read_text()
    assert complaints(capture, port) == ""
    fields = ("smpp.command_id", "smpp.command_status", "smpp.sequence_number")
    seen = []
    for row in packets(capture, port, fields):
        statuses = iter(row.get("smpp.command_status", []))  # Wireshark shows it of responses alone
        commands, sequences = ([int(value, 0) for value in row[name]] for name in (fields[0], fields[2]))
        for command, sequence in zip(commands, sequences, strict=True):
            seen.append((command, int(next(statuses), 0) if command & c.RESPONSE else 0, sequence))
    assert sorted(seen) == sorted(said)  # but for the command that does not exist
    assert {command & ~c.RESPONSE for command, _, _ in seen} >= {
        *(c.BIND_TRANSCEIVER, c.SUBMIT_SM, c.DELIVER_SM, c.QUERY_SM, c.CANCEL_SM, c.REPLACE_SM),
        *(c.DATA_SM, c.SUBMIT_MULTI, c.ENQUIRE_LINK, c.UNBIND, c.GENERIC_NACK & ~c.RESPONSE),
    }


def converse(peer: Peer, server: ServerProcess) -> list[tuple[int, int, int]]:
    """Everything that an ESME can ask, and what comes back, as (command, status, sequence)."""
    source: dict[str, Any] = {"source_addr": "4790000001"}
    to: dict[str, Any] = {"dest_addr_ton": 1, "dest_addr_npi": 1, "destination_addr": "4790000002"}
    requests = [
        request(c.BIND_TRANSCEIVER, system_id="4790000001", password="1234", interface_version=0x50),
        request(
            c.SUBMIT_SM,
            **{**to, "destination_addr": "4790000001"},
            short_message=b"Hei",
            registered_delivery=1,
        ),
        request(c.SUBMIT_SM, [(0x0424, b"x" * 1000), (0x1400, b"vendor")], **to, registered_delivery=17),
        request(c.SUBMIT_SM, **{**to, "destination_addr": "4722334455"}, short_message=b"Hei"),
        request(c.QUERY_SM, message_id="100000001", **source),
        request(c.CANCEL_SM, message_id="100000001", **source),
        request(c.REPLACE_SM, message_id="100000001", short_message=b"Hopp", **source),
        request(c.DATA_SM, [(0x0424, b"Hei")], **to),
        request(c.SUBMIT_MULTI, dest_address=[Destination(1, 1, "4790000002")], short_message=b"Hei"),
        request(c.ENQUIRE_LINK),
    ]
    said: list[tuple[int, int, int]] = []
    owed: set[int] = set()

    def hear() -> None:
        pdu = peer.pdu()
        assert pdu is not None
        said.append((pdu.command_id, pdu.status, pdu.sequence))
        if pdu.command_id & c.RESPONSE:
            owed.discard(pdu.sequence)
        else:
            tell(Pdu(c.RESPONSE | pdu.command_id, 0, pdu.sequence), pdu.sequence)

    def tell(pdu: Pdu, sequence: int) -> None:
        pdu.sequence = sequence
        peer.send(encode_pdu(pdu))
        said.append((pdu.command_id, 0, sequence))

    for sequence, pdu in enumerate(requests, 1):
        tell(pdu, sequence)
        owed.add(sequence)
        while owed:
            hear()
    peer.send((16).to_bytes(4, "big") + b"\0\0\1\0" + bytes(4) + (90).to_bytes(4, "big"))  # no such command
    while (c.GENERIC_NACK, c.ESME_RINVCMDID, 90) not in said:
        hear()
    while not [one for one in said if one[0] == c.DELIVER_SM]:
        hear()
    tell(request(c.UNBIND), 99)
    owed.add(99)
    while owed:
        hear()
    return said


def test_ipv6_and_long_data(tmp_path: Path) -> None:
    talk = Conversation(("::1", 50000), ("10.0.0.1", PORT), 7)
    pdu = encode_pdu(request(c.SUBMIT_SM, [(0x0424, b"x" * 60_000)], destination_addr="4790000001"))
    capture = tmp_path / "six.pcapng"
    capture.write_bytes(preamble("test") + talk.opened(AT) + talk.data(True, pdu, AT) + talk.closed(AT))
    assert len(pdu) > 3 * SEGMENT
    assert complaints(capture, PORT) == ""
    (row,) = packets(capture, PORT, ("smpp.command_length", "ipv6.dst"))
    assert int(row["smpp.command_length"][0], 0) == len(pdu)
    assert row["ipv6.dst"] == ["::ffff:10.0.0.1"]
