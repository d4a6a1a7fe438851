"""Nød-SMS, rule by rule (N1-N37 of docs/norway.md): messages, confirmations, dialogues."""

from __future__ import annotations

from collections.abc import Iterator
from math import inf, nan
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc import reasons
from smsc.delivery.message import EMERGENCY_PRIORITY, FOREVER
from smsc.routing.numbering import load_plan
from smsc.routing.plan_data import NumberingRules
from smsc.routing.sim import derived_imsi, valid_imei
from smsc.services import texts, tlvs
from smsc.services.base import DAY, HOUR, MINUTE, SECOND, Reply
from smsc.services.nod_sms import aml
from smsc.services.nod_sms.emergency import ADDRESSES, EmergencyRules, EmergencyService, unattended
from smsc.services.nod_sms.registration import Person
from tests.services.helpers import Message, Sim, at, draw, kept

NOW = at("2026-01-15 12:00")
KARI, OLA, STRANGER = 4790000112, 4790000113, 4790000001
FIRE, POLICE, MEDICAL = 11, 12, 13
CENTRES = {"fire": FIRE, "police": POLICE, "medical": MEDICAL}
POLICE_NUMBER = 4759555112
OSLO = (59.91273, 10.74609, 850.0)


def service(**rules: Any) -> EmergencyService:
    made = EmergencyService(EmergencyRules(**rules), dict(CENTRES), draw, lambda account: tlvs.OURS)
    for number in (KARI, OLA):
        made.registrations.put(number, Person(name="Test"), NOW)
    return made


@pytest.fixture
def nod() -> Iterator[EmergencyService]:
    made = service()
    yield made
    assert kept(made.changes()) == dict(made.records()), "whatever happened, the store knows it all"


def send(
    nod: EmergencyService, source: int = KARI, destination: int = POLICE_NUMBER, now: int = NOW, **more: Any
) -> tuple[Any, ...]:
    message = Message(source, destination, **more)
    return message, nod.on_submit(message, Sim(), now)


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


def test_N21_a_message_that_never_left_the_handset_is_not_confirmed(nod: EmergencyService) -> None:
    held = Message(KARI, POLICE_NUMBER)
    assert nod.on_delivered(held, NOW) == ()
    assert nod.next_due() == FOREVER


def test_N25_answer_goes_to_the_same_centre_in_the_same_dialogue(nod: EmergencyService) -> None:
    _, first = send(nod, destination=47112)
    question = Message(POLICE_NUMBER, KARI, "Where are you?")
    asked = nod.on_from_provider(POLICE, question, NOW + MINUTE)
    _, answer = send(nod, destination=POLICE_NUMBER, now=NOW + 2 * MINUTE)
    assert (asked.recipient, answer.recipient) == (KARI, -POLICE)
    assert first.data["dialogue"] == asked.data["dialogue"] == answer.data["dialogue"]
    assert tlvs.find_uint32(answer.tlvs, tlvs.NOD_DIALOGUE_ID) == first.data["dialogue"]


def test_N25_dialogues_of_other_users_and_centres_are_others(nod: EmergencyService) -> None:
    ids = {send(nod, user, address)[1].data["dialogue"] for user in (KARI, OLA) for address in (47110, 47112)}
    assert len(ids) == 4
    assert [row["dialogue"] for row in nod.dialogues()] == sorted(ids)


def test_N25_a_dialogue_that_rested_a_day_is_over(nod: EmergencyService) -> None:
    first = send(nod)[1].data["dialogue"]
    assert send(nod, now=NOW + DAY - 1)[1].data["dialogue"] == first
    assert send(nod, now=NOW + 2 * DAY)[1].data["dialogue"] != first


def test_N25_each_message_of_a_dialogue_is_confirmed(nod: EmergencyService) -> None:
    for minute in range(3):
        message, _ = send(nod, now=NOW + minute * MINUTE)
        assert len(nod.on_delivered(message, NOW + minute * MINUTE)) == 1


def test_N25_a_centre_that_starts_gets_the_answer_in_its_dialogue(nod: EmergencyService) -> None:
    asked = nod.on_from_provider(POLICE, Message(POLICE_NUMBER, KARI), NOW)
    assert send(nod)[1].data["dialogue"] == asked.data["dialogue"]


