"""Nothing is refused in silence: each refusal is in the metric, in an event, and in the log."""

from __future__ import annotations

import contextlib
import logging
import queue
import re
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from smsc import reasons
from smsc.protocol import constants as c
from smsc.protocol.pdu.codec import Pdu, encode_pdu, pdu_octets, request
from smsc.protocol.pdu.fields import Destination, DistributionList
from smsc.reasons import REASONS
from smsc.testing.server import SmscHandle
from tests.peer import Peer

Make = Callable[..., SmscHandle]
KARI, OLA, AWAY = "4790000001", "4790000002", "4799000007"


class Watch:
    """Everything that an SMSC tells, and its metrics."""

    def __init__(self, smsc: SmscHandle) -> None:
        self.smsc = smsc
        self.events: queue.Queue[dict[str, Any]] = queue.Queue()
        smsc.server.control.subscribe(self.events.put)

    def expect(self, event: str, reason: str) -> dict[str, Any]:
        """The next event of that name; it must have the reason."""
        while True:
            told = self.events.get(timeout=10)
            if told["event"] == event:
                assert told["reason"] == reason, told
                return told

    def metric(self, family: str, reason: str) -> float:
        text = httpx.get(f"{self.smsc.url}/metrics", trust_env=False).text
        found = re.search(rf'^smsc_{family}\{{reason="{reason}"\}} (\S+)$', text, re.MULTILINE)
        return float(found[1]) if found else 0.0


@pytest.fixture
def watch(smsc: SmscHandle) -> Watch:
    return Watch(smsc)


@contextlib.contextmanager
def bound(smsc: SmscHandle, name: str = KARI, password: str = "1234", version: int = 0x50) -> Iterator[Peer]:
    with Peer(smsc.host, smsc.port) as peer:
        pdu = request(c.BIND_TRANSCEIVER, system_id=name, password=password, interface_version=version)
        peer.ask(pdu)
        answer = peer.pdu()
        assert answer is not None
        assert answer.status == 0
        yield peer


def submit(**fields: Any) -> Pdu:
    given = {"destination_addr": OLA, "dest_addr_ton": 1, "short_message": b"Hei", **fields}
    return request(c.SUBMIT_SM, fields.pop("tlvs", ()), **{k: v for k, v in given.items() if k != "tlvs"})


def raw(command: int, body: bytes = b"") -> bytes:
    return pdu_octets(command, 0, 7, body)


def _address(digits: bytes) -> bytes:
    return b"\1\1" + digits + b"\0"


#: A submit_sm up to and with sm_length 3.
_BODY = b"\0" + b"\0\0\0" + _address(OLA.encode()) + b"\0\0\0" + b"\0\0" + b"\0\0\0\0" + b"\x03Hei"

