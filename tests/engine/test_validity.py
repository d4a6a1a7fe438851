"""A validity period ends at its moment, wherever the message waits then."""

from __future__ import annotations

from typing import Any

import pytest

from smsc.protocol import constants as c
from tests.engine.lab import Client, Lab, ask

pytestmark = pytest.mark.usefixtures("late")

KARI, OLA, PER = "4790000001", "4790000002", "4790000003"
MINUTE, TWO_MINUTES, HOUR = b"000000000100000R", b"000000000200000R", b"000000010000000R"


def message(client: Client, token: object) -> dict[str, Any]:
    return client.lab.control.message(client.answers[token][1])


def assert_expired_in_time(client: Client, token: object) -> None:
    told = message(client, token)
    assert (told["state"], told["final_at"]) == ("expired", told["expires_at"])


def replace(client: Client, token: object, **fields: Any) -> object:
    ident = client.answers[token][1]
    answer = ask(client, c.REPLACE_SM, message_id=ident, source_addr_ton=1, source_addr=KARI, **fields)
    client.lab.settle()
    return answer


def test_one_that_waits_behind_another_in_flight_expires() -> None:
    lab = Lab()
    kari, ola = lab.bind(KARI), lab.bind(OLA, answer=None)
    kari.submit(OLA, "en")
    second = kari.submit(OLA, "to", validity=MINUTE, registered_delivery=1)
    lab.settle()
    lab.advance(61)
    assert_expired_in_time(kari, second)
    assert [receipt.stat for receipt in kari.receipts] == ["EXPIRED"]
    ola.catch_up()
    lab.settle()
    assert ola.inbox == ["en"]


def test_one_that_waits_for_a_slot_of_the_window_expires() -> None:
    lab = Lab(limits={"window_out": 1})
    kari, per = lab.bind(KARI), lab.bind(PER)
    lab.bind(OLA, answer=None)
    kari.submit(OLA, "en")
    per.submit(OLA, "to")
    lab.settle()
    third = per.submit(OLA, "tre", validity=MINUTE)
    lab.settle()
    lab.advance(61)
    assert_expired_in_time(per, third)


def test_one_that_was_in_flight_when_another_expired_expires_too() -> None:
    lab = Lab()
    kari, per, ola = lab.bind(KARI), lab.bind(PER), lab.bind(OLA, answer=None)
    first = kari.submit(OLA, "en", validity=TWO_MINUTES)
    lab.settle()
    lab.patch(OLA, memory_full=True)
    second = per.submit(OLA, "to", validity=MINUTE)
    lab.settle()
    lab.advance(70)
    assert message(per, second)["state"] == "expired"
    ola.drop()
    lab.advance(60)
    assert_expired_in_time(kari, first)


@pytest.mark.parametrize("how", ["lost", "answered"])
def test_one_that_is_back_from_its_flight_too_late_ends_at_once(how: str) -> None:
    """What was in flight at its end is left to its answer; without one it has expired."""
    lab = Lab()
    kari, per, ola = lab.bind(KARI), lab.bind(PER), lab.bind(OLA, answer=None)
    per.submit(OLA, "en")
    lab.settle()
    token = kari.submit(OLA, "to", validity=MINUTE, registered_delivery=1)
    lab.settle()
    lab.patch(OLA, zone="laerdal-tunnel")
    lab.bind("4790000004").submit(OLA, "tre")  # fails, and flags the subscriber
    lab.settle()
    lab.advance(61)
    assert message(kari, token)["state"] == "enroute"
    if how == "lost":
        ola.drop()
    else:
        ola.acknowledge(c.ESME_RX_T_APPN)
        ola.acknowledge(c.ESME_RX_T_APPN)
    lab.settle()
    assert message(kari, token)["state"] == "expired"
    assert [receipt.stat for receipt in kari.receipts] == ["EXPIRED"]


def test_a_shorter_validity_period_counts_at_once() -> None:
    lab = Lab()
    kari = lab.bind(KARI)
    sent = kari.submit(OLA, "hei")
    lab.settle()
    replace(kari, sent, validity_period=MINUTE.decode(), short_message=b"hallo")
    lab.advance(61)
    assert_expired_in_time(kari, sent)


def test_a_shorter_validity_period_counts_on_the_handset_too() -> None:
    lab = Lab()
    lab.patch(KARI, zone="laerdal-tunnel")
    kari = lab.bind(KARI)
    sent = kari.submit(OLA, "hei")
    lab.settle()
    replace(kari, sent, validity_period="260115121000000+", short_message=b"hallo")
    lab.advance(601)
    assert_expired_in_time(kari, sent)


def test_another_validity_period_ends_after_the_schedule() -> None:
    lab = Lab()
    kari = lab.bind(KARI)
    sent = kari.submit(OLA, "hei", schedule=HOUR)
    lab.settle()
    before = message(kari, sent)
    replace(kari, sent, validity_period=MINUTE.decode(), short_message=b"for sent")
    assert message(kari, sent) == before


def test_thousands_in_the_store_expire_though_one_of_them_lives_on() -> None:
    lab = Lab()
    kari = lab.bind(KARI)
    kari.submit(OLA, "varer")
    for _ in range(25):
        for _ in range(100):
            kari.submit(OLA, "kort", validity=MINUTE)
        lab.settle()
    kari.submit(OLA, "lenge")
    lab.settle()
    assert lab.engine.unfinished() == 2502
    lab.advance(70)
    assert lab.engine.unfinished() == 2


def test_no_schedule_outlives_the_validity_period() -> None:
    lab = Lab()
    kari = lab.bind(KARI)
    sent, other = kari.submit(OLA, "hei", validity=MINUTE), kari.submit(OLA, "hallo")
    lab.settle()
    first = replace(kari, sent, schedule_delivery_time=HOUR.decode(), short_message=b"senere")
    second = replace(kari, other, schedule_delivery_time=HOUR.decode(), short_message=b"senere")
    assert kari.answers[first][0] == c.ESME_RINVSCHED
    assert kari.answers[second][0] == 0
    assert (message(kari, sent)["text"], message(kari, other)["text"]) == ("hei", "senere")
    assert message(kari, other)["expires_at"] == "2026-01-18T13:00:00.000Z"
    lab.advance(61)
    assert_expired_in_time(kari, sent)


def test_pairs_whose_last_message_expired_cost_no_memory() -> None:
    lab = Lab()
    senders = [lab.bind(number) for number in (KARI, PER, "4790000004")]
    for client in senders[1:]:
        client.submit(OLA, "to", validity=MINUTE)
    senders[0].submit(OLA, "en")
    lab.settle()
    ola = lab.engine.queues.recipients[int(OLA)]
    assert len(ola.lanes) == len(senders)
    lab.advance(61)
    assert ola.lanes is None or len(ola.lanes) == 1, "kari's message alone waits"
    assert ola.count == 1
