"""The synthetic Norway: where its people live there is coverage, in the mountains there is none."""

import sys
from pathlib import Path

import pytest

from smsc.coverage import norway
from smsc.coverage.errors import CoverageError
from smsc.coverage.geometry import ground_distance
from smsc.coverage.place import GOOD, NONE
from smsc.coverage.synthetic import chart, population_covered, samples, settlements
from smsc.coverage.world import World
from tests.waiting import operations

MOUNTAINS = {
    "Hardangervidda": (60.20, 7.60),
    "Jotunheimen": (61.60, 8.40),
    "Rondane": (61.95, 9.85),
    "Snøhetta": (62.32, 9.27),
    "Trollheimen": (62.85, 9.20),
    "Setesdalsheiene": (59.30, 7.00),
    "Femundsmarka": (62.30, 12.00),
    "Børgefjell": (65.20, 13.80),
    "Saltfjellet": (66.60, 15.00),
    "Øvre Dividal": (68.75, 19.60),
    "Finnmarksvidda": (69.30, 24.30),
    "Øvre Anarjohka": (68.90, 25.00),
}

#: Outdoors in Oslo, Bergen, Sogndal, Tromsø, Røros on the map of seed 0 (dBm).
LEVELS = [-71.0207367, -83.7955875, -81.5396857, -83.2164773, -73.6547073]


@pytest.fixture(scope="module")
def world() -> World:
    return World(chart=chart)


@pytest.mark.long
def test_about_99_and_a_half_percent_of_the_population_as_placed_is_covered(world: World) -> None:
    assert 0.993 <= population_covered(world) <= 0.997


@pytest.mark.parametrize("name", MOUNTAINS)
def test_the_mountains_between_are_not_covered(world: World, name: str) -> None:
    assert world.place(lat=MOUNTAINS[name][0], lon=MOUNTAINS[name][1]).reception(0) == NONE


def test_every_town_of_the_data_has_reception(world: World) -> None:
    assert [
        town.name
        for town in norway.towns()
        if world.place(lat=town.lat, lon=town.lon, inside="car").reception(0) == NONE
    ] == []


def test_everyone_of_the_fifteen_counties_is_placed() -> None:
    assert len(norway.counties()) == 15
    assert sum(county.population for county in norway.counties().values()) == 5_550_203
    homes = dict.fromkeys(norway.counties(), 0.0)
    for place in settlements(0):
        homes[place.county] += place.people
    for county in norway.counties().values():
        assert homes[county.id] == pytest.approx(county.population, abs=1.0)
    assert sum(weight for _, _, weight in samples(0)) == pytest.approx(5_550_203, abs=15.0)


def test_towns_lie_in_norway_and_have_people() -> None:
    for town in norway.towns():
        assert 57.9 < town.lat < 71.3, town
        assert 4.5 < town.lon < 31.3, town
        assert town.county in norway.counties()
        assert town.population >= 100
    assert len({(town.county, town.name) for town in norway.towns()}) == len(norway.towns())


def test_towns_of_a_county_live_no_more_people_than_the_county() -> None:
    for county in norway.counties().values():
        assert sum(town.population for town in norway.towns() if town.county == county.id) < county.population


def test_each_tunnel_is_silent_from_mouth_to_mouth_and_marked_synthetic(world: World) -> None:
    assert world.radio.cells
    assert len(world.tunnels) == len(norway.tunnels()) == 19
    for tunnel in norway.tunnels():
        zone = world.tunnels[tunnel.name]
        assert zone.synthetic
        first, last = zone.geometry.points
        assert ground_distance(first, last) == pytest.approx(tunnel.length_km * 1000.0, rel=0.01)
        for part in (0.01, 0.3, 0.5, 0.99):
            spot = (first[0] + (last[0] - first[0]) * part, first[1] + (last[1] - first[1]) * part)
            signal = world.at(*spot)
            assert (signal.coverage, signal.zone, signal.synthetic) == ("none", tunnel.name, True)


def test_the_same_seed_makes_the_same_map_and_another_seed_another() -> None:
    def cells(seed: int) -> list[tuple[str, float, float]]:
        return [(cell.name, cell.lat, cell.lon) for cell in World(seed, chart=chart).cells.values()]

    assert cells(0) == cells(0)
    assert cells(0) != cells(1)


def test_names_and_numbers_of_cells_are_their_own(world: World) -> None:
    assert len({cell.number for cell in world.cells.values()}) == len(world.cells) > 3_000


