"""`smsc lists`: CSV files checked, brought into a running server, and written by one."""

from __future__ import annotations

import json
import os
import re
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from smsc.cli.app import app
from smsc.cli.remote import lists
from smsc.cli.remote.api import Api, Refused
from smsc.config import EXAMPLE
from smsc.testing.server import SmscHandle

SUBSCRIBERS = (
    "msisdn,last,sim,zone,nod_sms\n4792000001,,active,oslo,yes\n4793000000,4793000999,active,bergen,\n"
)
CODES = "kind,first,holder,account,price_nok,keywords\nshort_code,2090,Quiz,quiz,3,SPILL\n"
PORTED = "number,operator,from\n90000002,fjordnett,2026-01-01\n90000003,vinternett,2026-01-02\n"


@pytest.fixture(autouse=True)
def _no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("SMSC_") and name != "SMSC_LOOP"]:
        monkeypatch.delenv(name)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in (("subscribers", SUBSCRIBERS), ("assignments", CODES), ("ported", PORTED)):
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    return tmp_path


def run(*arguments: str | Path) -> Any:
    return CliRunner().invoke(app, ["lists", *map(str, arguments)])


def at(smsc: SmscHandle) -> tuple[str, str]:
    return "--http-port", smsc.http_address.rpartition(":")[2]


@pytest.mark.parametrize("kind", ["subscribers", "assignments", "ported"])
def test_a_good_file_is_checked_without_a_server(folder: Path, kind: str) -> None:
    file = folder / f"{kind}.csv"
    rows = len(file.read_text().splitlines()) - 1
    assert run("check", kind, file).stdout == f"{file}: ok ({rows} rows)\n"
    assert json.loads(run("check", kind, file, "--json").stdout) == {"ok": True, "rows": rows, "problems": []}


def test_every_wrong_line_is_told_with_what_would_be_right(folder: Path) -> None:
    file = folder / "assignments.csv"
    wrong = "short_code,209,A,quiz,3,\n\nhelpline,116111,B,,,\nshort_code,2091,C,quiz,free,\n"
    file.write_text(CODES + wrong, encoding="utf-8")
    told = run("check", "assignments", file)
    assert told.exit_code == 1
    assert told.stderr.splitlines() == [
        f"smsc: {file}, line 3: first '209' is not a national number of 4 or 5 digits",
        f"smsc: {file}, line 6: price_nok 'free' is not an amount in kroner",
    ]
    assert not json.loads(run("check", "assignments", file, "--json").stdout)["ok"]


@pytest.mark.parametrize(
    ("kind", "text", "told"),
    [
        ("ported", "number;operator;from\n", "line 1: expected the columns number, operator, from"),
        ("ported", PORTED + "90000002,vinternett,2026-01-01\n", "was ported to"),
        ("ported", 'number,operator,from\n"90000002', "expected comma-separated values"),
        ("subscribers", SUBSCRIBERS + "4793000500,4793002000,active,oslo,no\n", "overlaps"),
        ("subscribers", "msisdn,zone\n4792000001,atlantis\n", "line 2: zone 'atlantis' is none of bergen, "),
        ("subscribers", "", "line 1: expected the columns msisdn"),
        ("assignments", CODES.replace("quiz", "nobody"), "line 2: account 'nobody' is none of alarmtlf, "),
    ],
)
def test_what_is_wrong_with_a_file(folder: Path, kind: str, text: str, told: str) -> None:
    file = folder / f"{kind}.csv"
    file.write_text(text, encoding="utf-8")
    result = run("check", kind, file, "--config", EXAMPLE.parent / "demo.toml")
    assert result.exit_code == 1
    assert told in result.stderr
    assert result.stderr.startswith(f"smsc: {file}")


def test_a_file_that_cannot_be_read(folder: Path) -> None:
    assert run("check", "ported", folder / "none.csv").exit_code == 2
    (folder / "old.csv").write_bytes("kind,first,holder\nseries,400,Blåbær\n".encode("latin-1"))
    result = run("check", "assignments", folder / "old.csv")
    assert (result.exit_code, "save the file as UTF-8" in result.stderr) == (2, True)


@pytest.mark.parametrize("kind", ["subscribers", "assignments", "ported"])
def test_what_is_imported_is_exported(
    smsc: SmscHandle, make_smsc: Callable[..., SmscHandle], folder: Path, kind: str
) -> None:
    file, out = folder / f"{kind}.csv", folder / "out.csv"
    rows = len(file.read_text().splitlines()) - 1
    assert run("import", kind, file, *at(smsc)).stdout == f"{file}: {rows} rows imported\n"
    assert run("export", kind, "--out", out, *at(smsc)).stdout.endswith(" rows\n")
    assert run("export", kind, *at(smsc)).stdout == out.read_text(encoding="utf-8")
    told = [json.loads(line) for line in run("export", kind, "--json", *at(smsc)).stdout.splitlines()]
    assert len(told) == len(out.read_text().splitlines()) - 1
    second = make_smsc()
    more = ["--replay"] if kind == "assignments" else []  # what is configured is there already
    assert json.loads(run("import", kind, out, "--json", *more, *at(second)).stdout)["ok"]
    if not more:
        assert run("export", kind, *at(second)).stdout == out.read_text(encoding="utf-8")


