"""Request bodies: strict, no unknown fields; what was not given is not there."""

import json
import re
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    StringConstraints,
    WithJsonSchema,
    create_model,
    model_validator,
)

from smsc.durations import parse_duration
from smsc.moments import LATEST_YEAR, milliseconds
from smsc.subscriber_fields import FIELDS

Sim = Literal["active", "suspended", "blocked", "expired", "inactive"]
Service = Literal["mo_sms", "content"]
Coverage = Literal["good", "weak", "none"]
Uplink = Literal["hold", "defer", "reject", "lose"]
State = Literal[
    "enroute", "delivered", "expired", "deleted", "undeliverable", "accepted", "unknown", "rejected", "held"
]

#: seconds of a hundred years
_LONGEST = 100 * 366 * 86_400
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d(:\d\d)?)", re.ASCII)


def parse_moment(given: object) -> int:
    """Milliseconds since the Unix epoch of RFC 3339 text; ValueError says what is expected."""
    expected = 'a moment with its offset from UTC such as "2026-01-01T12:00:00Z"'
    if not isinstance(given, str) or not _RFC3339.fullmatch(given):
        raise ValueError(expected)
    try:
        moment = datetime.fromisoformat(given.upper())
    except ValueError:
        raise ValueError(f"{expected}, of a day and hour that exist") from None
    try:
        return milliseconds(moment)
    except ValueError:
        raise ValueError(f"{expected}, from 1970 on and before the year {LATEST_YEAR}") from None


def duration(given: object) -> object:
    """Return `given`; ValueError unless it is a duration: seconds, or a text as `durations` reads it."""
    parse_duration(given)
    return given


def seconds(given: object) -> float:
    """The seconds of a duration; ValueError says what is expected."""
    return parse_duration(given) / 1000


def finite(given: dict[str, Any]) -> dict[str, Any]:
    """Return `given`; ValueError when a number in it is one that JSON does not know but Python reads."""
    try:
        json.dumps(given, allow_nan=False)
    except ValueError:
        raise ValueError("finite numbers") from None
    return given


def _as_flag(given: object) -> object:
    return int(given) if isinstance(given, bool) else given


def _absent() -> Any:
    # The default of a field that may be left out but not be null: it is never validated nor handed on.
    return None


def optional(**about: Any) -> Any:
    """A field that may be left out, but not be null."""
    return Field(default_factory=_absent, **about)


Moment = Annotated[
    int,
    BeforeValidator(parse_moment),
    WithJsonSchema({"type": "string", "format": "date-time", "examples": ["2026-01-01T12:00:00Z"]}),
]
Duration = Annotated[
    float | str,
    BeforeValidator(duration),
    WithJsonSchema({"type": ["number", "string"], "minimum": 0, "examples": [1.5, "40m"]}),
]
Seconds = Annotated[
    float,
    BeforeValidator(seconds),
    WithJsonSchema({"type": ["number", "string"], "minimum": 0, "examples": [90, "1h30m"]}),
]
#: an object whose fields the engine judges
JsonObject = Annotated[dict[str, JsonValue], AfterValidator(finite), WithJsonSchema({"type": "object"})]
#: an id to go on after; what the store counts with has 64 bits
Digits = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,18}$")]
Imsi = Annotated[str, StringConstraints(pattern=r"^[0-9]{15}$")]
Iccid = Annotated[str, StringConstraints(pattern=r"^[0-9]{19,20}$")]
ShortText = Annotated[str, StringConstraints(min_length=1, max_length=200)]
LongText = Annotated[str, StringConstraints(min_length=1, max_length=2000)]


class StrictBody(BaseModel):
    """A JSON object that is taken by the letter."""

    model_config = ConfigDict(
        strict=True,
        extra="forbid",
        allow_inf_nan=False,
        use_attribute_docstrings=True,
        validate_by_name=False,
    )

    def given(self) -> dict[str, Any]:
        """Only the fields that the client gave, under the names that it used."""
        return self.model_dump(exclude_unset=True, by_alias=True)


