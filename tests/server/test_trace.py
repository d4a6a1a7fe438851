"""What is kept of the wire: PDUs of a traced session, a capture file that knows its limit."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc.protocol.constants import BIND_TRANSCEIVER, BINDS, ENQUIRE_LINK, OUTBIND, SUBMIT_SM
from smsc.protocol.pdu.codec import encode_pdu, request
from smsc.protocol.pdu.masking import first_octets, without_password
from smsc.protocol.pdu.splitting import Splitter
from smsc.server.trace import Capture, Tracer
from smsc.testing.server import SmscHandle
from tests.peer import Peer

KARI = "4790000001"


def bound(smsc: SmscHandle) -> Peer:
    peer = Peer(smsc.host, smsc.port)
    bind = request(BIND_TRANSCEIVER, system_id=KARI, password="1234")
    bind.sequence = 1
    peer.send(encode_pdu(bind))
    assert peer.pdu() is not None
    return peer


def submit(peer: Peer) -> None:
    pdu = request(SUBMIT_SM, [(0x0204, b"\0\7")], destination_addr="4790000002", short_message=b"\x00 Hei")
    pdu.sequence = 2
    peer.send(encode_pdu(pdu))
    assert peer.pdu() is not None


@pytest.mark.loop
def test_a_session_is_traced_when_asked(smsc: SmscHandle) -> None:
    with bound(smsc) as peer:
        (session,) = smsc.control("sessions")
        path = f"{smsc.url}/api/v1/sessions/{session['id']}"
        assert httpx.get(f"{path}/pdus").json() == {"id": session["id"], "traced": False, "pdus": []}
        assert httpx.put(f"{path}/trace").json()["traced"]
        submit(peer)
        asked, answered = httpx.get(f"{path}/pdus").json()["pdus"]
        assert len(httpx.get(f"{path}/pdus?limit=1").json()["pdus"]) == 1
    assert (asked["direction"], asked["command"], asked["sequence"]) == ("in", "submit_sm", 2)
    assert (asked["text"], asked["fields"]["destination_addr"]) == ("@ Hei", "4790000002")
    assert asked["tlvs"] == [{"tag": "0x0204", "name": "user_message_reference", "value": 7}]
    assert (answered["direction"], answered["command"], answered["status"]) == (
        "out",
        "submit_sm_resp",
        "ESME_ROK",
    )
    assert answered["fields"]["message_id"]
    assert httpx.get(f"{smsc.url}/api/v1/sessions/999/pdus").status_code == 404


def test_every_session_is_traced_when_the_configuration_says_so(
    make_smsc: Callable[..., SmscHandle], tmp_path: Path
) -> None:
    smsc = make_smsc(trace={"pdus": 3, "file": str(tmp_path / "all.pcapng")})
    with bound(smsc) as peer:
        submit(peer)
        (session,) = smsc.control("sessions")
        kept = smsc.control("session_pdus", session["id"], 100)["pdus"]
    assert [pdu["command"] for pdu in kept] == ["bind_transceiver_resp", "submit_sm", "submit_sm_resp"]
    assert "password" not in str(kept)


def test_without_a_trace_a_connection_has_no_tracer(smsc: SmscHandle) -> None:
    with bound(smsc):
        assert all(connection.tracer is None for connection in smsc.server.listener.connections.values())


def test_a_capture_stops_at_its_limit(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "small.pcapng"
    capture = Capture(path, 4096)
    tracer = Tracer(("127.0.0.1", 1), ("127.0.0.1", 2), capture, 2, 65536)
    for _ in range(100):
        tracer.saw(True, encode_pdu(request(ENQUIRE_LINK)))
    tracer.closed()
    assert 3900 < path.stat().st_size <= 4096
    assert "has reached its limit" in caplog.text
    assert len(tracer.pdus) == 2


def test_a_capture_that_cannot_be_written_ends(tmp_path: Path) -> None:
    capture = Capture(tmp_path / "gone.pcapng", 1 << 20)
    capture.file.close()
    capture.file = open("/dev/full", "wb", buffering=0)  # noqa: SIM115
    capture.write(b"x" * 32)
    assert capture.file is None
    capture.write(b"x" * 32)
    capture.close()


@given(st.lists(st.integers(16, 80), max_size=6), st.data())
def test_a_stream_is_cut_where_its_pdus_end(lengths: list[int], data: st.DataObject) -> None:
    pdus = [length.to_bytes(4, "big") + bytes(length - 4) for length in lengths]
    octets = b"".join(pdus)
    splitter = Splitter(80)
    found: list[bytes] = []
    while octets:
        size = data.draw(st.integers(1, len(octets)))
        found += splitter.feed(octets[:size])
        octets = octets[size:]
    assert found == pdus
    assert splitter.rest == b""


def test_after_an_impossible_length_all_is_handed_on() -> None:
    splitter = Splitter(80)
    whole = (16).to_bytes(4, "big") + bytes(12)
    assert splitter.feed(whole + b"\xff\xff\xff\xffrest") == [whole, b"\xff\xff\xff\xffrest"]
    assert splitter.feed(b"more") == [b"more"]


# --- a file that strangers neither read nor choose ------------------------------------------------


def _kept(tmp_path: Path, octets: list[bytes], passwords: bool = False) -> bytes:
    path = tmp_path / "some.pcapng"
    capture = Capture(path, 1 << 20, passwords)
    tracer = Tracer(("127.0.0.1", 1), ("127.0.0.1", 2), capture, 2, 65536)
    for piece in octets:
        tracer.saw(True, piece)
    tracer.closed()
    capture.close()
    return path.read_bytes()


@pytest.mark.parametrize("command", [*sorted(BINDS), OUTBIND])
@pytest.mark.parametrize("size", [1, 7, 16, 4096])
@pytest.mark.parametrize("broken", ["", "no NUL", "long", "length", "unfinished"])
def test_no_password_gets_into_the_file(tmp_path: Path, command: int, size: int, broken: str) -> None:
    frame = encode_pdu(request(command, system_id="quiz", password="s3cr3tpw"))
    if broken == "no NUL":
        frame = frame[: frame.index(b"s3cr3tpw") + 8]
    elif broken == "long":
        frame = frame.replace(b"s3cr3tpw", b"s3cr3tpw" * 4)
    length = 1 << 30 if broken == "length" else len(frame) + (9 if broken == "unfinished" else 0)
    frame = length.to_bytes(4, "big") + frame[4:]
    pieces = [frame[at : at + size] for at in range(0, len(frame), size)]
    assert b"s3cr3tpw" not in _kept(tmp_path, pieces)
    assert without_password(frame).count(b"*") >= 8
    assert len(without_password(frame)) == len(frame)
    if not broken:
        assert b"s3cr3tpw" in _kept(tmp_path, pieces, passwords=True)


def test_only_its_owner_reads_the_file(tmp_path: Path) -> None:
    path = tmp_path / "old.pcapng"
    path.write_bytes(b"x" * 100_000)
    path.chmod(0o644)
    Capture(path, 4096).close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.stat().st_size < 4096


@pytest.mark.parametrize("kind", ["symbolic", "dangling", "hard", "pipe"])
def test_the_file_is_never_reached_through_a_link(tmp_path: Path, kind: str) -> None:
    other, path = tmp_path / "other", tmp_path / "trace.pcapng"
    if kind == "dangling":
        path.symlink_to(other)
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        other.write_bytes(b"precious")
        path.symlink_to(other) if kind == "symbolic" else os.link(other, path)
    with pytest.raises(OSError, match=r"name a|No such device"):
        Capture(path, 4096)
    assert not other.exists() if kind in ("dangling", "pipe") else other.read_bytes() == b"precious"


@pytest.mark.parametrize(
    ("octets", "shown"),
    [
        (b"GET / HTTP/1.1\r\nHost: x", "47 45 54 20 2f 20 48 54 54 50 2f 31 2e 31 0d 0a ('GET / HTTP/1.1')"),
        (b"to=4790000001\r\n", "74 6f 3d 2a 2a 2a 2a 2a 2a 2a 2a 2a 2a 0d 0a ('to=**********')"),
        (b"\x16\x03\x01\x02\x00\x01", "16 03 01 02 00 01"),
        (b"", ""),
    ],
)
def test_the_first_octets_of_what_cannot_be_read(octets: bytes, shown: str) -> None:
    assert first_octets(octets) == shown


def test_what_is_kept_of_a_session_is_bounded_in_octets() -> None:
    tracer = Tracer(("127.0.0.1", 1), ("127.0.0.1", 2), None, 100, 65_536)
    frames = [(60_000).to_bytes(4, "big") + bytes([number]) * 59_996 for number in range(20)]
    for frame in frames:
        tracer.saw(True, frame)
    assert [frame for _, _, frame in tracer.pdus] == frames[-4:]
    short = encode_pdu(request(ENQUIRE_LINK))
    for _ in range(300):
        tracer.saw(True, short)
    assert len(tracer.pdus) == 100
    assert tracer.octets == 100 * len(short)
