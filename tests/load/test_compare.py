"""A run beside an earlier one: figures, changes, plans that differ, and conditions in percent."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from smsc.cli.app import app
from smsc.load.compare import compared, earlier, text
from smsc.testing import SmscHandle

FEW = ("--from", "4790000000-4790000009", "--to", "4790000000-4790000009", "--count", "50")


def load(smsc: SmscHandle, *options: str) -> Result:
    return CliRunner().invoke(app, ["load", smsc.smpp_address, *FEW, *options])


@pytest.fixture
def before(smsc: SmscHandle, tmp_path: Path) -> Path:
    file = tmp_path / "before.json"
    file.write_text(load(smsc, "--json").stdout, "utf-8")
    return file


def changed(path: Path, **figures: float) -> None:
    """As if the earlier run had measured these of submit_sm_resp, or this rate."""
    result = json.loads(path.read_text("utf-8"))
    for name, value in figures.items():
        row = result["submits"] if name == "per_second" else result["latency"]["submit_sm_resp"]
        row[name] = value
    path.write_text(json.dumps(result), "utf-8")


def test_both_runs_stand_beside_one_another(smsc: SmscHandle, before: Path) -> None:
    done = load(smsc, "--compare", str(before), "--window", "7")
    assert done.exit_code == 0, done.stderr
    assert "the plans differ: window 10 before, 7 now" in done.stdout
    rows = done.stdout.partition("compared with")[2].splitlines()
    assert [row.split()[0] for row in rows[1:4]] == ["rate", "p50", "p90"]
    assert "%" in rows[1]


def test_json_has_the_comparison_too(smsc: SmscHandle, before: Path) -> None:
    changed(before, p99=1.0)
    found = json.loads(load(smsc, "--compare", str(before), "--json").stdout)["compared"]
    assert found["figures"]["p99"]["before"] == 1.0
    assert found["figures"]["p99"]["change"] > 0
    assert found["figures"]["lost"] == {"before": 0, "now": 0, "change": None}
    assert found["plans"] == {}


@pytest.mark.parametrize(
    ("condition", "earlier_figures", "told"),
    [
        ("p99>120%", {"p99": 0.001}, "after 0.000 ms, the run was to fail if p99>120%"),
        ("p99>120%", {"p99": 1e9}, None),
        ("rate<90%", {"per_second": 1e9}, "after 1,000,000,000, the run was to fail if rate<90%"),
        ("rate<90%", {"per_second": 0.1}, None),
        ("send.p99>100%", {}, "send.p99: nothing was measured"),
    ],
)
def test_a_change_can_fail_the_run(
    smsc: SmscHandle, before: Path, condition: str, earlier_figures: dict[str, float], told: str | None
) -> None:
    changed(before, **earlier_figures)
    done = load(smsc, "--compare", str(before), "--fail-if", condition)
    assert done.exit_code == (0 if told is None else 1), done.stderr
    assert (told or "") in done.stderr


def test_percent_need_something_that_they_are_of() -> None:
    done = CliRunner().invoke(app, ["load", "--fail-if", "p99>120%"])
    assert (done.exit_code, "expected --compare FILE" in done.stderr) == (2, True)


@pytest.mark.parametrize(
    "content", ["", "{}", "[]", '"x"', '{"plan": {}, "submits": {}, "latency": {}}', "\xff"]
)
def test_what_is_no_result_is_told(tmp_path: Path, content: str) -> None:
    file = tmp_path / "before.json"
    file.write_bytes(content.encode("latin-1"))
    done = CliRunner().invoke(app, ["load", "--compare", str(file)])
    assert (done.exit_code, "expected the result of an earlier smsc load --json" in done.stderr) == (2, True)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["load", "--compare", str(tmp_path / "none.json")])
    assert (done.exit_code, "No such file" in done.stderr) == (2, True)


def test_a_result_of_before_is_read_whole(before: Path) -> None:
    result: dict[str, Any] = earlier(before)
    found = compared(result, result)
    assert all(not row["change"] for row in found["figures"].values())
    assert "the plans differ" not in text(found, "itself")
