"""Faults over TCP: what a client meets, and that nobody else is held up by it."""

from __future__ import annotations

from typing import Any

import pytest

from smsc.protocol.constants import (
    BIND_TRANSCEIVER,
    ENQUIRE_LINK,
    RESPONSE,
    SUBMIT_SM,
    UNBIND,
)
from smsc.protocol.pdu.codec import Pdu, request
from smsc.testing.server import SmscHandle
from tests.peer import Peer

pytestmark = pytest.mark.loop

KARI, OLA = "4790000001", "4790000002"


def rules(smsc: SmscHandle, *found: dict[str, Any]) -> None:
    smsc.control("put_faults", {"seed": 1, "rules": list(found)})


def bound(smsc: SmscHandle, name: str = KARI, password: str = "1234") -> Peer:
    peer = Peer(smsc.host, smsc.port)
    bind = request(BIND_TRANSCEIVER, system_id=name, password=password)
    peer.say(bind, 1)
    assert peer.hear().status == 0
    return peer


def submit(peer: Peer, sequence: int, to: str = OLA, registered_delivery: int = 0) -> None:
    fields: dict[str, Any] = {
        "destination_addr": to,
        "short_message": b"Hei",
        "registered_delivery": registered_delivery,
    }
    peer.say(request(SUBMIT_SM, **fields), sequence)


def heard(peer: Peer) -> tuple[int, int, int]:
    pdu = peer.hear()
    return pdu.command_id, pdu.status, pdu.sequence


def test_a_submission_is_refused_and_no_message_is_there(smsc: SmscHandle) -> None:
    rules(smsc, {"action": "status", "status": "ESME_RSYSERR", "every": 2})
    with bound(smsc) as peer:
        for sequence in (2, 3, 4):
            submit(peer, sequence)
        answers = sorted((heard(peer) for _ in range(3)), key=lambda answer: answer[2])
        assert [(status, sequence) for _, status, sequence in answers] == [(0, 2), (8, 3), (0, 4)]
    assert len(smsc.messages(source=KARI)) == 2
    assert smsc.control("faults")["fired"] == [1]


def test_a_late_answer_holds_nobody_up(smsc: SmscHandle) -> None:
    rules(smsc, {"action": "delay", "seconds": 1.5, "count": 1})
    with bound(smsc) as kari, bound(smsc, "4790000003") as other:
        submit(kari, 2)
        submit(kari, 3)
        assert heard(kari)[2] == 3
        submit(other, 2)
        assert heard(other)[2] == 2
        assert heard(kari)[2] == 2


def test_an_answer_that_never_comes_is_of_a_message_that_is_there(smsc: SmscHandle) -> None:
    rules(smsc, {"action": "never", "count": 1})
    with bound(smsc) as peer:
        submit(peer, 2)
        peer.say(request(ENQUIRE_LINK), 3)
        assert heard(peer) == (RESPONSE | ENQUIRE_LINK, 0, 3)
    smsc.wait_for_message(source=KARI)


def test_answers_come_twice_and_under_other_numbers(smsc: SmscHandle) -> None:
    rules(smsc, {"action": "twice", "count": 1}, {"action": "sequence", "offset": 50})
    with bound(smsc) as peer:
        submit(peer, 2)
        assert [heard(peer)[2] for _ in range(2)] == [2, 2]
        submit(peer, 3)
        assert heard(peer)[2] == 53


@pytest.mark.parametrize(("action", "answers"), [("drop_before", 0), ("drop_after", 1)])
def test_the_connection_is_dropped_at_the_answer(smsc: SmscHandle, action: str, answers: int) -> None:
    rules(smsc, {"action": action})
    with bound(smsc) as peer:
        submit(peer, 2)
        octets = peer.until_closed()
        assert octets.count(b"\x80\x00\x00\x04") == answers
    assert len(smsc.messages(source=KARI)) == 1


def test_a_half_open_connection_stays_silent_and_open(smsc: SmscHandle) -> None:
    rules(smsc, {"action": "half_open", "count": 1})
    with bound(smsc) as peer:
        submit(peer, 2)
        peer.say(request(ENQUIRE_LINK), 3)
        with pytest.raises(TimeoutError):
            peer.frame(timeout=0.2)


def test_an_answer_comes_octet_by_octet(smsc: SmscHandle) -> None:
    rules(smsc, {"action": "slow", "seconds": 0.05})
    with bound(smsc) as peer:
        submit(peer, 2)
        begun = peer.sock.recv(100)
        assert 0 < len(begun) < 16, "more than the first octets of the header at once"
        peer.octets += begun
        assert heard(peer)[2] == 2


def test_the_server_unbinds(smsc: SmscHandle) -> None:
    rules(smsc, {"action": "unbind", "count": 1})
    with bound(smsc) as peer:
        submit(peer, 2)
        assert heard(peer)[:2] == (RESPONSE | SUBMIT_SM, 0)
        command, _, sequence = heard(peer)
        assert command == UNBIND
        peer.say(Pdu(RESPONSE | UNBIND), sequence)
        assert peer.until_closed() == b""


def test_a_malformed_answer(smsc: SmscHandle) -> None:
    rules(smsc, {"action": "malformed", "shape": "huge"})
    with bound(smsc) as peer:
        submit(peer, 2)
        peer.sock.settimeout(5)
        assert peer.sock.recv(4) == b"\x7f\xff\xff\xff"


def test_a_bind_is_refused_and_the_connection_closed(smsc: SmscHandle) -> None:
    rules(smsc, {"action": "status", "status": "ESME_RSYSERR", "command": "any", "system_id": KARI})
    with Peer(smsc.host, smsc.port) as peer:
        peer.say(request(BIND_TRANSCEIVER, system_id=KARI, password="1234"), 1)
        assert heard(peer) == (RESPONSE | BIND_TRANSCEIVER, 8, 1)
        assert peer.until_closed() == b""
    bound(smsc, OLA).close()


def test_throttled_by_its_measured_rate(smsc: SmscHandle) -> None:
    rules(smsc, {"action": "throttle", "rate": 5})
    with bound(smsc) as peer:
        for sequence in range(2, 22):
            submit(peer, sequence)
        answers = [heard(peer)[1] for _ in range(20)]
    assert 5 <= answers.count(0) <= 8
    assert answers.count(0x58) == 20 - answers.count(0)


def test_rules_that_make_no_sense_are_refused(smsc: SmscHandle) -> None:
    from smsc.control import ControlError

    for wrong in ({"action": "explode"}, {"action": "status", "status": "ESME_NO"}, {"command": "submit_sm"}):
        with pytest.raises(ControlError, match=r"action|status"):
            rules(smsc, wrong)


def test_no_rules_leave_no_trace_on_new_connections(smsc: SmscHandle) -> None:
    rules(smsc)
    with bound(smsc):
        assert all(connection.faults is None for connection in smsc.server.listener.connections.values())
