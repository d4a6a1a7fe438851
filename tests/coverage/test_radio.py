"""The cell model: strength, soft edge, shadowing, index, zones over cells, indoor and car loss."""

from math import cos, radians
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smsc.coverage.errors import CoverageError
from smsc.coverage.geometry import DEGREE_M
from smsc.coverage.models import OkumuraHata
from smsc.coverage.place import GOOD, NONE, WEAK
from smsc.coverage.radio import SILENCE_DBM
from smsc.coverage.signal import map_class, success
from smsc.coverage.world import World
from tests.conftest import examples

LAT, LON = 61.0, 9.0
SUBURB = OkumuraHata(800.0, 30.0, 1.5, "suburban")


def east(metres: float) -> tuple[float, float]:
    return LAT, LON + metres / (DEGREE_M * cos(radians(LAT)))


def lone_cell(shadowing_db: float = 0.0, **more: Any) -> World:
    world = World(shadowing_db=shadowing_db)
    world.put_cell("lone", {"lat": LAT, "lon": LON, **more})
    return world


def test_a_cell_is_heard_as_the_model_says() -> None:
    radio = lone_cell().radio
    for metres in (300.0, 1_000.0, 5_000.0, 12_000.0):
        assert radio.level(*east(metres), 0) == pytest.approx(31.2 - SUBURB.loss(metres), abs=0.02)


def test_a_cell_is_not_heard_beyond_its_reach() -> None:
    radio = lone_cell(reach_m=2_000).radio
    assert radio.level(*east(1_990.0), 0) > -110.0
    assert radio.level(*east(2_010.0), 0) == SILENCE_DBM


def test_the_strongest_cell_serves() -> None:
    world = lone_cell()
    lat, lon = east(6_000.0)
    world.put_cell("other", {"lat": lat, "lon": lon})
    near_other = world.at(*east(5_000.0))
    assert [cell.cell for cell in near_other.heard] == ["other", "lone"]
    assert world.at(*east(1_000.0)).heard[0].cell == "lone"


@pytest.mark.parametrize(
    ("rsrp", "shown"),
    [(-120.1, "none"), (-120.0, "basic"), (-110.1, "basic"), (-110.0, "good"), (-100.0, "very good")],
)
def test_map_classes_lie_ten_decibels_apart(rsrp: float, shown: str) -> None:
    assert map_class(rsrp) == shown


@pytest.mark.parametrize(("rsrp", "chance"), [(-130, 0.0), (-124, 0.0), (-119, 0.5), (-114, 1.0), (-80, 1.0)])
def test_success_rises_over_the_soft_edge(rsrp: float, chance: float) -> None:
    assert success(rsrp) == pytest.approx(chance)


def test_reception_is_weak_in_the_soft_edge_and_good_above() -> None:
    world = lone_cell()
    metres = [500.0 * step for step in range(1, 29)]
    for distance in metres:
        lat, lon = east(distance)
        place = world.place(lat=lat, lon=lon)
        level = world.radio.level(lat, lon, 0)
        expected = GOOD if level >= -114.0 else WEAK if level > -124.0 else NONE
        assert place.reception(0) == expected
        assert place.loss(0) == pytest.approx(1.0 - success(level))
    assert {world.place(lat=LAT, lon=east(d)[1]).reception(0) for d in metres} == {GOOD, WEAK, NONE}


def test_walls_and_cars_take_their_decibels() -> None:
    world = lone_cell()
    lat, lon = east(6_400.0)  # -112.6 dBm outdoors
    assert [
        world.place(lat=lat, lon=lon, inside=where).reception(0) for where in ("outdoor", "car", "indoor")
    ] == [
        GOOD,
        WEAK,
        WEAK,
    ]
    outdoor, car, indoor = (world.at(lat, lon, inside=where) for where in ("outdoor", "car", "indoor"))
    assert outdoor.rsrp_dbm is not None
    assert car.rsrp_dbm == pytest.approx(outdoor.rsrp_dbm - 8.0, abs=0.11)
    assert indoor.rsrp_dbm == pytest.approx(outdoor.rsrp_dbm - 10.0, abs=0.11)
    assert indoor.map_class == outdoor.map_class


def test_shadowing_is_the_same_for_the_same_square_and_differs_between_squares() -> None:
    world = lone_cell(shadowing_db=6.0)
    again = lone_cell(shadowing_db=6.0)
    points = [east(4_000.0 + 130.0 * step) for step in range(40)]
    levels = [world.radio.level(*point, 0) for point in points]
    assert levels == [again.radio.level(*point, 0) for point in points]
    shadows = [level - 31.2 + SUBURB.loss(4_000.0 + 130.0 * step) for step, level in enumerate(levels)]
    assert len({round(shadow, 2) for shadow in shadows}) == 40


def test_shadowing_has_the_deviation_it_is_set_to_and_no_bias() -> None:
    shadowed, plain = lone_cell(shadowing_db=6.0).radio, lone_cell().radio
    points = [(LAT + 0.002 * row, LON + 0.004 * column) for row in range(1, 40) for column in range(1, 25)]
    shadows = [shadowed.level(*point, 0) - plain.level(*point, 0) for point in points]
    mean = sum(shadows) / len(shadows)
    deviation = (sum((shadow - mean) ** 2 for shadow in shadows) / len(shadows)) ** 0.5
    assert abs(mean) < 0.8
    assert deviation == pytest.approx(6.0, abs=0.6)


