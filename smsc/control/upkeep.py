"""What keeps the world over time: restarts, a reset to the configuration, retention."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from typing import Any

from smsc.control.clock import ClockControl
from smsc.control.esmes import EsmeControl
from smsc.control.many.resetting import Reset
from smsc.control.messages.control import MessageControl
from smsc.control.messages.retention import Retention
from smsc.control.observation import ObservationControl
from smsc.control.services.special import SpecialControl
from smsc.control.sim import SimControl
from smsc.control.steps import Steps
from smsc.coverage.errors import CoverageError
from smsc.delivery.message import (
    ACCEPTED,
    DELETED,
    DELIVERED,
    EXPIRED,
    REJECTED,
    UNDELIVERABLE,
    UNKNOWN,
)
from smsc.engine.journal.records import KEY_VALUES, MESSAGES
from smsc.routing.subscribers import Subscriber
from smsc.subscriber_fields import restored
from smsc.world.world import World

_FINAL = (DELIVERED, EXPIRED, DELETED, UNDELIVERABLE, ACCEPTED, UNKNOWN, REJECTED)


log = logging.getLogger("smsc.control")
TakeUp = Callable[[str, Mapping[str, Any], int], None]


class UpkeepControl(
    ClockControl, EsmeControl, MessageControl, ObservationControl, SimControl, SpecialControl
):
    """Restoring, resetting, forgetting."""

    retention: Retention
    restored: Mapping[str, str] = {}  # what was restored, until others have been heard

    def reset(self) -> Steps[None]:
        """Forget all messages and put the world back as it was configured, once it is safe that nothing is
        kept of its changes; sessions stay bound. In steps; ControlError 503 when the store fails."""
        self._alone("a reset")
        return Reset(self).steps()

    def forget_all(self, fresh: World) -> None:
        """Messages, tags, ESMEs, faults, the lists that were imported and what services remember: all of it
        at once, however much it is. Their rows are the caller's."""
        world = self.world
        self.clear_messages()
        self.tags.clear()
        self.renew_esmes()
        world.assigned, world.ownership, world.ported_lists = fresh.assigned, fresh.ownership, []
        world.emergency, world.helplines = fresh.emergency, fresh.helplines
        world.content, world.register = fresh.content, fresh.register
        self.engine.services.renew(fresh.services)
        self._reassign()
        self.engine.fault_rules.replace(world.seed, world.settings.faults)

    def restore(self) -> None:
        """Apply what earlier runs changed through the API."""
        texts = [row for row in self.engine.store.select(KEY_VALUES) if row[0].startswith("api/")]
        if self.engine.nodes is not None:
            self.restored = dict(texts)
        rows = [(key, json.loads(text)) for key, text in texts]
        now = self.engine.clock.now()
        self.kept.update(key for key, _ in rows)
        self.retention = Retention(self.world.settings.store.retention_days)
        kept = dict(rows).get("api/retention")
        if kept is not None:
            self.retention.restore(kept)
        self.restore_faults(dict(rows).get("api/faults"))
        self.restore_esmes(rows)
        self.restore_lists()
        # Places first, then who is in them.
        for prefix, take_up in (
            ("api/zone/", self._restore_zone),
            ("api/range/", self._restore_range),
            ("api/outages/", self._restore_outages),
            ("api/subscriber/", self._restore_subscriber),
        ):
            for key, record in rows:
                name = key.removeprefix(prefix)
                if name != key:
                    self._take_up(key, take_up, name, record, now)

    def _take_up(self, key: str, take_up: TakeUp, name: str, record: Mapping[str, Any], now: int) -> None:
        """Apply one row; one that makes no sense names itself and is left out, and the others are not."""
        try:
            take_up(name, record, now)
        except (ValueError, LookupError, TypeError, AttributeError, CoverageError) as error:
            log.error("the row %s of the store is left out: %s: %s", key, type(error).__name__, error)

    def _restore_zone(self, name: str, record: Mapping[str, Any], now: int) -> None:
        if not record.get("removed"):
            self.world.coverage.put_zone(name, record, now)
        elif name in self.world.coverage.zones:
            self.world.coverage.remove_zone(name)

    def _restore_range(self, name: str, record: Mapping[str, Any], now: int) -> None:
        for number in (record["first"], record["last"]):
            self._require_subscriber_number(int(number))
        self.restore_range(record)

    def _restore_outages(self, name: str, record: Mapping[str, Any], now: int) -> None:
        kind, _, place = name.partition("/")
        self.world.coverage.set_outages(kind, place, record["outages"], now)

    def _require_subscriber_number(self, key: int) -> None:
        fault = self.world.router.check_subscriber_number(key)
        if fault is not None:
            raise ValueError(fault)

    def _restore_subscriber(self, name: str, record: Mapping[str, Any], now: int) -> None:
        key = int(name)
        if record.get("removed"):
            self.registry.remove(key)
            return
        self._require_subscriber_number(key)
        subscriber = Subscriber(key)
        subscriber.place = self.world.place_again(record["place"])
        for field, held in restored(record).items():
            setattr(subscriber, field, held)
        self.registry.add(subscriber)

    def maintain(self, real_now: int) -> None:
        """Once a second: the clock's value, ids to come, and now and then what is past its retention."""
        self.save_clock()
        self.engine.sessions.tell_congestion()
        self.engine.keep_ids()
        if not self.engine.commit.durable:
            return
        if self.retention.is_due(real_now):
            below = self.retention.mark(real_now, self.engine.clock.now())
            self._note("retention", self.retention.record())
            for state in _FINAL if below else ():
                self.engine.store.prune(MESSAGES, "final_at", below, {"state": state})