def test_N25_a_centre_may_write_to_anyone_but_opens_no_dialogue_with_the_unregistered(
    nod: EmergencyService,
) -> None:
    asked = nod.on_from_provider(POLICE, Message(POLICE_NUMBER, STRANGER), NOW)
    assert (asked.recipient, "dialogue" in asked.data) == (STRANGER, False)
    assert send(nod, STRANGER)[1].reason == reasons.EMERGENCY_NOT_REGISTERED


@pytest.mark.parametrize(
    "account, source", [(FIRE, POLICE_NUMBER), (POLICE, 4790000001), (99, POLICE_NUMBER)]
)
def test_N25_only_the_centre_itself_uses_its_number(nod: EmergencyService, account: int, source: int) -> None:
    outcome = nod.on_from_provider(account, Message(source, KARI), NOW)
    assert (outcome.reason, outcome.refuse) == (reasons.SOURCE_NOT_ALLOWED, True)


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


def test_N34_one_refusal_a_minute_for_each_sender(nod: EmergencyService) -> None:
    assert len(send(nod, STRANGER)[1].replies) == 1
    assert send(nod, STRANGER, destination=47113, now=NOW + MINUTE - 1)[1].replies == ()
    assert len(send(nod, STRANGER + 1, now=NOW + MINUTE - 1)[1].replies) == 1
    assert len(send(nod, STRANGER, now=NOW + MINUTE)[1].replies) == 1


def test_N35_sender_is_told_after_two_minutes_and_the_message_kept(nod: EmergencyService) -> None:
    message, outcome = send(nod)
    assert outcome.keep, "the engine goes on trying"
    assert nod.next_due() == NOW + 2 * MINUTE
    assert nod.step(NOW + 2 * MINUTE - 1) == ()
    (notice,) = nod.step(NOW + 2 * MINUTE)
    assert notice.kind == "nod_sms_not_yet"
    assert (notice.to, notice.source) == (KARI, "4759555112")
    assert nod.next_due() == FOREVER, "told once"
    (confirmation,) = nod.on_delivered(message, NOW + 3 * DAY)
    assert confirmation.kind == "nod_sms_received"


def test_N35_an_end_without_delivery_is_told(nod: EmergencyService) -> None:
    message, _ = send(nod)
    (notice,) = nod.on_failed(message, reasons.DELETED_BY_OPERATOR, NOW + SECOND)
    assert notice.kind == "nod_sms_failed"
    assert nod.next_due() == FOREVER
    assert nod.on_delivered(message, NOW + MINUTE) == ()


def test_N35_the_centres_own_message_is_not_followed(nod: EmergencyService) -> None:
    question = Message(POLICE_NUMBER, KARI)
    nod.on_from_provider(POLICE, question, NOW)
    assert nod.on_delivered(question, NOW) == ()
    assert nod.on_failed(question, reasons.VALIDITY_EXPIRED, NOW) == ()


def part(number: int, parts: int = 3, source: int = KARI, reference: int = 7) -> Message:
    return Message(source, POLICE_NUMBER, part=number, parts=parts, reference=reference)


def test_N36_long_message_is_confirmed_once_when_all_of_it_arrived(nod: EmergencyService) -> None:
    parts = [part(number) for number in (1, 2, 3)]
    outcomes = [nod.on_submit(message, Sim(), NOW + at) for at, message in enumerate(parts)]
    assert {outcome.data["dialogue"] for outcome in outcomes} == {1}
    replies = [nod.on_delivered(message, NOW + SECOND) for message in reversed(parts)]
    assert [len(reply) for reply in replies] == [0, 0, 1]
    assert nod.next_due() == FOREVER


def test_N36_unregistered_sender_of_a_long_message_gets_one_answer(nod: EmergencyService) -> None:
    replies = [nod.on_submit(part(number, source=STRANGER), Sim(), NOW).replies for number in (1, 2, 3)]
    assert [len(reply) for reply in replies] == [1, 0, 0]


def test_N36_a_part_that_is_missing_is_told_after_two_minutes_and_may_come_later(
    nod: EmergencyService,
) -> None:
    first, second = part(1, parts=2), part(2, parts=2)
    nod.on_submit(first, Sim(), NOW)
    assert nod.on_delivered(first, NOW) == ()
    (notice,) = nod.step(NOW + 2 * MINUTE)
    assert notice.kind == "nod_sms_incomplete"
    nod.on_submit(second, Sim(), NOW + HOUR)
    assert [reply.kind for reply in nod.on_delivered(second, NOW + HOUR)] == ["nod_sms_received"]


