"""The data behind the synthetic Norway: counties, towns, kinds of cells, tunnels, land."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from smsc.coverage.errors import CoverageError
from smsc.coverage.geometry import Point, Polygon, ground_distance


class County(NamedTuple):
    """`id` is the two-digit number of 2024, `population` that of 1 January 2024."""

    id: str
    name: str
    population: int
    area_km2: float


class Town(NamedTuple):
    """An urban settlement; `county` is the id."""

    county: str
    name: str
    population: int
    lat: float
    lon: float


class Tunnel(NamedTuple):
    """A road tunnel at an invented place: straight, around its middle, `bearing` in degrees."""

    name: str
    length_km: float
    lat: float
    lon: float
    bearing: float


class Kind(NamedTuple):
    """A kind of cell, for settlements of at least `least` people."""

    name: str
    least: int
    people_per_cell: int
    people_per_km2: int
    model: str
    environment: str
    frequency_mhz: float
    height_m: float
    reach_m: tuple[float, float]


@cache
def data() -> dict[str, Any]:
    """Return norway.toml, read once."""
    return tomllib.loads(Path(__file__).with_name("norway.toml").read_text("utf-8"))


@cache
def counties() -> dict[str, County]:
    """Return the fifteen counties by id."""
    return {row[0]: County(*row) for row in data()["counties"]}


@cache
def towns() -> tuple[Town, ...]:
    """Return all towns, county by county, the largest of each first."""
    return tuple(Town(*row) for row in data()["towns"])


@cache
def tunnels() -> tuple[Tunnel, ...]:
    """Return the tunnels."""
    return tuple(Tunnel(*row) for row in data()["tunnels"])


@cache
def kinds() -> tuple[Kind, ...]:
    """Return the kinds of cells, for the largest settlements first."""
    return tuple(Kind(**row) for row in data()["kinds"])


@cache
def land() -> tuple[Polygon, ...]:
    """Return the mainland and the larger islands, simplified."""
    rings = []
    for ring in data()["land"]["outline"].strip().split("\n\n"):
        pairs = (pair.split(",") for pair in ring.split())
        rings.append(Polygon([(int(lat) / 100.0, int(lon) / 100.0) for lat, lon in pairs]))
    return tuple(rings)


def county_id(text: str, field: str) -> str:
    """Return the id of a county given by id or name in any case; CoverageError when there is none."""
    wanted = text.strip().casefold()
    for county in counties().values():
        if wanted in (county.id, county.name.casefold()):
            return county.id
    raise CoverageError(field, text, "one of " + ", ".join(f"{c.id} {c.name}" for c in counties().values()))


def nearest_town(lat: float, lon: float) -> tuple[Town, float]:
    """Return the town nearest to a position and how many metres it is away."""
    here: Point = (lat, lon)
    return min(
        ((town, ground_distance(here, (town.lat, town.lon))) for town in towns()), key=lambda near: near[1]
    )
