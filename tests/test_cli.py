"""The command line: what it prints, how it ends, and one server as users start it."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from typer.testing import CliRunner

from smsc.cli.app import app
from smsc.config import EXAMPLE
from smsc.logs import visible
from tests.waiting import until

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(autouse=True)
def _no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("SMSC_") and name != "SMSC_LOOP"]:
        monkeypatch.delenv(name)


def smsc(*arguments: str, stdin: str | None = None) -> Any:
    """The result of a command run in this process."""
    return CliRunner().invoke(app, list(arguments), input=stdin)


def start(*arguments: str, folder: Path) -> subprocess.Popen[str]:
    """A command as a process of its own, of the build that is tested."""
    command = [sys.executable, "-m", "smsc", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    return subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def read_when_there(path: Path) -> object:
    """A JSON file of another process; it appears whole, at about the time when the ready line does."""
    until(path.exists, f"{path} did not appear")
    return json.loads(path.read_text(encoding="utf-8"))


# --- Commands that need no server ---


COMMANDS = (
    "serve,send,listen,number,load,version,config check,config example,config hash,coverage at,coverage map"
)
COMMANDS += ",config demo,config certificate,sessions,sessions drop,fault,fault add,fault clear,zone,zone set"
COMMANDS += ",zone down,phone,clock,clock set,clock advance,esme,esme put,esme remove,reset"
COMMANDS += ",scenario run,scenario list"
COMMANDS += ",store check,store export,config,coverage,store,lists check,lists import,lists export,lists,"


@pytest.mark.parametrize("command", COMMANDS.split(","))
def test_every_command_explains_itself(command: str) -> None:
    result = smsc(*command.split(), "--help")
    assert result.exit_code == 0
    assert "Usage" in result.stdout


@pytest.mark.parametrize(
    "arguments", [["serve", "--nonsense"], ["send", "text"], ["nonsense"], ["listen"], ["number"]]
)
def test_wrong_usage_is_exit_status_2(arguments: list[str]) -> None:
    assert smsc(*arguments).exit_code == 2


def test_version_tells_the_build() -> None:
    assert smsc("version").stdout.startswith("smsc ")
    told = json.loads(smsc("version", "--json").stdout)
    assert set(told) == {"version", "build", "python", "loop", "compiled"}


def test_the_version_has_an_option_too() -> None:
    assert smsc("--version").stdout == smsc("version").stdout
    assert smsc("--version").exit_code == 0


def test_help_keeps_its_square_brackets() -> None:
    assert "smsc-emulator[map]" in smsc("coverage", "map", "--help").stdout


def test_a_password_from_a_pipe_is_hashed() -> None:
    result = CliRunner().invoke(app, ["config", "hash"], input="secret\n")
    assert result.exit_code == 0
    assert result.stdout.startswith("argon2:$argon2id$")
    assert CliRunner().invoke(app, ["config", "hash"], input="").exit_code == 2


def test_load_refuses_a_plot_that_cannot_be_written_before_the_run(tmp_path: Path) -> None:
    result = smsc("load", "127.0.0.1:1", "--plot", str(tmp_path / "none" / "run.html"))
    assert result.exit_code == 2
    assert "there is no such directory" in result.stderr


def test_load_asks_where_serve_would_listen(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
    monkeypatch.setenv("SMSC_SMPP__PORT", port)
    assert smsc("load").stderr == f"smsc: no SMSC answers at 127.0.0.1:{port}, or it closes the connection\n"
    monkeypatch.setenv("SMSC_SMPP__PORT", "many")
    assert smsc("load").exit_code == 2


def test_a_number_is_explained() -> None:
    result = smsc("number", "004759555112")
    assert result.exit_code == 0
    assert "+4759555112, emergency_sms_police" in result.stdout
    assert "can receive SMS: yes" in result.stdout


def test_a_number_is_explained_in_norwegian() -> None:
    assert "kan motta SMS:   ja" in smsc("number", "004759555112", "--language", "nb").stdout
    assert (
        "Norge"
        in smsc("number", "+46701234567", "--language", "nb").stdout
        + smsc("number", "4722222222", "--language", "nb").stdout
    )


def test_a_number_as_json() -> None:
    told = json.loads(smsc("number", "68060000", "--json").stdout)
    assert (told["national"], told["can_receive_sms"], told["reason"]) == (
        "68060000",
        False,
        "destination_blocked_range",
    )
    assert {"en", "nb"} == set(told["steps"][0])


def test_a_config_is_checked(tmp_path: Path) -> None:
    assert smsc("config", "check", str(EXAMPLE)).stdout.startswith(f"{EXAMPLE}: ok (2 zones")
    told = json.loads(smsc("config", "check", str(EXAMPLE), "--json").stdout)
    assert told["ok"]
    assert "quiz2097" not in json.dumps(told)


def test_a_wrong_config_is_exit_status_2(tmp_path: Path) -> None:
    path = tmp_path / "wrong.toml"
    path.write_text("[smpp]\nport = 70000\n", encoding="utf-8")
    result = smsc("config", "check", str(path))
    assert result.exit_code == 2
    assert result.stderr == f"smsc: {path}:2: smpp.port: got 70000, expected at most 65535\n"
    told = json.loads(smsc("config", "check", str(path), "--json").stdout)
    assert not told["ok"]
    assert len(told["problems"]) == 1


def test_the_example_is_printed() -> None:
    assert smsc("config", "example").stdout == EXAMPLE.read_text(encoding="utf-8")


def test_a_password_is_hashed() -> None:
    from argon2 import PasswordHasher

    result = smsc("config", "hash", stdin="quiz2097\n")
    hashed = result.stdout.strip().splitlines()[-1]
    hashed = hashed[hashed.index("argon2:") :]
    assert PasswordHasher().verify(hashed.removeprefix("argon2:"), "quiz2097")
    assert "quiz2097" not in result.stdout
    assert smsc("config", "hash", stdin="much too long\n").exit_code == 2


def test_the_signal_at_a_position_is_explained() -> None:
    assert "good coverage" in smsc("coverage", "at", "59.91,10.75").stdout
    assert json.loads(smsc("coverage", "at", "59.91,10.75", "--json").stdout)["coverage"] == "good"
    result = smsc("coverage", "at", "Oslo")
    assert result.exit_code == 2
    assert "latitude,longitude" in result.stderr


def test_the_map_is_drawn(tmp_path: Path) -> None:
    pytest.importorskip("PIL")
    out = tmp_path / "map.png"
    assert smsc("coverage", "map", "--out", str(out), "--pixels-per-km", "0.1").exit_code == 0
    assert out.read_bytes().startswith(b"\x89PNG")


def test_a_store_that_is_not_there(tmp_path: Path) -> None:
    result = smsc("store", "check", f"sqlite:{tmp_path}/none.db")
    assert result.exit_code == 1
    assert "there is no such file" in result.stderr


def test_a_text_of_a_stranger_cannot_rule_the_terminal() -> None:
    assert visible("Hei\r\n\x1b[2J æøå 😀") == "Hei\\r\\n\\x1b[2J æøå 😀"


# --- serve, send, listen ---


class Served(NamedTuple):
    """A server as users start it."""

    process: subprocess.Popen[str]
    ready_line: str
    folder: Path

    @property
    def at(self) -> tuple[str, str]:
        return ("--smpp-port", self.addresses["smpp"].rpartition(":")[2])

    @property
    def addresses(self) -> dict[str, str]:
        return dict(word.split("=") for word in self.ready_line.split()[1:])


@contextlib.contextmanager
def serving(folder: Path, *options: str) -> Iterator[Served]:
    """`smsc serve` on free ports; ended with SIGTERM if the test did not."""
    arguments = ("--smpp-port", "0", "--http-port", "0", "--store", "memory:", "--ready-file", "ready.json")
    process = start("serve", *arguments, *options, folder=folder)
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        assert line, process.communicate()[1]
        yield Served(process, line.strip(), folder)
    finally:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.communicate(timeout=15)
        process.kill()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("served")) as server:
        yield server


@pytest.mark.loop
def test_serve_says_when_it_is_ready(served: Served) -> None:
    assert served.ready_line.startswith("ready smpp=127.0.0.1:")
    for name in ("smpp", "http"):
        host, _, port = served.addresses[name].rpartition(":")
        socket.create_connection((host, int(port)), timeout=5).close()
    ready = read_when_there(served.folder / "ready.json")
    every = {name: [address] for name, address in served.addresses.items()}
    assert ready == {**served.addresses, "addresses": every, "pid": served.process.pid}


@pytest.mark.loop
def test_a_message_with_receipt(served: Served) -> None:
    listening = start(
        "listen", "+47 900 01 002", "90001003", "--count", "1", "--json", *served.at, folder=served.folder
    )
    assert listening.stderr is not None
    assert listening.stderr.readline() == "listening for 4790001002, 4790001003\n"
    sent = smsc("send", "--from", "90001001", "--to", "90001002", "--wait", "Blåbær 😀", *served.at)
    assert sent.exit_code == 0
    assert "DELIVRD" in sent.stdout
    out, _ = listening.communicate(timeout=20)
    told = json.loads(out)
    assert (told["source"], told["destination"], told["text"]) == ("4790001001", "4790001002", "Blåbær 😀")
    assert told["tlvs"] == {}
    assert listening.returncode == 0


@pytest.mark.loop
@pytest.mark.parametrize(
    ("to", "hint", "told"),
    [
        ("22222222", "number 22222222", "A fixed line receives no SMS."),
        ("+2097", "number 2097 --ton 1 --npi 1", "It is a number with TON 0 (unknown), NPI 1."),
        ("+59000001", "number 59000001 --ton 1 --npi 1", "It is a number with TON 0 (unknown), NPI 1."),
    ],
)
def test_a_refused_message_is_exit_status_1(served: Served, to: str, hint: str, told: str) -> None:
    """The hint reads the number as it was sent, so that it finds the fault."""
    result = smsc("send", "--from", "90001001", "--to", to, "Hei", *served.at)
    assert result.exit_code == 1
    assert result.stderr.splitlines() == [
        "smsc: the submission was refused: ESME_RINVDSTADR (0x0B)",
        f"smsc: smsc {hint} tells why",
    ]
    assert told in smsc(*hint.split()).stdout


@pytest.mark.loop
def test_a_message_that_waits_has_no_receipt_in_time(served: Served) -> None:
    result = smsc(
        "send", "--from", "90001001", "--to", "99000020", "Hei", "--wait", "--timeout", "0.3", *served.at
    )
    assert result.exit_code == 1
    assert "still on its way" in result.stderr


@pytest.mark.loop
def test_an_esme_sends_under_its_name(served: Served) -> None:
    login = ("--system-id", "shop", "--password", "shop")
    result = smsc("send", "--from", "Shop", *login, "--to", "90001001", "Tilbud", "--json", *served.at)
    assert result.exit_code == 0
    assert len(json.loads(result.stdout)["message_ids"]) == 1


@pytest.mark.loop
def test_a_wrong_password_is_exit_status_1(served: Served) -> None:
    result = smsc("send", "--from", "90001001", "--to", "90001002", "Hei", "--password", "4321", *served.at)
    assert result.exit_code == 1
    assert "the bind was refused" in result.stderr


@pytest.mark.loop
def test_listening_ends_with_control_c(served: Served) -> None:
    listening = start("listen", "90001005", *served.at, folder=served.folder)
    assert listening.stderr is not None
    listening.stderr.readline()
    listening.send_signal(signal.SIGINT)
    listening.communicate(timeout=20)
    assert listening.returncode == 0


@pytest.mark.loop
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_serve_stops_cleanly_and_tells_its_peers(tmp_path: Path, number: signal.Signals) -> None:
    with serving(tmp_path) as server:
        listening = start("listen", "90001006", *server.at, folder=tmp_path)
        assert listening.stderr is not None
        listening.stderr.readline()
        server.process.send_signal(number)
        assert server.process.wait(10) == 0
        _, errors = listening.communicate(timeout=10)
        assert listening.returncode == 1
        assert "the connection was closed" in errors


@pytest.mark.loop
def test_the_environment_reaches_the_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMSC_SMSC__SYSTEM_ID", "elsewhere")
    with serving(tmp_path, "--clock", "manual") as server:
        assert server.ready_line.startswith("ready ")


@pytest.mark.loop
def test_a_store_in_use_is_checked_and_exported(tmp_path: Path) -> None:
    url = f"sqlite:{tmp_path}/smsc.db"
    with serving(tmp_path, "--store", url) as server:
        smsc("send", "--from", "90001001", "--to", "99000020", "Hei", *server.at)
        checked = smsc("store", "check", url, "--json")
        exported = [json.loads(line) for line in smsc("store", "export", url).stdout.splitlines()]
    assert (checked.exit_code, json.loads(checked.stdout)["problems"]) == (0, [])
    assert "messages" in {row["table"] for row in exported}


def test_serve_with_a_wrong_config_opens_no_port(tmp_path: Path) -> None:
    path = tmp_path / "wrong.toml"
    path.write_text('[clock]\nmode = "fast"\n', encoding="utf-8")
    process = start("serve", "--config", str(path), "--ready-file", str(tmp_path / "ready"), folder=tmp_path)
    out, errors = process.communicate(timeout=30)
    assert (process.returncode, out) == (2, "")
    assert errors.startswith(f"smsc: {path}:2: clock.mode: got 'fast', expected")
    assert not (tmp_path / "ready").exists()


def test_serve_with_a_wrong_option(tmp_path: Path) -> None:
    result = smsc("serve", "--smpp-port", "70000")
    assert (result.exit_code, result.stderr) == (
        2,
        "smsc: option --smpp-port: smpp.port: got 70000, expected at most 65535\n",
    )


def test_serve_on_a_port_that_is_taken(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        process = start(
            "serve", "--smpp-port", port, "--http-port", "0", "--store", "memory:", folder=tmp_path
        )
        _, errors = process.communicate(timeout=30)
    assert process.returncode == 1
    assert f"smsc: 127.0.0.1:{port}: address already in use; --smpp-port 0" in errors
    assert "Traceback" not in errors


def test_serve_with_a_ready_file_that_cannot_be_written_opens_no_port(tmp_path: Path) -> None:
    result = smsc("serve", "--ready-file", str(tmp_path / "none" / "ready.json"), "--store", "memory:")
    assert result.exit_code == 2
    assert "none/ready.json: there is no such directory" in result.stderr
    assert result.stdout == ""


def test_sending_to_nobody(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
    result = smsc("send", "--from", "90000001", "--to", "90000002", "Hei", "--smpp-port", port)
    assert result.exit_code == 1
    assert result.stderr.startswith(f"smsc: cannot connect to 127.0.0.1:{port}")
