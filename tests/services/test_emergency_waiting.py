"""Nød-SMS (N21, N33-N37 of docs/norway.md): what waits for a centre, and who is told."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc import reasons
from smsc.delivery.message import FOREVER
from smsc.services.base import DAY, HOUR, MINUTE, SECOND, Reply
from smsc.services.nod_sms.emergency import EmergencyRules, EmergencyService, unattended
from smsc.services.nod_sms.registration import Person
from tests.services.emergency_service import (
    FIRE,
    KARI,
    MEDICAL,
    NOW,
    OLA,
    POLICE,
    POLICE_NUMBER,
    STRANGER,
    part,
    send,
    service,
)
from tests.services.helpers import Message, Sim, draw, kept


def test_N21_a_message_that_never_left_the_handset_is_not_confirmed(nod: EmergencyService) -> None:
    held = Message(KARI, POLICE_NUMBER)
    assert nod.on_delivered(held, NOW) == ()
    assert nod.next_due() == FOREVER


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
