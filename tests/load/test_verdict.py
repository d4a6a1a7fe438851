"""Exit status 1 and a sentence: all refused, receipts lost, the server gone, a condition that holds."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner, Result

from smsc.cli.app import app
from smsc.load.verdict import read_conditions
from smsc.testing import SmscHandle

from .server import little_smsc

FEW = ("--from", "4790000000-4790000009", "--to", "4790000000-4790000009", "--drain", "0.3", "--count", "50")


def load(port: int, *options: str) -> Result:
    return CliRunner().invoke(app, ["load", f"127.0.0.1:{port}", *FEW, *options])


def test_a_run_in_which_all_went_well() -> None:
    with little_smsc() as smsc:
        done = load(smsc.port, "--deliveries")
    assert (done.exit_code, done.stderr) == (0, "")


def test_everything_refused(smsc: SmscHandle) -> None:
    smsc.faults("status", status="ESME_RSYSERR")
    done = load(smsc.port)
    assert done.exit_code == 1
    assert done.stderr == "smsc: none of 50 submit_sm was accepted (ESME_RSYSERR)\n"
    assert "50 refused" in done.stdout


def test_what_is_meant_to_be_refused_is_no_failure(smsc: SmscHandle) -> None:
    assert load(smsc.port, "--refused", "100").exit_code == 0


def test_receipts_that_are_lost() -> None:
    with little_smsc(lose_every=10) as smsc:
        done = load(smsc.port)
    assert (done.exit_code, done.stderr) == (1, "smsc: 5 receipts did not come\n")


def test_no_answers() -> None:
    with little_smsc(silent=True) as smsc:
        done = load(smsc.port, "--window", "50", "--response-timeout", "0.1")
    assert done.exit_code == 1
    assert "was accepted (no answer)" in done.stderr or "never answered" in done.stderr


def test_a_server_that_stops_in_the_middle() -> None:
    with little_smsc(hang_up=20) as smsc:
        done = load(smsc.port, "--binds", "2")
    assert done.exit_code == 1
    assert "the SMSC closed 2 of 2 connections" in done.stderr


def test_another_bind_of_the_name_that_takes_receipts(smsc: SmscHandle) -> None:
    smsc.esme("farm").listen()
    http = smsc.http_address.rpartition(":")[2]
    done = load(smsc.port, "--http-port", http, "--bind", "transmitter")
    assert done.exit_code == 1
    assert "receipts go to every bind of farm; also bound is session " in done.stderr


@pytest.mark.parametrize(
    ("conditions", "told"),
    [
        (["p99>0us"], "p99 is "),
        (["p50>=0us", "rate<1000000"], "rate is "),
        (["refused>0"], None),
        (["p99<1us, refused>=1"], None),
        (["receipt.p99>0ms"], "receipt.p99 is "),
        (["sent<51"], "sent is 50, the run was to fail if sent<51"),
        (["send.p99>1s"], "send.p99: nothing was measured"),
    ],
)
def test_conditions(smsc: SmscHandle, conditions: list[str], told: str | None) -> None:
    done = load(smsc.port, "--fail-if", *conditions)
    assert done.exit_code == (0 if told is None else 1), done.stderr
    assert (told or "") in done.stderr


@pytest.mark.parametrize(
    "text",
    ["p98>1ms", "p99", "p99>1", "refused>1ms", "p99>1 hour", "lost=0", "", ">", "p99>-1ms", "p99>1ms,"],
)
def test_a_condition_that_is_none_is_wrong_usage(text: str) -> None:
    done = CliRunner().invoke(app, ["load", "--fail-if", text])
    assert done.exit_code == 2
    assert "expected" in done.stderr


def test_a_condition_is_read() -> None:
    found = read_conditions(["p99 > 20ms", "receipt.p99.9>1.5s,refused>0"])
    assert [(one.name, one.compare, one.limit) for one in found] == [
        ("p99", ">", 20_000.0),
        ("receipt.p99.9", ">", 1_500_000.0),
        ("refused", ">", 0.0),
    ]


def test_json_comes_all_the_same(smsc: SmscHandle) -> None:
    done = load(smsc.port, "--json", "--fail-if", "sent>0")
    assert done.exit_code == 1
    assert json.loads(done.stdout)["submits"]["sent"] == 50
