"""Nød-SMS, rule by rule (N1-N37 of docs/norway.md): who reaches which centre, confirmation, location."""

from __future__ import annotations

from math import inf, nan

import pytest

from smsc import reasons
from smsc.delivery.message import EMERGENCY_PRIORITY
from smsc.routing.numbering import load_plan
from smsc.routing.plan_data import NumberingRules
from smsc.routing.sim import derived_imsi, valid_imei
from smsc.services import texts, tlvs
from smsc.services.base import DAY, HOUR, MINUTE, SECOND
from smsc.services.nod_sms import aml
from smsc.services.nod_sms.emergency import ADDRESSES, EmergencyRules, EmergencyService
from smsc.services.nod_sms.registration import Person
from tests.services.emergency_service import (
    CENTRES,
    FIRE,
    KARI,
    MEDICAL,
    NOW,
    POLICE,
    POLICE_NUMBER,
    STRANGER,
    part,
    send,
    service,
)
from tests.services.helpers import Message, Sim, draw

OSLO = (59.91273, 10.74609, 850.0)


@pytest.mark.parametrize(
    "address, account", [(4759555110, FIRE), (4759555112, POLICE), (4759555113, MEDICAL)]
)
def test_N01_long_number_reaches_its_centre(nod: EmergencyService, address: int, account: int) -> None:
    _, outcome = send(nod, destination=address)
    assert (outcome.recipient, outcome.reason, outcome.refuse) == (-account, 0, False)


def test_N02_text_telephone_is_no_address_of_the_service_and_refused_by_the_plan() -> None:
    assert 471412 not in ADDRESSES
    plan = load_plan()
    for form in ("00471412", "1412"):
        row = plan.rows[plan.read_text(0, 1, form) & 255]
        assert (row.can_receive, row.reason) == (False, reasons.DESTINATION_TEXT_TELEPHONE)


@pytest.mark.parametrize(
    "form, ton",
    [
        ("004759555112", 0),
        ("+4759555112", 0),
        ("+4759555112", 1),
        ("4759555112", 0),
        ("4759555112", 1),
        ("59555112", 0),
        ("59555112", 2),
        ("59 555 112", 0),
    ],
)
def test_N03_every_form_reaches_the_same_centre(nod: EmergencyService, form: str, ton: int) -> None:
    key = load_plan().read_text(ton, 1, form) >> 8
    assert send(nod, destination=key)[1].recipient == -POLICE


@pytest.mark.parametrize("address, account", [(47110, FIRE), (47112, POLICE), (47113, MEDICAL)])
def test_N04_bare_emergency_numbers_reach_the_same_centres(
    nod: EmergencyService, address: int, account: int
) -> None:
    _, outcome = send(nod, destination=address)
    assert outcome.recipient == -account


def test_N05_only_after_registration(nod: EmergencyService) -> None:
    assert send(nod, STRANGER)[1].recipient == 0
    nod.registrations.put(STRANGER, Person(), NOW)
    assert send(nod, STRANGER)[1].recipient == -POLICE


def test_N09_foreign_sim_is_refused_at_sending_unless_the_setting_allows_it() -> None:
    swedish = Sim(imsi="240010000000001")
    refused = service().on_submit(Message(KARI, POLICE_NUMBER), swedish, NOW)
    stranger = service().on_submit(Message(STRANGER, POLICE_NUMBER), swedish, NOW)
    allowed = service(foreign_sims=True).on_submit(Message(KARI, POLICE_NUMBER), swedish, NOW)
    for outcome in (refused, stranger):
        assert (outcome.recipient, outcome.reason) == (0, reasons.EMERGENCY_FOREIGN_SIM)
        assert "Norwegian SIM" in outcome.replies[0].text
        assert "registered" not in outcome.replies[0].text, "each is told what is true"
    assert allowed.recipient == -POLICE


def test_N12_old_number_is_unregistered_after_the_change(nod: EmergencyService) -> None:
    nod.registrations.delete(KARI)
    nod.registrations.put(STRANGER, Person(), NOW)
    assert send(nod, KARI)[1].reason == reasons.EMERGENCY_NOT_REGISTERED
    assert send(nod, STRANGER)[1].reason == reasons.NONE


