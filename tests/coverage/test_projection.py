"""Flat maps: there and back again, and true distances."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc.coverage.drawing.projection import Projection
from smsc.coverage.geometry import ground_distance

CORNERS = [(58.0, 4.5), (71.2, 31.2), (70.5, 20.0)]
SOUTHERN = [(-45.0, 166.0), (-35.0, 178.0)]


@given(st.sampled_from([CORNERS, SOUTHERN]), st.floats(0.0, 1.0), st.floats(0.0, 1.0))
def test_a_point_on_the_map_leads_back_to_its_position(
    positions: list[tuple[float, float]], down: float, right: float
) -> None:
    projection = Projection(positions)
    x, y = projection.width * right, projection.height * down
    assert projection.forward(*projection.back(x, y)) == pytest.approx((x, y), abs=1e-6)


def test_all_positions_lie_on_the_map() -> None:
    projection = Projection(CORNERS)
    for position in CORNERS:
        x, y = projection.forward(*position)
        assert 29.0 < x < projection.width - 29.0
        assert 29.0 < y < projection.height - 29.0


def test_distances_are_nearly_true() -> None:
    projection = Projection(CORNERS)
    for a, b in (((60.0, 10.0), (60.3, 10.2)), ((69.6, 19.0), (69.9, 19.9))):
        (x1, y1), (x2, y2) = projection.forward(*a), projection.forward(*b)
        flat = ((x2 - x1) ** 2 + (y2 - y1) ** 2) ** 0.5
        assert flat == pytest.approx(ground_distance(a, b) / 1000.0, rel=0.03)
