"""Binding, windows, answers now and later, deliveries and parting, told from both ends."""

from typing import Any

import pytest

from smsc.protocol import constants as c
from smsc.protocol.pdu.codec import Pdu, request
from smsc.protocol.pdu.submit import LATER, NEVER, SubmitBatch
from smsc.protocol.sessions.esme import EsmeSession
from smsc.protocol.sessions.events import (
    BindRefused,
    BindRequest,
    Bound,
    Closed,
    Nacked,
    Request,
    Response,
    UnbindRequest,
    Unbound,
)
from smsc.protocol.sessions.limits import SessionLimits
from smsc.protocol.sessions.session import Session
from smsc.protocol.states import BOUND_RX, BOUND_TRX, BOUND_TX, CLOSED, OPEN, UNBINDING
from tests.protocol.helpers import (
    LIMITS,
    ConnectionPair,
    Side,
    bound,
    frame,
    frames,
    message,
    pdu,
    request_in,
    said,
    tell,
)

KINDS = [
    (c.BIND_TRANSMITTER, BOUND_TX, True, False),
    (c.BIND_RECEIVER, BOUND_RX, False, True),
    (c.BIND_TRANSCEIVER, BOUND_TRX, True, True),
]


@pytest.mark.parametrize(("kind", "state", "takes", "gives"), KINDS)
def test_binding(kind: int, state: int, takes: bool, gives: bool) -> None:
    pair = ConnectionPair().bind(kind, system_type="test", address_range="^479")
    asked = pair.smsc.seen(BindRequest)[0]
    assert (asked.system_id, asked.password, asked.system_type, asked.address_range) == (
        "4790000001",
        "1234",
        "test",
        "^479",
    )
    assert (asked.transmits, asked.receives) == (takes, gives)
    assert asked.kind == c.COMMANDS[kind]
    assert "1234" not in repr(asked)
    smsc = pair.smsc.session
    assert (smsc.state, smsc.takes, smsc.gives, smsc.system_id) == (state, takes, gives, "4790000001")
    assert pair.esme.session.state == state
    assert pair.esme.seen(Bound)[0].system_id == "smsc"


def test_nothing_is_read_until_the_bind_is_decided() -> None:
    side = Side(Session(LIMITS, 0.0))
    side.accepts = False
    hasty = pdu(c.BIND_TRANSCEIVER, 1, system_id="x") + pdu(c.SUBMIT_SM, 2)
    assert tell(side, hasty) == b""
    side.session.accept_bind(side.events[-1], "smsc")
    side.read()
    assert said(side.session.data_to_send()) == [("bind_transceiver_resp", 0, 1), ("submit_sm_resp", 0, 2)]


def test_a_bind_that_is_decided_too_late_changes_nothing() -> None:
    side = Side(Session(LIMITS, 0.0))
    side.accepts = False
    tell(side, pdu(c.BIND_TRANSCEIVER, 1, system_id="x"))
    asked = side.events[-1]
    side.session.tick(LIMITS.session_init)
    side.session.accept_bind(asked, "smsc")
    assert (side.session.state, side.session.data_to_send()) == (CLOSED, b"")
    assert side.session.request(Pdu(c.ENQUIRE_LINK), "token", 11.0) == 0


def test_a_refused_bind() -> None:
    pair = ConnectionPair()
    pair.smsc.accepts = False
    pair.bind()
    pair.smsc.session.reject_bind(pair.smsc.events[-1], c.ESME_RBINDFAIL)
    pair.exchange()
    assert pair.esme.events == [BindRefused(c.ESME_RBINDFAIL), Closed("bind refused", [])]
    assert pair.smsc.events[-1] == Closed("bind refused", [])
    assert pair.smsc.session.wants_close


def test_a_bind_that_is_nacked_is_refused() -> None:
    side = Side(EsmeSession(LIMITS, 0.0))
    side.session.send_bind(c.BIND_TRANSCEIVER, "4790000001", "1234", 0.0)
    tell(side, frame(c.GENERIC_NACK, sequence=1))
    assert side.events == [BindRefused(0), Closed("bind refused", [])]