# (what is sent, event, metric, reason, what the text says)
BOUND: dict[str, tuple[Pdu | bytes, str, str, str]] = {
    "foreign": (submit(destination_addr="46700000001"), "submit", "destination_foreign", "'46700000001'"),
    "ton": (
        submit(destination_addr="2097", dest_addr_ton=1),
        "submit",
        "destination_foreign|destination_unassigned|destination_wrong_length|destination_malformed",
        "valid with TON 0",
    ),
    "code with TON 1": (
        submit(destination_addr="2440", dest_addr_ton=1, dest_addr_npi=1),
        "submit",
        "destination_wrong_length|destination_malformed|destination_foreign",
        "valid with TON 0 (unknown), NPI 1",
    ),
    "5 digits with TON 1": (
        submit(destination_addr="59000001", dest_addr_ton=1, dest_addr_npi=1),
        "submit",
        "destination_foreign|destination_wrong_length|destination_malformed",
        "valid with TON 0 (unknown), NPI 1",
    ),
    "Kannel's TON 2": (
        submit(destination_addr=OLA, dest_addr_ton=2, dest_addr_npi=1),
        "submit",
        "destination_unassigned|destination_wrong_length",
        "valid with TON 0 (unknown), NPI 1",
    ),
    "NPI 9": (
        submit(destination_addr=OLA, dest_addr_ton=1, dest_addr_npi=9),
        "submit",
        "destination_npi",
        "valid with TON 1 (international), NPI 1",
    ),
    "a number as TON 5": (
        submit(destination_addr=OLA, dest_addr_ton=5),
        "submit",
        "destination_ton",
        "valid with TON 0 (unknown), NPI 1",
    ),
    "own number with TON 2": (
        submit(source_addr=KARI, source_addr_ton=2, source_addr_npi=1),
        "submit",
        "source_not_allowed",
        "valid with TON 0 (unknown), NPI 1",
    ),
    "source": (submit(source_addr="4790000005", source_addr_ton=1), "submit", "source_not_allowed", KARI),
    "priority": (submit(priority_flag=9), "submit", "invalid_priority", "priority_flag is 9"),
    "validity": (
        submit(validity_period="200101000000000+"),
        "submit",
        "invalid_validity",
        "over before it begins",
    ),
    "no time": (submit(schedule_delivery_time="no time at all.."), "submit", "invalid_schedule", "fifteen"),
    "canned": (submit(sm_default_msg_id=9), "submit", "invalid_default_message", "there are: none"),
    "tlv length": (submit(tlvs=[(0x0204, b"\1")]), "submit", "invalid_tlv_length", "user_message_reference"),
    "tlv value": (submit(tlvs=[(0x0426, b"\7")]), "submit", "invalid_tlv", "more_messages_to_send"),
    "udh and sar": (
        submit(esm_class=0x40, short_message=b"\5\0\3\1\2\1Hei", tlvs=[(0x020C, b"\0\1")]),
        "submit",
        "invalid_esm_class",
        "sar_msg_ref_num",
    ),
    "stray octets": (raw(c.SUBMIT_SM, _BODY + b"\1\2\3"), "submit", "invalid_tlv_stream", "3 octets behind"),
    "no end": (raw(c.SUBMIT_SM, b"abc"), "submit", "invalid_command_length", "service_type has no NUL"),
    "service type": (raw(c.SUBMIT_SM, b"WAPWAP\0"), "submit", "invalid_service_type", "6 characters"),
    "data_sm": (
        request(c.DATA_SM, [(0x0424, b"x")], destination_addr="4722334455", dest_addr_ton=1),
        "submit",
        "destination_fixed_line",
        "4722334455",
    ),
    "data_sm without payload": (
        request(c.DATA_SM, destination_addr=OLA, dest_addr_ton=1),
        "submit",
        "missing_tlv",
        "data_sm needs message_payload",
    ),
    "submit_multi": (
        request(c.SUBMIT_MULTI, dest_address=[Destination(1, 1, "4722334455")], short_message=b"x"),
        "submit",
        "destination_fixed_line",
        "4722334455",
    ),
    "unknown list": (
        request(c.SUBMIT_MULTI, dest_address=[DistributionList("crew")], short_message=b"x"),
        "submit",
        "distribution_list_unknown",
        "there are: none",
    ),
    "no destinations": (raw(c.SUBMIT_MULTI, b"\0\0\0\0\0"), "submit", "too_many_destinations", "is 0"),
    "query": (request(c.QUERY_SM, message_id="77"), "request", "message_unknown", "'77'"),
    "cancel": (
        request(c.CANCEL_SM, destination_addr=AWAY, dest_addr_ton=1),
        "request",
        "cancel_failed",
        "Nothing of that pair",
    ),
    "replace": (request(c.REPLACE_SM, message_id="77"), "request", "message_unknown", "'77'"),
    "broadcast": (raw(c.QUERY_BROADCAST_SM, b"1\0\0\0\0"), "request", "prohibited", "not offered"),
    "unknown command": (raw(0x0001FFFF), "pdu", "unknown_command", "0x0001FFFF"),
    "outbind": (request(c.OUTBIND), "pdu", "wrong_state", "the SMSC's"),
    "bound twice": (request(c.BIND_RECEIVER, system_id="x"), "bind", "already_bound", "bound_trx"),
    "long enquire_link": (raw(c.ENQUIRE_LINK, b"abc"), "pdu", "invalid_command_length", "has no body"),
}
_FAMILIES = {
    "submit": ("submit.refused", "submits_refused_total", "submit_refused"),
    "request": ("request.refused", "requests_refused_total", "request_refused"),
    "pdu": ("pdu.refused", "pdus_refused_total", "pdu_refused"),
    "bind": ("bind.refused", "binds_refused_total", "bind_refused"),
}