class Position(StrictBody):
    """A point on the map, WGS 84."""

    lat: Annotated[float, Field(ge=-90, le=90)]
    """Latitude in degrees, north positive."""
    lon: Annotated[float, Field(ge=-180, le=180)]
    """Longitude in degrees, east positive."""


class Waypoint(StrictBody):
    """Where a handset is at a moment: `at` it, or `after` so long from now."""

    at: Moment | None = None
    """The moment."""
    after: Duration | None = None
    """How long from now, instead: seconds or text such as `"20m"`."""
    lat: Annotated[float, Field(ge=-90, le=90)]
    """Latitude in degrees, north positive."""
    lon: Annotated[float, Field(ge=-180, le=180)]
    """Longitude in degrees, east positive."""

    @model_validator(mode="after")
    def _has_a_moment(self) -> Self:
        if (self.at is None) == (self.after is None):
            raise ValueError("either 'at' or 'after'")
        return self


class SubscriberPlace(StrictBody):
    """Where a subscriber's handset is, or how it moves."""

    zone: ShortText | None = None
    """Name of the zone it is in; clears `position`. Null: in none."""
    position: Position | None = None
    """Where it is; clears `zone`. Null: nowhere in particular."""
    track: Annotated[list[Waypoint], Field(min_length=1, max_length=10_000)] | None = None
    """How it moves, straight and evenly from waypoint to waypoint; clears `zone` and `position`."""
    gpx: Annotated[str, StringConstraints(min_length=1)] | None = None
    """How it moves, as the text of a GPX file with times; instead of `track`."""
    starts_now: bool = optional()
    """Whether the GPX track begins now rather than at its own times."""
    every: Duration | None = None
    """Repeat the track after this time, seconds or text such as `"24h"`. Null: once."""
    inside: Literal["outdoor", "car", "indoor"] = optional()
    """What weakens the signal at the position or on the track."""


def _settable() -> dict[str, Any]:
    """The declared fields that a body may set, as pydantic's."""
    found: dict[str, Any] = {}
    for field in FIELDS:
        if field.settable and field.null:
            about = f"{field.about} Null: {field.null}."
            found[field.name] = (field.json_type() | None, Field(default=None, description=about))
        elif field.settable:
            found[field.name] = (field.json_type(), optional(description=field.about))
    return found


_SUBSCRIBER = """A subscriber's SIM and handset.

With PUT, what is left out gets its default; with PATCH, it stays as it is.
"""
if TYPE_CHECKING:
    SubscriberBody = SubscriberPlace
else:
    _declared = create_model("_Declared", __base__=StrictBody, **_settable())
    SubscriberBody = create_model(
        "SubscriberBody", __base__=(SubscriberPlace, _declared), __doc__=_SUBSCRIBER, __module__=__name__
    )


class OutageBody(StrictBody):
    """When a zone is down: once or repeating."""

    start: Moment | None = Field(default=None, alias="from")
    """First moment without coverage. Null or left out: now."""
    to: Moment | None = None
    """First moment with coverage again. Null or left out: until further notice."""
    duration: Duration | None = None
    """How long it is down, instead of `to`: seconds, or text such as `"40m"`."""
    every: Duration | None = None
    """Repeats after this time, seconds or text such as `"24h"`. Null: once."""
    until: Moment | None = None
    """No repetition starts from this moment on. Null: no end."""
    note: Annotated[str, StringConstraints(max_length=200)] = optional()
    """Why; shown in timelines."""


OutageList = Annotated[list[OutageBody], Field(max_length=1000)]


class OutagesBody(StrictBody):
    """All outages of one zone, cell or county."""

    outages: OutageList
    """Replaces what was planned; an empty list ends it."""


