"""Zones, and the outages of zones, cells and counties."""

from typing import Any

from pydantic import BaseModel

from smsc.api.bodies.zones import Coverage, Uplink
from smsc.api.shapes.describing import example


class Zone(BaseModel):
    """A zone."""

    model_config = example(
        name="laerdal-tunnel", coverage="none", uplink="hold", loss=1.0, latency=0.0, outages=[]
    )

    name: str
    coverage: Coverage
    uplink: Uplink
    loss: float
    """Probability that an attempt is lost."""
    latency: float
    """Seconds that the radio adds to an attempt."""
    outages: list[dict[str, Any]]
    """As they were given: moments as text, repetition in seconds."""
    geometry: dict[str, Any] | None
    county: str | None


class Outages(BaseModel):
    """What is planned, by name."""

    model_config = example(zone={}, cell={}, county={"46": [{"from": "2026-01-01T02:00:00Z", "to": None}]})

    zone: dict[str, list[dict[str, Any]]]
    cell: dict[str, list[dict[str, Any]]]
    county: dict[str, list[dict[str, Any]]]


class PlannedOutages(BaseModel):
    """The outages of one zone, cell or county."""

    kind: str
    name: str
    outages: list[dict[str, Any]]
    """Moments as text, `every` in seconds; an open `to` is null."""


class Zones(BaseModel):
    """All zones."""

    zones: list[Zone]
