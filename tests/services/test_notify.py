"""Notifications of people in the register, rule by rule."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

import pytest

from smsc import reasons
from smsc.delivery.message import FOREVER
from smsc.services import texts
from smsc.services.base import DAY, HOUR, ServiceError
from smsc.services.contact_register import fnr
from smsc.services.contact_register.access import Access
from smsc.services.contact_register.notify import NotificationService
from smsc.services.contact_register.register import RegisterRules
from tests.services.helpers import Message, at, kept
from tests.services.test_register import FRESH_UNTIL, NOW, ORGANISATIONS, TOKENS

KARI, OLA, PER, NOBODY = islice(fnr.synthetic(), 4)
SNOW = {
    "nb": "Vi brøyter gata di i morgen. Flytt bilen.",
    "nn": "Vi brøyter gata di i morgon. Flytt bilen.",
    "en": "We clear snow from your street tomorrow. Move your car.",
    "se": "Mii čorgestit muohttaga ihttin. Sirdde biilla.",
}


@pytest.fixture
def krr() -> Iterator[NotificationService]:
    made = populated()
    yield made
    assert kept(made.changes()) == dict(made.records()), "whatever happened, the store knows it all"


def populated() -> NotificationService:
    made = NotificationService(RegisterRules(), Access(ORGANISATIONS, TOKENS))
    for number, (identifier, language) in enumerate([(KARI, "nb"), (OLA, "se")], 90000001):
        made.register.create(identifier, language)
        made.register.set_channel(identifier, "mobile", str(number), NOW)
        made.register.set_channel(identifier, "email", f"{number}@example.no", NOW)
    return made


def order(
    krr: NotificationService,
    *identifiers: Any,
    kind: str = "service",
    token: str | None = "oslo",
    now: int = NOW,
    **more: Any,
) -> int | None:
    body = {"personidentifikatorer": list(identifiers), "kind": kind, "texts": SNOW, **more}
    return int(krr.order(token, body, now)["id"])


def dispatch(krr: NotificationService, order_id: int, now: int = NOW) -> tuple[Any, ...]:
    """Carry out what ``step`` asks for, as the engine does; message ids are 1000, 1001, ..."""
    replies = krr.step(now)
    for message_id, reply in enumerate(replies, 1000):
        krr.on_sent(reply.tag, [message_id], 0, now)
    return replies


def person(
    krr: NotificationService, order_id: int, position: int = 0, now: int = NOW, token: str = "oslo"
) -> dict[str, Any]:
    return krr.report(token, order_id, now)["people"][position]


def refusal(call: Callable[..., Any], *args: Any, **kwargs: Any) -> int:
    with pytest.raises(ServiceError) as caught:
        call(*args, **kwargs)
    return caught.value.status


def test_K03_letter_in_the_mailbox_is_told_by_sms_or_email(krr: NotificationService) -> None:
    krr.register.choose_mailbox(KARI, "kari#1", "984661185")
    krr.register.choose_mailbox(OLA, "ola#1", "984661185")
    krr.register.set_channel(OLA, "mobile", None, NOW)
    told = order(krr, KARI, OLA, NOBODY, kind="letter", token="tax")
    (sms,) = dispatch(krr, told)
    assert sms.text == "Du har fått et brev fra Skatteetaten i den digitale postkassen din."
    (mail,) = krr.outbox()
    assert (mail["to"], mail["sender"]) == ("90000002@example.no", "Skatteetaten")
    assert person(krr, told, 2, token="tax")["why"] == "not_registered"


def test_K03_no_mailbox_no_letter(krr: NotificationService) -> None:
    told = order(krr, KARI, kind="letter")
    assert dispatch(krr, told) == ()
    assert person(krr, told)["why"] == "no_mailbox"


def test_K04_service_messages_use_the_same_data_with_the_agencys_name(krr: NotificationService) -> None:
    told = order(krr, KARI)
    (sms,) = dispatch(krr, told)
    assert (sms.source, sms.source_ton, sms.to, sms.text) == ("Oslo", 5, 4790000001, SNOW["nb"])
    assert person(krr, told)["state"] == "sms_sent"
    krr.on_delivered(Message(0, 4790000001, id=1000), NOW)
    assert person(krr, told) == {
        "personidentifikator": KARI,
        "state": "sms_delivered",
        "why": "",
        "language": "nb",
        "alphabet": "gsm",
        "message_id": "1000",
    }


def test_K06_others_cannot_notify(krr: NotificationService) -> None:
    assert refusal(order, krr, KARI, token="shop") == 403
    assert refusal(order, krr, KARI, token=None) == 401
    assert refusal(order, krr, KARI, token="post") == 403, "needs the scope for contact data"


@pytest.mark.parametrize("kind, state", [("formal", "not_notified"), ("service", "sms_sent")])
def test_K09_reserved_people_get_service_messages_but_no_decisions(
    krr: NotificationService, kind: str, state: str
) -> None:
    krr.register.reserve(KARI, True, NOW)
    told = order(krr, KARI, kind=kind)
    dispatch(krr, told)
    assert person(krr, told)["state"] == state
    assert person(krr, told)["why"] == ("reserved" if kind == "formal" else "")


def test_K10_everybody_is_looked_up_at_dispatch_not_at_the_order(krr: NotificationService) -> None:
    told = order(krr, KARI, OLA, dispatch_at=NOW + DAY)
    assert krr.next_due() == NOW + DAY
    assert krr.step(NOW + DAY - 1) == ()
    krr.register.set_channel(KARI, "mobile", "90000077", NOW + HOUR)
    krr.register.delete(OLA)
    assert krr.register.lookups() == []
    (sms,) = dispatch(krr, told, NOW + DAY)
    assert sms.to == 4790000077
    assert person(krr, told, 1)["why"] == "deleted"
    assert [(row["agency"], row["count"]) for row in krr.register.lookups()] == [("958935420", 2)]
    assert krr.next_due() == FOREVER
    assert krr.step(NOW + 2 * DAY) == ()


def test_K11_stale_data_is_not_used_for_formal_notification(krr: NotificationService) -> None:
    told = order(krr, KARI, kind="formal", now=FRESH_UNTIL)
    assert dispatch(krr, told, FRESH_UNTIL) == ()
    assert (person(krr, told)["state"], person(krr, told)["why"]) == ("not_notified", "stale")
    again = order(krr, KARI, kind="formal", now=FRESH_UNTIL - 1)
    assert len(dispatch(krr, again, FRESH_UNTIL - 1)) == 1


def test_K12_stale_mobile_and_fresh_email(krr: NotificationService) -> None:
    krr.register.verify(KARI, NOW + DAY, ["email"])
    told = order(krr, KARI, kind="formal", now=FRESH_UNTIL)
    assert dispatch(krr, told, FRESH_UNTIL) == ()
    assert (person(krr, told)["state"], person(krr, told)["why"]) == ("email_sent", "stale")


def test_K13_stale_data_serves_for_service_messages(krr: NotificationService) -> None:
    told = order(krr, KARI, now=FRESH_UNTIL)
    assert [sms.to for sms in dispatch(krr, told, FRESH_UNTIL)] == [4790000001]


def test_K17_foreign_number_is_told_by_email(krr: NotificationService) -> None:
    krr.register.set_channel(KARI, "mobile", "+46701234567", NOW)
    krr.register.set_channel(OLA, "mobile", "+46701234567", NOW)
    krr.register.set_channel(OLA, "email", None, NOW)
    told = order(krr, KARI, OLA)
    assert dispatch(krr, told) == ()
    states = [
        (person(krr, told, position)["state"], person(krr, told, position)["why"]) for position in (0, 1)
    ]
    assert states == [("email_sent", "foreign_number"), ("not_notified", "foreign_number")]


@pytest.mark.parametrize("reason", [reasons.VALIDITY_EXPIRED, reasons.UNKNOWN_SUBSCRIBER])
def test_K19_failed_sms_goes_by_email_and_changes_nothing_in_the_register(
    krr: NotificationService, reason: int
) -> None:
    before = dict(krr.register.records())
    told = order(krr, KARI)
    dispatch(krr, told)
    krr.on_failed(Message(0, 4790000001, id=1000), reason, NOW + HOUR)
    assert (person(krr, told)["state"], person(krr, told)["why"]) == (
        "email_sent",
        reasons.REASONS[reason].name,
    )
    assert krr.outbox() == [
        {
            "at": "2026-01-15T12:00:00Z",
            "to": "90000001@example.no",
            "sender": "Oslo kommune",
            "subject": "Oslo kommune",
            "text": SNOW["nb"],
        }
    ]
    after = {key: row for key, row in krr.register.records() if not key.startswith("lookup/")}
    assert after == before


def test_sms_that_is_refused_at_once_goes_by_email_too(krr: NotificationService) -> None:
    told = order(krr, KARI, subject="Brøyting")
    (sms,) = krr.step(NOW)
    krr.on_sent(sms.tag, [], reasons.QUEUE_FULL, NOW)
    assert (person(krr, told)["state"], person(krr, told)["why"]) == ("email_sent", "queue_full")
    assert krr.outbox()[0]["subject"] == "Brøyting"


def test_sms_in_parts_has_arrived_when_all_of_them_have(krr: NotificationService) -> None:
    told = order(krr, KARI)
    (sms,) = krr.step(NOW)
    krr.on_sent(sms.tag, [1000, 1001, 1002], 0, NOW)
    for part in (1001, 1000, 1002):
        assert person(krr, told)["state"] == "sms_sent"
        krr.on_delivered(Message(0, 4790000001, id=part), NOW)
    assert (person(krr, told)["state"], person(krr, told)["message_id"]) == ("sms_delivered", "1000")


def test_sms_in_parts_has_failed_when_one_of_them_has(krr: NotificationService) -> None:
    told = order(krr, KARI)
    (sms,) = krr.step(NOW)
    krr.on_sent(sms.tag, [1000, 1001, 1002], 0, NOW)
    krr.on_delivered(Message(0, 4790000001, id=1000), NOW)
    krr.on_failed(Message(0, 4790000001, id=1001), reasons.VALIDITY_EXPIRED, NOW)
    krr.on_delivered(Message(0, 4790000001, id=1002), NOW)
    krr.on_failed(Message(0, 4790000001, id=1002), reasons.VALIDITY_EXPIRED, NOW)
    assert (person(krr, told)["state"], person(krr, told)["why"]) == ("email_sent", "validity_expired")
    assert len(krr.outbox()) == 1


def test_the_parts_that_are_missing_are_known_after_a_restart() -> None:
    krr = populated()
    told = order(krr, KARI)
    (sms,) = krr.step(NOW)
    krr.on_sent(sms.tag, [1000, 1001], 0, NOW)
    krr.on_delivered(Message(0, 4790000001, id=1000), NOW)
    again = NotificationService(RegisterRules(), Access(ORGANISATIONS, TOKENS))
    again.load(kept(krr.changes()).items())
    assert person(again, told)["state"] == "sms_sent"
    again.on_delivered(Message(0, 4790000001, id=1001), NOW)
    assert person(again, told)["state"] == "sms_delivered"


def test_failed_sms_without_an_email_address_has_failed(krr: NotificationService) -> None:
    krr.register.set_channel(KARI, "email", None, NOW)
    told = order(krr, KARI)
    dispatch(krr, told)
    krr.on_failed(Message(0, 4790000001, id=1000), reasons.ABSENT_DETACHED, NOW)
    assert (person(krr, told)["state"], person(krr, told)["why"]) == ("failed", "absent_detached")
    assert krr.outbox() == []


def test_formal_notification_does_not_fall_back_on_a_stale_address(krr: NotificationService) -> None:
    krr.register.verify(KARI, NOW + DAY, ["mobile"])
    told = order(krr, KARI, kind="formal", now=FRESH_UNTIL)
    dispatch(krr, told, FRESH_UNTIL)
    krr.on_failed(Message(0, 4790000001, id=1000), reasons.ABSENT_DETACHED, FRESH_UNTIL)
    assert person(krr, told, now=FRESH_UNTIL)["state"] == "failed"


def test_language_is_the_persons_and_northern_sami_needs_ucs2(krr: NotificationService) -> None:
    told = order(krr, KARI, OLA)
    assert [sms.text for sms in dispatch(krr, told)] == [SNOW["nb"], SNOW["se"]]
    assert [person(krr, told, position)["alphabet"] for position in (0, 1)] == ["gsm", "ucs2"]


def test_without_a_text_in_the_persons_language_another_is_taken(krr: NotificationService) -> None:
    told = order(krr, OLA, texts={"en": "Hello", "nn": "Hei"})
    assert dispatch(krr, told)[0].text == "Hei"
    assert person(krr, told)["language"] == "nn"


def test_person_without_any_channel_is_not_notified(krr: NotificationService) -> None:
    krr.register.create(PER)
    told = order(krr, PER)
    dispatch(krr, told)
    assert (person(krr, told)["state"], person(krr, told)["why"]) == ("not_notified", "no_contact")


def test_report_counts_and_belongs_to_the_agency(krr: NotificationService) -> None:
    told = order(krr, KARI, OLA, NOBODY)
    dispatch(krr, told)
    krr.on_delivered(Message(0, 4790000001, id=1000), NOW)
    report = krr.report("oslo", told, NOW)
    assert report["counts"] == {"sms_delivered": 1, "sms_sent": 1, "not_notified": 1}
    assert krr.report("supplier", told, NOW) == report, "the delegate of the same agency"
    assert refusal(krr.report, "tax", told, NOW) == 404
    assert refusal(krr.report, "oslo", 999, NOW) == 404


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "advertising"},
        {"texts": {}},
        {"texts": None},
        {"texts": {"sv": "Hej"}},
        {"texts": {"nb": 1}},
        {"dispatch_at": "tomorrow"},
        {"personidentifikatorer": []},
        {"personidentifikatorer": [KARI] * 1001},
    ],
)
def test_bad_orders_are_400(krr: NotificationService, wrong: dict[str, Any]) -> None:
    assert refusal(order, krr, KARI, **wrong) == 400


def test_orders_are_bounded_and_forgotten_after_a_month() -> None:
    krr = NotificationService(RegisterRules(), Access(ORGANISATIONS, TOKENS), limit=2)
    first, _ = order(krr, NOBODY), order(krr, NOBODY)
    assert refusal(order, krr, NOBODY) == 429
    third = order(krr, NOBODY, now=NOW + 30 * DAY)
    assert refusal(krr.report, "oslo", first, NOW) == 404
    assert krr.report("oslo", third, NOW)["id"] == "3"
    assert not [
        key for key, row in krr.changes().items() if row and key.startswith((f"result/{first}/", "order/1"))
    ]


def test_the_service_has_no_number(krr: NotificationService) -> None:
    assert krr.on_submit(Message(4790000001, 4790000002), None, NOW).refuse
    assert krr.on_from_provider(1, Message(4790000001, 4790000002), NOW).refuse


def test_no_repr_tells_who_is_notified(krr: NotificationService) -> None:
    told = order(krr, KARI)
    notification = krr._orders[told]
    shown = repr((notification, notification.results))
    assert KARI not in shown
    assert SNOW["nb"] not in shown


def test_restart_follows_what_is_on_its_way() -> None:
    krr = populated()
    told, later = order(krr, KARI, OLA), order(krr, KARI, dispatch_at=NOW + DAY)
    dispatch(krr, told)
    krr.on_failed(Message(0, 4790000001, id=1000), reasons.VALIDITY_EXPIRED, NOW)
    stored = kept(krr.changes())

    again = NotificationService(RegisterRules(), Access(ORGANISATIONS, TOKENS))
    again.load(reversed(list(stored.items())))
    assert dict(again.records()) == stored
    again.on_delivered(Message(0, 4790000002, id=1001), NOW)
    assert again.report("oslo", told, NOW)["counts"] == {"email_sent": 1, "sms_delivered": 1}
    assert again.next_due() == NOW + DAY
    assert len(dispatch(again, later, NOW + DAY)) == 1
    assert order(again, KARI) == later + 1


def test_a_thousand_people_each_with_their_own_fate(krr: NotificationService) -> None:
    people = list(islice(fnr.synthetic(), 10, 1010))
    for number, identifier in enumerate(people):
        if number % 10 == 0:
            continue
        krr.register.create(identifier, ("nb", "nn", "en", "se")[number % 4])
        krr.register.set_channel(identifier, "mobile", str(91000000 + number), NOW)
        if number % 2:
            krr.register.set_channel(identifier, "email", f"{number}@example.no", NOW)
        if number % 10 == 3:
            krr.register.reserve(identifier, True, NOW)
    late = at("2028-01-01")
    told = order(krr, *people, now=late)
    replies = krr.step(late)
    assert len(replies) == 900
    for message_id, sms in enumerate(replies, 5000):
        krr.on_sent(sms.tag, [message_id], 0, late)
        message = Message(0, sms.to, id=message_id)
        dead_zone = sms.to % 5 == 1
        krr.on_failed(message, reasons.VALIDITY_EXPIRED, late) if dead_zone else krr.on_delivered(
            message, late
        )
    counts = krr.report("oslo", told, late)["counts"]
    assert counts == {"not_notified": 100, "sms_delivered": 700, "email_sent": 100, "failed": 100}


def test_every_letter_text_is_one_sms() -> None:
    for language, text in texts.LETTER.items():
        said = text.format(agency="Skatteetaten")
        assert (texts.alphabet(said) == "ucs2") == (language == "se")
        assert len(said) <= (70 if language == "se" else 160)
