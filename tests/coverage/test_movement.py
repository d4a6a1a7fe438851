"""Handsets that stand and move, and outages of the cells around them."""

import sys
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smsc.coverage.documents.gpx import read_gpx
from smsc.coverage.errors import CoverageError
from smsc.coverage.geometry import ground_distance
from smsc.coverage.outages import FOREVER
from smsc.coverage.place import GOOD, NONE, Place
from smsc.coverage.world import World
from tests.conftest import examples

NOON = 1_767_268_800_000  # 2026-01-01T12:00:00Z
MINUTE = 60_000
HOUR = 60 * MINUTE


def valley() -> World:
    """Two cells 20 km apart along a road to the east, a 3 km tunnel beside the first."""
    world = World(shadowing_db=6.0)
    world.put_cell("west", {"lat": 61.0, "lon": 9.0, "reach_m": 6_000})
    world.put_cell("east", {"lat": 61.0, "lon": 9.37, "reach_m": 6_000, "county": "Innlandet"})
    tunnel = {"type": "line", "points": [[61.0, 9.02], [61.0, 9.08]], "width_m": 100}
    world.put_zone("tunnel", {"coverage": "none", "geometry": tunnel}, 0)
    return world


def drive(world: World, every: int = 0, minutes: int = 20) -> Place:
    track = [(NOON, 61.0, 9.0), (NOON + minutes * MINUTE, 61.0, 9.4)]
    return world.place(track=track, every=every)


def stretches(place: Place, start: int, end: int) -> list[tuple[int, int]]:
    """(moment, reception) at each change that `until` announces."""
    found, moment = [], start
    while moment < end:
        found.append((moment, place.reception(moment)))
        moment = place.until(moment)
    return found


def test_a_drive_through_the_tunnel_loses_and_finds_the_network() -> None:
    place = drive(valley())
    seen = stretches(place, NOON, NOON + 20 * MINUTE)
    assert [state for _, state in seen][:3] == [GOOD, NONE, GOOD]
    into, out_of = seen[1][0], seen[2][0]
    # The mouths of the tunnel are 1/20 and 1/5 of the way; a step is 50 m, some 2.8 s.
    assert into == pytest.approx(NOON + MINUTE, abs=6_000)
    assert out_of == pytest.approx(NOON + 4 * MINUTE, abs=6_000)
    assert place.reachable_from(into) == out_of


def test_before_and_after_its_track_the_handset_stands_still() -> None:
    place = drive(valley())
    assert place.position(0) == (61.0, 9.0)
    assert place.reception(NOON - HOUR) == GOOD
    assert NOON < place.until(NOON - HOUR) < NOON + 2 * MINUTE
    assert place.position(NOON + HOUR) == (61.0, 9.4)
    assert place.until(NOON + HOUR) == FOREVER


def test_the_position_moves_evenly_between_waypoints() -> None:
    place = drive(valley())
    lat, lon = place.position(NOON + 5 * MINUTE) or (0.0, 0.0)
    assert (lat, lon) == pytest.approx((61.0, 9.1))
    assert place.accuracy(NOON) == 30.0


def test_a_waypoint_may_be_a_stop() -> None:
    track = [(NOON, 61.0, 9.05), (NOON + HOUR, 61.0, 9.05), (NOON + HOUR + MINUTE, 61.0, 9.3)]
    place = valley().place(track=track)
    assert place.reception(NOON) == NONE
    assert NOON + HOUR < place.reachable_from(NOON) < NOON + HOUR + MINUTE


def test_a_ferry_goes_back_and_forth_every_two_hours() -> None:
    world = valley()
    track = [(NOON, 61.0, 9.0), (NOON + 50 * MINUTE, 61.0, 9.05), (NOON + 100 * MINUTE, 61.0, 9.0)]
    ferry = world.place(track=track, every=2 * HOUR)
    once = stretches(ferry, NOON, NOON + 2 * HOUR)
    later = stretches(ferry, NOON + 48 * HOUR, NOON + 50 * HOUR)
    assert [moment - NOON for moment, _ in once][1:] == [moment - NOON - 48 * HOUR for moment, _ in later][1:]
    assert ferry.position(NOON + 70 * MINUTE) == ferry.position(NOON + 70 * MINUTE + 480 * HOUR)


