"""Rows 7, 8, 9, 11, 13 and 14: peers that send too much, read too little, or answer as they please."""

import gc
import select
import tracemalloc
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from smsc.protocol.constants import BIND_TRANSCEIVER, DELIVER_SM, RESPONSE, SUBMIT_SM
from smsc.protocol.pdu import tlv
from smsc.protocol.pdu.codec import Pdu, decode_pdu, encode_pdu, request
from smsc.protocol.text import receipt_text
from smsc.testing.server import SmscHandle
from tests.peer import Peer
from tests.reliability.process import Process
from tests.reliability.test_kill import queue_up
from tests.reliability.test_shutdown import unwatch
from tests.reliability.traffic import FIRST, Ledger, farm, hang_up
from tests.waiting import PATIENCE, Took, lasting, unchanged, until

Figure = Callable[[int | str, str], None]
Connect = Callable[..., Peer]
Serving = Callable[..., SmscHandle]
RESP = RESPONSE | SUBMIT_SM


# --- 7: floods -----------------------------------------------------------------------------------


def flood(peer: Peer, octets: bytes, seconds: float, read: bool) -> int:
    """Push octets as fast as they are taken; how many were."""
    peer.sock.setblocking(False)
    sent = 0
    for _ in lasting(seconds):
        readable, writable, _ = select.select([peer.sock] if read else [], [peer.sock], [], 0.05)
        try:
            if readable and not peer.sock.recv(1 << 20):
                return sent
            if writable:
                sent += peer.sock.send(octets)
        except BlockingIOError:
            pass
        except OSError:
            return sent
    return sent


@pytest.mark.parametrize("bound", [False, True])
@pytest.mark.parametrize("read", [False, True])
def test_a_flood_is_bounded_and_hurts_nobody_else(
    tmp_path: Path, figure: Figure, bound: bool, read: bool
) -> None:
    with Process(tmp_path, SMSC_LIMITS__WINDOW="100") as server:
        healthy, attacker = Peer(server.host, server.port), Peer(server.host, server.port)
        assert healthy.bind("4790000001") == 0
        if bound:
            assert attacker.bind("4790000002") == 0
        one = encode_pdu(_numbered(attacker.submit_pdu("4799000007", source="4790000002"), 7))
        before = server.memory()
        sent = 0
        answered = Took()
        for _ in range(10):
            sent += flood(attacker, one * 1000, 0.1, read)
            with answered:
                assert healthy.submit("4790000003", source="4790000001").status == 0
        grown = server.memory() - before
        kind = f"{'bound' if bound else 'before bind'}, {'answers read' if read else 'nothing read'}"
        figure(
            7,
            f"flood {kind}: {sent // len(one)} submit_sm sent in 1 s at window 100, {grown >> 20} MiB "
            f"grown, another bind answered after {answered}",
        )
        assert grown < (32 << 20) + 2_000 * waiting(server)
        healthy.close()
        attacker.close()


def waiting(server: Process) -> int:
    """How many messages and receipts have not reached their end."""
    told = httpx.get(f"{server.url}/metrics").text.splitlines()
    return round(float(next(line for line in told if line.startswith("smsc_queue_messages ")).split()[1]))


def _numbered(pdu: Pdu, sequence: int) -> Pdu:
    pdu.sequence = sequence
    return pdu


def test_a_rate_limit_throttles_without_touching_others(
    serving: Serving, peers: Connect, figure: Figure
) -> None:
    smsc = serving(limits={"rate": 50.0})
    peer, other = peers(smsc, "4790000001"), peers(smsc, "4790000004")
    for _ in range(500):
        peer.ask(peer.submit_pdu("4799000007", source="4790000001"))
    told = Counter(peer.pdu().status for _ in range(500))
    assert other.submit("4790000002", source="4790000004").status == 0
    assert set(told) == {0, 0x58}
    assert told[0] <= 100
    figure(7, f"500 submit_sm at once with rate 50: {told[0]} accepted, {told[0x58]} throttled")


# --- 8: a slow reader ----------------------------------------------------------------------------


MOST_HELD = 256 * 1024  # octets of memory that one who reads slowly may cost


@pytest.mark.timeout(0)
@pytest.mark.usefixtures("collector")
@pytest.mark.parametrize(
    "counts", [(5_000, 50_000), pytest.param((5_000, 1_000_000), marks=pytest.mark.torture)]
)
def test_a_slow_reader_has_its_queue_on_the_disk(
    tmp_path: Path, serving: Serving, figure: Figure, counts: tuple[int, ...]
) -> None:
    """Every allocation since the queue was taken up is counted: what is left of them is the reader's.

    Some thousand octets are the process's own; a message in memory would be hundreds each.
    """
    held = [cost_of_a_slow_reader(tmp_path / f"{count}.db", count, serving) for count in counts]
    assert all(0 < octets <= MOST_HELD for octets, _ in held), held
    assert held[-1][0] - held[0][0] < (counts[-1] - counts[0]) / 2  # half an octet for each
    told = ", ".join(
        f"{octets >> 10} KiB of which {waiting >> 10} KiB wait to be written with {count} queued"
        for count, (octets, waiting) in zip(counts, held, strict=True)
    )
    figure(8, f"one that reads nothing costs {told}")


