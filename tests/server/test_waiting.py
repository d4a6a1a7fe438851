"""Waiting for messages and following events, as a test in any language does it: over HTTP, on a real
server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from smsc.testing.server import SmscHandle
from tests.waiting import until

KARI, OLA, PER = "4790000001", "4790000002", "4740000003"
pytestmark = pytest.mark.loop


@pytest.fixture(params=["manual", "real"])
def smsc(request: pytest.FixtureRequest, make_smsc: Any) -> SmscHandle:
    handle: SmscHandle = make_smsc(clock={"mode": request.param})
    return handle


def wait(smsc: SmscHandle, q: str, **about: Any) -> httpx.Response:
    query = {"q": q, "timeout": 10, **about}
    return httpx.get(f"{smsc.url}/api/v1/messages/wait", params=query, timeout=20)


def test_a_one_time_code_sent_before_or_after_is_found(smsc: SmscHandle) -> None:
    smsc.send(OLA, KARI, "Koden er 1111")
    (found,) = wait(smsc, f"to:{KARI} has:code").json()["messages"]
    assert found["codes"] == ["1111"]
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(wait, smsc, f"to:{PER} koden")
        until(lambda: smsc.server.control.engine.watchers.followers)
        smsc.send(OLA, KARI, "Koden er 2222")
        smsc.send(OLA, PER, "Noe annet")
        smsc.send(OLA, PER, "Koden er 3333")
        (found,) = waiting.result().json()["messages"]
    assert found["codes"] == ["3333"]


def test_several_are_waited_for(smsc: SmscHandle) -> None:
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(wait, smsc, f"from:{KARI}", count=3)
        for number in range(4):
            smsc.send(KARI, OLA, f"nr. {number}")
        found = waiting.result().json()["messages"]
    assert [each["text"] for each in found] == ["nr. 0", "nr. 1", "nr. 2"]


def test_a_delivery_is_waited_for(smsc: SmscHandle) -> None:
    with ThreadPoolExecutor(1) as pool:
        smsc.send(KARI, PER, "venter")
        waiting = pool.submit(wait, smsc, f"to:{PER} state:delivered")
        smsc.handset(PER).listen()
        (found,) = waiting.result().json()["messages"]
    assert found["state"] == "delivered"


def test_only_what_came_since_a_moment_counts(smsc: SmscHandle) -> None:
    smsc.send(OLA, KARI, "gammel kode 1111")
    later = (datetime.now(UTC) + timedelta(seconds=1)).isoformat()
    answer = wait(smsc, f"to:{KARI}", timeout=0.2, since=later)
    assert answer.status_code == 408
    assert answer.json()["instead"] == []
    assert len(wait(smsc, f"to:{KARI}", since="10m").json()["messages"]) == 1
    assert wait(smsc, "", since="soon").status_code == 422


def test_what_came_instead_is_told_with_why(smsc: SmscHandle) -> None:
    smsc.send(KARI, PER, "Hei")
    smsc.send(OLA, KARI, "Koden er 1234")
    answer = wait(smsc, f"to:{KARI} from:{KARI} kode", timeout=0)
    assert answer.status_code == 408
    told = answer.json()
    assert [(each["message"]["text"], each["why"]) for each in told["instead"]] == [
        ("Koden er 1234", [f"from:{KARI}: it is from {OLA}"]),
        ("Hei", [f"to:{KARI}: it is to {PER}", "kode: its text is 'Hei'"]),
    ]
    assert "no message" in told["detail"]


def follow(smsc: SmscHandle, path: str, **headers: str) -> Iterator[tuple[int, dict[str, Any]]]:
    with httpx.stream("GET", f"{smsc.url}/api/v1/events{path}", headers=headers, timeout=10) as stream:
        number = 0
        for line in stream.iter_lines():
            if line.startswith("id: "):
                number = int(line[4:])
            elif line.startswith("data: "):
                yield number, json.loads(line[6:])
            elif line.startswith(":"):
                yield 0, {"event": "begun"}


def test_events_go_on_where_a_client_left_them(smsc: SmscHandle) -> None:
    events = follow(smsc, "")
    next(events)
    for number in range(3):
        smsc.send(KARI, PER, f"nr. {number}")
    seen = [next(events) for _ in range(3)]
    events.close()  # type: ignore[attr-defined]
    smsc.send(KARI, PER, "nr. 3")
    again = follow(smsc, "", **{"Last-Event-ID": str(seen[0][0])})
    next(again)
    number, event = next(again)
    assert (number, event) == seen[1]
    assert event["event"] != "stream.gap"


def test_events_of_a_search_only(smsc: SmscHandle) -> None:
    events = follow(smsc, f"?q=to:{PER}%20kode")
    next(events)
    smsc.send(KARI, OLA, "kode 1")
    smsc.send(KARI, PER, "hei")
    sent = smsc.send(KARI, PER, "kode 2")
    assert next(events)[1]["id"] == sent.id


def test_refusals_of_a_system_are_followed(smsc: SmscHandle) -> None:
    events = follow(smsc, f"?q=system:{KARI}")
    next(events)
    smsc.handset(OLA).listen()
    smsc.handset(KARI).listen()
    number, event = next(events)
    assert (event["event"], event["system_id"]) == ("session.bound", KARI)
    assert number > 0
