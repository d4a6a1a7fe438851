"""The generator against our own SMSC: mixes end as the demo world says, and nothing is lost on the way."""

from typing import Any

import pytest

from smsc.load.plan import NumberRange, Plan
from smsc.load.report import summary, text
from smsc.load.runner import Runner

pytestmark = pytest.mark.loop


def run(smsc: Any, **changes: Any) -> dict[str, Any]:
    host, _, port = smsc.smpp_address.rpartition(":")
    wanted: dict[str, Any] = {
        "count": 200,
        "duration": 20.0,
        "warm_up": 0.0,
        "drain": 5.0,
        "deliveries": True,
        "source": NumberRange(4790000000, 4790000099),
        "destination": NumberRange(4790000000, 4790000099),
        "capacity": 1 << 12,
    }
    return summary(Runner(Plan(host, int(port), **(wanted | changes))).run())


def test_farm_to_farm_every_message_and_receipt_comes_once_and_in_order(smsc: Any) -> None:
    result = run(smsc, binds=3, window=20, in_flight=100)
    assert result["submits"]["accepted"] == 200
    for part in ("messages", "receipts"):
        found = result[part]
        assert found["received"] == 200
        assert (found["lost"], found["duplicated"], found["reordered"]) == (0, 0, 0)
    assert result["receipts"]["states"] == {"DELIVERED": 200}


def test_handsets_speak_for_themselves(smsc: Any) -> None:
    range_of = NumberRange(4790000200, 4790000203)
    result = run(smsc, binds=4, handsets=range_of, password="1234", source=None, destination=range_of)
    assert result["receipts"]["states"] == {"DELIVERED": 200}


def test_a_mix_ends_as_the_demo_world_says(smsc: Any) -> None:
    result = run(smsc, refused=0.1, no_coverage=0.1, emergency=0.1, long=0.2, count=240)
    kinds = result["submits"]["kinds"]
    assert kinds["refused"]["refused"] == kinds["refused"]["sent"] > 0
    assert result["submits"]["statuses"]["ESME_RINVDSTADR"] == kinds["refused"]["sent"]
    for kind in ("plain", "no_coverage", "emergency", "long"):
        assert kinds[kind]["accepted"] == kinds[kind]["sent"] > 0
    arrived = kinds["plain"]["accepted"] + kinds["long"]["accepted"]
    assert result["messages"]["received"] == result["receipts"]["received"] == arrived
    # Each sender to 112 is told that it is not registered; the run does not wait for the last of these.
    assert 0 < result["messages"]["strangers"] <= kinds["emergency"]["accepted"]


def test_receipts_whose_ids_are_written_otherwise_are_hinted_at(smsc: Any) -> None:
    result = run(smsc, deliveries=False, message_id="hex-decimal", count=50, drain=0.2)
    assert any("--message-id" in hint for hint in result["hints"])
    assert "--message-id" in text(result)


def test_that_nobody_receives_is_hinted_at(smsc: Any) -> None:
    range_of = NumberRange(4790000200, 4790000200)
    result = run(smsc, deliveries=False, handsets=range_of, password="1234", source=None, count=5, drain=0.2)
    assert any("does anybody receive" in hint for hint in result["hints"])


def test_a_run_that_is_stopped_reports_what_it_measured(smsc: Any) -> None:
    host, _, port = smsc.smpp_address.rpartition(":")
    plan = Plan(
        host,
        int(port),
        duration=3600.0,
        warm_up=0.0,
        source=NumberRange(4790000000, 4790000099),
        destination=NumberRange(4790000000, 4790000099),
        capacity=1 << 20,
    )
    runner = Runner(plan, lambda second, share: runner.stop())
    assert summary(runner.run())["submits"]["accepted"] > 0
