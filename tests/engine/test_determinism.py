"""Same seed, same inputs: byte-identical timelines, wired in memory and over one TCP connection."""

from __future__ import annotations

import json
from typing import Any

import pytest

from smsc.config import load_settings
from smsc.coverage.draw import draw
from smsc.scenarios.wired import Wired
from smsc.testing import start_smsc
from tests.esme import Esme

pytestmark = pytest.mark.loop

MESSAGES = 10_000
DAY = 86_400_000
FIRST, HANDSETS = 4790000100, 500


def settings(seed: int) -> dict[str, Any]:
    return {
        "seed": seed,
        "latency": {"preset": "realistic"},
        "store": {"url": "memory:"},
        "clock": {"mode": "manual", "start": "2026-01-15T00:00:00Z"},
        "delivery": {"alert_spread": "30s", "validity_default": "12h"},
    }


def day(seed: int, messages: int) -> bytes:
    """A day in Oslo: tunnels, weak cells, phones that are off, an outage, and a farm of handsets."""
    wired = Wired(load_settings(None, settings(seed)))
    farm = wired.connect("farm", "farm")
    wired.control.put_outages(
        "zone", "oslo", {"outages": [{"from": "2026-01-15T08:00:00Z", "duration": "2h"}]}
    )
    places = ("oslo", "oslo", "hardangervidda", "laerdal-tunnel")
    step = DAY // messages
    for number in range(messages):
        if number % 20 == 0:
            key = FIRST + int(draw(99, 1, number, 0) * HANDSETS)
            changes: dict[str, Any] = {"zone": places[int(draw(99, 2, number, 0) * 4)]}
            if draw(99, 3, number, 0) < 0.2:
                changes["powered"] = draw(99, 4, number, 0) < 0.5
            wired.control.patch_subscriber(str(key), changes)
        source = FIRST + int(draw(99, 5, number, 0) * HANDSETS)
        destination = FIRST + int(draw(99, 6, number, 0) * HANDSETS)
        farm.submit(source, destination, b"%d" % number, registered_delivery=number & 1)
        wired.advance(step)
    wired.advance_until_idle()
    told = wired.timelines()
    assert len(told) >= messages * 0.95
    return json.dumps([told, farm.answers, farm.delivered, farm.receipts], default=repr).encode()


def test_a_day_of_ten_thousand_messages_is_the_same_twice_wired_in_memory() -> None:
    first = day(5, MESSAGES)
    assert day(5, MESSAGES) == first
    assert b'"delivered"' in first
    assert b'"expired"' in first
    assert b'"absent_no_paging_response"' in first


def test_another_seed_is_another_day() -> None:
    assert day(5, 200) != day(6, 200)


def over_tcp() -> bytes:
    with start_smsc(**settings(5)) as smsc:
        farm = Esme(smsc.smpp_address, "farm", "farm")
        told = []
        for number in range(60):
            if number % 7 == 0:
                smsc.handset(str(FIRST + number % 10)).enter(("laerdal-tunnel", "oslo")[number % 2])
            farm.begin_submit(
                str(FIRST + number % 10), str(number), source=str(FIRST + number % 3), registered_delivery=1
            )
            farm.ping()
            told.append(smsc.clock.advance("5m")["fired"])
        smsc.clock.advance_until_idle()
        rows = [
            [message.text, message.state, message.attempts, message.timeline] for message in smsc.messages()
        ]
        farm.drop()
    return json.dumps([told, rows]).encode()


def test_a_run_over_one_tcp_connection_is_the_same_twice() -> None:
    first = over_tcp()
    assert over_tcp() == first
    assert b"attempt_failed" in first
