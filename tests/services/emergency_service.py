"""A service of Nød-SMS with three centres, and what tests send to it."""

from __future__ import annotations

from typing import Any

from smsc.services import tlvs
from smsc.services.nod_sms.emergency import EmergencyRules, EmergencyService
from smsc.services.nod_sms.registration import Person
from tests.services.helpers import Message, Sim, at, draw

NOW = at("2026-01-15 12:00")
KARI, OLA, STRANGER = 4790000112, 4790000113, 4790000001
FIRE, POLICE, MEDICAL = 11, 12, 13
CENTRES = {"fire": FIRE, "police": POLICE, "medical": MEDICAL}
POLICE_NUMBER = 4759555112


def service(**rules: Any) -> EmergencyService:
    made = EmergencyService(EmergencyRules(**rules), dict(CENTRES), draw, lambda account: tlvs.OURS)
    for number in (KARI, OLA):
        made.registrations.put(number, Person(name="Test"), NOW)
    return made


def send(
    nod: EmergencyService, source: int = KARI, destination: int = POLICE_NUMBER, now: int = NOW, **more: Any
) -> tuple[Any, ...]:
    message = Message(source, destination, **more)
    return message, nod.on_submit(message, Sim(), now)


def part(number: int, parts: int = 3, source: int = KARI, reference: int = 7) -> Message:
    return Message(source, POLICE_NUMBER, part=number, parts=parts, reference=reference)
