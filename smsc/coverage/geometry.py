"""Shapes of zones on the ground: circle, polygon, line with width (a tunnel, a road).

Positions are degrees; within one shape the ground counts as flat, scaled at the shape's middle latitude.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from math import cos, hypot, pi, radians

from smsc.coverage.errors import CoverageError

#: Metres in one degree of latitude on a sphere of 6 371 km.
DEGREE_M = 111_194.93
#: Points of one shape, and the strips that its edges are sorted into: an edge may lie in all of them.
MOST_POINTS = 10_000
MOST_STRIPS = 400

Point = tuple[float, float]


class Shape:
    """`bounds` (south, west, north, east) in degrees, `area` in m2, `centre`; `contains` decides.

    `radius` is how far from the centre it reaches, in metres.
    """

    __slots__ = ("area", "bounds", "centre", "ground", "points", "radius", "size")

    kind = ""
    size_field = ""

    def __init__(self, points: Sequence[Point], size: float = 0.0) -> None:
        self.points = tuple(points)
        self.size = size
        lats = [lat for lat, _ in self.points]
        lons = [lon for _, lon in self.points]
        self.centre: Point = ((min(lats) + max(lats)) / 2, (min(lons) + max(lons)) / 2)
        #: the points as metres east and north of the centre
        self.ground = [self.flat(lat, lon) for lat, lon in self.points]
        margin = self.margin()
        north, east = margin / DEGREE_M, margin / (DEGREE_M * cos(radians(self.centre[0])))
        self.bounds = (min(lats) - north, min(lons) - east, max(lats) + north, max(lons) + east)
        self.area = self.measure()
        self.radius = max(hypot(x, y) for x, y in self.ground) + margin

    def margin(self) -> float:
        """Return how many metres the shape reaches beyond its points."""
        return 0.0

    def measure(self) -> float:
        """Return the area in m2."""
        raise NotImplementedError

    def covers(self, x: float, y: float) -> bool:
        """Tell whether (x, y), in metres east and north of the centre, lies in the shape."""
        raise NotImplementedError

    def contains(self, lat: float, lon: float) -> bool:
        """Tell whether the position lies in the shape."""
        south, west, north, east = self.bounds
        if not (south <= lat <= north and west <= lon <= east):
            return False
        return self.covers(*self.flat(lat, lon))

    def flat(self, lat: float, lon: float) -> Point:
        """Return the position as metres east and north of the centre."""
        middle_lat, middle_lon = self.centre
        scale = DEGREE_M * cos(radians(middle_lat))
        return (lon - middle_lon) * scale, (lat - middle_lat) * DEGREE_M

    def as_dict(self) -> dict[str, object]:
        """Return the JSON form that `read_shape` reads."""
        record: dict[str, object] = {"type": self.kind, "points": [list(point) for point in self.points]}
        if self.size_field:
            record[self.size_field] = self.size
        return record


class Circle(Shape):
    """All within `size` metres (the radius) of its one point."""

    __slots__ = ()
    kind = "circle"
    size_field = "radius_m"

    def margin(self) -> float:
        return self.size

    def measure(self) -> float:
        return pi * self.size * self.size

    def covers(self, x: float, y: float) -> bool:
        return hypot(x, y) <= self.size

    def as_dict(self) -> dict[str, object]:
        lat, lon = self.points[0]
        return {"type": "circle", "lat": lat, "lon": lon, "radius_m": self.size}


class Polygon(Shape):
    """The inside of a ring of points; the last one is joined to the first.

    Its edges are sorted into strips from south to north, so a coast of many points is as quick as a square.
    """

    __slots__ = ("_strips", "_tall")
    kind = "polygon"

    def __init__(self, points: Sequence[Point]) -> None:
        super().__init__(points)
        lowest, highest = (min(y for _, y in self.ground), max(y for _, y in self.ground))
        self._strips: list[list[tuple[Point, Point]]] = [
            [] for _ in range(min(len(self.points) // 4 + 1, MOST_STRIPS))
        ]
        self._tall = (highest - lowest) / len(self._strips) or 1.0
        for edge in zip(self.ground, self.ground[1:] + self.ground[:1], strict=True):
            (_, begin), (_, end) = edge
            for strip in range(self._strip(min(begin, end)), self._strip(max(begin, end)) + 1):
                self._strips[strip].append(edge)

    def _strip(self, y: float) -> int:
        return min(len(self._strips) - 1, max(0, int(y / self._tall + len(self._strips) / 2)))

    def measure(self) -> float:
        ring = self.ground
        return abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(ring, ring[1:] + ring[:1], strict=True))) / 2

    def covers(self, x: float, y: float) -> bool:
        inside = False
        for (x1, y1), (x2, y2) in self._strips[self._strip(y)]:
            if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
                inside = not inside
        return inside


class Line(Shape):
    """All within half of `size` metres (the width) of a line through the points: a tunnel or a road."""

    __slots__ = ()
    kind = "line"
    size_field = "width_m"

    def margin(self) -> float:
        return self.size / 2

    def measure(self) -> float:
        return self.size * sum(hypot(b[0] - a[0], b[1] - a[1]) for a, b in pairwise(self.ground))

    def covers(self, x: float, y: float) -> bool:
        return any(_distance(x, y, a, b) <= self.size / 2 for a, b in pairwise(self.ground))


def ground_distance(a: Point, b: Point) -> float:
    """Return the metres between two positions not too far apart (flat ground at their middle latitude)."""
    scale = DEGREE_M * cos(radians((a[0] + b[0]) / 2.0))
    return hypot((b[0] - a[0]) * DEGREE_M, (b[1] - a[1]) * scale)


def _distance(x: float, y: float, a: Point, b: Point) -> float:
    """Return how far (x, y) is from the segment between `a` and `b`."""
    along_x, along_y = b[0] - a[0], b[1] - a[1]
    length2 = along_x * along_x + along_y * along_y
    part = 0.0 if length2 == 0.0 else ((x - a[0]) * along_x + (y - a[1]) * along_y) / length2
    part = min(1.0, max(0.0, part))
    return hypot(x - a[0] - part * along_x, y - a[1] - part * along_y)


def read_shape(value: object, field: str) -> Shape:
    """Return the shape of a JSON object; CoverageError names what is wrong.

    {"type": "circle", lat, lon, radius_m} | {"type": "polygon", points} | {"type": "line", points, width_m}
    """
    if not isinstance(value, Mapping):
        raise CoverageError(field, value, "an object with type circle, polygon or line")
    kind = value.get("type")
    if kind == "circle":
        centre = read_point((value.get("lat"), value.get("lon")), field)
        return Circle([centre], _size(value, "radius_m", field))
    if kind == "polygon":
        return Polygon(_points(value, 3, field))
    if kind == "line":
        return Line(_points(value, 2, field), _size(value, "width_m", field))
    raise CoverageError(f"{field}.type", kind, "circle, polygon or line")


def read_point(value: object, field: str) -> Point:
    """Return (latitude, longitude) of a pair of degrees."""
    if isinstance(value, Sequence) and not isinstance(value, str) and len(value) == 2:
        lat, lon = value
        if _is_number(lat) and _is_number(lon) and -85.0 <= lat <= 85.0 and -180.0 <= lon <= 180.0:
            return float(lat), float(lon)
    raise CoverageError(field, value, "latitude -85..85 and longitude -180..180 in degrees")


def _points(value: Mapping[str, object], least: int, field: str) -> list[Point]:
    points = value.get("points")
    if not isinstance(points, Sequence) or isinstance(points, str):
        raise CoverageError(f"{field}.points", points, "pairs of [latitude, longitude]")
    if not least <= len(points) <= MOST_POINTS:
        expected = f"{least} to {MOST_POINTS} pairs of [latitude, longitude]"
        raise CoverageError(f"{field}.points", f"{len(points)} of them", expected)
    return [read_point(point, f"{field}.points[{index}]") for index, point in enumerate(points)]


def _size(value: Mapping[str, object], name: str, field: str) -> float:
    size = value.get(name)
    if isinstance(size, int | float) and not isinstance(size, bool) and 0.0 < size <= 2_000_000.0:
        return float(size)
    raise CoverageError(f"{field}.{name}", size, "metres, more than 0")


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
