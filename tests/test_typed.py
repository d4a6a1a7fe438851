"""Numbers as people type them: read in one way wherever people type them."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from smsc.cli.app import app
from smsc.client import address
from smsc.config.base import handset_key
from smsc.services.contact_register.people import read_mobile
from smsc.services.nod_sms.registration import RegistrationRules, read_number
from smsc.testing.server import SmscHandle
from smsc.typed import compact, is_number

KARI = 4_790_000_001
WRITTEN = [
    "004790000001",
    "0047 90 00 00 01",
    "0047\u00a0900\u00a000\u00a0001",
    "0047\u202f900\u200900001",
    "0047-900-00-001",
    "0047\u2013900\u2011 00\u2212001",
    "(0047) 900.00.001",
    "\u202a0047 900 00 001\u202c\ufeff",
    "\t00 47 9000 0001\n",
]
WITH_PLUS = [
    f"+{text.replace('00', '', 1)}" if text.startswith("00") else "(+47) 900 00 001" for text in WRITTEN
]


@pytest.mark.parametrize("text", WRITTEN)
def test_a_number_is_read_the_same_in_lists_settings_and_commands(text: str) -> None:
    assert compact(text) == "004790000001"
    assert handset_key(text) == read_number(text, RegistrationRules()) == KARI
    assert read_mobile(text) == f"+{KARI}"
    assert address(text) == (0, 1, "004790000001")
    told = CliRunner().invoke(app, ["number", "--json", "--", text])
    assert json.loads(told.stdout)["key"] == KARI


@pytest.mark.parametrize("text", WITH_PLUS)
def test_with_a_plus(text: str) -> None:
    assert handset_key(text) == KARI
    assert read_mobile(text) == f"+{KARI}"
    assert address(text) == (1, 1, str(KARI))


@pytest.mark.parametrize(
    "text", ["Shop", "Snø-by", "9000000l", "٩٠٠٠٠٠٠١", "+", "", "47+90000001", "900/00/001"]
)
def test_what_is_no_number_stays_what_it_is(text: str) -> None:
    assert compact(f" {text}\u00a0") == text
    assert not is_number(text)


@given(st.text(max_size=30))
def test_total_and_stable(text: str) -> None:
    assert compact(compact(text)) == compact(text)
    assert is_number(text) == is_number(compact(text))


@pytest.fixture(scope="module")
def served() -> Any:
    from smsc.testing.server import start_smsc

    with start_smsc() as handle:
        yield handle


@pytest.mark.parametrize("text", WRITTEN + WITH_PLUS)
def test_a_number_is_read_the_same_in_the_api(served: SmscHandle, text: str) -> None:
    with httpx.Client(base_url=f"{served.url}/api/v1/") as api:
        assert api.get(f"numbers/{quote(text)}").json()["e164"] == f"+{KARI}"
        body = {"source": text, "destination": text, "text": "til meg selv"}
        sent = api.post("messages", json=body).json()
        assert (sent["source"], sent["destination"]) == (str(KARI), str(KARI))
        assert api.get(f"subscribers/{quote(text)}").json()["msisdn"] == str(KARI)
        csv = f'msisdn,zone\n"{text}",bergen\n'
        assert api.post("lists/subscribers", json={"csv": csv}).status_code == 200
        found = api.get("messages", params={"q": f'to:"{text}"', "limit": 1}).json()["messages"]
        assert found[0]["destination"] == str(KARI)


@pytest.mark.parametrize(
    "number", ["2097", "116111", "112", "22334455", "02000", "4712", "90000001x", "4790"]
)
def test_only_a_number_of_a_handset_is_a_subscriber_whatever_the_way_in(
    served: SmscHandle, number: str
) -> None:
    with httpx.Client(base_url=f"{served.url}/api/v1/") as api:
        before = api.get("subscribers", params={"limit": 1000}).json()
        assert api.put(f"subscribers/{number}", json={}).status_code == 422
        assert api.patch(f"subscribers/{number}", json={"powered": False}).status_code in (404, 422)
        assert api.post("lists/subscribers", json={"csv": f"msisdn\n{number}\n"}).status_code == 422
        both = f"msisdn,last\n4790000001,{number}\n"
        assert api.post("lists/subscribers", json={"csv": both}).status_code == 422
        moved = api.post("subscribers/4790000003/number-change", json={"to": number})
        assert moved.status_code in (404, 409, 422)
        assert api.get("subscribers", params={"limit": 1000}).json() == before
