"""The stream of octets: PDUs split anywhere, lengths that cannot be, and what comes in first-thing from
strangers."""

import tracemalloc
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smsc.protocol import constants as c
from smsc.protocol.sessions.limits import SessionLimits
from smsc.protocol.sessions.session import Session
from smsc.protocol.states import CLOSED
from tests.conftest import examples
from tests.protocol.helpers import LIMITS, Side, bound, frame, hostile_stream, message, pdu, said, tell


def normal(side: Side) -> tuple[object, ...]:
    refused: Counter[tuple[int, int, int]] = Counter()
    for event in side.refused:
        refused[event.command_id, event.status, event.reason] += event.count
    return repr(side.events), side.messages, side.acks, refused


def prepared() -> Side:
    """A bound transceiver session with two messages and a request in flight."""
    session, side = bound()
    for token in ("a", "b"):
        session.send_message(message(), token, 0.0)
    session.data_to_send()
    return side


@pytest.mark.parametrize("bit", [8, 16, 24, 30])
@pytest.mark.parametrize("command", [c.SUBMIT_SM, c.DATA_SM, c.ENQUIRE_LINK])
def test_a_command_that_differs_in_one_octet_is_another_one(command: int, bit: int) -> None:
    _, side = bound()
    other = command ^ 1 << bit
    if other == 0x03:  # data_sm without its 0x0100 is query_sm
        other |= 0x0200
    sent = frame(other, pdu(c.SUBMIT_SM)[16:], 7)
    assert said(tell(side, sent)) == [("generic_nack", c.ESME_RINVCMDID, 7)]
    assert (side.messages, side.events) == ([], [])


@pytest.mark.parametrize("sequence", [0x01020304, 0x7F000000, 0x00010000, 0x00000100])
@pytest.mark.parametrize("body", [pdu(c.SUBMIT_SM)[16:], b""], ids=["whole", "a header alone"])
@pytest.mark.parametrize("behind", [b"", frame(c.ENQUIRE_LINK, sequence=9)], ids=["last", "in the middle"])
def test_every_octet_of_a_sequence_number_comes_back(sequence: int, body: bytes, behind: bytes) -> None:
    _, side = bound(c.BIND_RECEIVER)
    answered = said(tell(side, frame(c.SUBMIT_SM, body, sequence) + behind))
    assert answered[0] == ("submit_sm_resp", c.ESME_RINVBNDSTS, sequence)
    assert len(answered) == (2 if behind else 1)
    _, side = bound()
    assert said(tell(side, pdu(c.SUBMIT_SM, sequence) + behind))[0] == ("submit_sm_resp", 0, sequence)


@given(hostile_stream(), st.data())
@settings(max_examples=examples(100))
def test_however_octets_arrive_the_events_and_the_answers_are_the_same(
    octets: bytes, data: st.DataObject
) -> None:
    whole = prepared()
    answers = tell(whole, octets)
    for feed in ("bytes", "pieces"):
        side, said_back, at = prepared(), b"", 0
        while at < len(octets):
            size = 1 if feed == "bytes" else data.draw(st.integers(1, 50))
            said_back += tell(side, octets[at : at + size])
            at += size
        assert normal(side) == normal(whole)
        assert said_back == answers


@given(hostile_stream())
@settings(max_examples=examples(100))
def test_before_a_bind_nothing_raises_either(octets: bytes) -> None:
    whole, slow = Side(Session(LIMITS, 0.0)), Side(Session(LIMITS, 0.0))
    answers = tell(whole, octets)
    assert b"".join(tell(slow, octets[at : at + 1]) for at in range(len(octets))) == answers
    assert normal(slow) == normal(whole)


@pytest.mark.parametrize(
    "header",
    [
        b"GET / HTTP/1.1\r\nHost: smsc\r\n\r\n",
        bytes.fromhex("80000000 00000004 00000000 00000001"),
        bytes.fromhex("7fffffff 00000004 00000000 00000001"),
        bytes.fromhex("ffffffff 00000004 00000000 00000001"),
        bytes.fromhex("00000000 00000004 00000000 00000001"),
        bytes.fromhex("0000000f 00000015 00000000 00000001"),
        (65537).to_bytes(4, "big") + bytes.fromhex("00000004 00000000 00000001"),
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(40),
    ],
    ids=["http", "2**31", "2**31-1", "2**32-1", "zero", "15", "max+1", "tls"],
)
def test_an_impossible_length_is_nacked_and_closed_without_room_for_it(header: bytes) -> None:
    side = Side(Session(LIMITS, 0.0))
    tracemalloc.start()
    answer = tell(side, header)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert said(answer) == [("generic_nack", c.ESME_RINVCMDLEN, int.from_bytes(header[12:16], "big"))]
    assert side.session.wants_close
    assert side.session.state == CLOSED
    assert side.events[-1].reason == "framing"
    assert peak < 100_000
    assert tell(side, header) == b""


def test_an_impossible_length_behind_good_pdus_does_not_undo_them() -> None:
    _, side = bound()
    answer = tell(side, pdu(c.SUBMIT_SM, 5) + pdu(c.SUBMIT_SM, 6) + b"\xff" * 16)
    assert said(answer) == [
        ("submit_sm_resp", 0, 5),
        ("submit_sm_resp", 0, 6),
        ("generic_nack", 2, 0xFFFFFFFF),
    ]


def test_a_run_of_messages_is_one_batch_of_at_most_512() -> None:
    session, _ = bound(limits=SessionLimits(window_in=10_000))
    session.receive_data(b"".join(pdu(c.SUBMIT_SM, sequence) for sequence in range(1, 1301)), 0.0)
    sizes = []
    while (batch := session.next_event()) is not None:
        sizes.append(batch.count)
        assert batch.session is session
    assert sizes == [512, 512, 276]


def test_a_run_ends_at_a_partial_message_and_goes_on_with_its_rest() -> None:
    _session, side = bound()
    octets = b"".join(pdu(c.SUBMIT_SM, sequence) for sequence in range(1, 6))
    cut = len(octets) - 10
    assert len(said(tell(side, octets[:cut]))) == 4
    assert said(tell(side, octets[cut:])) == [("submit_sm_resp", 0, 5)]


def test_a_large_pdu_in_single_octets_is_not_copied_again_and_again() -> None:
    _, side = bound()
    octets = pdu(c.SUBMIT_SM, 1, [(0x0424, b"x" * 60_000)], short_message=b"")
    tracemalloc.start()
    for at in range(len(octets) - 1):
        side.session.receive_data(octets[at : at + 1], 0.0)
        assert side.session.next_event() is None
    assert tracemalloc.get_traced_memory()[1] < 300_000
    tracemalloc.stop()
    tell(side, octets[-1:])
    assert len(side.messages[0]["body"]) == 60_000


def test_what_arrives_while_the_owner_is_busy_keeps_its_order() -> None:
    session, side = bound()
    session.receive_data(pdu(c.SUBMIT_SM, 1) + pdu(c.ENQUIRE_LINK, 2)[:7], 0.0)
    session.receive_data(pdu(c.ENQUIRE_LINK, 2)[7:], 0.0)
    session.receive_data(pdu(c.SUBMIT_SM, 3), 0.0)
    side.read()
    assert [sequence for _, _, sequence in said(session.data_to_send())] == [1, 2, 3]


def test_a_large_output_buffer_is_not_kept() -> None:
    session, _ = bound()
    session.send(bytes(200_000))
    assert session.pending_bytes == 200_000
    assert len(session.data_to_send()) == 200_000
    assert session.pending_bytes == 0
    assert len(session.out) < 65_536
