"""Nonsense through the API: the answer says what is wrong, and the world stays as it was."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from smsc.testing import start_smsc

LISTINGS = ("/subscribers", "/zones", "/outages", "/messages", "/clock", "/lists/subscribers")
LATE = {"from": "9999-12-30T00:00:00Z", "duration": "5d"}


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    store = tmp_path_factory.mktemp("store") / "smsc.db"
    with (
        start_smsc(store={"url": f"sqlite:{store}"}) as smsc,
        httpx.Client(base_url=f"{smsc.url}/api/v1") as client,
    ):
        client.patch("/subscribers/4790000009", json={"zone": None}).raise_for_status()  # zone "everywhere"
        yield client


@pytest.mark.parametrize(
    ("call", "path", "body"),
    [
        ("GET", "/messages?after=" + "9" * 19, None),
        ("GET", "/charging?after=" + "9" * 19, None),
        ("PUT", "/clock", {"mode": "x0"}),
        ("PUT", "/clock", {"mode": "x0.000"}),
        ("PUT", "/clock", {"now": "9999-12-31T00:00:00Z"}),
        ("POST", "/clock/advance", {"to": "9999-12-31T00:00:00Z"}),
        ("POST", "/clock/advance", {"seconds": 1e308}),
        ("POST", "/clock/advance", {"seconds": 10**400}),
        ("PATCH", "/subscribers/4790000001", {"track": [{"after": 1e308, "lat": 59, "lon": 10}] * 2}),
        ("PUT", "/zones/late", {"outages": [LATE]}),
        ("PUT", "/zones/endless", {"outages": [{"duration": 1e308}]}),
        ("PUT", "/zones/long", {"outages": [{"duration": "9999999d"}]}),
        ("PUT", "/zones/many", {"outages": [{"duration": "1h"}] * 1001}),
        ("PUT", "/outages/county/46", {"outages": [LATE]}),
        ("PATCH", "/subscribers/4790000001", {"password": "123456789"}),
        ("PATCH", "/subscribers/4790000001", {"password": "få"}),
        ("PATCH", "/subscribers/4790000001", {"imsi": "24270900000010"}),
    ],
)
def test_what_makes_no_sense_is_refused(api: httpx.Client, call: str, path: str, body: Any) -> None:
    before = [api.get(listing).text for listing in LISTINGS]
    answer = api.request(call, path, json=body)
    assert (answer.status_code, answer.json()["title"] != "") == (422, True)
    assert [api.get(listing).text for listing in LISTINGS] == before


@pytest.mark.parametrize(
    ("kind", "text", "told"),
    [
        ("subscribers", 'msisdn\n"479', "list, line 2: not CSV: unexpected end of data"),
        ("assignments", 'kind,first,holder\n"five"x', "list, line 2: not CSV: ',' expected after '\"'"),
        ("ported", 'number,operator,from\n"9', "list, line 2: not CSV: unexpected end of data"),
        ("subscribers", '"msisdn', "list, line 1: not CSV: unexpected end of data"),
        ("subscribers", "msisdn\n" + "9" * 30, "list, line 2: msisdn '999999999999999999999999999999'"),
        ("subscribers", "msisdn\n4790000001\n123", "list, line 3: 123 is no number of the plan"),
        ("subscribers", "msisdn\n4722000000", "list, line 2: 4722000000 is a fixed"),
        ("subscribers", "msisdn,last\n4792000000,4822000000", "list, line 2: 4822000000 is no number"),
        ("subscribers", "msisdn,main\n4792000000,22", "list, line 2: 22 is no number of the plan"),
    ],
)
def test_a_list_with_a_wrong_line_changes_nothing(api: httpx.Client, kind: str, text: str, told: str) -> None:
    before = [api.get(listing).text for listing in LISTINGS]
    answer = api.post(f"/lists/{kind}", json={"csv": text})
    assert answer.status_code == 422
    assert told in answer.json()["detail"]
    assert [api.get(listing).text for listing in LISTINGS] == before


def test_a_refused_person_is_not_half_registered(api: httpx.Client) -> None:
    person = "/register/persons/20914695016"
    mailbox = {"address": "kari#1", "supplier": "984661185"}
    assert api.put(person, json={"mailbox": mailbox, "language": "nn"}).status_code == 409
    assert api.get(person).status_code == 404
    assert api.put(person, json={"mailbox": mailbox, "mobile": "90000001"}).status_code == 201
    before = api.get(person).json()
    assert api.put(person, json={"language": "nn", "reserved": True, "mobile": None}).status_code == 409
    assert api.get(person).json() == before


def test_a_wrong_fault_is_told_by_its_place(api: httpx.Client) -> None:
    answer = api.put("/faults", json={"rules": [{"action": "delay"}, {"action": "drop"}]})
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith("rules[1].action: ")


def test_a_gpx_file_brings_no_entities(api: httpx.Client, tmp_path: Path) -> None:
    entity = f'<!DOCTYPE gpx [<!ENTITY own SYSTEM "{(tmp_path / "own").as_uri()}">]>'
    point = '<trkpt lat="60" lon="10"><time>2026-01-15T12:00:00Z</time></trkpt>'
    gpx = f'<gpx version="1.1" creator="a test"><trk><trkseg>{point}</trkseg></trk></gpx>'
    answer = api.patch("/subscribers/4790000001", json={"gpx": '<?xml version="1.0"?>' + entity + gpx})
    assert answer.status_code == 422
    assert "without a document type" in answer.json()["detail"]
    assert api.patch("/subscribers/4790000001", json={"gpx": gpx}).status_code == 200
