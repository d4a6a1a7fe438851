"""`smsc messages` and `smsc wait` against a running server."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from typer.testing import CliRunner, Result

from smsc.cli.app import app
from smsc.testing.server import SmscHandle, start_smsc

KARI, OLA = "4790000001", "4790000002"


@pytest.fixture
def smsc() -> Iterator[SmscHandle]:
    with start_smsc() as handle:
        handle.send(OLA, KARI, "Koden er 482913")
        handle.send(KARI, OLA, "Takk\u202eskal du ha")
        yield handle


def run(smsc: SmscHandle, command: str, *words: str) -> Result:
    port = smsc.http_address.rpartition(":")[2]
    return CliRunner().invoke(app, [command, "--http-port", port, *words])


def test_messages_are_listed_newest_first(smsc: SmscHandle) -> None:
    lines = run(smsc, "messages").stdout.splitlines()
    assert [line.split()[1] for line in lines] == [KARI, OLA]
    assert "\u202e" not in lines[0], "what a peer wrote moves no cursor"
    assert run(smsc, "messages", "--oldest", "--limit", "1").stdout.count(OLA) == 1


def test_a_search_finds_counts_and_deletes(smsc: SmscHandle) -> None:
    assert run(smsc, "messages", "koden").stdout.count("\n") == 1
    assert json.loads(run(smsc, "messages", "--json", "koden").stdout)["messages"][0]["codes"] == ["482913"]
    assert run(smsc, "messages", "--counts", "koden").stdout.splitlines()[0] == "total: 1"
    assert run(smsc, "messages", "--delete", "koden").stdout == "deleted: 1\n"
    assert run(smsc, "messages", "koden").stdout == ""


def test_waiting_for_a_code(smsc: SmscHandle) -> None:
    assert run(smsc, "wait", "--code", f"to:{KARI}").stdout == "482913\n"
    assert json.loads(run(smsc, "wait", "--json", "--count", "2").stdout)["messages"][1]["source"] == KARI
    assert run(smsc, "wait", "--code", f"to:{OLA}").exit_code == 1


def test_waiting_in_vain_tells_why(smsc: SmscHandle) -> None:
    done = run(smsc, "wait", f"to:{OLA} koden", "--timeout", "0")
    assert done.exit_code == 1
    assert f"to:{OLA}: it is to {KARI}" in done.stderr


@pytest.mark.parametrize("command", ["messages", "wait"])
def test_a_wrong_search_is_wrong_usage(smsc: SmscHandle, command: str) -> None:
    done = run(smsc, command, "stat:held")
    assert done.exit_code == 2
    assert "character 1" in done.stderr


def test_an_empty_search_deletes_nothing(smsc: SmscHandle) -> None:
    assert run(smsc, "messages", "--delete").exit_code == 2
    assert len(smsc.messages()) == 2
