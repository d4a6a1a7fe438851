"""The radio at a position: zones drawn on the ground, and the cells that reach it.

A tile of about two by two km knows the zones and cells that matter in it, so a look-up touches little.
Shadowing is a hash of cell and 100 m square: the same spot always has the same signal.
"""

from math import cos, radians

from smsc.coverage.draw import scramble
from smsc.coverage.geometry import Shape
from smsc.coverage.outages import FOREVER, Schedule
from smsc.coverage.place import Zone

#: Below the first an attempt never gets through, from the second on always; linear between (dBm).
EDGE_DBM, SURE_DBM = -124.0, -114.0
#: What the threshold of "basic" coverage is; "good" and "very good" are 10 and 20 dB stronger.
THRESHOLD_DBM = -120.0
#: The level where no cell reaches.
SILENCE_DBM = -999.0
#: Draws for shadowing have this purpose.
SHADOWING = 0x5AD0
#: Tiles are forgotten when there are more than this many.
TILES_KEPT = 50_000


class Cell:
    """One cell of a base station. `number` seeds its shadowing; `curve` is its median RSRP (`models.curve`).

    It serves no further than `reach` metres. `schedule` holds its outages and its county's. `info` are the
    facts that only explanations need.
    """

    __slots__ = ("county", "curve", "info", "lat", "lon", "name", "number", "reach", "schedule")

    def __init__(
        self, number: int, name: str, lat: float, lon: float, reach: float, curve: list[float], county: str
    ) -> None:
        if len(curve) < int(reach / 25.0) + 2:
            raise ValueError("the curve of a cell must go beyond its reach")
        self.number = number
        self.name = name
        self.lat = lat
        self.lon = lon
        self.reach = reach
        self.curve = curve
        self.county = county
        self.schedule: Schedule | None = None
        self.info: object = None


class Tile:
    """What matters in a part of the ground: zones, smallest first, and cells in reach, nearest first."""

    __slots__ = ("cells", "zones")

    def __init__(self, zones: list[Zone], cells: list[Cell]) -> None:
        self.zones = zones
        self.cells = cells


