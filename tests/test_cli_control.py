"""Commands for what is curl otherwise: sessions, fault, zone, phone, clock, esme, reset."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer.main
from typer.testing import CliRunner, Result

from smsc.cli.app import app
from smsc.testing import SmscHandle

GPX = """<gpx version="1.1" creator="t" xmlns="http://www.topografix.com/GPX/1/1"><trk><trkseg>
<trkpt lat="59.9" lon="10.7"><time>2026-01-01T00:00:00Z</time></trkpt>
<trkpt lat="60.0" lon="10.8"><time>2026-01-01T01:00:00Z</time></trkpt></trkseg></trk></gpx>"""


class Commands:
    def __init__(self, smsc: SmscHandle) -> None:
        self.smsc = smsc
        self.port = smsc.http_address.rpartition(":")[2]

    def __call__(self, *arguments: str) -> Result:
        return CliRunner().invoke(app, [*arguments, "--http-port", self.port])

    def json(self, *arguments: str) -> Any:
        done = self(*arguments, "--json")
        assert done.exit_code == 0, done.stderr
        return json.loads(done.stdout)


@pytest.fixture
def run(smsc: SmscHandle) -> Commands:
    return Commands(smsc)


def test_a_phone_goes_into_the_tunnel_and_comes_out(run: Commands) -> None:
    run.smsc.handset("4790000002").listen()
    assert run.json("phone", "90 00 00 02", "--zone", "laerdal-tunnel")["zone"] == "laerdal-tunnel"
    message = run.smsc.send("4790000001", "4790000002", "Hei")
    assert run.json("clock", "advance", "2h")["fired"] > 0
    assert run.smsc.message(message.id).state == "enroute"
    assert "zone:          oslo" in run("phone", "4790000002", "--zone", "oslo").stdout
    run.smsc.handset("4790000002").expect_message("Hei")


@pytest.mark.parametrize(
    ("options", "key", "value"),
    [
        (["--off"], "powered", False),
        (["--full"], "memory_full", True),
        (["--sim", "blocked"], "sim", "blocked"),
        (["--bar", "mo_sms", "--bar", "content"], "barred", ["mo_sms", "content"]),
        (["--position", "59.91,10.75"], "position", {"lat": 59.91, "lon": 10.75}),
        (["--nod-sms"], "nod_sms", True),
    ],
)
def test_a_phone_is_changed(run: Commands, options: list[str], key: str, value: object) -> None:
    assert run.json("phone", "4790000002", *options)[key] == value
    assert run.json("phone", "4790000002")[key] == value


def test_a_phone_follows_a_gpx_file(run: Commands, tmp_path: Path) -> None:
    track = tmp_path / "way.gpx"
    track.write_text(GPX, encoding="utf-8")
    assert len(run.json("phone", "4790000002", "--gpx", str(track))["track"]) == 2
    missing = run("phone", "4790000002", "--gpx", str(tmp_path / "none.gpx"))
    assert (missing.exit_code, "No such file" in missing.stderr) == (2, True)


def test_a_number_is_removed(run: Commands) -> None:
    assert run("phone", "4790000002", "--remove").stdout == "removed: 4790000002\n"
    assert run.json("phone", "4790000003", "--remove") == {"removed": "4790000003"}
    assert run("phone", "4790000002").exit_code == 1


def test_zones(run: Commands) -> None:
    assert len(run.json("zone")["zones"]) == 4
    assert "laerdal-tunnel: coverage none, uplink hold" in run("zone").stdout
    assert run.json("zone", "set", "cellar", "--coverage", "weak", "--loss", "0.5")["loss"] == 0.5
    assert run.json("zone", "set", "cellar", "--uplink", "reject")["coverage"] == "weak"
    assert len(run.json("zone", "down", "oslo", "--for", "2h", "--note", "storm")["outages"]) == 1
    assert run.json("zone", "up", "oslo")["outages"] == []
    assert run.json("zone", "remove", "cellar") == {"removed": "cellar"}
    assert run("zone", "set", "oslo").exit_code == 2
    assert run("zone", "down", "nowhere").exit_code == 1


def test_the_clock(run: Commands) -> None:
    before = run.json("clock")
    assert before["mode"] == "manual"
    assert run.json("clock", "advance", "90s")["now"] > before["now"]
    assert run("clock", "advance", "--until-idle").exit_code == 0
    assert run("clock", "advance", "soon").exit_code == 2
    assert run("clock", "advance").exit_code == 2
    assert run.json("clock", "set", "x60")["mode"] == "x60"
    assert run("clock", "set", "fast").exit_code == 1


@pytest.mark.parametrize(
    "moment", ["8999-01-01T00:00:00Z", "1970-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "never"]
)
def test_a_strange_moment_is_refused_in_words(run: Commands, moment: str) -> None:
    done = run("clock", "set", "manual", "--now", moment)
    if done.exit_code == 0:  # a moment that the server takes is one that it can also tell
        assert run("clock").exit_code == 0
    else:
        assert (done.exit_code, done.stderr.startswith("smsc: ")) == (1, True)


def test_faults(run: Commands) -> None:
    assert run("fault").stdout == "no faults\n"
    run("fault", "add", "status", "--status", "ESME_RSYSERR", "--system-id", "shop", "--count", "1")
    found = run.json("fault", "add", "delay", "--seconds", "500ms")
    assert [rule["action"] for rule in found["rules"]] == ["status", "delay"]
    assert "action=status" in run("fault").stdout
    assert run("fault", "add", "explode").exit_code == 1
    assert run.json("fault", "clear")["rules"] == []


def test_sessions(run: Commands) -> None:
    run.smsc.handset("4790000002").listen()
    run.smsc.esme("shop").listen()
    assert [one["system_id"] for one in run.json("sessions")["sessions"]] == ["4790000002", "shop"]
    assert "shop receiver from 127.0.0.1" in run("sessions").stdout
    assert len(run.json("sessions", "drop", "shop")["ended"]) == 1
    assert run("sessions", "drop", "shop").exit_code == 1
    run.smsc.drop("4790000002")
    ended = run("sessions", "--ended").stdout
    assert "shop" in ended
    assert "ended: " in ended


def test_esmes(run: Commands) -> None:
    assert "shop (esme): 59000001, Shop" in run("esme").stdout
    made = run.json("esme", "put", "mygw", "--password", "secret", "--number", "59000100", "--sender", "Mygw")
    assert (made["numbers"], made["senders"]) == (["59000100"], ["Mygw"])
    run("esme", "put", "farm2", "--password", "x", "--kind", "farm", "--range", "4740000000-4740009999")
    assert "farm2 (farm): 4740000000-4740009999" in run("esme").stdout
    assert run("esme", "put", "farm3", "--password", "x", "--range", "47").exit_code == 2
    assert run.json("esme", "remove", "mygw") == {"removed": "mygw"}
    refused = run("esme", "put", "bad", "--password", "x", "--number", "112")
    assert (refused.exit_code, "emergency numbers" in refused.stderr) == (1, True)


def test_reset(run: Commands) -> None:
    run.smsc.send("4790000001", "4790000002", "Hei")
    run("esme", "put", "mygw", "--password", "secret")
    assert run.json("reset") == {"ok": True}
    assert run.smsc.messages() == []
    assert "mygw" not in run("esme").stdout


COMMANDS = [
    "sessions",
    "fault",
    "zone",
    "clock",
    "esme",
    "reset",
    "phone 4790000001",
    "fault clear",
    "zone up oslo",
]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_token_is_asked_for_by_its_option(make_smsc: Callable[..., SmscHandle], command: str) -> None:
    run = Commands(make_smsc(http={"port": 0, "token": "hemmelig"}))
    refused = run(*command.split())
    assert refused.exit_code == 1
    assert refused.stderr == "smsc: the control API wants its token: --token, or SMSC_HTTP__TOKEN\n"
    assert run(*command.split(), "--token", "hemmelig").exit_code == 0


@pytest.mark.parametrize("command", COMMANDS)
def test_nobody_there_is_said(command: str) -> None:
    done = CliRunner().invoke(app, [*command.split(), "--http-port", "1"])
    assert done.exit_code == 1
    assert done.stderr.startswith("smsc: no control API at http://127.0.0.1:1/api/v1/")


# --- Receipts that went elsewhere ---


def test_send_tells_where_the_receipt_went(run: Commands) -> None:
    """Another bind of the number that submitted less gets it, where the ESME's receipts go elsewhere."""
    run.smsc.run(_reconfigured(run.smsc))
    run.smsc.handset("4790000002").listen()
    run.smsc.esme("shop").listen()
    shop = (
        "--system-id",
        "shop",
        "--password",
        "shop",
        "--smpp-port",
        str(run.smsc.port),
        "--timeout",
        "0.5",
    )
    done = run("send", "--from", "Shop", "--to", "4790000002", "Hei", "--wait", *shop)
    assert done.exit_code == 1
    assert "the message is delivered, and its receipt went to another bind of shop, session " in done.stderr


