"""What holds the loop longest while hostile peers of every kind work at once, and a healthy bind goes on.

Only with `make torture`: it prints the longest callbacks of the server's loop in milliseconds of the
processor, and during which deed they came. Nothing is decided by a time: what a turn may cost is counted
in engine/test_longest_turn.py, engine/test_turn_budget.py and control/test_clearing.py.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import threading
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from smsc.protocol.constants import BIND_RECEIVER, CANCEL_SM, ESME_ROK
from smsc.protocol.pdu.codec import Pdu, encode_pdu, request
from smsc.testing import start_smsc
from smsc.testing.server import SmscHandle
from tests.peer import Peer, bind_pdu, submit_pdu
from tests.waiting import Took, processor_time, until

HEALTHY, FRIEND, AWAY = "4790000001", "4790000002", "4799000007"
FARM = 4790010000


class Turns:
    """The callbacks of one loop: what each has cost, and the dearest ones."""

    def __init__(self) -> None:
        self.deed = ""  # what is done meanwhile
        self.dearest: list[tuple[float, str]] = []

    def note(self, cost: float, handle: Any) -> None:
        if len(self.dearest) < 12 or cost > self.dearest[-1][0]:
            self.dearest = sorted([*self.dearest, (cost, f"{self.deed}: {_name(handle)}")], reverse=True)[:12]

    @contextlib.contextmanager
    def of(self, loop: asyncio.AbstractEventLoop, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
        run, here = asyncio.events.Handle._run, self

        def timed(handle: Any) -> None:
            if handle._loop is not loop:
                run(handle)
                return
            before = processor_time()
            run(handle)
            here.note(processor_time() - before, handle)

        monkeypatch.setattr(asyncio.events.Handle, "_run", timed)
        yield
        monkeypatch.setattr(asyncio.events.Handle, "_run", run)


def _name(handle: Any) -> str:
    callback = handle._callback
    task = getattr(callback, "__self__", None)
    if isinstance(task, asyncio.Task):
        return f"task {task.get_coro()!r}"[:60]
    return repr(callback)[:60]


# --- who is there -----------------------------------------------------------------------------------


class Crowd:
    """Everybody but the healthy bind. ``many`` is how much of everything."""

    def __init__(self, smsc: SmscHandle, many: int) -> None:
        self.smsc = smsc
        self.many = many
        self.sockets: list[Peer] = []
        self.ids: list[str] = []

    def peer(self, **options: Any) -> Peer:
        one = Peer(self.smsc.host, self.smsc.port, **options)
        self.sockets.append(one)
        return one

    def bound(self, system_id: str, password: str = "1234", **options: Any) -> Peer:
        one = self.peer()
        assert one.bind(system_id, password, **options) == ESME_ROK
        return one

    def api(self, method: str, path: str, **what: Any) -> httpx.Response:
        return httpx.request(method, f"{self.smsc.url}/api/v1{path}", **what)

    def pipelined(self, peer: Peer, pdus: list[Pdu]) -> list[str]:
        """Ask all, a window at a time; the ids of the answers."""
        ids = []
        for first in range(0, len(pdus), 500):
            some = pdus[first : first + 500]
            octets = bytearray()
            for pdu in some:
                peer.sequence += 1
                pdu.sequence = peer.sequence
                octets += encode_pdu(pdu)
            peer.send(bytes(octets))
            answers = 0
            while answers < len(some):
                found = peer.hear()
                if found.command_id & 0x80000000:
                    answers += 1
                    ids.append(str(found.fields.get("message_id", "")))
        return ids

    # Each of them once; the loop of the test makes them do it again.

    def fill_one_queue(self) -> None:
        """Very many messages for one handset that is off, each from another sender."""
        farm = self.bound("farm", "farm", kind="transmitter")
        self.ids = self.pipelined(
            farm,
            [submit_pdu(AWAY, "hei", source=str(FARM + n % 50_000)) for n in range(self.many)],
        )
        farm.close()

    def fill_many_queues(self) -> None:
        """A message for each of very many handsets that the farm serves, which is not there."""
        kari = self.bound("4790000003", kind="transmitter")
        self.pipelined(kari, [submit_pdu(str(FARM + n), "hei") for n in range(self.many)])
        kari.close()

    def half_open(self) -> None:
        for _ in range(20):
            self.peer().send(encode_pdu(request(BIND_RECEIVER))[:9])

    def one_octet_at_a_time(self) -> None:
        slow = self.peer()
        for octet in encode_pdu(bind_pdu("4790000005")):
            slow.send(bytes([octet]))

    def garbage(self) -> None:
        for number in range(10):
            with contextlib.suppress(OSError):
                self.peer().send(os.urandom(4096) if number % 2 else b"GET / HTTP/1.1\r\n\r\n" * 100)

    def slow_reader(self) -> None:
        """Takes the receipts of the farm and reads none of them."""
        deaf = self.peer(receive_buffer=4096)
        assert deaf.bind("farm", "farm", kind="receiver") == ESME_ROK

    def unanswered(self) -> None:
        """The farm binds, gets its window full, answers nothing, and parts again."""
        farm = self.bound("farm", "farm", kind="receiver")
        farm.hear()
        farm.close()

    def comes_and_goes(self) -> None:
        """The handset of the long queue."""
        self.api("PATCH", f"/subscribers/{AWAY}", json={"powered": True})
        away = self.bound(AWAY, kind="receiver")
        away.hear()
        away.close()
        self.api("PATCH", f"/subscribers/{AWAY}", json={"powered": False})

    def cancel_storm(self) -> None:
        farm = self.bound("farm", "farm", kind="transmitter")
        fields: dict[str, Any] = {"source_addr_ton": 1, "dest_addr_ton": 1, "destination_addr": AWAY}
        pdus = [
            request(CANCEL_SM, message_id="", source_addr=str(FARM + number % 50_000), **fields)
            for number in range(200)
        ]
        self.pipelined(farm, pdus)
        farm.close()

    def radio_changes(self) -> None:
        for coverage in ("none", "good"):
            assert self.api("PATCH", "/zones/oslo", json={"coverage": coverage}).is_success

    def imports(self) -> None:
        rows = "\n".join(f"{FARM + number},no" for number in range(self.many // 4))
        answer = self.api(
            "POST", "/lists/subscribers", json={"csv": f"msisdn,powered\n{rows}\n"}, timeout=300
        )
        assert answer.is_success, answer.text
        self.api("GET", "/lists/subscribers", timeout=300)

    def searches(self) -> None:
        self.api("GET", "/messages", params={"q": '"nothing of the kind"'}, timeout=300)
        self.api("GET", "/subscribers?limit=1000", timeout=300)

    def deletes(self) -> None:
        assert self.api("DELETE", "/messages", timeout=300).is_success

    def leave(self) -> None:
        for one in self.sockets:
            one.close()


DEEDS: list[Callable[[Crowd], None]] = [
    Crowd.fill_one_queue,
    Crowd.fill_many_queues,
    Crowd.half_open,
    Crowd.one_octet_at_a_time,
    Crowd.garbage,
    Crowd.unanswered,
    Crowd.comes_and_goes,
    Crowd.cancel_storm,
    Crowd.radio_changes,
    Crowd.slow_reader,
    Crowd.imports,
    Crowd.searches,
    Crowd.unanswered,
    Crowd.deletes,
]


class Healthy(threading.Thread):
    """Sends to itself, one at a time, as long as it is to."""

    def __init__(self, smsc: SmscHandle) -> None:
        super().__init__(daemon=True)
        self.peer = Peer(smsc.host, smsc.port)
        assert self.peer.bind(HEALTHY) == ESME_ROK
        self.stopped = False
        self.trips = 0
        self.took = Took()
        self.failed: BaseException | None = None

    def run(self) -> None:
        try:
            while not self.stopped:
                with self.took:
                    answer = self.peer.exchange(submit_pdu(HEALTHY, f"nr. {self.trips}"))
                assert answer.status == ESME_ROK
                self.peer.receive()
                self.trips += 1
        except BaseException as error:
            self.failed = error


def play(many: int, url: str, turns: Turns, monkeypatch: pytest.MonkeyPatch) -> Healthy:
    """All deeds, each while the others go on; the bind that had its trips meanwhile."""
    with start_smsc(
        loop="asyncio", clock={"mode": "real"}, store={"url": url}, limits={"response_timeout": "2s"}
    ) as smsc:
        crowd, healthy = Crowd(smsc, many), Healthy(smsc)
        healthy.start()
        with turns.of(smsc._loop, monkeypatch):
            for deed in DEEDS:
                before, turns.deed = healthy.trips, deed.__name__
                deed(crowd)
                until(lambda: healthy.failed or healthy.trips > before)  # noqa: B023
                assert healthy.failed is None, (deed.__name__, healthy.failed)
            healthy.stopped = True
            healthy.join()
        crowd.leave()
    return healthy


@pytest.mark.torture
@pytest.mark.parametrize("store", ["memory:", "sqlite:"])
def test_the_longest_turns(
    store: str, tmp_path: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    turns = Turns()
    url = store if store == "memory:" else f"sqlite:{tmp_path / 'db'}"
    healthy = play(int(os.environ.get("LONGEST_TURN_OF", "100000")), url, turns, monkeypatch)
    with capsys.disabled():
        print(f"\n{store} {healthy.trips} trips of the healthy bind, {healthy.took}")
        for cost, name in turns.dearest:
            print(f"{cost * 1e3:9.1f} ms  {name}")
