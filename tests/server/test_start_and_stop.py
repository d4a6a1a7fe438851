"""How a server begins and ends: the ready file, wrong configurations, a stop with all kinds of peers."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from smsc.testing.server import SmscHandle
from tests.esme import Esme
from tests.scenarios.binding import Bind
from tests.server.process import ROOT, ServerProcess
from tests.waiting import PATIENCE

pytestmark = pytest.mark.loop

KARI, OLA, PER = "4790000001", "4790000002", "4740000003"


def test_a_stop_with_all_kinds_of_peers(tmp_path: Path) -> None:
    """Whatever peers do, SIGTERM ends in exit status 0 within ten seconds, and nothing is lost."""
    server = ServerProcess(tmp_path, "--store", "sqlite:smsc.db")
    assert json.loads(server.ready_file.read_text()) == {
        "smpp": server.addresses["smpp"],
        "http": server.addresses["http"],
        "addresses": {name: [address] for name, address in server.addresses.items()},
        "pid": server.process.pid,
    }
    kari = Esme(server.smpp_address, KARI)
    slow = Esme(server.smpp_address, OLA)
    slow.withhold()
    kari.send(OLA, "på vei", registered_delivery=1)
    kari.send(PER, "venter")
    assert slow.receive().text == "på vei"
    host, _, port = server.smpp_address.rpartition(":")
    silent = socket.create_connection((host, int(port)))

    assert server.stop() == 0
    assert [pdu.name for pdu in kari.requests] == ["unbind"]
    assert [pdu.name for pdu in slow.requests] == ["unbind"]
    assert kari.closed.is_set()
    assert silent.recv(100) == b""
    silent.close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((host, int(port)))

    server = ServerProcess(tmp_path, "--store", "sqlite:smsc.db")
    assert Esme(server.smpp_address, PER).receive().text == "venter"
    assert Esme(server.smpp_address, OLA).receive().text == "på vei"
    assert Esme(server.smpp_address, KARI).receive_receipt().stat == "DELIVRD"
    server.kill()


def test_a_peer_that_does_not_answer_the_unbind_is_cut_off(make_smsc: Callable[..., SmscHandle]) -> None:
    smsc = make_smsc(limits={"shutdown": 1.5})
    host, port = smsc.host, smsc.port
    peer = Esme(smsc.smpp_address, KARI)
    peer._take = lambda pdu: None  # type: ignore[method-assign]  # reads, and never answers
    smsc.stop()
    assert peer.closed.wait(PATIENCE)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((host, port))


def test_what_is_submitted_before_the_stop_is_answered(
    make_smsc: Callable[..., SmscHandle], tmp_path: Path, bind: Bind
) -> None:
    smsc = make_smsc(store={"url": f"sqlite:{tmp_path}/smsc.db"})
    kari = bind(KARI, at=smsc.smpp_address)
    begun = [kari.begin_submit(PER, f"nr. {number}") for number in range(100)]
    kari.ping()
    smsc.stop()
    kari.closed.wait(10)
    answered = [pdu.result(0).status for pdu in begun if pdu.done() and pdu.exception() is None]
    smsc = make_smsc(store={"url": f"sqlite:{tmp_path}/smsc.db"})
    assert answered == [0] * 100
    assert len(smsc.messages(destination=PER)) == 100


@pytest.mark.parametrize(
    ("config", "complaint"),
    [
        ("[smpp]\nprot = 2775\n", r"wrong.toml:2: smpp.prot: "),
        ('[limits]\n\nwindow = "many"\n', r"wrong.toml:3: limits.window: "),
        ("[store\n", r"wrong.toml"),
    ],
)
def test_a_wrong_configuration_opens_nothing(tmp_path: Path, config: str, complaint: str) -> None:
    """It names the file, the line, the key and what is expected; no port is opened, no store is made."""
    (tmp_path / "wrong.toml").write_text(config)
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "smsc", "serve", "--config", "wrong.toml", "--smpp-port", str(port)]
    ended = subprocess.run(
        [*command, "--ready-file", "ready.json", "--store", "sqlite:store/smsc.db"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert (ended.returncode, ended.stdout) == (2, "")
    assert complaint in ended.stderr
    assert "Traceback" not in ended.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["wrong.toml"]


STRANGERS = {
    "HTTP": b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "TLS": bytes.fromhex("16030100f8010000f40303") + bytes(range(240)),
    "noise": bytes(range(255, -1, -1)) * 8,
    "a line of text": b"hei, er det noen der?\r\n",
}


def test_strangers_are_sent_away_and_the_others_notice_nothing(
    smsc_server: SmscHandle, kari: Esme, ola: Esme
) -> None:
    """A generic_nack or a close, while two handsets go on talking."""
    for name, octets in STRANGERS.items():
        with socket.create_connection((smsc_server.host, smsc_server.port), 10) as stranger:
            stranger.sendall(octets)
            kari.send(OLA, name)
            assert ola.receive().text == name
            answer = b""
            while data := stranger.recv(4096):
                answer += data
        assert answer == b"" or answer[4:8] == b"\x80\x00\x00\x00", name
    assert [session["system_id"] for session in smsc_server.control("sessions")] == [KARI, OLA]