async def _reconfigured(smsc: SmscHandle) -> None:
    body = {
        "password": "shop",
        "numbers": ["59000001"],
        "senders": ["Shop"],
        "receipts": {"other_bind": True},
    }
    smsc.server.control.put_esme("shop", body)


def test_send_tells_that_the_message_waits(run: Commands) -> None:
    run.smsc.handset("4790000002").enter("laerdal-tunnel")
    where = ("--smpp-port", str(run.smsc.port), "--timeout", "0.3")
    done = run("send", "--from", "4790000001", "--to", "4790000002", "Hei", "--wait", *where)
    assert "the message is enroute: smsc explain 1" in done.stderr


# --- A store that carries an old clock ---


def test_serve_fresh_begins_anew(tmp_path: Path, make_smsc: Callable[..., SmscHandle]) -> None:
    from smsc.store import StoreError
    from smsc.store.discard import discard

    url = f"sqlite:{tmp_path / 'smsc.db'}"
    assert discard(url) is False
    assert discard("memory:") is False
    first = make_smsc(store={"url": url}, clock={"mode": "manual", "start": "2099-01-01T00:00:00Z"})
    with pytest.raises(StoreError, match="is in use by process"):
        discard(url)
    first.stop(grace=0)
    ahead = make_smsc(store={"url": url}, clock={"mode": "real", "start": None})
    assert ahead.clock.now.startswith("2099-")
    ahead.stop(grace=0)
    assert discard(url) is True
    assert not make_smsc(store={"url": url}, clock={"mode": "real", "start": None}).clock.now.startswith(
        "2099-"
    )


