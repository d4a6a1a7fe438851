"""Makes the synthetic Norway: settlements, cells and tunnels by a seeded rule (docs/coverage.md tells it).

Nothing of it is an operator's. The same seed makes the same map, cell by cell.
"""

from collections.abc import Iterator
from math import cos, exp, log, pi, radians, sin, sqrt
from typing import NamedTuple

from smsc.coverage import norway
from smsc.coverage.documents.cells import EIRP_DBM, CellInfo, build_cell
from smsc.coverage.draw import draw
from smsc.coverage.geometry import DEGREE_M, Line, Point, ground_distance
from smsc.coverage.place import NONE, Zone
from smsc.coverage.radio import THRESHOLD_DBM, Cell
from smsc.coverage.world import World

#: Purposes of draws.
_VILLAGE, _REACH, _ROAD, _PEOPLE = 0x5AD1, 0x5AD2, 0x5AD3, 0x5AD4
#: Turning by this angle from one to the next spreads points evenly over a disc.
_GOLDEN_ANGLE = pi * (3.0 - sqrt(5.0))
#: A tunnel silences this much on both sides of its straight line together (m).
TUNNEL_WIDTH_M = 100.0
#: One sample stands for this many people of a town when coverage is measured.
_PEOPLE_PER_SAMPLE = 1_000


class Settlement(NamedTuple):
    """Where people live together; `radius_m` of the disc they fill."""

    number: int
    name: str
    county: str
    people: float
    lat: float
    lon: float
    kind: norway.Kind
    radius_m: float


def chart(world: World) -> None:
    """Fill `world` with the cells and tunnels of the synthetic Norway, made from its seed."""
    world.add_map(cells(world.seed), tunnels(world))


def cells(seed: int) -> list[Cell]:
    """Return the cells of the synthetic Norway."""
    made = [cell for place in settlements(seed) for cell in _cells_of(place, seed)]
    made.extend(_road_cells(seed))
    return made


def tunnels(world: World) -> list[Zone]:
    """Return the tunnels of the synthetic Norway as zones of `world`, not yet taken in."""
    return [_tunnel_zone(tunnel, world) for tunnel in norway.tunnels()]


def settlements(seed: int) -> Iterator[Settlement]:
    """Yield the towns, and the villages made up around them for all who live elsewhere."""
    homes: dict[str, list[norway.Town]] = {}
    for number, town in enumerate(norway.towns()):
        homes.setdefault(town.county, []).append(town)
        yield _settle(number, town.name, town.county, town.population, (town.lat, town.lon))
    for county in norway.counties().values():
        yield from _villages(seed, county, homes[county.id])


def samples(seed: int) -> Iterator[tuple[float, float, float]]:
    """Yield (latitude, longitude, people) of everyone as placed: in discs, and scattered around villages."""
    country = norway.data()["countryside"]
    for place in settlements(seed):
        village = place.kind.least == 0
        apart = place.people * country["scattered"] if village else 0.0
        count = 3 if village else max(3, round(place.people / _PEOPLE_PER_SAMPLE))
        turn = draw(seed, _PEOPLE, place.number, 0) * 2.0 * pi
        for index in range(count):
            spot = _in_disc((place.lat, place.lon), place.radius_m, index, count, turn)
            yield *spot, (place.people - apart) / count
        for index in range(3 if apart else 0):
            metres = (
                -log(1.0 - draw(seed, _PEOPLE, place.number, index + 1)) * country["scattered_km"] * 1000.0
            )
            spot = _away((place.lat, place.lon), metres, turn + index * _GOLDEN_ANGLE)
            yield *spot, apart / 3.0


def population_covered(world: World) -> float:
    """Return which part of the people, as placed, has at least basic coverage outdoors."""
    radio = world.radio
    people = covered = 0.0
    for lat, lon, weight in samples(world.seed):
        people += weight
        zone = radio.zone_at(lat, lon)
        if zone is not None:
            covered += weight if zone.reception(0) != NONE else 0.0
        elif radio.level(lat, lon, 0, THRESHOLD_DBM) >= THRESHOLD_DBM:
            covered += weight
    return covered / people


def _settle(number: int, name: str, county: str, people: float, point: Point) -> Settlement:
    kind = next(kind for kind in norway.kinds() if people >= kind.least)
    radius = sqrt(people / kind.people_per_km2 / pi) * 1000.0
    return Settlement(number, name, county, people, *point, kind, radius)


