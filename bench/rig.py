"""The whole SMSC in this process with no socket: the server's engine and sessions, wired to the generator's
lanes.

What is measured or counted here is what `smsc serve` runs between the socket's read and its write, every
check included; the event loop and the kernel are left out. `ConnectionRig` has the server's connection around
it, as the event loop calls it.
"""

import time
from typing import Any

from bench.measure import FARM, NOT_SERVED
from smsc import eventloop
from smsc.clock import make_clock
from smsc.config import load_settings
from smsc.engine.engine import TABLES, Engine
from smsc.load.histogram import Histogram
from smsc.load.lane import BOX, Lane
from smsc.load.plan import SAMPLE, NumberRange, Plan
from smsc.load.reconciliation import Reconciliation
from smsc.load.templates import build_ring, pair_count
from smsc.protocol.constants import BIND_TRANSCEIVER, BIND_TRANSMITTER
from smsc.protocol.pdu.codec import encode_pdu, request
from smsc.protocol.pdu.submit import Acks, SubmitBatch
from smsc.protocol.sessions.limits import SessionLimits
from smsc.protocol.sessions.session import Session
from smsc.server.connection import Connection
from smsc.server.listener import Listener
from smsc.store import open_store
from smsc.world.world import World

#: Nanoseconds from a submit_sm to its response, as the generator's lane is told.
RESPONSE_TIME = 300_000


class Rig:
    """One farm bind of `window`, on the demo world with a memory store.

    With `complete` the bind receives too: every message comes back as deliver_sm and as receipt; otherwise
    it goes to handsets that nobody serves and waits. Sources and destinations are `numbers` handsets each."""

    def __init__(self, window: int, complete: bool, numbers: int = 1000, text: str = SAMPLE) -> None:
        settings = load_settings(None, {"store": {"url": "memory:"}})
        store = open_store(settings.store.url, lambda call: call())
        store.open(TABLES)
        clock = make_clock("real")
        self.engine = Engine(World(settings, clock.now()), store, clock)
        self.connect()
        first = (FARM if complete else NOT_SERVED).first
        plan = Plan(
            "rig",
            1,
            window=window,
            source=NumberRange(FARM.first, FARM.first + numbers - 1),
            destination=NumberRange(first, first + numbers - 1),
            receipts=complete,
            deliveries=complete,
            text=text,
        )
        ring = build_ring(plan, 0, b" rig0-")
        self.reconciliation = Reconciliation(1 << 16, pair_count(ring))
        self.histogram = Histogram()
        self.lane = Lane(window, ring, self.histogram, self.reconciliation, complete, 0)
        self.octets = memoryview(self.lane.octets)
        self.box = bytearray(BOX)
        self.acks = bytearray(BOX + 17)
        bind = request(
            BIND_TRANSCEIVER if complete else BIND_TRANSMITTER,
            system_id="farm",
            password="farm",
            interface_version=0x34,
        )
        bind.sequence = 1
        self.answer(self.turn(encode_pdu(bind)))
        if self.lane.bind_status != 0:
            raise RuntimeError(f"the rig's bind was refused with {self.lane.bind_status}")

    def connect(self) -> None:
        limits = self.engine.world.settings.limits
        self.session = Session(
            SessionLimits(max_pdu=limits.max_pdu, window_in=limits.window, window_out=limits.window_out),
            self.now(),
            SubmitBatch(),
            Acks(),
        )
        self.session.id = 1

    def now(self) -> float:
        return time.monotonic()

    def turn(self, octets: bytes) -> bytes:
        """One turn of the server: a chunk in, everything it has to say out."""
        engine, session = self.engine, self.session
        engine.received(session, octets, self.now())
        engine.turn_over()
        for bind in engine.wire.dirty:
            bind.dirty = False
        engine.wire.dirty = []
        return session.data_to_send()

    def submits(self) -> bytes:
        """A window of submit_sm as one chunk."""
        filled = self.lane.fill(self.lane.window, 0, 0)
        return bytes(self.octets[self.lane.begin : self.lane.end]) if filled else b""

    def answer(self, octets: bytes) -> bytes:
        """The generator reads a chunk of the server's; what it answers."""
        self.box[: len(octets)] = octets
        self.lane.acked = 0
        self.lane.take(self.box, len(octets), self.acks, RESPONSE_TIME)
        return bytes(self.acks[: self.lane.acked])

    def window(self) -> None:
        """A window of submit_sm in, their responses out."""
        self.answer(self.turn(self.submits()))

    def complete(self) -> None:
        """A window of messages from submission to the response to the receipt."""
        octets = self.answer(self.turn(self.submits()))
        while octets:
            octets = self.answer(self.turn(octets))


class ConnectionRig(Rig):
    """The same behind the server's own connection and host: what is left out is the socket."""

    def connect(self) -> None:
        self.wire = Wire()
        self.connection = Connection(Listener(self.engine, eventloop.loop_factory()()))
        self.connection.connection_made(self.wire)

    def turn(self, octets: bytes) -> bytes:
        self.connection.data_received(octets)
        return self.wire.taken()


class Wire:
    """A transport that keeps what is written to it."""

    def __init__(self) -> None:
        self.written: list[bytes] = []

    def write(self, octets: bytes) -> None:
        self.written.append(octets)

    def taken(self) -> bytes:
        """What was written since."""
        octets = b"".join(self.written)
        self.written.clear()
        return octets

    def set_write_buffer_limits(self, high: int) -> None:
        """There is always room."""

    def get_extra_info(self, name: str) -> Any:
        """It leads nowhere: no address."""
