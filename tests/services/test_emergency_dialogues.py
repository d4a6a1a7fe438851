"""Nød-SMS (N25 of docs/norway.md): a centre and a user write to one another."""

from __future__ import annotations

import pytest

from smsc import reasons
from smsc.services import tlvs
from smsc.services.base import DAY, MINUTE
from smsc.services.nod_sms.emergency import EmergencyService
from tests.services.emergency_service import FIRE, KARI, NOW, OLA, POLICE, POLICE_NUMBER, STRANGER, send
from tests.services.helpers import Message


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


def test_N25_what_a_centre_writes_is_urgent_and_kept_until_it_arrives(nod: EmergencyService) -> None:
    outcome = nod.on_from_provider(POLICE, Message(POLICE_NUMBER, KARI), NOW)
    assert (outcome.recipient, outcome.keep, outcome.priority > 0) == (KARI, True, True)
