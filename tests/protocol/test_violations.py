"""What the SMSC answers to violations: each row is one thing that a peer does wrong, what it is told, and
whether the connection survives. Known statuses are named, so that a swapped one is seen."""

from typing import Any, NamedTuple

import pytest

from smsc.protocol import constants as c
from smsc.protocol.constants import status_for
from smsc.protocol.sessions.session import Session
from smsc.protocol.states import OPEN
from tests.protocol.helpers import LIMITS, Side, bound, frame, pdu, said, tell

RESP = "_resp"
LONG = "9" * 21
SUBMIT = pdu(c.SUBMIT_SM, 7)


class Row(NamedTuple):
    """`kind` is how the session is bound, None when it is not. `answer` lacks the name of generic_nack's
    operation."""

    case: str
    kind: int | None
    sent: bytes
    answer: list[tuple[str, int, int]]
    alive: bool = True
    version: int = c.V34


def message(sequence: int = 7, command: int = c.SUBMIT_SM, cut: int | None = None, **fields: Any) -> bytes:
    octets = pdu(command, sequence, **fields)
    return octets if cut is None else cut.to_bytes(4, "big") + octets[4:cut]


def stretched(name: str, value: str, command: int = c.SUBMIT_SM) -> bytes:
    """A PDU whose field is longer than its layout allows."""
    marks = {"service_type": "", "source_addr": "4790000001", "destination_addr": "4790000002"}
    octets = pdu(command, 7)
    if name in ("schedule_delivery_time", "validity_period"):
        at = octets.index(b"4790000002\0") + 11 + 3 + (name == "validity_period")
        changed = octets[:at] + value.encode() + octets[at:]
    else:
        mark = marks[name].encode() + b"\0"
        at = 16 if name == "service_type" else octets.index(mark)
        changed = octets[:at] + value.encode() + octets[at + len(marks[name]) :]
    return len(changed).to_bytes(4, "big") + changed[4:]


def with_tail(octets: bytes, tail: bytes) -> bytes:
    return (len(octets) + len(tail)).to_bytes(4, "big") + octets[4:] + tail


def nack(status: int, sequence: int = 7) -> list[tuple[str, int, int]]:
    return [("generic_nack", status, sequence)]


def resp(command: int, status: int, sequence: int = 7) -> list[tuple[str, int, int]]:
    return [(c.COMMANDS[command] + RESP, status, sequence)]


TRX, TX, RX = c.BIND_TRANSCEIVER, c.BIND_TRANSMITTER, c.BIND_RECEIVER
BIND: dict[str, Any] = {"system_id": "x", "password": "y"}
QUERY = pdu(c.QUERY_SM, 7, message_id="1")
CANCEL = pdu(c.CANCEL_SM, 7, message_id="1")
REPLACE = pdu(c.REPLACE_SM, 7, message_id="1")
DATA = pdu(c.DATA_SM, 7, [(0x0424, b"Hei")])
ALERT = pdu(c.ALERT_NOTIFICATION, 7)
OUTBIND = pdu(c.OUTBIND, 7)