class ZoneBody(StrictBody):
    """A zone.

    With PUT, what is left out gets its default; with PATCH, it stays as it is.
    """

    coverage: Coverage = optional()
    """How good reception is; `weak` loses attempts now and then."""
    uplink: Uplink = optional()
    """What a handset without coverage does with a message that its user sends."""
    loss: Annotated[float, Field(ge=0, le=1)] | None = None
    """Probability that an attempt is lost. Null: the default of the coverage."""
    latency: Duration | None = None
    """Time that the radio adds to an attempt, seconds or text such as `"300ms"`. Null: none."""
    outages: OutageList | None = None
    """When the zone is down, planned or from a past moment on. Null: never."""
    geometry: JsonObject | None = None
    """Where the zone lies. Null: a mere name.

    By `type`: a `circle` with `lat`, `lon` and `radius_m`; a `polygon` with `points`; a `line` with `points`
    and `width_m`. Points are pairs of latitude and longitude.
    """
    county: ShortText | None = None
    """Name or number of the county whose outages it shares. Null: none."""


class RegistrationBody(StrictBody):
    """Whom a number registered for emergency SMS belongs to; everything may be left out."""

    name: ShortText = optional()
    """Name of the user."""
    address: ShortText = optional()
    """Street address."""
    postcode: ShortText = optional()
    """Postcode."""
    email: ShortText = optional()
    """E-mail address."""
    country: ShortText = optional()
    """Country."""


class MessageBody(StrictBody):
    """A message to inject, as if its source submitted it."""

    source: Annotated[str, StringConstraints(min_length=1, max_length=21)]
    """Who sends: a simulated number in any dialling form, a short code or an alphanumeric sender."""
    destination: Annotated[str, StringConstraints(min_length=1, max_length=21)]
    """Who is to get it, in any dialling form."""
    # 255 parts of 153 septets are what concatenation allows [23.040 §9.2.3.24.1]
    text: Annotated[str, StringConstraints(max_length=39_015)]
    """The text; what is longer than one SMS goes as parts."""
    registered_delivery: Annotated[int, BeforeValidator(_as_flag), Field(ge=0, le=31)] = 0
    """Which receipts are wanted, as in SMPP 3.4 §5.2.17: 0 none, 1 on every outcome, 2 on failure."""


class ClockBody(StrictBody):
    """Mode and moment of the SMSC clock; at least one."""

    mode: Annotated[str, StringConstraints(pattern=r"^(real|manual|x[0-9]{1,6}(\.[0-9]{1,3})?)$")] = (
        optional()
    )
    """`real`, `manual`, or accelerated: `x60` runs sixty times as fast."""
    now: Moment = optional()
    """The moment to set; never earlier than now."""

    @model_validator(mode="after")
    def _names_something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("'mode', 'now' or both")
        return self


class AdvanceBody(StrictBody):
    """How far a manual clock goes: exactly one of the three."""

    seconds: Seconds = optional()
    """How long from now: seconds, or text such as `"1h30m"`."""
    to: Moment = optional()
    """Up to this moment."""
    until: Literal["idle"] = optional()
    """Until no message or receipt is unfinished."""

    @model_validator(mode="after")
    def _names_one(self) -> Self:
        if len(self.model_fields_set) != 1:
            raise ValueError("exactly one of 'seconds', 'to' and 'until'")
        return self


class OutbindBody(StrictBody):
    """An ESME to dial and to invite to bind as receiver."""

    system_id: Annotated[str, StringConstraints(min_length=1, max_length=15)]
    """Of a configured ESME; one that the SMSC does not know could not bind."""
    host: ShortText
    """Where it listens."""
    port: Annotated[int, Field(ge=1, le=65535)]
    """Where it listens."""
    password: Annotated[str, StringConstraints(max_length=8)] = optional()
    """What the outbind carries, so that the ESME knows who calls."""
    retry: Duration = optional()
    """How soon it is dialled again when there is no answer or the connection is gone; left out for once."""


