"""Suite `scale`: many idle binds, and what a message costs as subscribers, binds and queues grow."""

import resource
import select
import socket
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench import children
from bench.children import Smsc
from bench.endtoend import complete_options
from bench.measure import NOT_SERVED, SHARED, Row, Shape, load, ratios, submit_options
from bench.results import Suite
from smsc.load.plan import NumberRange
from smsc.protocol.constants import BIND_TRANSCEIVER, ENQUIRE_LINK
from smsc.protocol.pdu.codec import encode_pdu, pdu_octets, request

IDLE_BINDS = 10_000
AT_ONCE = 256
GROWTH = 1.5
SUBSCRIBERS = (1_000, 5_500_000)
QUEUED = 1_000_000
SHAPE = Shape(4, 100)

#: A world of one range of subscribers and a farm that speaks for all of them.
WORLD = """
[[zones]]
name = "oslo"
coverage = "good"

[[subscribers]]
first = "{first}"
last = "{last}"
zone = "oslo"
password = "1234"

[[esmes]]
system_id = "farm"
password = "farm"
kind = "farm"
ranges = [{{ first = "{first}", last = "{last}" }}]
"""


def run(options: Any) -> Suite:
    suite = Suite("scale")
    idle_binds(suite, options)
    subscribers(suite, options)
    binds(suite, options)
    queue(suite, options)
    return suite


# Idle binds


def idle_binds(suite: Suite, options: Any) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = IDLE_BINDS + 200
    if hard != resource.RLIM_INFINITY and hard < needed:
        suite.absent.append(f"{IDLE_BINDS} idle binds: only {hard} open files are allowed")
        return
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, needed), hard))
    with Smsc() as server:
        children.settle(server)
        before = server.resident()
        sockets: list[socket.socket] = []
        try:
            begun = time.perf_counter()
            connect_all(server, sockets, IDLE_BINDS)
            rate = IDLE_BINDS / (time.perf_counter() - begun)
            children.settle(server)
            each = (server.resident() - before) / IDLE_BINDS / 1024
            suite.add(f"{IDLE_BINDS} binds accepted", "/s", [rate], target=2000)
            suite.add(f"memory of each of {IDLE_BINDS} idle binds", "KiB", [each], lower=True, target=20)
            begun = time.perf_counter()
            exchange(sockets, pdu_octets(ENQUIRE_LINK, 0, 2), 16)
            taken = time.perf_counter() - begun
            suite.add(f"enquire_link on {IDLE_BINDS} binds", "/s", [IDLE_BINDS / taken], note="all answered")
        finally:
            for sock in sockets:
                sock.close()


def connect_all(server: Smsc, sockets: list[socket.socket], count: int) -> None:
    """Connect and bind, AT_ONCE at a time, as handsets of the demo world."""
    while len(sockets) < count:
        new: list[Any] = []
        for _ in range(min(AT_ONCE, count - len(sockets))):
            sock = socket.create_connection((server.host, server.port), timeout=10)
            bind = request(
                BIND_TRANSCEIVER,
                system_id=str(4790000000 + len(sockets) + len(new)),
                password="1234",
                interface_version=0x34,
            )
            bind.sequence = 1
            sock.sendall(encode_pdu(bind))
            new.append(sock)
        sockets += new
        expect(new, None)


def exchange(sockets: Sequence[socket.socket], octets: bytes, answer: int) -> None:
    """Send the octets on every socket and wait until each has said `answer` octets."""
    for at in range(0, len(sockets), AT_ONCE):
        for sock in sockets[at : at + AT_ONCE]:
            sock.sendall(octets)
        expect(sockets[at : at + AT_ONCE], answer)


def expect(sockets: Sequence[socket.socket], length: int | None) -> None:
    """Each socket says one PDU, of `length` octets if given, with status 0."""
    poll = select.poll()
    waiting = {sock.fileno(): sock for sock in sockets}
    for fd in waiting:
        poll.register(fd, select.POLLIN)
    deadline = time.monotonic() + 30
    while waiting:
        if time.monotonic() > deadline:
            raise RuntimeError(f"{len(waiting)} of {len(sockets)} binds got no answer")
        for fd, _ in poll.poll(1000):
            octets = waiting[fd].recv(4096)
            if octets[8:12] != bytes(4) or (length is not None and len(octets) != length):
                raise RuntimeError(f"a bind was answered with {octets[:16].hex()}")
            poll.unregister(fd)
            del waiting[fd]


