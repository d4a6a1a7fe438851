"""SMPP 3.3, 3.4 and 5.0 beside one another [3.4 §3.4, 5.0 §2.7]."""

import pytest

from smsc.protocol import constants as c
from smsc.protocol.pdu.codec import Pdu
from smsc.protocol.sessions.esme import EsmeSession
from smsc.protocol.sessions.events import Bound
from smsc.protocol.sessions.limits import SessionLimits
from smsc.protocol.sessions.session import Session
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
    tell,
)


@pytest.mark.parametrize(
    ("asked", "version", "told"),
    [
        (0x00, c.V33, None),
        (0x33, c.V33, None),
        (0x34, c.V34, 0x34),
        (0x40, c.V34, 0x34),
        (0x50, c.V50, 0x50),
        (0xFF, c.V50, 0x50),
    ],
)
def test_the_version_is_negotiated_and_told_to_those_who_know_tlvs(
    asked: int, version: int, told: int | None
) -> None:
    side = Side(Session(LIMITS, 0.0))
    answer = frames(tell(side, pdu(c.BIND_TRANSCEIVER, 1, system_id="x", interface_version=asked)))[0]
    assert side.session.version == version
    assert answer.tlv("sc_interface_version") == told
    assert answer.fields == {"system_id": "smsc"}


def test_the_smsc_may_support_less_than_the_peer() -> None:
    _, side = bound(version=c.V50, limits=SessionLimits(highest_version=c.V34))
    assert side.session.version == c.V34


def test_the_esme_takes_the_lower_version() -> None:
    pair = ConnectionPair(SessionLimits(highest_version=c.V34)).bind(version=c.V50)
    assert pair.esme.seen(Bound)[0].version == c.V34
    assert pair.esme.session.version == c.V34


def test_an_smsc_that_does_not_say_its_version_is_taken_at_the_esmes() -> None:
    side = Side(EsmeSession(LIMITS, 0.0))
    side.session.send_bind(c.BIND_TRANSCEIVER, "x", "y", 0.0)
    tell(side, frame(0x80000009, b"old\0", 1))
    assert side.events[0].version == c.V33
    assert side.session.version == c.V34


def test_no_tlv_reaches_a_33_peer() -> None:
    session, side = bound(version=c.V33)
    session.congestion = 50
    assert session.send_message(message(tlvs=b"\2\4\0\2\0\7"), "a", 0.0)
    assert frames(session.data_to_send())[0].tlvs == []
    session.request(Pdu(c.ALERT_NOTIFICATION, tlvs=[(0x0422, b"\0")]), None, 0.0)
    assert frames(session.data_to_send())[0].tlvs == []
    assert frames(tell(side, pdu(c.SUBMIT_SM, 3)))[0].tlvs == []


def test_what_needs_message_payload_is_not_sent_to_a_33_peer() -> None:
    session, _ = bound(version=c.V33)
    assert session.send_message(message(body=b"x" * 255), "a", 0.0) == 0
    assert session.send_message(message(payload=True), "a", 0.0) == 0
    assert session.window_used == 0
    assert session.send_message(message(body=b"x" * 254), "a", 0.0) == 1


def test_congestion_state_is_told_to_50_peers_in_successes() -> None:
    for version, told in ((c.V34, None), (c.V50, 85)):
        session, side = bound(version=version)
        session.congestion = 85
        assert frames(tell(side, pdu(c.SUBMIT_SM, 3)))[0].tlv("congestion_state") == told
        session.receive_data(pdu(c.QUERY_SM, 4), 0.0)
        session.respond_pdu(request_in(session), 0, {"message_id": "1"})
        assert frames(session.data_to_send())[0].tlv("congestion_state") == told


@pytest.mark.parametrize(("version", "text"), [(c.V34, None), (c.V50, "the SIM is suspended")])
def test_the_reason_is_told_to_50_peers(version: int, text: str | None) -> None:
    session, _ = bound(version=version)
    session.receive_data(pdu(c.SUBMIT_SM, 3) + pdu(c.SUBMIT_SM, 4), 0.0)
    batch = session.next_event()
    batch.rows[0].status, batch.rows[0].note = c.ESME_RSUBMITFAIL, b"the SIM is suspended"
    batch.rows[1].answer = 1
    session.respond(batch)  # type: ignore[arg-type]
    session.submit_nack(4, c.ESME_RSUBMITFAIL, b"the SIM is suspended")
    for answer in frames(session.data_to_send()):
        assert answer.status == c.ESME_RSUBMITFAIL
        assert answer.tlv("additional_status_info_text") == text
        assert answer.fields == ({"message_id": ""} if text else {})


@pytest.mark.parametrize(
    ("status", "before"),
    [
        (c.ESME_RINVDCS, c.ESME_RSUBMITFAIL),
        (c.ESME_RPROHIBITED, c.ESME_RINVCMDID),
        (c.ESME_RSERTYPUNAUTH, c.ESME_RINVSERTYP),
        (0x400, 0x400),
    ],
)
def test_statuses_of_50_are_said_in_the_words_of_34(status: int, before: int) -> None:
    for version, expected in ((c.V34, before), (c.V50, status)):
        session, side = bound(version=version)
        side.status = status
        assert frames(tell(side, pdu(c.SUBMIT_SM, 3)))[0].status == expected
        session.receive_data(pdu(c.QUERY_SM, 4), 0.0)
        session.respond_pdu(request_in(session), status)
        assert frames(session.data_to_send())[0].status == expected
