"""Rows 4, 5 and 6: what arrives is no SMPP, or bad SMPP, or hardly anything at all."""

import random
import resource
import socket
import struct
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from smsc.protocol.constants import ENQUIRE_LINK, RESPONSE, SUBMIT_SM
from smsc.protocol.pdu.codec import encode_pdu
from smsc.testing.server import SmscHandle
from tests.peer import Peer
from tests.reliability.process import Process
from tests.waiting import Took, paced, until

Figure = Callable[[int | str, str], None]
Connect = Callable[..., Peer]
Serving = Callable[..., SmscHandle]

TLS_HELLO = bytes.fromhex("16030100f8010000f40303") + bytes(range(200))
BOMBS = {
    "0": struct.pack(">IIII", 0, 4, 0, 1),
    **{str(length): struct.pack(">IIII", length, 4, 0, 1) for length in (1, 4, 8, 12, 15)},
    "max_pdu + 1": struct.pack(">IIII", 65_537, 4, 0, 1),
    "2^31 - 1": struct.pack(">IIII", 2**31 - 1, 4, 0, 1),
    "2^31": struct.pack(">IIII", 2**31, 4, 0, 1),
    "2^32 - 1": struct.pack(">IIII", 2**32 - 1, 4, 0, 1),
    "HTTP": b"GET / HTTP/1.1\r\nHost: localhost\r\nUser-Agent: curl/8\r\n\r\n",
    "TLS": TLS_HELLO,
    "SSH": b"SSH-2.0-OpenSSH_9.6\r\n",
    "zeroes": bytes(4096),
    "ones": b"\xff" * 4096,
}


@pytest.mark.parametrize("bound", [False, True])
def test_length_bombs_end_the_session_at_once(
    serving: Serving, peers: Connect, figure: Figure, bound: bool
) -> None:
    smsc = serving()
    took = Took()
    healthy = peers(smsc, "4790000001")
    for name, octets in BOMBS.items():
        peer = peers(smsc, *(["4790000002"] if bound else []))
        with took:
            peer.send(octets)
            answer = peer.until_closed()
        assert len(answer) in (0, 16), name
        if answer:
            assert struct.unpack(">III", answer[:12]) == (16, 0x80000000, 2), name
    assert healthy.submit("4790000003", source="4790000001").status == 0
    state = "bound" if bound else "before bind"
    figure(4, f"{len(BOMBS)} bombs {state}: nack or close after {took}")


def test_length_bombs_allocate_nothing(serving: Serving, peers: Connect, figure: Figure) -> None:
    smsc = serving()
    bombers = [peers(smsc) for _ in range(100)]
    before = resident()
    for bomber in bombers:
        bomber.send(struct.pack(">IIII", 65_536, SUBMIT_SM, 0, 1) + b"x")  # the largest that is believed
    connections = smsc.server.listener.connections

    def read() -> int:
        return sum(bool(each.session and each.session.buffer) for each in list(connections.values()))

    until(lambda: read() == len(bombers))
    grown = resident() - before
    assert grown < 100 * 65_536 // 4
    figure(4, f"100 x the largest length believed (64 KiB), body withheld: {grown >> 10} KiB in all")


def resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


# --- good frame, bad body ------------------------------------------------------------------------

