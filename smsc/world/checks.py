"""What is wrong with a configuration that only shows when the world is built from it.

`load_checked` is how everything that serves a configuration reads it: what it returns can be built.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from smsc.config import ConfigError, Settings, load_settings, milliseconds
from smsc.config.settings import Loc, Problem
from smsc.coverage.synthetic import chart
from smsc.coverage.world import World as Coverage
from smsc.routing.numbering import NumberPlan, load_plan
from smsc.routing.plan_data import NumberingRules
from smsc.services.nod_sms.emergency import NUMBERS
from smsc.world.world import World

Check = Callable[[Settings], Iterator[Problem]]


def load_checked(
    path: Path | None = None,
    flags: Mapping[str, Any] | None = None,
    *,
    now: int,
    given_as: str = "option",
    extends: str | None = None,
    check: Check | None = None,
) -> Settings:
    """Settings from which a world can be built, see `load_settings`. Raises ConfigError.

    `now` is the machine's time in ms, for a clock that has no start; `check` looks for what else may be
    wrong."""

    def all_checks(settings: Settings) -> Iterator[Problem]:
        yield from world_problems(settings)
        if check is not None:
            yield from check(settings)

    settings = load_settings(path, flags, given_as=given_as, extends=extends, check=all_checks)
    start = settings.clock.start
    try:
        World(settings, now if start is None else milliseconds(start))
    except (ValueError, LookupError, ArithmeticError) as error:
        raise ConfigError([f"the world cannot be built: {error}"]) from None
    return settings


def world_problems(settings: Settings) -> Iterator[Problem]:
    """What the number plan and the map say of a configuration whose tables are right by themselves."""
    plan = load_plan(NumberingRules(**settings.numbering.model_dump()))
    yield from _codes(settings, plan)
    yield from _numbers(settings, plan)
    yield from _owners(settings)
    yield from _names(settings)
    yield from _cells(settings)


def _type(plan: NumberPlan, key: int) -> str:
    """What the plan says of a number, empty when it has none."""
    row = plan.row_of_key(key)
    return plan.rows[row].type if row >= 0 else ""


def _codes(settings: Settings, plan: NumberPlan) -> Iterator[Problem]:
    for index, code in enumerate(settings.codes):
        row = plan.row_of_key(code.code)
        if row < 0:
            four, five = settings.numbering.short_codes_4, settings.numbering.short_codes_5
            expected = (
                f"a code in {four[0]}-{four[1]} or {five[0]}-{five[1]} (numbering.short_codes_4 and _5)"
            )
            yield Problem(("codes", index, "code"), _national(code.code), expected)
        elif not plan.rows[row].overlay:
            expected = f"a short code; the plan has this number as {plan.rows[row].kind.en}"
            yield Problem(("codes", index, "code"), _national(code.code), expected)


def _numbers(settings: Settings, plan: NumberPlan) -> Iterator[Problem]:
    """Emergency numbers are served by [emergency.centres], and 1412 by nobody."""
    for index, esme in enumerate(settings.esmes):
        for place, number in enumerate(esme.numbers):
            if _type(plan, number).startswith(("emergency_", "text_telephone_emergency")):
                expected = (
                    "a number that an ESME can own; emergency numbers are served by [emergency.centres]"
                )
                yield Problem(("esmes", index, "numbers", place), _national(number), expected)


def _owners(settings: Settings) -> Iterator[Problem]:
    """Every number has one owner; only a short code may have several providers, told apart by keywords."""
    owners: dict[int, tuple[str, Loc]] = {}

    def claim(number: int, system_id: str, loc: Loc) -> Iterator[Problem]:
        owner, where = owners.setdefault(number, (system_id, loc))
        if owner != system_id and {where[0], loc[0]} != {"codes"}:
            expected = f"a number that no other ESME owns; {owner} has it"
            yield Problem(loc, _national(number), expected)

    for centre, system_id in settings.emergency.centres:
        if system_id is not None:
            yield from claim(NUMBERS[centre], system_id, ("emergency", "centres", centre))
    for index, esme in enumerate(settings.esmes):
        for place, number in enumerate(esme.numbers):
            yield from claim(number, esme.system_id, ("esmes", index, "numbers", place))
    for index, line in enumerate(settings.helplines):
        if line.account is not None:
            yield from claim(line.number, line.account, ("helplines", index, "number"))
    for index, code in enumerate(settings.codes):
        yield from claim(code.code, code.account, ("codes", index, "code"))


def _names(settings: Settings) -> Iterator[Problem]:
    """A handset binds with its number; an ESME of that name would take its place."""
    singles = {row.msisdn for row in settings.subscribers}
    spans = [(row.first, row.last) for row in settings.subscribers if row.first and row.last]
    for index, esme in enumerate(settings.esmes):
        name = esme.system_id
        if not (name.isascii() and name.isdigit()):
            continue
        if int(name) in singles or any(first <= int(name) <= last for first, last in spans):
            yield Problem(("esmes", index, "system_id"), name, "a name that is no subscriber's number")


def _cells(settings: Settings) -> Iterator[Problem]:
    rows = [(index, row.cell) for index, row in enumerate(settings.outages) if row.cell is not None]
    cells = Coverage(chart=chart).cells if rows else {}
    for index, cell in rows:
        if cell not in cells:
            expected = "a cell of the map, as `smsc coverage at LAT,LON` names them"
            yield Problem(("outages", index, "cell"), cell, expected)


def _national(key: int) -> str:
    return str(key).removeprefix("47")
