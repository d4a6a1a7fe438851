"""Content services: routing, prices, double opt-in, STOPP, caps, barring, premium MT."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from smsc import reasons
from smsc.services import texts, tlvs
from smsc.services.base import DAY, MINUTE, Outcome
from smsc.services.short_codes.charging import Caps
from smsc.services.short_codes.codes import EXACT, STARTS_WITH, Code, Codes, KeywordRule
from smsc.services.short_codes.content import ContentRules, ContentService
from tests.services.helpers import Message, Sim, at, kept

NOW = at("2026-01-15 12:00")
KARI = 4790000001
QUIZ, GIVER, NEWS, CARS = 31, 32, 33, 34
CODES = (
    Code("2097", (KeywordRule(QUIZ, "quiz", price_ore=500),)),
    Code("2440", (KeywordRule(GIVER, "giver", price_ore=20_000),)),
    Code(
        "26114",
        (
            KeywordRule(NEWS, "news", EXACT, "NYTT", 150, subscription=True),
            KeywordRule(NEWS, "news", EXACT, "SPORT", 250, subscription=True),
            KeywordRule(CARS, "cars", STARTS_WITH, "BIL", 1000),
        ),
    ),
)
SHARED = 4726114


@pytest.fixture
def content() -> Iterator[ContentService]:
    made = ContentService(ContentRules(), Codes(CODES), lambda account: tlvs.OURS)
    yield made
    assert kept(made.changes()) == dict(made.records()), "whatever happened, the store knows it all"


def send(
    content: ContentService,
    text: str = "A",
    destination: int = 472097,
    now: int = NOW,
    sim: Sim | None = None,
    source: int = KARI,
    **more: Any,
) -> tuple[Any, ...]:
    message = Message(source, destination, text, **more)
    return message, content.on_submit(message, sim or Sim(), now)


def premium(
    content: ContentService,
    price: int = 500,
    source: int = 472097,
    account: int = QUIZ,
    now: int = NOW,
    sim: Sim | None = None,
    to: int = KARI,
    **more: Any,
) -> tuple[Any, ...]:
    message = Message(source, to, "Svar", tlvs=tlvs.tlv(tlvs.CONTENT_PRICE, tlvs.uint32(price)), **more)
    return message, content.on_from_provider(account, message, now, sim or Sim())


def spent(content: ContentService, now: int = NOW) -> int:
    return content.charges.spent(KARI, now)


# Routing.


def test_code_leads_to_its_provider_who_sees_keyword_and_price(content: ContentService) -> None:
    _, outcome = send(content, "BIL AB12345", SHARED)
    assert (outcome.recipient, outcome.reason) == (-CARS, 0)
    assert tlvs.find(outcome.tlvs, tlvs.CONTENT_KEYWORD) == b"BIL"
    assert tlvs.find_uint32(outcome.tlvs, tlvs.CONTENT_PRICE) == 1000
    assert outcome.data == {"code": "26114", "keyword": "BIL", "price_ore": 1000}


def test_unknown_code_is_refused_and_unknown_keyword_is_not_passed_on(content: ContentService) -> None:
    _, unknown = send(content, destination=472003)
    assert (unknown.reason, unknown.refuse) == (reasons.CODE_UNKNOWN, True)
    _, nobody = send(content, "hei", SHARED)
    assert (nobody.recipient, nobody.reason, nobody.refuse) == (0, reasons.CODE_NO_KEYWORD, False)
    assert spent(content) == 0


def test_same_code_in_every_network(content: ContentService) -> None:
    outcomes = {send(content, sim=Sim(operator=name))[1][:4] for name in ("no.telenor", "no.telia", "no.ice")}
    assert len(outcomes) == 1


def test_answer_to_dialogue_digits_needs_no_keyword_and_costs_nothing(content: ContentService) -> None:
    send(content, "BIL AB12345", SHARED)
    question = Message(SHARED * 100 + 77, KARI, "Hvilken farge?")
    assert content.on_from_provider(CARS, question, NOW).recipient == KARI
    _, answer = send(content, "rød", SHARED * 100 + 77)
    assert (answer.recipient, answer.data["price_ore"]) == (-CARS, 0)
    assert send(content, "rød", SHARED * 100 + 78)[1].reason == reasons.CODE_NO_KEYWORD
    assert spent(content) == 1000


def test_dialogue_that_rested_a_week_is_forgotten(content: ContentService) -> None:
    content.on_from_provider(CARS, Message(SHARED * 100 + 77, KARI), NOW)
    assert send(content, "rød", SHARED * 100 + 77, NOW + 7 * DAY)[1].reason == reasons.CODE_NO_KEYWORD


@pytest.mark.parametrize("account, source", [(GIVER, 472097), (QUIZ, 472440), (QUIZ, 4790000002)])
def test_provider_uses_its_own_code_only(content: ContentService, account: int, source: int) -> None:
    outcome = content.on_from_provider(account, Message(source, KARI), NOW)
    assert (outcome.reason, outcome.refuse) == (reasons.SOURCE_NOT_ALLOWED, True)


# Prices.


def test_price_is_charged_when_the_provider_has_the_message(content: ContentService) -> None:
    message, _ = send(content)
    assert content.charges.page() == []
    assert spent(content) == 500
    content.on_delivered(message, NOW)
    (record,) = content.charges.page()
    assert (record.payer, record.code, record.provider, record.direction) == (KARI, "2097", "quiz", "mo")
    assert (record.price_ore, record.message_id, record.at) == (500, message.id, NOW)


def test_message_that_never_reaches_the_provider_is_free(content: ContentService) -> None:
    message, _ = send(content)
    content.on_failed(message, reasons.VALIDITY_EXPIRED, NOW)
    content.on_delivered(message, NOW)
    assert (spent(content), content.charges.page()) == (0, [])


def test_long_message_has_one_price_and_one_provider(content: ContentService) -> None:
    parts = [Message(KARI, SHARED, "BIL " + "x" * 149, part=1, parts=2, reference=9)]
    parts.append(Message(KARI, SHARED, "and more", part=2, parts=2, reference=9))
    outcomes = [content.on_submit(message, Sim(), NOW) for message in parts]
    assert [outcome.recipient for outcome in outcomes] == [-CARS, -CARS]
    assert [outcome.data["price_ore"] for outcome in outcomes] == [0, 1000], "due when it is complete"
    for message in parts:
        content.on_delivered(message, NOW)
    assert [record.price_ore for record in content.charges.page()] == [1000]


def test_quiz_with_a_thousand_senders_adds_up(content: ContentService) -> None:
    senders = range(4790000000, 4790001000)
    for sender in senders:
        message, outcome = send(content, "B", source=sender)
        assert outcome.recipient == -QUIZ
        content.on_delivered(message, NOW)
    assert content.charges.totals() == [
        {"month": "2026-01", "provider": "quiz", "direction": "mo", "records": 1000, "ore": 500_000}
    ]
    assert {record.payer for record in content.charges.page()} == set(senders)


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


# Caps and barring.


def test_cap_per_message_and_per_month_on_the_smsc_clock() -> None:
    rules = ContentRules(caps=Caps(message_ore=20_000, month_ore=45_000))
    content = ContentService(rules, Codes(CODES))
    assert [send(content, destination=472440)[1].reason for _ in range(3)] == [0, 0, reasons.CAP_EXCEEDED]
    _, refused = send(content, destination=472440, now=at("2026-01-31 23:59"))
    assert (refused.reason, refused.refuse) == (reasons.CAP_EXCEEDED, True)
    assert send(content, destination=472440, now=at("2026-02-01"))[1].reason == 0
    dear = ContentService(ContentRules(caps=Caps(message_ore=19_999)), Codes(CODES))
    assert send(dear, destination=472440)[1].reason == reasons.CAP_EXCEEDED


def test_barred_subscriber_neither_sends_nor_pays(content: ContentService) -> None:
    send(content)
    barred = Sim(barred=2)
    for _, outcome in (send(content, sim=barred), premium(content, sim=barred)):
        assert (outcome.reason, outcome.refuse) == (reasons.CONTENT_BARRED, True)
    assert content.on_from_provider(QUIZ, Message(472097, KARI), NOW, barred).recipient == KARI, "free"


# Premium MT.


def test_premium_message_needs_an_order_within_a_day(content: ContentService) -> None:
    assert premium(content)[1].reason == reasons.CONTENT_NOT_CONSENTED
    send(content)
    assert premium(content, now=NOW + DAY - 1)[1].recipient == KARI
    assert premium(content, now=NOW + DAY)[1].reason == reasons.CONTENT_NOT_CONSENTED
    assert premium(content, source=472440, account=GIVER)[1].reason == reasons.CONTENT_NOT_CONSENTED


def test_premium_message_is_charged_on_delivery(content: ContentService) -> None:
    order, _ = send(content)
    answer, outcome = premium(content, 1500)
    assert outcome.data == {"code": "2097", "price_ore": 1500}
    content.on_delivered(order, NOW)
    content.on_delivered(answer, NOW)
    assert [(row.direction, row.price_ore) for row in content.charges.page()] == [("mo", 500), ("mt", 1500)]
    lost, _ = premium(content, 1500)
    content.on_failed(lost, reasons.VALIDITY_EXPIRED, NOW)
    assert spent(content) == 2000


def test_premium_message_obeys_the_caps(content: ContentService) -> None:
    send(content)
    _, outcome = premium(content, 50_001)
    assert (outcome.reason, outcome.refuse) == (reasons.CAP_EXCEEDED, True)


def test_long_premium_message_has_one_price(content: ContentService) -> None:
    send(content)
    parts = [premium(content, 1500, part=number, parts=2, reference=4) for number in (1, 2)]
    assert [outcome.data["price_ore"] for _, outcome in parts] == [0, 1500]
    assert spent(content) == 2000


def test_message_without_a_price_needs_nobodys_consent(content: ContentService) -> None:
    assert content.on_from_provider(QUIZ, Message(472097, KARI), NOW, Sim()).recipient == KARI
    assert spent(content) == 0


# Subscriptions.


def subscribe(content: ContentService, word: str = "NYTT", now: int = NOW) -> Outcome:
    send(content, word, SHARED, now)
    return send(content, "JA", SHARED, now)[1]


def test_subscription_takes_two_messages_and_both_are_free(content: ContentService) -> None:
    _, asked = send(content, "nytt", SHARED)
    assert (asked.recipient, asked.reason) == (0, 0), "the service itself takes the order"
    (question,) = asked.replies
    assert (question.source, question.source_ton, question.to) == ("4726114", 3, KARI)
    assert "NOK 1,50" in question.text
    assert premium(content, 150, SHARED, NEWS)[1].reason == reasons.CONTENT_NOT_CONSENTED
    _, confirmed = send(content, "Ja", SHARED)
    assert (confirmed.recipient, confirmed.data) == (-NEWS, {"code": "26114", "subscribed": "NYTT"})
    assert tlvs.find(confirmed.tlvs, tlvs.CONTENT_KEYWORD) == b"NYTT"
    assert "subscribe to NYTT" in confirmed.replies[0].text
    assert premium(content, 150, SHARED, NEWS, NOW + 300 * DAY)[1].recipient == KARI
    assert send(content, "Ja", SHARED)[1].reason == reasons.CODE_NO_KEYWORD, "the question is answered"
    assert [held.word for _, held in content.subscriptions(KARI)] == ["NYTT"]
    assert spent(content) == 0


def test_confirmation_may_name_the_keyword_and_lapses_after_a_day(content: ContentService) -> None:
    send(content, "NYTT", SHARED)
    assert send(content, "JA BIL", SHARED)[1].reason == reasons.CODE_NO_KEYWORD
    assert send(content, "ja nytt", SHARED)[1].recipient == -NEWS
    send(content, "SPORT", SHARED)
    assert send(content, "JA", SHARED, NOW + DAY)[1].reason == reasons.CODE_NO_KEYWORD


def test_yes_without_a_question_is_an_ordinary_text(content: ContentService) -> None:
    assert send(content, "JA")[1].data["price_ore"] == 500


def test_subscribers_keyword_reaches_the_provider_and_costs_nothing(content: ContentService) -> None:
    subscribe(content)
    assert send(content, "NYTT", SHARED)[1].recipient == -NEWS
    assert spent(content) == 0


# STOPP.


def test_stopp_ends_everything_on_the_code_free_and_at_once(content: ContentService) -> None:
    for word in ("NYTT", "SPORT"):
        subscribe(content, word)
    _, stopped = send(content, "STOPP", SHARED)
    assert (stopped.recipient, stopped.data["stopped"]) == (-NEWS, 2)
    assert "26114" in stopped.replies[0].text
    assert content.subscriptions(KARI) == []
    _, outcome = premium(content, 150, SHARED, NEWS)
    assert (outcome.reason, outcome.refuse) == (reasons.CONTENT_STOPPED, True)
    assert spent(content) == 0


def test_stopp_with_a_keyword_ends_that_one_only(content: ContentService) -> None:
    for word in ("NYTT", "SPORT"):
        subscribe(content, word)
    assert send(content, "Stopp sport", SHARED)[1].data["stopped"] == 1
    assert [held.word for _, held in content.subscriptions(KARI)] == ["NYTT"]
    assert premium(content, 150, SHARED, NEWS)[1].recipient == KARI
    assert send(content, "STOPP BIL", SHARED)[1].replies[0].kind == "content_nothing_to_stop"
    assert [held.word for _, held in content.subscriptions(KARI)] == ["NYTT"]


@pytest.mark.parametrize(
    "text",
    [
        "STOPP",
        "stopp!",
        "Stopp.",
        " STOPP\n",
        "«Stopp»",
        "STOPP!!!",
        '"stop"',
        "Stop",
        "AVSLUTT",
        "avslutt.",
        "Avslutte",
        "STOPP 26114",
        "Stopp, takk",
        "STOPP - ALLE",
        "stopp alt!",
        "avslutt abonnement",
        "STOPP 🙏",
    ],
)
def test_any_usual_spelling_of_stopp_ends_and_is_free(content: ContentService, text: str) -> None:
    subscribe(content)
    _, outcome = send(content, text, SHARED)
    assert (outcome.data["stopped"], outcome.replies[0].kind) == (1, "content_stopped")
    assert content.subscriptions(KARI) == []
    assert spent(content) == 0
    send(content, "BIL AB12345", SHARED)
    before = spent(content)
    assert send(content, text, SHARED)[1].replies[0].kind == "content_stopped", "an order too"
    assert spent(content) == before


@pytest.mark.parametrize("text", ["HJELP", "hjelp!", "Help", "Hjelp, hva er dette?"])
@pytest.mark.parametrize("sim", [Sim(), Sim(barred=2)])
def test_help_answers_and_is_free(content: ContentService, text: str, sim: Sim) -> None:
    _, outcome = send(content, text, SHARED, sim=sim)
    (reply,) = outcome.replies
    assert (outcome.recipient, outcome.reason, reply.to) == (0, 0, KARI)
    for said in ("26114", "news, cars", "1,50-10", "STOPP"):
        assert said in reply.text
    assert spent(content) == 0


def test_who_writes_what_no_service_answers_to_is_told_once_a_minute(content: ContentService) -> None:
    _, outcome = send(content, "hei", SHARED)
    (reply,) = outcome.replies
    assert (outcome.reason, reply.kind, reply.to) == (reasons.CODE_NO_KEYWORD, "content_no_keyword", KARI)
    assert "HJELP" in reply.text
    assert send(content, "hei", SHARED, now=NOW + MINUTE - 1)[1].replies == ()
    assert len(send(content, "hei", SHARED, now=NOW + MINUTE)[1].replies) == 1
    assert spent(content, NOW + MINUTE) == 0


def test_stopp_ends_what_an_order_allowed_until_the_next_order(content: ContentService) -> None:
    send(content)
    send(content, "STOPP ALLE")
    assert premium(content)[1].reason == reasons.CONTENT_STOPPED
    send(content)
    assert premium(content)[1].recipient == KARI
    assert premium(content, now=NOW + DAY)[1].reason == reasons.CONTENT_NOT_CONSENTED


def test_stopp_cancels_a_question_and_gets_through_barring(content: ContentService) -> None:
    send(content, "NYTT", SHARED)
    _, outcome = send(content, "STOPP", SHARED, sim=Sim(barred=2))
    assert outcome.reason == 0
    assert send(content, "JA", SHARED)[1].reason == reasons.CODE_NO_KEYWORD


def test_stopp_with_nothing_to_stop_says_so_and_tells_the_only_provider(content: ContentService) -> None:
    _, outcome = send(content, "STOPP")
    assert (outcome.recipient, outcome.replies[0].kind) == (-QUIZ, "content_nothing_to_stop")
    assert send(content, "STOPP", SHARED)[1].recipient == 0, "the code has several providers"


def test_a_word_that_begins_with_stopp_is_no_stopp(content: ContentService) -> None:
    assert send(content, "STOPPEKLOKKE")[1].data["price_ore"] == 500


# The rest.


@pytest.mark.parametrize("language", texts.CONTENT)
def test_every_text_is_one_sms_in_the_default_alphabet(language: str) -> None:
    for name, text in texts.CONTENT[language].items():
        said = text.format(code="26114", word="X" * 20, price="500,50", names="X" * 30)
        assert texts.septets(said) <= 160, name
    assert texts.CONTENT[language].keys() == texts.CONTENT["en"].keys()


def test_restart_goes_on_with_agreements_dialogues_and_charges() -> None:
    content = ContentService(ContentRules(), Codes(CODES))
    subscribe(content)
    send(content, "SPORT", SHARED)
    content.on_from_provider(CARS, Message(SHARED * 100 + 77, KARI), NOW)
    paid, _ = send(content)
    waiting, _ = send(content)
    content.on_delivered(paid, NOW)
    send(content, "STOPP", 472440)
    stored = kept(content.changes())

    again = ContentService(ContentRules(), Codes(CODES))
    again.load(reversed(list(stored.items())))
    assert dict(again.records()) == stored
    assert send(again, "JA", SHARED)[1].data["subscribed"] == "SPORT"
    assert send(again, "rød", SHARED * 100 + 77)[1].recipient == -CARS
    assert premium(again)[1].recipient == KARI
    again.on_delivered(waiting, NOW)
    assert [record.price_ore for record in again.charges.page()] == [500, 500]


def test_a_provider_whose_name_has_a_slash_is_remembered() -> None:
    codes = Codes([Code("2097", (KeywordRule(QUIZ, "quiz/no", price_ore=500),))])
    before = ContentService(ContentRules(), codes)
    message, _ = send(before)
    before.on_delivered(message, NOW)
    after = ContentService(ContentRules(), codes)
    after.load(before.records())
    assert after.charges.totals() == before.charges.totals() != []


def test_a_provider_cannot_make_charging_records_long(content: ContentService) -> None:
    send(content)
    word = tlvs.tlv(tlvs.CONTENT_KEYWORD, "å".encode() * 20_000)
    price = tlvs.tlv(tlvs.CONTENT_PRICE, tlvs.uint32(500))
    message = Message(472097, KARI, "Svar", tlvs=word + price, id=77)
    assert content.on_from_provider(QUIZ, message, NOW, Sim()).reason == 0
    content.on_delivered(message, NOW)
    (charge,) = content.charges.page()
    assert charge.keyword == "å" * 20
