"""What something costs does not depend on what others, or it itself, have waiting: operations are counted."""

from __future__ import annotations

from typing import Any

import pytest

from smsc.delivery.message import Message
from smsc.delivery.recipient import Recipient
from smsc.engine.mt.queues import AT_ONCE
from smsc.engine.mt.spill import HEAD
from tests.engine.lab import Client, GatedStore, Lab
from tests.waiting import operations

KARI, OLA, PER = "4790000001", "4790000002", "4740000003"
SMALL, LARGE = 100, 10_000


class CountingStore(GatedStore):
    """Counts the rows that it is asked to show."""

    def __init__(self) -> None:
        super().__init__()
        self.rows_read = 0

    def select(self, *args: Any, **options: Any) -> list[tuple[Any, ...]]:
        rows = super().select(*args, **options)
        self.rows_read += len(rows)
        return rows


class CountingLab(Lab):
    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.store.__class__ = CountingStore
        self.store.rows_read = 0

    def fill(self, sender: Client, count: int, **fields: Any) -> list[str]:
        texts = [f"{fields} {number}" for number in range(count)]
        for number, text in enumerate(texts):
            sender.submit(PER, text, **fields)
            if number % 100 == 99:
                self.settle()
        self.settle()
        return texts


@pytest.mark.parametrize("priority", [1, 3])
def test_urgent_messages_do_not_read_the_tail_again(priority: int) -> None:
    """To one absent recipient with a tail in the store: no rows a message, however long the tail is."""
    read = {}
    for waiting in (SMALL, LARGE):
        lab = CountingLab()
        kari, ola = lab.bind(KARI), lab.bind(OLA)
        lab.fill(kari, waiting)
        lab.store.rows_read = 0
        lab.fill(ola, 300, priority=priority)
        read[waiting] = lab.store.rows_read
        recipient = lab.engine.queues.recipients[int(PER)]
        assert recipient.held(priority) == HEAD  # and memory holds no more of them than of others
        assert recipient.count == 2 * HEAD
    assert read == {SMALL: 0, LARGE: 0}


def test_urgent_messages_that_were_left_to_the_store_still_go_first() -> None:
    """Each priority in its order, the highest first, whatever of it was in memory."""
    lab = CountingLab(limits={"window_out": 1})
    kari, ola = lab.bind(KARI), lab.bind(OLA)
    ordinary = lab.fill(kari, 2 * HEAD)
    urgent = lab.fill(ola, 2 * HEAD, priority=1)
    most = lab.fill(ola, HEAD + 3, priority=3)
    per = lab.bind(PER)
    lab.settle()
    assert per.inbox == [*most, *urgent, *ordinary]
    assert (lab.engine.queues.queued, list(lab.engine.queues.recipients)) == (0, [])


def test_after_a_restart_what_is_urgent_goes_first_and_what_comes_then_behind_it() -> None:
    lab = CountingLab()
    kari, ola = lab.bind(KARI), lab.bind(OLA)
    ordinary = lab.fill(kari, HEAD)
    urgent = lab.fill(ola, 3, priority=1)
    later = lab.again()
    again = later.bind(OLA)
    for text in ("fire", "fem"):
        again.submit(PER, text, priority=1)
        later.settle()
    per = later.bind(PER)
    later.settle()
    assert per.inbox == [*urgent, "fire", "fem", *ordinary]


def turns(lab: Lab) -> list[int]:
    """How many messages have ended in each turn of the loop, until nothing is due."""
    ended = []
    while lab.engine.next_due() <= lab.clock.now():
        before = lab.engine.queues.queued
        lab.engine.step(lab.link_now)
        ended.append(before - lab.engine.queues.queued)
        lab.engine.turn_over()
    return ended


@pytest.mark.parametrize("senders", [1, 1_000])
@pytest.mark.parametrize("durable", [False, True])
def test_many_that_expire_at_once_take_turns(durable: bool, senders: int) -> None:
    """However many there are, of one pair or of many, in memory or in the store."""
    lab = CountingLab()
    if not durable:
        lab.engine.commit.durable = False
    many = 3_000
    farm = lab.bind("farm", "farm")
    for number in range(many):
        sender = f"47900{1000 + number % senders:05}"
        farm.submit(PER, "Hei", source=sender, validity=b"000000001000000R")
        if number % 100 == 99:
            lab.settle()
    lab.settle()
    assert lab.engine.queues.queued == many
    lab.clock.advance_to(lab.clock.now() + 600_000)
    ended = turns(lab)
    for _ in range(many // AT_ONCE):  # those in the store are looked for again when the first are written
        lab.advance(1)
    assert max(ended) <= 2 * AT_ONCE  # by the timer, and by the attempt that follows it
    assert (lab.engine.queues.queued, list(lab.engine.queues.recipients)) == (0, [])


@pytest.mark.parametrize("waiting", [SMALL, LARGE])
def test_one_that_expires_is_found_without_looking_at_the_others(waiting: int) -> None:
    """In a lane where none expires before the one ahead of it, as when all have the same validity."""
    lane = Recipient(int(PER)).lane(1, 0)
    for number in range(waiting):
        message = Message()
        message.id, message.expires_at = number, 1_000 + number
        lane.push(message)
    taken: list[Message] = []
    assert operations(lambda: taken.extend(lane.take_expired(1_000, AT_ONCE))) < 20
    assert operations(lambda: lane.next_expiry(1_000)) < 20
    assert [message.id for message in taken] == [0]
    assert (lane.next_expiry(1_000), lane.size()) == (1_001, waiting - 1)


def test_what_expires_out_of_order_is_found_all_the_same() -> None:
    lane = Recipient(int(PER)).lane(1, 0)
    for number, end in enumerate([50, 20, 90, 10, 20]):
        message = Message()
        message.id, message.expires_at = number, end
        lane.push(message)
    assert lane.next_expiry(5) == 10
    assert [message.id for message in lane.take_expired(20, 2)] == [1, 3]
    assert [message.id for message in lane.take_expired(20, 2)] == [4]
    lane.busy = True  # the first is in flight
    assert (lane.next_expiry(30), lane.next_expiry(60)) == (50, 90)
    assert lane.take_expired(60, 2) == []
    assert [message.id for message in lane.waiting()] == [0, 2]


@pytest.mark.parametrize("waiting", [SMALL, 3_000])
def test_a_disconnect_costs_what_its_own_session_has(waiting: int) -> None:
    """Whatever others have deferred, held, or owed in transaction mode."""
    lab = Lab(zones=[{"name": "laerdal-tunnel", "coverage": "none", "uplink": "hold"}])
    ola = lab.bind(OLA)
    kari = lab.bind(KARI)
    lab.patch(KARI, zone="laerdal-tunnel")
    for number in range(waiting):
        kari.submit(PER, f"nr. {number}")
        if number % 100 == 99:
            lab.settle()
    assert lab.engine.outboxes.count() == waiting
    cost = operations(ola.drop)
    assert cost < 1_500


def test_many_that_wait_for_a_slot_of_a_bind_that_goes_take_turns() -> None:
    """The rest of them looks for another bind when its turn comes."""
    lab = Lab(limits={"window_out": 1})
    first = lab.bind("shop", "shop", answer=None)
    farm = lab.bind("farm", "farm")
    texts = [f"nr. {number}" for number in range(2 * AT_ONCE)]
    for number, text in enumerate(texts):
        farm.submit("59000001", text, source=f"47900{1000 + number:05}")
        if number % 50 == 49:
            lab.settle()
    lab.settle()
    second = lab.bind("shop", "shop")
    first.drop()
    lab.settle()
    assert sorted(second.inbox) == sorted(texts)
