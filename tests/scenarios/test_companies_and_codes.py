"""Companies, helplines, content providers, and the numbers that nobody answers."""

from __future__ import annotations

import pytest

from smsc.testing.server import SmscHandle
from tests.esme import Esme
from tests.scenarios.binding import KARI, OLA, Bind

RINVSRCADR, RINVDSTADR, RSUBMITFAIL = 0x0A, 0x0B, 0x45


# --- companies ---


def test_a_company_reaches_a_handset_and_the_answer_reaches_the_company(kari: Esme, bind: Bind) -> None:
    shop = bind("shop", "shop")
    shop.send(KARI, "Pakken er klar. Svar JA.", source="59000001")
    arrived = kari.receive()
    assert (arrived.source, arrived.source_type) == ("4759000001", (1, 1))
    message_id = kari.send("59000001", "JA", registered_delivery=1)
    answer = shop.receive()
    assert (answer.source, answer.destination, answer.text) == (KARI, "4759000001", "JA")
    assert kari.receive_receipt().id == message_id


@pytest.mark.parametrize("form", ["59000001", "+4759000001", "004759000001", "4759000001"])
def test_the_long_number_in_every_dialling_form(kari: Esme, bind: Bind, form: str) -> None:
    shop = bind("shop", "shop")
    kari.send(form, "JA")
    assert shop.receive().destination == "4759000001"


def test_an_answer_waits_while_the_company_is_not_bound(
    smsc_server: SmscHandle, kari: Esme, bind: Bind
) -> None:
    kari.send("59000001", "JA")
    smsc_server.clock.advance("6h")
    assert bind("shop", "shop").receive().text == "JA"


def test_a_company_is_known_by_its_name(smsc_server: SmscHandle, kari: Esme, bind: Bind) -> None:
    bind("shop", "shop").send(KARI, "Tilbud", source="Shop")
    arrived = kari.receive()
    assert (arrived.source, arrived.source_type) == ("Shop", (5, 0))
    (message,) = smsc_server.messages(destination=KARI)
    assert message.source == "Shop"


def test_nobody_can_answer_a_name(kari: Esme) -> None:
    assert kari.submit("Shop", dest_addr_ton=5, dest_addr_npi=0).status == 0x50
    assert kari.submit("Shop", dest_addr_ton=0).status == RINVDSTADR


def test_an_agency_has_a_longer_name(kari: Esme, bind: Bind) -> None:
    bind("skatt", "skatt").send(KARI, "Skatteoppgjøret er klart.", source="Skatteetaten")
    assert kari.receive().source == "Skatteetate"  # 11 characters go on the air


def test_a_company_with_an_empty_source_is_shown_as_its_own_number(kari: Esme, bind: Bind) -> None:
    bind("shop", "shop").send(KARI, "Tilbud", source="")
    assert kari.receive().source == "4759000001"


@pytest.mark.parametrize("source", ["Skatteetaten", "2097", "116111", KARI, "59000002", "46701234567"])
def test_a_company_may_use_no_other_source(bind: Bind, source: str) -> None:
    assert bind("shop", "shop").submit(OLA, source=source).status == RINVSRCADR


# --- helplines ---


@pytest.mark.parametrize("form", ["116111", "+47116111", "0047116111"])
def test_a_helpline_is_reached_without_registration(kari: Esme, bind: Bind, form: str) -> None:
    helpline = bind("alarmtlf", "116111")
    kari.send(form, "Kan jeg snakke med noen?")
    arrived = helpline.receive()
    assert (arrived.source, arrived.text) == (KARI, "Kan jeg snakke med noen?")


def test_a_helpline_answers_from_its_number(kari: Esme, bind: Bind) -> None:
    helpline = bind("alarmtlf", "116111")
    kari.send("116111", "Hei")
    helpline.receive()
    helpline.send(KARI, "Ja, her er vi.", source="116111")
    arrived = kari.receive()
    assert (arrived.source, arrived.text) == ("116111", "Ja, her er vi.")


