"""The highest rate at which a condition holds: the steps that lead there, and what is told of them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from typer.testing import CliRunner

from smsc.cli.app import app
from smsc.load.search import CLOSE, FIRST, TRIES, Search, search
from smsc.load.verdict import read_conditions
from smsc.testing import SmscHandle

from .server import little_smsc

SHORT = ("--duration", "0.1", "--warm-up", "0", "--drain", "0.3", "--window", "1000")
FEW = ("--from", "4790000000-4790000009", "--to", "4790000000-4790000009")


def tried(limit: float, first: float = FIRST) -> tuple[list[float], Search]:
    """The rates that a search tries against an SMSC that can take `limit` a second."""
    looking, rates = Search(first), []
    while looking.rate is not None:
        rates.append(looking.rate)
        looking.told(looking.rate <= limit)
    return rates, looking


@pytest.mark.parametrize("limit", [1, 7, 120, 999, 1000, 1001, 47_000, 731_000])
@pytest.mark.parametrize("first", [10, 1000, 100_000])
def test_it_ends_close_below_the_limit(limit: float, first: float) -> None:
    rates, looking = tried(limit, first)
    assert looking.best is not None
    assert looking.best <= limit < looking.best * (1 + 2 * CLOSE)
    assert len(rates) < 60, rates


def test_what_holds_at_no_rate_is_found_out() -> None:
    rates, looking = tried(0, first=8)
    assert rates == [rate for rate in (8, 4, 2, 1) for _ in range(TRIES)]
    assert looking.best is None


def test_one_bad_second_is_no_limit() -> None:
    looking = Search(100)
    looking.told(False)
    assert looking.rate == 100
    looking.told(True)
    assert looking.rate == 200


def test_two_bad_seconds_in_a_row_at_different_rates_are_none_either() -> None:
    looking = Search(100)
    for held in (False, True, False, True):
        looking.told(held)
    assert (looking.best, looking.failed) == (200, None)


def measured(per_second: float, p99: float, **changed: Any) -> dict[str, Any]:
    kinds = {"plain": {"sent": 100, "accepted": 100, "refused": 0, "unanswered": 0}}
    submits = {"sent": 100, "refused": 0, "unanswered": 0, "statuses": {}, "kinds": kinds}
    return {
        "plan": {"binds": 1, "window": 10},
        "seconds": 10.0,
        "submits": submits | {"per_second": per_second} | changed,
        "latency": {"submit_sm_resp": {"p99": p99}},
        "faults": {"disconnected": 0},
        "connections": 1,
    }


def queue(rate: float) -> dict[str, Any]:
    """An SMSC that takes 5 000 a second, and is slow from 3 000 on."""
    return measured(min(rate, 5000), 1000 if rate < 3000 else 90_000)


def test_the_summary_is_that_of_the_best_step() -> None:
    result = search(queue, read_conditions(["p99<50ms"]))
    found = result["search"]
    assert 2800 < found["rate"] < 3000
    assert result["submits"]["per_second"] == found["rate"]
    assert found["wanted"] == ["p99<50ms"]
    assert {tuple(step["why"]) for step in found["steps"]} == {(), ("p99 is 90.000 ms",)}


def test_a_rate_that_is_not_kept_does_not_hold() -> None:
    found = search(queue, read_conditions(["refused<1"]))["search"]
    assert 5000 < found["rate"] < 5001 / 0.9
    assert "only 5,000 a second were answered" in found["steps"][-1]["why"]


def test_what_is_a_failure_always_is_one_at_every_step() -> None:
    result = search(lambda rate: measured(rate, 1, unanswered=3), read_conditions(["p99<50ms"]), first=1)
    assert result["search"]["rate"] is None
    assert result["search"]["steps"][0]["why"] == ["3 submit_sm were never answered"]


def test_ctrl_c_ends_it_with_what_is_known() -> None:
    steps: list[dict[str, Any]] = []
    result = search(queue, read_conditions(["p99<50ms"]), told=steps.append, stopped=lambda: len(steps) == 2)
    assert result["search"]["rate"] == 2000
    assert len(result["search"]["steps"]) == 2


def test_over_tcp_up_to_what_is_throttled(smsc: SmscHandle) -> None:
    """The clock of the server stands still: it lets `rate` through, and no more in all."""
    smsc.faults("throttle", rate=60)
    done = CliRunner().invoke(
        app,
        ["load", smsc.smpp_address, *FEW, *SHORT, "--find-rate", "refused<1", "--rate", "200", "--json"],
    )
    assert done.exit_code == 0, done.stderr
    found = json.loads(done.stdout)["search"]
    assert found["rate"] is not None
    refused = [step for step in found["steps"] if any("refused is" in why for why in step["why"])]
    assert refused
    assert all(step["rate"] <= found["rate"] for step in found["steps"] if step["held"])


def test_it_is_told_step_by_step() -> None:
    with little_smsc() as smsc:
        options = [f"127.0.0.1:{smsc.port}", *FEW, *SHORT, "--rate", "1", "--find-rate", "p99<1us"]
        done = CliRunner().invoke(app, ["load", *options])
    assert done.exit_code == 1
    assert "p99<1us: at no rate that was tried" in done.stderr
    assert "1 a second" in done.stdout


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--find-rate", "p98<1ms"], "--find-rate 'p98<1ms': expected"),
        (["--find-rate", "p99<120%"], "--compare"),
        (["--find-rate", "p99<1ms", "--count", "5"], "--count"),
    ],
)
def test_a_wish_that_is_none_is_wrong_usage(options: list[str], told: str) -> None:
    done = CliRunner().invoke(app, ["load", *options])
    assert done.exit_code == 2
    assert told in done.stderr
