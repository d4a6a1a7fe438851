"""Nød-SMS (N36 of docs/norway.md): messages of several parts."""

from __future__ import annotations

import pytest

from smsc import reasons
from smsc.delivery.message import FOREVER
from smsc.services.base import DAY, HOUR, MINUTE, SECOND
from smsc.services.nod_sms.emergency import EmergencyService
from tests.services.emergency_service import KARI, NOW, POLICE, STRANGER, part, send, service
from tests.services.helpers import Sim


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


def test_N36_what_one_more_part_costs_does_not_depend_on_how_many_came() -> None:
    nod, rows = service(), []
    nod.changes()
    for _ in range(50):
        nod.on_submit(part(1, parts=2), Sim(), NOW)
        rows.append(sum(len(str(row)) for row in nod.changes().values()))
    assert rows[-1] <= rows[1] + 10


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
