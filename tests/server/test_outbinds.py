"""The server calls an ESME: outbind, and the bind that follows [SMPP 3.4 §4.1.7]."""

from __future__ import annotations

import contextlib
import queue
import socket
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from smsc.protocol.constants import BIND_RECEIVER, DELIVER_SM, OUTBIND, RESPONSE, UNBIND
from smsc.protocol.pdu.codec import Pdu, request
from smsc.server.outbinds import least_wait
from smsc.testing.server import SmscHandle
from tests.peer import Peer

pytestmark = pytest.mark.loop
Make = Callable[..., SmscHandle]
KARI = "4790000001"


class Called:
    """An ESME that waits to be called."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.settimeout(10)
        self.port: int = self.listener.getsockname()[1]

    @contextlib.contextmanager
    def called(self) -> Iterator[Peer]:
        """The next call, with the outbind heard."""
        sock, _ = self.listener.accept()
        with sock:
            sock.settimeout(10)
            peer = Peer.on(sock)
            invited = peer.hear()
            assert invited.command_id == OUTBIND
            assert invited.fields == {"system_id": "smsc", "password": "invite"}
            yield peer


@pytest.fixture
def esme() -> Iterator[Called]:
    waiting = Called()
    with waiting.listener:
        yield waiting


def bind(peer: Peer) -> None:
    peer.say(request(BIND_RECEIVER, system_id="shop", password="shop"), 1)
    assert peer.hear().status == 0


def test_the_server_dials_an_esme_that_then_receives(make_smsc: Make, esme: Called) -> None:
    row = {"system_id": "shop", "host": "127.0.0.1", "port": esme.port, "retry": "50ms"}
    smsc = make_smsc(outbinds=[{**row, "password": "invite"}])
    for _ in range(2):  # it dials again when the connection is gone
        with esme.called() as peer:
            bind(peer)
            smsc.send(KARI, "59000001", "Hei")
            delivered = peer.hear()
            assert delivered.command_id == DELIVER_SM
            peer.say(Pdu(RESPONSE | DELIVER_SM), delivered.sequence)
            peer.say(request(UNBIND), 2)
            peer.hear()
    (told,) = smsc.control("outbinds")
    assert (told["configured"], told["retry"]) == (True, 0.05)


class Calls:
    """The control API of a running server, and its events about outbinds."""

    def __init__(self, smsc: SmscHandle) -> None:
        self.url = f"{smsc.url}/api/v1/outbinds"
        self.events: queue.Queue[str] = queue.Queue()
        smsc.run(self._listen(smsc))

    async def _listen(self, smsc: SmscHandle) -> None:
        smsc.server.control.subscribe(
            lambda event: self.events.put(event["event"]) if "outbind" in event else None
        )

    def dial(self, port: int, **more: Any) -> httpx.Response:
        body = {"system_id": "shop", "host": "127.0.0.1", "port": port, **more}
        return httpx.post(self.url, json=body, trust_env=False)

    def show(self) -> list[dict[str, Any]]:
        return list(httpx.get(self.url, trust_env=False).json()["outbinds"])

    def end(self, ident: int) -> int:
        return httpx.delete(f"{self.url}/{ident}", trust_env=False).status_code


def test_an_esme_is_called_through_the_api(make_smsc: Make, esme: Called) -> None:
    smsc = make_smsc()
    calls = Calls(smsc)
    waiting = smsc.send(KARI, "59000001", "Ring meg")
    answer = calls.dial(esme.port, password="invite")
    assert answer.status_code == 201
    assert answer.json()["retry"] is None
    with esme.called() as peer:
        assert calls.events.get(timeout=10) == "outbind.sent"
        assert [row["state"] for row in calls.show()] == ["invited"]
        bind(peer)
        (told,) = calls.show()
        (session,) = smsc.control("sessions")
        assert (told["state"], told["session"], told["attempts"]) == ("bound", session["id"], 1)
        delivered = peer.hear()  # what waited for the ESME
        peer.say(Pdu(RESPONSE | DELIVER_SM), delivered.sequence)
        assert delivered.fields["short_message"] == b"Ring meg"
        assert smsc.wait_for_message(state="delivered").id == waiting.id
        assert calls.end(told["id"]) == 204  # forgets the call, not the session
        assert calls.show() == []
        assert len(smsc.control("sessions")) == 1
    assert calls.end(told["id"]) == 404


def test_an_esme_that_does_not_answer_the_call(make_smsc: Make, esme: Called) -> None:
    smsc = make_smsc()
    calls = Calls(smsc)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        nobody = listener.getsockname()[1]
    calls.dial(nobody)
    calls.dial(nobody, retry="1h")
    assert [calls.events.get(timeout=10) for _ in range(2)] == ["outbind.failed", "outbind.failed"]
    once, again = calls.show()
    assert (once["state"], again["state"], again["retry"]) == ("ended", "waiting", 3600)
    assert once["error"]


@pytest.mark.parametrize(
    ("wrong", "told"), [({"system_id": "nobody"}, "there are: "), ({"retry": "soon"}, "duration")]
)
def test_a_call_that_cannot_be_made(make_smsc: Make, wrong: dict[str, Any], told: str) -> None:
    calls = Calls(make_smsc())
    answer = calls.dial(2776, **wrong)
    assert (answer.status_code, answer.headers["Content-Type"]) == (422, "application/problem+json")
    assert told in answer.json()["detail"]
    assert calls.show() == []


def test_calls_in_vain_come_further_apart_whatever_retry_says(make_smsc: Make) -> None:
    smsc = make_smsc()
    calls = Calls(smsc)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        nobody = listener.getsockname()[1]
    calls.dial(nobody, retry="0s")
    failed = [calls.events.get(timeout=10) for _ in range(4)]
    assert failed == ["outbind.failed"] * 4
    with pytest.raises(queue.Empty):
        calls.events.get(timeout=0.2)
    assert [least_wait(count) for count in (0, 1, 4, 1_000)] == [0.05, 0.1, 0.8, 5.0]
