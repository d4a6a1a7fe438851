"""What can happen to a SIM card, and the whole subscriber registry as a list."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

from smsc.control.base import ControlError
from smsc.control.many.importing import SubscriberImport
from smsc.control.steps import Steps
from smsc.control.subscribers import SubscriberControl
from smsc.coverage.place import Zone
from smsc.routing import sim
from smsc.routing.records import written_subscribers
from smsc.routing.subscribers import Subscriber
from smsc.subscriber_fields import restored
from smsc.world.world import DEFAULT_ZONE


class SimControl(SubscriberControl):
    """Operations of an operator's customer service, CSV import and export."""

    def swap_sim(self, msisdn: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """A new, active card for the number; ``imsi`` and ``iccid`` are derived unless given."""
        key = self._key(msisdn)
        self._existing(key)
        back = self._back(key)
        try:
            swapped = sim.swap_sim(self.registry, key, body.get("imsi"), body.get("iccid"))
        except ValueError as error:
            raise ControlError(422, "Not a SIM card", str(error)) from None
        return self._changed_subscriber(key, swapped, "sim_swapped", back)

    def report_lost(self, msisdn: str) -> dict[str, Any]:
        """The card is lost or stolen: it is blocked."""
        key = self._key(msisdn)
        self._existing(key)
        back = self._back(key)
        return self._changed_subscriber(key, sim.report_lost(self.registry, key), "sim_lost", back)

    def change_number(self, msisdn: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """The card gets the number ``to``; the old one is unknown, and its Nød-SMS registration ends."""
        old, new = self._key(msisdn), self._key(body["to"])
        self._existing(old)
        fault = self.world.router.check_subscriber_number(new)
        if fault is not None:
            raise ControlError(422, "Not a subscriber's number", fault)
        twins = [twin.msisdn for twin in self.registry.twins(old)]
        backs = {key: self._back(key) for key in (old, new, *twins)}
        try:
            changed = sim.change_number(self.registry, old, new)
        except ValueError as error:
            raise ControlError(409, "In use", str(error)) from None
        self._set_nod_sms(old, False)
        self.engine.services.changed(self.world.emergency, asked=True)
        self._gone(old, "number_changed", backs[old])
        for key in twins:
            self._keep(f"subscriber/{key}", self.record_of(self.registry.touch(key)), backs[key])
        return self._changed_subscriber(new, changed, "number_changed", backs[new])

    def add_twin(self, msisdn: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """A second card, with the 12-digit number ``twin``, shares the number's subscription."""
        main, key = self._key(msisdn), self._key(body["twin"])
        self._existing(main)
        back = self._back(key)
        try:
            twin = sim.add_twin(self.registry, main, key)
        except ValueError as error:
            raise ControlError(422, "Not a twin", str(error)) from None
        return self._changed_subscriber(key, twin, "twin_added", back)

    # --- lists ----------------------------------------------------------------------------------

    def subscribers_csv(self) -> Steps[str]:
        """The registry as a list that can be imported: ranges, single numbers, and those removed."""
        out = io.StringIO()
        yield from written_subscribers(self.registry, out, _zone_name, self._refresh)
        return out.getvalue()

    def _refresh(self, subscriber: Subscriber) -> None:
        """Registrations for Nød-SMS change without the subscriber's knowledge."""
        subscriber.nod_sms = self.world.emergency.registrations.is_registered(subscriber.msisdn)

    def import_subscribers(self, text: str) -> Steps[dict[str, Any]]:
        """Take a CSV of subscribers; ranges that are there already are taken as they stand in the list.

        In steps. Nothing is changed when a line is wrong (422) or the store fails (503); all of it is in
        effect when this is through.
        """
        return SubscriberImport(self, text).steps()

    def list_place(self, zone: str) -> Any:
        """The place of a list's column ``zone``. Raises ValueError."""
        if zone in ("", DEFAULT_ZONE):  # which there need not be yet where a list is taken
            return self.world.place(None)
        if zone not in self.world.coverage.zones:
            raise ValueError(f"zone {zone!r} is not a zone")
        return self.world.coverage.place(zone=zone)

    def restore_range(self, record: Mapping[str, Any]) -> None:
        """Take up a range that an earlier run imported."""
        self.registry.remove_range(record["first"])
        self.registry.add_range(
            record["first"],
            record["last"],
            place=self.world.place_again(record["place"]),
            **restored(record),
        )


def _zone_name(place: object) -> str:
    return place.name if isinstance(place, Zone) else ""