def test_the_order_in_which_cells_are_put_does_not_matter() -> None:
    bodies = {f"c{number}": {"lat": 60.0 + number * 0.03, "lon": 9.0 + number * 0.01} for number in range(8)}
    forward, backward = World(), World()
    for name, body in bodies.items():
        forward.put_cell(name, body)
    for name, body in reversed(bodies.items()):
        backward.put_cell(name, body)
    for number in range(30):
        point = (60.0 + number * 0.008, 9.02)
        assert forward.radio.level(*point, 0) == backward.radio.level(*point, 0)


@settings(deadline=None, max_examples=examples(50))
@given(
    st.lists(
        st.tuples(st.floats(-1.0, 1.0), st.floats(-2.0, 2.0), st.floats(500.0, 60_000.0)),
        min_size=1,
        max_size=8,
    ),
    st.sampled_from([(-40.0, -70.0), (0.0, 0.0), (61.0, 9.0), (78.2, 15.6)]),
    st.lists(st.tuples(st.floats(-1.2, 1.2), st.floats(-2.5, 2.5)), min_size=1, max_size=12),
)
def test_the_index_finds_every_cell_that_reaches_a_position(
    spread: list[tuple[float, float, float]],
    middle: tuple[float, float],
    offsets: list[tuple[float, float]],
) -> None:
    world = World(shadowing_db=0.0)
    for number, (north, along, reach) in enumerate(spread):
        body = {"lat": middle[0] + north, "lon": middle[1] + along, "reach_m": reach}
        world.put_cell(f"c{number}", body)
    for north, along in offsets:
        lat, lon = middle[0] + north, middle[1] + along
        heard = {cell.name for _, cell in world.radio.rank(lat, lon, 0)}
        scale = DEGREE_M * cos(radians(lat))
        for cell in world.cells.values():
            distance = (((lat - cell.lat) * DEGREE_M) ** 2 + ((lon - cell.lon) * scale) ** 2) ** 0.5
            if distance < cell.reach * 0.995:
                assert cell.name in heard
            elif distance > cell.reach * 1.005:
                assert cell.name not in heard


def test_a_tunnel_silences_the_cells_above_it() -> None:
    world = lone_cell()
    tunnel = {"type": "line", "points": [[LAT, LON - 0.05], [LAT, LON + 0.05]], "width_m": 60}
    world.put_zone("tunnel", {"coverage": "none", "uplink": "lose", "geometry": tunnel}, 0)
    inside = world.place(lat=LAT, lon=LON)
    assert (inside.reception(0), inside.loss(0), inside.uplink) == (NONE, 1.0, 3)
    assert "tunnel" in inside.because(0)
    assert world.place(lat=LAT + 0.001, lon=LON).reception(0) == GOOD


def test_the_smallest_zone_decides_where_several_lie_over_each_other() -> None:
    world = World()
    for name, radius, coverage in (
        ("county", 50_000, "weak"),
        ("valley", 5_000, "none"),
        ("hut", 50, "good"),
    ):
        circle = {"type": "circle", "lat": LAT, "lon": LON, "radius_m": radius}
        world.put_zone(name, {"coverage": coverage, "geometry": circle}, 0)
    assert world.place(lat=LAT, lon=LON).reception(0) == GOOD
    assert world.at(*east(1_000.0)).zone == "valley"
    assert world.at(*east(20_000.0)).zone == "county"


def test_a_moved_zone_is_noticed_by_who_stands_there() -> None:
    world = World()
    circle = {"type": "circle", "lat": LAT, "lon": LON, "radius_m": 500}
    world.put_zone("hole", {"coverage": "none", "geometry": circle}, 0)
    place = world.place(lat=LAT, lon=LON)
    assert place.reception(0) == NONE
    world.patch_zone("hole", {"geometry": {**circle, "lat": LAT + 1.0}}, 0)
    assert place.reception(0) == GOOD
    world.remove_zone("hole")
    assert world.place(lat=LAT + 1.0, lon=LON).reception(0) == GOOD


def test_without_cells_and_zones_a_position_is_as_the_world_says() -> None:
    assert World().place(lat=LAT, lon=LON).reception(0) == GOOD
    assert World(outside=NONE).place(lat=LAT, lon=LON).reception(0) == NONE


def test_a_removed_cell_is_silent() -> None:
    world = lone_cell()
    place = world.place(lat=LAT, lon=LON)
    assert place.reception(0) == GOOD
    world.put_cell("far", {"lat": LAT + 5.0, "lon": LON})
    world.remove_cell("lone")
    assert place.reception(0) == NONE


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"lat": 99}, "cell lone"),
        ({"reach_m": 1}, "cell lone.reach_m"),
        ({"model": "guess"}, "cell lone.model"),
        ({"environment": "moon"}, "cell lone.environment"),
        ({"frequency_mhz": "800"}, "cell lone.frequency_mhz"),
        ({"frequency_mhz": 1800}, "cell lone.frequency_mhz"),
        ({"height_m": 1}, "cell lone.height_m"),
        ({"large_city": 1}, "cell lone.large_city"),
        ({"county": "Atlantis"}, "cell lone.county"),
        ({"county": 3}, "cell lone.county"),
        ({"colour": "red"}, "cell lone.colour"),
    ],
)
def test_a_wrong_cell_names_its_field(more: dict[str, Any], field: str) -> None:
    with pytest.raises(CoverageError) as failure:
        lone_cell(**more)
    assert failure.value.field == field


def test_a_position_that_does_not_exist_is_refused() -> None:
    with pytest.raises(CoverageError, match="position"):
        World().place(lat=91.0, lon=0.0)
    with pytest.raises(CoverageError, match="position"):
        World().place()
    with pytest.raises(CoverageError, match="inside"):
        World().place(lat=LAT, lon=LON, inside="submarine")
