"""A small asyncio SMPP client over `protocol.EsmeSession`: `smsc send` and `smsc listen` are built on it."""

from __future__ import annotations

import asyncio
import ssl
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Self, cast

from smsc.protocol.constants import (
    BIND_RECEIVER,
    BIND_TRANSCEIVER,
    BIND_TRANSMITTER,
    UDHI,
    V34,
    status_name,
)
from smsc.protocol.pdu import tlv
from smsc.protocol.pdu.submit import Acks, Submit, SubmitBatch
from smsc.protocol.sessions.esme import EsmeSession
from smsc.protocol.sessions.events import (
    BindRefused,
    Bound,
    Closed,
    Event,
    Expired,
    Nacked,
    Request,
    UnbindRequest,
)
from smsc.protocol.sessions.limits import SessionLimits
from smsc.protocol.text import receipt_text, udh
from smsc.protocol.text.data_coding import encode_text, join_text
from smsc.protocol.text.receipt_text import Receipt
from smsc.tls import tls_trouble
from smsc.typed import compact

KINDS = {"transmitter": BIND_TRANSMITTER, "receiver": BIND_RECEIVER, "transceiver": BIND_TRANSCEIVER}
RECEIPT = 0x04
_CLOSED_BECAUSE = {"framing": "what answers there does not speak SMPP, or speaks it over TLS"}
_ALPHANUMERIC = 5
_MAX_PARTIAL = 1000
_MAX_UNREAD = 10_000


class ClientError(Exception):
    """The conversation with the SMSC failed; the text is for a person."""


class Refused(ClientError):
    """The SMSC answered with an error; `status` is its command_status."""

    def __init__(self, what: str, status: int) -> None:
        super().__init__(f"{what} refused: {status_name(status)} (0x{status:02X})")
        self.status = status


@dataclass(frozen=True, slots=True)
class Received:
    """A message or a receipt that came in, its parts put together. Addresses as on the wire, without `+`."""

    source: str
    destination: str
    text: str
    receipt: Receipt | None = None
    data_coding: int = 0
    parts: int = 1
    tlvs: tuple[tuple[int, bytes], ...] = ()


@dataclass(slots=True)
class _Part:
    body: bytes
    data_coding: int
    tlvs: list[tuple[int, bytes]] = field(default_factory=list)


def address(text: str) -> tuple[int, int, str]:
    """(TON, NPI, address) of what a person writes: +47... is international, letters are alphanumeric."""
    number = compact(text)
    if number.startswith("+"):
        return 1, 1, number[1:]
    if number.isascii() and number.isdigit():
        return 0, 1, number
    return (_ALPHANUMERIC, 0, text) if text else (0, 0, "")


