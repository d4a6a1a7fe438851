"""Content services: subscriptions, STOPP and help."""

from __future__ import annotations

import pytest

from smsc import reasons
from smsc.services import tlvs
from smsc.services.base import DAY, MINUTE, Outcome
from smsc.services.short_codes.content import ContentService
from tests.services.content_service import KARI, NEWS, NOW, QUIZ, SHARED, premium, send, spent
from tests.services.helpers import Sim


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
