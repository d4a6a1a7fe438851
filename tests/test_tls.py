"""SMPP over TLS in one command: a certificate that strict clients take, and commands that speak it."""

from __future__ import annotations

import json
import shutil
import socket
import ssl
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from smsc.cli.app import app
from smsc.server.tls import tls_problems
from smsc.testing import SmscHandle
from smsc.tls import client_context
from smsc.world.checks import load_checked

pytest.importorskip("cryptography")
pytestmark = pytest.mark.loop

Make = Callable[..., SmscHandle]


def smsc(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(one) for one in arguments])


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("papers")
    done = smsc("config", "certificate", "--out", out, "--client")
    assert done.exit_code == 0, done.stderr
    return out


@pytest.fixture
def server(make_smsc: Make, papers: Path) -> SmscHandle:
    smpp = {"port": 0, "tls_port": 0, "tls_cert": papers / "cert.pem", "tls_key": papers / "key.pem"}
    return make_smsc(smpp=smpp)


def port(server: SmscHandle) -> str:
    return server.server.tls_address.rpartition(":")[2]


# --- The certificate ---


def test_it_says_what_to_configure(tmp_path: Path) -> None:
    done = smsc("config", "certificate", "--out", tmp_path)
    config = tmp_path / "s.toml"
    config.write_text(done.stdout, encoding="utf-8")
    settings = load_checked(config, now=0, check=tls_problems)
    assert settings.smpp.tls_cert == tmp_path / "cert.pem"
    told = json.loads(smsc("config", "certificate", "--out", tmp_path, "--force", "--json").stdout)
    assert told == {name: str(tmp_path / f"{name}.pem") for name in ("ca", "cert", "key")}


def test_keys_are_private_and_nothing_is_overwritten(papers: Path) -> None:
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) & 0o077 for path in papers.iterdir()}
    assert {name for name, mode in modes.items() if mode == 0} == {"key.pem", "client-key.pem"}
    done = smsc("config", "certificate", "--out", papers)
    assert done.exit_code == 2
    assert "is there already; --force overwrites it" in done.stderr


@pytest.mark.parametrize("name", ["localhost:3550", "a b", "", "-x"])
def test_a_host_is_a_name_or_an_address(tmp_path: Path, name: str) -> None:
    assert smsc("config", "certificate", "--out", tmp_path, f"--host={name}").exit_code == 2
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1"])
def test_a_strict_client_takes_it(server: SmscHandle, papers: Path, name: str) -> None:
    """Python with RFC 5280 to the letter, as it is the default from 3.13 on."""
    context = ssl.create_default_context(cafile=papers / "ca.pem")
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    with (
        socket.create_connection(("127.0.0.1", int(port(server)))) as plain,
        context.wrap_socket(plain, server_hostname=name) as secure,
    ):
        found: Any = secure.getpeercert()
    assert ("DNS", "localhost") in found["subjectAltName"]


def test_it_is_a_leaf_and_openssl_agrees(papers: Path) -> None:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed")
    verify = [openssl, "verify", "-x509_strict", "-CAfile", "ca.pem", "-verify_hostname", "localhost"]
    subprocess.run(
        [*verify, "-purpose", "sslserver", "cert.pem"], cwd=papers, check=True, capture_output=True
    )
    shown = subprocess.run(
        [openssl, "x509", "-in", "cert.pem", "-noout", "-text"],
        cwd=papers,
        check=True,
        capture_output=True,
        text=True,
    )
    assert "CA:FALSE" in shown.stdout
    assert "CA:TRUE" not in shown.stdout


def test_without_the_library_it_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cryptography", None)
    monkeypatch.delitem(sys.modules, "smsc.cli.authority", raising=False)
    done = smsc("config", "certificate", "--out", tmp_path)
    assert (done.exit_code, done.stderr) == (
        1,
        "smsc: this needs the extra `tls`: pip install 'smsc-emulator[tls]'\n",
    )


# --- Commands that speak TLS ---


