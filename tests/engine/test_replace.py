"""replace_if_present_flag: the later of two submissions takes the place of the earlier, wherever that is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from smsc.protocol.constants import RESPONSE, SUBMIT_SM
from smsc.protocol.pdu.codec import encode_pdu, request
from smsc.store.base import StoreFull
from smsc.testing.server import SmscHandle
from tests.engine.lab import Client, Lab
from tests.peer import Peer

pytestmark = pytest.mark.usefixtures("late")

KARI, OLA, AWAY, SHOP = "4790000001", "4790000002", "4799000007", "59000001"
AT_ONCE = {"replace_if_present": 1}


@pytest.fixture
def kari() -> Client:
    lab = Lab()
    return lab.bind(KARI)


def states(lab: Lab, kari: Client, *tokens: object) -> list[str]:
    return [lab.state(kari.answers[token][1]) for token in tokens]


@pytest.mark.parametrize("store", ["memory:", "sqlite:{}/smsc.db"])
@pytest.mark.parametrize("to", [OLA, AWAY])
def test_two_in_one_chunk_see_each_other(
    make_smsc: Callable[..., SmscHandle], tmp_path: Path, store: str, to: str
) -> None:
    smsc = make_smsc(store={"url": store.format(tmp_path)})
    phone = Peer(smsc.host, smsc.port)
    assert phone.bind(KARI) == 0
    fields: dict[str, Any] = {"destination_addr": to, "replace_if_present_flag": 1}
    chunk = b""
    for sequence, text in ((7, b"first"), (8, b"second")):
        pdu = request(SUBMIT_SM, short_message=text, **fields)
        pdu.sequence = sequence
        chunk += encode_pdu(pdu)
    phone.send(chunk)
    answers = [phone.hear() for _ in range(2)]
    assert [(answer.command_id, answer.status) for answer in answers] == [(RESPONSE | SUBMIT_SM, 0)] * 2
    first, second = (smsc.message(answer.fields["message_id"]) for answer in answers)
    assert (first.state, first.reason, second.text) == ("deleted", "replaced", "second")
    assert second.state == "enroute"
    phone.close()


def test_the_earlier_one_is_replaced_while_it_is_being_written(kari: Client) -> None:
    lab = kari.lab
    ola = lab.bind(OLA)
    first = kari.submit(OLA, "en", registered_delivery=1, **AT_ONCE)
    lab.carry()
    second = kari.submit(OLA, "to", **AT_ONCE)
    lab.settle()
    assert states(lab, kari, first, second) == ["deleted", "delivered"]
    assert ola.inbox == ["to"]
    assert [receipt.stat for receipt in kari.receipts] == ["DELETED"]
    assert lab.engine.unfinished() == 0
    assert lab.again().state(kari.answers[first][1]) == "deleted"


def test_what_could_not_be_written_is_not_there_to_be_replaced(kari: Client) -> None:
    lab = kari.lab
    first = kari.submit(AWAY, "en", **AT_ONCE)
    lab.carry()
    second = kari.submit(AWAY, "to", **AT_ONCE)
    lab.carry()
    lab.store.fail(StoreFull("the disk is full"))
    lab.settle()
    assert (kari.answers[first][0], kari.answers[second][0]) == (0x14, 0)
    assert [message["text"] for message in lab.control.messages(None, None, None, 10, None)] == ["to"]
    assert lab.engine.unfinished() == 1


def test_everything_is_forgotten_while_it_is_being_written(kari: Client) -> None:
    lab = kari.lab
    first = kari.submit(AWAY, "en", **AT_ONCE)
    lab.carry()
    second = kari.submit(AWAY, "to", **AT_ONCE)
    lab.carry()
    lab.control.clear_messages()
    lab.settle()
    assert (kari.answers[first][0], kari.answers[second][0]) == (0, 0)
    assert lab.engine.unfinished() == 0
    assert lab.control.messages(None, None, None, 10, None) == []


def test_the_number_of_an_esme_is_replaced_at_too(kari: Client) -> None:
    """What waits for a company waits under its account, not under the number."""
    lab = kari.lab
    first = kari.submit(SHOP, "en")
    lab.settle()
    second = kari.submit(SHOP, "to", **AT_ONCE)
    lab.settle()
    assert states(lab, kari, first, second) == ["deleted", "enroute"]


def test_one_that_is_on_its_way_up_is_replaced() -> None:
    lab = Lab(latency={"preset": "realistic"})
    kari = lab.bind(KARI)
    first = kari.submit(AWAY, "en", **AT_ONCE)
    lab.settle()
    second = kari.submit(AWAY, "to", **AT_ONCE)
    lab.settle()
    lab.advance(60)
    assert states(lab, kari, first, second) == ["deleted", "enroute"]
    assert lab.engine.unfinished() == 1


def test_a_submission_that_its_service_refuses_replaces_nothing(kari: Client) -> None:
    lab = kari.lab
    first = kari.submit("2440", "GI")
    lab.settle()
    lab.patch(KARI, barred=["content"])
    second = kari.submit("2440", "GI 100", **AT_ONCE)
    lab.settle()
    assert kari.answers[second][0] != 0
    assert states(lab, kari, first) == ["enroute"]
    assert lab.engine.unfinished() == 1
