"""When a number is erased, no service has it in memory or in what it keeps."""

from __future__ import annotations

from itertools import islice
from typing import Any

import pytest

from smsc.services import tlvs
from smsc.services.base import Journal
from smsc.services.contact_register import fnr
from smsc.services.short_codes.charging import Caps, Charge, Charges
from smsc.services.short_codes.codes import Codes
from smsc.services.short_codes.content import ContentRules, ContentService
from tests.services import content_service, emergency_service, test_notify, test_register
from tests.services.helpers import at

NOW = at("2026-01-15 12:00")
KARI, OLA, NOBODY = 4790000112, 4790000113, 4798765432


def emergency(number: int) -> Any:
    """Registered, in a dialogue, and with a part that waits for the others."""
    nod = emergency_service.service()
    emergency_service.send(nod, number)
    emergency_service.send(nod, number, part=1, parts=2, reference=7)
    return nod


def content(number: int) -> Any:
    """A subscription, an order, a stopp, part of a long message, and a charge."""
    made = ContentService(ContentRules(), Codes(content_service.CODES), lambda account: tlvs.OURS)
    content_service.send(made, "NYTT", content_service.SHARED, source=number)
    content_service.send(made, "JA", content_service.SHARED, source=number)
    content_service.send(made, "SPORT", content_service.SHARED, source=number)
    content_service.send(made, "A", source=number)
    content_service.send(made, "A", source=number, part=1, parts=2, reference=3)
    content_service.send(made, "STOPP", source=number)
    return made


def rows_of(service: Any, number: int) -> list[str]:
    """What the service would write down that has the number in it."""
    return [repr(row) for row in service.records() if str(number) in repr(row)]


@pytest.mark.parametrize("make", [emergency, content])
def test_a_forgotten_number_is_nowhere(make: Any) -> None:
    service = make(KARI)
    assert rows_of(service, KARI)
    service.changes()
    service.forget(KARI)
    assert rows_of(service, KARI) == []
    changes = service.changes()
    assert changes
    assert all(row is None for key, row in changes.items() if str(KARI) in key), (
        "deleted in the store as well"
    )


@pytest.mark.parametrize("make", [emergency, content])
def test_what_others_have_is_not_forgotten(make: Any) -> None:
    service = make(OLA)
    before = list(map(repr, service.records()))
    service.forget(NOBODY)
    assert list(map(repr, service.records())) == before


def test_K01_a_mobile_number_that_is_gone_is_nobodys_and_the_rest_stays() -> None:
    register = test_register.register()
    kari, ola = islice(fnr.synthetic(), 2)
    for person, number in ((kari, "90000001"), (ola, "90000002")):
        register.create(person)
        register.set_channel(person, "mobile", number, NOW)
        register.set_channel(person, "email", f"{number}@example.no", NOW)
    for _ in range(2):
        register.forget_mobile("+4790000001")
        assert register.find(kari).mobile is None
        assert register.find(kari).email.address == "90000001@example.no"
        assert register.find(ola).mobile.address == "+4790000002"


def test_an_excluded_number_is_forgotten_as_one() -> None:
    registrations = emergency_service.service().registrations
    registrations.exclude(KARI, NOW)
    registrations.forget(KARI)
    assert not registrations.excluded_until(KARI, NOW)
    assert not registrations.is_registered(KARI)


def test_what_is_reserved_for_a_payer_is_released() -> None:
    charges = Charges(Caps(), Journal())
    for message_id, payer in ((1, KARI), (2, OLA), (3, KARI)):
        charges.reserve(Charge(0, 0, payer, "2097", "quiz", "Quiz", "mo", message_id, 500))
    charges.settle(1)
    charges.forget(KARI)
    assert charges.settle(3) is None
    assert charges.settle(2) is not None
    assert [charge.payer for charge in charges.page()] == [0, OLA]


def test_a_notification_service_forgets_the_mobile_number_of_its_register() -> None:
    krr = test_notify.populated()
    person = krr.register.find(test_notify.KARI)
    number = int(person.mobile.address[1:])
    krr.forget(number)
    assert krr.register.find(test_notify.KARI).mobile is None