ROWS = [
    Row(
        "command_length below 16",
        TRX,
        b"\0\0\0\x0f" + frame(c.ENQUIRE_LINK, sequence=7)[4:],
        nack(2),
        alive=False,
    ),
    Row("command_length above the maximum", TRX, b"\0\1\0\1" + SUBMIT[4:], nack(2), alive=False),
    Row("reserved command_id", TRX, frame(0x0A, sequence=7), nack(c.ESME_RINVCMDID)),
    Row("vendor command_id", TRX, frame(0x00010200, b"abc", 7), nack(c.ESME_RINVCMDID)),
    Row("unknown command before bind", None, frame(0x0A, sequence=7), nack(c.ESME_RINVCMDID)),
    Row("unknown response", TRX, frame(0x8000000A, sequence=7), []),
    Row("vendor response", TRX, frame(0x80010200, sequence=7), []),
    Row("submit_sm_resp from an ESME", TRX, frame(0x80000004, b"1\0", 7), []),
    Row("deliver_sm_resp to nothing", TRX, frame(0x80000005, b"\0", 7), []),
    Row("query_sm_resp to nothing", TRX, frame(0x80000003, sequence=7, status=8), []),
    Row("generic_nack to nothing", TRX, frame(c.GENERIC_NACK, sequence=7, status=3), []),
    Row("generic_nack before bind", None, frame(c.GENERIC_NACK, sequence=7, status=3), []),
    Row("body shorter than its fields", TRX, message(cut=40), nack(c.ESME_RINVCMDLEN)),
    Row("submit_sm without a body", TRX, frame(c.SUBMIT_SM, sequence=7), nack(c.ESME_RINVCMDLEN)),
    Row("C-string without NUL", TRX, frame(c.SUBMIT_SM, b"\0\1\0014790000001", 7), nack(c.ESME_RINVCMDLEN)),
    Row("query_sm cut short", TRX, frame(c.QUERY_SM, b"1\0\1", 7), nack(c.ESME_RINVCMDLEN)),
    Row("query_sm without NUL", TRX, frame(c.QUERY_SM, b"123", 7), nack(c.ESME_RINVCMDLEN)),
    Row("sm_length beyond the PDU", TRX, message(cut=len(SUBMIT) - 1), nack(c.ESME_RINVCMDLEN)),
    Row(
        "service_type too long",
        TRX,
        stretched("service_type", "ABCDEF"),
        resp(c.SUBMIT_SM, c.ESME_RINVSERTYP),
    ),
    Row("source_addr too long", TRX, stretched("source_addr", LONG), resp(c.SUBMIT_SM, c.ESME_RINVSRCADR)),
    Row(
        "destination_addr too long",
        TRX,
        stretched("destination_addr", LONG),
        resp(c.SUBMIT_SM, c.ESME_RINVDSTADR),
    ),
    Row(
        "schedule of 20 characters",
        TRX,
        stretched("schedule_delivery_time", "0" * 20),
        resp(c.SUBMIT_SM, c.ESME_RINVSCHED),
    ),
    Row(
        "schedule of 10 characters",
        TRX,
        stretched("schedule_delivery_time", "0" * 10),
        resp(c.SUBMIT_SM, c.ESME_RINVSCHED),
    ),
    Row(
        "validity of 17 characters",
        TRX,
        stretched("validity_period", "0" * 17),
        resp(c.SUBMIT_SM, c.ESME_RINVEXPIRY),
    ),
    Row(
        "validity of 1 character",
        TRX,
        stretched("validity_period", "1"),
        resp(c.SUBMIT_SM, c.ESME_RINVEXPIRY),
    ),
    Row("priority 4", TRX, message(priority_flag=4), resp(c.SUBMIT_SM, c.ESME_RINVPRTFLG)),
    Row(
        "replace_if_present 2", TRX, message(replace_if_present_flag=2), resp(c.SUBMIT_SM, c.ESME_RINVREPFLAG)
    ),
    Row("transaction mode on 3.4", TRX, message(esm_class=2), resp(c.SUBMIT_SM, c.ESME_RINVESMCLASS)),
    Row("transaction mode on 5.0", TRX, message(esm_class=2), resp(c.SUBMIT_SM, 0), version=c.V50),
    Row(
        "success-only receipt on 3.4",
        TRX,
        message(registered_delivery=3),
        resp(c.SUBMIT_SM, c.ESME_RINVREGDLVFLG),
    ),
    Row(
        "success-only receipt on 5.0",
        TRX,
        message(registered_delivery=3),
        resp(c.SUBMIT_SM, 0),
        version=c.V50,
    ),
    Row(
        "sm_length 255 on 3.4",
        TRX,
        pdu(c.SUBMIT_SM, 7, version=c.V50, short_message=b"x" * 255),
        resp(c.SUBMIT_SM, 1),
    ),
    Row(
        "sm_length 255 on 5.0",
        TRX,
        pdu(c.SUBMIT_SM, 7, version=c.V50, short_message=b"x" * 255),
        resp(c.SUBMIT_SM, 0),
        version=c.V50,
    ),
    Row(
        "UDHI without text",
        TRX,
        message(esm_class=0x40, short_message=b""),
        resp(c.SUBMIT_SM, c.ESME_RINVESMCLASS),
    ),
    Row(
        "UDH longer than the text",
        TRX,
        message(esm_class=0x40, short_message=b"\5\0\3"),
        resp(c.SUBMIT_SM, 0x43),
    ),
    Row(
        "UDHI beside sar TLVs",
        TRX,
        pdu(c.SUBMIT_SM, 7, [(0x020C, b"\0\1")], esm_class=0x40, short_message=b"\5\0\3\1\2\1Hei"),
        resp(c.SUBMIT_SM, c.ESME_RINVESMCLASS),
    ),
    Row(
        "short_message and message_payload on 3.4",
        TRX,
        pdu(c.SUBMIT_SM, 7, [(0x0424, b"payload")]),
        resp(c.SUBMIT_SM, c.ESME_RINVMSGLEN),
    ),
    Row("enquire_link with stray octets", TRX, frame(c.ENQUIRE_LINK, b"abc", 7), nack(c.ESME_RINVCMDLEN)),
    Row("enquire_link with a TLV", TRX, frame(c.ENQUIRE_LINK, b"\x15\0\0\1x", 7), resp(c.ENQUIRE_LINK, 0)),
    Row("unbind with stray octets", TRX, frame(c.UNBIND, b"a", 7), nack(c.ESME_RINVCMDLEN)),
    Row("submit_sm before bind", None, SUBMIT, resp(c.SUBMIT_SM, c.ESME_RINVBNDSTS)),
    Row("submit_sm on a receiver", RX, SUBMIT, resp(c.SUBMIT_SM, c.ESME_RINVBNDSTS)),
    Row("query_sm on a receiver", RX, QUERY, resp(c.QUERY_SM, c.ESME_RINVBNDSTS)),
    Row("cancel_sm on a receiver", RX, CANCEL, resp(c.CANCEL_SM, c.ESME_RINVBNDSTS)),
    Row("replace_sm on a receiver", RX, REPLACE, resp(c.REPLACE_SM, c.ESME_RINVBNDSTS)),
    Row("data_sm on a receiver", RX, DATA, resp(c.DATA_SM, c.ESME_RINVBNDSTS)),
    Row("query_sm before bind", None, QUERY, resp(c.QUERY_SM, c.ESME_RINVBNDSTS)),
    Row(
        "the state comes before the body",
        None,
        frame(c.SUBMIT_SM, b"x", 7),
        resp(c.SUBMIT_SM, c.ESME_RINVBNDSTS),
    ),
    Row("deliver_sm from an ESME", TRX, message(command=c.DELIVER_SM), resp(c.DELIVER_SM, c.ESME_RINVBNDSTS)),
    Row("alert_notification from an ESME", TRX, ALERT, nack(c.ESME_RINVBNDSTS)),
    Row("outbind from an ESME", None, OUTBIND, nack(c.ESME_RINVBNDSTS)),
    Row("bind_resp from an ESME", None, frame(0x80000009, b"x\0", 7), []),
    Row("second bind", TRX, pdu(c.BIND_TRANSCEIVER, 7, **BIND), resp(c.BIND_TRANSCEIVER, c.ESME_RALYBND)),
    Row(
        "second bind of another kind",
        TX,
        pdu(c.BIND_RECEIVER, 7, **BIND),
        resp(c.BIND_RECEIVER, c.ESME_RALYBND),
    ),
    Row(
        "password too long",
        None,
        frame(TRX, b"x\0" + b"123456789\0" + b"\0\x34\0\0\0", 7),
        resp(TRX, c.ESME_RINVPASWD),
    ),
    Row(
        "system_id too long",
        None,
        frame(TRX, b"x" * 16 + b"\0y\0\0\x34\0\0\0", 7),
        resp(TRX, c.ESME_RINVSYSID),
    ),
    Row(
        "system_type too long",
        None,
        frame(TRX, b"x\0y\0" + b"t" * 13 + b"\0\x34\0\0\0", 7),
        resp(TRX, c.ESME_RINVSYSTYP),
    ),
    Row(
        "address_range too long",
        None,
        frame(TRX, b"x\0y\0\0\x34\0\0" + b"9" * 41 + b"\0", 7),
        resp(TRX, c.ESME_RBINDFAIL),
    ),
    Row("bind without interface_version", None, frame(TRX, b"x\0y\0\0", 7), nack(c.ESME_RINVCMDLEN)),
    Row("enquire_link before bind", None, frame(c.ENQUIRE_LINK, sequence=7), resp(c.ENQUIRE_LINK, 0)),
    Row("unbind before bind", None, frame(c.UNBIND, sequence=7), resp(c.UNBIND, c.ESME_RINVBNDSTS)),
    Row("unbind when bound", TRX, frame(c.UNBIND, sequence=7), resp(c.UNBIND, 0), alive=False),
    Row(
        "one stray octet in the TLV area",
        TRX,
        with_tail(SUBMIT, b"\2"),
        resp(c.SUBMIT_SM, c.ESME_RINVTLVSTREAM),
    ),
    Row("three stray octets", TRX, with_tail(SUBMIT, b"\2\4\0"), resp(c.SUBMIT_SM, c.ESME_RINVTLVSTREAM)),
    Row("TLV past the end", TRX, with_tail(SUBMIT, b"\2\4\0\2\0"), resp(c.SUBMIT_SM, c.ESME_RINVTLVSTREAM)),
    Row("stray octets behind query_sm", TRX, with_tail(QUERY, b"x"), resp(c.QUERY_SM, c.ESME_RINVTLVSTREAM)),
    Row("TLV of a wrong length", TRX, with_tail(SUBMIT, b"\2\4\0\1\0"), resp(c.SUBMIT_SM, c.ESME_RINVTLVLEN)),
    Row(
        "TLV with a bad value", TRX, with_tail(SUBMIT, b"\4\x26\0\1\2"), resp(c.SUBMIT_SM, c.ESME_RINVTLVVAL)
    ),
    Row("data_sm without message_payload", TRX, pdu(c.DATA_SM, 7), resp(c.DATA_SM, c.ESME_RMISSINGTLV)),
    Row(
        "TLV of data_sm with a wrong length",
        TRX,
        with_tail(DATA, b"\0\x17\0\1\0"),
        resp(c.DATA_SM, c.ESME_RINVTLVLEN),
    ),
    Row(
        "TLV of data_sm with a bad value",
        TRX,
        with_tail(DATA, b"\4\x21\0\1\2"),
        resp(c.DATA_SM, c.ESME_RINVTLVVAL),
    ),
    Row("unknown TLV", TRX, with_tail(SUBMIT, b"\x12\x34\0\1x"), resp(c.SUBMIT_SM, 0)),
    Row("TLV that submit_sm does not expect", TRX, with_tail(SUBMIT, b"\4\x22\0\1\0"), resp(c.SUBMIT_SM, 0)),
    Row("command_status in a request", TRX, SUBMIT[:8] + b"\0\0\0\x08" + SUBMIT[12:], resp(c.SUBMIT_SM, 0)),
    Row("sequence_number 0", TRX, message(0), resp(c.SUBMIT_SM, 0, 0)),
    Row("sequence_number above 0x7FFFFFFF", TRX, message(0xFFFFFFFF), resp(c.SUBMIT_SM, 0, 0xFFFFFFFF)),
    Row(
        "submit_multi to nobody",
        TRX,
        frame(c.SUBMIT_MULTI, b"\0\0\0\0\0", 7),
        resp(c.SUBMIT_MULTI, c.ESME_RINVNUMDESTS),
    ),
    Row(
        "dest_flag 3",
        TRX,
        frame(c.SUBMIT_MULTI, b"\0\0\0\0\1\3", 7),
        resp(c.SUBMIT_MULTI, c.ESME_RINVDESTFLAG),
    ),
    Row(
        "dl_name too long",
        TRX,
        frame(c.SUBMIT_MULTI, b"\0\0\0\0\1\2" + b"x" * 21 + b"\0", 7),
        resp(c.SUBMIT_MULTI, 0x34),
    ),
    Row(
        "message_id too long",
        TRX,
        frame(c.QUERY_SM, b"1" * 65 + b"\0\0\0\0", 7),
        resp(c.QUERY_SM, c.ESME_RINVMSGID),
    ),
    Row("broadcast_sm on 3.4", TRX, pdu(c.QUERY_BROADCAST_SM, 7), nack(c.ESME_RINVCMDID)),
    Row(
        "broadcast_sm on 5.0",
        TRX,
        pdu(c.QUERY_BROADCAST_SM, 7),
        resp(c.QUERY_BROADCAST_SM, c.ESME_RPROHIBITED),
        version=c.V50,
    ),
]


