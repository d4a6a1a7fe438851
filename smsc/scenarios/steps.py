"""The steps of a scenario, taken by the letter: what each may say, and what cannot happen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, NamedTuple, Self

from pydantic import BeforeValidator, Field, ValidationError, model_validator

from smsc import reasons
from smsc.api.bodies.fields import StrictBody
from smsc.api.bodies.messages import State
from smsc.api.bodies.subscribers import SubscriberBody
from smsc.api.bodies.zones import OutagesBody, ZoneBody
from smsc.config.extending import Loc
from smsc.config.wording import clean_loc, expected_of, no_such_key
from smsc.durations import parse_duration
from smsc.typed import compact

_DAY = 86_400_000
_REASONS = sorted(reason.name for reason in reasons.REASONS if reason.code)
_AREAS = ("county", "zone", "cell")


def _duration(given: object) -> int:
    return parse_duration(given)


def _digits(given: object) -> str:
    """The digits of a number, as they go on the wire."""
    text = str(given) if isinstance(given, int) and not isinstance(given, bool) else given
    if not isinstance(text, str):
        raise ValueError('a number such as "4790000001"')
    text = compact(text).removeprefix("+")
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise ValueError('a number such as "4790000001"')
    return text


def _one_or_more(given: object) -> object:
    return given if isinstance(given, list) else [given]


def _bound(given: object) -> object:
    return (
        {"system_id": str(given)} if isinstance(given, str | int) and not isinstance(given, bool) else given
    )


def _reason(given: object) -> object:
    if given not in _REASONS:
        raise ValueError("the name of a reason, as the API and docs/smpp.md list them")
    return given


Duration = Annotated[int, BeforeValidator(_duration)]
Digits = Annotated[str, BeforeValidator(_digits)]
Count = Annotated[int, Field(ge=0)]
Many = Annotated[int, Field(ge=1, le=1_000_000)]


class Bind(StrictBody):
    """A client that binds and answers all that it gets."""

    system_id: Annotated[str, Field(min_length=1, max_length=15)]
    password: Annotated[str, Field(max_length=8)] = "1234"


class Handset(SubscriberBody):
    """What changes about one subscriber or several."""

    msisdn: Annotated[list[Digits], BeforeValidator(_one_or_more), Field(min_length=1)]

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if self.model_fields_set == {"msisdn"}:
            raise ValueError("what changes besides msisdn, such as zone or powered")
        return self


class Zone(ZoneBody):
    """What changes about a zone."""

    name: Annotated[str, Field(min_length=1)]

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if self.model_fields_set == {"name"}:
            raise ValueError("what changes besides name, such as coverage")
        return self


class Outage(OutagesBody):
    """When a county, a zone or a cell is down."""

    county: str | None = None
    zone: str | None = None
    cell: str | None = None

    @model_validator(mode="after")
    def _names_one(self) -> Self:
        if sum(getattr(self, area) is not None for area in _AREAS) != 1:
            raise ValueError(f"one of {', '.join(_AREAS)}")
        return self

    @property
    def area(self) -> tuple[str, str]:
        """The kind of area and its name."""
        return next((area, str(getattr(self, area))) for area in _AREAS if getattr(self, area) is not None)


class Send(StrictBody):
    """Messages that a client submits."""

    name: str = "message"
    source: Digits = Field(alias="from")
    to: Digits
    by: str | None = None
    text: str = "Hei"
    receipt: bool = False
    count: Many = 1
    handsets: Many = 1
    validity: Duration | None = Field(default=None, gt=0, le=99 * _DAY)
    priority: Annotated[int, Field(ge=0, le=3)] = 0


class Chosen(StrictBody):
    """Messages by what they say, of whoever sent them."""

    source: Digits | None = Field(default=None, alias="from")
    to: Digits | None = None
    text: str | None = None
    state: State | None = None

    @property
    def chooses(self) -> bool:
        """Whether anything is said about which messages are meant."""
        return any(value is not None for value in (self.source, self.to, self.text))


class Expect(Chosen):
    """What must hold of messages: those that a `send` has named, or those with an address or a text."""

    name: str | None = None
    message: str | None = None
    all: str | None = None
    reason: Annotated[str, BeforeValidator(_reason)] | None = None
    attempts: Count | None = None
    final_after: Duration | None = None
    answered: bool | None = None
    count: Count | None = None
    receipts: dict[str, Count] = {}

    @property
    def wanted(self) -> str | None:
        """The name of the messages that are meant."""
        return self.message or self.all

    @model_validator(mode="after")
    def _can_happen(self) -> Self:
        given = self.model_fields_set
        if self.message and self.all:
            raise ValueError("either message or all")
        facts = given & {"state", "reason", "attempts", "final_after"}
        if not given & {"state", "reason", "attempts", "final_after", "answered", "count", "receipts"}:
            raise ValueError("what must hold, such as state or receipts")
        if (facts or given & {"answered", "count"}) and not (self.wanted or self.chooses):
            raise ValueError("which messages: message or all with the name of a send, or from, to, text")
        if self.wanted and self.chooses:
            raise ValueError("either the name of a send, or from, to, text")
        if self.answered is not None and not self.wanted:
            raise ValueError("answered of a send of this scenario: message or all with its name")
        if "count" in given and not self.chooses:
            raise ValueError("count of messages with from, to or text; a send says its own")
        if self.answered is False and facts:
            raise ValueError(f"no {' or '.join(sorted(facts))} of what was not answered")
        if self.count == 0 and facts - {"state"}:
            raise ValueError(f"no {' or '.join(sorted(facts - {'state'}))} of no messages at all")
        if self.state == "delivered" and self.reason is not None:
            raise ValueError("no reason of a message that was delivered")
        if self.state is not None and self.state in ("enroute", "held") and self.final_after is not None:
            raise ValueError(f"no final_after of a message that is {self.state}")
        return self


class Wait(Chosen):
    """Something from outside: a bind of a system_id, or a message."""

    bind: str | None = None
    timeout: Duration = 30_000

    @model_validator(mode="after")
    def _waits_for_something(self) -> Self:
        if (self.bind is None) == (not self.chooses):
            raise ValueError("either bind, or a message by from, to, text")
        return self


Body = list[Bind] | Handset | Zone | Outage | Send | Expect | Wait
KINDS: Mapping[str, type[StrictBody]] = {
    "bind": Bind,
    "handset": Handset,
    "zone": Zone,
    "outage": Outage,
    "send": Send,
    "expect": Expect,
    "wait": Wait,
}


class Step(NamedTuple):
    """One step: ``at`` in ms since the start, what is done, and its number in the file."""

    at: int
    kind: str
    body: Any
    number: int


class Wrong(NamedTuple):
    """What is wrong with a step, and where in the file."""

    loc: Loc
    told: str


def read_steps(rows: list[Any], folder: Path, *, served: bool) -> tuple[list[Step], list[Wrong]]:
    """The steps in the order of time, and everything that is wrong with them.

    `folder` is where GPX files lie; only a scenario that is `served` can wait for somebody from outside."""
    steps: list[Step] = []
    wrong: list[Wrong] = []
    for number, row in enumerate(rows):
        try:
            step = _step(row, number, folder, wrong)
        except _WrongStep as error:
            wrong += error.all
        else:
            steps.append(step)
    steps.sort(key=lambda step: step.at)
    wrong += _impossible(steps, served=served)
    return steps, sorted(wrong, key=lambda one: [str(part).zfill(6) for part in one.loc])


class _WrongStep(Exception):
    def __init__(self, *wrong: Wrong) -> None:
        self.all = wrong


def _step(row: Any, number: int, folder: Path, wrong: list[Wrong]) -> Step:
    """One step; what is wrong with it besides its body is added to `wrong`."""
    loc: Loc = ("steps", number)
    if not isinstance(row, dict):
        raise _WrongStep(Wrong(loc, f"got {row!r}, expected a table"))
    kinds = [kind for kind in KINDS if kind in row]
    known = ["at", *KINDS]
    wrong += [Wrong((*loc, key), no_such_key(key, known)) for key in row if key not in known]
    at = 0
    if "at" not in row:
        wrong.append(Wrong((*loc, "at"), 'expected the time since the start, such as "0s" or "20min"'))
    else:
        try:
            at = parse_duration(row["at"])
        except ValueError as error:
            wrong.append(Wrong((*loc, "at"), f"got {row['at']!r}, expected {error}"))
    if len(kinds) != 1:
        told = " and ".join(kinds) or "none of them"
        raise _WrongStep(Wrong(loc, f"got {told}, expected at and one of {', '.join(KINDS)}"))
    return Step(at, kinds[0], _body(kinds[0], row[kinds[0]], (*loc, kinds[0]), folder), number)


def _body(kind: str, given: Any, loc: Loc, folder: Path) -> Any:
    if kind == "bind":
        rows = given if isinstance(given, list) else [given]
        places = [(*loc, index) if isinstance(given, list) else loc for index in range(len(rows))]
        if not rows:
            raise _WrongStep(Wrong(loc, "got an empty list, expected who binds"))
        return [_validated(Bind, _bound(row), place) for row, place in zip(rows, places, strict=True)]
    if kind == "handset" and isinstance(given, dict) and isinstance(given.get("gpx"), str):
        given = {**given, "gpx": _gpx(given["gpx"], (*loc, "gpx"), folder)}
    return _validated(KINDS[kind], given, loc)


def _gpx(given: str, loc: Loc, folder: Path) -> str:
    """The text of a GPX file, or the text itself."""
    if given.lstrip().startswith("<"):
        return given
    try:
        return (folder / given).read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        raise _WrongStep(Wrong(loc, f"got {given!r}, expected a GPX file that can be read")) from None


def _validated(model: type[StrictBody], given: Any, loc: Loc) -> Any:
    if not isinstance(given, dict):
        raise _WrongStep(Wrong(loc, f"got {given!r}, expected a table"))
    plain = _plain(given)
    try:
        return model.model_validate(plain)
    except ValidationError as error:
        found = []
        for details in error.errors():
            place = clean_loc(details["loc"], plain)
            if details["type"] == "extra_forbidden" and len(place) == 1:
                told = no_such_key(str(place[0]), _keys(model))
            elif details["type"] == "missing":
                told = f"expected {expected_of(details)}"
            else:
                shown = "this table" if isinstance(details["input"], dict) else repr(details["input"])
                told = f"got {shown}, expected {expected_of(details)}"
            found.append(Wrong((*loc, *place), told))
        raise _WrongStep(*found) from None


def _plain(value: Any) -> Any:
    """TOML's own dates as the API writes them."""
    if isinstance(value, datetime):
        moment = value if value.tzinfo is not None else value.replace(tzinfo=UTC)
        return moment.isoformat()
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, list) else value