def test_a_long_file_is_handed_over_in_pieces(
    smsc: SmscHandle, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "_PIECE", 300)
    file = folder / "many.csv"
    numbers = [f"{4792000000 + number},active,oslo\n" for number in range(100)]
    file.write_text("msisdn,sim,zone\n" + "".join(numbers), encoding="utf-8")
    assert json.loads(run("import", "subscribers", file, "--json", *at(smsc)).stdout) == {
        "ok": True,
        "rows": 100,
    }
    assert smsc.handset("4792000099").state["zone"] == "oslo"

    numbers[49] = "4792000049,active,atlantis\n"
    file.write_text("msisdn,sim,zone\n" + "".join(numbers), encoding="utf-8")
    refused = run("import", "subscribers", file, *at(smsc))
    assert refused.exit_code == 1
    assert f"smsc: {file}, line 51: zone 'atlantis'" in refused.stderr
    stand = re.search(r"the (\d+) rows on lines 2-(\d+) stand, and no other", refused.stderr)
    assert 0 < int(stand[1]) < 49
    assert int(stand[2]) == int(stand[1]) + 1


@pytest.mark.parametrize("kind", ["subscribers", "assignments", "ported"])
def test_what_an_import_took_before_it_failed_stands_and_the_same_file_completes_it(
    make_smsc: Callable[..., SmscHandle],
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
) -> None:
    smsc = make_smsc(codes=[])
    monkeypatch.setattr(lists, "_PIECE", 200)
    header, row = {
        "subscribers": ("msisdn,sim,zone", "{},active,oslo"),
        "assignments": ("kind,first,holder,account,price_nok", "short_code,{},Quiz,quiz,3"),
        "ported": ("number,operator,from", "{},fjordnett,2026-01-01"),
    }[kind]
    first = {"subscribers": 4792000000, "assignments": 3000, "ported": 92000000}[kind]
    file = folder / "many.csv"
    file.write_text("\n".join([header, *(row.format(first + n) for n in range(60))]) + "\n", encoding="utf-8")

    handed_over, post = 0, Api.json

    def fails_once(api: Any, path: str, body: object = None) -> dict[str, Any]:
        nonlocal handed_over
        handed_over += 1
        if handed_over == 4:
            raise Refused("Store full: the disk is full")
        return post(api, path, body)

    monkeypatch.setattr(Api, "json", fails_once)
    told = json.loads(run("import", kind, file, "--json", *at(smsc)).stdout)
    assert (told["ok"], told["lines"]) == (False, f"2-{told['rows'] + 1}")
    before = run("export", kind, *at(smsc)).stdout
    numbers = [str(first + n) for n in range(60)]
    assert [n for n in numbers if n in before] == numbers[: told["rows"]]

    again = json.loads(run("import", kind, file, "--json", *at(smsc)).stdout)
    assert again == {"ok": True, "rows": 60}
    after = run("export", kind, *at(smsc)).stdout
    assert [after.count(n) for n in numbers] == ([1] * 60 if kind != "assignments" else [2] * 60)


def test_lines_are_told_as_spans() -> None:
    assert lists.spans([2, 3, 4, 7, 9, 10]) == "2-4, 7, 9-10"
    assert lists.spans([]) == ""


def test_a_list_of_the_day_replaces_what_it_speaks_of(smsc: SmscHandle, folder: Path) -> None:
    file = folder / "assignments.csv"
    assert run("import", "assignments", file, "--replay", *at(smsc)).exit_code == 0
    assert [row["code"] for row in smsc.control("codes")] == ["2090"]
    assert run("import", "ported", folder / "ported.csv", "--replay", *at(smsc)).exit_code == 2


def test_nobody_answers(folder: Path) -> None:
    result = run("import", "ported", folder / "ported.csv", "--http-port", "1")
    assert (result.exit_code, "no control API at" in result.stderr) == (1, True)


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (b"\x00\x00\x00\x10\x80\x00\x00\x00\x00\x00\x00\x02\x00\x00\x00\x00", "no control API at"),
        (b"HTTP/1.1 418 I'm a teapot\r\nContent-Length: 2\r\n\r\n[]", "answered 418"),
        (b"HTTP/1.1 403 No\r\nContent-Length: 4\r\n\r\nnull", "answered 403"),
    ],
)
def test_something_else_answers(answer: bytes, told: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        result = run("export", "ported", "--http-port", str(port))
        thread.join()
    assert (result.exit_code, told in result.stderr) == (1, True)


def test_a_server_that_is_gone_in_the_middle_leaves_no_doubt_which_lines_stand(
    smsc: SmscHandle, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "_PIECE", 200)
    rows = "".join(f"{4792000000 + number},active\n" for number in range(60))
    file = folder / "many.csv"
    file.write_text(f"msisdn,sim\n{rows}", encoding="utf-8")
    handed_over, post = 0, Api.json

    def dies(api: Any, path: str, body: object = None) -> dict[str, Any]:
        nonlocal handed_over
        handed_over += 1
        return post(api if handed_over < 3 else Api("127.0.0.1", 1, None), path, body)

    monkeypatch.setattr(Api, "json", dies)
    gone = run("import", "subscribers", file, *at(smsc))
    assert gone.exit_code == 1
    assert re.search(
        r"lines 2-\d+ stand; whether \d+-\d+ do too is not known: import the file again", gone.stderr
    )