def _villages(seed: int, county: norway.County, towns: list[norway.Town]) -> Iterator[Settlement]:
    """Yield villages until all of the county who live in no town have a home."""
    country = norway.data()["countryside"]
    least, most = country["people_per_village"]
    spread = country["distance"] * sqrt(county.area_km2 / len(towns)) * 1000.0
    homeless = county.population - sum(town.population for town in towns)
    number = int(county.id) * 10_000
    while homeless > 0:
        size = least * exp(draw(seed, _VILLAGE, number, 0) * log(most / least))
        people = min(size, homeless)
        town, point = _site(seed, number, towns, spread, country["farthest_km"] * 1000.0)
        yield _settle(number, f"{town.name} omegn {number % 10_000 + 1}", county.id, people, point)
        homeless -= people
        number += 1


def _site(
    seed: int, number: int, towns: list[norway.Town], spread: float, farthest: float
) -> tuple[norway.Town, Point]:
    """Return a dry place at a random way from one of the towns."""
    for attempt in range(1, 25, 3):
        town = towns[int(draw(seed, _VILLAGE, number, attempt) * len(towns))]
        metres = min(farthest, 1_000.0 - log(1.0 - draw(seed, _VILLAGE, number, attempt + 1)) * spread)
        turn = draw(seed, _VILLAGE, number, attempt + 2) * 2.0 * pi
        point = _away((town.lat, town.lon), metres, turn)
        if any(island.contains(*point) for island in norway.land()):
            break
    return town, point


def _cells_of(place: Settlement, seed: int) -> Iterator[Cell]:
    kind = place.kind
    if kind.least == 0 and place.people < norway.data()["countryside"]["least_for_a_cell"]:
        return
    info = _info(kind)
    count = max(1, round(place.people / kind.people_per_cell))
    for index in range(count):
        number = place.number * 1_000 + index
        point = _in_disc((place.lat, place.lon), place.radius_m, index, count, 0.0)
        name = place.name if count == 1 else f"{place.name} {index + 1}"
        yield build_cell(number, name, point, _reach(seed, number, kind.reach_m), place.county, info)


def _road_cells(seed: int) -> Iterator[Cell]:
    """Yield the cells along the ways between neighbouring towns."""
    roads = norway.data()["roads"]
    info = _info(norway.kinds()[-1])
    for first, second in _ways(roads["neighbours"], roads["longest_km"] * 1000.0):
        a, b = norway.towns()[first], norway.towns()[second]
        count = int(ground_distance((a.lat, a.lon), (b.lat, b.lon)) / (roads["cell_every_km"] * 1000.0))
        for index in range(1, count + 1):
            number = 1_000_000_000 + (first * 1_000 + second) * 100 + index
            if draw(seed, _ROAD, number, 0) < roads["missing"]:
                continue
            part = index / (count + 1)
            point = (a.lat + (b.lat - a.lat) * part, a.lon + (b.lon - a.lon) * part)
            name = f"{a.name}-{b.name} {index}"
            yield build_cell(number, name, point, _reach(seed, number, roads["reach_m"]), a.county, info)


def _ways(neighbours: int, longest: float) -> list[tuple[int, int]]:
    """Return pairs of towns: each with its nearest ones."""
    towns = norway.towns()
    ways: set[tuple[int, int]] = set()
    for first, town in enumerate(towns):
        near = sorted(
            (ground_distance((town.lat, town.lon), (other.lat, other.lon)), second)
            for second, other in enumerate(towns)
            if second != first and abs(other.lat - town.lat) * DEGREE_M < longest
        )
        ways.update(
            (min(first, second), max(first, second)) for way, second in near[:neighbours] if way < longest
        )
    return sorted(ways)


def _tunnel_zone(tunnel: norway.Tunnel, world: World) -> Zone:
    half = tunnel.length_km * 500.0
    ends = [_away((tunnel.lat, tunnel.lon), metres, radians(tunnel.bearing)) for metres in (-half, half)]
    zone = Zone(tunnel.name, NONE, world.revision)
    zone.geometry = Line(ends, TUNNEL_WIDTH_M)
    zone.synthetic = True
    return zone


def _info(kind: norway.Kind) -> CellInfo:
    return CellInfo(kind.model, kind.environment, kind.frequency_mhz, kind.height_m, EIRP_DBM, synthetic=True)


def _reach(seed: int, number: int, between: tuple[float, float]) -> float:
    """Return a reach in whole 500 m, so that cells share their curves."""
    least, most = between
    return least + round(draw(seed, _REACH, number, 0) * (most - least) / 500.0) * 500.0


def _in_disc(centre: Point, radius: float, index: int, count: int, turn: float) -> Point:
    """Return the `index`th of `count` points spread evenly over a disc."""
    return _away(centre, radius * sqrt((index + 0.5) / count), turn + index * _GOLDEN_ANGLE)


def _away(start: Point, metres: float, bearing: float) -> Point:
    """Return the position `metres` away in the direction of `bearing` (radians from north)."""
    lat, lon = start
    east = metres * sin(bearing) / (DEGREE_M * cos(radians(lat)))
    return lat + metres * cos(bearing) / DEGREE_M, lon + east
