"""replace_sm and cancel_sm hold for what is spilled in the store, and for what is just being written."""

from __future__ import annotations

from typing import Any

import pytest

from smsc.protocol import constants as c
from tests.engine.lab import Client, Lab, ask

pytestmark = pytest.mark.usefixtures("late")

KARI, OLA = "4790000001", "4790000002"
IN_A_MINUTE, IN_TEN_MINUTES, IN_AN_HOUR = "000000000100000R", "000000001000000R", "000000010000000R"


@pytest.fixture
def kari() -> Client:
    return Lab().bind(KARI)


def submit_many(kari: Client) -> list[str]:
    """More than memory holds of one queue."""
    tokens = [kari.submit(OLA, f"nr. {number}") for number in range(100)]
    kari.lab.settle()
    return [kari.answers[token][1] for token in tokens]


def change(kari: Client, command: int, ident: str, **fields: Any) -> object:
    return ask(kari, command, message_id=ident, source_addr_ton=1, source_addr=KARI, **fields)


def test_a_schedule_that_is_put_off_is_kept(kari: Client) -> None:
    lab, ola = kari.lab, kari.lab.bind(OLA)
    sent = kari.submit(OLA, "hei", schedule=IN_A_MINUTE.encode())
    lab.settle()
    ident = kari.answers[sent][1]
    change(kari, c.REPLACE_SM, ident, schedule_delivery_time=IN_TEN_MINUTES, short_message=b"hallo")
    lab.settle()
    lab.advance(120)
    assert ola.inbox == []
    lab.advance(600)
    assert ola.inbox == ["hallo"]


def test_a_parked_message_is_cancelled_before_that_is_written(kari: Client) -> None:
    lab = kari.lab
    ident = submit_many(kari)[80]
    answer = change(kari, c.CANCEL_SM, ident)
    lab.carry()
    ola = lab.bind(OLA)
    lab.settle()
    assert kari.answers[answer][0] == 0
    assert lab.state(ident) == "deleted"
    assert ola.inbox == [f"nr. {number}" for number in range(100) if number != 80]
    assert lab.engine.unfinished() == 0


def test_a_parked_message_is_replaced_before_that_is_written(kari: Client) -> None:
    lab = kari.lab
    ident = submit_many(kari)[80]
    change(kari, c.REPLACE_SM, ident, short_message=b"forste", registered_delivery=1)
    lab.carry()
    change(kari, c.REPLACE_SM, ident, short_message=b"andre", registered_delivery=1)
    lab.carry()
    ola = lab.bind(OLA)
    lab.settle()
    assert ola.inbox[80] == "andre"
    assert len(ola.inbox) == 100
    assert [receipt.id for receipt in kari.receipts] == [ident]


def test_a_parked_message_gets_a_schedule(kari: Client) -> None:
    lab = kari.lab
    ident = submit_many(kari)[80]
    change(kari, c.REPLACE_SM, ident, short_message=b"senere", schedule_delivery_time=IN_AN_HOUR)
    lab.settle()
    ola = lab.bind(OLA)
    lab.settle()
    assert len(ola.inbox) == 99
    lab.advance(3601)
    assert ola.inbox[99:] == ["senere"]
    assert lab.engine.unfinished() == 0


def test_all_of_a_pair_are_cancelled_those_in_the_store_too(kari: Client) -> None:
    lab = kari.lab
    submit_many(kari)
    pair: dict[str, Any] = {"source_addr": KARI, "destination_addr": OLA}
    answer = ask(kari, c.CANCEL_SM, message_id="", source_addr_ton=1, dest_addr_ton=1, **pair)
    lab.settle()
    assert kari.answers[answer][0] == 0
    assert (lab.engine.unfinished(), list(lab.engine.queues.recipients)) == (0, [])


def test_what_waited_over_a_restart_is_replaced(kari: Client) -> None:
    kari.submit(OLA, "gammel")
    kari.lab.settle()
    lab = kari.lab.again()
    lab.bind(KARI).submit(OLA, "ny", replace_if_present=1)
    lab.settle()
    ola = lab.bind(OLA)
    lab.settle()
    assert ola.inbox == ["ny"]


@pytest.mark.parametrize("late", [False], indirect=True)
def test_an_id_that_nobody_has_been_told_is_nobodys(kari: Client) -> None:
    lab = kari.lab
    last = submit_many(kari)[-1]
    sent = kari.submit(OLA, "hei")
    lab.carry()
    on_committed = lab.store.write_down()
    answer = change(kari, c.CANCEL_SM, str(int(last) + 1))
    lab.carry()
    on_committed(None)
    ola = lab.bind(OLA)
    lab.settle()
    assert kari.answers[answer][0] == c.ESME_RINVMSGID
    assert kari.answers[sent][0] == 0
    assert len(ola.inbox) == 101


def test_what_is_just_being_deleted_is_not_cancelled_as_well(kari: Client) -> None:
    lab = kari.lab
    sent = kari.submit(OLA, "hei", schedule=IN_A_MINUTE.encode())
    lab.settle()
    lab.control.clear_messages()
    answer = change(kari, c.CANCEL_SM, kari.answers[sent][1])
    lab.settle()
    assert kari.answers[answer][0] == c.ESME_RINVMSGID
    assert lab.engine.unfinished() == 0