def test_send_over_tls(server: SmscHandle, papers: Path) -> None:
    server.handset("4790000002").listen()
    arguments = (
        "send",
        "--from",
        "4790000001",
        "--to",
        "4790000002",
        "Hei",
        "--wait",
        "--smpp-port",
        port(server),
    )
    done = smsc(*arguments, "--ca", papers / "ca.pem")
    assert done.exit_code == 0, done.stderr
    assert "DELIVRD" in done.stdout
    assert smsc(*arguments, "--insecure").exit_code == 0


def test_listen_over_tls(server: SmscHandle, papers: Path) -> None:
    server.send("4790000001", "4790000002", "Hei")
    done = smsc("listen", "4790000002", "--count", 1, "--smpp-port", port(server), "--ca", papers / "ca.pem")
    assert (done.exit_code, done.stdout) == (0, "4790000002 <- 4790000001: Hei\n")


def test_load_over_tls_loses_nothing(server: SmscHandle, papers: Path) -> None:
    few = ("--from", "4790000000-4790000099", "--to", "4790000000-4790000099")
    options = (
        "--count",
        2000,
        "--binds",
        2,
        "--window",
        50,
        "--deliveries",
        "--ca",
        papers / "ca.pem",
        "--json",
    )
    done = smsc("load", f"127.0.0.1:{port(server)}", *few, *options)
    assert done.exit_code == 0, done.stderr
    result = json.loads(done.stdout)
    assert (result["submits"]["accepted"], result["receipts"]["lost"], result["messages"]["lost"]) == (
        2000,
        0,
        0,
    )


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--tls"], "its certificate is not trusted: "),
        (["--ca", "key.pem"], "key.pem: expected certificates as PEM"),
        (["--ca", "none.pem"], "none.pem: No such file or directory"),
        (
            ["--insecure", "--cert", "ca.pem", "--key", "key.pem"],
            "ca.pem: expected a certificate and its key as PEM",
        ),
        (["--key", "key.pem"], "--key: expected together with --cert"),
    ],
)
@pytest.mark.parametrize("command", ["send", "listen", "load"])
def test_what_is_wrong_with_tls_is_said_in_words(
    server: SmscHandle,
    papers: Path,
    monkeypatch: pytest.MonkeyPatch,
    command: str,
    options: list[str],
    told: str,
) -> None:
    monkeypatch.chdir(papers)
    monkeypatch.setenv("SMSC_SMPP__TLS_PORT", port(server))
    arguments = {
        "send": ["send", "--from", "4790000001", "--to", "4790000002", "Hei"],
        "listen": ["listen", "4790000002"],
        "load": ["load"],
    }
    done = smsc(*arguments[command], *options)
    assert done.exit_code in (1, 2)
    assert told in done.stderr


def test_the_plain_port_is_no_tls_and_the_other_way_round(server: SmscHandle) -> None:
    send = ("send", "--from", "4790000001", "--to", "4790000002", "Hei")
    assert "does not speak TLS" in smsc(*send, "--insecure", "--smpp-port", server.port).stderr
    assert smsc(*send, "--smpp-port", port(server), "--timeout", 5).exit_code == 1


@pytest.fixture
def demanding(make_smsc: Make, papers: Path) -> SmscHandle:
    files = {
        "tls_cert": papers / "cert.pem",
        "tls_key": papers / "key.pem",
        "tls_client_ca": papers / "ca.pem",
    }
    return make_smsc(smpp={"port": 0, "tls_port": 0, **files})


def test_a_client_shows_its_certificate(demanding: SmscHandle, papers: Path) -> None:
    send = ["send", "--from", "4790000001", "--to", "4790000002", "Hei", "--ca", papers / "ca.pem"]
    send += ["--smpp-port", port(demanding)]
    shown = ["--cert", papers / "client.pem", "--key", papers / "client-key.pem"]
    assert smsc(*send, *shown).exit_code == 0
    refused = smsc(*send)
    assert refused.exit_code == 1
    assert refused.stderr.startswith("smsc: ")


def test_a_context_checks_unless_it_is_told_not_to() -> None:
    assert client_context().verify_mode == ssl.CERT_REQUIRED
    assert client_context(insecure=True).verify_mode == ssl.CERT_NONE