def test_a_helpline_waits_like_a_handset(smsc_server: SmscHandle, kari: Esme, bind: Bind) -> None:
    kari.send("116111", "Hei")
    smsc_server.clock.advance("1h")
    assert bind("alarmtlf", "116111").receive().text == "Hei"


def test_barred_content_bars_no_helpline(bind: Bind) -> None:
    helpline, sender = bind("alarmtlf", "116111"), bind("4799000008")
    sender.send("116111", "Hei")
    assert helpline.receive().text == "Hei"


@pytest.mark.parametrize("number", ["116000", "116999", "116"])
def test_a_116_number_that_nobody_has(kari: Esme, number: str) -> None:
    assert kari.submit(number).status == RINVDSTADR


# --- content providers ---


@pytest.mark.parametrize("ton", [0, 3, 6])
def test_a_short_code_reaches_its_provider(kari: Esme, bind: Bind, ton: int) -> None:
    quiz = bind("quiz", "quiz2097")
    kari.send("2097", "QUIZ", dest_addr_ton=ton)
    arrived = quiz.receive()
    assert (arrived.source, arrived.destination, arrived.text) == (KARI, "2097", "QUIZ")


def test_a_provider_answers_from_its_short_code(kari: Esme, bind: Bind) -> None:
    quiz = bind("quiz", "quiz2097")
    kari.send("2097", "QUIZ")
    quiz.receive()
    quiz.send(KARI, "Spørsmål 1: hva heter hovedstaden?", source="2097")
    arrived = kari.receive()
    assert arrived.source == "2097"
    assert arrived.fields["source_addr_ton"] != 1


def test_providers_get_only_what_is_theirs(kari: Esme, bind: Bind) -> None:
    quiz, giver = bind("quiz", "quiz2097"), bind("giver", "giver")
    kari.send("2440", "GAVE")
    assert giver.receive().text == "GAVE"
    assert quiz.has_nothing()


def test_barred_content_services(bind: Bind) -> None:
    assert bind("4799000008").submit("2097", "QUIZ").status == RSUBMITFAIL


def test_a_short_code_that_nobody_has(kari: Esme) -> None:
    assert kari.submit("2098", "QUIZ").status == RINVDSTADR


def test_an_answer_with_dialogue_digits_reaches_the_provider(kari: Esme, bind: Bind) -> None:
    quiz = bind("quiz", "quiz2097")
    quiz.send(KARI, "Svar på dette", source="2097001")
    assert kari.receive().source == "2097001"
    kari.send("2097001", "B")
    arrived = quiz.receive()
    assert (arrived.destination, arrived.text) == ("2097001", "B")


# --- numbers that take no SMS ---


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        ("22865500", "destination_fixed_line"),
        ("+4722865500", "destination_fixed_line"),
        ("+46701234567", "destination_foreign"),
        ("0046701234567", "destination_foreign"),
        ("68050000", "destination_blocked_range"),
        ("004768050000", "destination_blocked_range"),
        ("1412", "destination_text_telephone"),
    ],
)
def test_a_number_that_takes_no_sms_and_why(
    smsc_server: SmscHandle, bind: Bind, number: str, reason: str
) -> None:
    kari = bind(KARI, version=0x50)
    answer = kari.submit(number)
    assert answer.status == RINVDSTADR
    (session,) = smsc_server.control("sessions")
    assert session["events"][-1]["detail"] == reason
    assert smsc_server.control("number", number)["reason"] == reason
    info = answer.pdu.tlv("additional_status_info_text")
    assert isinstance(info, str)
    assert info.endswith(".")


# --- things ---


def test_a_second_sim_has_twelve_digits(smsc_server: SmscHandle, kari: Esme, bind: Bind) -> None:
    watch = bind("47580000000001")
    watch.send(KARI, "Fra klokka")
    arrived = kari.receive()
    assert (arrived.source, arrived.source_type) == ("47580000000001", (1, 1))
    kari.send("580000000001", "Til klokka")
    kari.send("+47580000000001", "Igjen")
    assert watch.receive_all(2) == ["Til klokka", "Igjen"]
