"""The world that the SMSC serves: zones, subscribers, ESMEs, emergency centres, helplines, codes."""

from datetime import date
from pathlib import Path
from types import GenericAlias
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self, get_args

from pydantic import AfterValidator, Field, SecretStr, create_model, field_validator, model_validator

from smsc.config.base import (
    Count,
    HandsetKey,
    Moment,
    Name,
    NumberKey,
    Password,
    Positive,
    Price,
    Real,
    Section,
    Share,
    SystemId,
    Whole,
)
from smsc.config.durations import Milliseconds, Seconds
from smsc.config.wire import ReceiptDialect, ResponseDialect
from smsc.routing.plan_data import bounds, is_of
from smsc.subscriber_fields import FIELDS

Latitude = Annotated[float, Field(ge=-90, le=90)]
Longitude = Annotated[float, Field(ge=-180, le=180)]
Point = tuple[Latitude, Longitude]
Purpose = Literal["information", "help", "reporting"]
#: An alphanumeric sender. The SMPP field holds 20 characters (3.4 §5.2.8); over the air a GSM address carries
#: 11, which real senders such as "Skatteetaten" exceed.
Sender = Annotated[str, Field(min_length=1, max_length=20, pattern=r"^[ -~]*[A-Za-z][ -~]*$")]


class Position(Section):
    """A place on the map, degrees WGS84."""

    lat: Annotated[float, Field(ge=-90, le=90)]
    lon: Annotated[float, Field(ge=-180, le=180)]


class Zone(Section):
    """A named piece of coverage. The rules for geometry and outages are those of `smsc.coverage`."""

    name: Name
    coverage: Literal["good", "weak", "none"] = "good"
    uplink: Literal["hold", "defer", "reject", "lose"] = "hold"
    loss: Share | None = None
    latency: Seconds | None = None
    county: str | None = None
    geometry: dict[str, Any] | None = None
    outages: tuple[dict[str, Any], ...] = ()

    def body(self) -> dict[str, Any]:
        """What `World.put_zone` takes."""
        return {**self.model_dump(exclude={"name"}), "outages": list(self.outages)}


class Waypoint(Section):
    """Where a handset is at a moment, or so long after the start."""

    at: Moment | None = None
    after: Milliseconds | None = None
    lat: Latitude
    lon: Longitude

    @model_validator(mode="after")
    def _has_a_moment(self) -> Self:
        if (self.at is None) == (self.after is None):
            raise ValueError("either at or after")
        return self

    def record(self) -> dict[str, Any]:
        """What `coverage.places.place_of` reads."""
        when = {"after": self.after / 1000} if self.after is not None else {"at": self.at}
        return {**when, "lat": self.lat, "lon": self.lon}


