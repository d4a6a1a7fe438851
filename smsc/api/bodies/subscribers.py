"""A subscriber: where it is, and what is set of it."""

from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import (
    Field,
    StringConstraints,
    create_model,
    model_validator,
)

from smsc.api.bodies.fields import Duration, Moment, ShortText, StrictBody, optional
from smsc.subscriber_fields import FIELDS


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
