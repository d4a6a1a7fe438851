"""One turn of the loop does so much and no more: whoever has more to do is due again in the next."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import pairwise

import pytest

from smsc import COMPILED
from smsc.delivery.message import HELD, Message
from smsc.engine.mo.outbox import AT_ONCE
from tests.engine.lab import Lab
from tests.waiting import operations

OLA, TUNNEL = "4799000007", 4790010000  # Ola's handset is switched off
COUNT = 2_000
WINDOW = 1_000  # as large as by default


def held(lab: Lab, source: int) -> None:
    """One message on a handset without radio."""
    one = Message()
    one.id = lab.engine.ids.take()
    one.source, one.destination, one.recipient = source, int(OLA), int(OLA)
    one.state = HELD
    one.body = b"hei"
    lab.engine.queues.count_in(one)
    lab.engine.message_index.add(one)
    lab.engine.outboxes.add(one, lab.clock.now())


def on_one_handset(lab: Lab) -> None:
    lab.control.patch_subscriber(str(TUNNEL), {"zone": "laerdal-tunnel"})
    for _ in range(COUNT):
        held(lab, TUNNEL)


def on_many_handsets(lab: Lab) -> None:
    for number in range(TUNNEL, TUNNEL + COUNT):
        subscriber = lab.engine.world.registry.touch(number)
        subscriber.place = lab.engine.world.coverage.place(zone="laerdal-tunnel")
        held(lab, number)


@pytest.mark.parametrize("there_are", [on_one_handset, on_many_handsets])
def test_coverage_returns_and_no_turn_lets_everything_go(there_are: Callable[[Lab], None]) -> None:
    lab = Lab()
    lab.engine.commit.durable = False  # what waits is in memory, not in the store of the test
    lab.engine.outboxes.durable = False
    there_are(lab)
    lab.control.put_zone("laerdal-tunnel", {"coverage": "good"})
    left = [lab.engine.outboxes.count()]
    while lab.engine.next_due() <= lab.clock.now():
        lab.engine.step(lab.link_now)
        left.append(lab.engine.outboxes.count())
    turns = [before - after for before, after in pairwise(left)]
    assert left[-1] == 0
    assert max(turns) <= 2 * AT_ONCE


def zone_returns(lab: Lab) -> None:
    """Those who wait for an absent handset are tried again when its zone has coverage."""
    lab.control.patch_zone("oslo", {"coverage": "none"})
    lab.settle()
    fill(lab)
    lab.bind("farm", "farm", kind="receiver")
    lab.settle()


def farm_comes(lab: Lab) -> None:
    fill(lab)


def farm_goes(lab: Lab) -> None:
    """Its window is full, and the others wait for a slot."""
    lab.bind("farm", "farm", kind="receiver", answer=None)
    fill(lab)


def full_window_goes(lab: Lab) -> None:
    """All of them are in flight, none is answered."""
    farm_goes(lab)
    assert lab.engine.queues.in_flight == lab.flags["seed"]


def fill(lab: Lab) -> None:
    kari = lab.bind("4790000001", kind="transmitter")
    for number in range(lab.flags["seed"]):
        kari.submit(str(TUNNEL + number), "hei")
    lab.settle()


HAPPENINGS: dict[Callable[[Lab], None], Callable[[Lab], object]] = {
    zone_returns: lambda lab: lab.control.patch_zone("oslo", {"coverage": "good"}),
    farm_comes: lambda lab: lab.bind("farm", "farm", kind="receiver"),
    farm_goes: lambda lab: next(iter(lab.clients.values())).drop(),
    full_window_goes: lambda lab: next(iter(lab.clients.values())).drop(),
}


@pytest.mark.skipif(COMPILED, reason="calls are counted where the interpreter makes them")
@pytest.mark.parametrize("before", HAPPENINGS, ids=lambda one: one.__name__)
def test_what_concerns_many_recipients_is_done_in_turns(before: Callable[[Lab], None]) -> None:
    dearest = []
    most = WINDOW if before is full_window_goes else 2_000  # a window has a size, and is gathered at once
    for count in (500, most):
        lab = Lab(seed=count, limits={"window_out": WINDOW if before is full_window_goes else 10})
        before(lab)
        costs = [operations(partial(HAPPENINGS[before], lab))]
        while lab.engine.next_due() <= lab.clock.now():
            costs.append(operations(partial(lab.engine.step, lab.link_now)))
        assert len(costs) > count / 300, "it is not all done at once"
        dearest.append(max(costs))
    assert dearest[1] < 1.5 * dearest[0] + 2_000
