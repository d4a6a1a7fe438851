"""A store with rows that make no sense: each names itself, and the rest is there."""

from __future__ import annotations

import json
import logging
from typing import Any

import httpx
import pytest

from smsc.control import ControlError
from smsc.engine.engine import TABLES
from smsc.engine.journal.records import KEY_VALUES
from smsc.moments import LATEST
from smsc.store.base import Batch
from smsc.store.memory import MemoryStore
from tests.engine.lab import Lab

SUBSCRIBER = {
    "sim": "active",
    "powered": True,
    "memory_full": False,
    "barred": 0,
    "place": {"zone": "oslo"},
    "imsi": None,
    "iccid": None,
    "operator": None,
    "password": "1234",
    "main": 0,
}


def lab_on(**rows: Any) -> Lab:
    store = MemoryStore()
    store.open(TABLES)
    batch = Batch()
    for name, record in rows.items():
        key = "api/" + name.replace("__", "/")
        batch.put(KEY_VALUES, (key, json.dumps(record)))
    store.write(batch, lambda _: None)
    return Lab(store)


def test_a_subscriber_that_cannot_be_names_itself_and_the_others_are_there(
    caplog: pytest.LogCaptureFixture,
) -> None:
    lab = lab_on(
        subscriber__472097=SUBSCRIBER,
        subscriber__4790000005={**SUBSCRIBER, "powered": False},
        subscriber__4790000006={"sim": "lost"},
        subscriber__x={},
        zone__nowhere={"coverage": "splendid"},
        range__4790000000={"first": 472000, "last": 472999},
    )
    told = {row["msisdn"]: row for row in lab.control.subscribers(None, 1000)}
    assert told["4790000005"]["powered"] is False
    assert "472097" not in told
    for key in (
        "subscriber/472097",
        "subscriber/4790000006",
        "subscriber/x",
        "zone/nowhere",
        "range/4790000000",
    ):
        assert f"the row api/{key} of the store is left out" in caplog.text
    assert lab.control.subscriber("4790000006")["sim"] == "active"


@pytest.mark.parametrize("kept", [LATEST, 10**18, -5])
def test_a_clock_that_no_clock_shows_is_told_and_goes_on(
    make_smsc: Any, tmp_path: Any, caplog: pytest.LogCaptureFixture, kept: int
) -> None:
    from smsc.store import open_store

    url = f"sqlite:{tmp_path}/smsc.db"
    first = make_smsc(store={"url": url})
    first.stop()
    store = open_store(url, lambda call: call())
    store.open(TABLES, 1)
    batch = Batch()
    batch.put(KEY_VALUES, ("api/clock", json.dumps({"now": kept})))
    done: list[Any] = []
    store.write(batch, done.append)
    store.close()
    with caplog.at_level(logging.ERROR):
        again = make_smsc(store={"url": url})
    assert "the clock of the store shows" in caplog.text
    assert httpx.get(f"{again.url}/api/v1/clock").status_code == 200


def test_no_way_leads_beyond_the_last_moment(make_smsc: Any) -> None:
    smsc = make_smsc()
    api = httpx.Client(base_url=f"{smsc.url}/api/v1/")
    assert api.put("clock", json={"now": "8999-01-01T00:00:00Z"}).status_code == 200
    for step in ({"seconds": 100 * 365 * 86_400}, {"to": "8999-12-31T23:59:59Z"}, {"until": "idle"}):
        for _ in range(3):
            assert api.post("clock/advance", json=step).status_code in (200, 409)
            assert api.get("clock").json()["now"] < "9000"
    assert api.put("clock", json={"now": "9000-01-01T00:00:00Z"}).status_code == 422
    assert api.put("clock", json={"now": "1969-12-31T23:59:59Z"}).status_code == 422
    sent = smsc.send("4790000001", "4740000003", "for sent")
    assert api.get(f"messages/{sent.id}").status_code == 200
    with pytest.raises(ControlError):
        smsc.clock.advance("100d")