def test_N36_a_part_sent_twice_is_delivered_twice_and_confirmed_once(nod: EmergencyService) -> None:
    parts = [part(1, parts=2), part(1, parts=2), part(2, parts=2)]
    assert all(nod.on_submit(message, Sim(), NOW).recipient == -POLICE for message in parts)
    assert [len(nod.on_delivered(message, NOW)) for message in parts] == [0, 0, 1]


def test_N36_one_failed_part_is_told_once(nod: EmergencyService) -> None:
    parts = [part(number) for number in (1, 2, 3)]
    for message in parts:
        nod.on_submit(message, Sim(), NOW)
    told = [nod.on_failed(message, reasons.DELETED_BY_OPERATOR, NOW) for message in parts]
    assert [len(replies) for replies in told] == [1, 0, 0]


def test_N36_parts_that_never_come_are_given_up_after_a_day(nod: EmergencyService) -> None:
    incomplete, stuck = part(1, reference=1), part(1, reference=2)
    for message in (incomplete, stuck):
        nod.on_submit(message, Sim(), NOW)
    nod.on_delivered(incomplete, NOW)
    nod.step(NOW + 2 * MINUTE)
    nod.step(NOW + 2 * MINUTE + DAY)
    waiting = [key for key, _ in nod.records() if key.startswith("waiting/")]
    assert nod.on_delivered(stuck, NOW + 3 * DAY) == ()
    nod.step(NOW + 10 * DAY)
    assert not [key for key, _ in nod.records() if key.startswith("waiting/")]
    assert waiting == [f"waiting/{stuck.id}"], "what the centre has still to take is never given up"


def test_N37_site_down_stops_no_registered_user(nod: EmergencyService) -> None:
    nod.registrations.open_site(False)
    assert send(nod)[1].recipient == -POLICE


@pytest.mark.parametrize("centres", [{}, {"fire": FIRE}, {"fire": FIRE, "police": 0}])
def test_N35_a_message_for_a_centre_that_nobody_answers_for_is_kept_and_its_sender_told_once(
    centres: dict[str, int],
) -> None:
    nod = EmergencyService(EmergencyRules(), centres, draw)
    nod.registrations.put(KARI, Person(), NOW)
    message, outcome = send(nod)
    assert (outcome.recipient, outcome.reason, outcome.refuse) == (-unattended("police"), 0, False)
    assert outcome.keep
    (notice,) = nod.step(NOW + 2 * MINUTE)
    assert (notice.kind, notice.to) == ("nod_sms_unattended", KARI)
    assert "NOT" in notice.text
    assert nod.step(NOW + DAY) == ()
    assert [reply.kind for reply in nod.on_delivered(message, NOW + DAY)] == ["nod_sms_received"]
    stranger = send(nod, STRANGER)[1]
    assert stranger.reason == reasons.EMERGENCY_NOT_REGISTERED, "and others are told what is true of them"


@pytest.mark.parametrize("delay", [MINUTE, HOUR, 3 * DAY])
def test_N35_a_scheduled_message_is_late_only_after_its_own_time(nod: EmergencyService, delay: int) -> None:
    scheduled, _ = send(nod, scheduled_at=NOW + delay)
    at_once, _ = send(nod, OLA, now=NOW + SECOND)
    assert [reply.to for reply in nod.step(NOW + 2 * MINUTE + SECOND)] == [OLA], "whatever the order"
    assert nod.next_due() == NOW + delay + 2 * MINUTE
    (notice,) = nod.step(NOW + delay + 2 * MINUTE)
    assert (notice.kind, notice.to) == ("nod_sms_not_yet", KARI)
    for message in (scheduled, at_once):
        assert len(nod.on_delivered(message, NOW + delay + HOUR)) == 1


def test_N33_N35_so_many_wait_for_one_centre_and_who_comes_then_is_told() -> None:
    nod = service(queue=3)
    waiting = [send(nod)[0] for _ in range(3)]
    _, refused = send(nod, OLA)
    assert (refused.reason, refused.refuse) == (reasons.QUEUE_FULL, True)
    assert [reply.kind for reply in refused.replies] == ["nod_sms_queue_full"]
    assert send(nod, OLA)[1].replies == (), "once a minute"
    assert send(nod, OLA, destination=47113)[1].recipient == -MEDICAL, "each centre has a limit of its own"
    nod.on_delivered(waiting[0], NOW)
    assert send(nod, OLA)[1].recipient == -POLICE
    again = service(queue=3)
    again.load(nod.records())
    assert send(again, OLA)[1].refuse
    nod.forget(KARI)
    assert send(nod, OLA)[1].recipient == -POLICE


