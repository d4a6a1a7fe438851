"""Shapes on the ground: what lies inside."""

from math import cos, radians

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc.coverage.errors import CoverageError
from smsc.coverage.geometry import DEGREE_M, MOST_POINTS, Circle, Line, Polygon, Shape, read_shape


def east(lat: float, lon: float, metres: float) -> tuple[float, float]:
    return lat, lon + metres / (DEGREE_M * cos(radians(lat)))


def test_a_circle_ends_at_its_radius() -> None:
    circle = Circle([(60.0, 10.0)], 1_000.0)
    assert circle.contains(*east(60.0, 10.0, 999.0))
    assert not circle.contains(*east(60.0, 10.0, 1_001.0))
    assert circle.area == pytest.approx(3.1416e6, rel=1e-3)


def test_a_tunnel_is_as_wide_as_it_is_set() -> None:
    tunnel = Line([(60.0, 7.0), (60.1, 7.0)], 40.0)
    assert tunnel.contains(*east(60.05, 7.0, 19.0))
    assert not tunnel.contains(*east(60.05, 7.0, 21.0))
    assert not tunnel.contains(59.999, 7.0)
    assert tunnel.area == pytest.approx(0.1 * DEGREE_M * 40.0, rel=1e-6)


def test_a_bent_road_follows_its_points() -> None:
    road = Line([(60.0, 7.0), (60.1, 7.0), (60.1, 7.2)], 40.0)
    assert road.contains(60.1, 7.1)
    assert not road.contains(60.05, 7.1)


def test_a_polygon_may_be_hollow_on_one_side() -> None:
    bay = Polygon([(60.0, 7.0), (60.0, 8.0), (61.0, 8.0), (60.2, 7.5), (61.0, 7.0)])
    assert bay.contains(60.1, 7.5)
    assert not bay.contains(60.8, 7.5)


@given(st.floats(59.0, 62.0), st.floats(6.0, 9.0))
def test_bounds_hold_all_of_a_shape(lat: float, lon: float) -> None:
    shapes: list[Shape] = [
        Circle([(60.5, 7.5)], 20_000.0),
        Line([(60.0, 7.0), (61.0, 8.0)], 9_000.0),
        Polygon([(60.0, 7.0), (60.2, 8.3), (61.0, 7.9)]),
    ]
    for shape in shapes:
        south, west, north, east_ = shape.bounds
        inside = south <= lat <= north and west <= lon <= east_
        assert inside or not shape.covers(*shape.flat(lat, lon))


@pytest.mark.parametrize(
    "shape",
    [
        Circle([(60.5, 7.5)], 20_000.0),
        Line([(60.0, 7.0), (61.0, 8.0)], 40.0),
        Polygon([(60.0, 7.0), (60.2, 8.3), (61.0, 7.9)]),
    ],
)
def test_the_json_form_reads_back(shape: Shape) -> None:
    again = read_shape(shape.as_dict(), "geometry")
    assert (type(again), again.points, again.size) == (type(shape), shape.points, shape.size)


def test_a_shape_has_no_more_points_than_can_be_looked_at() -> None:
    """An edge from south to north lies in every strip: ten thousand of them must still be quick and small."""
    comb = [[60.0 + tooth % 2, 10.0 + tooth / MOST_POINTS] for tooth in range(MOST_POINTS)]
    shape = read_shape({"type": "polygon", "points": comb}, "zone.geometry")
    assert shape.contains(60.5, 10.5) != shape.contains(60.5, 10.5 + 1 / MOST_POINTS)
    with pytest.raises(CoverageError, match="points: '10001 of them' is wrong, expected 3 to 10000 pairs"):
        read_shape({"type": "polygon", "points": [*comb, [60.0, 10.0]]}, "zone.geometry")
