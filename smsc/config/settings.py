"""The whole configuration as one immutable value, and the checks that look across its tables."""

import difflib
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any, Literal, NamedTuple

from pydantic import Field
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from smsc.config import sections, wire, world
from smsc.config.base import Whole
from smsc.config.contacts import Register
from smsc.coverage.documents.gpx import read_gpx
from smsc.coverage.documents.zones import read_outages, read_zone
from smsc.coverage.errors import CoverageError
from smsc.coverage.norway import county_id
from smsc.coverage.place import GOOD, Revision, Zone
from smsc.reasons import REASONS
from smsc.routing.plan_data import document, number_types

Loc = tuple[str | int, ...]


class Settings(BaseSettings):
    """Everything that can be configured. Constructing one reads no file and no environment."""

    model_config = SettingsConfigDict(extra="forbid", frozen=True)

    extends: str = "none"
    host: str = "127.0.0.1"
    loop: Literal["auto", "uvloop", "asyncio"] = "auto"
    seed: Whole = Field(default=1, ge=0, lt=2**63)
    bind_requires_active_sim: bool = False
    smpp: sections.Smpp = sections.Smpp()
    http: sections.Http = sections.Http()
    store: sections.Store = sections.Store()
    clock: sections.Clock = sections.Clock()
    latency: sections.Latency = sections.Latency()
    limits: sections.Limits = sections.Limits()
    delivery: sections.Delivery = sections.Delivery()
    smsc: sections.Smsc = sections.Smsc()
    policy: sections.Policy = sections.Policy()
    log: sections.Log = sections.Log()
    trace: wire.Trace = wire.Trace()
    numbering: world.Numbering = world.Numbering()
    zones: tuple[world.Zone, ...] = ()
    outages: tuple[world.Outages, ...] = ()
    subscribers: tuple[world.Subscriber, ...] = ()
    esmes: tuple[world.Esme, ...] = ()
    emergency: world.Emergency = world.Emergency()
    helplines: tuple[world.Helpline, ...] = ()
    helpline_rules: world.HelplineRules = world.HelplineRules()
    codes: tuple[world.Code, ...] = ()
    content: world.Content = world.Content()
    charging: world.Charging = world.Charging()
    contacts: Register = Register()
    operators: tuple[world.Operator, ...] = ()
    lists: tuple[world.DistributionList, ...] = ()
    default_messages: tuple[world.DefaultMessage, ...] = ()
    faults: tuple[wire.Fault, ...] = ()
    outbinds: tuple[wire.Outbind, ...] = ()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what is passed in; the order of sources is `load_settings`'s business."""
        return (init_settings,)


class Problem(NamedTuple):
    """One thing that is wrong: where, what stands there, what would be right."""

    loc: Loc
    given: object
    expected: str


def cross_check(settings: Settings) -> Iterator[Problem]:
    """What a single table cannot see: references to other tables, and names or numbers used twice."""
    yield from _references(settings)
    yield from _zones(settings)
    yield from _outages(settings)
    yield from _movements(settings)
    reasons = [reason.name for reason in REASONS]
    yield from _names(("delivery", "permanent"), settings.delivery.permanent, reasons)
    yield from _names(("delivery", "temporary"), settings.delivery.temporary, reasons)
    types = list(number_types(document()))
    yield from _names(("numbering", "receive"), settings.numbering.receive, types)
    yield from _names(("numbering", "send"), settings.numbering.send, types)
    yield from _duplicates("zones", "name", [zone.name for zone in settings.zones])
    yield from _duplicates("lists", "name", [row.name for row in settings.lists])
    yield from _duplicates("default_messages", "id", [row.id for row in settings.default_messages])
    yield from _duplicates("esmes", "system_id", [esme.system_id for esme in settings.esmes])
    yield from _duplicates("operators", "name", [operator.name for operator in settings.operators])
    yield from _duplicates("helplines", "number", [helpline.number for helpline in settings.helplines])
    yield from _keywords(settings)
    owned: Counter[int] = Counter()
    for index, esme in enumerate(settings.esmes):
        for place, number in enumerate(esme.numbers):
            if owned[number]:
                yield Problem(("esmes", index, "numbers", place), number, "a number that no other ESME owns")
            owned[number] += 1


