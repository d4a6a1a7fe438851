"""Fills the contact and reservation register from the settings: agencies, tokens, people."""

from __future__ import annotations

from itertools import islice

from smsc.config.contacts import Register as Given
from smsc.coverage.draw import draw
from smsc.delivery.message import FOREVER
from smsc.moments import milliseconds
from smsc.services.calendar import add_months
from smsc.services.contact_register import fnr
from smsc.services.contact_register.access import Access, Organisation, Token
from smsc.services.contact_register.notify import NotificationService
from smsc.services.contact_register.register import ContactRegister, RegisterRules

#: What a draw is for (see smsc.coverage.draw).
PERSON = 111
_LANGUAGES = (("nb", 0.80), ("nn", 0.12), ("en", 0.06), ("se", 0.02))
_ABSENT, _RESERVED, _STALE, _WITHOUT_MOBILE, _WITHOUT_EMAIL = 0.05, 0.05, 0.10, 0.05, 0.20


def contact_service(given: Given, seed: int, now: int) -> NotificationService:
    """The register with everybody in it, and the notifications that use it."""
    organisations = [
        Organisation(one.number, one.name, one.kind, one.sender or "", frozenset(one.acts_for))
        for one in given.organisations
    ]
    tokens = [
        Token(
            one.token.get_secret_value(),
            one.organisation,
            frozenset(one.scopes),
            one.on_behalf_of or "",
            FOREVER if one.expires is None else milliseconds(one.expires),
        )
        for one in given.tokens
    ]
    service = NotificationService(
        RegisterRules(
            stale_contact=given.stale_contact,
            marks=given.marks,
            log_life=given.log_life,
            log_limit=given.log_limit,
            utc=given.dates == "utc",
        ),
        Access(organisations, tokens, given.delegates),
        given.order_life,
        given.order_limit,
    )
    for one in given.persons:
        service.register.create(one.identifier, one.language)
        updated = now if one.updated is None else milliseconds(one.updated)
        for name, address in (("mobile", one.mobile), ("email", one.email)):
            if address is not None:
                service.register.set_channel(one.identifier, name, address, updated)
        if one.reserved:
            service.register.reserve(one.identifier, True, updated)
    invent(service.register, given.synthetic.persons, given.synthetic.first_number, seed, now)
    service.changes()  # the settings bring them back after a restart
    return service


def invent(register: ContactRegister, count: int, first_number: int, seed: int, now: int) -> None:
    """Add so many people, drawn from the seed; who is known already, or not registered, is left out."""
    for place, identifier in enumerate(islice(fnr.synthetic(), count)):

        def chance(what: int, place: int = place) -> float:
            return draw(seed, PERSON, place, what)

        if register.find(identifier) is not None or chance(0) < _ABSENT:
            continue
        register.create(identifier, _language(chance(1)))
        months = 19 + int(chance(3) * 24) if chance(2) < _STALE else int(chance(3) * 17)
        updated = add_months(now, -months)
        if chance(4) >= _WITHOUT_MOBILE:
            register.set_channel(identifier, "mobile", f"+{first_number + place}", updated)
        if chance(5) >= _WITHOUT_EMAIL:
            register.set_channel(identifier, "email", f"person{place + 1}@example.no", updated)
        if chance(6) < _RESERVED:
            register.reserve(identifier, True, updated)


def _language(chance: float) -> str:
    for language, share in _LANGUAGES:
        if chance < share:
            return language
        chance -= share
    return _LANGUAGES[0][0]