def test_messages_both_ways_and_their_answers() -> None:
    pair = ConnectionPair().bind()
    for token in ("first", "second"):
        pair.esme.session.submit(message(), token, 0.0)
    deliver(pair.smsc.session, token="receipt", esm_class=4)
    pair.exchange()
    assert pair.esme.acks == [("first", 0, b"1000"), ("second", 0, b"1001")]
    assert [row["source"] for row in pair.smsc.messages] == [4790000001] * 2
    assert pair.smsc.acks == [("receipt", 0, b"1000")]
    assert pair.esme.messages[0]["esm_class"] == 4


def deliver(session: Any, token: str = "token", **values: Any) -> int:
    return session.send_message(message(**values), token, 0.0)


def test_deliver_writes_what_it_is_told() -> None:
    session, _ = bound()
    deliver(
        session,
        source=-1,
        source_text=b"Skatteetaten",
        source_ton=5,
        source_npi=0,
        service_type=b"CMT",
        esm_class=0x40,
        protocol_id=0x41,
        priority=3,
        registered_delivery=1,
        data_coding=8,
        body=b"\5\0\3\1\2\1\0H",
        tlvs=b"\2\4\0\2\0\7",
    )
    sent = frames(session.data_to_send())[0]
    assert sent.name == "deliver_sm"
    assert sent.tlvs == [(0x0204, b"\0\7")]
    assert sent.fields == {
        "service_type": "CMT",
        "source_addr_ton": 5,
        "source_addr_npi": 0,
        "source_addr": "Skatteetaten",
        "dest_addr_ton": 1,
        "dest_addr_npi": 1,
        "destination_addr": "4790000002",
        "esm_class": 0x40,
        "protocol_id": 0x41,
        "priority_flag": 3,
        "schedule_delivery_time": "",
        "validity_period": "",
        "registered_delivery": 1,
        "replace_if_present_flag": 0,
        "data_coding": 8,
        "sm_default_msg_id": 0,
        "short_message": b"\5\0\3\1\2\1\0H",
    }


def test_nothing_is_delivered_to_a_transmitter_or_after_the_end() -> None:
    session, _ = bound(c.BIND_TRANSMITTER)
    assert not session.gives
    session, _ = bound()
    assert session.gives
    session.lost()
    assert not session.gives
    assert deliver(session) == 0
    assert session.data_to_send() == b""


def test_answers_later_free_the_inbound_window() -> None:
    session, side = bound(limits=SessionLimits(window_in=3))
    side.answer = LATER
    assert tell(side, b"".join(pdu(c.SUBMIT_SM, sequence) for sequence in range(1, 6))) == b""
    assert session.paused
    assert session.deferred == 3
    assert len(side.messages) == 3
    session.submit_resp(2, 77)
    session.submit_nack(1, c.ESME_RMSGQFUL)
    assert not session.paused
    side.read()
    assert len(side.messages) == 5
    answers = frames(session.data_to_send())
    assert [(answer.status, answer.sequence) for answer in answers] == [(0, 2), (c.ESME_RMSGQFUL, 1)]
    assert answers[0].fields == {"message_id": "77"}


def test_a_full_window_does_not_stop_a_reader_who_has_answered_everything() -> None:
    _, side = bound(limits=SessionLimits(window_in=1))
    assert len(said(tell(side, b"".join(pdu(c.SUBMIT_SM, n) for n in range(1, 50))))) == 49


def test_a_full_window_still_answers_enquire_link_before_the_next_request() -> None:
    session, side = bound(limits=SessionLimits(window_in=1))
    side.answer = LATER
    octets = pdu(c.SUBMIT_SM, 1) + frame(c.ENQUIRE_LINK, sequence=2) + pdu(c.QUERY_SM, 3)
    assert said(tell(side, octets)) == [("enquire_link_resp", 0, 2)]
    session.forget(1)
    side.read()
    assert said(session.data_to_send()) == [("query_sm_resp", c.ESME_RSYSERR, 3)]


def test_a_full_window_can_throttle_instead() -> None:
    session, side = bound(limits=SessionLimits(window_in=2, throttle=True))
    side.answer = LATER
    answer = tell(side, b"".join(pdu(c.SUBMIT_SM, n) for n in range(1, 5)) + pdu(c.QUERY_SM, 5))
    assert said(answer) == [
        ("submit_sm_resp", c.ESME_RTHROTTLED, 3),
        ("submit_sm_resp", c.ESME_RTHROTTLED, 4),
        ("query_sm_resp", c.ESME_RTHROTTLED, 5),
    ]
    assert not session.paused


