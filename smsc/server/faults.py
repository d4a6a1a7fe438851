"""Faults on purpose: what becomes of the octets of one connection when a rule fires.

Without rules nothing of this exists: a connection's `faults` is None. With rules a `ConnectionFaults` stands
between the socket and the session. It works on whole PDUs, holds nothing up but what a rule tells it to, and
never blocks: what is due later waits for `next_due`. Time is an argument, in seconds of link time.
"""

from __future__ import annotations

from collections import deque
from heapq import heappop, heappush
from math import inf

from smsc.engine.fault_rules import FaultRules
from smsc.protocol.constants import (
    BINDS,
    DELIVER_SM,
    ESME_RTHROTTLED,
    GENERIC_NACK,
    HEADER,
    ONE_WAY,
    RESPONSE,
    SUBMIT_SM,
)
from smsc.protocol.pdu.codec import PduError, decode_pdu, header, pdu_octets
from smsc.protocol.pdu.splitting import Splitter
from smsc.protocol.sessions.session import Session
from smsc.routing.id_form import IdForm

_LARGEST_PDU = 1 << 24  # more than any session sends
_UNKNOWN_COMMAND = 0x0001FFFF
_EARLY = 0.5  # seconds that a submit_sm_resp waits for its receipt


class ConnectionFaults:
    """One connection's octets, in both directions."""

    def __init__(self, rules: FaultRules, max_pdu: int, system_id: str = "") -> None:
        self.rules = rules
        self.system_id = system_id
        self.incoming_pdus = Splitter(max_pdu)
        self.outgoing_pdus = Splitter(_LARGEST_PDU)
        self.delayed: list[tuple[float, int, bytes]] = []
        self.delays = 0
        self.line: deque[tuple[bytes, float]] = deque()  # (octets, seconds between them), in order
        self.next_octet = 0.0
        self.dead = False  # half-open: nothing is heard or said any more
        self.drop = False  # the connection is to be closed once what was returned is written
        self.unbind = False  # the session is to send an unbind
        self.early: IdForm | None = None  # receipts overtake the submit_sm_resp, whose ids look so
        self.asked: set[int] = set()  # sequence numbers of submissions that want a receipt
        self.fired: list[tuple[str, int, int]] = []  # (action, command_id, sequence_number), to be told
        self.held: dict[bytes, tuple[float, bytes]] = {}  # message_id -> (until when, submit_sm_resp)

    def take_partial(self, session: Session) -> None:
        """Start in the middle of a connection: the part of a PDU that the session holds is taken from it."""
        unread = session.buffer[session.position : session.end] + b"".join(session.chunks)
        splitter = Splitter(self.incoming_pdus.max_pdu)
        splitter.feed(unread)
        whole = len(unread) - len(splitter.rest)
        session.buffer, session.position, session.end = unread[:whole], 0, whole
        session.chunks.clear()
        session.chunk_octets = 0
        self.incoming_pdus = splitter

    def incoming(self, octets: bytes, now: float) -> tuple[bytes, list[tuple[int, bytes]]]:
        """What the session is to read of what came, and (command_id, refusal) for what it never sees."""
        if self.dead:
            return b"", []
        passed: list[bytes] = []
        refused: list[tuple[int, bytes]] = []
        for frame in self.incoming_pdus.feed(octets):
            if len(frame) < HEADER:
                passed.append(frame)
                continue
            _, command, _, sequence = header(frame)
            if command in BINDS:
                self.system_id = frame[HEADER : frame.find(b"\0", HEADER)].decode("latin-1")
            if self.early and command == SUBMIT_SM and wants_receipt(frame):
                self.asked.add(sequence)
            fault = None
            if not command & RESPONSE:
                fault = self.rules.find(True, command, self.system_id, now)
            if fault is None:
                passed.append(frame)
                continue
            self.fired.append((fault.action, command, sequence))
            status = ESME_RTHROTTLED if fault.action == "throttle" else fault.status
            answer = GENERIC_NACK if command in ONE_WAY else RESPONSE | command
            refused.append((command, pdu_octets(answer, status, sequence)))
        return passed[0] if len(passed) == 1 else b"".join(passed), refused

    def outgoing(self, octets: bytes, now: float) -> bytes:
        """What is to be written now of what the session says."""
        if octets and not self.dead:
            for frame in self.outgoing_pdus.feed(octets):
                if not (self.drop or self.dead or (self.early and self._waits(frame, now))):
                    self._say(frame, now)
                    if self.held:
                        self._release(frame, now)
        return self.due(now)

    def _waits(self, frame: bytes, now: float) -> bool:
        """Whether a submit_sm_resp is held back for the receipt to come first."""
        _, command, status, sequence = header(frame)
        if command != RESPONSE | SUBMIT_SM or sequence not in self.asked:
            return False
        self.asked.discard(sequence)
        if status:
            return False
        ident = frame[HEADER : frame.find(b"\0", HEADER)]
        self.held[ident] = (now + _EARLY, frame)
        return True

    def _release(self, frame: bytes, now: float) -> None:
        """What was held back for this receipt follows it."""
        if header(frame)[1] != DELIVER_SM:
            return
        if self.early is None:
            return
        for ident in list(self.held):
            number = self.early.read(ident.decode("latin-1"))
            shown = (b"%d" % number, b"%x" % number, b"%X" % number)
            if any(each in frame for each in shown):
                self._say(self.held.pop(ident)[1], now)

    def _say(self, frame: bytes, now: float) -> None:
        fault = None
        if len(frame) >= HEADER:
            _, command, _, _ = header(frame)
            fault = self.rules.find(False, command & ~RESPONSE & 0xFFFFFFFF, self.system_id, now)
        if fault is None:
            self.line.append((frame, 0.0))
            return
        action = fault.action
        _, command, _, sequence = header(frame)
        self.fired.append((action, command, sequence))
        if action == "delay":
            self.delays += 1
            heappush(self.delayed, (now + fault.seconds, self.delays, frame))
        elif action == "twice":
            self.line.append((frame + frame, 0.0))
        elif action == "sequence":
            self.line.append((_renumbered(frame, fault.offset), 0.0))
        elif action == "malformed":
            self.line.append((_malformed(frame, fault.shape), 0.0))
        elif action == "slow":
            if not self.line:
                self.next_octet = now
            self.line.append((frame, max(fault.seconds, 1e-4)))
        elif action == "drop_before":
            self.drop = True
        elif action == "drop_after":
            self.line.append((frame, 0.0))
            self.drop = True
        elif action == "half_open":
            self.dead = True
            self.line.clear()
            self.delayed.clear()
        elif action == "unbind":
            self.line.append((frame, 0.0))
            self.unbind = True

    def due(self, now: float) -> bytes:
        """What is to be written by now."""
        for ident in [ident for ident, (until, _) in self.held.items() if until <= now]:
            self._say(self.held.pop(ident)[1], now)
        while self.delayed and self.delayed[0][0] <= now:
            self.line.append((heappop(self.delayed)[2], 0.0))
        out = bytearray()
        while self.line:
            octets, pace = self.line.popleft()
            if pace == 0.0:
                out += octets
                continue
            ready = min(len(octets), 1 + int((now - self.next_octet) / pace)) if now >= self.next_octet else 0
            out += octets[:ready]
            self.next_octet += ready * pace
            if ready < len(octets):
                self.line.appendleft((octets[ready:], pace))
                break
            if self.line and self.line[0][1]:
                self.next_octet = now
        return bytes(out)

    def next_due(self) -> float:
        """When `due` has more to say; inf for never."""
        due = self.delayed[0][0] if self.delayed else inf
        if self.held:
            due = min(due, next(iter(self.held.values()))[0])
        return min(due, self.next_octet) if self.line else due


def wants_receipt(frame: bytes) -> bool:
    """Whether a submit_sm asks for a delivery receipt."""
    try:
        return bool(decode_pdu(frame).fields["registered_delivery"] & 3)
    except PduError:
        return False


def _renumbered(frame: bytes, offset: int) -> bytes:
    sequence = (header(frame)[3] + offset) & 0x7FFFFFFF or 1
    return frame[:12] + sequence.to_bytes(4, "big") + frame[16:]


def _malformed(frame: bytes, shape: str) -> bytes:
    """A PDU that no peer should accept: a body that ends early, an impossible length, an unknown command."""
    if shape == "length":
        return (HEADER - 1).to_bytes(4, "big") + frame[4:]
    if shape == "huge":
        return (2**31 - 1).to_bytes(4, "big") + frame[4:]
    if shape == "command":
        command = header(frame)[1] & RESPONSE | _UNKNOWN_COMMAND
        return frame[:4] + command.to_bytes(4, "big") + frame[8:]
    # the body loses its last octet, the NUL of a string or a part of a TLV; a header gets a stray one
    shorter = frame[:-1] if len(frame) > HEADER else frame + b"\x01"
    return len(shorter).to_bytes(4, "big") + shorter[4:]
