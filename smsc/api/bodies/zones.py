"""Zones and outages."""

from typing import Annotated, Literal

from pydantic import (
    Field,
    StringConstraints,
)

from smsc.api.bodies.fields import Duration, JsonObject, Moment, ShortText, StrictBody, optional

Coverage = Literal["good", "weak", "none"]
Uplink = Literal["hold", "defer", "reject", "lose"]


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