_FIELDS: list[tuple[str, bytes]] = [
    ("service_type", b"\0"),
    ("source_ton", b"\1"),
    ("source_npi", b"\1"),
    ("source", b"4790000001\0"),
    ("dest_ton", b"\1"),
    ("dest_npi", b"\1"),
    ("dest", b"4790000002\0"),
    ("esm_class", b"\0"),
    ("protocol_id", b"\0"),
    ("priority", b"\0"),
    ("schedule", b"\0"),
    ("validity", b"\0"),
    ("registered", b"\0"),
    ("replace", b"\0"),
    ("coding", b"\0"),
    ("default", b"\0"),
    ("length", b"\5"),
    ("text", b"hello"),
]
#: field -> (value, the statuses that answer it)
_FAULTS: dict[str, list[tuple[Callable[[random.Random], bytes], set[int]]]] = {
    "service_type": [(lambda r: b"x" * r.randint(6, 40) + b"\0", {0x15})],
    "source": [
        (lambda r: b"4" * r.randint(21, 200) + b"\0", {0x0A}),
        (lambda r: b"+-" * r.randint(1, 9) + b"\0", {0x0A}),
    ],
    "dest": [
        (lambda r: b"4" * r.randint(21, 200) + b"\0", {0x0B}),
        (lambda r: b"\0", {0x0B}),
        (lambda r: b"46701234567\0", {0x0B}),
        (lambda r: bytes(r.choices(b"abc*# /", k=r.randint(1, 20))) + b"\0", {0x0B}),
    ],
    "dest_ton": [(lambda r: bytes([5]), {0x50})],
    "dest_npi": [(lambda r: bytes([r.choice([3, 4, 6, 8, 9, 10, 14, 18])]), {0x51})],
    "priority": [(lambda r: bytes([r.randint(4, 255)]), {0x06})],
    "schedule": [
        (lambda r: b"1" * r.choice([1, 5, 15, 17, 30]) + b"\0", {0x61}),
        (lambda r: bytes(r.choices(b"abcxyz", k=16)) + b"\0", {0x61}),
    ],
    "validity": [
        (lambda r: b"1" * r.choice([1, 5, 15, 17, 30]) + b"\0", {0x62}),
        (lambda r: bytes(r.choices(b"abcxyz", k=16)) + b"\0", {0x62}),
    ],
    "registered": [(lambda r: bytes([r.choice([3, 7, 0x13])]), {0x07})],
    "replace": [(lambda r: bytes([r.randint(2, 255)]), {0x54})],
    "length": [(lambda r: bytes([r.choice([6, 50, 200, 254, 255])]), {0x01, 0xC0, 0x02})],
}


def bad_body(chance: random.Random) -> tuple[bytes, set[int], str]:
    """One field of a good submit_sm made bad, or the body cut off."""
    if chance.random() < 0.15:
        body = b"".join(value for _, value in _FIELDS)
        return body[: chance.randrange(len(body) - 6)], {0x02, 0x01, 0x0B, 0x0A, 0x15, 0x61, 0x62}, "cut off"
    if chance.random() < 0.1:
        body = b"".join(value for _, value in _FIELDS)
        tail = struct.pack(">HH", chance.choice([0x0204, 0x1400]), chance.randrange(1, 65_536)) + b"x" * 0
        return body + tail, {0xC0, 0xC2}, "TLV"
    name = chance.choice(sorted(_FAULTS))
    make, statuses = chance.choice(_FAULTS[name])
    return b"".join(make(chance) if field == name else value for field, value in _FIELDS), statuses, name


@pytest.mark.parametrize("count", [10_000])
def test_good_frames_with_bad_bodies_get_their_error_and_the_session_lives(
    serving: Serving, peers: Connect, figure: Figure, count: int
) -> None:
    smsc = serving()
    peer = peers(smsc, "4790000001")
    chance = random.Random(5)
    told: Counter[int] = Counter()
    wrong = []
    for start in range(0, count, 500):
        expected = {}
        out = b""
        for number in range(start, min(count, start + 500)):
            body, statuses, name = bad_body(chance)
            expected[1000 + number] = (statuses, name, body)
            out += struct.pack(">IIII", 16 + len(body), SUBMIT_SM, 0, 1000 + number) + body
        peer.send(out)
        for _ in range(len(expected)):
            frame = peer.frame(10.0)
            assert frame, "the session died"
            _, command, status, sequence = struct.unpack_from(">IIII", frame)
            statuses, name, body = expected.pop(sequence)
            assert command in (RESPONSE | SUBMIT_SM, 0x80000000)
            told[status] += 1
            if status not in statuses:
                wrong.append((name, hex(status), body))
    assert not wrong, wrong[:10]
    assert peer.submit("4790000002", source="4790000001").status == 0
    kinds = ", ".join(f"0x{status:02x} {number}" for status, number in sorted(told.items()))
    figure(5, f"{count} bad bodies, all answered as specified ({kinds}); the session goes on")


# --- hardly anything -----------------------------------------------------------------------------


