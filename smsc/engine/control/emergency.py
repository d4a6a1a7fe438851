"""Nød-SMS: who is registered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from smsc.engine.control.base import ControlBase, ControlError, moment
from smsc.services.base import ServiceError
from smsc.services.registration import Person, Registration


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
        """Register one number, or change what is known about it."""
        key = self._key(msisdn)
        try:
            found = self.world.emergency.registrations.put(key, Person(**body), self.engine.clock.now())
        except ServiceError as error:
            raise ControlError(error.status, error.title, error.detail) from None
        self.engine.services.changed(self.world.emergency)
        return _registration(found)

    def delete_registration(self, msisdn: str) -> None:
        """Take a number out of the register of Nød-SMS."""
        if not self.world.emergency.registrations.delete(self._key(msisdn)):
            raise ControlError(404, "Not registered", f"{msisdn} is not registered for Nød-SMS")
        self.engine.services.changed(self.world.emergency)


def _registration(found: Registration) -> dict[str, Any]:
    return {
        "msisdn": str(found.number),
        "registered_at": moment(found.registered_at),
        "updated_at": moment(found.updated_at),
        **asdict(found.person),
    }
