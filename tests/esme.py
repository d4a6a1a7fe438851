"""An SMPP client over TCP that behaves: blocking calls, and a thread that takes deliveries as the test says.

Who counts octets, misbehaves, or leaves a request unanswered takes a `tests.peer.Peer`. Both wait at most
`PATIENCE` seconds.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from dataclasses import dataclass, field
from queue import Empty, Queue
from typing import Any, NamedTuple

from smsc.protocol.constants import (
    DELIVER_SM,
    ENQUIRE_LINK,
    RESPONSE,
    UDHI,
    UNBIND,
    V34,
)
from smsc.protocol.pdu import tlv
from smsc.protocol.pdu.codec import Pdu, encode_pdu, request, response
from smsc.protocol.text import receipt_text
from smsc.protocol.text.data_coding import decode_text, encode_text
from smsc.protocol.text.receipt_text import Receipt
from tests.peer import Peer, bind_pdu, submit_pdu
from tests.waiting import PATIENCE

RECEIPT, INTERMEDIATE = 0x04, 0x20


class Answer(NamedTuple):
    """A submit_sm_resp."""

    status: int
    message_id: str
    pdu: Pdu


@dataclass(frozen=True)
class Delivered:
    """A deliver_sm as it came."""

    source: str
    destination: str
    text: str
    esm_class: int
    fields: dict[str, Any] = field(repr=False)
    tlvs: dict[int, bytes] = field(repr=False)
    sequence: int = 0

    @property
    def receipt(self) -> Receipt | None:
        """The receipt that the text is, None for an ordinary message."""
        return receipt_text.parse(self.text) if self.esm_class & 0x3C == RECEIPT else None

    @property
    def source_type(self) -> tuple[int, int]:
        """TON and NPI of the source."""
        return self.fields["source_addr_ton"], self.fields["source_addr_npi"]

    def tlv(self, name: str) -> Any:
        """The value of a TLV by name, None when it is absent."""
        tag = tlv.BY_NAME[name].tag
        return tlv.value_of(tag, self.tlvs[tag]) if tag in self.tlvs else None


class BindRefused(Exception):
    """The bind_resp had this status."""

    def __init__(self, status: int) -> None:
        super().__init__(f"bind refused with 0x{status:02X}")
        self.status = status


class Esme:
    """One connection, bound from the constructor on, whose thread reads what comes and answers as the test
    says.

    It answers a deliver_sm only after it is in the inbox, so that whatever the server has seen answered can
    be read without waiting; and nobody receives it before the answer has left, so that what the test says
    next, an unbind for instance, does not overtake the answer.
    """

    def __init__(
        self,
        smpp_address: str,
        system_id: str,
        password: str = "1234",
        *,
        kind: str = "transceiver",
        version: int = V34,
    ) -> None:
        host, _, port = smpp_address.rpartition(":")
        self.system_id = system_id
        self.version = version
        self.inbox: Queue[Delivered] = Queue()
        self.withheld: list[Delivered] = []
        self.requests: list[Pdu] = []
        self.closed = threading.Event()
        self.answer: Callable[[Delivered], int | None] = lambda _: 0
        self._peer = Peer(host, int(port))
        self._peer.version = version
        self._socket = self._peer.sock
        self._socket.settimeout(None)
        self._waiting: dict[int, Future[Pdu]] = {}
        self._sequence = 0
        self._reference = 0
        self._lock = threading.Lock()
        self._answering = threading.Lock()
        self._reader = threading.Thread(target=self._read, name=f"esme {system_id}", daemon=True)
        self._reader.start()
        answered = self.ask(bind_pdu(system_id, password, kind, version))
        self.bind_resp = answered
        if answered.status:
            self.drop()
            raise BindRefused(answered.status)

    # --- asking ---------------------------------------------------------------------------------

    def ask(self, pdu: Pdu) -> Pdu:
        """Send a request and wait for its response."""
        return self.begin(pdu).result(PATIENCE)

    def begin(self, *pdus: Pdu) -> Future[Pdu]:
        """Send requests in one write; the future of the last one's response."""
        answer: Future[Pdu] = Future()
        octets = b""
        with self._lock:
            for pdu in pdus:
                answer = Future()
                self._sequence += 1
                pdu.sequence = self._sequence
                self._waiting[pdu.sequence] = answer
                octets += encode_pdu(pdu, self.version)
            self._socket.sendall(octets)
        return answer

    def submit_pdu(self, destination: str, text: str | bytes = "Hei", source: str = "", **fields: Any) -> Pdu:
        """A submit_sm of one part; any field may be given."""
        return submit_pdu(destination, text, source, **fields)

    def submit(self, destination: str, text: str | bytes = "Hei", source: str = "", **fields: Any) -> Answer:
        """Submit one part and wait for the answer."""
        return answer_of(self.begin_submit(destination, text, source, **fields))

    def begin_submit(
        self, destination: str, text: str | bytes = "Hei", source: str = "", **fields: Any
    ) -> Future[Pdu]:
        """Submit one part; the answer comes when it comes (see ``answer_of``)."""
        return self.begin(self.submit_pdu(destination, text, source, **fields))

    def send(self, destination: str, text: str = "Hei", source: str = "", **fields: Any) -> str:
        """Submit a text of any length, all parts accepted; the message_id of the first part."""
        self._reference = self._reference % 255 + 1
        coding, bodies = encode_text(text, self._reference)
        fields = {"data_coding": coding, "esm_class": UDHI if len(bodies) > 1 else 0, **fields}
        answers = [self.submit(destination, body, source, **fields) for body in bodies or [b""]]
        assert [answer.status for answer in answers] == [0] * len(answers)
        return answers[0].message_id

    def ping(self) -> None:
        """An enquire_link and its answer: all that the server had written before is read by then."""
        assert self.ask(request(ENQUIRE_LINK)).status == 0

    # --- receiving ------------------------------------------------------------------------------

    def receive(self, timeout: float = PATIENCE) -> Delivered:
        """The next deliver_sm. AssertionError when none comes."""
        try:
            delivered = self.inbox.get(timeout=timeout)
        except Empty:
            raise AssertionError(f"nothing arrived at {self.system_id} within {timeout} s") from None
        with self._answering:
            return delivered

    def receive_all(self, count: int) -> list[str]:
        """The texts of the next so many deliver_sm."""
        return [self.receive().text for _ in range(count)]

    def receive_receipt(self) -> Receipt:
        """The next deliver_sm, which must be a receipt."""
        receipt = self.receive().receipt
        assert receipt is not None
        return receipt

    def has_nothing(self) -> bool:
        """Whether everything that the server has written so far was read."""
        self.ping()
        return self.inbox.empty()

    def withhold(self) -> None:
        """Answer no deliver_sm from now on, until ``catch_up``."""
        self.answer = lambda _: None

    def catch_up(self, status: int = 0) -> None:
        """Answer what was withheld, and everything that comes."""
        self.answer = lambda _: status
        withheld, self.withheld = self.withheld, []
        for delivered in withheld:
            self.acknowledge(delivered, status)

    def acknowledge(self, delivered: Delivered, status: int = 0) -> None:
        """Answer one deliver_sm."""
        pdu = response(Pdu(DELIVER_SM, sequence=delivered.sequence), status, {"message_id": ""})
        self._socket.sendall(encode_pdu(pdu, self.version))

    # --- leaving --------------------------------------------------------------------------------

    def unbind(self) -> None:
        """Say goodbye and wait until the server has closed the connection."""
        if not self.closed.is_set():
            with contextlib.suppress(OSError):
                self.begin(request(UNBIND))
            assert self.closed.wait(PATIENCE), f"{self.system_id} has unbound, but is not let go"
        self.drop()

    def drop(self) -> None:
        """Cut the connection."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._reader.join(PATIENCE)
        self._socket.close()

    # --- the thread -----------------------------------------------------------------------------

    def _read(self) -> None:
        try:
            while (pdu := self._peer.pdu()) is not None:
                self._take(pdu)
        except OSError:
            pass
        finally:
            self.closed.set()
            for waiting in self._waiting.values():
                if not waiting.done():
                    waiting.set_exception(ConnectionError(f"the connection of {self.system_id} is closed"))

    def _take(self, pdu: Pdu) -> None:
        if pdu.command_id & RESPONSE:
            waiting = self._waiting.pop(pdu.sequence, None)
            if waiting is not None:
                waiting.set_result(pdu)
        elif pdu.command_id == DELIVER_SM:
            delivered = _delivered(pdu)
            status = self.answer(delivered)
            if status is None:
                self.withheld.append(delivered)
            with self._answering:
                self.inbox.put(delivered)
                if status is not None:
                    self.acknowledge(delivered, status)
        else:
            self.requests.append(pdu)
            self._socket.sendall(encode_pdu(response(pdu, 0, {}), self.version))


def answer_of(begun: Future[Pdu]) -> Answer:
    """The answer to a submission, waiting for it."""
    pdu = begun.result(PATIENCE)
    return Answer(pdu.status, str(pdu.fields.get("message_id", "")), pdu)


def unanswered(submissions: Iterable[Future[Pdu]]) -> bool:
    """Whether none of the submissions has been answered."""
    return not any(begun.done() for begun in submissions)


def _delivered(pdu: Pdu) -> Delivered:
    fields = pdu.fields
    tlvs = dict(pdu.tlvs)
    body = fields["short_message"] or tlvs.get(0x0424, b"")
    text = decode_text(fields["data_coding"], body, fields["esm_class"])
    return Delivered(
        fields["source_addr"],
        fields["destination_addr"],
        text,
        fields["esm_class"],
        fields,
        tlvs,
        pdu.sequence,
    )
