"""Content services: messages of several parts have one price."""

from __future__ import annotations

from typing import Any

import pytest

from smsc import reasons
from smsc.services.base import MINUTE
from smsc.services.short_codes.charging import Caps
from smsc.services.short_codes.codes import Codes
from smsc.services.short_codes.content import ContentRules, ContentService
from tests.services.content_service import CARS, CODES, KARI, NEWS, NOW, SHARED, premium, send, spent
from tests.services.helpers import Message, Sim, kept
from tests.services.test_subscriptions import subscribe


def test_long_message_has_one_price_and_one_provider(content: ContentService) -> None:
    parts = [Message(KARI, SHARED, "BIL " + "x" * 149, part=1, parts=2, reference=9)]
    parts.append(Message(KARI, SHARED, "and more", part=2, parts=2, reference=9))
    outcomes = [content.on_submit(message, Sim(), NOW) for message in parts]
    assert [outcome.recipient for outcome in outcomes] == [-CARS, -CARS]
    assert [outcome.data["price_ore"] for outcome in outcomes] == [0, 1000], "due when it is complete"
    for message in parts:
        content.on_delivered(message, NOW)
    assert [record.price_ore for record in content.charges.page()] == [1000]


def parts_of(
    count: int = 2, text: str = "BIL", reference: Any = 9, source: Any = KARI, destination: Any = SHARED
) -> list[Message]:
    return [
        Message(source, destination, f"{text} {number}", part=number, parts=count, reference=reference)
        for number in range(1, count + 1)
    ]


def charged(content: ContentService, messages: Any, now: Any = NOW) -> list[int]:
    """What each message costs as it is accepted."""
    outcomes = [content.on_submit(message, Sim(), now) for message in messages]
    assert {outcome.recipient for outcome in outcomes} == {-CARS}
    return [outcome.data["price_ore"] for outcome in outcomes]


@pytest.mark.parametrize("texts_", [["BIL", "BIL", "BIL", "BIL"], ["BIL a", "BIL b", "BIL c", "BIL d"]])
def test_a_reference_that_is_used_again_begins_a_new_message(
    content: ContentService, texts_: list[str]
) -> None:
    prices = [charged(content, parts_of(text=text)) for text in texts_]
    assert prices == [[0, 1000]] * 4
    assert spent(content) == 4000


def test_a_part_alone_is_never_complete_and_never_charged(content: ContentService) -> None:
    assert charged(content, [parts_of()[0] for _ in range(10)]) == [0] * 10
    assert spent(content) == 0
    assert premium(content, 100, SHARED, CARS)[1].reason == reasons.CONTENT_NOT_CONSENTED, "nor an order"


def test_a_repeated_part_is_free_while_its_message_is_incomplete(content: ContentService) -> None:
    first, second, third = parts_of(3)
    assert charged(content, [first, first, second, first, second, third]) == [0, 0, 0, 0, 0, 1000]
    assert charged(content, [third]) == [0], "a repeat that came too late completes nothing"


def test_a_part_with_other_text_begins_a_new_message(content: ContentService) -> None:
    assert charged(content, [parts_of(text="BIL a")[0], *parts_of(text="BIL b")]) == [0, 0, 1000]
    assert charged(content, [parts_of(text="BIL a")[1]]) == [0]


def test_a_repeat_is_one_only_within_the_window_of_the_network(content: ContentService) -> None:
    first, second = parts_of()
    charged(content, [first])
    assert charged(content, [first], NOW + 10 * MINUTE + 1) == [0]
    assert charged(content, [second], NOW + 10 * MINUTE + 1) == [1000]


def test_parts_in_any_order_and_of_others_between_them(content: ContentService) -> None:
    other = parts_of(source=KARI + 1)
    one, two = parts_of(), parts_of(reference=10)
    assert charged(content, [one[0], other[0], two[0], two[1], one[1]]) == [0, 0, 0, 1000, 1000]
    assert spent(content) == 2000


@pytest.mark.parametrize("lost", [0, 1])
@pytest.mark.parametrize("restart", [False, True])
def test_a_long_message_of_which_a_part_never_arrived_is_free_until_it_comes_again(
    content: ContentService, lost: int, restart: bool
) -> None:
    parts = parts_of()
    assert charged(content, parts) == [0, 1000]
    if restart:
        rows = kept(dict(content.records()))
        content = ContentService(ContentRules(), Codes(CODES))
        content.load(rows.items())
    content.on_failed(parts[lost], reasons.VALIDITY_EXPIRED, NOW)
    content.on_delivered(parts[1 - lost], NOW)
    assert (spent(content), content.charges.page()) == (0, [])
    again = parts_of()[lost]
    assert charged(content, [again]) == [1000]
    content.on_delivered(again, NOW)
    assert [record.price_ore for record in content.charges.page()] == [1000]


def test_a_part_of_an_earlier_message_that_fails_takes_nothing_from_the_next(content: ContentService) -> None:
    old = parts_of(text="BIL a")
    charged(content, [old[0]])
    assert charged(content, parts_of(text="BIL b")) == [0, 1000]
    content.on_failed(old[0], reasons.VALIDITY_EXPIRED, NOW)
    assert spent(content) == 1000


def test_a_message_that_a_restart_cut_in_two_is_charged_once(content: ContentService) -> None:
    first, second = parts_of()
    charged(content, [first])
    again = ContentService(ContentRules(), Codes(CODES))
    again.load(kept(dict(content.records())).items())
    assert charged(again, [second]) == [1000]


def test_a_long_message_beyond_the_cap_is_refused_as_a_whole_and_free() -> None:
    content = ContentService(ContentRules(caps=Caps(month_ore=1500)), Codes(CODES))
    first, second = parts_of()
    charged(content, [first])
    send(content, "BIL", SHARED)
    outcome = content.on_submit(second, Sim(), NOW)
    assert (outcome.reason, outcome.refuse) == (reasons.CAP_EXCEEDED, True)
    assert spent(content) == 1000


def test_a_long_stopp_is_one_stopp(content: ContentService) -> None:
    subscribe(content)
    parts = [
        Message(KARI, SHARED, text, part=n, parts=2, reference=3) for n, text in ((1, "STOPP"), (2, "nå"))
    ]
    outcomes = [content.on_submit(message, Sim(), NOW) for message in parts]
    assert [len(outcome.replies) for outcome in outcomes] == [1, 0]
    assert [outcome.reason for outcome in outcomes] == [0, 0]


def test_two_providers_of_a_code_share_no_reference(content: ContentService) -> None:
    for word, account in (("BIL", CARS), ("NYTT", NEWS)):
        send(content, word, SHARED) if account == CARS else subscribe(content)
    before = spent(content)
    for number in (1, 2):
        for account in (CARS, NEWS):
            premium(content, 100, SHARED, account, part=number, parts=2, reference=4)
    assert spent(content) - before == 200