def connections_to_open(wanted: int) -> int:
    """As many as the limit of this process lets; the server, its child, has the same."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return min(wanted, hard - 500)


def answered(peer: Peer, count: int) -> Took:
    """How long enquire_links of a healthy bind take."""
    taken = Took()
    enquire = struct.pack(">II", 16, ENQUIRE_LINK)
    for number in range(count):
        with taken:
            peer.send(enquire + struct.pack(">II", 0, 5000 + number))
            assert peer.frame()
    return taken


@pytest.mark.timeout(0)
@pytest.mark.parametrize("wanted", [1_000, pytest.param(10_000, marks=pytest.mark.torture)])
def test_half_open_sockets_and_slow_writers(tmp_path: Path, figure: Figure, wanted: int) -> None:
    count = connections_to_open(wanted)
    with Process(tmp_path, SMSC_LIMITS__BIND_TIMEOUT="8s" if wanted > 1_000 else "4s") as server:
        healthy = Peer(server.host, server.port)
        assert healthy.bind("4790000001") == 0
        calm = answered(healthy, 300)
        before = server.memory()
        idlers = [_connect(server) for _ in range(count)]
        each = (server.memory() - before) / count
        octet = iter(encode_pdu_of_a_bind())
        for octets in (next(octet), next(octet)):  # every second one dribbles an octet at a time
            for idler in idlers[::2]:
                idler.send(bytes([octets]))
        crowded = answered(healthy, 300)
        each = max(each, (server.memory() - before) / count)
        until_closed(idlers)
        assert healthy.submit("4790000002", source="4790000001").status == 0
        healthy.close()
        for idler in idlers:
            idler.close()
    assert each <= 20 * 1024
    figure(
        6,
        f"{count} half-open and 1-octet writers: all closed by the bind timer, {each / 1024:.1f} KiB each, "
        f"healthy bind answered after {calm} before, {crowded} with them",
    )


@pytest.mark.timeout(0)
@pytest.mark.parametrize("wanted", [400, pytest.param(8_000, marks=pytest.mark.torture)])
def test_writers_of_one_octet_at_a_time(tmp_path: Path, figure: Figure, wanted: int) -> None:
    """They go on until they are closed: octets put off neither the bind timer nor enquire_link."""
    count = connections_to_open(wanted) // 2
    limits = {"BIND_TIMEOUT": "4s", "ENQUIRE_LINK": "2s", "RESPONSE_TIMEOUT": "2s"}
    with Process(tmp_path, **{f"SMSC_LIMITS__{name}": value for name, value in limits.items()}) as server:
        healthy = Peer(server.host, server.port)
        assert healthy.bind("4790000001") == 0
        calm = answered(healthy, 200)
        before = server.memory()
        bound = [Peer(server.host, server.port) for _ in range(count)]
        for number, peer in enumerate(bound):
            assert peer.bind(str(4790001000 + number)) == 0
        dribblers = {
            peer.sock: iter(encode_pdu(peer.submit_pdu("4790000002", source="4790001000"))) for peer in bound
        }
        dribblers |= {_connect(server): iter(encode_pdu_of_a_bind()) for _ in range(count)}
        gone: set[socket.socket] = set()
        octets: Counter[socket.socket] = Counter()
        for _ in paced(0.3):
            for sock, pending in dribblers.items():
                if sock not in gone:
                    octets[sock] += dribble(sock, next(pending))  # none comes to the end of its PDU
            crowded = answered(healthy, 100)
            gone.update(closed(dribblers.keys() - gone))
            if len(gone) == len(dribblers):
                break
        each = (server.memory() - before) / len(dribblers)
        for sock in dribblers:
            sock.close()
        assert healthy.submit("4790000002", source="4790000001").status == 0
        healthy.close()
    assert min(octets.values()) >= 3
    figure(
        6,
        f"{count} unbound and {count} bound writers of an octet at a time, timers 4 s and 2 s + 2 s: "
        f"all closed after at most {max(octets.values())} octets, {each / 1024:.1f} KiB each, healthy bind "
        f"answered after {calm} before, {crowded} with them",
    )


def dribble(sock: socket.socket, octet: int) -> bool:
    """Write one octet; False when nobody takes it any more."""
    try:
        return sock.send(bytes([octet])) == 1
    except OSError:
        return False


def closed(socks: Iterable[socket.socket]) -> list[socket.socket]:
    """Those that the other end has closed."""
    found = []
    for sock in socks:
        sock.setblocking(False)
        try:
            if sock.recv(4096) == b"":
                found.append(sock)
        except BlockingIOError:
            pass
        except OSError:
            found.append(sock)
    return found


def encode_pdu_of_a_bind() -> bytes:
    from smsc.protocol.constants import BIND_TRANSCEIVER
    from smsc.protocol.pdu.codec import request

    return encode_pdu(request(BIND_TRANSCEIVER, system_id="shop", password="shop", interface_version=0x34))


def _connect(server: Process) -> socket.socket:
    sock = socket.create_connection((server.host, server.port), timeout=10)
    sock.setblocking(False)
    return sock


def until_closed(socks: list[socket.socket]) -> None:
    """Wait until the other end has closed all of them."""
    left = set(socks)

    def all_are() -> bool:
        left.difference_update(closed(left))
        return not left

    until(all_are, lambda: f"{len(left)} of {len(socks)} are open still")
