"""The four link timers, on a clock that is an argument [3.4 §7.2]."""

from math import inf
from typing import Any

import pytest

from smsc.protocol import constants as c
from smsc.protocol.pdu.codec import request
from smsc.protocol.pdu.submit import LATER
from smsc.protocol.sessions.events import Closed, Expired, Unbound
from smsc.protocol.sessions.limits import SessionLimits
from smsc.protocol.sessions.session import Session
from smsc.protocol.states import BOUND_TRX, CLOSED
from tests.protocol.helpers import LIMITS, Side, bound, frame, message, pdu, said, tell

TIMERS = SessionLimits(session_init=10.0, enquire_link=30.0, inactivity=300.0, response=8.0)


def tick(side: Side, now: float) -> bytes:
    side.session.tick(now)
    side.read()
    return side.session.data_to_send()


def test_who_does_not_bind_is_cut_off() -> None:
    side = Side(Session(TIMERS, 100.0))
    assert side.session.next_tick() == 110.0
    tell(side, frame(c.ENQUIRE_LINK), 109.0)
    tick(side, 109.9)
    assert side.events == []
    tick(side, 110.0)
    assert side.events == [Closed("session_init", [])]
    assert side.session.wants_close
    assert side.session.next_tick() == inf


def test_a_silent_peer_is_asked_and_then_given_up() -> None:
    session, side = bound(limits=TIMERS)
    assert session.next_tick() == 30.0
    assert said(tick(side, 30.0)) == [("enquire_link", 0, 1)]
    assert tick(side, 35.0) == b""
    assert session.next_tick() <= 30.0 + 8.0 * 33 / 32
    tick(side, 39.0)
    assert side.events == [Closed("enquire_link", [])]


def test_what_falls_due_with_a_dead_link_comes_back_with_its_end() -> None:
    session, side = bound(limits=TIMERS)
    tick(side, 30.0)
    session.send_message(message(), "a", 30.1)
    tick(side, 40.0)
    assert side.events == [Closed("enquire_link", ["a"])]


def test_an_answer_to_enquire_link_is_not_the_owners_business() -> None:
    session, side = bound(limits=TIMERS)
    tick(side, 30.0)
    tell(side, frame(0x80000015, sequence=1), 31.0)
    tick(side, 60.9)
    assert (side.events, session.state) == ([], BOUND_TRX)
    assert said(tick(side, 61.0)) == [("enquire_link", 0, 2)]


def test_any_pdu_proves_the_link_alive() -> None:
    session, side = bound(limits=TIMERS)
    tick(side, 30.0)
    tell(side, pdu(c.SUBMIT_SM, 5), 37.0)
    tick(side, 39.0)
    assert session.state == BOUND_TRX
    assert said(tick(side, 67.0)) == [("enquire_link", 0, 2)]


def test_octets_that_make_no_pdu_do_not() -> None:
    """One octet a second, for ever: the peer is asked like a silent one."""
    _, side = bound(limits=TIMERS)
    octets = pdu(c.SUBMIT_SM, 5)
    for second in range(30):
        tell(side, octets[second : second + 1], float(second))
    assert said(tick(side, 30.0)) == [("enquire_link", 0, 1)]
    tell(side, octets[30:31], 31.0)
    tick(side, 39.0)
    assert side.events == [Closed("enquire_link", [])]


def test_inactivity_is_about_messages_not_about_enquire_link() -> None:
    _, side = bound(limits=SessionLimits(inactivity=100.0, enquire_link=inf))
    tell(side, pdu(c.SUBMIT_SM, 5), 50.0)
    for now in (90.0, 140.0):
        tell(side, frame(c.ENQUIRE_LINK), now)
        tick(side, now)
    assert side.events == []
    tick(side, 150.0)
    assert side.events == [Closed("inactivity", [])]


def test_an_unanswered_delivery_expires_once_and_alone() -> None:
    session, side = bound(limits=SessionLimits(response=8.0))
    sequences = []
    for token, now in (("a", 0.0), ("b", 0.1), ("c", 4.0), ("d", 7.9)):
        sequences.append(session.send_message(message(), token, now))
    session.data_to_send()
    tell(side, frame(0x80000005, b"\0", sequences[1]), 1.0)
    tick(side, 7.99)
    assert side.events == []
    tick(side, 8.25)
    assert side.events == [Expired("a")]
    tell(side, frame(0x80000005, b"\0", sequences[0]), 9.0)
    assert session.dropped == 1
    tick(side, 12.25)
    assert side.events == [Expired("a"), Expired("c")]
    assert session.next_tick() == pytest.approx(7.9 + 8.25)


def test_expiry_looks_at_the_oldest_only_and_is_never_early() -> None:
    session, side = bound(limits=SessionLimits(response=8.0, window_out=10_000, enquire_link=inf))
    for i in range(1000):
        session.send_message(message(), i, i / 100)
    session.data_to_send()
    expired: list[Any] = []
    for step in range(0, 2000, 7):
        now = step / 100
        tick(side, now)
        fresh = [event.token for event in side.events[len(expired) :]]
        assert all(now - 8.0 - 0.25 - 0.07 <= token / 100 <= now - 8.0 for token in fresh)
        expired += fresh
    assert expired == list(range(1000))


def test_expiry_across_the_wrap_of_sequence_numbers() -> None:
    session, side = bound(limits=SessionLimits(response=8.0, enquire_link=inf))
    session.sequence = 0x7FFFFFFD
    for i, now in enumerate((0.0, 0.0, 1.0, 1.0, 2.0)):
        session.send_message(message(), i, now)
    tick(side, 8.25)
    assert [event.token for event in side.events] == [0, 1]
    tick(side, 9.25)
    assert [event.token for event in side.events] == [0, 1, 2, 3]
    session.lost()
    side.read()
    assert side.events[-1].tokens == [4]


def test_a_request_expires_too_and_an_unbind_ends_the_session() -> None:
    session, side = bound(limits=SessionLimits(response=8.0))
    session.request(request(c.DATA_SM, [(0x0424, b"x")]), "data", 0.0)
    session.unbind(1.0)
    tick(side, 8.3)
    assert side.events == [Expired("data")]
    tick(side, 9.3)
    assert side.events[1:] == [Unbound(), Closed("unbound", [])]
    assert session.state == CLOSED


def test_a_paused_session_does_not_blame_the_peer_for_what_it_does_not_read() -> None:
    session, side = bound(limits=SessionLimits(window_in=1, enquire_link=5.0, inactivity=20.0, response=2.0))
    side.answer = LATER
    tick(side, 5.0)
    tell(side, pdu(c.SUBMIT_SM, 1), 5.0)
    assert session.paused
    tick(side, 100.0)
    assert session.state == BOUND_TRX
    assert session.next_tick() == inf


def test_timers_can_be_off() -> None:
    session, side = bound(limits=SessionLimits(enquire_link=inf, inactivity=inf, response=inf))
    session.send_message(message(), "a", 0.0)
    session.data_to_send()
    assert session.next_tick() == inf
    assert tick(side, 1e9) == b""
    assert side.events == []


def test_the_defaults_say_when_to_come_back() -> None:
    session, _ = bound()
    assert session.next_tick() == LIMITS.enquire_link