def test_a_clock_that_is_ahead_is_said(
    tmp_path: Path, make_smsc: Callable[..., SmscHandle], caplog: pytest.LogCaptureFixture
) -> None:
    store = {"url": f"sqlite:{tmp_path / 'smsc.db'}"}
    make_smsc(store=store, clock={"mode": "manual", "start": "2099-01-01T00:00:00Z"}).stop(grace=0)
    caplog.clear()
    make_smsc(store=store, clock={"mode": "real", "start": None})
    assert "days and" in caplog.text
    assert "smsc serve --fresh begins anew" in caplog.text


def test_completion_is_offered() -> None:
    assert "--install-completion" in CliRunner().invoke(app, ["--help"]).stdout


def leaves(command: Any, path: tuple[str, ...] = ()) -> dict[str, Any]:
    below = getattr(command, "commands", {})
    found = (
        {} if below and not getattr(command, "invoke_without_command", False) else {" ".join(path): command}
    )
    for name, each in below.items():
        found |= leaves(each, (*path, name))
    return found


def test_every_command_that_asks_the_api_has_the_same_options() -> None:
    for name, command in leaves(typer.main.get_command(app)).items():
        options = {word for parameter in command.params for word in parameter.opts}
        if "--http-port" in options and "--ready-file" not in options:
            assert {"--host", "--token", "--json"} <= options, name


def test_nodes_of_a_server_that_is_alone(run: Commands) -> None:
    assert run.json("nodes") == {"nodes": []}
    assert run("nodes").stdout == (
        "one server alone, which has its store to itself; serve --node NAME makes it one of several\n"
    )
