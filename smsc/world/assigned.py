"""Numbers assigned directly, over time: from the settings, and from lists that were imported later.

The regulator's and the operators' lists change daily. A list is taken in as a whole (``replay``) or row by
row (``add``); the router and the services see the numbers as they are at each moment.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from smsc.config.settings import Settings
from smsc.routing.assignments import (
    COLUMNS,
    HELPLINE,
    SHORT_CODE,
    Assignment,
    Assignments,
    Keyword,
    read_keywords,
    write_keywords,
)
from smsc.routing.plan_data import NumberingRules
from smsc.routing.special import FOREVER, day_of, default_helplines, midnight
from smsc.services.short_codes.codes import Code, Codes, KeywordRule


class Assigned:
    """The assignments, and what router and services need of them."""

    def __init__(
        self, settings: Settings, rules: NumberingRules, index_of: Callable[[str | None], int]
    ) -> None:
        """``index_of`` tells an account's index by its system_id, 0 for none."""
        self._index_of = index_of
        self.assignments = Assignments(_configured(settings, rules))
        self.special = self.assignments.special_numbers()

    def add(self, rows: Iterable[Assignment]) -> None:
        """Add rows. Raises ValueError, and adds none, when a number would have two holders at a time."""
        self.assignments.add(rows)
        self.special = self.assignments.special_numbers()

    def replay(self, rows: Iterable[Assignment], now: int) -> None:
        """Take the list that is true now, see ``Assignments.replay``."""
        self.assignments.replay(rows, now)
        self.special = self.assignments.special_numbers()

    def codes(self, now: int) -> Codes:
        """Who answers at which short code now, and for how much."""
        rules: dict[str, list[KeywordRule]] = {}
        for row in self.assignments:
            account = self._index_of(row.account)
            if row.kind != SHORT_CODE or not account or not row.assigned_from <= now < row.assigned_to:
                continue
            found = [
                KeywordRule(
                    account, row.account or "", match, word, round(row.price_nok * 100), row.subscription
                )
                for match, word in read_keywords(row.keywords)
            ]
            for key in range(row.first, row.last + 1):
                rules.setdefault(str(key)[2:], []).extend(found)
        return Codes(Code(digits, tuple(found)) for digits, found in rules.items())

    def to_records(self) -> list[list[Any]]:
        """All rows as they are stored."""
        return [list(row) for row in self.assignments]

    def load(self, records: Iterable[Iterable[Any]]) -> None:
        """Take stored rows in the place of all others."""
        self.assignments = Assignments(Assignment(*row) for row in records)
        self.special = self.assignments.special_numbers()

    def to_csv(self) -> str:
        """All rows as a list that can be imported."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(COLUMNS)
        for row in self.assignments:
            writer.writerow(_fields(row))
        return out.getvalue()


def _configured(settings: Settings, rules: NumberingRules) -> list[Assignment]:
    known = {row.number for row in settings.helplines}
    rows = [
        Assignment(HELPLINE, row.number, row.number, row.holder, row.service, assigned_from=row.assigned_from)
        for row in default_helplines(rules)
        if row.number not in known
    ]
    rows.extend(
        Assignment(
            HELPLINE,
            line.number,
            line.number,
            line.holder,
            line.service,
            line.account,
            line.sms,
            assigned_from=_day(line.assigned_from, 0),
            assigned_to=_day(line.assigned_to, FOREVER),
        )
        for line in settings.helplines
    )
    rows.extend(
        Assignment(
            SHORT_CODE,
            code.code,
            code.code,
            code.account,
            account=code.account,
            sms=True,
            price_nok=code.price_nok,
            keywords=write_keywords(Keyword(word.match, word.word) for word in code.keywords),
            subscription=code.subscription,
        )
        for code in settings.codes
    )
    return rows


def _day(day: date | None, otherwise: int) -> int:
    return otherwise if day is None else midnight(day.isoformat())


def _fields(row: Assignment) -> list[str | float]:
    return [
        row.kind,
        str(row.first)[2:],
        str(row.last)[2:],
        row.holder,
        row.service,
        row.account or "",
        "yes" if row.sms else "no",
        row.price_nok,
        row.keywords,
        "yes" if row.subscription else "no",
        day_of(row.assigned_from) if row.assigned_from else "",
        day_of(row.assigned_to) if row.assigned_to < FOREVER else "",
    ]
