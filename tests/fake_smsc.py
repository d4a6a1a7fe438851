"""An SMSC of fifty lines for the client's own tests: it answers as the test tells it, over real TCP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

from smsc.protocol.pdu.submit import NEVER, Submit, SubmitBatch
from smsc.protocol.sessions.events import BindRequest, UnbindRequest
from smsc.protocol.sessions.limits import SessionLimits
from smsc.protocol.sessions.session import Session
from smsc.protocol.text import receipt_text

PASSWORD = "1234"


class FakeSmsc(asyncio.Protocol):
    """One connection. `submitted` has (source, destination, body) of what came in."""

    def __init__(self, status: int = 0, answer: int = 0) -> None:
        self.status = status
        self.answer = answer
        self.submitted: list[tuple[int, int, bytes]] = []
        self.acknowledged: list[int] = []
        self.loop = asyncio.get_running_loop()
        self.session = Session(SessionLimits(), self.loop.time())
        self.host, self.port = "127.0.0.1", 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self.session.receive_data(data, self.loop.time())
        while (event := self.session.next_event()) is not None:
            if isinstance(event, BindRequest):
                if event.password == PASSWORD:
                    self.session.accept_bind(event, "fake")
                else:
                    self.session.reject_bind(event, 0x0D)
            elif isinstance(event, SubmitBatch):
                self.take(event)
            elif isinstance(event, UnbindRequest):
                self.session.accept_unbind(event)
            elif hasattr(event, "statuses"):
                self.acknowledged += event.statuses[: event.count]
        self.flush()

    def take(self, batch: SubmitBatch) -> None:
        for row in batch.rows[: batch.count]:
            self.submitted.append((row.source, row.dest, row.body))
            row.status, row.message_id, row.answer = self.status, 100 + len(self.submitted), self.answer
        self.session.respond(batch)
        if self.answer == NEVER + 1:
            self.transport.abort()

    def deliver(
        self, body: bytes, *, source: bytes = b"", data_coding: int = 0, esm_class: int = 0, tlvs: bytes = b""
    ) -> None:
        row = Submit()
        if source:
            row.source_ton, row.source_length, row.source_text = 5, len(source), source
        else:
            row.source_ton, row.source_npi, row.source = 1, 1, 4790000001
        row.dest_ton, row.dest_npi, row.dest = 1, 1, 4790000002
        row.data_coding, row.esm_class, row.body, row.tlvs = data_coding, esm_class, body, tlvs
        self.session.send_message(row, "token", self.loop.time())
        self.flush()

    def receipt(self, message_id: int, state: int = 2) -> None:
        text = receipt_text.build(b"%d" % message_id, state, b"2601011200", b"2601011201", 0, b"Hei")
        self.deliver(text, esm_class=0x04)

    def flush(self) -> None:
        data = self.session.data_to_send()
        if data:
            self.transport.write(data)
        if self.session.wants_close:
            self.transport.close()


@asynccontextmanager
async def fake_smsc(status: int = 0, answer: int = 0) -> AsyncIterator[FakeSmsc]:
    """A listening fake; it takes one connection."""
    fake = FakeSmsc(status, answer)
    server = await asyncio.get_running_loop().create_server(lambda: fake, "127.0.0.1", 0)
    fake.port = server.sockets[0].getsockname()[1]
    try:
        yield fake
    finally:
        server.close()
