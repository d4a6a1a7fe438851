"""Deletion and erasure: in steps, and when the store did not take them they have not happened."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from smsc.control.messages.erasure import AT_ONCE
from smsc.control.steps import at_once
from smsc.engine.engine import TABLES
from smsc.store.base import StoreError
from smsc.store.memory import MemoryStore
from tests.engine.lab import Client, GatedStore, Lab

KARI, OLA, PER, AWAY = "4790000001", "4790000002", "4790000003", "4799000007"
IN_AN_HOUR = b"000000010000000R"


class Plain(MemoryStore):
    """`memory:` as it is."""

    def settle(self) -> int:
        return 0


def in_memory(lab: Lab, kari: Client) -> Any:
    return kari.submit(AWAY, "hei", registered_delivery=1)


def spilled(lab: Lab, kari: Client) -> Any:
    for _ in range(70):
        kari.submit(AWAY, "before it")
        lab.settle()
    return in_memory(lab, kari)


def scheduled(lab: Lab, kari: Client) -> Any:
    return kari.submit(AWAY, "hei", schedule=IN_AN_HOUR, registered_delivery=1)


def held(lab: Lab, kari: Client) -> Any:
    lab.patch(KARI, zone="laerdal-tunnel")
    return in_memory(lab, kari)


def finished(lab: Lab, kari: Client) -> Any:
    lab.bind(PER)
    return kari.submit(PER, "hei", registered_delivery=1)


def in_flight(lab: Lab, kari: Client) -> Any:
    lab.patch(AWAY, powered=True)
    lab.bind(AWAY, answer=None)
    return in_memory(lab, kari)


def delete(lab: Lab, ident: str) -> None:
    at_once(lab.control.delete_messages(lab.control.search("hei")))


def erase(lab: Lab, ident: str) -> None:
    lab.control.erasures.begin(int(KARI))


@pytest.mark.parametrize("where", [in_memory, spilled, scheduled, held, finished, in_flight])
@pytest.mark.parametrize("asked", [delete, erase])
def test_what_the_store_did_not_take_has_not_happened(
    asked: Callable[[Lab, str], None], where: Callable[[Lab, Client], Any]
) -> None:
    lab = Lab()
    kari = lab.bind(KARI)
    token = where(lab, kari)
    lab.settle()
    ident = kari.answers[token][1]
    before = lab.control.message(ident)
    rows = lab.store.select(TABLES[0])
    asked(lab, ident)
    lab.carry()
    if asked is erase:  # what services and sessions know comes first
        lab.store.write_down()(None)
        lab.carry()
    lab.store.fail(StoreError("input/output error"))
    lab.settle()
    after = lab.control.message(ident)
    assert {**after, "events": []} == {**before, "events": []}
    assert sorted(lab.store.select(TABLES[0]))[-1][:24] == sorted(rows)[-1][:24]
    assert lab.engine.queues.octets == sum(
        len(row[22]) + len(row[23]) for row in lab.store.select(TABLES[0]) if row[2] in (0, 1, 10)
    )
    asked(lab, ident)
    lab.settle()
    for client in list(lab.clients.values()):
        assert isinstance(client, Client)
        client.catch_up()
    lab.settle()
    assert [row for row in lab.store.select(TABLES[0]) if b"hei" in (row[22] or b"")] == []
    assert lab.engine.queues.octets == sum(
        len(row[22]) + len(row[23]) for row in lab.store.select(TABLES[0]) if row[2] in (0, 1, 10)
    )


@pytest.mark.parametrize("to", [AWAY, PER])
@pytest.mark.parametrize("store", [Plain, GatedStore])
def test_a_number_with_many_messages_is_erased_in_steps(store: type[MemoryStore], to: str) -> None:
    made = store()
    made.open(TABLES)
    lab = Lab(made)
    kari = lab.bind(KARI)
    lab.bind(PER)
    for number in range(1500):
        kari.submit(to, f"nr. {number}")
        if number % 100 == 99:
            lab.settle()
    lab.settle()
    commit, most = lab.engine.commit, 0
    on_done = commit.on_done

    def counted(group: Any, error: BaseException | None) -> None:
        nonlocal most
        most = max(most, len(group.finals) + len(group.asked))
        on_done(group, error)

    commit.on_done = counted
    done: list[BaseException | None] = []
    lab.control.erasures.begin(int(KARI))
    lab.control.erasures.when_done(done.append)
    lab.settle()
    assert done == [None]
    assert 0 < most <= 2 * AT_ONCE
    assert lab.engine.queues.queued == lab.engine.queues.octets == 0
    assert [message for message in lab.engine.message_index if message.source == int(KARI)] == []
    assert lab.store.select(TABLES[0]) == []