def test_N15_sender_gets_a_confirmation_from_the_centres_number(nod: EmergencyService) -> None:
    message, _ = send(nod)
    (reply,) = nod.on_delivered(message, NOW + SECOND)
    assert (reply.source, reply.source_ton, reply.source_npi, reply.to) == ("4759555112", 1, 1, KARI)
    assert "has received your message" in reply.text
    assert reply.kind == "nod_sms_received"


def test_N16_no_confirmation_before_the_centre_has_taken_it(nod: EmergencyService) -> None:
    message, outcome = send(nod)
    assert outcome.replies == ()
    assert nod.step(NOW + MINUTE) == ()
    assert len(nod.on_delivered(message, NOW + MINUTE)) == 1


def test_N17_unregistered_message_reaches_no_centre(nod: EmergencyService) -> None:
    _, outcome = send(nod, STRANGER)
    assert (outcome.recipient, outcome.reason) == (0, reasons.EMERGENCY_NOT_REGISTERED)
    assert not outcome.refuse, "the submit itself is answered ESME_ROK"


@pytest.mark.parametrize("language, word", [("en", "registered"), ("nb", "registrert"), ("nn", "registrert")])
def test_N18_unregistered_sender_gets_one_sms_that_says_so(language: str, word: str) -> None:
    _, outcome = send(service(language=language), STRANGER)
    (reply,) = outcome.replies
    assert reply.to == STRANGER
    assert word in reply.text
    assert texts.septets(reply.text) <= 160


def test_N19_centre_gets_the_location_with_its_accuracy(nod: EmergencyService) -> None:
    outcome = nod.on_submit(Message(KARI, POLICE_NUMBER), Sim(), NOW, OSLO)
    assert tlvs.read_location(outcome.tlvs) == pytest.approx(OSLO, abs=1e-6)


@pytest.mark.parametrize("sim", [Sim(), Sim(imsi=None)])
def test_N19_location_is_also_available_as_aml_text(nod: EmergencyService, sim: Sim) -> None:
    outcome = nod.on_submit(Message(KARI, POLICE_NUMBER), sim, NOW, OSLO)
    line = tlvs.find(outcome.tlvs, tlvs.NOD_AML).decode("ascii")
    position = aml.parse(line)
    assert (position.lat, position.lon, position.radius, position.method) == (59.91273, 10.74609, 850, "C")
    assert (position.time, position.mcc, position.mnc, position.length_ok) == (NOW, "242", "70", True)
    assert position.imsi == sim.imsi or position.imsi == derived_imsi(KARI)
    assert valid_imei(position.imei)
    names = [field.partition("=")[0] for field in line.split(";")]
    assert names == ['A"ML', "lt", "lg", "rd", "top", "lc", "pm", "si", "ei", "mcc", "mnc", "ml"]


@pytest.mark.parametrize("wanted", [(), ("dialogue",), ("location",), ("aml",), ("dialogue", "location")])
def test_N19_a_centre_gets_the_tlvs_that_its_esme_lists_and_no_other(wanted: tuple[str, ...]) -> None:
    tags = {tlvs.NAMES[name] for name in wanted}
    nod = EmergencyService(EmergencyRules(), dict(CENTRES), draw, lambda account: tags)
    nod.registrations.put(KARI, Person(), NOW)
    outcome = nod.on_submit(Message(KARI, POLICE_NUMBER), Sim(), NOW, OSLO)
    assert {tag for tag in tlvs.OURS if tlvs.find(outcome.tlvs, tag) is not None} == tags
    assert outcome.data["location"] == {"lat": 59.91273, "lon": 10.74609, "radius_m": 850}
    assert outcome.replies == ()


def test_N19_the_location_may_follow_as_a_message_of_its_own() -> None:
    nod = EmergencyService(EmergencyRules(aml=True), dict(CENTRES), draw)
    nod.registrations.put(KARI, Person(), NOW)
    parts = [nod.on_submit(part(number, 2), Sim(), NOW, OSLO) for number in (1, 2)]
    assert [len(outcome.replies) for outcome in parts] == [1, 0], "once a message"
    (line,) = parts[0].replies
    assert (line.source, line.to, line.address) == (str(KARI), -POLICE, POLICE_NUMBER)
    assert aml.parse(line.text).length_ok
    assert texts.septets(line.text) <= 160
    assert nod.on_submit(Message(KARI, POLICE_NUMBER), Sim(), NOW, None).replies == (), "no position"