def test_N36_what_one_more_part_costs_does_not_depend_on_how_many_came() -> None:
    nod, rows = service(), []
    nod.changes()
    for _ in range(50):
        nod.on_submit(part(1, parts=2), Sim(), NOW)
        rows.append(sum(len(str(row)) for row in nod.changes().values()))
    assert rows[-1] <= rows[1] + 10


def test_restart_goes_on_with_dialogues_waiting_messages_and_registrations() -> None:
    nod = service()
    delivered, waiting = send(nod)[0], send(nod, OLA)[0]
    long = [part(1, parts=2), part(2, parts=2)]
    nod.on_submit(long[0], Sim(), NOW)
    nod.on_delivered(delivered, NOW)
    dialogue = next(row["dialogue"] for row in nod.dialogues() if row["user"] == str(KARI))
    stored = kept(nod.changes())

    nod = service()
    nod.load(reversed(list(stored.items())))
    assert dict(nod.records()) == stored
    assert nod.registrations.find(KARI).person == Person(name="Test")
    assert nod.on_delivered(delivered, NOW) == ()
    assert nod.next_due() == NOW + 2 * MINUTE
    assert len(nod.step(NOW + 2 * MINUTE)) == 2
    another = send(nod, OLA)[0]
    assert [reply.to for reply in nod.on_delivered(waiting, NOW)] == [OLA]
    assert [reply.to for reply in nod.on_delivered(another, NOW)] == [OLA]
    nod.on_submit(long[1], Sim(), NOW)
    assert [len(nod.on_delivered(message, NOW)) for message in long] == [0, 1]
    assert send(nod)[1].data["dialogue"] == dialogue


@given(
    st.lists(st.tuples(st.sampled_from(["send", "deliver", "fail", "wait"]), st.integers(0, 5)), max_size=40)
)
def test_N35_every_message_ends_in_exactly_one_word_to_its_sender(actions: list[tuple[str, int]]) -> None:
    nod, now, waiting, last = service(), NOW, [], {}
    heard: dict[int, list[Reply]] = {}
    for action, which in actions:
        if action == "send":
            waiting.append(send(nod, now=now)[0])
            heard[waiting[-1].id] = []
        elif action == "wait":
            now += MINUTE
            nod.step(now)
        elif waiting:
            message = waiting.pop(which % len(waiting))
            done = nod.on_delivered(message, now) if action == "deliver" else nod.on_failed(message, 1, now)
            heard[message.id].extend(done)
            last[message.id] = action
    for message_id, replies in heard.items():
        assert len(replies) == (1 if message_id in last else 0)
    stored = {int(key[8:]) for key, _ in nod.records() if key.startswith("waiting/")}
    assert stored == {message.id for message in waiting}


@pytest.mark.parametrize("language", texts.NOD_SMS)
def test_N18_every_text_is_one_sms_in_the_default_alphabet(language: str) -> None:
    for name, text in texts.NOD_SMS[language].items():
        for centre in texts.CENTRES[language].values():
            said = text.format(centre=centre, code="123456", minutes=30, until="31.12.2026 23:59")
            assert texts.septets(said) <= 160, name
    assert texts.NOD_SMS[language].keys() == texts.NOD_SMS["en"].keys()


def test_N25_what_a_centre_writes_is_urgent_and_kept_until_it_arrives(nod: EmergencyService) -> None:
    outcome = nod.on_from_provider(POLICE, Message(POLICE_NUMBER, KARI), NOW)
    assert (outcome.recipient, outcome.keep, outcome.priority > 0) == (KARI, True, True)


@pytest.mark.parametrize("form", ["as they are written now", "as version 0.1 stored them"])
def test_N36_what_is_on_its_way_is_confirmed_after_a_restart(form: str) -> None:
    nod = service()
    message, outcome = send(nod)
    assert outcome.recipient == -POLICE
    rows = dict(nod.records())
    if form == "as version 0.1 stored them":
        (waiting,) = (key for key in rows if key.startswith("waiting/"))
        (outstanding,) = (key for key in rows if key.startswith("outstanding/"))
        del rows[outstanding]
        rows[waiting] = {**rows[waiting], "outstanding": [message.id]}
    again = service()
    again.load(rows.items())
    (confirmation,) = again.on_delivered(message, NOW + SECOND)
    assert confirmation.to == KARI
