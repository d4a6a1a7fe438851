"""When a fault fires, and what it makes of the octets of a connection."""

from __future__ import annotations

from math import inf

import pytest

from smsc.config.wire import Fault
from smsc.engine.fault_rules import FaultRules
from smsc.protocol.constants import BIND_TRANSCEIVER, ENQUIRE_LINK, RESPONSE, SUBMIT_SM
from smsc.protocol.pdu.codec import Pdu, decode_pdu, encode_pdu, header, pdu_octets, request
from smsc.protocol.sessions.limits import SessionLimits
from smsc.protocol.sessions.session import Session
from smsc.server.faults import ConnectionFaults


def wire_of(*rules: dict[str, object], seed: int = 1) -> ConnectionFaults:
    return ConnectionFaults(FaultRules(seed, [Fault.model_validate(rule) for rule in rules]), 65536, "shop")


def answer(sequence: int, message_id: str = "1") -> bytes:
    return encode_pdu(Pdu(RESPONSE | SUBMIT_SM, 0, sequence, {"message_id": message_id}))


def submission(sequence: int) -> bytes:
    pdu = request(SUBMIT_SM, destination_addr="4790000001", short_message=b"Hei")
    pdu.sequence = sequence
    return encode_pdu(pdu)


def sequences(octets: bytes) -> list[int]:
    found = []
    while octets:
        length, _, _, sequence = header(octets)
        found.append(sequence)
        octets = octets[length:]
    return found


def fired(rule: dict[str, object], count: int, seed: int = 1) -> list[int]:
    """Which of `count` responses never leave."""
    wire = wire_of({"action": "never", **rule}, seed=seed)
    return [n for n in range(1, count + 1) if not wire.outgoing(answer(n), 0.0)]


def test_a_pattern_an_offset_and_a_count() -> None:
    assert fired({}, 3) == [1, 2, 3]
    assert fired({"every": 3}, 10) == [3, 6, 9]
    assert fired({"after": 2}, 5) == [3, 4, 5]
    assert fired({"after": 2, "every": 2, "count": 2}, 20) == [4, 6]


def test_probability_is_drawn_from_the_seed() -> None:
    first = fired({"probability": 0.2}, 2000, seed=7)
    assert first == fired({"probability": 0.2}, 2000, seed=7)
    assert first != fired({"probability": 0.2}, 2000, seed=8)
    assert 330 < len(first) < 470


def test_it_happens_to_its_system_id_and_command_only() -> None:
    assert fired({"system_id": "other"}, 2) == []
    assert fired({"command": "enquire_link"}, 2) == []
    assert fired({"command": "any"}, 2) == [1, 2]


def test_the_name_is_learnt_from_the_bind() -> None:
    wire = wire_of({"action": "status", "command": "any", "system_id": "quiz"})
    wire.system_id = ""
    bind = request(BIND_TRANSCEIVER, system_id="quiz", password="quiz2097")
    bind.sequence = 1
    passed, refused = wire.incoming(encode_pdu(bind), 0.0)
    assert passed == b""
    assert refused == [(BIND_TRANSCEIVER, pdu_octets(RESPONSE | BIND_TRANSCEIVER, 8, 1))]


def test_a_request_is_refused_and_the_session_never_sees_it() -> None:
    wire = wire_of({"action": "status", "status": "ESME_RMSGQFUL", "every": 2})
    passed, refused = wire.incoming(submission(1) + submission(2) + submission(3), 0.0)
    assert sequences(passed) == [1, 3]
    assert refused == [(SUBMIT_SM, pdu_octets(RESPONSE | SUBMIT_SM, 0x14, 2))]


def test_octets_may_come_one_by_one() -> None:
    wire = wire_of({"action": "status", "every": 2})
    octets = submission(1) + submission(2) + submission(3)
    found = [wire.incoming(bytes((octet,)), 0.0) for octet in octets]
    assert sequences(b"".join(passed for passed, _ in found)) == [1, 3]
    assert [command for _, refused in found for command, _ in refused] == [SUBMIT_SM]