@pytest.mark.loop
@pytest.mark.parametrize("case", list(BOUND))
def test_what_a_session_is_refused_is_told_everywhere(smsc: SmscHandle, watch: Watch, case: str) -> None:
    sent, kind, expected, text = BOUND[case]
    event, family, entry = _FAMILIES[kind]
    with bound(smsc) as peer:
        peer.send(sent) if isinstance(sent, bytes) else peer.ask(sent)
        frame = peer.frame()
        (session,) = smsc.control("sessions")
    told = watch.events.get(timeout=10)
    while told["event"] != event:
        told = watch.events.get(timeout=10)
    assert re.fullmatch(expected, told["reason"]), told
    assert (told["system_id"], told["peer"], told["id"]) == (KARI, session["peer"], session["id"])
    assert text in told["text"], told
    assert watch.metric(family, told["reason"]) == 1
    (entry_,) = (row for row in session["events"] if row["event"] == entry)
    assert (entry_["detail"], entry_["text"]) == (told["reason"], told["text"])
    status = int.from_bytes(frame[8:12], "big")
    assert c.status_name(status) == told.get("status", "ESME_RSUBMITFAIL") or case == "submit_multi"
    if frame[4] and int.from_bytes(frame[4:8], "big") != c.GENERIC_NACK and case != "submit_multi":
        assert told["text"].encode()[:200] in frame  # additional_status_info_text


@pytest.mark.loop
def test_a_late_answer_is_told(smsc: SmscHandle, watch: Watch) -> None:
    with bound(smsc) as peer:
        for sequence in (99, 100, 101):
            peer.send(pdu_octets(c.RESPONSE | c.DELIVER_SM, 0, sequence, b"\0"))
        peer.send(pdu_octets(c.RESPONSE | c.DATA_SM, 0, 9, b"\0"))
        peer.ask(Pdu(c.ENQUIRE_LINK))
        assert peer.pdu() is not None
        told = watch.expect("answer.dropped", "unmatched_answer")
        assert "not in flight" in told["text"]
        assert watch.metric("answers_dropped_total", "unmatched_answer") == 4


UNBOUND: dict[str, tuple[bytes, str, str, str, str]] = {
    "http": (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "connection", "connections", "http_on_smpp", "http.port"),
    "tls": (
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc" + bytes(40),
        "connection",
        "connections",
        "tls_on_smpp",
        "tls",
    ),
    "proxy": (b"PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n", "connection", "connections", "proxy_on_smpp", "PROXY"),
    "proxy v2": (
        b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c" + bytes(12),
        "connection",
        "connections",
        "proxy_on_smpp",
        "PROXY",
    ),
    "short": (b"\0\0\0\x0f" + bytes(12), "connection", "connections", "framing", "command_length is 15"),
    "submit first": (encode_pdu(submit()), "submit", "submits", "wrong_state", ""),
    "query first": (encode_pdu(request(c.QUERY_SM)), "request", "requests", "wrong_state", "open"),
    "long password": (
        raw(c.BIND_TRANSCEIVER, b"shop\0secretsecret\0\0\x34\0\0\0"),
        "bind",
        "binds",
        "invalid_password",
        "12 characters, at most 8",
    ),
    "long system_id": (
        raw(c.BIND_TRANSMITTER, b"x" * 16 + b"\0\0\0\x34\0\0\0"),
        "bind",
        "binds",
        "invalid_system_id",
        "16 characters",
    ),
    "short bind": (raw(c.BIND_RECEIVER, b"shop\0"), "bind", "binds", "invalid_command_length", "password"),
    "long system_type": (
        raw(c.BIND_RECEIVER, b"shop\0shop\0" + b"y" * 13 + b"\0\x34\0\0\0"),
        "bind",
        "binds",
        "invalid_system_type",
        "13 characters",
    ),
}


@pytest.mark.loop
@pytest.mark.parametrize("case", list(UNBOUND))
def test_what_is_refused_before_a_bind_is_told_with_the_peer(
    smsc: SmscHandle, watch: Watch, case: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "smsc")
    octets, event, family, reason, text = UNBOUND[case]
    with Peer(smsc.host, smsc.port) as peer:
        peer.send(octets)
        assert peer.frame()
        told = watch.expect(f"{event}.refused", reason)
        host, port = peer.sock.getsockname()
        assert told["peer"] == f"{host}:{port}"
    assert text in told["text"]
    assert "secret" not in str(told) + caplog.text
    assert watch.metric(f"{family}_refused_total", reason) == 1
    assert f"refused: {reason}: {told['text']}" in caplog.text


