"""What keeps the world over time: restarts, a reset to the configuration, retention."""

from __future__ import annotations

import json
from typing import Any

from smsc.coverage.zones import record_zone
from smsc.delivery.message import DELIVERED
from smsc.engine.control.clock import ClockControl
from smsc.engine.control.messages import MessageControl
from smsc.engine.records import MESSAGES, THINGS
from smsc.engine.world import World
from smsc.routing.subscribers import SIM_NAMES, Subscriber

_DAY = 86_400_000


class UpkeepControl(ClockControl, MessageControl):
    """Restoring, resetting, forgetting."""

    houses_kept = 0

    def reset(self) -> None:
        """Forget all messages and put the world back as it was configured; sessions stay bound."""
        engine, now = self.engine, self.engine.clock.now()
        self.clear_messages()
        fresh = World(self.world.settings, now)
        for name in list(self.world.coverage.zones):
            if name not in fresh.coverage.zones:
                self.world.coverage.remove_zone(name)
        for name, zone in fresh.coverage.zones.items():
            self.world.coverage.put_zone(name, record_zone(zone), now)
        for key in [s.msisdn for s in self.registry.touched()] + list(self.registry.removed()):
            self._as_configured(key)
        for subscriber in fresh.registry.touched():
            own = subscriber.copy(subscriber.msisdn)
            own.place = self.world.coverage.place_from(subscriber.place.as_dict())
            self.registry.add(own)
        registrations = self.world.emergency.registrations
        for found in list(registrations.all()):
            registrations.delete(found.number)
        for found in fresh.emergency.registrations.all():
            registrations.put(found.number, found.person, now)
        engine.services.changed(self.world.emergency)
        for row in engine.store.select(THINGS):
            if row[0].startswith(("api/zone/", "api/subscriber/")):
                engine.commit.change(THINGS, row[0], None)
        engine.world_changed("reset")

    def _as_configured(self, key: int) -> None:
        """A member of a range is like the others again, any other number is unknown."""
        for first, last, prototype in self.registry.ranges():
            if first <= key <= last:
                self.registry.add(prototype.copy(key))
                return
        self.registry.remove(key)

    def restore(self) -> None:
        """Apply what earlier runs changed through the API."""
        rows = [
            (row[0], json.loads(row[1]))
            for row in self.engine.store.select(THINGS)
            if row[0].startswith("api/")
        ]
        now = self.engine.clock.now()
        for key, record in rows:
            name = key.removeprefix("api/zone/")
            if name == key:
                continue
            if record.get("removed"):
                self.world.coverage.zones.pop(name, None)
            else:
                self.world.coverage.put_zone(name, record, now)
        for key, record in rows:
            number = key.removeprefix("api/subscriber/")
            if number != key:
                self._restore_subscriber(int(number), record)

    def _restore_subscriber(self, key: int, record: dict[str, Any]) -> None:
        if record.get("removed"):
            self.registry.remove(key)
            return
        subscriber = Subscriber(key)
        subscriber.sim = SIM_NAMES.index(record["sim"])
        subscriber.powered = record["powered"]
        subscriber.memory_full = record["memory_full"]
        subscriber.barred = record["barred"]
        subscriber.place = self.world.coverage.place_from(record["place"])
        for name in ("imsi", "iccid", "operator", "password", "main"):
            setattr(subscriber, name, record[name])
        self.registry.add(subscriber)

    def keep_house(self, real_now: int) -> None:
        """Once a second: the clock's value, and now and then what retention (real time) no longer covers."""
        self.save_clock()
        self.houses_kept += 1
        if self.houses_kept % 60 == 0 and self.engine.commit.durable:
            days = self.world.settings.store.retention_days
            below = real_now - int(days * _DAY)
            self.engine.store.prune(MESSAGES, "final_at", below, {"state": DELIVERED})