def _references(settings: Settings) -> Iterator[Problem]:
    zones = {zone.name for zone in settings.zones}
    esmes = {esme.system_id: esme.kind for esme in settings.esmes}
    for index, subscriber in enumerate(settings.subscribers):
        if subscriber.zone is not None and subscriber.zone not in zones:
            yield Problem(("subscribers", index, "zone"), subscriber.zone, _one_of("a zone", zones))
    for service, system_id in settings.emergency.centres:
        if system_id is not None and esmes.get(system_id) != "emergency":
            allowed = [name for name, kind in esmes.items() if kind == "emergency"]
            expected = _one_of('an ESME of kind "emergency"', allowed)
            yield Problem(("emergency", "centres", service), system_id, expected)
    for index, helpline in enumerate(settings.helplines):
        if helpline.account is not None and helpline.account not in esmes:
            yield Problem(("helplines", index, "account"), helpline.account, _one_of("an ESME", esmes))
    for index, outbind in enumerate(settings.outbinds):
        if outbind.system_id not in esmes:
            yield Problem(("outbinds", index, "system_id"), outbind.system_id, _one_of("an ESME", esmes))
    for index, code in enumerate(settings.codes):
        if code.account not in esmes:
            yield Problem(("codes", index, "account"), code.account, _one_of("an ESME", esmes))


def _keywords(settings: Settings) -> Iterator[Problem]:
    """On one short code a word leads to one provider, and no word at all to one provider too."""
    seen: set[tuple[int, str, str]] = set()
    for index, code in enumerate(settings.codes):
        words = [(word.match, " ".join(word.word.split()).casefold()) for word in code.keywords]
        for place, (match, word) in enumerate(words or [("wildcard", "")]):
            if (code.code, match, word) in seen:
                loc: Loc = ("codes", index, "keywords", *((place,) if code.keywords else ()))
                yield Problem(loc, word, "a keyword that no other entry of the same code has")
            seen.add((code.code, match, word))


def _zones(settings: Settings) -> Iterator[Problem]:
    """Geometry and outages belong to `smsc.coverage`, which reads each zone once to see that it can."""
    for index, zone in enumerate(settings.zones):
        try:
            read_zone(Zone(zone.name, GOOD, Revision()), zone.body(), 0)
        except CoverageError as error:
            path = error.field.removeprefix(zone.name)
            steps = (int(step) if step.isdigit() else step for step in re.findall(r"[^.\[\]]+", path))
            yield Problem(("zones", index, *steps), error.value, error.expected)


def _outages(settings: Settings) -> Iterator[Problem]:
    """The times of outages, and the counties that there are."""
    for index, row in enumerate(settings.outages):
        try:
            read_outages(list(row.times), "times", 0)
            if row.county is not None:
                county_id(row.county, "county")
        except CoverageError as error:
            yield Problem(("outages", index, error.field), error.value, error.expected)


def _movements(settings: Settings) -> Iterator[Problem]:
    """GPX files that can be read, and waypoints in the order of time."""
    for index, row in enumerate(settings.subscribers):
        if row.gpx is not None:
            try:
                read_gpx(row.gpx)
            except CoverageError as error:
                yield Problem(("subscribers", index, "gpx"), str(row.gpx), error.expected)
        moments: list[Any] = [point.at for point in row.track if point.at is not None]
        if 0 < len(moments) < len(row.track):
            expected = (
                "waypoints that all have at, or all after: what comes first must not depend on the start"
            )
            yield Problem(("subscribers", index, "track"), "", expected)
        delays: list[Any] = [point.after for point in row.track if point.after is not None]
        for times in (moments, delays):
            if any(later <= earlier for earlier, later in pairwise(times)):
                yield Problem(("subscribers", index, "track"), "", "each waypoint later than the one before")


def _names(loc: Loc, given: Iterable[str], known: list[str]) -> Iterator[Problem]:
    for name in sorted(given):
        if name not in known:
            yield Problem(loc, name, suggest(name, known))


def suggest(name: str, known: Iterable[str]) -> str:
    """What was probably meant, or everything that could have been."""
    close = difflib.get_close_matches(name, known := sorted(known), n=1, cutoff=0.6)
    if close:
        return f"{close[0]}?"
    return f"one of {', '.join(known)}" if known else "no key here"


def _one_of(what: str, names: Iterable[str]) -> str:
    known = sorted(names)
    shown = ", ".join(known[:20]) + (", ..." if len(known) > 20 else "")
    return f"{what} of this configuration ({shown or 'it has none'})"


def _duplicates(table: str, key: str, values: list[int] | list[str]) -> Iterator[Problem]:
    seen: set[object] = set()
    for index, value in enumerate(values):
        if value in seen:
            yield Problem((table, index, key), value, f"a {key} that no other entry of {table} has")
        seen.add(value)