@pytest.mark.loop
def test_a_framing_error_is_told_with_its_place_and_its_octets(smsc: SmscHandle, watch: Watch) -> None:
    with bound(smsc) as peer:
        first = encode_pdu(submit())
        peer.send(first + b"hello 4790000001")
        told = watch.expect("connection.refused", "framing")
    bind = len(encode_pdu(request(c.BIND_TRANSCEIVER, system_id=KARI, password="1234")))
    assert f"at octet {bind + len(first)} of the stream, 16 to 65536 are read" in told["text"]
    assert "'hello **********'" in told["text"]
    (session,) = smsc.control("sessions", True)
    assert session["ended_because"] == "framing"
    assert session["events"][-1]["text"] == told["text"]


WHOLE = encode_pdu(submit())


@pytest.mark.loop
@pytest.mark.parametrize(
    ("octets", "text"),
    [
        (b"\0\0\1", "ended after 3 octets of the PDU at octet 0; it begins with 00 00 01"),
        (b"SSH-2.0-x\r\n", "'SSH-2.0-x'"),
        (WHOLE[:20], f"after 20 of {len(WHOLE)} octets"),
    ],
)
def test_a_stream_that_ends_inside_its_first_pdu_is_told(
    smsc: SmscHandle, watch: Watch, octets: bytes, text: str
) -> None:
    with Peer(smsc.host, smsc.port) as peer:
        peer.send(octets)
        host, port = peer.sock.getsockname()
        peer.sock.shutdown(socket.SHUT_WR)
        told = watch.expect("connection.refused", "framing")
    assert told["peer"] == f"{host}:{port}"
    assert text in told["text"]


@pytest.mark.loop
def test_a_stream_that_ends_inside_a_pdu_of_a_bind_is_told_once(smsc: SmscHandle, watch: Watch) -> None:
    with bound(smsc) as peer:
        peer.send(encode_pdu(submit()) + WHOLE[:20])
        peer.sock.shutdown(socket.SHUT_WR)
        answer = peer.pdu()
        assert answer is not None
        assert answer.command_id == c.SUBMIT_SM | c.RESPONSE
        told = watch.expect("connection.refused", "framing")
    assert f"after 20 of {len(WHOLE)} octets" in told["text"]
    (session,) = smsc.control("sessions", True)
    assert session["ended_because"] == "connection lost"
    assert [row.get("text") for row in session["events"]].count(told["text"]) == 1


@pytest.mark.loop
def test_who_only_looks_whether_the_port_is_open_is_not_told_of(smsc: SmscHandle, watch: Watch) -> None:
    with Peer(smsc.host, smsc.port) as looked:
        looked.sock.shutdown(socket.SHUT_WR)
        assert looked.is_closed()
    with Peer(smsc.host, smsc.port) as peer:
        peer.send(b"\0\0")
        peer.sock.shutdown(socket.SHUT_WR)
        watch.expect("connection.refused", "framing")
    assert watch.metric("connections_refused_total", "framing") == 1


@pytest.mark.loop
@pytest.mark.parametrize(
    ("limits", "reason"),
    [({"bind_timeout": "50ms"}, "bind_timeout"), ({"sessions": 1}, "made_room")],
)
def test_peers_that_do_not_bind_are_told(make_smsc: Make, limits: dict[str, Any], reason: str) -> None:
    smsc = make_smsc(limits=limits)
    watch = Watch(smsc)
    with Peer(smsc.host, smsc.port) as peer, Peer(smsc.host, smsc.port):
        assert watch.expect("connection.refused", reason)["peer"].startswith("127.0.0.1:")
        assert peer.is_closed()
        assert watch.metric("connections_refused_total", reason) >= 1


@pytest.mark.loop
def test_no_room_is_told(make_smsc: Make) -> None:
    smsc = make_smsc(limits={"sessions": 1})
    watch = Watch(smsc)
    with bound(smsc), Peer(smsc.host, smsc.port):
        watch.expect("connection.refused", "no_room")


