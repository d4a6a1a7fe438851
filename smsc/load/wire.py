"""A lane and its socket: one read, one pass, one write at a time. The only place of the generator that
touches a socket while it measures.
"""

import socket
import time

from smsc.load.histogram import Histogram
from smsc.load.lane import Lane
from smsc.load.poll import READABLE, WRITABLE, Poller


class Flow:
    """What all binds of a run have in common, and may change from phase to phase.

    `sending`: new submit_sm may leave. `interval`: ns from one submit_sm of a bind to its next, 0 = as fast
    as the window allows. `left`: how many may still be sent, -1 = no limit. `in_flight`: how many messages
    may be incomplete, 0 = any number. `lateness` counts how long after its moment each group of
    submit_sm left, when there is a rate."""

    __slots__ = (
        "ack_view",
        "acks",
        "box",
        "in_flight",
        "interval",
        "lateness",
        "left",
        "poll",
        "sending",
        "view",
    )

    def __init__(self, poll: Poller, box: int, left: int) -> None:
        self.poll = poll
        self.box = bytearray(box)
        self.view = memoryview(self.box)
        self.acks = bytearray(box + 17)
        self.ack_view = memoryview(self.acks)
        self.sending = False
        self.interval = 0
        self.in_flight = 0
        self.left = left
        self.lateness = Histogram()


class Wire:
    """One bind's connection, still being made; `first` leaves as soon as it is there. `start` is when the
    next submit_sm is due (ns), if there is a rate."""

    __slots__ = (
        "fd",
        "flow",
        "held",
        "lane",
        "octets",
        "recv_into",
        "send",
        "sendmsg",
        "sock",
        "start",
        "unsent",
    )

    def __init__(self, sock: socket.socket, lane: Lane, flow: Flow, first: bytes) -> None:
        self.sock = sock
        self.fd = sock.fileno()
        self.recv_into, self.send, self.sendmsg = sock.recv_into, sock.send, sock.sendmsg
        self.lane = lane
        self.flow = flow
        self.octets = memoryview(lane.octets)
        self.held = b""
        self.unsent = first
        self.start = 0

    def serve(self) -> bool:
        """The socket is ready: read and answer. False when the connection is of no more use."""
        flow = self.flow
        lane = self.lane
        if self.unsent and not self.flush():
            return True
        held = len(self.held)
        if held:
            flow.box[:held] = self.held
        try:
            got = self.recv_into(flow.view[held:] if held else flow.box)
        except BlockingIOError:
            return True
        except OSError:
            return False
        if not got:
            return False
        now = time.perf_counter_ns()
        end = held + got
        used = lane.take(flow.box, end, flow.acks, now)
        if used != end:
            self.held = bytes(flow.view[used:end])
        elif held:
            self.held = b""
        if lane.broken:
            return False
        self.pump(now)
        return True

    def pump(self, now: int) -> None:
        """Write the answers due and as many submit_sm as window, rate and count allow."""
        lane = self.lane
        flow = self.flow
        acked = lane.acked
        lane.acked = 0
        while not self.unsent:
            count = self.due(now)
            filled = 0
            if count > 0:
                filled = lane.fill(count, self.start if flow.interval else now, flow.interval)
                if flow.interval:
                    flow.lateness.record(now - self.start)
                    self.start += filled * flow.interval
                if flow.left > 0:
                    flow.left -= filled
            if acked and filled:
                self.write([flow.ack_view[:acked], self.octets[lane.begin : lane.end]])
            elif filled:
                self.write([self.octets[lane.begin : lane.end]])
            elif acked:
                self.write([flow.ack_view[:acked]])
            acked = 0
            if filled in (0, count):
                return

    def due(self, now: int) -> int:
        """How many submit_sm may leave now."""
        flow = self.flow
        if not flow.sending:
            return 0
        count = self.lane.window - self.lane.outstanding
        if 0 <= flow.left < count:
            count = flow.left
        if flow.in_flight:
            count = min(count, flow.in_flight - self.lane.reconciliation.due())
        if flow.interval == 0:
            return count
        if now < self.start:
            return 0
        behind = (now - self.start) // flow.interval + 1
        return min(behind, count)

    def write(self, parts: list[memoryview]) -> None:
        """Send; what the socket does not take goes when it is writable again, and nothing is read till
        then."""
        if self.unsent:
            self.unsent += b"".join(parts)
            return
        total = 0
        for part in parts:
            total += len(part)
        try:
            sent = self.send(parts[0]) if len(parts) == 1 else self.sendmsg(parts)
        except BlockingIOError:
            sent = 0
        except OSError:
            return  # reading will tell
        if sent < total:
            self.unsent = b"".join(parts)[sent:]
            self.flow.poll.modify(self.fd, WRITABLE)

    def flush(self) -> bool:
        """Write what waits; True when all of it is gone."""
        try:
            self.unsent = self.unsent[self.send(self.unsent) :]
        except BlockingIOError:
            return False
        except OSError:
            self.unsent = b""
        if self.unsent:
            return False
        self.flow.poll.modify(self.fd, READABLE)
        return True
