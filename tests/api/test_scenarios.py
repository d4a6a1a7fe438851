"""Scenarios over the API: listed with their steps, run in a world of their own."""

from collections.abc import Iterator

import httpx
import pytest

from smsc.testing.server import SmscHandle, start_smsc

PATIENCE = 60


@pytest.fixture(scope="module")
def smsc() -> Iterator[SmscHandle]:
    with start_smsc() as handle:
        yield handle


def run(smsc: SmscHandle, **body: str) -> httpx.Response:
    return httpx.post(f"{smsc.url}/api/v1/scenarios/runs", json=body, timeout=PATIENCE)


def test_the_shipped_ones_are_listed_with_their_steps(smsc: SmscHandle) -> None:
    told = httpx.get(f"{smsc.url}/api/v1/scenarios").json()["scenarios"]
    (tunnel,) = [scenario for scenario in told if scenario["name"] == "tunnel"]
    assert tunnel["title"] == "Forty minutes in a tunnel"
    assert [step["kind"] for step in tunnel["steps"]] == [
        "bind",
        "handset",
        "send",
        "expect",
        "handset",
        "expect",
    ]


def test_a_run_tells_each_expectation_and_leaves_this_server_alone(smsc: SmscHandle) -> None:
    told = run(smsc, name="tunnel").json()
    assert told["passed"]
    assert [check["problem"] for check in told["checks"]] == [None, None]
    assert smsc.messages() == []


def test_an_expectation_that_does_not_hold_says_so(smsc: SmscHandle) -> None:
    text = """
title = "Too hopeful"
[[steps]]
at = "0s"
bind = ["4790000001"]
[[steps]]
at = "1s"
send = { name = "hei", from = "4790000001", to = "4799000020", text = "Hei" }
[[steps]]
at = "2s"
expect = { all = "hei", state = "delivered" }
"""
    told = run(smsc, toml=text).json()
    assert not told["passed"]
    assert "enroute" in told["checks"][0]["problem"]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"name": "no-such"}, "no-such"),
        ({"toml": "title ="}, "value"),
        ({"toml": 'title = "x"\n[config.store]\nurl = "sqlite:/tmp/x.db"'}, "store"),
        ({"toml": 'title = "x"'}, "steps"),
    ],
)
def test_what_cannot_be_run_is_refused_with_the_reason(
    smsc: SmscHandle, body: dict[str, str], said: str
) -> None:
    answer = run(smsc, **body)
    assert answer.status_code == 422
    assert said.lower() in answer.json()["detail"].lower()
