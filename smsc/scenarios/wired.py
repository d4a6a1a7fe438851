"""An SMSC and its clients in one process, wired in memory: real SMPP to the octet, only without a socket.

The clock is manual and nothing waits for anything, so a run takes as long as its work, and two runs with the
same seed and the same inputs are the same to the byte.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from smsc.clock import ManualClock
from smsc.config.settings import Settings
from smsc.control import Control
from smsc.delivery.message import FOREVER, Message
from smsc.engine.engine import TABLES, Engine
from smsc.moments import milliseconds
from smsc.protocol.constants import BIND_TRANSCEIVER, UDHI, V34
from smsc.protocol.pdu.submit import Acks, Submit, SubmitBatch
from smsc.protocol.sessions.esme import EsmeSession
from smsc.protocol.sessions.events import BindRefused, Bound, Closed, Event, Nacked
from smsc.protocol.sessions.limits import SessionLimits
from smsc.protocol.sessions.session import Session
from smsc.protocol.text.data_coding import encode_text
from smsc.scenarios.stage import Text
from smsc.store import Store, open_store
from smsc.world.world import World

_START = 1_768_478_400_000  # 2026-01-15T12:00:00Z
_RECEIPT = 0x04
_LINK_NOW = 0.0  # link timers never run here
_WIDE = SessionLimits(window_in=1_000_000, window_out=1_000_000)
_SHORTEST_E164 = 10_000_000_00  # 47 and a handset's eight digits; shorter numbers go without a country code


class WiredClient:
    """One bound client. ``got`` sees every deliver_sm: source, destination, body, esm_class."""

    def __init__(
        self,
        wired: Wired,
        system_id: str,
        password: str,
        kind: int = BIND_TRANSCEIVER,
        version: int = V34,
        limits: SessionLimits = _WIDE,
    ) -> None:
        self.wired = wired
        self.limits = limits
        self.session = EsmeSession(self.limits, _LINK_NOW, SubmitBatch(), Acks())
        self.server = Session(wired.limits, _LINK_NOW, wired.batch, wired.acks)
        self.system_id = system_id
        self.refused: int | None = None
        self.is_bound = False
        self.delivered = 0
        self.receipts = 0
        self.answers: list[tuple[Any, int, bytes]] = []  # token, status, message_id
        self.got: Callable[[Submit], int] | None = None
        self.row = Submit()
        self.session.send_bind(kind, system_id, password, _LINK_NOW, version=version)

    def send(self, source: str, destinations: Iterable[int], what: Text) -> None:
        """Write a text's submit_sm to each of them."""
        data_coding, parts = encode_text(what.text, what.reference)
        for destination in destinations:
            for part in parts:
                self.submit(
                    int(source),
                    destination,
                    part,
                    registered_delivery=int(what.receipt),
                    validity=what.validity,
                    priority=what.priority,
                    data_coding=data_coding,
                    esm_class=UDHI if len(parts) > 1 else 0,
                    token=what.token,
                )

    def submit(self, source: int, destination: int, body: bytes, **fields: Any) -> None:
        """Write one submit_sm; the answer comes with ``Wired.settle``."""
        row = self.row
        row.source_ton = 1 if source >= _SHORTEST_E164 else 0
        row.dest_ton = 1 if destination >= _SHORTEST_E164 else 0
        row.source_npi = row.dest_npi = 1
        row.source, row.dest = source, destination
        row.source_length = row.dest_length = 0
        row.body = body
        row.registered_delivery = fields.pop("registered_delivery", 0)
        row.validity = fields.pop("validity", b"")
        row.priority = fields.pop("priority", 0)
        row.data_coding = fields.pop("data_coding", 0)
        row.esm_class = fields.pop("esm_class", 0)
        if not self.session.submit(row, fields.pop("token", None), _LINK_NOW):
            raise ConnectionError(f"{self.system_id} is not bound")

    def take(self, data: bytes) -> None:
        """Octets from the SMSC."""
        session = self.session
        session.receive_data(data, _LINK_NOW)
        while (event := session.next_event()) is not None:
            self.happened(event)

    def happened(self, event: Event | SubmitBatch | Acks) -> None:
        """Do what one of the session's events asks for."""
        session = self.session
        if isinstance(event, SubmitBatch):
            self.deliveries(event)
        elif isinstance(event, Acks):
            session.release(event.count)
            for index in range(event.count):
                self.answered(event.tokens[index], event.statuses[index], event.message_ids[index])
        elif isinstance(event, Nacked):
            session.release(1)
            self.answered(event.token, event.status, b"")
        elif isinstance(event, Bound):
            self.is_bound = True
        elif isinstance(event, BindRefused):
            self.refused = event.status
        elif isinstance(event, Closed):
            self.is_bound = False

    def answered(self, token: Any, status: int, message_id: bytes) -> None:
        """A submission has its answer."""
        self.answers.append((token, status, message_id))

    def deliveries(self, batch: SubmitBatch) -> None:
        """Messages and receipts have come, and want answers."""
        rows = batch.rows
        for index in range(batch.count):
            row = rows[index]
            row.answer = row.message_id = 0
            if row.esm_class & 0x3C == _RECEIPT:
                self.receipts += 1
            else:
                self.delivered += 1
            if self.got is not None:
                row.status = self.got(row)
        self.session.respond(batch)

    def drop(self) -> None:
        """Cut the wire."""
        self.is_bound = False
        self.wired.clients.pop(self.server.id, None)
        self.wired.engine.sessions.lost(self.server)
        self.wired.carry()