class Outages(Section):
    """When a county or a cell is down; a zone has its own."""

    county: Name | None = None
    cell: Name | None = None
    times: Annotated[tuple[dict[str, Any], ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _names_one(self) -> Self:
        if (self.county is None) == (self.cell is None):
            raise ValueError("either county or cell")
        return self


class SubscriberRow(Section):
    """One subscriber (`msisdn`) or a range of them (`first` to `last`), without the declared fields."""

    msisdn: HandsetKey | None = None
    first: HandsetKey | None = None
    last: HandsetKey | None = None
    zone: Name | None = None
    position: Position | None = None
    track: tuple[Waypoint, ...] = ()
    gpx: Path | None = None
    every: Milliseconds | None = None
    inside: Literal["outdoor", "car", "indoor"] = "outdoor"

    @model_validator(mode="after")
    def _one_or_a_range(self) -> Self:
        if (self.msisdn is None) == (self.first is None and self.last is None):
            raise ValueError("either msisdn, or first and last")
        if self.msisdn is None:
            if self.first is None or self.last is None:
                raise ValueError("first and last together")
            if self.last < self.first or len(str(self.first)) != len(str(self.last)):
                raise ValueError("last not before first, and as many digits")
            own = [field.name for field in FIELDS if field.single and getattr(self, field.name, None)]
            if own:
                raise ValueError(f"{' and '.join(own)} only with msisdn, not for a range")
        if getattr(self, "nod_sms", False) and not (self.msisdn is not None and is_of("mobile", self.msisdn)):
            raise ValueError("nod_sms only with the msisdn of a mobile number: each is registered on its own")
        told = [self.zone, self.position, self.track or None, self.gpx]
        if sum(one is not None for one in told) > 1:
            raise ValueError("one of zone, position, track and gpx")
        return self

    @property
    def is_range(self) -> bool:
        """True for `first` to `last`, False for a single `msisdn`."""
        return self.msisdn is None

    def fields(self) -> dict[str, Any]:
        """The values of the declared fields, as the registry holds them."""
        given = ((field, getattr(self, field.name)) for field in FIELDS if field.configured)
        return {
            field.name: value.get_secret_value() if isinstance(value, SecretStr) else field.read(value)
            for field, value in given
        }


def _declared() -> dict[str, Any]:
    """The declared fields as pydantic's; a secret and a name have forms of their own in the configuration."""
    own: dict[str, Any] = {"password": Password, "operator": Name}
    found: dict[str, Any] = {}
    for field in FIELDS:
        if field.configured:
            kind, default = own.get(field.name) or field.json_type(), field.show(field.default)
            if isinstance(default, list):  # nothing of a configuration changes after loading
                kind, default = GenericAlias(frozenset, get_args(kind)), frozenset(default)
            found[field.name] = (kind | None if default is None else kind, default)
    return found


if TYPE_CHECKING:
    Subscriber = SubscriberRow
else:
    Subscriber = create_model(
        "Subscriber", __base__=SubscriberRow, __doc__=SubscriberRow.__doc__, **_declared()
    )


class NumberRange(Section):
    """Handsets from `first` to `last`, both included."""

    first: HandsetKey
    last: HandsetKey

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.last < self.first or len(str(self.first)) != len(str(self.last)):
            raise ValueError("last not before first, and as many digits")
        return self


class Esme(Section):
    """An account that may bind and is no handset."""

    system_id: SystemId
    password: Password
    kind: Literal["esme", "farm", "emergency", "helpline", "content", "agency"] = "esme"
    numbers: tuple[NumberKey, ...] = ()
    senders: tuple[Sender, ...] = ()
    ranges: tuple[NumberRange, ...] = ()
    window: Positive | None = None
    window_out: Positive | None = None
    rate: Real | None = None
    binds: Count = 0
    tlvs: frozenset[Literal["dialogue", "location", "aml", "keyword", "price"]] = frozenset()
    default_alphabet: Literal["gsm0338", "gsm0338-packed", "latin-1", "utf-8"] = "gsm0338"
    ia5_means: Literal["auto", "ia5", "gsm"] = "auto"
    tolerate_trailing_nul: bool = True
    payload: bool | None = None
    responses: ResponseDialect = ResponseDialect()
    receipts: ReceiptDialect = ReceiptDialect()


class Centres(Section):
    """The system_id of the emergency centre behind each number."""

    fire: SystemId | None = None
    police: SystemId | None = None
    medical: SystemId | None = None


class Registration(Section):
    """The registration site of Nød-SMS; mirrors `services.registration.RegistrationRules`."""

    plus: Literal["normalise", "refuse"] = "normalise"
    code_life: Milliseconds = 30 * 60_000
    code_attempts: Positive = 3
    codes_per_hour: Positive = 5
    exclusion: Milliseconds = 48 * 3_600_000


class Emergency(Section):
    """Nød-SMS; mirrors `services.emergency.EmergencyRules`."""

    language: Literal["en", "nb", "nn"] = "en"
    notice_after: Milliseconds = 2 * 60_000
    refusal_interval: Milliseconds = 60_000
    dialogue_life: Milliseconds = 86_400_000
    aml: bool = False
    foreign_sims: bool = False
    centres: Centres = Centres()
    registration: Registration = Registration()


class Operator(Section):
    """Another operator's network behind an interconnect; mirrors `routing.operators.Interconnect`."""

    name: Name
    latency: Milliseconds = 0
    failure_rate: Share = 0.0
    congestion_rate: Share = 0.0

    @model_validator(mode="after")
    def _at_most_all_fail(self) -> Self:
        if self.failure_rate + self.congestion_rate > 1:
            raise ValueError("failure_rate and congestion_rate together at most 1")
        return self


class Helpline(Section):
    """An assigned number of the harmonised series 116000-116999."""

    number: NumberKey
    holder: str
    service: str
    account: SystemId | None = None
    sms: bool = True
    assigned_from: date | None = None
    assigned_to: date | None = None
    purposes: Annotated[tuple[Literal["information", "help", "reporting"], ...], Field(min_length=1)] = (
        "help",
    )
    voice: bool = True
    extended_to: date | None = None
    exempt_from_free: bool = False

    @field_validator("number")
    @classmethod
    def _in_series(cls, key: int) -> int:
        if not is_of("eu_harmonised_116", key):
            first, last = bounds("eu_harmonised_116")[0]
            raise ValueError(f"a number from {str(first)[2:]} to {str(last)[2:]}")
        return key

    @model_validator(mode="after")
    def _dates_in_order(self) -> Self:
        if self.assigned_from and self.assigned_to and self.assigned_to <= self.assigned_from:
            raise ValueError("assigned_to later than assigned_from")
        return self


class Keyword(Section):
    """Which first words of a text lead to this provider."""

    word: Annotated[str, Field(min_length=1, max_length=20, pattern=r"^[^;=*][^;]*$")]
    match: Literal["exact", "starts_with", "wildcard"] = "starts_with"


class Code(Section):
    """A short code and the provider behind it."""

    code: NumberKey
    account: SystemId
    price_nok: Price = 0.0
    keywords: tuple[Keyword, ...] = ()
    subscription: bool = False

    @field_validator("code")
    @classmethod
    def _four_or_five_digits(cls, key: int) -> int:
        national = str(key).removeprefix("47")
        if len(national) not in (4, 5) or national.startswith("0"):
            raise ValueError("a short code of 4 or 5 digits that does not start with 0")
        return key


class DistributionList(Section):
    """A list of handsets that submit_multi can name (SMPP 3.4 §4.5.1.3)."""

    name: Annotated[str, Field(min_length=1, max_length=20, pattern=r"^[!-~]+$")]
    members: Annotated[tuple[HandsetKey, ...], Field(min_length=1, max_length=1000)]


class HelplineRules(Section):
    """What all helplines have in common; mirrors `services.helplines.HelplineRules`."""

    no_sms: Literal["reply", "refuse"] = "reply"
    reply_interval: Milliseconds = 60_000
    receiver_price_ore: Count = 0


class Content(Section):
    """Content services; mirrors `services.content.ContentRules`."""

    order_life: Milliseconds = 86_400_000
    opt_in_life: Milliseconds = 86_400_000
    dialogue_life: Milliseconds = 7 * 86_400_000
    stop_life: Milliseconds = 365 * 86_400_000
    keep_charges: Count = 1_000_000


class DefaultMessage(Section):
    """A text that sm_default_msg_id stands for [SMPP 3.4 §5.2.20]."""

    id: Annotated[Whole, Field(ge=1, le=254)]
    text: str


class Charging(Section):
    """Ceilings for content services."""

    cap_message_nok: Price = 500.0
    cap_month_nok: Price = 3_000.0


def _short_codes(digits: int) -> Any:
    low, high = 10 ** (digits - 1), 10**digits - 1

    def check(given: tuple[int, int]) -> tuple[int, int]:
        if not low <= given[0] <= given[1] <= high:
            raise ValueError(f"[first, last] with {low} <= first <= last <= {high}")
        return given

    return Annotated[tuple[int, int], AfterValidator(check)]


class Numbering(Section):
    """Choices where sources differ or are silent; mirrors `routing.plan_data.NumberingRules`."""

    block_whole_film_range: bool = True
    text_telephone_1412: bool = True
    bare_emergency_numbers: bool = True
    helpline_116006_assigned: bool = True
    prefix_00_on_international: bool = True
    country_code_before_special: bool = True
    country_code_before_short_code: bool = False
    short_codes_4: _short_codes(4) = (1000, 9999)  # type: ignore[valid-type]
    short_codes_5: _short_codes(5) = (10000, 99999)  # type: ignore[valid-type]
    receive: dict[str, bool] = {}
    send: dict[str, bool] = {}
