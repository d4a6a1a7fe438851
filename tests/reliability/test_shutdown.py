"""Rows 18 and 19: a long time of everything at once, and an end in the middle of it."""

import asyncio
import os
import random
import statistics
from collections import deque
from collections.abc import Callable
from pathlib import Path

import pytest

from smsc.protocol.constants import UNBIND
from smsc.protocol.pdu.codec import decode_pdu
from smsc.testing.server import SmscHandle, start_smsc
from tests.peer import Peer
from tests.reliability.conftest import IN_CI
from tests.reliability.process import Process
from tests.reliability.test_octets import resident
from tests.reliability.traffic import FIRST, Ledger, Tally, Traffic, farm, hang_up
from tests.waiting import PATIENCE, Took, lasting, processor_time

Figure = Callable[[int | str, str], None]
_MANY = 20_000  # queued messages above which the soak submits no more
STALL = 0.1  # seconds that nothing may hold up the event loop


@pytest.mark.timeout(120)
def test_shutdown_under_load_unbinds_flushes_and_ends(tmp_path: Path, figure: Figure) -> None:
    ledger = Ledger()
    with Process(tmp_path) as server:
        unbound: list[Traffic] = []
        traffics = [farm(server.host, server.port, ledger) for _ in range(3)]
        for traffic in traffics:
            _watch_unbind(traffic, unbound)
        silent = Peer(server.host, server.port)  # answers nothing, not even unbind
        assert silent.bind("4790050000") == 0
        for _ in lasting(1.0):
            for traffic in traffics:
                traffic.run(0.02)
        assert server.process is not None
        with Took() as took:
            server.process.terminate()
            while any(traffic.alive for traffic in traffics):
                for traffic in traffics:
                    traffic.run(0.02, submit=False)
            status = server.process.wait(PATIENCE)
        for traffic in traffics:
            hang_up(traffic)
        silent.close()
    with server:
        traffic = farm(server.host, server.port, ledger)
        traffic.run(30.0, submit=False, until_quiet=1.0)
        hang_up(traffic)
    assert status == 0
    assert len(unbound) == len(traffics)
    assert not ledger.lost()
    figure(
        19,
        f"SIGTERM under load with one peer that never answers: {len(unbound)} peers unbound, exit 0 after "
        f"{took}, {len(ledger.acknowledged)} acknowledged, 0 lost",
    )


def _watch_unbind(traffic: Traffic, unbound: list[Traffic]) -> None:
    ordinary = traffic.take

    def take(frame: bytes, command: int, status: int, sequence: int) -> bytes:
        if command == UNBIND:
            unbound.append(traffic)
            return b"\0\0\0\x10\x80\0\0\6\0\0\0\0" + decode_pdu(frame).sequence.to_bytes(4, "big")
        return ordinary(frame, command, status, sequence)

    traffic.take = take  # type: ignore[method-assign]


class StallWatch:
    """How long the loop's thread works between two looks, 5 ms apart when it has time for them."""

    PERIOD = 0.005

    def __init__(self, smsc: SmscHandle) -> None:
        self.smsc = smsc
        self.delays: list[float] = []
        self.stopping = False
        self.last = 0.0
        smsc.run(self.begin())

    async def begin(self) -> None:
        self.last = processor_time()
        asyncio.get_running_loop().call_later(self.PERIOD, self.look)

    def look(self) -> None:
        """CPU time of the loop's thread: what the machine kept from it does not count."""
        now = processor_time()
        self.delays.append(now - self.last)
        self.last = now
        if not self.stopping:
            asyncio.get_running_loop().call_later(self.PERIOD, self.look)


async def unwatch(smsc: SmscHandle) -> None:
    """The handle of the tests remembers every event: that would be what grows."""
    smsc.server.engine.watchers.watchers.clear()
    smsc.server.engine.watchers.watched = False


@pytest.mark.timeout(0)
@pytest.mark.usefixtures("collector")
@pytest.mark.parametrize(
    "seconds",
    [
        20 if IN_CI else 8,
        pytest.param(int(os.environ.get("SOAK_SECONDS", "1800")), marks=pytest.mark.torture),
    ],
)
def test_soak(tmp_path: Path, figure: Figure, seconds: int) -> None:
    """Churn of binds, a tenth without coverage, receipts, expiry, time at 60 times its pace."""
    chance = random.Random(18)
    ledger = Tally(handsets=200)
    samples: list[tuple[int, int, int]] = []
    waited = 0
    with start_smsc(
        store={"url": f"sqlite:{tmp_path}/smsc.db"},
        clock={"mode": "x60"},
        delivery={"validity_default": "5m"},  # 5 s: what waits in the tunnel comes to its end all the time
        limits={"shutdown": "2s"},
    ) as smsc:
        inside = deque(range(0, ledger.handsets, 10))
        for number in inside:
            smsc.handset(str(FIRST + number)).enter("laerdal-tunnel")
        smsc.run(unwatch(smsc))
        watch = StallWatch(smsc)
        traffic = farm(smsc.host, smsc.port, ledger, window=50, registered=1)
        churn: list[Peer] = []
        for _ in lasting(seconds):
            traffic.run(0.25, submit=smsc.server.engine.queues.queued < _MANY)
            if not traffic.alive or chance.random() < 0.05:
                hang_up(traffic)
                traffic = farm(smsc.host, smsc.port, ledger, window=50, registered=1)
            peer = Peer(smsc.host, smsc.port)
            assert peer.bind(str(FIRST + 1_000 + chance.randrange(1_000))) == 0
            churn.append(peer)
            if len(churn) > 20:
                churn.pop(chance.randrange(len(churn))).close()
            waited += smsc.server.engine.queues.queued >= _MANY
            number = (
                inside.popleft()
            )  # one comes out of the tunnel, and with it what it held; another goes in
            smsc.handset(str(FIRST + number)).enter("oslo")
            inside.append((number + 7) % ledger.handsets)
            smsc.handset(str(FIRST + inside[-1])).enter("laerdal-tunnel")
            tasks = smsc.run(_tasks())
            samples.append((resident(), len(os.listdir("/proc/self/fd")), tasks))
        watch.stopping = True
        for peer in churn:
            peer.close()
        hang_up(traffic)
    half = len(samples) // 2
    early, late = samples[half], samples[-1]
    stall = max(watch.delays)
    p99 = statistics.quantiles(watch.delays, n=100)[98]
    grown = late[0] - early[0]
    figure(
        18,
        f"soak {seconds} s: {len(ledger.acknowledged)} messages, {len(ledger.delivered)} delivered, queue "
        f"full {100 * waited // len(samples)} % of the time; second half grew {grown >> 20} MiB, "
        f"{late[1] - early[1]} descriptors, {late[2] - early[2]} tasks; longest turn of the loop "
        f"{stall * 1e3:.0f} ms (p99 {p99 * 1e3:.1f} ms)",
    )
    assert grown < 48 << 20
    assert abs(late[1] - early[1]) < 30
    assert abs(late[2] - early[2]) < 10
    assert stall < STALL


async def _tasks() -> int:
    return len(asyncio.all_tasks())