@pytest.mark.parametrize(
    "location",
    [None, (nan, 10.0, 5.0), (91.0, 0.0, 5.0), (0.0, 181.0, 5.0), (0.0, 0.0, -1.0), (0.0, 0.0, inf)],
)
@pytest.mark.parametrize("with_aml", [False, True])
def test_N20_failure_to_locate_stops_nothing(
    location: tuple[float, float, float] | None, with_aml: bool
) -> None:
    outcome = service(aml=with_aml).on_submit(Message(KARI, POLICE_NUMBER), Sim(), NOW, location)
    assert outcome.recipient == -POLICE
    assert tlvs.read_location(outcome.tlvs) is None
    assert tlvs.find_uint32(outcome.tlvs, tlvs.NOD_DIALOGUE_ID) == 1


def test_N26_misuse_excludes_for_48_hours_and_then_for_good(nod: EmergencyService) -> None:
    nod.registrations.exclude(KARI, NOW)
    _, outcome = send(nod, now=NOW + 48 * HOUR - 1)
    assert (outcome.recipient, outcome.reason, outcome.refuse) == (0, reasons.EMERGENCY_EXCLUDED, False)
    assert "17.01.2026 12:00" in outcome.replies[0].text
    assert send(nod, now=NOW + 48 * HOUR)[1].reason == reasons.EMERGENCY_NOT_REGISTERED, "registers anew"
    nod.registrations.put(KARI, Person(), NOW + 48 * HOUR)
    assert send(nod, now=NOW + 48 * HOUR)[1].recipient == -POLICE
    nod.registrations.exclude(KARI, NOW + 49 * HOUR)
    _, outcome = send(nod, now=NOW + 1000 * DAY)
    assert outcome.reason == reasons.EMERGENCY_EXCLUDED
    assert "further notice" in outcome.replies[0].text


def test_N27_emojis_are_delivered_all_the_same(nod: EmergencyService) -> None:
    _, outcome = send(nod, text="🔥🏠😱")
    assert outcome.recipient == -POLICE


def test_N28_twin_sim_uses_its_subscriptions_registration_and_is_answered_itself(
    nod: EmergencyService,
) -> None:
    phone, watch = KARI, 47580000000001
    twin = Sim(main=phone)
    message = Message(watch, POLICE_NUMBER)
    assert nod.on_submit(message, twin, NOW).recipient == -POLICE
    assert nod.on_delivered(message, NOW)[0].to == watch
    assert "dialogue" in nod.on_from_provider(POLICE, Message(POLICE_NUMBER, watch), NOW, twin).data
    nod.registrations.exclude(phone, NOW)
    assert nod.on_submit(Message(watch, POLICE_NUMBER), twin, NOW).reason == reasons.EMERGENCY_EXCLUDED
    assert nod.on_submit(Message(watch, POLICE_NUMBER), Sim(), NOW).reason == reasons.EMERGENCY_NOT_REGISTERED


def test_N32_the_service_speaks_from_the_59_range_that_nothing_may_bar() -> None:
    assert {number for number in ADDRESSES if 4759000000 <= number <= 4759999999} == {
        4759555110,
        4759555112,
        4759555113,
    }
    plan = load_plan(NumberingRules(receive={"m2m_iot_8": False}))
    receives = {
        number: plan.rows[plan.read(0, 1, number, 8) & 255].can_receive
        for number in (59555110, 59555111, 59555112, 59555113)
    }
    assert receives == {59555110: True, 59555111: False, 59555112: True, 59555113: True}


def test_N33_highest_priority_in_both_directions(nod: EmergencyService) -> None:
    _, outcome = send(nod)
    answer = nod.on_from_provider(POLICE, Message(POLICE_NUMBER, KARI), NOW)
    assert outcome.priority == answer.priority == EMERGENCY_PRIORITY


def test_N33_the_same_text_twice_is_delivered_twice(nod: EmergencyService) -> None:
    outcomes = [send(nod, text="Fire")[1] for _ in range(2)]
    assert [outcome.recipient for outcome in outcomes] == [-POLICE, -POLICE]


@pytest.mark.parametrize("language", texts.NOD_SMS)
def test_N18_every_text_is_one_sms_in_the_default_alphabet(language: str) -> None:
    for name, text in texts.NOD_SMS[language].items():
        for centre in texts.CENTRES[language].values():
            said = text.format(centre=centre, code="123456", minutes=30, until="31.12.2026 23:59")
            assert texts.septets(said) <= 160, name
    assert texts.NOD_SMS[language].keys() == texts.NOD_SMS["en"].keys()