class Radio:
    """Zones with geometry and cells, indexed by tile. `outside` is the reception where there is neither.

    `seed` and `sigma` (dB) make the shadowing. `planned` is the highest cost of a cell's schedule, 0 for
    none. Call `forget` after a change.
    """

    __slots__ = (
        "buckets",
        "cells",
        "farthest",
        "outside",
        "planned",
        "regions",
        "seed",
        "sigma",
        "tiles",
        "zones",
    )

    def __init__(self, seed: int, sigma: float, outside: int) -> None:
        self.seed = seed
        self.sigma = sigma
        self.outside = outside
        self.planned = 0
        self.zones: list[Zone] = []
        self.cells: list[Cell] = []
        self.tiles: dict[int, Tile] = {}
        self.regions: dict[int, Tile] = {}
        self.buckets: dict[int, list[Cell]] = {}
        self.farthest = 0.0

    def forget(self) -> None:
        """Drop the index; it is built anew where it is needed."""
        self.tiles = {}
        self.regions = {}
        self.buckets = {}
        self.farthest = 0.0

    def tile(self, lat: float, lon: float) -> Tile:
        """Return the tile of a position in degrees."""
        key = int((lat + 90.0) * 50.0) * 100_000 + int((lon + 180.0) * 25.0)
        tile = self.tiles.get(key)
        if tile is None:
            tile = self.survey(lat, lon)
            if len(self.tiles) >= TILES_KEPT:
                self.tiles = {}
            self.tiles[key] = tile
        return tile

    def zone_at(self, lat: float, lon: float) -> Zone | None:
        """Return the smallest zone drawn over the position, None when there is none."""
        if not self.zones:
            return None
        for zone in self.tile(lat, lon).zones:
            if zone.geometry is not None and zone.geometry.contains(lat, lon):
                return zone
        return None

    def level(self, lat: float, lon: float, now: int, enough: float = 999.0) -> float:
        """Return the outdoor RSRP in dBm of the strongest cell that is up at `now`, or SILENCE_DBM.

        The search stops at the first cell with at least `enough` dBm.
        """
        tile = self.tile(lat, lon)
        row = int((lat + 90.0) * 1111.9493)
        scale = 111_194.93 * cos(radians((row + 0.5) / 1111.9493 - 90.0))
        square = row * 1_048_576 + int((lon + 180.0) * scale * 0.01)
        best = -999.0
        for cell in tile.cells:
            level = self.strength(cell, lat, lon, scale, square)
            if level > best and (cell.schedule is None or not cell.schedule.is_down(now)):
                best = level
                if best >= enough:
                    break
        return best

    def strength(self, cell: Cell, lat: float, lon: float, scale: float, square: int) -> float:
        """Return the RSRP of one cell with its shadowing; `scale` is metres per degree of longitude there."""
        north = (lat - cell.lat) * 111_194.93
        east = (lon - cell.lon) * scale
        distance2 = north * north + east * east
        if distance2 > cell.reach * cell.reach:
            return -999.0
        steps: float = distance2**0.5 * 0.04
        index = int(steps)
        near = cell.curve[index]
        far = cell.curve[index + 1]
        # The sum of four 16-bit numbers is close to normal: mean 131 070, deviation 37 837.
        bits = scramble(self.seed, 0x5AD0, cell.number, square)
        total = (bits & 0xFFFF) + ((bits >> 16) & 0xFFFF) + ((bits >> 32) & 0xFFFF) + (bits >> 48)
        shadow: float = self.sigma * (total - 131_070.0) * 2.6429e-05
        return near + (far - near) * (steps - index) + shadow

    def rank(self, lat: float, lon: float, now: int) -> list[tuple[float, Cell]]:
        """Return (RSRP, cell) of all cells that are up at `now` and reach the position, strongest first."""
        row = int((lat + 90.0) * 1111.9493)
        scale = 111_194.93 * cos(radians((row + 0.5) / 1111.9493 - 90.0))
        square = row * 1_048_576 + int((lon + 180.0) * scale * 0.01)
        heard = []
        for cell in self.tile(lat, lon).cells:
            level = self.strength(cell, lat, lon, scale, square)
            if level > SILENCE_DBM and (cell.schedule is None or not cell.schedule.is_down(now)):
                heard.append((level, cell))
        heard.sort(key=_by_level, reverse=True)
        return heard

    def reception(self, lat: float, lon: float, penetration: float, now: int) -> int:
        """Return NONE, WEAK or GOOD at a position behind `penetration` dB of wall or car."""
        zone = self.zone_at(lat, lon)
        if zone is not None:
            return zone.reception(now)
        if not self.cells:
            return self.outside
        level = self.level(lat, lon, now, penetration - 114.0) - penetration
        if level >= -114.0:
            return 2
        return 1 if level > -124.0 else 0

    def loss(self, lat: float, lon: float, penetration: float, now: int) -> float:
        """Return the probability that an attempt at the position is lost."""
        zone = self.zone_at(lat, lon)
        if zone is not None:
            return zone.loss(now)
        if not self.cells:
            return (1.0, 0.3, 0.0)[self.outside]
        level = self.level(lat, lon, now, penetration - 114.0) - penetration
        return min(1.0, max(0.0, (-114.0 - level) * 0.1))

    def next_change(self, lat: float, lon: float, now: int) -> int:
        """Return the next moment > `now` at which an outage may change the reception there, or FOREVER."""
        zone = self.zone_at(lat, lon)
        if zone is not None:
            return zone.until(now)
        change = FOREVER
        if self.planned:
            for cell in self.tile(lat, lon).cells:
                if cell.schedule is not None:
                    change = min(change, cell.schedule.next_change(now))
        return change

    def survey(self, lat: float, lon: float) -> Tile:
        """Return a new tile around the position: the zones whose bounds touch it, the cells that reach it."""
        south = int((lat + 90.0) * 50.0) / 50.0 - 90.0
        west = int((lon + 180.0) * 25.0) / 25.0 - 180.0
        region = self.region(lat, lon)
        zones = [zone for zone in region.zones if _touches(zone.geometry, south, west, 0.02, 0.04)]
        # A cell counts when its reach covers the nearest point of the tile, measured on its shortest edge.
        scale = 110_000.0 * cos(radians(south + 0.02 if south >= 0.0 else south))
        near = []
        for cell in region.cells:
            north = max(south - cell.lat, cell.lat - south - 0.02, 0.0) * 111_194.93
            east = max(west - cell.lon, cell.lon - west - 0.04, 0.0) * scale
            if north * north + east * east <= cell.reach * cell.reach:
                north = (cell.lat - south - 0.01) * 111_194.93
                east = (cell.lon - west - 0.02) * scale
                near.append((north * north + east * east, cell.number, cell))
        near.sort()
        return Tile(zones, [cell for _, _, cell in near])

    def region(self, lat: float, lon: float) -> Tile:
        """Return what may matter in the bucket (about 22 by 22 km) of the position."""
        row, column = int((lat + 90.0) * 5.0), int((lon + 180.0) * 2.5)
        region = self.regions.get(row * 10_000 + column)
        if region is None:
            south, west = row / 5.0 - 90.0, column / 2.5 - 180.0
            zones = [zone for zone in self.zones if _touches(zone.geometry, south, west, 0.2, 0.4)]
            zones.sort(key=_by_area)
            region = self.regions[row * 10_000 + column] = Tile(zones, self._gather(row, column))
        return region

    def _gather(self, row: int, column: int) -> list[Cell]:
        """Return the cells of all buckets from which one may reach this bucket."""
        if not self.buckets:
            for cell in self.cells:
                key = int((cell.lat + 90.0) * 5.0) * 10_000 + int((cell.lon + 180.0) * 2.5)
                self.buckets.setdefault(key, []).append(cell)
                self.farthest = max(self.farthest, cell.reach)
        high = min(abs((row + 0.5) / 5.0 - 90.0) + 0.1 + self.farthest / 111_194.93, 89.0)
        rows = int(self.farthest / 22_238.0) + 1
        columns = int(self.farthest / (44_477.0 * cos(radians(high)))) + 1
        found: list[Cell] = []
        for near in range(row - rows, row + rows + 1):
            for beside in range(column - columns, column + columns + 1):
                found.extend(self.buckets.get(near * 10_000 + beside, ()))
        return found


def _touches(shape: Shape | None, south: float, west: float, height: float, width: float) -> bool:
    """Tell whether the shape's bounds and the square with that corner have a point in common."""
    if shape is None:
        return False
    low, left, high, right = shape.bounds
    return low <= south + height and high >= south and left <= west + width and right >= west


def _by_level(heard: tuple[float, Cell]) -> tuple[float, int]:
    return heard[0], -heard[1].number


def _by_area(zone: Zone) -> tuple[bool, float, str]:
    """Sort those of the user before those of a map, and the smallest first."""
    area = 0.0 if zone.geometry is None else zone.geometry.area
    return zone.synthetic, area, zone.name
