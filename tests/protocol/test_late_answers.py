"""A message without its answer is told of when it is late; a peer with a full queue is given a rest."""

from __future__ import annotations

from typing import Any

import pytest

from smsc.protocol.constants import BIND_TRANSCEIVER
from smsc.protocol.pdu.submit import Acks, Submit, SubmitBatch
from smsc.protocol.sessions.esme import EsmeSession
from smsc.protocol.sessions.events import BindRequest, Bound, Expired, Late, Resumed
from smsc.protocol.sessions.limits import SessionLimits
from smsc.protocol.sessions.session import Session

LATE = 5.0


class Ends:
    """Both ends of one connection, bound; the far one answers nothing of itself."""

    def __init__(self, late: float = LATE) -> None:
        self.smsc = Session(SessionLimits(late=late), 0.0)
        self.esme = EsmeSession(SessionLimits(), 0.0)
        self.esme.send_bind(BIND_TRANSCEIVER, "shop", "shop", 0.0)
        self.smsc.receive_data(self.esme.data_to_send(), 0.0)
        asked = self.smsc.next_event()
        assert isinstance(asked, BindRequest)
        self.smsc.accept_bind(asked, "smsc")
        self.esme.receive_data(self.smsc.data_to_send(), 0.0)
        assert isinstance(self.esme.next_event(), Bound)
        self.sent: dict[str, int] = {}

    def send(self, token: str, now: float) -> None:
        row = Submit()
        row.source = row.dest = 4790000001
        self.sent[token] = self.smsc.send_message(row, token, now)

    def answer(self, token: str, now: float) -> Any:
        self.esme.receive_data(self.smsc.data_to_send(), now)
        batch = self.esme.next_event()
        assert isinstance(batch, SubmitBatch)
        for row in batch.rows[: batch.count]:
            row.answer = 1
        self.esme.respond(batch)
        self.esme.submit_resp(self.sent[token], 0)
        self.smsc.receive_data(self.esme.data_to_send(), now)
        event = self.smsc.next_event()
        assert isinstance(event, Acks)
        return event.tokens[: event.count]

    def told(self, until: float) -> list[tuple[str, float]]:
        """What the timers tell, when each of them is looked at as it asks to be."""
        events = []
        while (due := self.smsc.next_tick()) <= until:
            self.smsc.tick(due)
            while (event := self.smsc.next_event()) is not None:
                events.append((type(event).__name__, due))
        return events


def test_a_message_without_an_answer_is_late_once() -> None:
    ends = Ends()
    ends.send("en", 1.0)
    ((name, at),) = ends.told(30.0)
    assert name == Late.__name__
    assert LATE <= at - 1.0 <= LATE * 1.05
    assert ends.answer("en", 30.0) == ["en"]  # it may yet come


def test_each_message_is_late_by_its_own_time() -> None:
    ends = Ends()
    for number in range(4):
        ends.send(str(number), float(number))
    assert [name for name, _ in ends.told(20.0)] == ["Late"] * 4


def test_one_that_was_answered_is_not_late() -> None:
    ends = Ends()
    ends.send("en", 1.0)
    assert ends.answer("en", 2.0) == ["en"]
    ends.send("to", 4.0)
    ((name, at),) = ends.told(30.0)
    assert (name, at >= 4.0 + LATE) == ("Late", True)


def test_a_session_that_answers_costs_a_look_in_a_while() -> None:
    """Marks of what was answered do not pile up, and no timer runs for each."""
    ends = Ends()
    ticks = 0
    for number in range(1_000):
        now = number / 10
        ends.send(str(number), now)
        assert ends.answer(str(number), now) == [str(number)]
        while ends.smsc.next_tick() <= now:
            ends.smsc.tick(now)
            ticks += 1
            assert not isinstance(ends.smsc.next_event(), Late | Expired)
        assert len(ends.smsc.marks) <= 40
    assert ticks <= 100 / LATE * 1.5 + 10


def test_nothing_is_late_where_nobody_asked() -> None:
    ends = Ends(float("inf"))
    ends.send("en", 1.0)
    assert "Late" not in [name for name, _ in ends.told(59.0)]


@pytest.mark.parametrize("window", [1, 2, 9, 1000])
def test_a_full_peer_rests_with_half_the_window(window: int) -> None:
    ends = Ends()
    smsc = ends.smsc
    smsc.window_out = window
    assert smsc.rest(10.0)
    assert not smsc.rest(10.5)  # a burst of refusals is one
    half = max(1, window // 2)
    assert smsc.window_out == half
    ((name, at),) = ends.told(12.0)
    assert name == Resumed.__name__
    assert 10.5 < at < 11.5
    smsc.took(half, 12.0)
    assert smsc.window_out == min(window, half + 1)
    smsc.took(window * window, 13.0)
    assert smsc.window_out == window
    assert smsc.rest(20.0)
    smsc.took(1, 90.0)  # a minute without a refusal
    assert smsc.window_out == window