def test_a_cell_outage_is_foreseen_and_the_neighbour_takes_over_where_it_reaches() -> None:
    world = World(shadowing_db=0.0)
    world.put_cell("a", {"lat": 61.0, "lon": 9.0})
    world.put_cell("b", {"lat": 61.0, "lon": 9.09})
    world.set_outages("cell", "a", [{"from": NOON, "duration": "2h"}], 0)
    both, only_a = world.place(lat=61.0, lon=9.05), world.place(lat=61.0, lon=8.8)
    assert both.until(NOON - 1) == FOREVER
    assert both.reception(NOON) == GOOD
    assert only_a.until(NOON - 1) == NOON
    world.set_outages("cell", "b", [{"from": NOON, "duration": "1h"}], 0)
    assert both.reachable_from(NOON) == NOON + HOUR
    world.set_outages("cell", "a", [], 0)
    assert only_a.until(NOON - 1) == FOREVER


def test_a_county_outage_silences_its_cells() -> None:
    world = valley()
    place = world.place(lat=61.0, lon=9.37)
    world.set_outages("county", "Innlandet", [{"from": NOON, "duration": "3h"}], 0)
    assert place.until(NOON - 1) == NOON
    assert place.reachable_from(NOON) == NOON + 3 * HOUR
    assert place.loss(NOON) == 1.0
    assert world.place(lat=61.0, lon=9.0).reception(NOON) == GOOD
    assert set(world.outages("county")) == {"34"}


def test_a_county_outage_also_meets_cells_that_come_later() -> None:
    world = World()
    world.set_outages("county", "Innlandet", [{"from": NOON, "duration": "3h"}], 0)
    world.put_cell("late", {"lat": 61.0, "lon": 9.0, "county": "34"})
    assert world.place(lat=61.0, lon=9.0).reception(NOON) == NONE


def test_an_outage_during_a_drive_ends_its_reception_on_the_second() -> None:
    world = valley()
    world.set_outages("cell", "west", [{"from": NOON + 30_000, "duration": "10s"}], 0)
    seen = stretches(drive(world), NOON, NOON + MINUTE)
    assert seen[1:3] == [(NOON + 30_000, NONE), (NOON + 40_000, GOOD)]


def test_a_handset_that_never_comes_into_reach_is_never_reachable() -> None:
    world = valley()
    place = world.place(track=[(NOON, 65.0, 9.0), (NOON + HOUR, 65.0, 9.5)])
    assert place.reachable_from(NOON) == FOREVER
    assert place.until(NOON) == FOREVER


def test_outages_of_unknown_things_are_refused() -> None:
    world = valley()
    with pytest.raises(KeyError):
        world.set_outages("cell", "nowhere", [], 0)
    with pytest.raises(KeyError):
        world.set_outages("zone", "nowhere", [], 0)
    with pytest.raises(CoverageError, match="Atlantis"):
        world.set_outages("county", "Atlantis", [], 0)
    with pytest.raises(CoverageError, match="kind"):
        world.set_outages("planet", "Mars", [], 0)


waypoint_lists = st.lists(
    st.tuples(st.integers(1, 600_000), st.floats(60.98, 61.02), st.floats(8.9, 9.5)), min_size=1, max_size=5
)


@settings(deadline=None, max_examples=examples(60))
@given(
    waypoint_lists,
    st.integers(-100_000, 3_000_000),
    st.booleans(),
    st.lists(st.tuples(st.integers(0, 900_000), st.integers(1, 300_000)), max_size=2),
    st.lists(st.floats(0.0, 1.0, exclude_max=True), min_size=8, max_size=8),
)
def test_reception_is_constant_up_to_until(
    legs: list[tuple[int, float, float]],
    offset: int,
    repeats: bool,
    cuts: list[tuple[int, int]],
    parts: list[float],
) -> None:
    world, probe_world = valley(), valley()
    moment, track = NOON, []
    for pause, lat, lon in legs:
        track.append((moment, lat, lon))
        moment += pause
    every = moment - NOON + 1_000 if repeats else 0
    for some in (world, probe_world):
        outages = [{"from": NOON + start, "duration": f"{length}ms"} for start, length in cuts]
        some.set_outages("cell", "west", outages, 0)
    place = world.place(track=track, every=every)
    probe = probe_world.place(track=track, every=every)
    now = NOON + offset
    state, until = place.reception(now), place.until(now)
    assert until > now
    end = min(until, now + 4_000_000)
    for part in parts:
        assert probe.reception(now + int((end - now) * part)) == state
    assert probe.reception(end - 1) == state
    back = place.reachable_from(now)
    assert back >= now
    if back < FOREVER:
        assert probe.reception(back) != NONE
    last = min(back, now + 4_000_000)
    for part in parts:
        asked = now + int((last - now) * part)
        assert asked == back or probe.reception(asked) == NONE


