"""What can happen to a SIM card, and the whole subscriber registry as a list."""

from __future__ import annotations

import io
from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from typing import Any

from smsc.control.base import ControlError
from smsc.control.changes import Back
from smsc.control.steps import Steps
from smsc.control.subscribers import PASSWORD, SubscriberControl
from smsc.coverage.place import Zone
from smsc.routing import sim
from smsc.routing.records import read_subscribers, written_subscribers
from smsc.routing.subscribers import Registry, Subscriber
from smsc.services.base import ServiceError
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
            self._keep(f"subscriber/{key}", self._record(self.registry.touch(key)), backs[key])
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

    def import_subscribers(self, text: str) -> dict[str, Any]:
        """Take a CSV of subscribers; ranges that are there already are taken as they stand in the list.

        Nothing is changed when a line is wrong (422).
        """
        lines, trial = text.splitlines(), Registry()
        removed: list[int] = []
        fault_of = self.world.router.check_subscriber_number
        try:
            read_subscribers(lines, trial, self._list_place, fault_of=fault_of, on_removed=removed.append)
            replaced = self._replaced(trial)
            self._check_registrations(trial)
        except (ValueError, ServiceError) as error:
            raise ControlError(422, "Not a list of subscribers", str(error)) from None
        before = self.registry.count()
        backs = {key: self._back(key) for key in [s.msisdn for s in trial.touched()] + removed}
        ranges = {first: self._range_back(first) for first, _, _ in trial.ranges()}
        for first in replaced:
            self.registry.remove_range(first)
        read_subscribers(lines, self.registry, self._list_place, password=PASSWORD)
        self._imported(trial, removed, backs, ranges)
        return {"rows": max(len(lines) - 1, 0), "subscribers": self.registry.count(), "before": before}

    def _check_registrations(self, trial: Registry) -> None:
        registrations, now = self.world.emergency.registrations, self.engine.clock.now()
        for row in trial.touched():
            if row.nod_sms and not registrations.is_registered(row.msisdn):
                registrations.check(row.msisdn, now)

    def _replaced(self, trial: Registry) -> list[int]:
        """Where the ranges begin that a list has again; ValueError when one of its overlaps another."""
        known = [(first, last) for first, last, _ in self.registry.ranges()]
        firsts, lasts = [first for first, _ in known], [last for _, last in known]
        replaced = []
        for first, last, _ in trial.ranges():
            for other in known[bisect_left(lasts, first) : bisect_right(firsts, last)]:
                if other != (first, last):
                    raise ValueError(f"{first}-{last} overlaps {other[0]}-{other[1]}")
                replaced.append(first)
        return replaced

    def _imported(
        self, trial: Registry, removed: list[int], backs: dict[int, Back], range_backs: dict[int, Back]
    ) -> None:
        ranges = {first: (last, prototype) for first, last, prototype in self.registry.ranges()}
        for first, _, _ in trial.ranges():
            last, prototype = ranges[first]
            record = {**self._record(prototype), "first": first, "last": last}
            self._keep(f"range/{first}", record, range_backs[first])
        for row in trial.touched():
            subscriber = self.registry.touch(row.msisdn)
            self._set_nod_sms(row.msisdn, subscriber.nod_sms)
            self._keep(f"subscriber/{row.msisdn}", self._record(subscriber), backs[row.msisdn])
        for key in dict.fromkeys(removed):
            if self.registry.find(key) is None:
                self._keep(f"subscriber/{key}", {"removed": True}, backs[key])
        self.engine.services.changed(self.world.emergency, asked=True)
        self.engine.world_changed("subscribers imported")

    def _range_back(self, first: int) -> Back:
        """What makes a range what it is now, or takes it away again."""
        for known, last, prototype in self.registry.ranges():
            if known == first:
                record = {**self._record(prototype), "first": first, "last": last}
                return lambda: self.restore_range(record)

        def back() -> None:
            self.registry.remove_range(first)

        return back

    def _list_place(self, zone: str) -> Any:
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