def test_villages_stand_on_dry_land() -> None:
    islands = norway.land()
    villages = [place for place in settlements(0) if "omegn" in place.name]
    wet = [
        place for place in villages if not any(island.contains(place.lat, place.lon) for island in islands)
    ]
    assert len(wet) < len(villages) / 50


def test_a_map_costs_nothing_until_a_position_is_asked_about() -> None:
    asked: list[World] = []
    world = World(chart=asked.append)
    world.put_zone("oslo", {}, 0)
    world.place(zone="oslo").reception(0)
    assert not asked
    world.place(lat=59.91, lon=10.75)
    world.place(lat=59.91, lon=10.75)
    assert asked == [world]


def test_the_map_loads_with_few_operations_a_cell() -> None:
    cells = len(World(chart=chart).cells)
    assert operations(lambda: World(chart=chart).cells) < 200 * cells


def test_the_signal_in_oslo_is_explained(world: World) -> None:
    signal = world.at(59.913, 10.752)
    assert (signal.coverage, signal.map_class, signal.county, signal.town) == (
        "good",
        "very good",
        "03",
        "Oslo",
    )
    assert signal.synthetic
    assert signal.success == 1.0
    assert len(signal.heard) == 3
    assert signal.heard[0].cell in signal.because
    record = signal.as_dict()
    assert record["heard"][0]["rsrp_dbm"] == signal.rsrp_dbm  # type: ignore[index]


def test_levels_are_the_same_in_every_build(world: World) -> None:
    places = [(59.913, 10.752), (60.39, 5.32), (61.23, 7.10), (69.65, 18.96), (62.57, 11.38)]
    assert [world.radio.level(*place, 0) for place in places] == pytest.approx(LEVELS, abs=1e-6)


def test_a_county_is_not_told_far_from_norway(world: World) -> None:
    assert world.at(40.0, -3.0).county is None


def test_a_county_outage_takes_the_network_of_finnmark_down() -> None:
    world = World(chart=chart)
    alta, tromso = world.place(lat=69.97, lon=23.27), world.place(lat=69.65, lon=18.96)
    world.set_outages("county", "Finnmark", [{"from": 1_000, "duration": "6h"}], 0)
    assert (alta.reception(0), alta.reception(1_000), tromso.reception(1_000)) == (GOOD, NONE, GOOD)
    assert alta.reachable_from(1_000) == 1_000 + 6 * 3_600_000


def test_an_outage_planned_before_the_map_is_unfolded_holds_too() -> None:
    world = World(chart=chart)
    world.set_outages("county", "Oslo", [{"duration": "1h"}], 0)
    cell = next(cell for cell in world.cells.values() if cell.county == "03")
    assert cell.schedule is not None
    assert cell.schedule.is_down(0)


def test_a_drive_from_oslo_to_bergen_meets_gaps_and_the_end_is_foreseen(world: World) -> None:
    track = [(0, 59.91, 10.75), (4 * 3_600_000, 60.53, 8.21), (8 * 3_600_000, 60.39, 5.32)]
    place = world.place(track=track, inside="car")
    moment, states = 0, []
    while moment < track[-1][0]:
        states.append(place.reception(moment))
        moment = place.until(moment)
    assert {NONE, GOOD} <= set(states)
    assert states[-1] == GOOD


@pytest.mark.long
def test_the_picture_is_drawn(tmp_path: Path, world: World) -> None:
    image = pytest.importorskip("PIL.Image")
    from smsc.coverage.drawing.map import ABROAD, CLASSES, draw_map

    file = tmp_path / "map.png"
    circle = {"type": "circle", "lat": 60.1, "lon": 7.5, "radius_m": 20_000}
    world.put_zone("hardangervidda", {"coverage": "weak", "geometry": circle}, 0)
    draw_map(file, world, pixels_per_km=0.2)
    world.remove_zone("hardangervidda")
    with image.open(file) as picture:
        assert picture.width > 200
        assert picture.height > 250
        colours = {colour for _, colour in picture.getcolors(10**6)}
    assert {ABROAD, *(colour for _, colour, _ in CLASSES)} <= colours


def test_the_map_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from smsc.coverage.drawing.map import draw_map

    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(CoverageError, match=r"smsc-emulator\[map\]"):
        draw_map(tmp_path / "map.png", World())