def _keys(model: type[StrictBody]) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items()]


def _impossible(steps: list[Step], *, served: bool) -> Iterator[Wrong]:
    """Steps that are right by themselves, but cannot happen where they stand."""
    bound: set[str] = set()
    sent: set[str] = set()
    for step in steps:
        loc: Loc = ("steps", step.number, step.kind)
        body = step.body
        if isinstance(body, list):
            bound |= {one.system_id for one in body}
        elif isinstance(body, Send):
            who = body.by or body.source
            if who not in bound and (body.by or "farm" not in bound):
                known = ", ".join(sorted(bound)) or "nobody"
                yield Wrong(loc, f"neither {who!r} nor 'farm' has bound before; bound is {known}")
            sent.add(body.name)
        elif isinstance(body, Expect):
            if body.wanted is not None and body.wanted not in sent:
                known = ", ".join(sorted(sent)) or "none"
                yield Wrong(loc, f"no send is called {body.wanted!r} before; there are {known}")
            if body.final_after is not None and body.final_after > step.at:
                told = f"got {body.final_after / 1000:g} s, expected at most this step's {step.at / 1000:g} s"
                yield Wrong((*loc, "final_after"), told)
            for who in body.receipts.keys() - bound:
                yield Wrong((*loc, "receipts"), f"{who!r} has not bound before")
        elif isinstance(body, Wait) and not served:
            yield Wrong(loc, "expected --serve: without it nobody from outside can bind or send")
