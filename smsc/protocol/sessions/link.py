"""A connection's life, the same at both ends: what came in becomes answers and events, and time passes.

Octets go in with `receive_data`, events come out of `next_event`, octets to send out of `data_to_send`;
`tick` moves the timers. Time is an argument: seconds on a monotonic clock. Nothing a peer sends raises. The
layers below are `framing` (octets), `answers` (what is owed) and `flight` (what the peer owes). They are
bases and no parts for what a part costs, counted: `framing` and the response timer 0.1 to 0.7 % of all
instructions of a message, the window 3 % of a complete one, for the engine looks at it for each message and
each bind. Compiled, with `submit`.

The states are OPEN, BOUND_TX, BOUND_RX, BOUND_TRX, UNBINDING and CLOSED [SMPP 3.4 §2.2]; which PDU is legal
in which stands in the tables of `pdus`. From CLOSED nothing leads back: octets that still come are not read.

- Reading stops while the inbound window is full (`limits.window_in`), while a bind is undecided (`held`), and
  for good once the connection is to be closed (`wants_close`). It goes on at `next_event`, where it stopped.
- A request that was read is owed exactly one response, in any order; a session that ends owes none.
- A slot of the outbound window belongs to whom it was sent for until `release`, whatever the peer answers:
  the answer tells the owner, and the owner gives the slot back. A response that matches nothing frees none.
- The timers are session_init (until a bind), enquire_link, inactivity and response [SMPP 3.4 §7.2], the last
  for each request that was sent. `next_tick` is the earliest of them, and `tick` does what is due.
- An error of framing ends the session, for the next octet has no meaning then; every other error is answered
  and the session lives.
"""

from math import inf
from typing import Any

from smsc import reasons
from smsc.by_number import ByNumber
from smsc.protocol import strangers
from smsc.protocol.constants import (
    BINDS,
    DELIVER_SM,
    ENQUIRE_LINK,
    ESME_RALYBND,
    ESME_RINVBNDSTS,
    ESME_RINVCMDID,
    ESME_RINVCMDLEN,
    ESME_RTHROTTLED,
    ESME_RUNKNOWNERR,
    GENERIC_NACK,
    ONE_WAY,
    RESPONSE,
    UNBIND,
    command_name,
)
from smsc.protocol.pdu import codec
from smsc.protocol.pdu.codec import Pdu, PduError
from smsc.protocol.pdu.layouts import PDUS
from smsc.protocol.pdu.submit import Acks, Submit, SubmitBatch, parse_submit
from smsc.protocol.sessions.events import (
    LOST,
    Closed,
    Event,
    Expired,
    Late,
    Nacked,
    Request,
    Response,
    Resumed,
    UnbindRequest,
    Unbound,
)
from smsc.protocol.sessions.flight import Flight, Pending
from smsc.protocol.sessions.limits import SessionLimits
from smsc.protocol.states import BOUND, CLOSED, NAMES, NOWHERE, OPEN, UNBINDING

#: Ends that were answered: the peer, who has yet to read the answer, closes first.
LINGERING = frozenset({"bind refused", "unbound by peer", "framing"})


