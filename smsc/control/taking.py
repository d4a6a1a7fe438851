"""Rows that another server on the same store has changed: what holds there holds here, at once.

One function for every key of the table: ``take`` brings the running world to where a restart would bring it,
with what follows from that. A phone that came into coverage somewhere else is one whose queue here goes on.
It writes nothing, and may be told of the same row again.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from smsc.control.base import ControlError
from smsc.control.upkeep import UpkeepControl
from smsc.coverage.errors import CoverageError
from smsc.engine.journal.records import KEY_VALUES, OWN_KEYS

log = logging.getLogger("smsc.control")

Record: TypeAlias = Mapping[str, Any]
_WRONG: Final = (ValueError, LookupError, TypeError, AttributeError, CoverageError, ControlError)


class TakingControl(UpkeepControl):
    """What other servers tell."""

    _changed_everywhere: str | None = None  # what has changed the radio for all, who are yet to be looked at

    def begin_taking(self) -> None:
        """Hear of what other nodes change from now on, and of what they changed while this one started."""
        nodes = self.engine.nodes
        if nodes is None:
            return
        nodes.rows.take = self.take
        for key, text in self.engine.store.select(KEY_VALUES):
            if key.startswith("api/") and self.restored.get(key) != text:
                self.take(key, text)
        self.restored = {}

    def take(self, key: str, text: str | None) -> None:
        """Let a row of the table of keys and values hold here; None is one that was deleted.

        A row that makes no sense is logged and left out, as it would be at a start.
        """
        if self.importing is not None:
            self.importing.changed(key)
        try:
            if key.startswith("api/"):
                self._take_row(key, text)
            else:
                self.engine.services.take(key, text)
        except _WRONG as error:
            log.error("the row %s of another server is left out: %s: %s", key, type(error).__name__, error)

    def _take_row(self, key: str, text: str | None) -> None:
        if key in OWN_KEYS:
            return
        kind, _, name = key.removeprefix("api/").partition("/")
        if text is not None:
            KINDS[kind](self, name, json.loads(text))
            self.kept.add(key)
            return
        if kind != "subscriber":
            raise ValueError("only a reset deletes it, which one server alone can not do")
        self._take_erased(int(name))
        self.kept.discard(key)

    def _look_everywhere(self, event: str) -> None:
        """Once for all that is told in one turn of the loop, however many rows that is."""
        is_due = self._changed_everywhere is not None
        self._changed_everywhere = event
        if not is_due and not self.engine.port.call_later(0.0, self._look):
            self._look()

    def _look(self) -> None:
        event, self._changed_everywhere = self._changed_everywhere, None
        if event is not None:
            self.engine.radio.changed_everywhere(event)
            self.engine.port.answered()

    def _take_zone(self, name: str, record: Record) -> None:
        self._restore_zone(name, record, self.engine.clock.now())
        removed = bool(record.get("removed"))
        self._look_everywhere(f"zone {name} {'removed' if removed else 'changed'}")
        self.engine.watchers.tell("zone.removed" if removed else "zone.changed", {"zone": name})

    def _take_range(self, name: str, record: Record) -> None:
        self._restore_range(name, record, self.engine.clock.now())
        self._look_everywhere("subscribers imported")

    def _take_outages(self, name: str, record: Record) -> None:
        kind, _, place = name.partition("/")
        self._restore_outages(name, record, self.engine.clock.now())
        self._look_everywhere(f"outages of {kind} {place} changed")
        self.engine.watchers.tell("outages.changed", {kind: place})

    def _take_subscriber(self, name: str, record: Record) -> None:
        key = int(name)
        self._restore_subscriber(name, record, self.engine.clock.now())
        subscriber = self.registry.find(key)
        if subscriber is None:
            self._tell_changed(key, "subscriber_removed")
            return
        self.engine.set_time(self.engine.delivery.link_now)
        if not subscriber.memory_full:
            self.engine.alerts.memory_available(key)
        self._tell_changed(key, "changed elsewhere")

    def _take_erased(self, key: int) -> None:
        """The number was erased there, and is unknown here too; no row says so at the next start."""
        self.registry.erase(key)
        self._tell_changed(key, "subscriber_removed")

    def _take_esme(self, name: str, record: Record) -> None:
        self._restore_esme(name, record)
        self._tell_esme(name)

    def _take_faults(self, name: str, record: Record) -> None:
        self.restore_faults(record)

    def _take_assignments(self, name: str, record: Record) -> None:
        self.world.assigned.load(record["rows"])
        self._reassign()
        self.engine.watchers.tell("assignments.changed", {"rows": len(record["rows"])})

    def _take_ported_lists(self, name: str, record: Record) -> None:
        self._take_ported(record["lists"])


KINDS: Final[dict[str, Callable[[TakingControl, str, Record], None]]] = {
    "zone": TakingControl._take_zone,
    "range": TakingControl._take_range,
    "outages": TakingControl._take_outages,
    "subscriber": TakingControl._take_subscriber,
    "esme": TakingControl._take_esme,
    "faults": TakingControl._take_faults,
    "assignments": TakingControl._take_assignments,
    "ported": TakingControl._take_ported_lists,
}