@pytest.mark.loop
@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ({"command": "submit_sm", "action": "status", "status": "ESME_RSYSERR"}, "submit"),
        ({"command": "bind_transceiver", "action": "status", "status": "ESME_RBINDFAIL"}, "bind"),
        ({"command": "query_sm", "action": "status"}, "request"),
    ],
)
def test_a_fault_on_purpose_says_so(make_smsc: Make, fault: dict[str, Any], kind: str) -> None:
    smsc = make_smsc(faults=[fault])
    watch = Watch(smsc)
    with Peer(smsc.host, smsc.port) as peer:
        assert peer.bind(KARI) == (0x0D if kind == "bind" else 0)
        if kind != "bind":
            peer.ask(submit() if kind == "submit" else request(c.QUERY_SM))
            assert peer.pdu() is not None
            (session,) = smsc.control("sessions")
            names = [row["event"] for row in session["events"]]
            assert names == ["fault_fired", _FAMILIES[kind][2]]
    told = watch.events.get(timeout=10)
    while told["event"] != "fault.fired":
        told = watch.events.get(timeout=10)
    assert (told["action"], told["command"]) == (fault["action"], fault["command"])
    watch.expect(f"{kind}.refused", "fault_injected")
    assert watch.metric(_FAMILIES[kind][1], "fault_injected") == 1


_TRANSACTION: dict[str, Any] = {"destination_addr": OLA, "dest_addr_ton": 1, "esm_class": 2}
_REFERENCE = [(0x0204, b"\0\7")]
STORED: dict[str, tuple[Callable[[], Pdu], int]] = {
    "submit_sm": (submit, 1),
    "the same again": (lambda: submit(tlvs=_REFERENCE), 2),
    "submit_multi": (
        lambda: request(c.SUBMIT_MULTI, dest_address=[Destination(1, 1, OLA)], short_message=b"x"),
        1,
    ),
    "data_sm": (lambda: request(c.DATA_SM, [(0x0424, b"x")], **{**_TRANSACTION, "esm_class": 0}), 1),
    "data_sm as a transaction": (lambda: request(c.DATA_SM, [(0x0424, b"x")], **_TRANSACTION), 1),
    "submit_sm as a transaction": (lambda: request(c.SUBMIT_SM, short_message=b"x", **_TRANSACTION), 1),
}


@pytest.mark.loop
@pytest.mark.parametrize("case", list(STORED))
def test_the_store_refuses_by_the_same_road(
    make_smsc: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, case: str
) -> None:
    made, count = STORED[case]
    smsc = make_smsc(store={"url": f"sqlite:{tmp_path / 'smsc.db'}"}, policy={"filter_repeats": True})
    watch = Watch(smsc)

    def fails(batch: Any, done: Callable[[BaseException | None], None]) -> None:
        done(OSError("no disk"))

    with bound(smsc) as peer:
        monkeypatch.setattr(smsc.server.store, "write", fails)
        peer.send(b"".join(encode_pdu(sequenced(made(), number)) for number in range(1, count + 1)))
        answers = [peer.hear() for _ in range(count)]
        monkeypatch.undo()
        for answer in answers:
            assert answer.status == 0x08
            text = answer.tlv("additional_status_info_text")
            assert text == REASONS[reasons.STORE_FAILED].sentence or case == "submit_multi"
        for _ in answers:
            watch.expect("submit.refused", "store_failed")
        assert watch.metric("submits_refused_total", "store_failed") == count


def sequenced(pdu: Pdu, number: int) -> Pdu:
    pdu.sequence = 100 + number
    return pdu


@pytest.mark.loop
@pytest.mark.parametrize("command", [c.DATA_SM, c.SUBMIT_SM])
def test_a_transaction_whose_message_is_erased_is_told(smsc: SmscHandle, watch: Watch, command: int) -> None:
    with bound(smsc) as peer, bound(smsc, OLA) as ola:
        text: Any = {} if command == c.DATA_SM else {"short_message": b"x"}
        tlvs = [(0x0424, b"x")] if command == c.DATA_SM else []
        peer.ask(request(command, tlvs, **_TRANSACTION, **text))
        assert ola.hear().command_id == c.DELIVER_SM  # and is not answered
        smsc.control("clear_messages")
        answer = peer.hear()
        assert answer.status == 0xFE
        assert answer.tlv("additional_status_info_text") == REASONS[reasons.ERASED].sentence
        watch.expect("submit.refused", "erased")


@pytest.mark.loop
def test_binds_and_the_road_of_messages_are_logged(make_smsc: Make, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "smsc")
    smsc = make_smsc()
    with bound(smsc) as peer:
        peer.ask(submit(destination_addr=AWAY))
        assert peer.pdu() is not None
    smsc.control("sessions")
    assert re.search(r"session 1 of 4790000001 from 127\.0\.0\.1:\d+ bound", caplog.text)
    assert re.search(r"message\.accepted id=\d+ kind=message source=4790000001", caplog.text)
