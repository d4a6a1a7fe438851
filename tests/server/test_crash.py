"""kill -9 while messages wait: everything that was acknowledged is there after the restart."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.esme import Answer, Esme, answer_of
from tests.server.process import ServerProcess

pytestmark = pytest.mark.loop

KARI, OLA, PER = "4790000001", "4790000002", "4740000003"
Serve = Callable[[], ServerProcess]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Starts a server on the same store as the one before it."""
    started: list[ServerProcess] = []

    def start() -> ServerProcess:
        started.append(ServerProcess(tmp_path, "--store", "sqlite:messages/smsc.db"))
        return started[-1]

    yield start
    for server in started:
        if server.process.poll() is None:
            server.kill()


def test_what_was_acknowledged_is_delivered_after_a_kill(serve: Serve) -> None:
    server = serve()
    kari, ola = Esme(server.smpp_address, KARI), Esme(server.smpp_address, OLA)
    server.call("PATCH", f"/subscribers/{OLA}", {"zone": "laerdal-tunnel"})
    for number in range(50):
        kari.send(OLA, f"nr. {number}", registered_delivery=1)
    kari.send(PER, "til Per")
    clock = server.advance(seconds=7200)["now"]
    server.kill()

    server = serve()
    assert server.call("GET", "/clock")["now"] >= clock
    assert server.call("GET", f"/subscribers/{OLA}")["zone"] == "laerdal-tunnel"
    kari, ola = Esme(server.smpp_address, KARI), Esme(server.smpp_address, OLA)
    assert Esme(server.smpp_address, PER).receive().text == "til Per"
    assert ola.has_nothing()
    server.call("PATCH", f"/subscribers/{OLA}", {"zone": "oslo"})
    assert ola.receive_all(50) == [f"nr. {number}" for number in range(50)]
    assert [kari.receive_receipt().stat for _ in range(50)] == ["DELIVRD"] * 50
    assert server.stop() == 0


def test_a_kill_in_the_middle_of_submissions_loses_no_acknowledged_one(serve: Serve) -> None:
    """An answer seen before the kill stands for a message that comes after it; no id is given twice."""
    server = serve()
    kari = Esme(server.smpp_address, KARI)
    seen: list[Answer] = []
    enough = threading.Event()

    def submit() -> None:
        pdus = [kari.submit_pdu(PER, f"nr. {number}") for number in range(4000)]
        answers = [kari.begin(*pdus[at : at + 10]) for at in range(0, len(pdus), 10)]
        for answer in answers:
            try:
                seen.append(answer_of(answer))
            except ConnectionError:
                return
            enough.set()

    submitting = threading.Thread(target=submit)
    submitting.start()
    assert enough.wait(20)
    server.kill()
    submitting.join(20)
    assert {answer.status for answer in seen} == {0}

    server = serve()
    waiting = [message["id"] for message in _all(server)]
    assert {answer.message_id for answer in seen} <= set(waiting)
    per, kari = Esme(server.smpp_address, PER), Esme(server.smpp_address, KARI)
    assert per.receive_all(len(waiting)) == [f"nr. {number}" for number in range(len(waiting))]
    assert int(kari.submit(OLA).message_id) > max(map(int, waiting))


def _all(server: ServerProcess) -> Iterator[dict[str, Any]]:
    after = ""
    while True:
        page = server.call("GET", f"/messages?limit=1000{after}")
        yield from page["messages"]
        if page["next"] is None:
            return
        after = f"&after={page['next']}"


def test_the_store_is_not_shared_by_two_servers(serve: Serve) -> None:
    first = serve()
    with pytest.raises(AssertionError, match=f"is in use by process {first.process.pid}"):
        serve()
