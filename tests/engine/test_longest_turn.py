"""No turn of the loop does more because there is more, whatever hostile peers and the API ask for at once.

Counted in calls, on an engine without sockets; tests/server/test_longest_turn.py prints times over TCP.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, TypeAlias

import pytest

from smsc import COMPILED
from smsc.control.steps import Steps
from smsc.protocol.constants import CANCEL_SM
from tests.engine.lab import Lab, ask
from tests.waiting import operations

AWAY, FARM, FREE = "4799000007", 4790010000, 4741000000
CHUNK = 20  # requests that one read brings

Turn: TypeAlias = Callable[[], object]


def chunks(lab: Lab, requests: list[Turn]) -> Iterator[Turn]:
    """Some requests at a time, as a socket brings them."""
    for first in range(0, len(requests), CHUNK):
        some = requests[first : first + CHUNK]

        def read(some: list[Turn] = some) -> None:
            for request in some:
                request()
            lab.run()

        yield read


def fills_one_queue(lab: Lab, many: int) -> Iterator[Turn]:
    farm = lab.bind("farm", "farm", kind="transmitter")
    senders = (str(FARM + number) for number in range(many))
    yield from chunks(lab, [partial(farm.submit, AWAY, "hei", source=sender) for sender in senders])


def fills_many_queues(lab: Lab, many: int) -> Iterator[Turn]:
    kari = lab.bind("4790000003", kind="transmitter")
    yield from chunks(lab, [partial(kari.submit, str(FARM + number), "hei") for number in range(many)])


def comes_answers_nothing_and_goes(lab: Lab, many: int) -> Iterator[Turn]:
    for _ in range(3):
        farm = lab.bind("farm", "farm", kind="receiver", answer=None)
        yield lab.run
        yield farm.drop


def cancels(lab: Lab, many: int) -> Iterator[Turn]:
    farm = lab.bind("farm", "farm", kind="transmitter")
    fields: dict[str, Any] = {"source_addr_ton": 1, "dest_addr_ton": 1, "destination_addr": AWAY}
    senders = (str(FARM + number) for number in range(60))
    cancel = partial(ask, farm, CANCEL_SM, message_id="", **fields)
    yield from chunks(lab, [partial(cancel, source_addr=sender) for sender in senders])


def radio_changes(lab: Lab, many: int) -> Iterator[Turn]:
    for coverage in ("none", "good", "none", "good"):
        yield partial(lab.control.patch_zone, "oslo", {"coverage": coverage})


def is_switched_on_and_off(lab: Lab, many: int) -> Iterator[Turn]:
    for powered in (True, False):
        yield partial(lab.control.patch_subscriber, AWAY, {"powered": powered})


def steps_of(lab: Lab, begin: Callable[[], Steps[Any]]) -> Iterator[Turn]:
    """Each step of a long call is a turn."""
    work, over = begin(), list[bool]()

    def step() -> None:
        try:
            wait = next(work)
        except StopIteration:
            over.append(True)
            return
        if wait is not None:
            waits.append(True)
            wait(waits.clear)

    waits: list[bool] = []
    while not over:
        yield _idle if waits else step


def _idle() -> None:
    """It waits for the store, or for its turn."""


def imports(lab: Lab, many: int) -> Iterator[Turn]:
    rows = "".join(f"{FREE + number},no\n" for number in range(many))
    return steps_of(lab, lambda: lab.control.import_subscribers(f"msisdn,powered\n{rows}"))


def exports(lab: Lab, many: int) -> Iterator[Turn]:
    return steps_of(lab, lab.control.subscribers_csv)


def searches(lab: Lab, many: int) -> Iterator[Turn]:
    return steps_of(lab, lambda: lab.control.listing(lab.control.search('"nothing of the kind"'), 10))


def counts(lab: Lab, many: int) -> Iterator[Turn]:
    return steps_of(lab, lambda: lab.control.counts(lab.control.search("")))


def deletes_some(lab: Lab, many: int) -> Iterator[Turn]:
    return steps_of(lab, lambda: lab.control.delete_messages(lab.control.search(f"to:{AWAY}")))


def deletes_all(lab: Lab, many: int) -> Iterator[Turn]:
    yield lab.control.clear_messages


def resets(lab: Lab, many: int) -> Iterator[Turn]:
    return steps_of(lab, lab.control.reset)


#: What is there before, what happens at once on top of that, and what ends it.
FIRST = [fills_one_queue, fills_many_queues]
AT_ONCE = [
    comes_answers_nothing_and_goes,
    fills_one_queue,
    cancels,
    radio_changes,
    is_switched_on_and_off,
    imports,
    exports,
    searches,
    counts,
    deletes_some,
]
LAST = [comes_answers_nothing_and_goes, deletes_all, resets]


def ask_elsewhere(lab: Lab) -> None:
    """A store is asked on a thread of its own: what that does holds up nobody."""
    ask = lab.store.ask

    def asked(question: Callable[[Any], Any], answer: Callable[..., None]) -> None:
        profiling = sys.getprofile()
        sys.setprofile(None)
        found: list[Any] = []
        ask(question, lambda rows, error: found.append((rows, error)))
        sys.setprofile(profiling)
        answer(*found[0])

    lab.store.ask = asked


def dearest(many: int) -> tuple[int, str]:
    """The calls of the dearest turn, and whose it was."""
    lab = Lab()
    ask_elsewhere(lab)
    found = [(0, "")]

    def turn(name: str, call: Turn) -> None:
        found.append((operations(call), name))
        while lab.store.pending or lab.engine.next_due() <= lab.clock.now():
            if lab.store.pending:
                found.append((operations(partial(lab.store.write_down(), None)), f"commit after {name}"))
            if lab.engine.next_due() <= lab.clock.now():
                found.append((operations(lab.ring), f"due after {name}"))
                found.append((operations(lab.engine.turn_over), f"turn after {name}"))
            lab.carry()

    for deeds in (FIRST, AT_ONCE, LAST):
        under_way = {deed.__name__: deed(lab, many) for deed in deeds}
        while under_way:
            for name, turns in list(under_way.items()):
                call = next(turns, None)
                if call is None:
                    del under_way[name]
                else:
                    turn(name, call)
    return max(found)


@pytest.mark.skipif(COMPILED, reason="calls are counted where the interpreter makes them")
def test_the_longest_turn_is_no_longer_where_there_is_more() -> None:
    (few, name), (more, dear) = dearest(300), dearest(900)
    assert more < 1.5 * few + 2_000, (few, name, more, dear)