@settings(deadline=None)
@given(waypoint_lists, st.integers(-1_000, 3_000_000), st.booleans())
def test_the_radio_is_measured_near_where_the_handset_is(
    legs: list[tuple[int, float, float]], offset: int, repeats: bool
) -> None:
    moment, track = NOON, []
    for pause, lat, lon in legs:
        track.append((moment, lat, lon))
        moment += pause
    place = World().place(track=track, every=moment - NOON + 1_000 if repeats else 0)
    here = place.position(NOON + offset)
    measured = place.where(NOON + offset)  # type: ignore[attr-defined]
    assert here is not None
    # Half a step of 50 m; where 1 ms is longer than a step, half of what is driven in 1 ms.
    per_ms = max(
        (ground_distance(a[1:], b[1:]) / (b[0] - a[0]) for a, b in pairwise(track)),
        default=0,
    )
    assert ground_distance(here, measured) <= 25.1 + per_ms


@pytest.mark.parametrize(
    ("record", "field"),
    [
        ({}, "place"),
        ({"position": {"lat": 60}}, "position"),
        ({"position": {"lat": 60, "lon": 9}, "inside": 5}, "inside"),
        ({"track": []}, "track"),
        ({"track": [5]}, "track[0]"),
        ({"track": [{"lat": 60, "lon": 9}]}, "track[0].at"),
        ({"track": [{"at": 5, "lat": 60, "lon": 9}, {"at": 5, "lat": 60, "lon": 9}]}, "track[1].at"),
        ({"track": [{"at": 5, "lat": 60, "lon": 9}, {"at": 5000, "lat": 60, "lon": 9}], "every": 1}, "every"),
    ],
)
def test_a_wrong_record_of_a_place_names_its_field(record: dict[str, object], field: str) -> None:
    with pytest.raises(CoverageError) as failure:
        World().place_from(record)
    assert failure.value.field == field


def test_the_record_of_a_place_makes_the_same_place_again() -> None:
    world = valley()
    places = [
        world.place(zone="tunnel"),
        world.place(lat=61.0, lon=9.1, inside="car"),
        world.place(track=[(NOON, 61.0, 9.0), (NOON + HOUR, 61.0, 9.4)], every=3 * HOUR, inside="car"),
    ]
    for place in places:
        again = world.place_from(place.as_dict())
        assert again.as_dict() == place.as_dict()
        assert again.until(NOON) == place.until(NOON)
    with pytest.raises(KeyError):
        world.place_from({"zone": "nowhere"})


GPX = """<?xml version="1.0"?>
<gpx version="1.1" creator="test" xmlns="http://www.topografix.com/GPX/1/1"><trk><trkseg>
<trkpt lat="61.0" lon="9.0"><time>2026-01-01T12:00:00Z</time></trkpt>
<trkpt lat="61.0" lon="9.1"><time>2026-01-01T12:05:00Z</time></trkpt>
<trkpt lat="61.0" lon="9.1"><time>2026-01-01T12:05:00Z</time></trkpt>
<trkpt lat="61.0" lon="9.4"><time>2026-01-01T12:20:00Z</time></trkpt>
</trkseg></trk></gpx>"""


def test_a_gpx_track_is_driven_as_recorded(tmp_path: Path) -> None:
    pytest.importorskip("gpxpy")
    file = tmp_path / "drive.gpx"
    file.write_text(GPX, "utf-8")
    waypoints = read_gpx(file)
    assert waypoints == read_gpx(GPX)
    assert [moment - NOON for moment, _, _ in waypoints] == [0, 5 * MINUTE, 20 * MINUTE]
    world = valley()
    assert stretches(world.place(track=waypoints), NOON, NOON + HOUR) == stretches(
        drive(world), NOON, NOON + HOUR
    )


def test_a_gpx_track_can_be_moved_in_time() -> None:
    pytest.importorskip("gpxpy")
    assert [moment for moment, _, _ in read_gpx(GPX, start=0)] == [0, 5 * MINUTE, 20 * MINUTE]


@pytest.mark.parametrize(
    "text",
    ["<gpx", "<gpx></gpx>", GPX.replace("<time>2026-01-01T12:00:00Z</time>", "")],
    ids=["broken", "empty", "untimed"],
)
def test_a_gpx_file_that_says_too_little_is_refused(text: str) -> None:
    pytest.importorskip("gpxpy")
    with pytest.raises(CoverageError, match="gpx"):
        read_gpx(text)


def test_a_missing_gpx_file_or_package_is_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("gpxpy")
    with pytest.raises(CoverageError, match=r"nothing\.gpx"):
        read_gpx(tmp_path / "nothing.gpx")
    monkeypatch.setitem(sys.modules, "gpxpy", None)
    with pytest.raises(CoverageError, match="gpxpy"):
        read_gpx(GPX)
