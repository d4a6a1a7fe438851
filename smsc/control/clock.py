"""The SMSC clock: what it shows, and how it goes on after a restart."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from typing import Any

from smsc.clock import make_clock
from smsc.control.base import ControlBase, ControlError, moment, moment_or_none
from smsc.control.due import due
from smsc.engine.journal.records import KEY_VALUES
from smsc.moments import LATEST, LATEST_YEAR
from smsc.store.base import Store

_CLOCK = "api/clock"
log = logging.getLogger("smsc.control")


class ClockControl(ControlBase):
    """What can be asked and changed about the clock."""

    saved_clock = 0

    def clock(self) -> dict[str, Any]:
        """The SMSC clock."""
        clock = self.engine.clock
        return {
            "mode": clock.mode,
            "now": moment(clock.now()),
            "next_due": moment_or_none(self.engine.next_due()),
            "due": [{**each, "at": moment(each["at"])} for each in due(self.engine)],
        }

    def set_clock(self, body: Mapping[str, Any]) -> None:
        """Another mode, or a later moment to go on from, once that is safe; 409 for a moment in the past,
        422 for no mode."""
        if self.engine.nodes is not None:
            raise ControlError(
                409, "The clock is the real one", "several nodes have one clock; one server can have another"
            )
        now = self.engine.clock.now()
        start = body.get("now", now)
        if start < now:
            raise ControlError(
                409, "The clock never goes back", f"it is {moment(now)}, later than {moment(start)}"
            )
        mode = body.get("mode", self.engine.clock.mode)
        try:
            make_clock(mode, start=start)
        except ValueError as error:
            raise ControlError(422, "Not a clock", str(error)) from None

        def change() -> None:
            self.engine.set_clock(make_clock(mode, start=max(start, self.engine.clock.now())))
            self.engine.step(self.engine.delivery.link_now)
            self.save_clock()

        row = (_CLOCK, json.dumps({"now": start}, separators=(",", ":")))
        self.engine.commit.ask(KEY_VALUES, _CLOCK, row)
        self._once_safe(change)

    def advanced(self, told: dict[str, Any]) -> dict[str, Any]:
        """The answer of an advance, made readable."""
        return {
            **told,
            "from": moment(told["from"]),
            "now": moment(told["now"]),
            "happened": [{**event, "at": moment(event["at"])} for event in told["happened"]],
        }

    def save_clock(self) -> None:
        """Remember the clock's value: it never goes back, not even over a restart."""
        now = self.engine.clock.now()
        if now != self.saved_clock:
            self.saved_clock = now
            self._note("clock", {"now": now})

    def stamp_commit(self) -> None:
        """Put a simulated clock's value beside whatever a commit makes true: no restart is before it."""
        if self.engine.clock.mode != "real":
            self.save_clock()

    @staticmethod
    def stored_clock(store: Store) -> int | None:
        """The last value that the clock had in the run before."""
        row = store.get(KEY_VALUES, _CLOCK)
        if row is None:
            return None
        try:
            last = int(json.loads(row[1])["now"])
        except (ValueError, TypeError, LookupError):
            log.error("the store keeps no moment for its clock, %s: it begins anew", row[1])
            return None
        if not 0 <= last < LATEST:
            log.error(
                "the clock of the store shows %s ms since 1970, no moment before the year %s: "
                "it goes on from the last one that there is; only another store begins anew",
                last,
                LATEST_YEAR,
            )
        return last