class Link(Flight):
    """One end of a connection; `session.Session` and `esme.EsmeSession` are the two, and set what differs.

    `takes` and `gives`: in this state the peer's messages are taken, and messages may be sent to it.
    `wants_close`: the connection is to be closed once all is written; when it `lingers`, the peer may do that
    first. `bind`, `number` and `id` are the owner's. `received` counts messages, `dropped` responses that
    match nothing.
    """

    __slots__ = (
        "acks",
        "allowed",
        "batch",
        "bind",
        "dropped",
        "enquire_link",
        "enquired_at",
        "events",
        "gives",
        "giving",
        "held",
        "highest_version",
        "id",
        "inactivity",
        "lingers",
        "number",
        "payload_supersedes",
        "received",
        "response_in",
        "session_init",
        "started_at",
        "state",
        "system_id",
        "takes",
        "taking",
        "wants_close",
    )

    def __init__(
        self, limits: SessionLimits, now: float, batch: SubmitBatch | None = None, acks: Acks | None = None
    ) -> None:
        super().__init__(limits, now)
        self.highest_version = limits.highest_version
        self.session_init = limits.session_init
        self.enquire_link = limits.enquire_link
        self.inactivity = limits.inactivity
        self.payload_supersedes = limits.payload_supersedes
        self.batch = SubmitBatch() if batch is None else batch
        self.acks = Acks() if acks is None else acks
        self.response_in = RESPONSE | DELIVER_SM
        self.allowed: dict[int, frozenset[int]] = {}
        self.taking: frozenset[int] = NOWHERE
        self.giving: frozenset[int] = NOWHERE
        self.bind: Any = None
        self.number = self.id = 0
        self.system_id = ""
        self.state = OPEN
        self.takes = self.gives = self.held = self.wants_close = self.lingers = False
        self.received = self.dropped = 0
        self.events: list[Event] = []
        self.started_at = now
        self.enquired_at = -1.0

    def next_event(self) -> Event | SubmitBatch | Acks | None:
        """The next event, or None when all that arrived has been read, the window is full, or a bind is
        undecided.

        The batch and the acks are shared: be done with them before asking again.
        """
        if self.events:
            return self.events.pop(0)
        event: Event | SubmitBatch | Acks | None
        while not self.held:
            length = self.frame()
            if length == 0:
                return None
            if length < 0:
                self.lose_framing()
                return self.events.pop(0)
            if self.command == self.message_in:
                event = self.read_messages()
                if event is None and self.takes and self.full():
                    return None
            elif self.command == self.response_in:
                event = self.read_responses()
            else:
                if self.full() and self.takes_turn(self.command):
                    return None
                start = self.position
                self.position += length
                self.read_pdu(self.buffer[start : self.position])
                event = None
            if event is not None:
                return event
            if self.events:
                return self.events.pop(0)
        return None

    def takes_turn(self, command: int) -> bool:
        """Whether a command has to wait for the inbound window: requests that the owner answers."""
        return command in PDUS and not command & RESPONSE and command not in (ENQUIRE_LINK, UNBIND, *ONE_WAY)

    def read_messages(self) -> SubmitBatch | None:
        """The run of messages at the front of the buffer as the batch; in a state that forbids them, their
        refusals."""
        if not self.takes:
            self.refuse_messages(0x04, reasons.WRONG_STATE)  # RINVBNDSTS: the state comes before the body
            return None
        room = self.window_in - self.deferred
        if room <= 0:
            if self.throttle:
                self.refuse_messages(0x58, reasons.WINDOW_FULL)  # RTHROTTLED
            return None
        batch = self.batch
        rows = batch.rows
        if room > len(rows):  # noqa: PLR1730  (min() is a Python call in C)
            room = len(rows)
        data = self.buffer
        p = data
        at = self.position
        end = self.end
        version = self.version
        count = 0
        while count < room and end - at >= 16:
            length = p[at] << 24 | p[at + 1] << 16 | p[at + 2] << 8 | p[at + 3]
            command = p[at + 4] << 24 | p[at + 5] << 16 | p[at + 6] << 8 | p[at + 7]
            if command != self.message_in or length < 16 or length > self.max_pdu or length > end - at:
                break
            row: Submit = rows[count]
            if parse_submit(data, at, at + length, row, version, self.payload_supersedes) != 0:
                self.explain(p[at : at + length], row)
            at += length
            count += 1
        self.position = at
        self.received += count
        self.active_at = self.now
        batch.count = count
        batch.session = self
        return batch

    def explain(self, frame: bytes, row: Submit) -> None:
        """Note for the owner, who answers, what is wrong with a message."""

    def tell(
        self, command: int, sequence: int, status: int, reason: int, detail: str, count: int = 1
    ) -> None:
        """Tell the owner of what was refused here, if it wants to know."""

    def refuse_messages(self, status: int, reason: int) -> None:
        """Answer the run of messages at the front of the buffer with their headers alone."""
        p = self.buffer
        at = self.position
        end = self.end
        count = sequence = 0
        while end - at >= 16:
            length = p[at] << 24 | p[at + 1] << 16 | p[at + 2] << 8 | p[at + 3]
            command = p[at + 4] << 24 | p[at + 5] << 16 | p[at + 6] << 8 | p[at + 7]
            if command != self.message_in or length < 16 or length > self.max_pdu or length > end - at:
                break
            sequence = p[at + 12] << 24 | p[at + 13] << 16 | p[at + 14] << 8 | p[at + 15]
            self.put_answer(sequence, status, 0)
            at += length
            count += 1
        self.position = at
        if count:
            self.tell(self.message_in, sequence, status, reason, "", count)

    def read_responses(self) -> Acks | None:
        """The run of responses to messages at the front of the buffer; those that match nothing are
        dropped."""
        acks = self.acks
        tokens = acks.tokens
        statuses = acks.statuses
        message_ids = acks.message_ids
        tlvs = acks.tlvs
        data = self.buffer
        p = data
        at = self.position
        end = self.end
        room = len(tokens)
        count = dropped = last = 0
        while count < room and end - at >= 16:
            length = p[at] << 24 | p[at + 1] << 16 | p[at + 2] << 8 | p[at + 3]
            command = p[at + 4] << 24 | p[at + 5] << 16 | p[at + 6] << 8 | p[at + 7]
            if command != self.response_in or length < 16 or length > self.max_pdu or length > end - at:
                break
            sequence = p[at + 12] << 24 | p[at + 13] << 16 | p[at + 14] << 8 | p[at + 15]
            token = self.in_flight.drop(sequence)
            if token is None:
                dropped += 1
                last = sequence
            elif type(token) is Pending:
                self.in_flight.put(sequence, token)
                dropped += 1
                last = sequence
            else:
                tokens[count] = token
                status = p[at + 8] << 24 | p[at + 9] << 16 | p[at + 10] << 8 | p[at + 11]
                statuses[count] = status
                stop = at + length
                nul = at + 16
                while nul < stop and p[nul] != 0:
                    nul += 1
                message_ids[count] = p[at + 16 : nul]
                tlvs[count] = p[nul + 1 : stop] if nul + 1 < stop else b""
                count += 1
            at += length
        self.position = at
        self.active_at = self.now
        acks.count = count
        acks.session = self
        if dropped:
            self.drop(self.response_in, last, dropped)
        return acks if count else None

    def drop(self, command: int, sequence: int, count: int) -> None:
        """Responses that answer nothing: never answered themselves, or two peers could go on for ever."""
        self.dropped += count
        name = command_name(command)
        detail = f"{name} with sequence_number {sequence}, which is not in flight"
        self.tell(command, sequence, 0, reasons.UNMATCHED_ANSWER, detail, count)

    def lose_framing(self) -> None:
        """command_length is impossible: nack it, and give the connection up [3.4 §4.3.1]."""
        frame = self.buffer[self.position : self.position + 16]
        reason, detail = strangers.describe(frame, self.offset, self.max_pdu)
        command, sequence = codec.header(frame)[1], codec.header(frame)[3]
        self.nack(ESME_RINVCMDLEN, sequence)
        self.tell(command, sequence, ESME_RINVCMDLEN, reason, detail)
        self.close("framing")

    def turn_down(self, command: int, sequence: int, error: PduError) -> None:
        """Refuse a request, and tell why: the peer, if it can be told, and the owner."""
        answer = GENERIC_NACK if error.respond_as == "nack" else command
        self.refuse(answer, sequence, error.status, error.hint)
        reason = reasons.OF_FAULT.get(error.status, reasons.SYSTEM_FAILURE)
        self.tell(command, sequence, error.status, reason, error.hint)

    def read_pdu(self, frame: bytes) -> None:
        """One PDU that is no message: what there is to answer is answered, what the owner must know becomes
        an event."""
        _, command, status, sequence = codec.header(frame)
        if command & RESPONSE:
            self.read_response(frame, command, status, sequence)
            return
        if command not in PDUS:
            hint = f"command_id is 0x{command:08X}, which SMPP does not have"
            self.turn_down(command, sequence, PduError(ESME_RINVCMDID, "nack", hint))
            return
        if self.state not in self.allowed[command]:
            already = command in BINDS and self.state != OPEN
            states = (
                ", ".join(NAMES[state] for state in sorted(self.allowed[command])) or "none: it is the SMSC's"
            )
            hint = f"{command_name(command)} in the state {NAMES[self.state]}; it is for {states}"
            error = PduError(ESME_RALYBND if already else ESME_RINVBNDSTS, "resp", hint)
            self.turn_down(command, sequence, error)
            return
        try:
            pdu = self.decoded(frame)
        except PduError as error:
            self.turn_down(command, sequence, error)
            return
        if command != ENQUIRE_LINK:
            self.active_at = self.now
        if command == ENQUIRE_LINK:
            self.put_simple(RESPONSE | ENQUIRE_LINK, 0, sequence)
        elif command == UNBIND:
            self.enter(UNBINDING)
            self.events.append(UnbindRequest(sequence))
        else:
            self.read_request(pdu)

    def decoded(self, frame: bytes) -> Pdu:
        """The PDU, or PduError."""
        return codec.decode_pdu(frame, self.version)

    def read_request(self, pdu: Pdu) -> None:
        """A request that the owner answers, once its values are legal."""
        fault = codec.value_fault(pdu, self.version, self.payload_supersedes)
        if fault is not None:
            self.turn_down(pdu.command_id, pdu.sequence, fault)
        elif pdu.command_id in ONE_WAY:
            self.events.append(Request(pdu))
        elif self.deferred >= self.window_in:
            hint = f"{self.deferred} requests wait for their responses"
            self.turn_down(pdu.command_id, pdu.sequence, PduError(ESME_RTHROTTLED, "resp", hint))
        else:
            self.deferred += 1
            self.events.append(Request(pdu))

    def read_response(self, frame: bytes, command: int, status: int, sequence: int) -> None:
        """A response or generic_nack: never answered; dropped when it matches nothing in flight."""
        entry = self.in_flight.get(sequence)
        sent = entry.command_id if isinstance(entry, Pending) else self.message_out
        if entry is None or command not in (GENERIC_NACK, RESPONSE | sent):
            self.drop(command, sequence, 1)
            return
        self.in_flight.drop(sequence)
        token = entry.token if isinstance(entry, Pending) else entry
        if sent == UNBIND:
            self.events.append(Unbound())
            self.close("unbound")
        elif sent == ENQUIRE_LINK:
            self.enquired_at = -1.0
        else:
            self.read_result(sent, token, frame)

    def read_result(self, asked: int, token: Any, frame: bytes) -> None:
        """The answer to a message or to a request of the owner's."""
        answer = read_answer(frame, self.version)
        if answer.command_id == GENERIC_NACK:
            self.events.append(Nacked(token, answer.status))
        else:
            self.events.append(Response(token, answer))

    def end_of_stream(self) -> None:
        """The peer will say no more: what it has said is read on and answered, but nothing is sent to it."""
        self.gives = False

    @property
    def unread(self) -> int:
        """How many octets wait to be read."""
        return self.end - self.position + self.chunk_octets

    def unbind(self, now: float) -> None:
        """Ask the peer to part: no new work comes in; Unbound and Closed follow its answer or the response
        timer."""
        if self.state in BOUND:
            self.request(Pdu(UNBIND), None, now)
            self.enter(UNBINDING)

    def accept_unbind(self, request: UnbindRequest) -> None:
        """Answer the peer's unbind; the session is over once the answer is sent."""
        self.put_simple(RESPONSE | UNBIND, 0, request.sequence)
        self.close("unbound by peer")

    def tick(self, now: float) -> None:
        """Let time pass: what is due is sent or becomes an event. Call it when `next_tick` says, or
        oftener."""
        self.now = now
        if self.state == CLOSED or now < self.next_tick():
            return
        if self.state == OPEN and now >= self.started_at + self.session_init:
            self.close("session_init")
            return
        while self.marks and now >= self.mark_due():
            self.expire()
        if now >= self.late_at and self.has_late(now):
            self.events.append(Late())
        if now >= self.resumes_at:
            self.resumes_at = inf
            self.events.append(Resumed())
        if self.state not in BOUND or self.full():
            return
        if now >= self.active_at + self.inactivity:
            self.close("inactivity")
        elif self.enquired_at < 0 and now >= self.arrived_at + self.enquire_link:
            self.enquired_at = now
            active_at = self.active_at
            self.request(Pdu(ENQUIRE_LINK), None, now)
            self.active_at = active_at

    def next_tick(self) -> float:
        """When `tick` is next needed, in link time; inf for never."""
        due = inf
        if self.state == CLOSED:
            return due
        if self.state == OPEN:
            due = self.started_at + self.session_init
        elif self.state != UNBINDING and not self.full():
            due = self.active_at + self.inactivity
            if self.enquired_at < 0:
                due = earlier(due, self.arrived_at + self.enquire_link)
        due = earlier(earlier(due, self.late_at), self.resumes_at)
        return earlier(due, self.mark_due()) if self.marks else due

    def expire(self) -> None:
        """Give up on what was sent under the oldest mark."""
        for sequence in self.overdue():
            if not self.ended:  # else the session ended with one of them, and Closed has the others
                self.expire_one(self.in_flight.drop(sequence))

    def expire_one(self, entry: Any) -> None:
        if not isinstance(entry, Pending):
            self.events.append(Expired(entry))
        elif entry.command_id == UNBIND:
            self.events.append(Unbound())
            self.close("unbound")
        elif entry.command_id == ENQUIRE_LINK:
            # Any PDU since then proves the link alive [3.4 §4.11]; a paused session did not look.
            if self.arrived_at <= self.enquired_at and not self.full():
                self.close("enquire_link")
            self.enquired_at = -1.0
        elif entry.command_id in BINDS:
            self.close("bind")
        else:
            self.events.append(Expired(entry.token))

    def enter(self, state: int) -> None:
        self.state = state
        self.takes = state in self.taking
        self.gives = state in self.giving

    def close(self, reason: str) -> None:
        """End the session: nothing more is read or written; what is in flight comes back with the Closed
        event."""
        if self.state == CLOSED:
            return
        tokens = self.tokens()
        cut_off = self.cut_off() if reason == LOST else ""
        self.in_flight = ByNumber(2)
        self.marks.clear()
        self.late_at = self.resumes_at = inf
        self.enter(CLOSED)
        self.ended = self.held = self.wants_close = True
        self.lingers = reason in LINGERING
        self.buffer = b""
        self.position = self.end = self.chunk_octets = 0
        self.chunks.clear()
        self.events.append(Closed(reason, tokens, cut_off))

    def lost(self, reason: str = LOST) -> None:
        """Tell the session that its connection is gone."""
        self.close(reason)


def earlier(one: float, other: float) -> float:
    """min(), which is a Python call in C."""
    return one if one < other else other


def read_answer(frame: bytes, version: int) -> Pdu:
    """A response, whose body is left out when it cannot be read: what it says by its status still counts."""
    try:
        return codec.decode_pdu(frame, version)
    except PduError:
        _, command, status, sequence = codec.header(frame)
        return Pdu(command, status or ESME_RUNKNOWNERR, sequence)
