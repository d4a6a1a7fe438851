"""Which parts make one message: a part of some message begun, its repeat, or the beginning of another."""

from __future__ import annotations

from typing import Any

import pytest

from smsc.services.base import DAY, MINUTE, Journal
from smsc.services.short_codes.long_messages import LongMessages, Part
from tests.services.helpers import Message, at

NOW = at("2026-01-15 12:00")
KARI, CODE = 4790000001, 472097


def parts() -> LongMessages:
    return LongMessages(Journal())


def enter(long: LongMessages, number: int, text: str = "", now: int = NOW, **more: Any) -> Part:
    """Part ``number`` of two comes, and is routed to account 7 at a price."""
    message = Message(
        KARI, CODE, text or f"part {number}", **{"part": number, "parts": 2, "reference": 5, **more}
    )
    part = long.enter(message, now)
    long.route(part, 7, "QUIZ", "quiz", 500, now)
    return part


def shown(part: Part) -> tuple[bool, bool, bool]:
    return part.follows, part.completes, part.repeat


def test_a_message_in_one_piece_is_complete_and_nothing_is_kept_of_it() -> None:
    long = parts()
    part = long.enter(Message(KARI, CODE, "Hei"), NOW)
    long.route(part, 7, "QUIZ", "quiz", 500, NOW)
    assert shown(part) == (False, True, False)
    assert list(long.records()) == []


@pytest.mark.parametrize("order", [(1, 2), (2, 1)])
def test_the_second_part_follows_the_first_and_completes_it(order: tuple[int, int]) -> None:
    long = parts()
    assert shown(enter(long, order[0])) == (False, False, False)
    second = enter(long, order[1])
    assert shown(second) == (True, True, False)
    assert (second.message.account, second.message.price) == (7, 500)


@pytest.mark.parametrize(
    ("text", "later", "expected"),
    [
        ("part 1", 0, (True, False, True)),
        ("part 1", 10 * MINUTE, (True, False, True)),
        ("part 1", 10 * MINUTE + 1, (False, False, False)),  # beyond the window for repeats: another message
        ("other words", 0, (False, False, False)),
    ],
)
def test_the_same_part_again(text: str, later: int, expected: tuple[bool, bool, bool]) -> None:
    long = parts()
    enter(long, 1, "part 1")
    assert shown(enter(long, 1, text, NOW + later)) == expected


def test_a_complete_message_begins_anew_with_its_reference() -> None:
    long = parts()
    enter(long, 1)
    enter(long, 2)
    assert shown(enter(long, 1)) == (False, False, False)


@pytest.mark.parametrize(
    "other", [{"reference": 6}, {"parts": 3}, {"source": 4790000002}, {"destination": 472440}]
)
def test_what_differs_in_any_of_its_marks_is_another_message(other: dict[str, Any]) -> None:
    long = parts()
    enter(long, 1)
    about = {"source": KARI, "destination": CODE, "part": 2, "parts": 2, "reference": 5, **other}
    assert not long.enter(Message(text="part 2", **about), NOW).follows


def test_after_a_day_a_part_is_waited_for_no_more() -> None:
    long = parts()
    enter(long, 1)
    assert enter(long, 2, now=NOW + DAY - 1).follows
    long = parts()
    enter(long, 1)
    assert not enter(long, 2, now=NOW + DAY + 1).follows


def test_a_refused_part_takes_what_came_of_its_message_with_it() -> None:
    long = parts()
    enter(long, 1)
    long.withdraw(enter(long, 2))
    assert not enter(long, 2).follows


def test_a_refused_first_part_is_no_message_yet() -> None:
    long = parts()
    enter(long, 1)
    long.withdraw(long.enter(Message(KARI, CODE, "part 1", part=1, parts=2, reference=9), NOW))
    assert enter(long, 2).follows


def test_all_is_there_after_a_restart_and_gone_when_it_is_forgotten() -> None:
    long = parts()
    enter(long, 1)
    again = parts()
    again.load(long.records())
    assert again.enter(Message(KARI, CODE, "part 2", part=2, parts=2, reference=5), NOW).follows
    again.forget(KARI)
    assert list(again.records()) == []