@pytest.mark.usefixtures("collector")
@pytest.mark.parametrize("size", [250, 10_000, 30_000])
def test_a_slow_reader_of_long_texts_has_them_on_the_disk(
    tmp_path: Path, serving: Serving, figure: Figure, size: int
) -> None:
    held, waiting = cost_of_a_slow_reader(tmp_path / "long.db", 500, serving, size)
    assert 0 < held <= MOST_HELD
    figure(
        8,
        f"with texts of {size} octets it costs {held >> 10} KiB, {waiting >> 10} KiB in the transport",
    )


def cost_of_a_slow_reader(path: Path, count: int, serving: Serving, size: int = 0) -> tuple[int, int]:
    """Octets of memory that its bind has added, and those among them that wait in its transport."""
    queue_up(path, count, 1, size)
    smsc = serving(store={"url": f"sqlite:{path}"}, limits={"enquire_link": "off"})
    smsc.run(unwatch(smsc))
    with Peer(smsc.host, smsc.port) as first:  # what is loaded and cached once for all
        assert first.bind("4790000002") == 0
        assert first.submit("4790000002", source="4790000002").status == 0
        first.deliveries(1)
    smsc.run(smsc.server.committed())
    tracemalloc.start()
    try:
        gc.collect()
        before = tracemalloc.get_traced_memory()[0]
        with Peer(smsc.host, smsc.port, receive_buffer=4096) as peer:
            assert peer.bind(str(FIRST)) == 0
            bind = next(iter(smsc.server.engine.bindings))
            sent = unchanged(lambda: bind.outstanding)  # until nothing more goes out
            gc.collect()
            held = tracemalloc.get_traced_memory()[0] - before
            assert sent > 0
            assert smsc.server.engine.unfinished() == count
            return held, bind.connection.transport.get_write_buffer_size()
    finally:
        tracemalloc.stop()


# --- 9: deliver_sm_resp --------------------------------------------------------------------------


def _deliver(smsc: SmscHandle, peer: Peer) -> Pdu:
    smsc.send("4790000001", "4790000002", "hello")
    (found,) = peer.deliveries(1, answer=False)
    return found


def test_an_answer_that_never_comes_is_tried_again_and_ends_the_session_at_last(
    serving: Serving, peers: Connect, figure: Figure
) -> None:
    smsc = serving(
        limits={"response_timeout": "150ms", "unanswered": 3, "enquire_link": "off"},
        delivery={"retry": ["10ms"], "jitter": 0},
    )
    peer = peers(smsc, "4790000002", kind="receiver")
    smsc.send("4790000001", "4790000002", "hello")
    with Took() as took:
        heard = list(iter(lambda: peer.pdu(PATIENCE), None))
    received = len([pdu for pdu in heard if pdu.command_id == DELIVER_SM])
    assert received == 3
    other = peers(smsc, "4790000002", kind="receiver")
    assert other.deliveries(1)[0].fields["short_message"] == b"hello"
    figure(9, f"never answered: {received} tries, session closed after {took}, next bind got it")


def test_late_double_and_wrong_answers_do_nothing(serving: Serving, peers: Connect, figure: Figure) -> None:
    smsc = serving(
        limits={"response_timeout": "300ms", "enquire_link": "off"},
        delivery={"retry": ["200ms"], "jitter": 0},
    )
    peer = peers(smsc, "4790000002")
    first = _deliver(smsc, peer)
    ident = smsc.messages()[0].id  # late: the message has timed out and waits for its next attempt
    until(lambda: "attempt_failed" in [event["event"] for event in smsc.message(ident).timeline])
    peer.answer(first)
    again = peer.deliveries(1, answer=False)[0]
    assert again.fields["short_message"] == first.fields["short_message"]
    wrong = decode_pdu(encode_pdu(again))
    wrong.sequence += 1000
    peer.answer(wrong)
    assert smsc.messages()[0].state == "enroute"
    peer.answer(again)
    peer.answer(again)
    peer.answer(again, 0x65)
    assert smsc.wait_for_message(destination="4790000002", state="delivered")
    assert peer.submit("4790000003", source="4790000002").status == 0
    assert [message.state for message in smsc.messages(destination="4790000002")] == ["delivered"]
    session = next(iter(smsc.server.engine.bindings)).session
    assert session.dropped >= 4
    figure(
        9, f"late, wrong sequence, twice, contradicting: {session.dropped} answers dropped, delivered once"
    )


# --- 11: drop and rebind -------------------------------------------------------------------------


def take_all(peers: list[Peer], seen: Counter[bytes]) -> None:
    for peer in peers:
        take(peer, seen, 0.0, answer=True)


