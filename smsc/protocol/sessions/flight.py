"""What the peer owes: the outbound window, sequence numbers, and what was sent and not answered yet.

Compiled, with `submit`: a message costs its octets and one entry of a table.
"""

from math import inf
from typing import Any

from smsc.by_number import ByNumber
from smsc.protocol.constants import DELIVER_SM, MAX_SEQUENCE, ONE_WAY
from smsc.protocol.pdu import codec, tlv
from smsc.protocol.pdu.codec import Pdu
from smsc.protocol.pdu.submit import Submit, put_message
from smsc.protocol.sessions.answers import Answers
from smsc.protocol.sessions.limits import SessionLimits

#: The response timer is kept in this many steps: an answer is missed up to one step late.
STEPS = 32
#: Seconds that a peer whose queue is full is given nothing, and after which its window is whole again.
REST = 0.9
_PLACES = 16  # of the table of what is in flight, at first: thousands of binds are idle
WHOLE_AGAIN = 60.0


class Pending:
    """A request in flight that was not sent by row: what it was, and its owner's token."""

    __slots__ = ("command_id", "token")

    def __init__(self, command_id: int, token: Any) -> None:
        self.command_id = command_id
        self.token = token


class Flight(Answers):
    """Requests in flight by sequence_number: messages as their owner's token, others as Pending.

    Their numbers tell the order of sending; `marks` say when, in steps of the response timer.
    """

    __slots__ = (
        "active_at",
        "in_flight",
        "late",
        "late_at",
        "mark_at",
        "marks",
        "message_out",
        "refused_at",
        "response",
        "resumes_at",
        "sent",
        "sequence",
        "step",
        "taken",
        "told",
        "window_most",
        "window_out",
        "window_used",
    )

    def __init__(self, limits: SessionLimits, now: float) -> None:
        super().__init__(limits, now)
        self.window_out = limits.window_out
        self.window_used = 0
        self.message_out = DELIVER_SM
        self.sequence = 0
        self.sent = 0
        self.in_flight = ByNumber(_PLACES)
        self.active_at = now
        self.response = limits.response
        self.marks: list[tuple[float, int]] = []
        self.late = inf
        self.step = limits.response / STEPS  # how much later than its mark a request may have been sent
        self.told = 0  # marks under which it was told that a message is late
        self.late_at = inf  # when that is to be looked at again
        self.mark_at = -inf if self.step < inf else inf
        self.window_most = 0  # the window before the peer's queue was full; 0 when it is whole
        self.taken = 0  # messages taken since the window last grew
        self.refused_at = 0.0
        self.resumes_at = inf  # when the peer, whose queue was full, is given something again
        if limits.late < inf:
            self.tell_of_late(limits.late)

    @property
    def window_free(self) -> int:
        """How many messages may be sent before some are released."""
        return self.window_out - self.window_used

    def release(self, count: int) -> None:
        """Give slots of the outbound window back: what became of the messages is settled and committed."""
        self.window_used -= count

    def send_message(self, row: Submit, token: Any, now: float) -> int:
        """Send a row as a message; returns its sequence_number, or 0 when the session is over or the row does
        not fit a peer below 3.4.

        It takes a slot of the outbound window, until `release`. `token`, never None, comes back with the
        answer.
        """
        if self.ended or (self.version < 0x34 and (row.payload or len(row.body) > 254)):
            return 0
        self.reserve(128 + len(row.body) + len(row.tlvs))  # MESSAGE_OVERHEAD
        sequence = self.next_sequence(now)
        self.out_length = put_message(
            self.out, self.out_length, row, self.message_out, sequence, self.version
        )
        self.in_flight.put(sequence, token)
        self.window_used += 1
        self.sent += 1
        return sequence

    def request(self, pdu: Pdu, token: Any, now: float) -> int:
        """Send any other request: the session numbers it, drops TLVs beyond the peer's version, and returns
        the number.

        0 when the session is over. Its answer is a Response, Nacked or Expired event with the token; a
        one-way PDU has none.
        """
        if self.ended:
            return 0
        sequence = self.next_sequence(now)
        pdu.sequence = sequence
        pdu.tlvs = tlv.for_version(pdu.tlvs, self.version)
        self.send(codec.encode_pdu(pdu, self.version))
        if pdu.command_id not in ONE_WAY:
            self.in_flight.put(sequence, Pending(pdu.command_id, token))
        return sequence

    def next_sequence(self, now: float) -> int:
        """1, 2, ... 0x7FFFFFFF, 1 [5.0 §4.7.24]; a number still in flight is passed over."""
        self.active_at = now
        sequence = self.sequence
        while True:
            sequence = 1 if sequence >= 0x7FFFFFFF else sequence + 1
            if self.in_flight.get(sequence) is None:
                break
        self.sequence = sequence
        if now >= self.mark_at:
            self.mark(now, sequence)
        return sequence

    def mark(self, now: float, sequence: int) -> None:
        """Note that `sequence` was sent now. A mark stands for all that is sent in one step of the response
        timer."""
        self.marks.append((now, sequence))
        self.mark_at = now + self.step
        if self.late_at == inf:
            self.late_at = self.mark_at + self.late

    def tell_of_late(self, seconds: float) -> None:
        """A message to the peer without its answer for so long becomes a Late event. Before any is sent."""
        self.late = seconds
        self.step = min(self.response, seconds) / STEPS
        self.mark_at = -inf if self.step < inf else inf

    def mark_due(self) -> float:
        """When everything of the oldest mark is overdue."""
        return self.marks[0][0] + self.step + self.response

    def has_late(self, now: float) -> bool:
        """Whether a message has been without its answer for `late` seconds, and that was not told before."""
        self.drop_answered_marks()
        marks, wait = self.marks, self.step + self.late
        before = self.told
        while self.told < len(marks) and marks[self.told][0] + wait <= now:
            self.told += 1
        self.late_at = marks[self.told][0] + wait if self.told < len(marks) else inf
        if self.told == before:
            return False
        begin = self.place(marks[before][1])
        end = self.place(marks[self.told][1]) if self.told < len(marks) else MAX_SEQUENCE
        for sequence in self.in_order():
            entry = self.in_flight.get(sequence)
            if self.place(sequence) >= end:
                break
            if self.place(sequence) >= begin and not isinstance(entry, Pending):
                return True
        return False

    def place(self, sequence: int) -> int:
        """How many numbers after the oldest mark's this one comes."""
        return (sequence - self.marks[0][1] + MAX_SEQUENCE) % MAX_SEQUENCE

    def in_order(self) -> list[int]:
        """The sequence numbers in flight in the order of sending."""
        return sorted(self.in_flight, key=self.age)

    def age(self, sequence: int) -> int:
        """Smaller for what was sent earlier."""
        return (sequence - self.sequence - 1) % MAX_SEQUENCE

    def drop_answered_marks(self) -> None:
        """Marks under which nothing is in flight any more say nothing."""
        oldest = min(self.in_flight, key=self.age, default=None)
        marks = self.marks
        if oldest is None:
            marks.clear()
            self.mark_at = -inf
        place = 0 if oldest is None else self.place(oldest)
        answered = 0
        while answered + 1 < len(marks) and self.place(marks[answered + 1][1]) <= place:
            answered += 1
        del marks[:answered]
        self.told = max(0, self.told - answered) if marks else 0

    def rest(self, now: float) -> bool:
        """The peer's queue is full [ESME_RTHROTTLED, ESME_RMSGQFUL]: half the window from now on.

        `Resumed` tells when it may be given something again. False while that has yet to come: what was
        under way is refused with it.
        """
        if self.resumes_at < inf:
            return False
        self.resumes_at = now + REST
        self.refused_at = now
        self.taken = 0
        self.window_most = self.window_most or self.window_out
        self.window_out = max(1, self.window_out // 2)
        return True

    def took(self, count: int, now: float) -> None:
        """The peer has taken so many messages: the window grows by one a window, and is whole after a while
        without refusals."""
        if self.window_most == 0:
            return
        self.taken += count
        while self.taken >= self.window_out and self.window_out < self.window_most:
            self.taken -= self.window_out
            self.window_out += 1
        if now >= self.refused_at + WHOLE_AGAIN:
            self.window_out = self.window_most
        if self.window_out == self.window_most:
            self.window_most = 0

    def overdue(self) -> list[int]:
        """Take the oldest mark away: the sequence numbers sent under it that are still in flight, oldest
        first."""
        first = self.marks.pop(0)[1]
        self.told = max(0, self.told - 1)
        if not self.marks:
            self.mark_at = -inf
            self.late_at = inf
        limit = self.marks[0][1] if self.marks else self.sequence + 1
        span = (limit - first + MAX_SEQUENCE) % MAX_SEQUENCE or MAX_SEQUENCE
        late: list[int] = []
        for sequence in self.in_order():
            if (sequence - first + MAX_SEQUENCE) % MAX_SEQUENCE >= span:
                break
            late.append(sequence)
        return late

    def tokens(self) -> list[Any]:
        """The owners' tokens of all that is in flight, oldest first."""
        entries = [self.in_flight.get(sequence) for sequence in self.in_order()]
        tokens = (entry.token if isinstance(entry, Pending) else entry for entry in entries)
        return [token for token in tokens if token is not None]
