"""A message's timeline: its first and last lines are whole, of the same over and over it says how often."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc.delivery.message import MORE_EVENTS, MOST_EVENTS, REPEATED, Message
from tests.engine.lab import Lab

COUNTS = (REPEATED, MORE_EVENTS)


def told(message: Message) -> list[str]:
    return [f"{line[3]} more" if line[1] in COUNTS else line[1] for line in message.events or ()]


def lines(message: Message) -> int:
    return sum(int(str(line[3])) if line[1] in COUNTS else 1 for line in message.events or ())


@pytest.mark.parametrize("count", [10, 11, 12, 1000])
def test_the_same_over_and_over_is_one_line_that_says_how_often(count: int) -> None:
    message = Message()
    for at in range(count):
        message.note(at, "attempt_failed", 7, (at + 60_000, "oslo", 3))  # the next attempt is another time
    assert told(message) == [*["attempt_failed"] * 4, f"{count - 8} more", *["attempt_failed"] * 4]
    assert [line[0] for line in message.events or ()][-4:] == list(range(count - 4, count))


@pytest.mark.parametrize("count", [10, 11, 300])
@pytest.mark.parametrize("few", [["sent", "unanswered"], ["alert", "sent", "unanswered", "attempt_failed"]])
def test_a_few_lines_over_and_over_too(count: int, few: list[str]) -> None:
    """A message that kills its client: sent, and the session is lost, at each reconnection."""
    message = Message()
    message.note(0, "held", 3)
    for at in range(count):
        for event in few:
            message.note(at, event, len(event))
    assert told(message) == ["held", *few * 2, f"{len(few) * (count - 4)} more", *few * 2]
    message.note(999, "replaced")
    assert told(message)[-1] == "replaced"


def test_a_few_of_the_same_are_all_told() -> None:
    message = Message()
    for at in range(9):
        message.note(at, "replaced")
    assert told(message) == ["replaced"] * 9


def test_lines_that_say_different_things_are_not_folded() -> None:
    message = Message()
    for at in range(40):
        message.note(at, "attempt_failed", 7, (at, f"zone {at}", 3))
    assert REPEATED not in [line[1] for line in message.events or ()]


@given(st.lists(st.sampled_from("abc") | st.sampled_from("a"), max_size=400), st.integers(0, 40))
def test_no_line_is_left_out_without_being_counted(kinds: list[str], run: int) -> None:
    message = Message()
    kinds += ["z", "y"] * run
    for at, kind in enumerate(kinds):
        message.note(at, kind)
    assert lines(message) == len(kinds)
    assert len(message.events or ()) <= MOST_EVENTS + 1
    kept = [(line[0], line[1]) for line in message.events or () if line[1] not in COUNTS]
    assert kept == [(at, kinds[at]) for at, _ in kept]
    assert [at for at, _ in kept] == sorted(at for at, _ in kept)
    assert not kinds or kept[-1] == (len(kinds) - 1, kinds[-1])


@pytest.mark.parametrize("status", [0x45, 0x0B, 0xFF, 0x65, 0x400])
def test_what_a_receiver_answered_is_told_with_its_own_status(status: int) -> None:
    """Each of them is a final failure, and `ms_rejected` alone says nothing of why."""
    lab = Lab()
    kari = lab.bind("4790000001")
    lab.bind("4790000002", answer=status)
    token = kari.submit("4790000002", "hei", registered_delivery=1)
    lab.settle()
    events = lab.control.message(kari.answers[token][1])["events"]
    assert [event["event"] for event in events] == ["submitted", "sent", "turned_away", "undeliverable"]
    assert events[2]["detail"] == {"command_status": f"0x{status:02X}"}
    assert events[2]["reason"] == ("ms_permanent" if status == 0x65 else "ms_rejected")
