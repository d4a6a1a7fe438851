"""Kannel, a gateway that operators use, as an ESME of a server process: sends, receives, gets its reports."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from smsc.client import Client, Received
from tests.interop_kannel.kannel import PATIENCE, Kannel, Reports, required
from tests.server.process import ServerProcess

pytestmark = pytest.mark.interop

KARI = "4790000001"
NUMBER = "4759000001"  # shop's own


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    required("bearerbox", "smsbox")
    served = ServerProcess(tmp_path_factory.mktemp("smsc"), "--store", "memory:")
    yield served
    assert served.stop() == 0, served.log.read_text()


@pytest.fixture(scope="module")
def reports() -> Iterator[Reports]:
    listening = Reports()
    yield listening
    listening.close()


@pytest.fixture(scope="module")
def kannel(
    server: ServerProcess, reports: Reports, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Kannel]:
    boxes = Kannel(tmp_path_factory.mktemp("kannel"), server.smpp_address, "shop", "shop", NUMBER, reports)
    yield boxes
    boxes.close()


async def listen(server: ServerProcess, kannel: Kannel, text: str, **options: str) -> Received:
    """What Kari's handset gets of one message that Kannel sends to her."""
    host, _, port = server.smpp_address.rpartition(":")
    async with await Client.connect(host, int(port)) as handset:
        await handset.bind(KARI, "1234")
        kannel.send(KARI, text, **options)
        return await handset.receive(PATIENCE)


def the_message(server: ServerProcess, destination: str) -> dict[str, Any]:
    found = server.call("GET", f"/messages?destination={destination}")["messages"]
    newest: dict[str, Any] = max(found, key=lambda row: int(row["id"]))
    return newest


@pytest.mark.parametrize("text", ["Hei på Øya for 5 €", "Привет, мир"], ids=["default alphabet", "UCS2"])
async def test_it_sends_and_hears_of_the_submission_and_of_the_delivery(
    server: ServerProcess, kannel: Kannel, reports: Reports, text: str
) -> None:
    options = {} if text.startswith("Hei") else {"coding": "2"}
    received = await listen(server, kannel, text, **options)
    assert (received.source, received.text) == (NUMBER, text)

    told = [reports.next("/dlr"), reports.next("/dlr")]
    ident = str(the_message(server, KARI)["id"])
    assert sorted(report["type"] for report in told) == ["1", "8"]  # delivered, accepted by the SMSC
    delivered = next(report for report in told if report["type"] == "1")
    assert delivered["id"] == ident
    assert f"id:{ident} sub:001 dlvrd:001 " in delivered["answer"]
    assert "stat:DELIVRD err:000" in delivered["answer"]


async def test_a_message_that_it_splits_arrives_whole(
    server: ServerProcess, kannel: Kannel, reports: Reports
) -> None:
    text = "Blåbærsyltetøy og gulost. " * 9
    received = await listen(server, kannel, text.strip())
    assert (received.text, received.parts) == (text.strip(), 2)
    told = [reports.next("/dlr")["type"] for _ in range(2)]  # Kannel asks for one part's report
    assert sorted(told) == ["1", "8"]


async def test_it_hears_that_a_message_failed(
    server: ServerProcess, kannel: Kannel, reports: Reports
) -> None:
    kannel.send("4798765432", "Hei")  # a mobile number of nobody's
    told = [reports.next("/dlr"), reports.next("/dlr")]
    assert sorted(report["type"] for report in told) == ["2", "8"]
    failed = next(report for report in told if report["type"] == "2")
    assert "stat:UNDELIV err:001" in failed["answer"]


async def test_it_hears_that_a_submission_was_refused(
    server: ServerProcess, kannel: Kannel, reports: Reports
) -> None:
    kannel.send("4722334455", "Hei")  # a fixed line
    assert reports.next("/dlr")["type"] == "16"


@pytest.mark.parametrize("text", ["Hei på Øya for 5 €", "Привет, мир"], ids=["default alphabet", "UCS2"])
async def test_it_receives(server: ServerProcess, kannel: Kannel, reports: Reports, text: str) -> None:
    body = {"source": KARI, "destination": NUMBER, "text": text, "registered_delivery": 1}
    sent = server.call("POST", "/messages", body)
    got = reports.next("/mo")
    assert (got["from"].lstrip("+"), got["to"].lstrip("+")) == (KARI, NUMBER)
    shown = got["text"]
    assert shown == text
    server.advance(seconds=0)
    assert server.message(sent["id"])["state"] == "delivered"