@pytest.mark.parametrize("row", ROWS, ids=[row.case for row in ROWS])
def test_violation(row: Row) -> None:
    if row.kind is None:
        side = Side(Session(LIMITS, 0.0))
    else:
        _, side = bound(row.kind, row.version)
    answer = tell(side, row.sent)
    assert said(answer) == row.answer
    assert side.session.wants_close is not row.alive
    if row.alive:
        assert said(tell(side, frame(c.ENQUIRE_LINK, sequence=99))) == [("enquire_link_resp", 0, 99)]
    statuses = [status for _, status, _ in row.answer if status]
    if row.version < 0x50:
        assert not statuses or len(answer) == 16, "an error is its header alone"
    told = [event.status for event in side.refused for _ in range(event.count)]
    told += [message["status"] for message in side.messages if message["status"]]
    assert [status_for(status, row.version) for status in told if status] == statuses


def test_the_rows_name_every_case_once() -> None:
    assert len({row.case for row in ROWS}) == len(ROWS)


def test_refused_credentials_are_answered_with_a_header_then_closed() -> None:
    side = Side(Session(LIMITS, 0.0))
    side.accepts = False
    tell(side, pdu(TRX, 7, **BIND))
    side.session.reject_bind(side.events[-1], c.ESME_RBINDFAIL)
    answer = side.session.data_to_send()
    assert said(answer) == [("bind_transceiver_resp", c.ESME_RBINDFAIL, 7)]
    assert len(answer) == 16
    assert side.session.wants_close


@pytest.mark.parametrize("status", [c.ESME_RTHROTTLED, c.ESME_RMSGQFUL, c.ESME_RSYSERR, c.ESME_RINVDSTADR])
def test_the_engines_refusals_are_headers_alone_and_the_session_lives(status: int) -> None:
    _, side = bound()
    side.status = status
    answer = tell(side, SUBMIT + message(8))
    assert said(answer) == [("submit_sm_resp", status, 7), ("submit_sm_resp", status, 8)]
    assert len(answer) == 32
    assert not side.session.wants_close


def test_a_refused_bind_field_leaves_the_session_open_for_another_try() -> None:
    side = Side(Session(LIMITS, 0.0))
    tell(side, frame(TRX, b"x\0" + b"123456789\0" + b"\0\x34\0\0\0", 7))
    assert side.session.state == OPEN
    assert said(tell(side, pdu(TRX, 8, **BIND)))[0] == ("bind_transceiver_resp", 0, 8)
