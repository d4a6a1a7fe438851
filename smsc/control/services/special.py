"""Numbers that services answer: helplines, short codes, what they cost, and the lists that assign them."""

from __future__ import annotations

import json
from typing import Any

from smsc.control.base import ControlBase, ControlError, moment
from smsc.engine.journal.records import KEY_VALUES
from smsc.routing.assignments import read_assignments
from smsc.routing.operators import Ownership

_ASSIGNMENTS, _PORTED = "assignments", "ported"


class SpecialControl(ControlBase):
    """What can be asked and changed about special numbers."""

    def interconnects(self) -> list[dict[str, Any]]:
        """The networks of other operators, and how messages to them fare."""
        return [
            {
                "name": way.operator,
                "latency_ms": way.latency_ms,
                "failure_rate": way.failure_rate,
                "congestion_rate": way.congestion_rate,
            }
            for way in self.world.interconnects.values()
        ]

    def helplines(self) -> list[dict[str, Any]]:
        """The 116 numbers that are assigned now."""
        return self.world.helplines.all(self.engine.clock.now())

    def helpline_bill(self, month: str) -> list[dict[str, Any]]:
        """What each holder owes for a month, as ``2026-01``."""
        return self.world.helplines.bill(month)

    def codes(self) -> list[dict[str, Any]]:
        """The short codes, each with its providers."""
        return [
            {
                "code": code.digits,
                "providers": [
                    {
                        "provider": rule.provider,
                        "match": rule.match,
                        "word": rule.word,
                        "price_nok": rule.price_ore / 100,
                        "subscription": rule.subscription,
                    }
                    for rule in code.rules
                ],
            }
            for code in self.world.content.codes
        ]

    def charging(self, after: str | None, limit: int) -> list[dict[str, Any]]:
        """Charging records, oldest first."""
        return [charge.flat() for charge in self.world.content.charges.page(int(after or 0), limit)]

    def charging_totals(self) -> list[dict[str, Any]]:
        """Records and øre by month, provider and direction, also of records that are gone."""
        return self.world.content.charges.totals()

    def subscriptions(self, msisdn: str) -> list[dict[str, Any]]:
        """The subscriptions to content services that a number has agreed to."""
        return [
            {
                "code": code,
                "provider": held.provider,
                "word": held.word,
                "price_nok": held.price_ore / 100,
                "since": moment(held.since),
            }
            for code, held in self.world.content.subscriptions(self._key(msisdn))
        ]

    # --- lists ----------------------------------------------------------------------------------

    def assignments_csv(self) -> str:
        """All assignments, over time, as a list that can be imported."""
        return self.world.assigned.to_csv()

    def import_assignments(self, text: str, how: str) -> dict[str, Any]:
        """Take a CSV of assigned numbers: ``add`` its rows, or ``replay`` it as the list of today."""
        assigned = self.world.assigned
        before = assigned.to_records()

        def back() -> None:
            assigned.load(before)
            self._reassign()
            self.engine.watchers.tell("assignments.changed", {"rows": len(before)})

        try:
            accounts = [account.system_id for account in self.world.accounts]
            rows = read_assignments(text.splitlines(), accounts=accounts)
            if how == "replay":
                assigned.replay(rows, self.engine.clock.now())
            else:
                assigned.add(rows)
        except ValueError as error:
            raise ControlError(422, "Not a list of assignments", str(error)) from None
        self._keep(_ASSIGNMENTS, {"rows": assigned.to_records()}, back)
        self._reassign()
        self.engine.watchers.tell("assignments.changed", {"rows": len(rows)})
        return {"rows": len(rows)}

    def ported_csv(self) -> str:
        """All ported numbers as a list that can be imported."""
        return self.world.ownership.ported_csv()

    def import_ported(self, text: str) -> dict[str, Any]:
        """Take a CSV of ported numbers: ``number,operator,from``."""
        before = list(self.world.ported_lists)
        try:
            count = self.world.ownership.load_ported(text.splitlines())
        except ValueError as error:
            raise ControlError(422, "Not a list of ported numbers", str(error)) from None
        if text not in self.world.ported_lists:
            self.world.ported_lists.append(text)
        self._keep(_PORTED, {"lists": self.world.ported_lists}, lambda: self._take_ported(before))
        return {"rows": count}

    def operator(self, msisdn: str) -> dict[str, Any]:
        """Which operator serves a number now; None for the simulated one. Its digits do not tell."""
        key, now = self._key(msisdn), self.engine.clock.now()
        subscriber = self.registry.find(key)
        named = None if subscriber is None else subscriber.operator
        return {
            "msisdn": str(key),
            "operator": named or self.world.ownership.operator_of(key, now),
            "ported": self.world.ownership.is_ported(key, now),
        }

    def _reassign(self) -> None:
        """Let router and services see the assignments as they are."""
        world = self.world
        world.ownership.series = world.assigned.assignments
        world.reassign(self.engine.clock.now())

    def restore_lists(self) -> None:
        """Take up the lists that earlier runs imported."""
        store = self.engine.store
        row = store.get(KEY_VALUES, f"api/{_ASSIGNMENTS}")
        if row is not None:
            self.world.assigned.load(json.loads(row[1])["rows"])
            self._reassign()
        row = store.get(KEY_VALUES, f"api/{_PORTED}")
        if row is not None:
            self._take_ported(json.loads(row[1])["lists"])

    def _take_ported(self, lists: list[str]) -> None:
        """Let the ported numbers be those of the lists."""
        ownership = self.world.ownership = Ownership(self.world.assigned.assignments)
        for text in lists:
            ownership.load_ported(text.splitlines())
        self.world.ported_lists = list(lists)
