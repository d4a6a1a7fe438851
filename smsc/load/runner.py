"""Runs a plan: connects, binds, keeps the windows full or the rate, waits for what is due, unbinds.

One thread, one loop, non-blocking sockets: a tool, not a server. Latencies count from the moment a message
was meant to leave, so a slow answer cannot hide the messages that had to wait behind it.
"""

import gc
import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from smsc.load.histogram import Histogram
from smsc.load.lane import BOX, Lane
from smsc.load.plan import DIALECTS, KINDS, Plan
from smsc.load.poll import WRITABLE, Poller
from smsc.load.reconciliation import Reconciliation
from smsc.load.templates import build_ring, new_run, pair_count
from smsc.load.tls import TlsSocket
from smsc.load.wire import Flow, Wire
from smsc.protocol.constants import (
    BIND_RECEIVER,
    BIND_TRANSCEIVER,
    BIND_TRANSMITTER,
    UNBIND,
    V34,
    status_name,
)
from smsc.protocol.pdu.codec import encode_pdu, request
from smsc.tls import tls_trouble

NS = 1_000_000_000
NEVER = 1 << 62

Address = tuple[socket.AddressFamily, tuple[str, int] | tuple[str, int, int, int] | tuple[int, bytes]]

#: The connections of each bind, and whether they send.
BINDS = {
    "transceiver": ((BIND_TRANSCEIVER, True),),
    "transmitter": ((BIND_TRANSMITTER, True),),
    "pair": ((BIND_TRANSMITTER, True), (BIND_RECEIVER, False)),
}

#: Binds that may be under way at once: fewer than a listener's usual backlog.
BINDING = 128

#: A shorter wait than this is no use: the timer's own slack is as long.
SHORTEST_WAIT = 50_000

#: How long all binds may stand still before each is asked again whether it may send.
STALL = 5_000_000

UNBIND_TIME = 2.0


class LoadError(Exception):
    """The run could not start or go on; the text says why, in a sentence for the user."""


@dataclass
class Second:
    """One second of the run, `at` seconds after its start; latencies of its responses in ns."""

    at: float
    answered: int
    delivered: int
    p50: int
    p99: int
    warm_up: bool


@dataclass
class Measurement:
    """What a run has measured. Counts are of the whole run, `measured_*` and the histograms of responses
    and lateness of the time after the warm-up; times in ns unless the name says seconds."""

    plan: Plan
    bind_seconds: float = 0.0
    measured_seconds: float = 0.0
    measured_answers: int = 0
    measured_deliveries: int = 0
    responses: Histogram = field(default_factory=Histogram)
    lateness: Histogram = field(default_factory=Histogram)
    reconciliation: Reconciliation = field(default_factory=lambda: Reconciliation(2, 1))
    statuses: dict[int, int] = field(default_factory=dict)
    kinds: dict[str, list[int]] = field(default_factory=dict)
    delivered: int = 0
    unexpected: int = 0
    disconnected: int = 0
    connections: int = 0
    seconds: list[Second] = field(default_factory=list)
    cpu_share: float = 0.0


