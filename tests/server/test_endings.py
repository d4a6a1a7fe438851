"""How connections end: what was read is answered, the peer closes first, and who does not bind makes room."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from smsc.protocol.constants import (
    BIND_TRANSCEIVER,
    BINDS,
    CANCEL_SM,
    DATA_SM,
    ENQUIRE_LINK,
    GENERIC_NACK,
    QUERY_SM,
    REPLACE_SM,
    RESPONSE,
    SUBMIT_MULTI,
    SUBMIT_SM,
    UNBIND,
)
from smsc.protocol.pdu.codec import Pdu, encode_pdu, request
from smsc.protocol.pdu.fields import Destination
from smsc.server import capacity
from smsc.server.capacity import Capacity
from smsc.testing.server import SmscHandle
from tests.peer import Peer

pytestmark = pytest.mark.loop
Make = Callable[..., SmscHandle]
KARI, OLA = "4790000001", "4799000007"  # Ola's handset is switched off: what is sent to him waits


def numbered(pdus: list[Pdu]) -> bytes:
    for sequence, pdu in enumerate(pdus, 1):
        pdu.sequence = sequence
    return b"".join(encode_pdu(pdu) for pdu in pdus)


# --- the end of what the peer says ----------------------------------------------------------------


def _submit(_: str) -> Pdu:
    return request(SUBMIT_SM, destination_addr=OLA, dest_addr_ton=1, short_message=b"Hei")


def _data(_: str) -> Pdu:
    return request(DATA_SM, [(0x0424, b"Hei")], destination_addr=OLA, dest_addr_ton=1)


def _multi(_: str) -> Pdu:
    both = [Destination(1, 1, OLA), Destination(1, 1, "4799000020")]
    return request(SUBMIT_MULTI, dest_address=both, short_message=b"Hei")


def _query(ident: str) -> Pdu:
    return request(QUERY_SM, message_id=ident, source_addr=KARI, source_addr_ton=1)


def _replace(ident: str) -> Pdu:
    return request(REPLACE_SM, message_id=ident, source_addr=KARI, source_addr_ton=1, short_message=b"Nei")


def _cancel(ident: str) -> Pdu:
    return request(CANCEL_SM, message_id=ident, source_addr=KARI, source_addr_ton=1)


@pytest.mark.parametrize("window", [1_000, 3])
@pytest.mark.parametrize("store", ["sqlite", "memory"])
@pytest.mark.parametrize("make", [_submit, _data, _multi, _query, _replace, _cancel])
def test_what_was_said_before_the_end_is_answered(
    make_smsc: Make, tmp_path: Path, make: Callable[[str], Pdu], store: str, window: int
) -> None:
    url = "memory:" if store == "memory" else f"sqlite:{tmp_path / 'smsc.db'}"
    smsc = make_smsc(store={"url": url}, limits={"window": window})
    with Peer(smsc.host, smsc.port) as peer:
        assert peer.bind(KARI) == 0
        ident = str(peer.submit(OLA, source=KARI).fields["message_id"])
        peer.send(numbered([make(ident) for _ in range(100)]))
        peer.sock.shutdown(socket.SHUT_WR)
        answers = []
        while (pdu := peer.pdu()) is not None:
            answers.append(pdu)
    assert sorted(pdu.sequence for pdu in answers) == list(range(1, 101))
    kept = [pdu for pdu in answers if pdu.status == 0]
    if make in (_submit, _data, _multi):
        messages = smsc.messages()
        assert len(messages) == 1 + len(kept) * (2 if make is _multi else 1)
    assert smsc.control("sessions") == []


def test_nothing_is_sent_to_a_peer_that_has_ended(make_smsc: Make, tmp_path: Path) -> None:
    smsc = make_smsc(store={"url": f"sqlite:{tmp_path / 'smsc.db'}"})
    with Peer(smsc.host, smsc.port) as peer:
        assert peer.bind(KARI) == 0
        own = request(SUBMIT_SM, destination_addr=KARI, dest_addr_ton=1, short_message=b"Hei")
        peer.send(numbered([own] * 1))
        peer.sock.shutdown(socket.SHUT_WR)
        heard = []
        while (pdu := peer.pdu()) is not None:
            heard.append(pdu.command_id)
    assert heard == [RESPONSE | SUBMIT_SM]
    (message,) = smsc.messages()
    assert message.state == "enroute"


def test_what_waits_for_coverage_does_not_keep_a_connection(make_smsc: Make) -> None:
    smsc = make_smsc()
    smsc.control("put_zone", "oslo", {"coverage": "none", "uplink": "defer"})
    with Peer(smsc.host, smsc.port) as peer:
        assert peer.bind(KARI) == 0
        peer.send(numbered([_submit("") for _ in range(5)]))
        peer.sock.shutdown(socket.SHUT_WR)
        assert peer.until_closed() == b""


# --- who closes first -----------------------------------------------------------------------------

ENDS: dict[str, tuple[bool, Callable[[], bytes], int]] = {
    "wrong password": (
        False,
        lambda: numbered([request(BIND_TRANSCEIVER, system_id=KARI, password="9")]),
        RESPONSE | BIND_TRANSCEIVER,
    ),
    "unknown name": (
        False,
        lambda: numbered([request(min(BINDS), system_id="nobody", password="9")]),
        RESPONSE | min(BINDS),
    ),
    "unbind": (True, lambda: numbered([Pdu(UNBIND)]), RESPONSE | UNBIND),
    "impossible length": (True, lambda: b"\x00\x00\x00\x0f" + bytes(12), GENERIC_NACK),
    "unbound, impossible length": (False, lambda: b"\xff\x00\x00\x0f" + bytes(12), GENERIC_NACK),
}


def _at_its_end(smsc: SmscHandle, kind: str) -> Peer:
    bound, octets, expected = ENDS[kind]
    peer = Peer(smsc.host, smsc.port)
    if bound:
        assert peer.bind(KARI) == 0
    peer.send(octets())
    answer = peer.pdu()
    assert answer is not None
    assert answer.command_id == expected
    return peer


@pytest.mark.parametrize("kind", list(ENDS))
def test_the_peer_closes_first(make_smsc: Make, kind: str) -> None:
    smsc = make_smsc(limits={"linger": "30s"})
    with _at_its_end(smsc, kind) as peer:
        assert smsc.control("sessions") == []
        peer.send(numbered([request(BIND_TRANSCEIVER, system_id=KARI, password="1234"), Pdu(ENQUIRE_LINK)]))
        with pytest.raises(TimeoutError):  # neither closed nor answered
            peer.pdu(timeout=0.3)
        peer.sock.shutdown(socket.SHUT_WR)
        assert peer.until_closed() == b""


@pytest.mark.parametrize("linger", ["0s", "50ms"])
@pytest.mark.parametrize("kind", list(ENDS))
def test_a_peer_that_does_not_close_is_closed(make_smsc: Make, kind: str, linger: str) -> None:
    smsc = make_smsc(limits={"linger": linger})
    with _at_its_end(smsc, kind) as peer:
        assert peer.until_closed() == b""


def test_only_so_many_linger(make_smsc: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capacity, "MOST_LINGERING", 2)
    smsc = make_smsc(limits={"linger": "30s"})
    with contextlib.ExitStack() as stack:
        peers = [stack.enter_context(_at_its_end(smsc, "unbind")) for _ in range(3)]
        assert peers[2].until_closed() == b""
        peers[0].close()


# --- who may stay ---------------------------------------------------------------------------------


def test_peers_that_bind_find_room_among_those_that_do_not(make_smsc: Make) -> None:
    smsc = make_smsc(limits={"sessions": 100, "bind_timeout": "off"})
    with contextlib.ExitStack() as stack:
        idle = [stack.enter_context(Peer(smsc.host, smsc.port)) for _ in range(100)]
        for number in range(60):
            peer = stack.enter_context(Peer(smsc.host, smsc.port))
            assert peer.bind(str(4790000000 + number)) == 0
        assert idle[0].is_closed()
        rooms = smsc.server.listener.capacity
        assert len(rooms.bound) + rooms.unbound_count <= 100
        late = stack.enter_context(Peer(smsc.host, smsc.port))
        assert late.bind("4790000099") == 0


def test_bound_peers_fill_the_sessions(make_smsc: Make) -> None:
    smsc = make_smsc(limits={"sessions": 2})
    with Peer(smsc.host, smsc.port) as one, Peer(smsc.host, smsc.port) as two:
        assert (one.bind(KARI), two.bind(KARI)) == (0, 0)
        with Peer(smsc.host, smsc.port) as three:
            assert three.is_closed()
        one.close()
        for _ in range(100):
            with Peer(smsc.host, smsc.port) as four:
                if four.bind(KARI) == 0:
                    return
    pytest.fail("the place of a peer that has gone stays taken")


class Place:
    """A connection, as far as room for it goes."""

    def __init__(self) -> None:
        self.evicted = False

    def evict(self) -> None:
        self.evicted = True


def test_the_one_that_has_been_unbound_longest_goes() -> None:
    rooms = Capacity(8)
    places = [Place() for _ in range(7)]
    assert all(rooms.arrived(place) for place in places[:6])
    rooms.decides(places[0])  # its password is being looked at
    assert rooms.arrived(places[6])
    assert [place.evicted for place in places] == [False, True] + [False] * 5
    for place in (places[0], *places[2:]):
        rooms.has_bound(place)
    assert (rooms.unbound_count, len(rooms.bound)) == (0, 6)
    more: list[Any] = [Place() for _ in range(4)]
    assert [rooms.arrived(place) for place in more] == [True] * 4
    assert [place.evicted for place in more] == [True, True, False, False]
    for place in (*places, *more):
        rooms.gone(place)
    assert (rooms.unbound_count, len(rooms.bound)) == (0, 0)