def test_never_is_neither_answered_nor_counted() -> None:
    session, side = bound()
    side.answer = NEVER
    assert tell(side, pdu(c.SUBMIT_SM, 1)) == b""
    assert session.deferred == 0


def test_the_outbound_window_is_freed_by_release_not_by_the_answer() -> None:
    session, side = bound(limits=SessionLimits(window_out=2))
    sequences = [deliver(session, token=token) for token in ("a", "b")]
    assert session.window_free == 0
    for sequence in reversed(sequences):
        tell(side, frame(0x80000005, b"\0", sequence))
    assert side.acks == [("b", 0, b""), ("a", 0, b"")]
    assert session.window_free == 0
    session.release(2)
    assert session.window_free == 2


@pytest.mark.parametrize("body", [b"", b"\0", b"12345\0", b"\0\x04\x27\0\1\2", b"abc"])
def test_deliver_sm_resp_with_any_body_is_taken(body: bytes) -> None:
    session, side = bound()
    sequence = deliver(session)
    tell(side, frame(0x80000005, body, sequence, 0x64))
    assert side.acks == [("token", 0x64, body.split(b"\0")[0])]


def test_a_second_answer_and_an_answer_of_another_kind_are_dropped() -> None:
    session, side = bound()
    sequence = deliver(session)
    other = session.request(request(c.DATA_SM, [(0x0424, b"x")]), "data", 0.0)
    session.data_to_send()
    tell(side, frame(0x80000103, b"\0", sequence) + frame(0x80000005, b"\0", other))
    assert (side.acks, side.events, session.dropped) == ([], [], 2)
    tell(side, frame(0x80000005, b"\0", sequence) * 2)
    assert (len(side.acks), session.dropped) == (1, 3)
    tell(side, frame(0x80000103, b"7\0", other))
    assert side.events == [Response("data", Pdu(0x80000103, 0, other, {"message_id": "7"}))]


def test_a_nack_fails_what_it_names() -> None:
    session, side = bound()
    first, second = deliver(session, "a"), session.request(request(c.DATA_SM, [(0x0424, b"x")]), "b", 0.0)
    session.data_to_send()
    assert tell(side, frame(c.GENERIC_NACK, b"", first, 3) + frame(c.GENERIC_NACK, b"", second, 2)) == b""
    assert side.events == [Nacked("a", 3), Nacked("b", 2)]


def test_an_unreadable_response_still_counts_by_its_status() -> None:
    session, side = bound()
    sequence = session.request(request(c.DATA_SM, [(0x0424, b"x")]), "data", 0.0)
    tell(side, frame(0x80000103, b"no nul", sequence))
    assert side.events == [Response("data", Pdu(0x80000103, c.ESME_RUNKNOWNERR, sequence))]


def test_requests_of_the_esme_become_events_and_are_answered_with_fields() -> None:
    session, _side = bound()
    session.receive_data(pdu(c.QUERY_SM, 4, message_id="17", source_addr="4790000001"), 0.0)
    event = session.next_event()
    assert isinstance(event, Request)
    assert (session.deferred, event.pdu.fields["message_id"]) == (1, "17")
    fields = {"message_id": "17", "final_date": "", "message_state": c.ENROUTE, "error_code": 0}
    session.respond_pdu(event, 0, fields)
    assert frames(session.data_to_send())[0] == Pdu(0x80000003, 0, 4, fields)
    assert session.deferred == 0


def test_a_failed_transaction_tells_why_in_tlvs() -> None:
    session, _ = bound()
    session.receive_data(pdu(c.DATA_SM, 4, [(0x0424, b"Hei")], esm_class=2), 0.0)
    tlvs = [(0x0425, b"\2"), (0x0423, b"\3\0\1")]
    session.respond_pdu(request_in(session), c.ESME_RDELIVERYFAILURE, tlvs=tlvs)
    assert frames(session.data_to_send())[0] == Pdu(0x80000103, 0xFE, 4, {"message_id": ""}, tlvs)


