"""Whole runs over real sockets against a small SMSC."""

import json
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from smsc.cli.smpp.load import load, split_target
from smsc.load.plan import NumberRange, Plan
from smsc.load.plot import page
from smsc.load.report import summary, text
from smsc.load.runner import LoadError, Runner, Second

from .server import little_smsc


def run(port: int, **changes: Any) -> dict[str, Any]:
    wanted = {
        "count": 200,
        "duration": 20.0,
        "warm_up": 0.0,
        "deliveries": True,
        "capacity": 1024,
        "drain": 2.0,
    }
    return summary(Runner(Plan("127.0.0.1", port, **(wanted | changes))).run())


def test_every_message_and_receipt_is_accounted_for() -> None:
    with little_smsc() as smsc:
        result = run(smsc.port, binds=3, window=7, source=NumberRange(4790000000, 4790000008))
    assert result["submits"]["sent"] == result["submits"]["accepted"] == smsc.submits == 200
    assert result["submits"]["statuses"] == {"ESME_ROK": 200}
    assert (result["messages"]["received"], result["messages"]["lost"]) == (200, 0)
    assert result["receipts"]["states"] == {"DELIVERED": 200}
    for part in ("messages", "receipts"):
        assert (result[part]["duplicated"], result[part]["reordered"]) == (0, 0)
    assert result["latency"]["submit_sm_resp"]["count"] == 200
    assert len(set(smsc.texts)) == 200
    assert smsc.unbound == 3


def test_a_pair_sends_on_one_connection_and_receives_on_the_other() -> None:
    with little_smsc() as smsc:
        result = run(smsc.port, binds=2, bind_type="pair", deliveries=False)
    assert result["receipts"]["received"] == 200
    assert smsc.unbound == 4


def test_lost_receipts_are_told() -> None:
    with little_smsc(lose_every=10) as smsc:
        result = run(smsc.port, drain=0.2)
    assert (result["receipts"]["received"], result["receipts"]["lost"]) == (180, 20)
    assert result["messages"]["lost"] == 0


def test_a_silent_smsc_leaves_submits_unanswered() -> None:
    with little_smsc(silent=1) as smsc:
        result = run(smsc.port, count=4, window=4, duration=0.3, drain=0.1)
    assert result["submits"]["unanswered"] == 4
    assert result["latency"]["submit_sm_resp"] == {"count": 0}


def test_a_rate_is_kept_and_counted_from_the_intended_time() -> None:
    with little_smsc() as smsc:
        result = run(smsc.port, binds=2, window=100, rate=1000.0, count=None, duration=0.5)
    assert 0 < result["submits"]["sent"] <= 1000 * result["seconds"] + 2
    assert result["latency"]["send"]["count"] > 0


def test_a_closed_connection_is_told_and_ends_the_run() -> None:
    with little_smsc(hang_up=5) as smsc:
        result = run(smsc.port, count=100)
    assert result["faults"]["disconnected"] == 1
    assert result["submits"]["unanswered"] > 0


def test_a_refused_bind_is_an_error_with_its_status() -> None:
    with little_smsc(bind_status=13) as smsc, pytest.raises(LoadError, match="ESME_RBINDFAIL"):
        run(smsc.port)


def test_nobody_there_is_an_error_that_says_so() -> None:
    with little_smsc() as smsc:
        port = smsc.port
    with pytest.raises(LoadError, match=f"127.0.0.1:{port}"):
        run(port)


def test_progress_is_told_second_by_second() -> None:
    seen: list[tuple[Second, float]] = []
    with little_smsc() as smsc:
        plan = Plan("127.0.0.1", smsc.port, duration=0.2, warm_up=0.1, receipts=False)
        Runner(plan, lambda second, share: seen.append((second, share))).run()
    assert [second.warm_up for second, _ in seen] == [True, False]
    assert seen[-1][1] > 0.9


def test_the_command_prints_json_or_text_and_writes_a_page(tmp_path: Any) -> None:
    app = typer.Typer()
    app.command()(load)
    with little_smsc() as smsc:
        target = f"127.0.0.1:{smsc.port}"
        args = [target, "--count", "50", "--deliveries", "--plot", str(tmp_path / "run.html")]
        shown = CliRunner().invoke(app, args)
        as_json = CliRunner().invoke(app, [target, "--count", "50", "--json"])
    assert shown.exit_code == 0, shown.output
    assert "50 received, 0 lost" in shown.output
    assert json.loads(as_json.output)["submits"]["accepted"] == 50
    page_text = (tmp_path / "run.html").read_text(encoding="utf-8")
    assert "<svg" in page_text
    assert "http" not in page_text.replace("http-equiv", "")


def test_the_command_tells_wrong_usage_from_failure() -> None:
    app = typer.Typer()
    app.command()(load)
    assert CliRunner().invoke(app, ["127.0.0.1:x"]).exit_code == 2
    assert CliRunner().invoke(app, ["127.0.0.1:1", "--count", "1"]).exit_code == 1
    elsewhere = CliRunner().invoke(app, ["--host", "127.0.0.1", "--smpp-port", "1", "--count", "1"])
    assert (elsewhere.exit_code, "127.0.0.1:1" in elsewhere.output) == (1, True), elsewhere.output


def test_the_page_survives_a_run_without_answers() -> None:
    with little_smsc(silent=1) as smsc:
        result = run(smsc.port, count=1, duration=0.2, drain=0.0)
    assert "smsc load" in page(result)
    assert "1 unanswered" in text(result)


@pytest.mark.parametrize(
    ("target", "read"),
    [("h:1", ("h", 1)), ("h", ("h", 2775)), ("[::1]:5", ("::1", 5)), ("[::1]", ("::1", 2775))],
)
def test_targets_may_leave_out_the_port(target: str, read: tuple[str, int]) -> None:
    assert split_target(target) == read


def test_no_more_than_so_many_messages_are_in_flight() -> None:
    with little_smsc() as smsc:
        result = run(smsc.port, binds=2, window=50, in_flight=5)
    assert result["receipts"]["received"] == 200
    with pytest.raises(ValueError, match="in_flight"):
        Plan("127.0.0.1", 2775, receipts=False, in_flight=5)