class Runner:
    """One run of a plan. `progress` is called once a second with that second and the share of the run that
    is over."""

    def __init__(
        self,
        plan: Plan,
        progress: Callable[[Second, float], None] | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.plan = plan
        self.tls = tls
        self.progress = progress
        self.result = Measurement(plan)
        self.poll = Poller()
        self.flow = Flow(self.poll, BOX, -1 if plan.count is None else plan.count)
        self.wires: dict[int, Wire] = {}
        self.lanes: list[Lane] = []
        self.current = Histogram()
        self.started = self.ticked = 0
        self.before = (0, 0)
        self.stopped = False

    def stop(self) -> None:
        """Measure no longer, as when the time is over. May be called by a signal handler."""
        self.stopped = True

    def run(self) -> Measurement:
        """The whole run; LoadError when it cannot be carried out."""
        gc.collect()
        gc.disable()  # a collection would stand in the latencies
        try:
            self._bind_all()
            self._measure()
            self._drain()
            self._unbind_all()
        finally:
            for wire in self.wires.values():
                wire.sock.close()
            self.poll.close()
            gc.enable()
        self._account()
        return self.result

    # Binding

    def _bind_all(self) -> None:
        plan = self.plan
        run = new_run()
        rings = [build_ring(plan, i, run) for i in range(plan.binds)]
        if plan.tracking:
            self.result.reconciliation = Reconciliation(
                plan.capacity, sum(pair_count(ring) for ring in rings)
            )
        address = self._resolve()
        started = time.perf_counter()
        deadline = started + plan.connect_timeout
        first_pair = 0
        for i, ring in enumerate(rings):
            for command, sends in BINDS[plan.bind_type]:
                lane = Lane(
                    plan.window if sends else 0,
                    ring,
                    self.current,
                    self.result.reconciliation,
                    plan.tracking,
                    first_pair,
                    *DIALECTS[plan.message_id],
                )
                self.lanes.append(lane)
                self._connect(address, command, i, lane)
            first_pair += pair_count(ring)
            if i % BINDING == BINDING - 1:
                self._wait_bound(deadline)
        self._wait_bound(deadline)
        self.result.bind_seconds = time.perf_counter() - started

    def _resolve(self) -> Address:
        try:
            found = socket.getaddrinfo(self.plan.host, self.plan.port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise LoadError(f"{self.plan.host}: {error}") from error
        return found[0][0], found[0][4]

    def _socket(self, address: Address) -> socket.socket:
        """A connection under way; over TLS it is made at once."""
        sock = socket.socket(address[0], socket.SOCK_STREAM)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self.tls is None:
            sock.setblocking(False)
            sock.connect_ex(address[1])
            return sock
        sock.settimeout(self.plan.connect_timeout)
        try:
            sock.connect(address[1])
            return TlsSocket(sock, self.tls, self.plan.host).as_socket()
        except OSError as error:
            sock.close()
            raise LoadError(
                f"cannot connect to {self.plan.host}:{self.plan.port}: {tls_trouble(error)}"
            ) from None

    def _connect(self, address: Address, command: int, index: int, lane: Lane) -> None:
        plan = self.plan
        sock = self._socket(address)
        who = plan.system_id if plan.handsets is None else str(plan.handsets.first + index)
        bind = request(command, system_id=who, password=plan.password, interface_version=V34)
        bind.sequence = 1
        self.wires[sock.fileno()] = Wire(sock, lane, self.flow, encode_pdu(bind))
        self.poll.register(sock.fileno(), WRITABLE)

    def _wait_bound(self, deadline: float) -> None:
        plan = self.plan
        while True:
            states = [lane.bind_status for lane in self.lanes]
            refused = next((state for state in states if state > 0), 0)
            if refused:
                raise LoadError(f"the SMSC refuses the bind as {self._who()}: {status_name(refused)}")
            if -1 not in states:
                return
            if self.result.disconnected:
                raise LoadError(f"no SMSC answers at {plan.host}:{plan.port}, or it closes the connection")
            if time.perf_counter() > deadline:
                bound = sum(1 for state in states if state == 0)
                raise LoadError(
                    f"only {bound} of {len(states)} binds were accepted in {plan.connect_timeout:g} s"
                )
            self._turn(0.1)

    def _who(self) -> str:
        return self.plan.system_id if self.plan.handsets is None else "the handsets"

    # The loop

    def _turn(self, timeout: float) -> int:
        """Wait for at most `timeout` seconds and serve every socket that has something; how many had."""
        wires = self.wires
        ready = self.poll.wait(timeout)
        for fd, _ in ready:
            if not wires[fd].serve():
                self._lose(wires[fd])
        return len(ready)

    def _lose(self, wire: Wire) -> None:
        """The connection is gone; its unanswered submit_sm will never be answered."""
        del self.wires[wire.fd]
        self.poll.unregister(wire.fd)
        wire.sock.close()
        wire.lane.expire(NEVER)
        if not wire.lane.unbinding:
            self.result.disconnected += 1

    def _totals(self) -> tuple[int, int]:
        return sum(lane.answered for lane in self.lanes), sum(lane.delivered for lane in self.lanes)

    # The phases of a run

    def _measure(self) -> None:
        plan, flow, result = self.plan, self.flow, self.result
        self.started = self.ticked = time.perf_counter_ns()
        flow.sending = True
        flow.in_flight = plan.in_flight or 0
        flow.interval = 0 if plan.rate is None else max(1, round(NS * plan.binds / plan.rate))
        for i, wire in enumerate(list(self.wires.values())):
            wire.start = self.started + i * flow.interval // plan.binds
            wire.pump(self.started)
        if plan.warm_up:
            self._until(self.started + int(plan.warm_up * NS), warm_up=True)
            self._second(time.perf_counter_ns(), warm_up=True)
            result.responses.clear()
            flow.lateness.clear()
            result.reconciliation.receipts.clear()
            result.reconciliation.deliveries.clear()
        answers, deliveries = self._totals()
        cpu, begun = time.process_time(), time.perf_counter_ns()
        self._until(begun + int(plan.duration * NS), warm_up=False)
        flow.sending = False
        ended = time.perf_counter_ns()
        self._second(ended, warm_up=False)
        now_answers, now_deliveries = self._totals()
        result.measured_seconds = (ended - begun) / NS
        result.cpu_share = (time.process_time() - cpu) * NS / (ended - begun)
        result.measured_answers = now_answers - answers
        result.measured_deliveries = now_deliveries - deliveries
        result.lateness.add(flow.lateness)

    def _until(self, end: int, warm_up: bool) -> None:
        """Send and receive until `end`, or until the count is reached and answered."""
        flow = self.flow
        while True:
            now = time.perf_counter_ns()
            if now >= end or self.stopped or not self.wires:
                return
            if flow.left == 0 and all(lane.outstanding == 0 for lane in self.lanes):
                return
            if now >= self.ticked + NS:
                self._second(now, warm_up)
                self._pump_all()  # what was given up has made room, though nothing came in
            wait = min(self.ticked + NS, end) - now
            if flow.in_flight:
                wait = min(wait, STALL)
            if flow.interval:
                wait = min(wait, self._send_due(now))
            if not self._turn(wait / NS) and flow.in_flight:
                self._pump_all()  # what one bind held back another may have made room for

    def _pump_all(self) -> None:
        now = time.perf_counter_ns()
        for wire in self.wires.values():
            wire.pump(now)

    def _send_due(self, now: int) -> int:
        """Send what the rate wants to have left by now; ns until the next submit_sm is due."""
        wait = NS
        for wire in self.wires.values():
            if wire.lane.outstanding < wire.lane.window:
                if wire.start <= now:
                    wire.pump(now)
                wait = min(wait, wire.start - now)
        return max(wait, SHORTEST_WAIT)

    def _second(self, now: int, warm_up: bool) -> None:
        """Close a second: keep its figures, give up what has waited too long."""
        self.ticked = now
        totals = self._totals()
        second = Second(
            (now - self.started) / NS,
            totals[0] - self.before[0],
            totals[1] - self.before[1],
            self.current.quantile(0.5),
            self.current.quantile(0.99),
            warm_up,
        )
        self.before = totals
        self.result.seconds.append(second)
        self.result.responses.add(self.current)
        self.current.clear()
        for lane in self.lanes:
            lane.expire(now - int(self.plan.response_timeout * NS))
        if self.progress is not None:
            self.progress(second, min(1.0, second.at / (self.plan.warm_up + self.plan.duration)))

    def _drain(self) -> None:
        """Wait for the responses, receipts and deliveries that are still due."""
        reconciliation = self.result.reconciliation
        deadline = time.perf_counter() + self.plan.drain
        while self.wires and time.perf_counter() < deadline:
            waiting = reconciliation.open_receipts + reconciliation.open_deliveries
            waiting += sum(lane.outstanding for lane in self.lanes)
            if waiting == 0:
                return
            self._turn(0.05)

    def _unbind_all(self) -> None:
        deadline = time.perf_counter() + UNBIND_TIME
        unbind = request(UNBIND)
        for wire in self.wires.values():
            unbind.sequence = wire.lane.next_sequence()
            wire.write([memoryview(encode_pdu(unbind))])
        while any(not wire.lane.unbinding for wire in self.wires.values()) and time.perf_counter() < deadline:
            self._turn(0.05)

    def _account(self) -> None:
        result = self.result
        result.connections = len(self.lanes)
        for lane in self.lanes:
            lane.expire(NEVER)
            for status, count in lane.status_counts().items():
                result.statuses[status] = result.statuses.get(status, 0) + count
            for index, name in enumerate(KINDS):
                counts = result.kinds.setdefault(name, [0, 0, 0, 0])
                for i, count in enumerate(lane.kind_counts(index)):
                    counts[i] += count
            result.delivered += lane.delivered
            result.unexpected += lane.unexpected
        result.reconciliation.settle()