def test_throttling_is_by_measured_rate() -> None:
    wire = wire_of({"action": "throttle", "rate": 10})
    passed = 0
    for n in range(1000):  # 100 a second for ten seconds
        octets, refused = wire.incoming(submission(n + 1), n * 0.01)
        passed += bool(octets)
        assert all(header(answer)[2] == 0x58 for _, answer in refused)
    assert 100 <= passed <= 112


def test_a_delayed_response_is_overtaken() -> None:
    wire = wire_of({"action": "delay", "seconds": 2, "count": 1})
    assert wire.outgoing(answer(1), 10.0) == b""
    assert sequences(wire.outgoing(answer(2), 10.5)) == [2]
    assert wire.next_due() == 12.0
    assert sequences(wire.due(12.0)) == [1]
    assert wire.next_due() == inf


def test_twice_and_with_a_wrong_sequence_number() -> None:
    assert sequences(wire_of({"action": "twice"}).outgoing(answer(5), 0.0)) == [5, 5]
    assert sequences(wire_of({"action": "sequence", "offset": 3}).outgoing(answer(5), 0.0)) == [8]
    assert sequences(wire_of({"action": "sequence"}).outgoing(answer(0x7FFFFFFF), 0.0)) == [999_999]


@pytest.mark.parametrize("shape", ["truncated", "length", "huge", "command"])
def test_a_malformed_pdu_cannot_be_read(shape: str) -> None:
    for frame in (answer(5), pdu_octets(RESPONSE | ENQUIRE_LINK, 0, 5)):
        broken = wire_of({"action": "malformed", "command": "any", "shape": shape}).outgoing(frame, 0.0)
        with pytest.raises(Exception, match=r"."):
            decode_pdu(broken)


def test_slow_writes_keep_the_order_of_what_follows() -> None:
    wire = wire_of({"action": "slow", "seconds": 1, "count": 1})
    first = wire.outgoing(answer(1) + answer(2), 0.0)
    assert first == answer(1)[:1]
    out = bytearray(first)
    now = 0.0
    while wire.next_due() != inf:
        now = wire.next_due()
        out += wire.due(now)
    assert bytes(out) == answer(1) + answer(2)
    assert now == pytest.approx(len(answer(1)) - 1)


def test_a_connection_is_dropped_before_or_after_its_response() -> None:
    before = wire_of({"action": "drop_before", "after": 1})
    assert sequences(before.outgoing(answer(1) + answer(2) + answer(3), 0.0)) == [1]
    assert before.drop
    after = wire_of({"action": "drop_after", "after": 1})
    assert sequences(after.outgoing(answer(1) + answer(2) + answer(3), 0.0)) == [1, 2]
    assert after.drop


def test_a_half_open_connection_hears_and_says_nothing() -> None:
    wire = wire_of({"action": "half_open", "count": 1})
    assert wire.outgoing(answer(1) + answer(2), 0.0) == b""
    assert wire.incoming(submission(3), 0.0) == (b"", [])
    assert wire.outgoing(answer(3), 0.0) == b""
    assert not wire.drop


def test_the_server_unbinds_after_a_response() -> None:
    wire = wire_of({"action": "unbind"})
    assert sequences(wire.outgoing(answer(1), 0.0)) == [1]
    assert wire.unbind


def test_rules_may_come_in_the_middle_of_a_pdu() -> None:
    session = Session(SessionLimits(), 0.0)
    octets = encode_pdu(Pdu(ENQUIRE_LINK, 0, 1)) + submission(2)
    session.receive_data(octets[:40], 0.0)
    wire = wire_of({"action": "status"})
    wire.take_partial(session)
    assert session.next_event() is None
    assert sequences(session.data_to_send()) == [1]
    passed, refused = wire.incoming(octets[40:], 0.0)
    assert (passed, sequences(refused[0][1])) == (b"", [2])
