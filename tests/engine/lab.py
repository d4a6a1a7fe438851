"""An engine without sockets, on a clock and over a store that a test holds in its hands.

Clients are ``protocol`` sessions wired to the engine's by their octets. Nothing happens by itself: the
store keeps a commit until the test says ``store.settle()`` or ``store.fail(error)``.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from smsc.client import address
from smsc.config.loading import load_settings
from smsc.control.steps import Over, Steps
from smsc.engine.engine import TABLES, Engine
from smsc.engine.port import Port
from smsc.protocol.constants import BIND_RECEIVER, BIND_TRANSCEIVER, BIND_TRANSMITTER
from smsc.protocol.pdu.codec import request
from smsc.protocol.pdu.submit import LATER, NEVER, Acks, Submit, SubmitBatch
from smsc.protocol.sessions.events import BindRefused, Closed, Event, Response, UnbindRequest
from smsc.protocol.sessions.limits import SessionLimits
from smsc.protocol.text import receipt_text
from smsc.protocol.text.data_coding import decode_text, encode_text
from smsc.protocol.text.receipt_text import Receipt
from smsc.scenarios.wired import Wired, WiredClient
from smsc.store.base import Answer, Batch, Done, Reads, Store, T
from smsc.store.memory import MemoryStore
from smsc.testing.server import DEFAULTS, merge

START = 1_768_478_400_000  # 2026-01-15T12:00:00Z
KINDS = {"transmitter": BIND_TRANSMITTER, "receiver": BIND_RECEIVER, "transceiver": BIND_TRANSCEIVER}


class GatedStore(MemoryStore):
    """Says that it is durable, and lets a test decide when a commit is safe, or that it failed.

    Questions are answered at once, unless ``Late`` keeps their answers.
    """

    durable = True

    def __init__(self) -> None:
        super().__init__()
        self.pending: deque[tuple[Batch, Done]] = deque()
        self.asked: deque[Callable[[], None]] = deque()

    def write(self, batch: Batch, done: Done) -> None:
        self.pending.append((batch, done))

    def write_down(self) -> Done:
        """The next commit is on the disk, though nobody has been told; what to tell them with."""
        batch, done = self.pending.popleft()
        super().write(batch, lambda _: None)
        return done

    def answer(self) -> int:
        """All questions so far are answered; how many there were."""
        count = len(self.asked)
        for _ in range(count):
            self.asked.popleft()()
        return count

    def settle(self) -> int:
        """All commits are safe and all questions answered, those that follow from them too; how many there
        were. What was asked is answered after the commits that followed."""
        count = 0
        while self.pending or self.asked:
            while self.pending:
                self.write_down()(None)
                count += 1
            count += self.answer()
        return count

    def fail(self, error: Exception) -> None:
        """The next commit kept nothing."""
        self.pending.popleft()[1](error)

    def idle(self) -> bool:
        return not self.pending


class Late:
    """What the queues ask is answered as it was when they asked, and only when the test lets the store."""

    def __init__(self, store: GatedStore) -> None:
        self.store = store

    def ask(self, question: Callable[[Reads], T], answer: Answer[T]) -> None:
        def told(found: T | None, error: BaseException | None) -> None:
            self.store.asked.append(partial(answer, found, error))

        self.store.ask(question, told)


class Client(WiredClient):
    """A bound ESME at the other end of the octets; ``answers`` has (status, message_id) by token."""

    wired: Lab
    answers: dict[object, tuple[int, str]]  # type: ignore[assignment]

    def __init__(self, lab: Lab, kind: str, system_id: str, password: str, version: int) -> None:
        super().__init__(lab, system_id, password, KINDS[kind], version, SessionLimits())
        self.lab = lab
        self.inbox: list[str] = []
        self.receipts: list[Receipt] = []  # type: ignore[assignment]
        self.answers = {}
        self.answer: int | None = 0
        self.owed: deque[int] = deque()
        self.is_closed = False

    def submit(self, destination: str, text: str, **fields: Any) -> object:  # type: ignore[override]
        """Send a submit_sm; the token under which ``answers`` has what came back."""
        row = Submit()
        row.source_ton, row.source_npi, source = address(fields.pop("source", ""))
        row.source, row.source_length, row.source_text = _number(source)
        row.dest_ton, row.dest_npi, digits = address(destination)
        row.dest, row.dest_length, row.dest_text = _number(digits)
        row.data_coding, bodies = encode_text(text)
        row.body = bodies[0] if bodies else b""
        for name, value in fields.items():
            setattr(row, name, value)
        token = object()
        self.session.submit(row, token, self.lab.link_now)
        return token

    def happened(self, event: Event | SubmitBatch | Acks) -> None:
        """Do what one of the session's events asks for."""
        if isinstance(event, Response):
            self.answers[event.token] = (event.pdu.status, event.pdu.fields.get("message_id", ""))
        elif isinstance(event, UnbindRequest):
            self.session.accept_unbind(event)
        elif isinstance(event, Closed | BindRefused):
            self.is_closed = True
        else:
            super().happened(event)

    def answered(self, token: object, status: int, message_id: bytes) -> None:
        self.answers[token] = (status, message_id.decode())

    def deliveries(self, batch: SubmitBatch) -> None:
        for row in batch.rows[: batch.count]:
            text = decode_text(row.data_coding, row.body, row.esm_class)
            receipt = receipt_text.parse(text) if row.esm_class & 0x3C == 4 else None
            if receipt is None:
                self.inbox.append(text)
            else:
                self.receipts.append(receipt)
            row.message_id = 0
            if self.answer is None:
                row.answer = LATER
                self.owed.append(row.sequence)
            elif self.answer < 0:
                row.answer = NEVER
            else:
                row.answer, row.status = 0, self.answer
        self.session.respond(batch)

    def catch_up(self, status: int = 0) -> None:
        """Answer what is owed, and everything from now on."""
        self.answer = status
        while self.owed:
            self.acknowledge(status)

    @property
    def near(self) -> Any:
        return self.session

    @property
    def far(self) -> Any:
        return self.server

    def acknowledge(self, status: int = 0) -> None:
        """Answer the oldest delivery that is owed an answer."""
        sequence = self.owed.popleft()
        if status:
            self.session.submit_nack(sequence, status)
        else:
            self.session.submit_resp(sequence, 0)