class EsmeBody(StrictBody):
    """An ESME, as a row of [[esmes]] of the configuration."""

    password: Annotated[str, StringConstraints(max_length=200)]
    """What it binds with, at most 8 characters, or `argon2:` and a hash; never shown."""
    kind: Literal["esme", "farm", "emergency", "helpline", "content", "agency"] = optional()
    """What it is; `farm` speaks for handsets, `emergency` is a centre, `content` a provider."""
    numbers: list[ShortText] = optional()
    """Numbers that it owns: it may send from them, and gets what is sent to them."""
    senders: list[ShortText] = optional()
    """Alphanumeric senders that it may use."""
    ranges: list[JsonObject] = optional()
    """Handsets that it speaks for, each `first` and `last`."""
    window: Annotated[int, Field(ge=1)] = optional()
    """Requests that may wait for their response."""
    window_out: Annotated[int, Field(ge=1)] = optional()
    """Deliveries that may wait for its response."""
    rate: Annotated[float, Field(ge=0)] = optional()
    """Requests a second, 0 for no limit."""
    binds: Annotated[int, Field(ge=0)] = optional()
    """How many binds at the same time, 0 for any number."""
    tlvs: list[ShortText] = optional()
    """Vendor TLVs that it wants."""
    default_alphabet: Literal["gsm0338", "gsm0338-packed", "latin-1", "utf-8"] = optional()
    """What data_coding 0 means from it."""
    ia5_means: Literal["auto", "ia5", "gsm"] = optional()
    """What data_coding 1 means from it."""
    tolerate_trailing_nul: bool = optional()
    """Whether one NUL behind the text is let pass."""
    payload: bool = optional()
    """Whether it gets long texts whole, as message_payload, or in parts."""
    responses: JsonObject = optional()
    """How its responses differ."""
    receipts: JsonObject = optional()
    """How its receipts differ."""


class FaultsBody(StrictBody):
    """All fault triggers; replaces those in force."""

    seed: Annotated[int, Field(ge=0, lt=2**63)] = optional()
    """Seed of the random draws; the same seed gives the same faults."""
    rules: list[JsonObject]
    """The triggers, in the order in which they are tried."""


class TagBody(StrictBody):
    """What a tag stands for."""

    q: Annotated[str, StringConstraints(min_length=1, max_length=4000)]
    """A search as of `GET /messages`, with one term or more, none of them `tag:`."""


#: What the public register takes. It answers 400 to anything else, so the service reads it, not this package.
LookupBody = Annotated[
    JsonValue,
    WithJsonSchema(
        {
            "title": "LookupBody",
            "type": "object",
            "description": "Persons to look up in the contact register, in the public register's own words.",
            "required": ["personidentifikatorer"],
            "properties": {
                "personidentifikatorer": {
                    "type": "array",
                    "items": {"type": "string", "pattern": "^[0-9]{11}$"},
                    "minItems": 1,
                    "maxItems": 1000,
                    "description": "Synthetic national identity numbers.",
                },
                "inkluderIkkeRegistrerte": {
                    "type": "boolean",
                    "default": False,
                    "description": "Whether persons that are not registered are in the answer as well.",
                },
            },
        }
    ),
]
#: A synthetic national identity number. The service refuses what is none: it may be a person's.
Identifier = Annotated[str, WithJsonSchema({"type": "string", "pattern": "^[0-9]{11}$"})]
Language = Literal["nb", "nn", "en", "se"]


class Texts(StrictBody):
    """What a notification says, by language; at least one."""

    nb: LongText = optional()
    """Norwegian bokmål."""
    nn: LongText = optional()
    """Norwegian nynorsk."""
    en: LongText = optional()
    """English."""
    se: LongText = optional()
    """Northern Sámi."""


