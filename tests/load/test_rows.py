"""Messages of a CSV file: what arrives is what the file says, and what it cannot say is told by its line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from smsc.cli.app import app
from smsc.load.plan import Plan
from smsc.load.rows import rows_of
from smsc.load.templates import build_ring
from smsc.protocol.pdu.codec import decode_pdu
from smsc.testing import SmscHandle

from .fake import RUN, split

LONG = "Ferja går ikkje. " * 12


def written(path: Path, *rows: str, header: str = "from,to,text") -> Path:
    path.write_text("\n".join([header, *rows]) + "\n", "utf-8")
    return path


def test_what_arrives_is_what_the_file_says(smsc: SmscHandle, tmp_path: Path) -> None:
    """Letters of the GSM alphabet and others, a long one, any dialling form, any order of the columns."""
    file = written(
        tmp_path / "rows.csv",
        '4790000002,+4790000001,"Hei, Kari"',
        "+47 900 00 003,4790000001,Blåbærsyltetøy 🫐",
        f"4790000002,4790000001,{LONG}",
        header="to,from,text",
    )
    kari, per = (smsc.handset(f"479000000{last}").listen() for last in (2, 3))
    done = CliRunner().invoke(
        app, ["load", smsc.smpp_address, "--csv", str(file), "--count", "4", "--window", "1", "--json"]
    )
    assert done.exit_code == 0, done.stderr
    result = json.loads(done.stdout)
    kinds = {name: counts["accepted"] for name, counts in result["submits"]["kinds"].items()}
    assert kinds == {"plain": 2, "long": 2}
    assert (result["receipts"]["received"], result["receipts"]["reordered"]) == (4, 0)
    kari.expect_message("Hei, Kari")
    kari.expect_message(LONG.strip())
    per.expect_message("Blåbærsyltetøy 🫐")


def plan(path: Path, binds: int = 1, window: int = 1) -> Plan:
    return Plan("127.0.0.1", 2775, binds=binds, window=window, rows=rows_of(path))


def texts(of: Plan, index: int) -> list[bytes]:
    return [pdu.fields["short_message"] for pdu in split(build_ring(of, index, RUN).octets)]


def test_binds_share_the_rows(tmp_path: Path) -> None:
    of = plan(written(tmp_path / "rows.csv", *(f",1{n},{n}" for n in range(5))), binds=2, window=1)
    assert texts(of, 0) == [b"0", b"2", b"4"]
    assert texts(of, 1) == [b"1", b"3"]


def test_a_window_never_holds_the_same_octets_twice(tmp_path: Path) -> None:
    of = plan(written(tmp_path / "rows.csv", ",1,a", ",1,b"), window=5)
    assert texts(of, 0) == [b"a", b"b"] * 3


def test_a_sender_may_have_letters(tmp_path: Path) -> None:
    (row,) = rows_of(written(tmp_path / "rows.csv", "Skatteetat,12345678,x"))
    assert (row.source, row.destination) == ((5, 0, "Skatteetat"), (0, 1, "12345678"))
    ring = build_ring(plan(tmp_path / "rows.csv", window=1), 0, RUN)
    assert decode_pdu(ring.octets).fields["source_addr"] == "Skatteetat"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("from,to\n1,2\n", "line 1: expected the columns from, to, text"),
        ("from,to,text\n", "no rows"),
        ("", "expected the columns"),
        ("from,to,text\n1,2\n", "line 2: the line has not as many fields"),
        ("from,to,text\n1,2,x\n1,,x\n", "line 3: to is empty"),
        ("from,to,text\n1,123456789012345678901,x\n", "line 2: to '123456789012345678901'"),
        ("from,to,text\nBlåbær,1,x\n", "line 2: from 'Blåbær'"),
        ("from,to,text\n1,2," + "x" * 40_000 + "\n", "at most 255"),
    ],
)
def test_a_file_that_cannot_be_sent_is_told_by_its_line(tmp_path: Path, content: str, told: str) -> None:
    file = tmp_path / "rows.csv"
    file.write_text(content, "utf-8")
    done = CliRunner().invoke(app, ["load", "--csv", str(file)])
    assert done.exit_code == 2
    assert "rows.csv" in done.stderr
    assert told in done.stderr


def test_a_file_in_another_encoding_is_told(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_bytes("from,to,text\n1,2,blåbær\n".encode("latin-1"))
    done = CliRunner().invoke(app, ["load", "--csv", str(tmp_path / "rows.csv")])
    assert (done.exit_code, "utf-8" in done.stderr) == (2, True)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--from", "4790000001"], "--csv says who writes what to whom: without --from"),
        (["--long", "10", "--text", "x"], "without --text, --long"),
        (["--deliveries"], "without the mark"),
        (["--binds", "2"], "1 rows: expected at least one for each bind"),
    ],
)
def test_what_contradicts_the_file_is_wrong_usage(tmp_path: Path, options: list[str], told: str) -> None:
    file = written(tmp_path / "rows.csv", "1,2,x")
    done = CliRunner().invoke(app, ["load", "--csv", str(file), *options])
    assert (done.exit_code, told in done.stderr) == (2, True), done.stderr


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["load", "--csv", str(tmp_path / "none.csv")])
    assert (done.exit_code, "No such file" in done.stderr) == (2, True)
