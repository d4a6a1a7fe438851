"""ESMEs that are made, changed and removed while the server runs, over the wire."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from smsc.api.bodies.esmes import EsmeBody
from smsc.client import Client, ClientError, Refused
from smsc.config.world import Esme
from smsc.testing import SmscHandle

MYGW: dict[str, Any] = {"password": "secret", "senders": ["Mygw"], "numbers": ["59000100"]}


def call(smsc: SmscHandle, method: str, path: str, body: object = None) -> httpx.Response:
    return httpx.request(method, f"{smsc.url}/api/v1{path}", json=body, timeout=30)


async def test_a_new_esme_binds_sends_and_receives(smsc: SmscHandle) -> None:
    assert call(smsc, "PUT", "/esmes/mygw", MYGW).status_code == 201
    smsc.handset("4790000002").listen()
    async with await Client.connect(smsc.host, smsc.port) as client:
        await client.bind("mygw", "secret")
        await client.submit("4790000002", "Hei", source="Mygw", registered_delivery=1)
        receipt = (await client.receive(5)).receipt
        assert receipt is not None
        assert receipt.stat == "DELIVRD"
        smsc.send("4790000002", "59000100", "Hei igjen")
        assert (await client.receive(5)).text == "Hei igjen"
        told = call(smsc, "GET", "/esmes/mygw").json()
        assert (told["numbers"], told["senders"], len(told["sessions"])) == (["59000100"], ["Mygw"], 1)
        assert "secret" not in str(told)


async def test_a_change_ends_its_sessions_and_nobody_else_s(smsc: SmscHandle) -> None:
    call(smsc, "PUT", "/esmes/mygw", MYGW)
    async with (
        await Client.connect(smsc.host, smsc.port) as mine,
        await Client.connect(smsc.host, smsc.port) as other,
    ):
        await mine.bind("mygw", "secret")
        await other.bind("shop", "shop")
        answer = call(smsc, "PUT", "/esmes/mygw", {**MYGW, "password": "changed", "receipts": {"id": "hex"}})
        assert (answer.status_code, answer.json()["receipts"]["id"]) == (200, "hex")
        with pytest.raises(ClientError, match="closed"):
            await mine.receive(5)
        assert await other.submit("4790000002", "Hei", source="Shop")
    async with await Client.connect(smsc.host, smsc.port) as again:
        with pytest.raises(Refused):
            await again.bind("mygw", "secret")


async def test_an_esme_that_is_removed_cannot_bind(smsc: SmscHandle) -> None:
    call(smsc, "PUT", "/esmes/mygw", MYGW)
    assert call(smsc, "DELETE", "/esmes/mygw").status_code == 204
    assert call(smsc, "DELETE", "/esmes/mygw").status_code == 404
    async with await Client.connect(smsc.host, smsc.port) as client:
        with pytest.raises(Refused):
            await client.bind("mygw", "secret")
    assert call(smsc, "GET", "/esmes/mygw").status_code == 404


@pytest.mark.parametrize(
    ("name", "body", "expected"),
    [
        ("mygw", {}, "password"),
        ("mygw", {"password": "much too long"}, "at most 8 ASCII characters"),
        (
            "mygw",
            {**MYGW, "numbers": ["59000001"]},
            "numbers.0: got 4759000001, expected a number that no other",
        ),
        ("mygw", {**MYGW, "numbers": ["112"]}, "emergency numbers are served by"),
        ("mygw", {**MYGW, "numbers": ["2097"]}, "expected a number that no other ESME owns"),
        ("mygw", {**MYGW, "kind": "gateway"}, "kind"),
        ("mygw", {**MYGW, "colour": "red"}, "colour"),
        ("4790000001", MYGW, "expected a name that is no subscriber's number"),
        ("a name", MYGW, "system_id"),
        ("psap112", MYGW, "emergency.centres.police: got 'psap112', expected an ESME of kind"),
    ],
)
def test_what_is_wrong_is_told_and_changes_nothing(
    smsc: SmscHandle, name: str, body: dict[str, Any], expected: str
) -> None:
    before = call(smsc, "GET", "/esmes").json()
    answer = call(smsc, "PUT", f"/esmes/{name}", body)
    assert answer.status_code == 422
    assert expected in answer.text
    assert call(smsc, "GET", "/esmes").json() == before


@pytest.mark.parametrize("name", ["psap112", "quiz", "alarmtlf"])
def test_who_answers_at_a_number_cannot_go(smsc: SmscHandle, name: str) -> None:
    answer = call(smsc, "DELETE", f"/esmes/{name}")
    assert answer.status_code == 409
    assert name in answer.json()["detail"]


@pytest.mark.long
async def test_changes_survive_a_restart_and_end_with_a_reset(
    make_smsc: Callable[..., SmscHandle], tmp_path: Path
) -> None:
    store = {"url": f"sqlite:{tmp_path / 'smsc.db'}"}
    first = make_smsc(store=store)
    call(first, "PUT", "/esmes/mygw", MYGW)
    call(first, "DELETE", "/esmes/shop")
    first.stop(grace=0)
    second = make_smsc(store=store)
    names = [esme["system_id"] for esme in call(second, "GET", "/esmes").json()["esmes"]]
    assert ("mygw" in names, "shop" in names) == (True, False)
    second.send("4790000002", "59000100", "Hei")
    assert call(second, "POST", "/reset").status_code == 204
    names = [esme["system_id"] for esme in call(second, "GET", "/esmes").json()["esmes"]]
    assert ("mygw" in names, "shop" in names) == (False, True)
    assert second.messages() == []
    second.stop(grace=0)
    third = make_smsc(store=store)
    assert "mygw" not in [esme["system_id"] for esme in call(third, "GET", "/esmes").json()["esmes"]]


def test_what_waits_for_an_esme_outlives_its_change(smsc: SmscHandle) -> None:
    call(smsc, "PUT", "/esmes/mygw", MYGW)
    smsc.send("4790000002", "59000100", "Hei")
    call(smsc, "PUT", "/esmes/mygw", {**MYGW, "window": 5})
    smsc.esme("mygw").listen().expect_message("Hei")


def test_a_body_may_name_every_key_of_a_row() -> None:
    assert set(EsmeBody.model_fields) == set(Esme.model_fields) - {"system_id"}
