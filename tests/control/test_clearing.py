"""DELETE /messages: all are forgotten at once, and what they took is given back in small steps.

Counted are the lines of smsc that run in one turn of the loop, and the entries that leave a container in it:
for containers empty themselves in C, without a line of Python.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from types import FrameType
from typing import Any

import pytest

from smsc import COMPILED
from smsc.delivery.message import ENROUTE, FOREVER, HELD, SCHEDULED, Message
from smsc.engine.engine import TABLES
from smsc.engine.rounds import A_TURN
from smsc.protocol.constants import DATA_SM
from smsc.store.memory import MemoryStore
from tests.engine.lab import GatedStore, Lab, ask

KARI, OLA = "4790000001", "4799000007"  # Ola's handset is switched off
SMALL, LARGE = 100, 6_000
COUNTED = pytest.mark.skipif(COMPILED, reason="lines are counted where the interpreter runs them")


class Plain(MemoryStore):
    """`memory:` as it is."""

    def settle(self) -> int:
        return 0


STORES = [GatedStore, Plain]


def lab_over(store: type[MemoryStore]) -> Lab:
    made = store()
    made.open(TABLES)
    return Lab(made)


# --- what waits: put in its place without the road to it, for there are many -----------------------


def message(lab: Lab, number: int, recipient: int, state: int) -> Message:
    one = Message()
    one.id = lab.engine.ids.take()
    one.source = 4790010000 + number % 50_000
    one.destination = one.recipient = recipient
    one.state = state
    one.body = b"hei"
    one.expires_at = lab.clock.now() + 3_600_000
    lab.engine.queues.count_in(one)
    lab.engine.message_index.add(one)
    return one


def for_many(lab: Lab, number: int) -> None:
    lab.engine.delivery.enqueue(message(lab, number, 4740000000 + number, ENROUTE))


def for_one(lab: Lab, number: int) -> None:
    lab.engine.delivery.enqueue(message(lab, number, int(OLA), ENROUTE))


def scheduled(lab: Lab, number: int) -> None:
    one = message(lab, number, int(OLA), SCHEDULED)
    one.due_at = lab.clock.now() + 1_800_000
    lab.engine.scheduled.add(one)


def held(lab: Lab, number: int) -> None:
    one = message(lab, number, int(OLA), HELD)
    one.source = int("4799000020")  # is in a tunnel
    lab.engine.outboxes.add(one, lab.clock.now())


def finished(lab: Lab, number: int) -> None:
    one = message(lab, number, int(OLA), ENROUTE)
    lab.engine.queues.count_out(one)
    lab.engine.message_index.retire(one)


def under_way(lab: Lab, number: int) -> None:
    lab.engine.commit.add(message(lab, number, int(OLA), ENROUTE))


WAITING = [for_many, for_one, scheduled, held, finished, under_way]


def filled(store: type[MemoryStore], put: Callable[[Lab, int], None], count: int) -> Lab:
    lab = lab_over(store)
    for number in range(count):
        put(lab, number)
    return lab


class Turn:
    """The lines of smsc that one turn runs, and the largest container that it leaves with less than half."""

    def __init__(self, lab: Lab) -> None:
        engine = lab.engine
        self.lines = 0
        self.containers: list[Any] = [
            engine.queues.recipients,
            *(lane.items for one in engine.queues.recipients.values() for lane in one.all_lanes()[:1]),
            engine.timers.waiters,
            engine.message_index.blocks,
            *(block.items for block in engine.message_index.blocks.values()),
            engine.scheduled._by_id,
            *(box.messages for box in engine.outboxes.boxes.values()),
            engine.queues.elsewhere.counts,
        ]
        self.sizes = self.now()

    def now(self) -> list[int]:
        return [len(one) for one in self.containers]

    def does(self, work: Callable[[], object]) -> int:
        """How many entries left the containers."""

        def trace(frame: FrameType, event: str, argument: object) -> Any:
            if "/smsc/" not in frame.f_code.co_filename:
                return None
            self.lines += event == "line"
            return trace

        before = sys.gettrace()
        self.lines = 0
        sys.settrace(trace)
        try:
            work()
        finally:
            sys.settrace(before)
        sizes = self.now()
        left = sum(max(0, was - size) for was, size in zip(self.sizes, sizes, strict=True))
        self.sizes = sizes
        return left


@COUNTED
@pytest.mark.parametrize("put", WAITING)
@pytest.mark.parametrize("store", STORES)
def test_what_a_deletion_of_all_costs_does_not_depend_on_how_many_there_are(
    store: type[MemoryStore], put: Callable[[Lab, int], None]
) -> None:
    most = 24 * A_TURN  # lines: two for each of the many are more
    for count in (SMALL, LARGE):
        lab = filled(store, put, count)
        turn = Turn(lab)
        assert turn.does(lab.control.clear_messages) <= 2 * A_TURN  # a recipient, and its message
        assert turn.lines < most
        assert (lab.engine.unfinished(), lab.engine.queues.octets, len(lab.engine.message_index.blocks)) == (
            (0, 0, 0)
        )
        steps = []
        while lab.engine.next_due() <= lab.clock.now():
            left = turn.does(partial(lab.engine.step, lab.link_now))
            assert left <= 2 * A_TURN
            steps.append(turn.lines)
        assert max(steps, default=0) < most
        assert len(steps) < 20 + 8 * count / A_TURN
        assert not any(turn.sizes)


def full(recipients: int = 1_000) -> Lab:
    """A message waits for each of many handsets that are switched off."""
    lab = Lab()
    for number in range(recipients):
        lab.control.put_subscriber(f"47{41_000_000 + number}", {"powered": False})
    lab.settle()
    kari = lab.bind(KARI)
    for number in range(recipients):
        kari.submit(f"47{41_000_000 + number}", "hei")
    lab.settle()
    assert len(lab.engine.queues.recipients) == recipients
    return lab


def test_the_rings_of_recipients_and_lanes_are_cut() -> None:
    lab = full()
    recipients = list(lab.engine.queues.recipients.values())
    lab.control.clear_messages()
    lab.settle()
    assert lab.control.messages(None, None, None, 10, None) == []
    assert all(one.only is None and one.lanes is None and not one.known for one in recipients)
    assert lab.engine.clearing.discarded.armed == FOREVER


def test_who_has_a_new_message_meanwhile_keeps_it() -> None:
    lab = full()
    kari = lab.bind("4790000003")
    lab.control.clear_messages()
    kari.submit("4741000005", "ny")
    lab.settle()
    assert lab.engine.unfinished() == 1
    lab.patch("4741000005", powered=True)
    assert lab.bind("4741000005").inbox == ["ny"]
    lab.settle()
    assert lab.engine.unfinished() == 0
    assert len(lab.again().control.messages(None, None, None, 10, None)) == 1


def test_two_deletions_in_a_row_leave_nothing_behind() -> None:
    lab = full()
    first = list(lab.engine.queues.recipients.values())
    lab.control.clear_messages()
    lab.engine.step(lab.link_now)
    lab.bind("4790000003").submit(OLA, "ny")
    lab.carry()
    lab.store.settle()
    assert lab.engine.clearing.discarded.work
    second = lab.engine.queues.recipients[int(OLA)]
    lab.control.clear_messages()
    lab.settle()
    assert all(one.only is None and not one.known for one in [*first, second])
    assert lab.engine.unfinished() == 0


def test_a_recipient_that_waited_for_a_slot_is_not_served_from_it() -> None:
    lab = Lab()
    ola = lab.bind("4790000002", answer=None)
    kari = lab.bind(KARI)
    for number in range(5):
        kari.submit("4790000002", f"nr. {number}")
    lab.settle()
    before = len(ola.owed)
    lab.control.clear_messages()
    kari.submit("4790000002", "ny")
    lab.settle()
    ola.catch_up()
    lab.settle()
    assert ola.inbox[before:] == ["ny"]
    assert lab.engine.queues.in_flight == 0


def test_outboxes_are_looked_at_again_after_a_deletion_in_the_middle_of_a_look() -> None:
    lab = Lab()
    farm = lab.bind("farm", "farm", kind="transmitter")
    tunnel = [f"4790010{number:03d}" for number in range(600)]
    for number in tunnel:
        lab.control.patch_subscriber(number, {"zone": "laerdal-tunnel"})
        farm.submit(OLA, "hei", source=number)
    lab.settle()
    lab.engine.outboxes.look_at_all(lab.clock.now())
    lab.engine.step(lab.link_now)
    assert lab.engine.outboxes.look.keys, "one turn is not enough for all"
    lab.control.clear_messages()
    lab.advance(60)
    farm.submit(OLA, "ny", source=tunnel[0])
    lab.settle()
    assert lab.engine.outboxes.count() == 1
    lab.control.put_zone("laerdal-tunnel", {"coverage": "good"})
    lab.settle()
    assert lab.engine.outboxes.count() == 0


def test_a_flag_outlives_the_messages_and_is_told_when_its_handset_is_back() -> None:
    lab = Lab()
    lab.control.patch_subscriber(KARI, {"zone": "laerdal-tunnel"})
    lab.engine.pending_flags.raise_flag(int(KARI), int(OLA), OLA, lab.clock.now())
    flag = lab.engine.pending_flags.flags[int(KARI)]
    back = lab.clock.now() + 60_000
    flag.armed = FOREVER
    lab.engine.timers.arm(flag, back)
    lab.control.clear_messages()
    lab.settle()
    assert lab.engine.next_due() == back


def test_who_finds_no_room_for_a_flag_is_told_so_and_who_has_one_keeps_it() -> None:
    lab = Lab()
    lab.control.patch_subscriber(KARI, {"zone": "laerdal-tunnel"})
    flags, now = lab.engine.pending_flags, lab.clock.now()
    esmes = [4790010000 + number for number in range(17)]
    told = [flags.raise_flag(int(KARI), esme, str(esme), now) for esme in esmes]
    assert told == [True] * 16 + [False]
    assert list(flags.flags[int(KARI)].esmes) == esmes[:16]
    assert flags.raise_flag(int(KARI), esmes[0], "shop", now)
    assert flags.flags[int(KARI)].esmes[esmes[0]] == "shop"


def test_whoever_waits_for_the_fate_of_a_message_hears_that_it_is_erased() -> None:
    lab = Lab()
    lab.bind("4790000002", answer=None)
    kari, gone = lab.bind(KARI), lab.bind("4790000003")
    tokens = [
        ask(
            one,
            DATA_SM,
            [(0x0424, b"hei")],
            destination_addr="4790000002",
            dest_addr_ton=1,
            esm_class=2,
            source_addr_ton=1,
            source_addr=one.system_id,
        )
        for one in (kari, gone)
    ]
    lab.settle()
    assert len(lab.engine.transactions.owed) == 2
    lab.control.clear_messages()
    gone.drop()
    lab.settle()
    assert kari.answers[tokens[0]][0] != 0
    assert tokens[1] not in gone.answers