class Wired:
    """One engine with its clients; ``store`` is open already, and in memory unless another one is given."""

    def __init__(self, settings: Settings, store: Store | None = None, start: int | None = None) -> None:
        self.settings = settings
        if store is None:
            store = open_store("memory:", lambda call: call())
            store.open(TABLES, 1)
        self.store = store
        if start is None:
            start = _START if settings.clock.start is None else milliseconds(settings.clock.start)
        self.clock = ManualClock(start)
        self.engine = Engine(World(settings, self.clock.now()), self.store, self.clock)
        self.control = Control(self.engine)
        self.limits = SessionLimits(window_in=settings.limits.window, window_out=settings.limits.window_out)
        self.batch = SubmitBatch()
        self.acks = Acks()
        self.clients: dict[int, WiredClient] = {}
        self.next_id = 0
        self.fired = 0

    def connect(self, system_id: str, password: str = "1234") -> WiredClient:
        """A client that has bound as a transceiver; ConnectionRefusedError when the SMSC does not want it."""
        client = WiredClient(self, system_id, password)
        self.add(client)
        if not client.is_bound:
            self.clients.pop(client.server.id, None)
            raise ConnectionRefusedError(f"{system_id} may not bind: status {client.refused}")
        return client

    def add(self, client: WiredClient) -> None:
        """Let a client say what it has to say, its bind first."""
        self.next_id += 1
        client.server.id = self.next_id
        self.clients[client.server.id] = client
        self.carry()

    def settle(self) -> None:
        """Until all is quiet at this moment."""
        self.carry()

    def carry(self) -> None:
        """Carry octets both ways until nobody has anything to say."""
        engine = self.engine
        busy = True
        while busy:
            busy = False
            clients = list(self.clients.values())
            for client in clients:
                data = client.session.data_to_send()
                unanswered = client.server.deferred
                if data:
                    engine.received(client.server, data, _LINK_NOW)
                else:
                    engine.digest(client.server)  # its window was full, perhaps: there may be more to read
                busy = busy or bool(data) or client.server.deferred != unanswered
            engine.turn_over()
            engine.wire.dirty, dirty = [], engine.wire.dirty
            for bind in dirty:
                bind.dirty = False
            for client in clients:
                data = client.server.data_to_send()
                if data:
                    busy = True
                    client.take(data)
                if client.server.wants_close and self.clients.pop(client.server.id, None) is not None:
                    busy = True  # all is written: the port closes the connection
                    engine.sessions.lost(client.server)
            busy = busy or bool(engine.wire.dirty)

    def advance_to(self, moment: int) -> None:
        """Let everything happen that is due until then, in due order."""
        engine, clock = self.engine, self.clock
        self.settle()
        while (due := engine.next_due()) <= moment and due < FOREVER:
            if due > clock.now():
                clock.advance_to(due)
            self.fired += engine.step(_LINK_NOW)
            if engine.wire.dirty or not engine.commit.is_idle():
                self.settle()
        if moment > clock.now():
            clock.advance_to(moment)
            engine.set_time(_LINK_NOW)
        self.settle()

    @property
    def tolerance(self) -> int:
        """The clock stands still while things happen."""
        return 0

    def now(self) -> int:
        """What the SMSC clock shows, ms."""
        return self.clock.now()

    def find(self, message_id: int) -> Message | None:
        """A message by its id."""
        return self.engine.message_index.find(message_id)

    def advance(self, duration: int) -> None:
        """The same for so many ms from now."""
        self.advance_to(self.clock.now() + duration)

    def advance_until_idle(self) -> None:
        """Until no message and no receipt is unfinished, or nothing is planned any more."""
        self.settle()
        while self.engine.unfinished() and (due := self.engine.next_due()) < FOREVER:
            self.advance_to(max(due, self.clock.now()))

    def timelines(self) -> list[dict[str, Any]]:
        """Every message with its timeline, in the order of ids."""
        found: list[dict[str, Any]] = []
        after: str | None = None
        while rows := self.control.messages(None, None, None, 1_000, after):
            found += rows
            after = rows[-1]["id"]
        return found
