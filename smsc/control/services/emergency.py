"""Nød-SMS: who is registered, the citizen's site, exclusions, dialogues with the centres."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from smsc.control.base import ControlBase, ControlError, moment, moment_or_none
from smsc.services.nod_sms.registration import Person, Registration, Standing, require_mobile


class EmergencyControl(ControlBase):
    """What can be asked and changed about emergency SMS."""

    def registrations(self) -> list[dict[str, Any]]:
        """All numbers registered for Nød-SMS."""
        return [_registration(found) for found in self.world.emergency.registrations.all()]

    def registration(self, msisdn: str) -> dict[str, Any]:
        """One registration; 404 when the number is not registered."""
        found = self.world.emergency.registrations.find(self._key(msisdn))
        if found is None:
            raise ControlError(404, "Not registered", f"{msisdn} is not registered for Nød-SMS")
        return _registration(found)

    def put_registration(self, msisdn: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Register one number, or change what is known about it.

        ServiceError 422 for another number than a mobile one (N9), 409 while it is excluded (N26).
        """
        key = self._key(msisdn)
        registrations = self.world.emergency.registrations
        before = registrations.standing(key)
        found = registrations.put(key, Person(**body), self._message_time())
        self._registration_changed(key, before)
        return _registration(found)

    def delete_registration(self, msisdn: str) -> None:
        """Take a number out of the register of Nød-SMS."""
        key, registrations = self._key(msisdn), self.world.emergency.registrations
        before = registrations.standing(key)
        if not registrations.delete(key):
            raise ControlError(404, "Not registered", f"{msisdn} is not registered for Nød-SMS")
        self._registration_changed(key, before)

    def _registration_changed(self, key: int, before: Standing) -> None:
        registrations = self.world.emergency.registrations
        self.changes.made(lambda: registrations.put_back(key, before))
        self.engine.services.changed(self.world.emergency, asked=True)

    # --- the citizen's site ---------------------------------------------------------------------

    def emergency_look_up(self, number: str) -> dict[str, Any]:
        """What the site offers for one mobile number; ServiceError 400, 503."""
        return self.world.emergency.registrations.look_up(number)

    def emergency_start(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Begin ``register``, ``update`` or ``delete`` of ``number``; the code goes there by SMS, once it is
        safe that it counts.

        ServiceError 400, 403, 409, 503.
        """
        service, now = self.world.emergency, self._message_time()
        transaction, code = service.registrations.start(
            body["number"],
            body["action"],
            now,
            Person(**body.get("person", {})),
            body.get("terms", False),
        )
        self.engine.services.changed(service, asked=True)
        self._once_safe(lambda: self.engine.services.send(service, [code], self._message_time()))
        return {"transaction": transaction}

    def emergency_confirm(self, transaction: str, code: str) -> dict[str, Any]:
        """Complete a transaction with its code; ServiceError 400, 404, 503."""
        service, now = self.world.emergency, self._message_time()
        registrations = service.registrations
        opened = registrations.transaction(transaction, now)
        before = registrations.standing(0 if opened is None else opened.number)
        found, notice = registrations.confirm(transaction, code, now)
        self.engine.services.changed(service, asked=True)
        if opened is not None:
            self.changes.made(lambda: registrations.reopen(opened, before, now))
        self._once_safe(lambda: self.engine.services.send(service, [notice], self._message_time()))
        return {"registration": None if found is None else _registration(found)}

    def emergency_site(self) -> dict[str, Any]:
        """Whether the site is open."""
        return {"open": self.world.emergency.registrations.site_open}

    def put_emergency_site(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Open the site, or close it for maintenance: those registered go on as before."""
        registrations = self.world.emergency.registrations
        before = registrations.site_open
        registrations.open_site(body["open"])
        self.changes.made(lambda: setattr(registrations, "site_open", before))
        self.engine.services.changed(self.world.emergency, asked=True)
        return self.emergency_site()

    # --- operation ------------------------------------------------------------------------------

    def exclusions(self) -> list[dict[str, Any]]:
        """The numbers that are shut out for misuse, or were."""
        now = self._message_time()
        return [
            {
                "msisdn": str(number),
                "times": exclusion.count,
                "until": moment_or_none(exclusion.until),
                "in_force": exclusion.until > now,
            }
            for number, exclusion in self.world.emergency.registrations.exclusions()
        ]

    def exclude(self, msisdn: str) -> dict[str, Any]:
        """Shut a number out for misuse: 48 hours, the second time until pardoned. Its registration ends.

        A twin SIM uses the registration of its subscription, so that is what is excluded.
        """
        key = self._user(msisdn)
        registrations = self.world.emergency.registrations
        before = registrations.standing(key)
        exclusion = registrations.exclude(key, self._message_time())
        self._registration_changed(key, before)
        return {
            "msisdn": str(key),
            "times": exclusion.count,
            "until": moment_or_none(exclusion.until),
            "in_force": True,
        }

    def pardon(self, msisdn: str) -> None:
        """Forget that a number was excluded; 404 when it was not."""
        key, registrations = self._user(msisdn), self.world.emergency.registrations
        if key not in {number for number, _ in registrations.exclusions()}:
            raise ControlError(404, "Not excluded", f"{msisdn} was never excluded, or is pardoned")
        before = registrations.standing(key)
        registrations.pardon(key)
        self._registration_changed(key, before)

    def dialogues(self) -> list[dict[str, Any]]:
        """The open conversations between users and centres."""
        return [
            {**dialogue, "lapses": moment(int(str(dialogue["lapses"])))}
            for dialogue in self.world.emergency.dialogues()
        ]

    def _user(self, msisdn: str) -> int:
        """The number that is registered: a twin SIM's subscription (N28). 422 for no mobile number."""
        key = self._key(msisdn)
        subscriber = self.registry.find(key)
        key = (subscriber.main if subscriber is not None else 0) or key
        require_mobile(key)
        return key

    def _message_time(self) -> int:
        return self.engine.set_time(self.engine.delivery.link_now)


def _registration(found: Registration) -> dict[str, Any]:
    return {
        "msisdn": str(found.number),
        "registered_at": moment(found.registered_at),
        "updated_at": moment(found.updated_at),
        **asdict(found.person),
    }
