"""Rows 12 and 13: a million PDUs, valid and mutated, at a whole server; ten million ids."""

import random
import select
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from smsc.engine.journal.ids import IdSeries
from smsc.protocol.constants import BIND_TRANSCEIVER, ENQUIRE_LINK, QUERY_SM, SUBMIT_SM, UNBIND
from smsc.protocol.pdu.codec import encode_pdu, request
from smsc.store.memory import MemoryStore
from tests.peer import Peer
from tests.reliability.process import Process
from tests.waiting import Quiet

Figure = Callable[[int | str, str], None]


def seeds() -> list[bytes]:
    """Valid PDUs of every kind that is worth mutating."""
    submit: dict[str, Any] = {
        "source_addr": "4790000001",
        "destination_addr": "4790000002",
        "short_message": b"hello",
    }
    return [
        encode_pdu(pdu)
        for pdu in (
            request(SUBMIT_SM, **submit),
            request(SUBMIT_SM, **submit, registered_delivery=1, data_coding=8),
            request(QUERY_SM, message_id="1", source_addr="4790000001"),
            request(ENQUIRE_LINK),
            request(UNBIND),
            request(BIND_TRANSCEIVER, system_id="4790000001", password="1234", interface_version=0x34),
        )
    ]


def mutated(chance: random.Random, pdu: bytes) -> bytes:
    """A PDU with some octets changed, cut, doubled or put in; its length mostly true."""
    octets = bytearray(pdu)
    for _ in range(chance.choice((0, 1, 1, 2, 8))):
        place = chance.randrange(4, len(octets))
        action = chance.randrange(4)
        if action == 0:
            octets[place] = chance.randrange(256)
        elif action == 1:
            octets[place:place] = bytes(chance.choices(range(256), k=chance.randint(1, 40)))
        elif action == 2 and len(octets) > 17:
            del octets[max(16, place) : place + chance.randint(1, 20)]
        else:
            octets[place] ^= 1 << chance.randrange(8)
    if chance.random() < 0.999:
        octets[:4] = struct.pack(">I", len(octets))
    return bytes(octets)


def session(server: Process, chance: random.Random, pool: list[bytes], count: int) -> int:
    """One connection, bound or not, fed until it is closed; how many PDUs went in."""
    peer = Peer(server.host, server.port)
    if chance.random() < 0.9:
        assert peer.bind("4790000001") == 0
    octets = b"".join(chance.choices(pool, k=count))
    peer.sock.setblocking(False)
    sent = 0
    quiet = Quiet(0.2)
    while not quiet.is_over():
        readable, writable, _ = select.select(
            [peer.sock], [peer.sock] if sent < len(octets) else [], [], 0.05
        )
        try:
            if readable:
                quiet.broken()
                if not peer.sock.recv(1 << 20):
                    break
            if writable:
                quiet.broken()
                sent += peer.sock.send(octets[sent : sent + 65_536])
        except BlockingIOError:
            pass
        except OSError:
            break
    peer.close()
    return sent * count // len(octets)


@pytest.mark.timeout(0)
@pytest.mark.parametrize("wanted", [60_000, pytest.param(1_000_000, marks=pytest.mark.torture)])
def test_a_whole_server_survives_mutated_sessions(tmp_path: Path, figure: Figure, wanted: int) -> None:
    chance = random.Random(12)
    valid = seeds()
    pool = [mutated(chance, chance.choice(valid[:4])) for _ in range(20_000)]
    pool += [mutated(chance, pdu) for pdu in valid[4:] for _ in range(10)]
    done = sessions = 0
    with Process(tmp_path, SMSC_LIMITS__FAILED_BINDS_FREE="100000000") as server:
        while done < wanted // 3:  # what is allocated once
            done += session(server, chance, pool, 2_000)
        before = server.memory()
        while done < wanted:
            done += session(server, chance, pool, 2_000)
            sessions += 1
        grown = server.memory() - before
        healthy = Peer(server.host, server.port)
        assert healthy.bind("4790000003") == 0
        assert healthy.submit("4790000002", source="4790000003").status == 0
        healthy.close()
        assert "Traceback" not in server.log()
        assert server.stop() == 0
    figure(
        12, f"{done} PDUs, valid and mutated, 0 crashes, {grown / 2**20:.1f} MiB grown in the last two thirds"
    )
    assert grown < 20 << 20


def test_ten_million_ids_are_unique_over_restarts(figure: Figure) -> None:
    store = MemoryStore()
    store.open(())
    last = 0
    taken = 0
    for run in range(10):  # every run begins with a block of its own
        ids = IdSeries(store, "message_id", 100_000_000, 1_000_000)
        for _ in range(1_000_000 - run):
            ident = ids.take()
            assert ident > last
            last = ident
        taken += 1_000_000 - run
    figure(13, f"{taken} ids over 10 starts: strictly ascending")
