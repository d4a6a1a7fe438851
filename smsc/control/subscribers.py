"""Subscribers: SIM cards, handsets, and where they are."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import Any

from smsc.control.base import ControlBase, ControlError, moment
from smsc.control.changes import Back
from smsc.control.many.importing import PASSWORD
from smsc.coverage.documents.places import MOVEMENT, place_of
from smsc.coverage.errors import CoverageError
from smsc.coverage.place import Zone
from smsc.delivery.flags import mw_status
from smsc.routing.records import subscriber_to_record
from smsc.routing.subscribers import Subscriber
from smsc.services.nod_sms.registration import Person
from smsc.subscriber_fields import FIELDS, kept


class SubscriberControl(ControlBase):
    """What can be asked and changed about subscribers."""

    def subscribers(self, after: str | None, limit: int) -> list[dict[str, Any]]:
        """Subscribers that differ from their range, and single ones, by number."""
        start = 0 if after is None else self._key(after)
        page = islice(self.registry.own_after(start), limit)
        return [self._subscriber_dict(found.msisdn, found) for found in page]

    def subscriber(self, msisdn: str) -> dict[str, Any]:
        """One subscriber; 404 when nobody has the number."""
        key = self._key(msisdn)
        return self._subscriber_dict(key, self._existing(key))

    def _existing(self, key: int) -> Subscriber:
        subscriber = self.registry.find(key)
        if subscriber is None:
            raise ControlError(404, "No such subscriber", f"no subscriber of a simulated network has {key}")
        return subscriber

    def _subscriber_dict(self, key: int, subscriber: Subscriber) -> dict[str, Any]:
        place = subscriber.place
        now = self.engine.clock.now()
        position = place.position(now)
        waiting = self.engine.queues.recipients.get(key)
        return {
            **subscriber_to_record(subscriber, key),
            "zone": place.name if isinstance(place, Zone) else None,
            "position": None if position is None else {"lat": position[0], "lon": position[1]},
            "track": place.as_dict().get("track"),
            "nod_sms": self.world.emergency.registrations.is_registered(key),
            "coverage": _readable(place.explain(now)),
            "mw_status": mw_status(0 if waiting is None else waiting.flags),
        }

    def put_subscriber(self, msisdn: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Create a subscriber or set an existing one; what the body does not name takes its default."""
        key = self._key(msisdn)
        fault = self.world.router.check_subscriber_number(key)
        if fault is not None:
            raise ControlError(422, "Not a subscriber's number", fault)
        back, fresh = self._back(key), self._default(key)
        self._apply(key, fresh, body)
        self.registry.add(fresh)
        return self._changed_subscriber(key, fresh, "subscriber_set", back)

    def patch_subscriber(self, msisdn: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Change what the body names; ``zone`` and ``position`` clear one another."""
        key = self._key(msisdn)
        back = self._back(key)
        trial = self._existing(key).copy(key)
        self._apply(key, trial, body)  # nothing is changed when a value makes no sense
        self.registry.add(trial)
        return self._changed_subscriber(key, trial, ", ".join(sorted(body)) or "unchanged", back)

    def _default(self, key: int) -> Subscriber:
        """A subscriber as its range has them, or one with good coverage everywhere."""
        for first, last, prototype in self.registry.ranges():
            if first <= key <= last:
                return prototype.copy(key)
        fresh = Subscriber(key)
        fresh.place = self.world.place(None)
        fresh.password = PASSWORD
        return fresh

    def _apply(self, key: int, subscriber: Subscriber, body: Mapping[str, Any]) -> None:
        for field in FIELDS:
            if field.settable and field.name in body:
                value = body[field.name]
                try:
                    held = field.default if value is None else field.read(value)
                except ValueError as error:
                    raise ControlError(422, f"Not a value of {field.name}", str(error)) from None
                setattr(subscriber, field.name, held)
        if "password" in body:
            subscriber.password = body["password"] or PASSWORD
        self._locate(subscriber, body)
        if body.get("nod_sms") is not None:
            self._set_nod_sms(key, body["nod_sms"])
            self.engine.services.changed(self.world.emergency, asked=True)

    def _set_nod_sms(self, key: int, wanted: bool) -> None:
        """Let a number be registered for Nød-SMS, or not; the rows are the caller's to write."""
        registrations = self.world.emergency.registrations
        if self.importing is not None:
            self.importing.before_change(f"{self.world.emergency.name}/registration/{key}")
        before = registrations.standing(key)
        if wanted and not registrations.is_registered(key):
            registrations.put(key, Person(), self.engine.clock.now())
        elif not wanted:
            registrations.delete(key)
        self.changes.made(lambda: registrations.put_back(key, before))

    def _back(self, key: int) -> Back:
        """What makes a subscriber what they are now, or unknown again."""
        if self.importing is not None:
            self.importing.before_change(f"api/subscriber/{key}")
        found = self.registry.find(key)
        before = None if found is None else found.copy(key)

        def back() -> None:
            if before is None:
                self.registry.remove(key)
            else:
                self.registry.add(before)
            self._tell_changed(key, "store_failed")

        return back

    def _locate(self, subscriber: Subscriber, body: Mapping[str, Any]) -> None:
        """Put the subscriber in the zone or at the position that is given; a null takes away what holds."""
        given = [name for name in ("zone", *MOVEMENT) if body.get(name) is not None]
        if len(given) > 1:
            raise ControlError(
                422, "Two places at once", f"{' and '.join(given)} clear one another: give one of them"
            )
        present = ("zone",) if isinstance(subscriber.place, Zone) else MOVEMENT
        if given == ["zone"]:
            subscriber.place = self._place(body["zone"])
        elif given:
            subscriber.place = self._whereabouts(body)
        elif any(name in body for name in present):
            subscriber.place = self.world.place(None)

    def _place(self, name: str) -> Any:
        if name not in self.world.coverage.zones:
            known = ", ".join(sorted(self.world.coverage.zones)[:20])
            raise ControlError(422, "No such zone", f"{name!r} is not a zone; there are: {known}")
        return self.world.coverage.place(zone=name)

    def _whereabouts(self, body: Mapping[str, Any]) -> Any:
        gpx = body.get("gpx")
        if gpx is not None and not gpx.lstrip().startswith("<"):
            raise ControlError(422, "Not a GPX document", "expected the text of a GPX file, not its name")
        try:
            return place_of(self.world.coverage, body, self.engine.clock.now())
        except CoverageError as error:
            raise ControlError(422, "No such place", str(error)) from None

    @staticmethod
    def record_of(subscriber: Subscriber) -> dict[str, Any]:
        """What the store keeps of a subscriber."""
        return {**kept(subscriber), "place": subscriber.place.as_dict()}

    def _changed_subscriber(self, key: int, subscriber: Subscriber, what: str, back: Back) -> dict[str, Any]:
        self._keep(f"subscriber/{key}", self.record_of(subscriber), back)
        engine = self.engine
        engine.set_time(engine.delivery.link_now)
        if not subscriber.memory_full:
            engine.alerts.memory_available(key)
        self._tell_changed(key, what)
        return self._subscriber_dict(key, subscriber)

    def _tell_changed(self, key: int, what: str) -> None:
        engine = self.engine
        engine.radio.changed(key, what)
        engine.alerts.state_changed(key, what)
        engine.watchers.tell("subscriber.changed", {"msisdn": str(key), "changed": what})

    def delete_subscriber(self, msisdn: str, erase: bool = False) -> None:
        """Make a number unknown; with ``erase`` all that is known of it is deleted, who was unknown too, and
        begins to be once the store has taken that.

        The store keeps no note of an erased number: one of a configured range is like the others of its range
        again after the next start.
        """
        key = self._key(msisdn)
        if erase:
            self._alone("erasing a number")
            for twin in self.registry.twins(key):
                back = self._back(twin.msisdn)
                self.registry.share(twin, 0)
                self._keep(f"subscriber/{twin.msisdn}", self.record_of(twin), back)
            self.erasures.begin(key)
            self._once_safe(lambda: self._erased(key))
            return
        self._existing(key)
        back = self._back(key)
        self.registry.remove(key)
        self._gone(key, "subscriber_removed", back)
        self.engine.watchers.tell("subscriber.removed", {"msisdn": str(key)})

    def _erased(self, key: int) -> None:
        self.registry.erase(key)
        self.engine.watchers.tell("subscriber.removed", {"msisdn": str(key)})

    def _gone(self, key: int, why: str, back: Back) -> None:
        """Nobody has the number any more: what waits for it or is held by its handset is for nobody."""
        self._keep(f"subscriber/{key}", {"removed": True}, back)
        self.engine.radio.changed(key, why)
        self.engine.alerts.state_changed(key, why)


def _readable(told: dict[str, Any]) -> dict[str, Any]:
    """A place's explanation with its moments as text."""
    moments = ("until", "reachable_from")
    return {
        key: moment(value) if key in moments and value is not None else value for key, value in told.items()
    }
