"""Flat maps of a part of the earth: an equidistant conic projection that fits the positions on the map."""

from collections.abc import Sequence
from math import atan2, copysign, cos, degrees, hypot, radians, sin

from smsc.coverage.geometry import Point

#: Radius of the sphere on which DEGREE_M is a degree.
_RADIUS_KM = 6_371.0
#: Left free around the positions.
MARGIN_KM = 30.0


class Projection:
    """Kilometres east (`x`) and south (`y`) of the upper left corner of a map that shows all `positions`.

    `width` and `height` are its size in km.
    """

    def __init__(self, positions: Sequence[Point]) -> None:
        lats, lons = [lat for lat, _ in positions], [lon for _, lon in positions]
        south, north = min(lats) - 0.1, max(lats) + 0.1
        self._middle = (min(lons) + max(lons)) / 2.0
        low, high = radians(south + (north - south) / 6.0), radians(north - (north - south) / 6.0)
        self._cone = (cos(low) - cos(high)) / (high - low)
        self._apex = cos(low) / self._cone + low
        self._left = self._top = 0.0
        flat = [self.forward(*position) for position in positions]
        self._left, self._top = min(x for x, _ in flat) - MARGIN_KM, min(y for _, y in flat) - MARGIN_KM
        self.width = max(x for x, _ in flat) + MARGIN_KM - self._left
        self.height = max(y for _, y in flat) + MARGIN_KM - self._top

    def forward(self, lat: float, lon: float) -> Point:
        """Return (x, y) in km of a position."""
        far = (self._apex - radians(lat)) * _RADIUS_KM
        angle = self._cone * radians(lon - self._middle)
        return far * sin(angle) - self._left, far * cos(angle) - self._top

    def back(self, x: float, y: float) -> Point:
        """Return (latitude, longitude) of a point on the map."""
        east, south = x + self._left, y + self._top
        angle = atan2(east * copysign(1.0, self._cone), south * copysign(1.0, self._cone))
        far = copysign(hypot(east, south), self._cone)
        return degrees(self._apex - far / _RADIUS_KM), self._middle + degrees(angle / self._cone)