class Turning(Port):
    """Each commit, and each answer of the store, is followed by a turn."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def group_done(self, error: BaseException | None) -> None:
        self.engine.turn_over()

    def answered(self) -> None:
        self.engine.turn_over()


class Lab(Wired):
    """One engine, its clients, and the store between two lives."""

    store: Any
    late = False  # whether the store answers the queues later

    def __init__(self, store: Store | None = None, now: int = START, **settings: Any) -> None:
        if store is None:
            store = GatedStore()
            store.open(TABLES)
        super().__init__(load_settings(None, merge(DEFAULTS, settings)), store, now)
        self.flags = settings
        self.link_now = 0.0
        self.engine.attach(Turning(self.engine))
        if self.late and isinstance(self.store, GatedStore):
            self.engine.stored.store = Late(self.store)  # type: ignore[assignment]
        self.control.restore()
        self.engine.restart.restore()
        self.engine.set_time(self.link_now)

    def bind(
        self,
        system_id: str,
        password: str = "1234",
        kind: str = "transceiver",
        version: int = 0x34,
        answer: int | None = 0,
    ) -> Client:
        """A client that is bound, and answers deliveries with ``answer``, or only when told to (None)."""
        client = Client(self, kind, system_id, password, version)
        client.answer = answer
        self.add(client)
        assert client.is_bound, f"{system_id} is not bound"
        return client

    def run(self) -> None:
        """Carry octets until nobody has anything to say, with what the store has been asked answered."""
        self.carry()
        while self.store.asked:
            self.store.answer()
            self.carry()

    def settle(self) -> None:
        """Commit and run until all is quiet."""
        self.carry()
        while self.store.settle() or self.ring():
            self.carry()

    def ring(self) -> bool:
        """Do what is due at this very moment; whether anything was."""
        due = self.engine.next_due() <= self.clock.now()
        if due:
            self.engine.step(self.link_now)
        return due

    def advance(self, seconds: float) -> None:
        """Move the clock from due moment to due moment, settling each time."""
        target = self.clock.now() + round(seconds * 1000)
        self.settle()
        while (due := self.engine.next_due()) <= target:
            self.clock.advance_to(max(due, self.clock.now()))
            self.engine.step(self.link_now)
            self.settle()
        self.clock.advance_to(target)
        self.engine.set_time(self.link_now)

    def do(self, work: Steps[T]) -> T:
        """Do long work to its end, and what it waits for."""
        while True:
            try:
                wait = next(work)
            except StopIteration as done:
                result: T = done.value
                return result
            if wait is not None:
                over = Over()
                wait(over.now)
                if isinstance(self.store, GatedStore):
                    self.settle()
                while not over.is_over and self.ring():
                    self.carry()
                assert over.is_over, "it waits for what does not come"

    def patch(self, msisdn: str, **changes: Any) -> None:
        """Change a subscriber."""
        self.control.patch_subscriber(msisdn, changes)
        self.settle()

    def state(self, message_id: str) -> str:
        """A message's state, as the API tells it."""
        return str(self.control.message(message_id)["state"])

    def again(self) -> Lab:
        """Another life on what the store holds; all connections are gone."""
        self.store.pending.clear()
        self.store.asked.clear()
        return Lab(self.store, self.clock.now(), **self.flags)


def begun(work: Steps[Any]) -> bool:
    """Do the steps of long work until it waits for something; whether it is through."""
    over = Over()
    for wait in work:
        if wait is not None:
            over.is_over = False
            wait(over.now)
            if not over.is_over:
                return False
    return True


def ask(client: Client, command: int, tlvs: Sequence[tuple[int, bytes]] = (), **fields: Any) -> object:
    """Send any other request; the token under which ``answers`` has its status and message_id."""
    token = object()
    client.session.request(request(command, tlvs, **fields), token, client.lab.link_now)
    return token


def _number(text: str) -> tuple[int, int, bytes]:
    if text.isdigit():
        return int(text), len(text), b""
    return -1, len(text), text.encode()