class NotificationBody(StrictBody):
    """A notification that an agency orders."""

    personidentifikatorer: Annotated[
        list[JsonValue], WithJsonSchema({"type": "array", "items": {"type": "string"}})
    ]
    """Synthetic national identity numbers of those to be told, 1 to 1000; each is told once."""
    kind: Literal["service", "formal", "letter"] = optional()
    """`service` (snow, water, appointments), `formal` (decisions), `letter` (one lies in the mailbox)."""
    texts: Texts = optional()
    """The texts; not with `letter`."""
    subject: ShortText = optional()
    """Subject of the e-mails; the agency's name when left out."""
    dispatch_at: Moment = optional()
    """When people are looked up and told; now when left out."""


class Mailbox(StrictBody):
    """A digital mailbox."""

    address: ShortText
    """Its address."""
    supplier: Literal["984661185", "922020175"]
    """Organisation number of its supplier."""


class PersonBody(StrictBody):
    """What a synthetic person enters in the register; what is left out stays."""

    language: Language = optional()
    """Preferred language."""
    mobile: ShortText | None = None
    """Mobile number. Null: none."""
    email: ShortText | None = None
    """E-mail address. Null: none."""
    reserved: bool = optional()
    """Whether the person opts out of digital decisions."""
    verified: bool = optional()
    """The person confirms that the contact data are right."""
    mailbox: Mailbox = optional()
    """The digital mailbox that the person chose."""
    at: Moment = optional()
    """When the person did this; now when left out."""


class ScenarioBody(StrictBody):
    """A scenario to run: one of the two."""

    name: ShortText = optional()
    """One that comes along."""
    toml: Annotated[str, StringConstraints(min_length=1, max_length=200_000)] = optional()
    """One's own, as the text of its file."""

    @model_validator(mode="after")
    def _names_one(self) -> Self:
        if len(self.model_fields_set) != 1:
            raise ValueError("exactly one of 'name' and 'toml'")
        return self


class DeskBody(StrictBody):
    """Who comes to work at an emergency centre."""

    centre: Literal["110", "112", "113"]
    """The centre's number."""
    password: Annotated[str, StringConstraints(max_length=64)]
    """The password of the centre's ESME."""


class DeskAnswerBody(StrictBody):
    """What a centre answers."""

    text: Annotated[str, StringConstraints(min_length=1, max_length=1600)]
    """The text; what is longer than one SMS goes as parts."""


class EmergencyStartBody(StrictBody):
    """What a citizen asks of the site for one mobile number."""

    number: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    """The mobile number as it was typed."""
    action: Literal["register", "update", "delete"]
    """What is wanted; the look-up says what is possible."""
    person: RegistrationBody = optional()
    """Whom the number belongs to."""
    terms: bool = optional()
    """Whether the terms are confirmed; needed to register and to update."""


class CodeBody(StrictBody):
    """The code that came by SMS."""

    code: Annotated[str, StringConstraints(min_length=1, max_length=20)]
    """Six digits."""


class SiteBody(StrictBody):
    """Whether the site takes anything."""

    open: bool
    """False: down for maintenance."""


class SimSwapBody(StrictBody):
    """The new SIM card."""

    imsi: Imsi = optional()
    """IMSI; derived from the number when left out."""
    iccid: Iccid = optional()
    """ICCID with its Luhn digit; derived when left out."""


class NumberChangeBody(StrictBody):
    """The number that the SIM gets."""

    to: Annotated[str, StringConstraints(min_length=1, max_length=21)]
    """A free mobile number in any dialling form."""


class TwinBody(StrictBody):
    """The second SIM of a subscription."""

    twin: Annotated[str, StringConstraints(min_length=1, max_length=21)]
    """Its 12-digit number, which begins with 58."""


class CsvBody(StrictBody):
    """A list as CSV."""

    csv: Annotated[str, StringConstraints(min_length=1, max_length=1_000_000)]
    """The whole file, with its header."""


class AssignmentsBody(CsvBody):
    """A list of assigned numbers."""

    how: Literal["add", "replay"] = "add"
    """`add` the rows; or `replay`: it is the whole list of today for the kinds of numbers that it names."""
