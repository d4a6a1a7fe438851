"""Suite `codec`: PDUs to rows and back, no server around them."""

from typing import Any

from bench.measure import FARM
from bench.results import Suite
from bench.timing import nanoseconds, per_second
from smsc.load.plan import Plan
from smsc.load.templates import build_ring
from smsc.protocol.constants import (
    BIND_TRANSCEIVER,
    DELIVER_SM,
    RESPONSE,
    SUBMIT_SM,
)
from smsc.protocol.pdu.codec import decode_pdu, encode_pdu, pdu_octets, request
from smsc.protocol.pdu.submit import Submit, parse_submit
from smsc.protocol.sessions.esme import EsmeSession
from smsc.protocol.sessions.events import BindRequest
from smsc.protocol.sessions.limits import SessionLimits
from smsc.protocol.sessions.link import Link
from smsc.protocol.sessions.session import Session

CHUNK = 100


def submits(count: int = CHUNK) -> bytes:
    """A chunk of submit_sm as the load generator sends them: 87 octets of Norwegian text and a number."""
    ring = build_ring(Plan("bench", 1, window=count, source=FARM, receipts=False), 0, b" bench-")
    octets = bytearray(ring.octets)
    for i in range(count):
        at = ring.places[i * 8]
        octets[at + 12 : at + 16] = (i + 2).to_bytes(4, "big")
    return bytes(octets)


def bound(limits: SessionLimits) -> Session:
    """A session bound as transceiver."""
    session = Session(limits, 0.0)
    bind = request(BIND_TRANSCEIVER, system_id="farm", password="farm", interface_version=0x34)
    bind.sequence = 1
    session.receive_data(encode_pdu(bind), 0.0)
    asked = session.next_event()
    assert isinstance(asked, BindRequest)
    session.accept_bind(asked, "smsc")
    session.data_to_send()
    return session


def decode_chunk(session: Session, chunk: bytes) -> None:
    """Framing, state check and decoding of a chunk of submit_sm into rows."""
    session.receive_data(chunk, 0.0)
    while (batch := session.next_event()) is not None:
        session.respond(batch)  # type: ignore[arg-type]
    session.data_to_send()


def run(options: Any) -> Suite:
    suite = Suite("codec")
    repetitions = options.repetitions
    chunk = submits()
    frame = chunk[: int.from_bytes(chunk[:4], "big")]
    row = Submit()
    one = nanoseconds(
        lambda: [parse_submit(frame, 0, len(frame), row, 0x34, False) for _ in range(CHUNK)],
        CHUNK,
        repetitions,
    )
    suite.add("decode submit_sm, a call each", "/s", per_second(one), target=3e6)

    session = bound(SessionLimits(window_in=10_000))
    whole = nanoseconds(lambda: decode_chunk(session, chunk), CHUNK, repetitions)
    suite.add("frame, decode and answer submit_sm", "/s", per_second(whole), note=f"chunks of {CHUNK}")

    suite.add("encode submit_sm", "/s", per_second(encode_submit(frame, repetitions)), target=4e6)
    suite.add("encode deliver_sm", "/s", per_second(encode_deliver(repetitions)), note="with its window")
    pdu = decode_pdu(frame)
    slow = nanoseconds(lambda: decode_pdu(frame), 1, repetitions)
    suite.add("decode_pdu by the tables", "/s", per_second(slow), note="everything that is not hot")
    suite.add(
        "encode_pdu by the tables", "/s", per_second(nanoseconds(lambda: encode_pdu(pdu), 1, repetitions))
    )
    return suite


def encode_submit(frame: bytes, repetitions: int) -> list[float]:
    """The client side's hot encoder, its window included."""
    client = EsmeSession(SessionLimits(window_out=10_000), 0.0)
    client.send_bind(BIND_TRANSCEIVER, "farm", "farm", 0.0)
    client.data_to_send()
    client.receive_data(pdu_octets(RESPONSE | BIND_TRANSCEIVER, 0, 1, b"smsc\0"), 0.0)
    client.next_event()
    row = Submit()
    parse_submit(frame, 0, len(frame), row, 0x34, False)
    last = 0

    def encode() -> None:
        nonlocal last
        for _ in range(CHUNK):
            last = client.submit(row, row, 0.0)

    return nanoseconds(encode, CHUNK, repetitions, lambda: answer_all(client, SUBMIT_SM, last))


def encode_deliver(repetitions: int) -> list[float]:
    """The server side's, as the engine calls it."""
    session = bound(SessionLimits(window_out=10_000))
    token, row = object(), Submit()
    row.source_ton, row.source_npi, row.source, row.source_length = 1, 1, 4790000001, 10
    row.dest_ton, row.dest_npi, row.dest, row.dest_length = 1, 1, 4790000002, 10
    row.body = b"Hei! Ferja fra Laerdal" * 4
    last = 0

    def encode() -> None:
        nonlocal last
        for _ in range(CHUNK):
            last = session.send_message(row, token, 0.0)

    return nanoseconds(encode, CHUNK, repetitions, lambda: answer_all(session, DELIVER_SM, last))


def answer_all(session: Link, command: int, last: int) -> None:
    """The peer's answers to the latest CHUNK of messages: their places in the window are free again."""
    session.data_to_send()
    numbers = range(last - CHUNK + 1, last + 1)
    session.receive_data(b"".join(pdu_octets(RESPONSE | command, 0, n, b"7\0") for n in numbers), 0.0)
    while session.next_event() is not None:
        pass
    session.release(CHUNK)