@pytest.mark.timeout(0)
@pytest.mark.parametrize("clients", [500, pytest.param(5_000, marks=pytest.mark.torture)])
def test_all_clients_drop_and_rebind(tmp_path: Path, figure: Figure, clients: int) -> None:
    with Process(tmp_path) as server:
        peers = bind_all(server, clients)
        descriptors = server.descriptors()
        seen: Counter[bytes] = Counter()
        for number, peer in enumerate(peers):
            peer.ask(
                peer.submit_pdu(
                    str(FIRST + (number + 1) % clients), b"r%d" % number, source=str(FIRST + number)
                )
            )
        for peer in peers:  # take what is there, answer nothing, drop
            take(peer, seen, 0.0)
            peer.close()
        with Took() as took:
            peers = bind_all(server, clients)
        until(
            lambda: len(seen) >= clients,
            lambda: f"{len(seen)} of {clients} messages came",
            meanwhile=lambda: take_all(peers, seen),
        )
        sessions = httpx.get(f"{server.url}/api/v1/sessions", params={"limit": 1}).json()
        stale = server.descriptors() - descriptors
        for peer in peers:
            peer.close()
    assert len(seen) == clients
    assert max(seen.values()) <= 2  # one window of one message, once per dropped session
    assert abs(stale) < 10, sessions
    figure(
        11,
        f"{clients} clients dropped amid delivery: rebound in {took}, {stale} sockets left over, "
        f"{sum(seen.values()) - clients} of {clients} messages seen twice, 0 lost",
    )


def bind_all(server: Process, clients: int) -> list[Peer]:
    peers = [Peer(server.host, server.port) for _ in range(clients)]
    for number, peer in enumerate(peers):
        peer.ask(
            request(BIND_TRANSCEIVER, system_id=str(FIRST + number), password="1234", interface_version=0x34)
        )
    for peer in peers:
        answer = peer.pdu(30.0)
        assert answer is not None
        assert answer.status == 0
    return peers


def take(peer: Peer, seen: Counter[bytes], timeout: float, answer: bool = False) -> None:
    """Count the deliveries that have arrived."""
    peer.sock.setblocking(False)
    while True:
        try:
            pdu = peer.pdu()
        except BlockingIOError:
            break
        if pdu is None:
            break
        if pdu.command_id == DELIVER_SM:
            seen[pdu.fields["short_message"]] += 1
            if answer:
                peer.answer(pdu)
    peer.sock.settimeout(10.0)


# --- 13, 14: ids and receipts --------------------------------------------------------------------


def test_an_id_is_the_same_everywhere(serving: Serving, peers: Connect, figure: Figure) -> None:
    smsc = serving()
    peer = peers(smsc, "4790000001")
    for _ in range(20):
        peer.ask(peer.submit_pdu("4790000001", b"to myself", source="4790000001", registered_delivery=1))
    ids: set[str] = set()
    told: set[str] = set()
    while len(told) < 20:
        pdu = peer.pdu(5.0)
        assert pdu is not None
        if pdu.command_id == RESP:
            ids.add(pdu.fields["message_id"])
            continue
        peer.answer(pdu)
        if pdu.fields["esm_class"] & 0x3C == 4:
            receipt = receipt_text.parse(pdu.fields["short_message"].decode("latin-1"))
            assert receipt is not None
            (named,) = [value for tag, value in pdu.tlvs if tag == tlv.BY_NAME["receipted_message_id"].tag]
            assert named.rstrip(b"\0").decode() == receipt.id
            told.add(receipt.id)
    known = {ident: httpx.get(f"{smsc.url}/api/v1/messages/{ident}").json()["id"] for ident in ids}
    assert told == ids
    assert all(key == value for key, value in known.items())
    figure(13, "20 ids: submit_sm_resp, receipt text, receipted_message_id and API say the same")


@pytest.mark.timeout(0)
@pytest.mark.parametrize("count", [20_000, pytest.param(1_000_000, marks=pytest.mark.torture)])
def test_no_receipt_precedes_its_response(tmp_path: Path, figure: Figure, count: int) -> None:
    """The order of octets on one bind that submits, delivers and gets the receipts, at zero delay."""
    early = receipts = 0
    known: set[bytes] = set()
    with Process(tmp_path) as server:
        ledger = Ledger()
        traffic = farm(server.host, server.port, ledger, window=500, registered=1)
        ordinary = traffic.take

        def take(frame: bytes, command: int, status: int, sequence: int) -> bytes:
            nonlocal early, receipts
            if command == RESP and status == 0:
                known.add(frame[16:-1])
            elif command == DELIVER_SM and (at := frame.find(b"id:")) > 0:
                receipts += 1
                early += frame[at + 3 : frame.index(b" ", at)] not in known
            return ordinary(frame, command, status, sequence)

        traffic.take = take  # type: ignore[method-assign]
        while ledger.submitted < count:
            traffic.run(0.2)
        while waiting(server) and traffic.alive:
            traffic.run(1.0, submit=False)
        traffic.run(5.0, submit=False, until_quiet=0.5)
        hang_up(traffic)
    assert receipts == len(known) == len(ledger.acknowledged)
    assert early == 0
    figure(14, f"{receipts} receipts at zero delay: 0 before their submit_sm_resp, 0 missing")
