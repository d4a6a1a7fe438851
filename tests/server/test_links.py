"""TLS, outbind, address_range, windows and rates of real connections."""

from __future__ import annotations

import contextlib
import queue
import shutil
import socket
import ssl
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from smsc.engine.binds.addresses import AddressRange, RangeIndex, matcher
from smsc.protocol.constants import (
    BIND_RECEIVER,
    BIND_TRANSCEIVER,
    RESPONSE,
    SUBMIT_SM,
)
from smsc.protocol.pdu.codec import Pdu, decode_pdu, encode_pdu, request
from smsc.testing.server import SmscHandle
from tests.peer import Peer
from tests.waiting import until

pytestmark = pytest.mark.loop
Make = Callable[..., SmscHandle]
KARI, OLA = "4790000001", "4790000002"


def bound(smsc: SmscHandle, name: str, password: str, kind: int = BIND_TRANSCEIVER, area: str = "") -> Peer:
    peer = Peer(smsc.host, smsc.port)
    peer.say(request(kind, system_id=name, password=password, address_range=area), 1)
    assert peer.hear().status == 0
    return peer


# --- TLS ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An authority, and the certificates of a server and a client that it signed."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed")
    folder = tmp_path_factory.mktemp("papers")

    def run(*arguments: str) -> None:
        subprocess.run([openssl, *arguments], cwd=folder, check=True, capture_output=True)

    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2")
    run("req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=authority")
    (folder / "names").write_text("subjectAltName=IP:127.0.0.1\n")
    for name in ("server", "client"):
        run("req", *key[:5], "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}")
        signed = ("-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2", "-extfile", "names")
        run("x509", "-req", "-in", f"{name}.csr", "-out", f"{name}.pem", *signed)
    return folder


def tls_settings(papers: Path, **more: str) -> dict[str, object]:
    cert = {"tls_cert": str(papers / "server.pem"), "tls_key": str(papers / "server.key")}
    return {"port": 0, "tls_port": 0, **cert, **more}


def tls_address(smsc: SmscHandle) -> tuple[str, int]:
    host, _, port = smsc.server.tls_address.rpartition(":")
    return host, int(port)


def tls_server(make_smsc: Make, papers: Path, **more: str) -> tuple[str, int]:
    return tls_address(make_smsc(smpp=tls_settings(papers, **more)))


def bind_over_tls(address: tuple[str, int], context: ssl.SSLContext) -> Pdu:
    with (
        socket.create_connection(address, 10) as plain,
        context.wrap_socket(plain, server_hostname=address[0]) as secure,
    ):
        secure.sendall(encode_pdu(request(BIND_TRANSCEIVER, system_id=KARI, password="1234")))
        octets = secure.recv(4096)
        if not octets:
            raise ConnectionError
        return decode_pdu(octets)


def test_smpp_over_tls(make_smsc: Make, papers: Path) -> None:
    address = tls_server(make_smsc, papers)
    assert bind_over_tls(address, ssl.create_default_context(cafile=papers / "ca.pem")).status == 0
    with socket.create_connection(address, 10) as plain:  # no TLS, no SMPP
        plain.sendall(encode_pdu(request(BIND_TRANSCEIVER, system_id=KARI, password="1234")))
        plain.settimeout(10)
        assert encode_pdu(Pdu(RESPONSE | BIND_TRANSCEIVER, 0, 0, {"system_id": "smsc"}))[
            :8
        ] not in plain.recv(99)


def test_a_client_must_show_its_certificate_where_that_is_asked(make_smsc: Make, papers: Path) -> None:
    address = tls_server(make_smsc, papers, tls_client_ca=str(papers / "ca.pem"))
    stranger = ssl.create_default_context(cafile=papers / "ca.pem")
    with pytest.raises((ssl.SSLError, ConnectionError)):
        bind_over_tls(address, stranger)
    known = ssl.create_default_context(cafile=papers / "ca.pem")
    known.load_cert_chain(papers / "client.pem", papers / "client.key")
    assert bind_over_tls(address, known).status == 0


def test_half_open_handshakes_count_and_make_room(make_smsc: Make, papers: Path) -> None:
    limits = {"sessions": 40, "bind_timeout": "off"}
    smsc = make_smsc(smpp=tls_settings(papers), limits=limits)
    address = tls_address(smsc)
    rooms = smsc.server.listener.capacity
    with contextlib.ExitStack() as stack:
        silent = [stack.enter_context(socket.create_connection(address, 10)) for _ in range(200)]
        assert bind_over_tls(address, ssl.create_default_context(cafile=papers / "ca.pem")).status == 0
        assert rooms.unbound_count <= 30
        silent[0].settimeout(10)
        with contextlib.suppress(ConnectionError):
            assert silent[0].recv(1) == b""
        with bound(smsc, KARI, "1234"):
            assert len(smsc.control("sessions")) == 1


