"""How connections over TLS end: whatever ends first, the session ends cleanly, what was kept is delivered,
and nothing of the connection stays.

A peer that ends TLS (close_notify) has ended both directions for the server: TLS 1.2 has the other side give
up what it would still write [RFC 5246 §7.2.1], and no event loop of Python writes after it in TLS 1.3 either.
What was read by then is carried out like over plain TCP; only its answer may not arrive.
"""

from __future__ import annotations

import contextlib
import logging
import socket
import ssl
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from smsc.cli.app import app
from smsc.protocol.pdu.codec import encode_pdu
from smsc.testing.server import SmscHandle
from tests.peer import Peer, submit_pdu
from tests.waiting import PATIENCE, until

pytest.importorskip("cryptography")
pytestmark = pytest.mark.loop
Make = Callable[..., SmscHandle]
KARI, OLA = "4790000001", "4790000002"
SUBMISSIONS = 20


class Secure:
    """TLS over a socket of its own, so that a test can end either without the other; a socket to ``Peer``."""

    def __init__(self, host: str, port: int, version: ssl.TLSVersion) -> None:
        self.sock = socket.create_connection((host, port), PATIENCE)
        self.family = self.sock.family
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.minimum_version = context.maximum_version = version
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.incoming, self.outgoing)
        self._do(self.tls.do_handshake)

    def _flush(self) -> None:
        if self.outgoing.pending:
            self.sock.sendall(self.outgoing.read())

    def _do(self, step: Callable[[], Any]) -> Any:
        while True:
            try:
                return step()
            except ssl.SSLWantReadError:
                self._flush()
                octets = self.sock.recv(65536)
                if not octets:
                    return b""
                self.incoming.write(octets)
            except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
                return b""
            finally:
                self._flush()

    def sendall(self, octets: bytes) -> None:
        self.tls.write(octets)
        self._flush()

    def recv(self, most: int) -> bytes:
        found: bytes = self._do(lambda: self.tls.read(most))
        return found

    def setsockopt(self, *option: Any) -> None:
        self.sock.setsockopt(*option)

    def settimeout(self, seconds: float | None) -> None:
        self.sock.settimeout(seconds)

    def close(self) -> None:
        self.sock.close()

    # --- ways to end ----------------------------------------------------------------------------

    def reset(self) -> None:
        """TCP is cut off: no end of TLS, none of TCP."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()

    def end_tcp(self) -> None:
        """TCP says that no more comes, TLS does not."""
        self.sock.shutdown(socket.SHUT_WR)

    def close_notify(self) -> None:
        """TLS says that no more comes, TCP does not."""
        with contextlib.suppress(ssl.SSLError):
            self.tls.unwrap()
        self._flush()

    def close_both(self) -> None:
        """The way that a library closes."""
        self.close_notify()
        self.end_tcp()


ENDINGS = [Secure.reset, Secure.end_tcp, Secure.close_notify, Secure.close_both]
VERSIONS = [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3]


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("papers")
    assert CliRunner().invoke(app, ["config", "certificate", "--out", str(out)]).exit_code == 0
    return out


@pytest.fixture
def smsc(make_smsc: Make, papers: Path, tmp_path: Path) -> SmscHandle:
    smpp = {"port": 0, "tls_port": 0, "tls_cert": papers / "cert.pem", "tls_key": papers / "key.pem"}
    return make_smsc(smpp=smpp, store={"url": f"sqlite:{tmp_path / 'smsc.db'}"})


def connect(smsc: SmscHandle, version: ssl.TLSVersion) -> tuple[Peer, Secure]:
    host, _, port = smsc.server.tls_address.rpartition(":")
    secure = Secure(host, int(port), version)
    return Peer.on(secure), secure  # type: ignore[arg-type]


def is_gone(smsc: SmscHandle) -> bool:
    """Whether the server has nothing left of any connection."""
    listener = smsc.server.listener
    return not listener.connections and not smsc.control("sessions") and not listener.capacity.bound


@pytest.mark.parametrize("version", VERSIONS, ids=lambda version: version.name)
@pytest.mark.parametrize("ending", ENDINGS, ids=lambda ending: ending.__name__)
def test_a_session_over_tls_ends_cleanly(
    smsc: SmscHandle,
    caplog: pytest.LogCaptureFixture,
    ending: Callable[[Secure], None],
    version: ssl.TLSVersion,
) -> None:
    """What was answered is delivered; what was not is there whole or not at all."""
    peer, secure = connect(smsc, version)
    with caplog.at_level(logging.WARNING), peer:
        assert peer.bind(KARI) == 0
        for number in range(SUBMISSIONS):
            assert peer.submit(OLA, f"answered {number}", source=KARI).status == 0
        rest = [submit_pdu(OLA, f"late {number}", source=KARI) for number in range(SUBMISSIONS)]
        for sequence, pdu in enumerate(rest, 1_000):
            pdu.sequence = sequence
        peer.send(b"".join(encode_pdu(pdu) for pdu in rest))
        ending(secure)
        if ending is not Secure.reset:
            while peer.pdu() is not None:
                pass
        until(lambda: is_gone(smsc), "the connection is still there")
    texts = [message.text for message in smsc.messages()]
    assert texts[:SUBMISSIONS] == [f"answered {number}" for number in range(SUBMISSIONS)]
    late = texts[SUBMISSIONS:]
    assert late == [f"late {number}" for number in range(len(late))]
    if ending is not Secure.reset:  # which overtakes what was sent before
        assert len(late) == SUBMISSIONS
    with Peer(smsc.host, smsc.port) as ola:
        assert ola.bind(OLA) == 0
        heard = [pdu.fields["short_message"].decode() for pdu in ola.deliveries(len(texts))]
    assert sorted(heard) == sorted(texts)
    said = [record.getMessage() for record in caplog.records if record.name in ("asyncio", "smsc.server")]
    assert said == []


@pytest.mark.parametrize("ending", ENDINGS, ids=lambda ending: ending.__name__)
def test_what_is_not_answered_when_tls_ends_is_delivered_again(
    smsc: SmscHandle, ending: Callable[[Secure], None]
) -> None:
    peer, secure = connect(smsc, ssl.TLSVersion.TLSv1_3)
    with peer:
        assert peer.bind(OLA) == 0
        smsc.send(KARI, OLA, "Hei")
        first = peer.hear()
        assert first.fields["short_message"] == b"Hei"
        ending(secure)
        until(lambda: is_gone(smsc), "the connection is still there")
    with Peer(smsc.host, smsc.port) as again:
        assert again.bind(OLA) == 0
        (pdu,) = again.deliveries(1)
    assert pdu.fields["short_message"] == b"Hei"