def test_the_esme_is_alerted_and_told_to_bind() -> None:
    pair = ConnectionPair().bind()
    alert = request(c.ALERT_NOTIFICATION, [(0x0422, b"\0")], source_addr="4790000002", esme_addr="4790000001")
    pair.smsc.session.request(alert, None, 0.0)
    pair.exchange()
    assert pair.esme.events[-1].pdu.name == "alert_notification"
    pair = ConnectionPair()
    pair.smsc.session.outbind("smsc", "secret", 0.0)
    pair.exchange()
    assert pair.esme.events[-1].pdu.fields == {"system_id": "smsc", "password": "secret"}
    pair.bind(c.BIND_RECEIVER)
    assert pair.smsc.session.state == BOUND_RX


def test_the_esme_parts() -> None:
    pair = ConnectionPair().bind()
    deliver(pair.smsc.session, "unanswered")
    pair.smsc.session.data_to_send()
    pair.esme.session.unbind(0.0)
    assert pair.esme.session.state == UNBINDING
    pair.exchange()
    assert isinstance(pair.smsc.events[-2], UnbindRequest)
    assert pair.smsc.events[-1] == Closed("unbound by peer", ["unanswered"])
    assert pair.esme.events[-2:] == [Unbound(), Closed("unbound", [])]


def test_while_parting_no_new_work_comes_in() -> None:
    session, side = bound()
    session.unbind(0.0)
    assert said(session.data_to_send()) == [("unbind", 0, 1)]
    assert said(tell(side, pdu(c.SUBMIT_SM, 5))) == [("submit_sm_resp", c.ESME_RINVBNDSTS, 5)]
    tell(side, frame(0x80000006, sequence=1))
    assert side.events == [Unbound(), Closed("unbound", [])]


def test_both_part_at_once() -> None:
    pair = ConnectionPair().bind()
    pair.smsc.session.unbind(0.0)
    pair.esme.session.unbind(0.0)
    pair.exchange()
    assert pair.smsc.session.state == pair.esme.session.state == CLOSED
    assert len(pair.smsc.seen(Closed)) == len(pair.esme.seen(Closed)) == 1


def test_unbind_before_binding_is_not_sent() -> None:
    session = Session(LIMITS, 0.0)
    session.unbind(0.0)
    assert (session.data_to_send(), session.state) == (b"", OPEN)


def test_a_lost_connection_gives_back_what_was_in_flight_in_order() -> None:
    session, side = bound()
    for token in ("a", "b", "c"):
        deliver(session, token)
    tell(side, frame(0x80000005, b"\0", 2))
    session.lost("reset")
    session.lost("again")
    side.read()
    assert side.events == [Closed("reset", ["a", "c"])]
    assert tell(side, pdu(c.SUBMIT_SM, 1)) == b""
    session.submit_resp(1, 5)
    assert session.data_to_send() == b""


def test_sequence_numbers_wrap_and_pass_over_what_is_in_flight() -> None:
    session, _ = bound()
    session.sequence = 0x7FFFFFFE
    assert deliver(session, "a") == 0x7FFFFFFF
    assert deliver(session, "b") == 1
    session.sequence = 0x7FFFFFFE
    assert deliver(session, "c") == 2


def test_one_batch_and_one_acks_serve_many_sessions() -> None:
    batch = SubmitBatch()
    sessions = [Session(LIMITS, 0.0, batch) for _ in range(3)]
    for session in sessions:
        tell(Side(session), pdu(c.BIND_TRANSMITTER, 1, system_id="x"))
        session.receive_data(pdu(c.SUBMIT_SM, 2), 0.0)
        assert session.next_event() is batch
        assert batch.session is session


def test_octets_can_be_sent_as_they_are() -> None:
    session, _ = bound()
    session.send(b"anything")
    assert session.data_to_send() == b"anything"


def test_the_owners_attributes_are_its_own_and_others_are_refused() -> None:
    session = Session(LIMITS, 0.0)
    session.bind, session.number, session.id = object(), 4790000001, 12
    with pytest.raises(AttributeError):
        session.acount = 1  # type: ignore[attr-defined]
    with pytest.raises(AttributeError):
        EsmeSession(LIMITS, 0.0).acount = 1  # type: ignore[attr-defined]


def test_an_idle_session_is_small() -> None:
    shared = SubmitBatch()
    session = Session(LIMITS, 0.0, shared)
    assert len(session.out) <= 256
