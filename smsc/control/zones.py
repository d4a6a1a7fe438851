"""Zones: named pieces of coverage."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from smsc.control.base import ControlBase, ControlError
from smsc.control.changes import Back
from smsc.coverage.documents.zones import record_zone, write_zone
from smsc.coverage.errors import CoverageError
from smsc.coverage.place import Zone


class ZoneControl(ControlBase):
    """What can be asked and changed about zones."""

    def zones(self) -> list[dict[str, Any]]:
        """All zones by name."""
        return [self.zone(name) for name in sorted(self.world.coverage.zones)]

    def zone(self, name: str) -> dict[str, Any]:
        """One zone; 404 when there is none of that name."""
        zone = self.world.coverage.zones.get(name)
        if zone is None:
            raise ControlError(404, "No such zone", f"there is no zone {name!r}")
        return {"name": name, **write_zone(zone)}

    def put_zone(self, name: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Create or replace a zone."""
        return self._change_zone(name, body, self.world.coverage.put_zone)

    def patch_zone(self, name: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Change what the body names."""
        self.zone(name)
        return self._change_zone(name, body, self.world.coverage.patch_zone)

    def _change_zone(
        self, name: str, body: Mapping[str, Any], change: Callable[[str, Mapping[str, Any], int], Zone]
    ) -> dict[str, Any]:
        back = self._zone_back(name)
        try:
            zone = change(name, body, self.engine.clock.now())
        except CoverageError as error:
            raise ControlError(422, "Not a zone", str(error)) from None
        self._keep(f"zone/{name}", dict(record_zone(zone)), back)
        self.engine.radio.changed_everywhere(f"zone {name} changed")
        self.engine.watchers.tell("zone.changed", {"zone": name})
        return self.zone(name)

    def _zone_back(self, name: str) -> Back:
        """What makes a zone what it is now, or takes it away again."""
        coverage = self.world.coverage
        zone = coverage.zones.get(name)
        record = None if zone is None else dict(record_zone(zone))

        def back() -> None:
            if record is None:
                coverage.remove_zone(name)
            else:
                coverage.put_zone(name, record, self.engine.clock.now())
            self.engine.radio.changed_everywhere(f"zone {name} put back")
            self.engine.watchers.tell("zone.changed", {"zone": name})

        return back

    def delete_zone(self, name: str) -> None:
        """Remove a zone that nobody is in by name; 409 while a subscriber is."""
        self.zone(name)
        zone = self.world.coverage.zones[name]
        users = [s for s in self.registry.touched() if s.place is zone]
        ranges = [first for first, _, prototype in self.registry.ranges() if prototype.place is zone]
        if users or ranges:
            raise ControlError(
                409, "Zone in use", f"{len(users)} subscribers and {len(ranges)} ranges are in {name!r}"
            )
        back = self._zone_back(name)
        self.world.coverage.remove_zone(name)
        self._keep(f"zone/{name}", {"removed": True}, back)
        self.engine.radio.changed_everywhere(f"zone {name} removed")
        self.engine.watchers.tell("zone.removed", {"zone": name})