class Client:
    """One connection to an SMSC. `connect` opens it, `bind` makes it usable, `close` says goodbye.

    All times are real seconds. Everything raises ClientError when the connection is gone."""

    def __init__(self, limits: SessionLimits) -> None:
        self._loop = asyncio.get_running_loop()
        self._session = EsmeSession(limits, self._loop.time())
        self._transport: asyncio.Transport | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._bound: asyncio.Future[str] = self._loop.create_future()
        self._closed: asyncio.Future[str] = self._loop.create_future()
        self._inbox: asyncio.Queue[Received | None] = asyncio.Queue()
        self._partial: OrderedDict[object, dict[int, _Part]] = OrderedDict()
        self._row = Submit()
        self._reference = 0

    @classmethod
    async def connect(
        cls,
        host: str = "127.0.0.1",
        port: int = 2775,
        *,
        timeout: float = 10.0,
        tls: ssl.SSLContext | None = None,
        limits: SessionLimits | None = None,
    ) -> Self:
        """Open the connection. ClientError when nobody answers there within `timeout`."""
        client = cls(limits or SessionLimits())
        try:
            async with asyncio.timeout(timeout):
                await client._loop.create_connection(lambda: _Wire(client), host, port, ssl=tls)
        except TimeoutError:
            raise ClientError(f"no answer from {host}:{port} within {timeout:g} s") from None
        except OSError as error:
            told = tls_trouble(error) if tls is not None else error.strerror or error
            raise ClientError(f"cannot connect to {host}:{port}: {told}") from None
        return client

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def bind(
        self,
        system_id: str,
        password: str,
        *,
        kind: str = "transceiver",
        version: int = V34,
        timeout: float = 10.0,
    ) -> str:
        """Bind as "transmitter", "receiver" or "transceiver"; returns the SMSC's system_id."""
        try:
            self._session.send_bind(KINDS[kind], system_id, password, self._loop.time(), version=version)
        except ValueError as error:
            raise ClientError(str(error)) from None
        self._pump()
        try:
            async with asyncio.timeout(timeout):
                return await asyncio.shield(self._bound)
        except TimeoutError:
            raise ClientError(f"no answer to the bind within {timeout:g} s") from None

    async def submit(
        self,
        destination: str,
        text: str,
        *,
        source: str = "",
        registered_delivery: int = 0,
        validity: str = "",
        priority: int = 0,
        timeout: float = 60.0,
    ) -> list[str]:
        """Submit a text, in parts when it is long; returns one message_id a part, in order.

        An empty source lets the SMSC put the handset's own number. Refused when a part is, ClientError
        when an answer does not come within `timeout`, as while the sender is out of coverage and its zone's
        uplink defers or loses."""
        self._reference = self._reference % 255 + 1
        data_coding, bodies = encode_text(text, self._reference)
        row = self._row
        row.source_ton, row.source_npi, sender = address(source)
        row.source, row.source_length, row.source_text = _field(sender)
        row.dest_ton, row.dest_npi, recipient = address(destination)
        row.dest, row.dest_length, row.dest_text = _field(recipient)
        row.esm_class = UDHI if len(bodies) > 1 else 0
        row.registered_delivery, row.priority, row.validity = (
            registered_delivery,
            priority,
            validity.encode("ascii"),
        )
        row.data_coding = data_coding
        answers: list[asyncio.Future[tuple[int, str]]] = []
        for body in bodies:
            row.body = body
            answers.append(self._loop.create_future())
            if not self._session.submit(row, answers[-1], self._loop.time()):
                raise ClientError("the connection is closed")
        self._pump()
        return await self._message_ids(answers, timeout)

    async def _message_ids(self, answers: list[asyncio.Future[tuple[int, str]]], timeout: float) -> list[str]:
        try:
            async with asyncio.timeout(timeout):
                results = await asyncio.gather(*answers)
        except TimeoutError:
            raise ClientError(f"no answer to the submission within {timeout:g} s") from None
        finally:
            for answer in answers:
                answer.cancel()
        for status, _ in results:
            if status:
                raise Refused("the submission was", status)
        return [message_id for _, message_id in results]

    async def receive(self, timeout: float | None = None) -> Received:
        """The next message or receipt. TimeoutError when none comes, ClientError when the connection ends."""
        async with asyncio.timeout(timeout):
            received = await self._inbox.get()
        if received is None:
            self._inbox.put_nowait(None)
            raise ClientError(f"the connection was closed: {self._closed.result()}")
        if self._transport is not None and self._inbox.qsize() < _MAX_UNREAD // 2:
            self._transport.resume_reading()
        return received

    async def close(self, timeout: float = 5.0) -> None:
        """Unbind, wait for the answer, close. Never raises for a connection that is gone already."""
        self._session.unbind(self._loop.time())
        self._pump()
        if self._transport is not None and not self._closed.done():
            if self._bound.done() and not self._bound.exception():
                await asyncio.wait([self._closed], timeout=timeout)
            self._transport.close()
            await asyncio.wait([self._closed], timeout=timeout)

    # --- what the wire tells ---

    def _connected(self, transport: asyncio.Transport) -> None:
        self._transport = transport

    def _data(self, data: bytes) -> None:
        self._session.receive_data(data, self._loop.time())
        self._pump()

    def _lost(self, error: Exception | None) -> None:
        told = (
            tls_trouble(error) if isinstance(error, ssl.SSLError) else str(error) if error else "by the SMSC"
        )
        self._session.lost(told)
        self._pump()

    def _pump(self) -> None:
        """Take all events, write what is due, and come back when the next timer is."""
        while (event := self._session.next_event()) is not None:
            self._take(event)
        transport = self._transport
        if transport is not None and not transport.is_closing():
            data = self._session.data_to_send()
            if data:
                transport.write(data)
            if self._session.wants_close:
                transport.close()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        due = self._session.next_tick()
        if due < float("inf"):
            self._timer = self._loop.call_at(due, self._tick)

    def _tick(self) -> None:
        self._session.tick(self._loop.time())
        self._pump()

    def _take(self, event: Event | SubmitBatch | Acks) -> None:
        if isinstance(event, Acks):
            self._session.release(event.count)
            for index in range(event.count):
                _settle(
                    event.tokens[index], event.statuses[index], event.message_ids[index].decode("latin-1")
                )
        elif isinstance(event, SubmitBatch):
            for row in event.rows[: event.count]:
                row.answer = row.message_id = 0
                if not row.status:
                    self._deliver(row)
            self._session.respond(event)
        elif isinstance(event, Nacked):
            self._session.release(1)
            _settle(event.token, event.status, "")
        elif isinstance(event, Expired):
            self._session.release(1)
            if not event.token.done():
                event.token.set_exception(ClientError("no answer to the submission"))
        elif isinstance(event, Bound):
            self._bound.set_result(event.system_id)
        elif isinstance(event, BindRefused):
            self._bound.set_exception(Refused("the bind was", event.status))
        elif isinstance(event, UnbindRequest):
            self._session.accept_unbind(event)
        elif isinstance(event, Request):
            self._session.respond_pdu(event, 0)
        elif isinstance(event, Closed):
            self._end(event)

    def _end(self, event: Closed) -> None:
        reason = _CLOSED_BECAUSE.get(event.reason, event.reason)
        error = ClientError(f"the connection was closed: {reason}")
        for future in (self._bound, *event.tokens):
            if not future.done():
                future.set_exception(error)
                future.exception()  # whoever waits gets it; nobody has to
        if not self._closed.done():
            self._closed.set_result(event.reason)
        self._inbox.put_nowait(None)

    def _deliver(self, row: Submit) -> None:
        source = _shown(row.source, row.source_length, row.source_text)
        destination = _shown(row.dest, row.dest_length, row.dest_text)
        tlvs = tlv.split_tlvs(row.tlvs) or []
        part = udh.part_of(row.esm_class, row.body, tlvs)
        body = udh.split(row.body)[1] if row.esm_class & UDHI else row.body
        piece = _Part(body, row.data_coding, tlvs)
        pieces = {1: piece}
        if part is not None:
            pieces = self._collect((source, destination, part._replace(part=0)), part, piece)
        if not pieces:
            return
        first = pieces[1]
        text = join_text((pieces[number].data_coding, pieces[number].body) for number in sorted(pieces))
        receipt = receipt_text.parse(text) if row.esm_class & 0x3C == RECEIPT else None
        self._inbox.put_nowait(
            Received(source, destination, text, receipt, first.data_coding, len(pieces), tuple(first.tlvs))
        )
        if self._transport is not None and self._inbox.qsize() >= _MAX_UNREAD:
            self._transport.pause_reading()

    def _collect(self, key: object, part: udh.Concat, piece: _Part) -> dict[int, _Part]:
        """The parts of a long message once all are there, none before; few messages may wait for parts."""
        pieces = self._partial.setdefault(key, {})
        pieces[part.part] = piece
        if len(pieces) == part.parts:
            return self._partial.pop(key)
        if len(self._partial) > _MAX_PARTIAL:
            self._partial.popitem(last=False)
        return {}


class _Wire(asyncio.Protocol):
    """Carries bytes between the transport and the client."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports do not derive from asyncio's.
        self._client._connected(cast(asyncio.Transport, transport))

    def data_received(self, data: bytes) -> None:
        self._client._data(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self._client._lost(exc)


def _settle(answer: asyncio.Future[tuple[int, str]], status: int, message_id: str) -> None:
    if not answer.done():
        answer.set_result((status, message_id))


def _field(text: str) -> tuple[int, int, bytes]:
    """(digits' value or -1, length, octets) as a row of `protocol.submit` wants an address."""
    if text.isascii() and text.isdigit() and len(text) <= 18:
        return int(text), len(text), b""
    octets = text.encode("latin-1", "replace")
    return -1, len(octets), octets


def _shown(value: int, length: int, octets: bytes) -> str:
    return str(value).zfill(length) if value >= 0 else octets.decode("latin-1")
