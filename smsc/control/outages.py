"""Outages of cells, zones and counties: planned ahead or from now on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from smsc.control.base import ControlBase, ControlError
from smsc.control.changes import Back
from smsc.coverage.documents.zones import record_zone, write_outage
from smsc.coverage.errors import CoverageError
from smsc.coverage.norway import county_id

_KINDS = ("zone", "cell", "county")


class OutageControl(ControlBase):
    """What can be asked and changed about outages."""

    def outages(self) -> dict[str, Any]:
        """Everything that is planned: by kind and name, the outages of each."""
        return {kind: self._all(kind) for kind in _KINDS}

    def _all(self, kind: str) -> dict[str, list[dict[str, object]]]:
        planned = self.world.coverage.outages(kind)
        return {name: [write_outage(one) for one in found] for name, found in planned.items()}

    def put_outages(self, kind: str, name: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Plan the outages of one zone, cell or county anew; an empty list ends them."""
        coverage = self.world.coverage
        try:
            back = self._outages_back(kind, name)
            coverage.set_outages(kind, name, body["outages"], self.engine.clock.now())
        except KeyError:
            raise ControlError(404, f"No such {kind}", f"there is no {kind} {name!r}") from None
        except CoverageError as error:
            raise ControlError(422, "Not an outage", str(error)) from None
        if kind == "zone":
            self._keep(f"zone/{name}", dict(record_zone(coverage.zones[name])), back)
        else:
            self._keep(f"outages/{kind}/{name}", {"outages": self._planned(kind, name)}, back)
        self.engine.radio.changed_everywhere(f"outages of {kind} {name} changed")
        self.engine.watchers.tell("outages.changed", {kind: name})
        return {"kind": kind, "name": name, "outages": self._planned(kind, name)}

    def _outages_back(self, kind: str, name: str) -> Back:
        before = self._planned(kind, name)

        def back() -> None:
            self.world.coverage.set_outages(kind, name, before, self.engine.clock.now())
            self.engine.radio.changed_everywhere(f"outages of {kind} {name} put back")
            self.engine.watchers.tell("outages.changed", {kind: name})

        return back

    def _planned(self, kind: str, name: str) -> list[dict[str, object]]:
        return self._all(kind).get(county_id(name, "county") if kind == "county" else name, [])
