"""What a request asked for and was refused because the store failed has not happened.

Wherever the message waits: in memory, behind the part of the queue that is in memory, until its moment, or
on its handset; and whatever is asked for: cancel_sm, replace_sm, replace_if_present_flag, the API.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from smsc.delivery.message import Message
from smsc.protocol import constants as c
from smsc.store.base import StoreError, StoreFull
from tests.engine.lab import Client, Lab, ask

pytestmark = pytest.mark.usefixtures("late")

KARI, OLA, SHOP = "4790000001", "4790000002", "59000001"
IN_TEN_MINUTES = b"000000001000000R"
REFUSALS = [(StoreFull("the disk is full"), 0x14), (StoreError("the file is locked"), 0x08)]

Place = Callable[[Client], tuple[str, int]]


def in_memory(kari: Client) -> tuple[str, int]:
    return sent(kari, 1), 1


def spilled(kari: Client) -> tuple[str, int]:
    return sent(kari, 100), 100


def scheduled(kari: Client) -> tuple[str, int]:
    return sent(kari, 1, schedule=IN_TEN_MINUTES), 1


def held(kari: Client) -> tuple[str, int]:
    kari.lab.patch(KARI, zone="laerdal-tunnel")
    return sent(kari, 3), 3


def sent(kari: Client, count: int, **fields: Any) -> str:
    """Submits so many; the id of the last one."""
    tokens = [kari.submit(OLA, f"nr. {n}", registered_delivery=1, **fields) for n in range(1, count + 1)]
    kari.lab.settle()
    assert {kari.answers[token][0] for token in tokens} == {0}
    return kari.answers[tokens[-1]][1]


def come_out(kari: Client) -> Client:
    """Everything that can still arrive arrives."""
    kari.lab.patch(KARI, zone="oslo")
    ola = kari.lab.bind(OLA)
    kari.lab.advance(3600)
    return ola


def found(lab: Lab, ident: int) -> Message:
    """A message, wherever it is."""
    answers: list[Message | None] = []
    lab.engine.stored.find([ident], lambda messages, error: answers.extend(messages))
    lab.run()
    assert answers[0] is not None
    return answers[0]


def named(ident: str, **fields: Any) -> dict[str, Any]:
    return {"message_id": ident, "source_addr_ton": 1, "source_addr": KARI, **fields}


def cancel(kari: Client, ident: str) -> object:
    return ask(kari, c.CANCEL_SM, **named(ident))


def replace(kari: Client, ident: str) -> object:
    return ask(kari, c.REPLACE_SM, **named(ident, short_message=b"another", registered_delivery=1))


def put_off(kari: Client, ident: str) -> object:
    later = {"schedule_delivery_time": "000000002000000R", "short_message": b"another"}
    return ask(kari, c.REPLACE_SM, **named(ident, registered_delivery=1, **later))


@pytest.mark.parametrize(("error", "status"), REFUSALS)
@pytest.mark.parametrize("request_of", [cancel, replace, put_off])
@pytest.mark.parametrize("place", [in_memory, spilled, scheduled, held])
def test_a_change_that_was_refused_has_not_happened(
    place: Place, request_of: Callable[[Client, str], object], error: StoreError, status: int
) -> None:
    kari = Lab().bind(KARI)
    lab = kari.lab
    ident, count = place(kari)
    state = lab.state(ident)
    asked = request_of(kari, ident)
    lab.run()
    assert asked not in kari.answers, "nothing is answered before its commit"
    assert lab.engine.pending.is_undecided(found(lab, int(ident)))
    lab.store.fail(error)
    lab.run()
    assert kari.answers[asked][0] == status
    lab.settle()
    assert lab.state(ident) == state
    assert not kari.receipts
    assert lab.engine.unfinished() == count
    ola = come_out(kari)
    assert ola.inbox == [f"nr. {n}" for n in range(1, count + 1)]
    assert [receipt.stat for receipt in kari.receipts] == ["DELIVRD"] * count
    assert lab.engine.unfinished() == 0


@pytest.mark.parametrize("place", [in_memory, spilled, scheduled, held])
def test_all_of_a_pair_stay_when_their_cancellation_was_refused(place: Place) -> None:
    kari = Lab().bind(KARI)
    lab = kari.lab
    _, count = place(kari)
    asked = ask(kari, c.CANCEL_SM, **named("", dest_addr_ton=1, destination_addr=OLA))
    lab.run()
    lab.store.fail(StoreFull("the disk is full"))
    lab.settle()
    assert kari.answers[asked][0] == 0x14
    assert lab.engine.unfinished() == count
    assert come_out(kari).inbox == [f"nr. {n}" for n in range(1, count + 1)]


@pytest.mark.parametrize("place", [in_memory, spilled, scheduled])
def test_what_a_refused_message_was_to_replace_stays(place: Place) -> None:
    kari = Lab().bind(KARI)
    lab = kari.lab
    ident, count = place(kari)
    late = kari.submit(OLA, "late", replace_if_present=1)
    lab.run()
    lab.store.fail(StoreFull("the disk is full"))
    lab.settle()
    assert kari.answers[late][0] == 0x14
    assert (lab.state(ident), lab.engine.unfinished()) == ("enroute", count)
    assert come_out(kari).inbox == [f"nr. {n}" for n in range(1, count + 1)]
    assert lab.engine.unfinished() == 0


def test_what_was_still_being_written_stays_when_what_replaces_it_is_refused() -> None:
    kari = Lab().bind(KARI)
    lab = kari.lab
    first = kari.submit(OLA, "first", replace_if_present=1)
    lab.run()
    second = kari.submit(OLA, "second", replace_if_present=1)
    lab.run()
    lab.store.write_down()(None)
    lab.run()
    assert kari.answers[first][0] == 0
    lab.store.fail(StoreFull("the disk is full"))
    lab.settle()
    assert kari.answers[second][0] == 0x14
    assert lab.engine.unfinished() == 1
    assert lab.bind(OLA).inbox == ["first"]
    assert lab.engine.unfinished() == 0


def test_a_cancellation_that_follows_a_refused_change_holds() -> None:
    kari = Lab().bind(KARI)
    lab = kari.lab
    ident = sent(kari, 1)
    changed = replace(kari, ident)
    lab.run()
    cancelled = cancel(kari, ident)
    lab.run()
    lab.store.fail(StoreFull("the disk is full"))
    lab.settle()
    assert (kari.answers[changed][0], kari.answers[cancelled][0]) == (0x14, 0)
    assert lab.state(ident) == "deleted"
    assert [receipt.stat for receipt in kari.receipts] == ["DELETED"]
    assert (come_out(kari).inbox, lab.engine.unfinished()) == ([], 0)
    assert lab.again().state(ident) == "deleted"


def test_more_than_one_group_of_a_pair_is_cancelled() -> None:
    kari = Lab().bind(KARI)
    lab = kari.lab
    sent(kari, 600)
    asked = ask(kari, c.CANCEL_SM, **named("", dest_addr_ton=1, destination_addr=OLA))
    lab.settle()
    assert kari.answers[asked][0] == 0
    assert lab.engine.unfinished() == 0
    assert [receipt.stat for receipt in kari.receipts] == ["DELETED"] * 600
    assert come_out(kari).inbox == []


@pytest.mark.parametrize("late", [False], indirect=True)
def test_a_cancellation_that_fails_half_way_says_that_some_has_happened() -> None:
    kari = Lab().bind(KARI)
    lab = kari.lab
    sent(kari, 600)
    asked = ask(kari, c.CANCEL_SM, **named("", dest_addr_ton=1, destination_addr=OLA))
    lab.run()
    lab.store.write_down()(None)
    lab.run()
    lab.store.fail(StoreFull("the disk is full"))
    lab.settle()
    assert kari.answers[asked][0] == 0
    assert lab.engine.unfinished() == 600 - 254
    (session,) = lab.control.sessions()
    assert [event["event"] for event in session["events"]] == ["cancelled_in_part"]
    assert len(come_out(kari).inbox) == 600 - 254
    assert lab.control.counters()["receipts_total"] == 600


def test_more_than_one_group_gives_way_to_one_message() -> None:
    kari = Lab().bind(KARI)
    lab = kari.lab
    sent(kari, 600)
    late = kari.submit(OLA, "late", replace_if_present=1)
    lab.settle()
    assert kari.answers[late][0] == 0
    assert lab.engine.unfinished() == 1
    assert come_out(kari).inbox == ["late"]


def test_what_is_behind_an_undecided_change_waits_for_it() -> None:
    kari = Lab().bind(KARI)
    lab = kari.lab
    sent(kari, 2)
    first = next(iter(lab.engine.message_index))
    asked = replace(kari, str(first.id))
    lab.run()
    ola = lab.bind(OLA)
    assert ola.inbox == []
    lab.settle()
    assert kari.answers[asked][0] == 0
    assert ola.inbox == ["another", "nr. 2"]


@pytest.mark.parametrize("count", [300, 1000])
def test_what_leaves_a_handset_in_several_turns_keeps_its_order(count: int) -> None:
    kari = Lab().bind(KARI)
    lab = kari.lab
    ola = lab.bind(OLA)
    lab.patch(KARI, zone="laerdal-tunnel")
    sent(kari, count)
    lab.control.patch_subscriber(KARI, {"zone": "oslo"})
    late = kari.submit(OLA, "late")
    lab.settle()
    assert kari.answers[late][0] == 0
    assert ola.inbox == [*(f"nr. {n}" for n in range(1, count + 1)), "late"]


def test_a_timeline_keeps_its_first_and_last_lines_and_says_how_many_are_left_out() -> None:
    kari = Lab().bind(KARI)
    lab = kari.lab
    ident = sent(kari, 1)
    for _ in range(500):
        replace(kari, ident)
        lab.settle()
    events = lab.control.message(ident)["events"]
    replaced = ["replaced"] * 4
    told = ["submitted", "attempt_failed", *replaced, "repeated", *replaced]
    assert [event["event"] for event in events] == told
    assert events[6]["detail"] == 492


def test_what_happens_in_one_millisecond_is_told_in_its_order() -> None:
    """On a manual clock, which stands: nobody is bound, a new text, switched off, another one, delivered."""
    kari = Lab().bind(KARI)
    lab = kari.lab
    ident = sent(kari, 1)
    replace(kari, ident)
    lab.settle()
    ola = lab.bind(OLA, answer=None)
    lab.settle()
    ola.drop()
    lab.settle()
    replace(kari, ident)
    lab.settle()
    lab.bind(OLA)
    lab.settle()
    events = lab.control.message(ident)["events"]
    assert len({event["at"] for event in events}) == 1
    assert [event["event"] for event in events] == [
        "submitted",
        "attempt_failed",
        "replaced",
        "alert",
        "sent",
        "unanswered",
        "attempt_failed",
        "replaced",
        "alert",
        "delivered",
    ]
