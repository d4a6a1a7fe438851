"""Content services at short codes: routing, charging, caps, premium messages."""

from __future__ import annotations

import pytest

from smsc import reasons
from smsc.services import texts, tlvs
from smsc.services.base import DAY
from smsc.services.short_codes.charging import Caps
from smsc.services.short_codes.codes import Code, Codes, KeywordRule
from smsc.services.short_codes.content import ContentRules, ContentService
from tests.services.content_service import CARS, CODES, GIVER, KARI, NOW, QUIZ, SHARED, premium, send, spent
from tests.services.helpers import Message, Sim, at, kept
from tests.services.test_subscriptions import subscribe

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
