"""Two ends, a slow wire, answers in any order, time that passes: whatever the interleaving, every token that
was handed in comes back exactly once, and the windows count what is owed."""

from collections import Counter
from itertools import count
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from smsc.protocol import constants as c
from smsc.protocol.pdu.codec import request
from smsc.protocol.pdu.submit import LATER, Acks, SubmitBatch
from smsc.protocol.sessions.esme import EsmeSession
from smsc.protocol.sessions.events import (
    BindRequest,
    Closed,
    Expired,
    Nacked,
    Request,
    Response,
    UnbindRequest,
)
from smsc.protocol.sessions.limits import SessionLimits
from smsc.protocol.sessions.session import Session
from smsc.protocol.states import CLOSED
from tests.conftest import examples
from tests.protocol.helpers import message

LIMITS = SessionLimits(window_in=3, window_out=4, session_init=20.0, enquire_link=15.0, response=8.0)


class End:
    """One end: what it owes, what it is owed, and the octets on their way to the other."""

    def __init__(self, session: Session | EsmeSession) -> None:
        self.session = session
        self.wire = bytearray()
        self.owed: list[int] = []
        self.sent: list[Any] = []
        self.back: Counter[Any] = Counter()
        self.closed = 0

    def read(self) -> None:
        while (event := self.session.next_event()) is not None:
            assert not self.closed, "nothing comes after Closed"
            self.take(event)

    def take(self, event: Any) -> None:
        if type(event) is SubmitBatch:
            for row in event.rows[: event.count]:
                row.answer = LATER
                self.owed.append(row.sequence)
            self.session.respond(event)
        elif type(event) is Acks:
            self.back.update(event.tokens[: event.count])
        elif isinstance(event, Expired | Nacked | Response):
            self.back[event.token] += 1
        elif isinstance(event, Closed):
            self.back.update(event.tokens)
            self.closed += 1
        elif isinstance(event, BindRequest):
            self.session.accept_bind(event, "smsc")
        elif isinstance(event, UnbindRequest):
            self.session.accept_unbind(event)
        elif isinstance(event, Request):
            self.session.respond_pdu(event, c.ESME_RQUERYFAIL)


class Interleavings(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.tokens = count(1)
        self.smsc = End(Session(LIMITS, 0.0))
        self.esme = End(EsmeSession(LIMITS, 0.0))

    @initialize(
        kind=st.sampled_from((c.BIND_TRANSCEIVER, c.BIND_TRANSMITTER, c.BIND_RECEIVER)), late=st.booleans()
    )
    def bind(self, kind: int, late: bool) -> None:
        self.esme.session.send_bind(kind, "4790000001", "1234", 0.0)
        if not late:
            self.settle()

    def ends(self) -> tuple[tuple[End, End], tuple[End, End]]:
        return (self.esme, self.smsc), (self.smsc, self.esme)

    def carry(self, source: End, target: End, size: int) -> None:
        source.wire += source.session.data_to_send()
        octets, source.wire = bytes(source.wire[:size]), source.wire[size:]
        if octets:
            target.session.receive_data(octets, self.now)
        if source.session.wants_close and not source.wire and not source.session.pending_bytes:
            target.session.lost("peer gone")
        target.read()

    def settle(self) -> None:
        for _ in range(4):
            for source, target in self.ends():
                self.carry(source, target, 1 << 20)

    @rule(number=st.integers(1, 5), on=st.booleans())
    def send(self, number: int, on: bool) -> None:
        end = self.esme if on else self.smsc
        for _ in range(number):
            if end.session.gives and end.session.window_free > 0:
                token = next(self.tokens)
                assert end.session.send_message(message(), token, self.now)
                end.sent.append(token)

    @rule()
    def ask(self) -> None:
        if self.esme.session.gives:
            token = next(self.tokens)
            self.esme.session.request(request(c.QUERY_SM, message_id="1"), token, self.now)
            self.esme.sent.append(token)

    @rule(on=st.booleans(), which=st.integers(0, 20), status=st.sampled_from((0, c.ESME_RTHROTTLED)))
    def answer(self, on: bool, which: int, status: int) -> None:
        end = self.esme if on else self.smsc
        if end.owed:
            sequence = end.owed.pop(which % len(end.owed))
            if status:
                end.session.submit_nack(sequence, status)
            else:
                end.session.submit_resp(sequence, 7)
            end.read()

    @rule(on=st.booleans(), number=st.integers(1, 4))
    def release(self, on: bool, number: int) -> None:
        session = (self.esme if on else self.smsc).session
        session.release(min(number, session.window_used))

    @rule(size=st.integers(1, 200), there=st.booleans())
    def move(self, size: int, there: bool) -> None:
        self.carry(*self.ends()[0 if there else 1], size)

    @rule(seconds=st.floats(0.01, 6.0))
    def wait(self, seconds: float) -> None:
        self.now += seconds
        for end in (self.esme, self.smsc):
            end.session.tick(self.now)
            end.read()

    @rule(on=st.booleans())
    def part(self, on: bool) -> None:
        (self.esme if on else self.smsc).session.unbind(self.now)

    @invariant()
    def windows_count_what_is_owed(self) -> None:
        for end in (self.esme, self.smsc):
            session = end.session
            if session.state != CLOSED:
                assert session.deferred == len(end.owed)
                assert session.paused == (session.deferred >= LIMITS.window_in)
                assert session.window_used <= LIMITS.window_out
            assert all(times == 1 for times in end.back.values())

    def teardown(self) -> None:
        for end in (self.esme, self.smsc):
            for sequence in end.owed:
                end.session.submit_resp(sequence, 7)
            end.owed.clear()
            end.read()
        self.settle()
        for end in (self.esme, self.smsc):
            end.session.lost("over")
            end.read()
            assert end.closed == 1
            assert end.back == Counter(end.sent)
            assert end.session.next_event() is None


TestInterleavings = Interleavings.TestCase
TestInterleavings.settings = settings(max_examples=examples(60), stateful_step_count=40, deadline=None)