# Growth


def subscribers(suite: Suite, options: Any) -> None:
    """A small and a large world: the same few writing to the same few, and all writing to all, messages
    delivered.

    To handsets that nobody serves, a first message costs more than those that join its queue, so with all
    of a large world the figure is that of first messages; it stands alone, without a small world to compare
    it with."""
    small, large = (world_of(count) for count in SUBSCRIBERS)
    few = submit_options(SHAPE, options.seconds, 0.5) | {"source": small, "destination": small}
    growth(suite, options, "a thousand active", [few, few])
    complete = complete_options(options.seconds)
    everybody = [complete | {"source": world, "destination": world} for world in (small, large)]
    growth(suite, options, "complete messages, all active", everybody)
    first = submit_options(SHAPE, options.seconds, 0.5) | {"source": large, "destination": large}
    costs = costs_of(options, first, large)
    suite.add("first message to an absent handset, CPU", "ns", costs, lower=True)


def growth(suite: Suite, options: Any, label: str, loads: list[dict[str, Any]]) -> None:
    """The same traffic in the small world and in the large."""
    costs = []
    for count, wanted in zip(SUBSCRIBERS, loads, strict=True):
        costs.append(costs_of(options, wanted, world_of(count)))
        suite.add(f"{count:,} subscribers, {label}, CPU a message", "ns", costs[-1], lower=True)
    grown = ratios(costs[1], costs[0])
    suite.add(f"growth with subscribers, {label}", "x", grown, lower=True, target=GROWTH)


def world_of(count: int) -> NumberRange:
    return NumberRange(4740000000, 4740000000 + count - 1)


def binds(suite: Suite, options: Any) -> None:
    costs = []
    for count in (1, 1000):
        costs.append(costs_of(options, submit_options(Shape(count, 100), options.seconds, 0.5)))
        suite.add(f"{count:,} binds x 100, CPU a message", "ns", costs[-1], lower=True)
    suite.add("growth with binds", "x", ratios(costs[1], costs[0]), lower=True, target=GROWTH)


def queue(suite: Suite, options: Any) -> None:
    """The same load on an empty server and on one with a million messages in its queues."""
    empty, full = [], []
    for _ in range(options.repetitions):
        with Smsc(cpus=SHARED[0]) as server:
            children.settle(server)
            empty.append(count_load(server, options.seconds, 200_000).server_ns)
            begun = server.resident()
            count_load(server, options.seconds, QUEUED - 200_000)
            each = (server.resident() - begun) / (QUEUED - 200_000)
            children.settle(server)
            full.append(count_load(server, options.seconds, 200_000).server_ns)
    suite.add("empty queue, CPU a message", "ns", empty, lower=True)
    suite.add(f"{QUEUED:,} queued, CPU a message", "ns", full, lower=True)
    suite.add("memory of a queued message", "octets", [each], lower=True)
    suite.add("growth with the queue", "x", ratios(full, empty), lower=True, target=GROWTH)


def count_load(server: Smsc, seconds: float, count: int) -> Row:
    wanted = submit_options(SHAPE, 120.0, 0.0) | {"destination": NOT_SERVED, "count": count}
    return load(server, SHARED[1], **wanted)


def costs_of(options: Any, wanted: dict[str, Any], world: NumberRange | None = None) -> list[float]:
    """CPU time of the server a message, each repetition on a fresh one; in a world of these subscribers, or
    the demo world."""
    costs = []
    with tempfile.TemporaryDirectory(prefix="smsc-bench-") as directory:
        config = None
        if world is not None:
            config = Path(directory) / "world.toml"
            config.write_text(WORLD.format(first=world.first, last=world.last), encoding="utf-8")
        for _ in range(options.repetitions):
            with Smsc(cpus=SHARED[0], config=config) as server:
                children.settle(server)
                costs.append(load(server, SHARED[1], **wanted).server_ns)
    return costs