@pytest.mark.parametrize(
    ("octets", "reason"),
    [
        (encode_pdu(request(BIND_TRANSCEIVER, system_id=KARI, password="1234")), "not_tls"),
        (b"GET / HTTP/1.1\r\nHost: smsc\r\n\r\n", "not_tls"),
    ],
)
def test_what_is_no_tls_is_told_to_those_who_watch(
    make_smsc: Make, papers: Path, octets: bytes, reason: str
) -> None:
    smsc = make_smsc(smpp=tls_settings(papers))
    told: queue.Queue[dict[str, Any]] = queue.Queue()
    smsc.server.control.subscribe(
        lambda event: told.put(event) if event["event"] == "connection.refused" else None
    )
    with socket.create_connection(tls_address(smsc), 10) as plain:
        plain.sendall(octets)
        plain.shutdown(socket.SHUT_WR)
        event = told.get(timeout=10)
        assert (event["reason"], event["peer"]) == (reason, "%s:%s" % plain.getsockname())
    until(lambda: not smsc.server.listener.shaking)  # it is told of a moment before the task ends


# --- who receives what ----------------------------------------------------------------------------


def test_binds_of_one_name_receive_for_their_address_ranges(smsc: SmscHandle) -> None:
    areas = ("^479000000[0-4].*", "4790000005|4790000006", "")
    with (
        bound(smsc, "farm", "farm", BIND_RECEIVER, areas[0]) as low,
        bound(smsc, "farm", "farm", BIND_RECEIVER, areas[1]) as two,
    ):
        for to, peer in (("4790000004", low), ("4790000005", two), ("4790000006", two)):
            smsc.send(OLA, to, "Hei")
            got = peer.pdu()
            assert got is not None
            assert got.fields["destination_addr"] == to
        assert smsc.send(OLA, "4790000007", "Hei").state == "enroute"
        with bound(smsc, "farm", "farm", BIND_RECEIVER, areas[2]) as rest:
            got = rest.pdu()
            assert got is not None
            assert got.fields["destination_addr"] == "4790000007"


@pytest.mark.parametrize(
    ("area", "number", "served"),
    [
        ("^4790.*", 4790000001, True),
        ("^4790.*", 4740000001, False),
        ("^4790[0-4].*$", 4790500001, False),
        ("+4790000001", 4790000001, True),
        ("479000000", 4790000001, False),
        ("1$", 4790000001, True),
    ],
)
def test_address_ranges(area: str, number: int, served: bool) -> None:
    serves = matcher(area)
    assert serves is not None
    assert serves(number) is served


@pytest.mark.parametrize(
    ("area", "prefixes"),
    [
        ("^4790.*", {"4790"}),
        ("^479*", {"47"}),
        ("4790000001|4790000002", {"4790000001", "4790000002"}),
        ("1$", {""}),
        ("^[45].*", {""}),
        ("^47|9$", {"47", ""}),
    ],
)
def test_the_digits_that_an_address_range_begins_with(area: str, prefixes: set[str]) -> None:
    serves = matcher(area)
    assert serves is not None
    assert set(serves.prefixes) == prefixes


@pytest.mark.parametrize("count", [10, 1_000])
def test_finding_the_bind_of_a_number_does_not_ask_all_binds(count: int) -> None:
    asked: list[int] = []

    class Asked(AddressRange):
        def __call__(self, number: int) -> bool:
            asked.append(number)
            return super().__call__(number)

    binds = [(f"bind {number}", Asked([f"^{4790000000 + number}$"])) for number in range(count)]
    index: RangeIndex[str] = RangeIndex([*binds, ("all", None), ("odd", Asked(["1$"]))])
    assert index.find(4790000007) == ["bind 7", "all"]
    assert index.find(4790000001) == ["bind 1", "all", "odd"]
    assert len(asked) == 4


def test_address_ranges_for_all_and_for_none() -> None:
    assert matcher("") is None
    assert matcher(".*") is None
    for wrong in ("(a+)+$", "hello", "^.*.*.*.*.*.*$", "[9-0]", "4790\\d*"):
        with pytest.raises(ValueError, match="address_range"):
            matcher(wrong)


# --- windows and rates ----------------------------------------------------------------------------


def test_a_full_window_is_throttled_where_the_policy_says_so(make_smsc: Make) -> None:
    smsc = make_smsc(policy={"full_window": "throttle"}, limits={"window": 2})
    smsc.control("put_zone", "oslo", {"coverage": "none", "uplink": "defer"})
    with bound(smsc, KARI, "1234") as peer:
        for sequence in range(2, 7):
            peer.say(request(SUBMIT_SM, destination_addr=OLA, short_message=b"Hei"), sequence)
        answers = [peer.pdu() for _ in range(3)]
    assert [(answer.status, answer.sequence) for answer in answers if answer is not None] == [
        (0x58, 4),
        (0x58, 5),
        (0x58, 6),
    ]


@pytest.mark.parametrize(
    ("name", "password", "source"),
    [(KARI, "1234", {}), ("shop", "shop", {"source_addr": "Shop", "source_addr_ton": 5})],
)
def test_a_rate_is_shared_by_the_binds_of_a_name(
    make_smsc: Make, name: str, password: str, source: dict[str, Any]
) -> None:
    smsc = make_smsc(limits={"rate": 5})
    with bound(smsc, name, password) as first, bound(smsc, name, password) as second:
        statuses = []
        for peer in (first, second):
            for sequence in range(2, 12):
                fields = {"destination_addr": "4799000007", "dest_addr_ton": 1, **source}
                peer.say(request(SUBMIT_SM, short_message=b"Hei", **fields), sequence)
            statuses += [answer.status for _ in range(10) if (answer := peer.pdu()) is not None]
    assert 5 <= statuses.count(0) <= 7
    assert statuses.count(0x58) == 20 - statuses.count(0)
