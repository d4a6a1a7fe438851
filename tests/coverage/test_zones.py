"""Named zones: what they promise, how they change, what is refused."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smsc.coverage.documents.zones import record_zone, write_zone
from smsc.coverage.errors import CoverageError
from smsc.coverage.outages import FOREVER
from smsc.coverage.place import DEFER, GOOD, HOLD, LOSE, NONE, REJECT, WEAK, Zone
from smsc.coverage.world import World

NOON = 1_767_268_800_000  # 2026-01-01T12:00:00Z
MINUTE = 60_000


@pytest.fixture
def world() -> World:
    return World()


def test_the_tunnel_has_no_coverage_for_ever(world: World) -> None:
    tunnel = world.put_zone("laerdal-tunnel", {"coverage": "none"}, NOON)
    assert tunnel.reception(NOON) == NONE
    assert tunnel.until(NOON) == FOREVER
    assert tunnel.reachable_from(NOON) == FOREVER
    assert tunnel.loss(NOON) == 1.0


def test_an_empty_zone_is_good_holds_submissions_and_loses_nothing(world: World) -> None:
    oslo = world.put_zone("oslo", {}, NOON)
    assert (oslo.reception(NOON), oslo.uplink, oslo.loss(NOON), oslo.latency) == (GOOD, HOLD, 0.0, 0.0)
    assert oslo.reachable_from(NOON) == NOON


def test_a_weak_zone_loses_three_in_ten_unless_told_otherwise(world: World) -> None:
    vidda = world.put_zone("hardangervidda", {"coverage": "weak"}, NOON)
    assert (vidda.reception(NOON), vidda.loss(NOON)) == (WEAK, 0.3)
    world.patch_zone("hardangervidda", {"loss": 0.5}, NOON)
    assert vidda.loss(NOON) == 0.5
    world.patch_zone("hardangervidda", {"loss": None}, NOON)
    assert vidda.loss(NOON) == 0.3


@pytest.mark.parametrize(
    ("name", "mode"), [("hold", HOLD), ("defer", DEFER), ("reject", REJECT), ("lose", LOSE)]
)
def test_the_uplink_mode_is_the_zone_s(world: World, name: str, mode: int) -> None:
    assert world.put_zone("z", {"uplink": name}, NOON).uplink == mode


def test_a_planned_outage_is_known_ahead_to_the_millisecond(world: World) -> None:
    outage = {"from": "2026-01-01T12:10:00Z", "to": "2026-01-01T12:50:00Z", "note": "fibre cut"}
    oslo = world.put_zone("oslo", {"outages": [outage]}, NOON)
    assert oslo.until(NOON) == NOON + 10 * MINUTE
    assert oslo.reception(NOON + 10 * MINUTE) == NONE
    assert oslo.reachable_from(NOON + 10 * MINUTE) == NOON + 50 * MINUTE
    assert oslo.loss(NOON + 20 * MINUTE) == 1.0
    assert "fibre cut" in str(oslo.explain(NOON + 20 * MINUTE)["because"])
    assert oslo.reception(NOON + 50 * MINUTE) == GOOD


def test_overlapping_outages_count_as_one(world: World) -> None:
    planned = [{"duration": "40m"}, {"from": NOON + 20 * MINUTE, "duration": "1h"}]
    oslo = world.put_zone("oslo", {"outages": planned}, NOON)
    assert oslo.until(NOON) == oslo.reachable_from(NOON) == NOON + 80 * MINUTE


def test_an_outage_of_a_zone_without_coverage_changes_nothing(world: World) -> None:
    tunnel = world.put_zone("t", {"coverage": "none", "outages": [{"duration": "40m"}]}, NOON)
    assert tunnel.until(NOON) == FOREVER


def test_a_change_through_the_world_reaches_who_already_is_there(world: World) -> None:
    place = world.put_zone("oslo", {}, NOON)
    assert place.reception(NOON) == GOOD
    world.patch_zone("oslo", {"coverage": "none"}, NOON)
    assert place.reception(NOON) == NONE
    assert world.put_zone("oslo", {}, NOON) is place
    assert place.reception(NOON) == GOOD


def test_put_resets_what_the_body_leaves_out(world: World) -> None:
    world.put_zone("z", {"coverage": "weak", "uplink": "lose", "latency": "2s", "loss": 0.9}, NOON)
    zone = world.put_zone("z", {"coverage": "good"}, NOON)
    assert (zone.uplink, zone.latency, zone.loss(NOON)) == (HOLD, 0.0, 0.0)


def test_a_county_outage_takes_the_zones_of_that_county_down(world: World) -> None:
    bergen = world.put_zone("bergen", {"county": "Vestland"}, NOON)
    oslo = world.put_zone("oslo", {"county": "Oslo"}, NOON)
    world.set_outages("county", "46", [{"duration": "2h", "note": "power failure"}], NOON)
    assert (bergen.reception(NOON), oslo.reception(NOON)) == (NONE, GOOD)
    assert bergen.reachable_from(NOON) == NOON + 120 * MINUTE
    world.set_outages("county", "Vestland", [], NOON)
    assert bergen.reception(NOON) == GOOD


def test_a_removed_zone_is_unknown(world: World) -> None:
    world.put_zone("z", {}, NOON)
    world.remove_zone("z")
    with pytest.raises(KeyError):
        world.zone("z")


def test_the_json_form_says_what_is_in_force(world: World) -> None:
    body = {
        "coverage": "weak",
        "uplink": "defer",
        "latency": "250ms",
        "outages": [{"from": "2026-01-01T12:00:00Z", "duration": "40m", "every": "1d", "note": "night"}],
        "geometry": {"type": "circle", "lat": 60.1, "lon": 7.5, "radius_m": 30000},
        "county": "46",
    }
    zone = world.put_zone("vidda", body, NOON)
    assert write_zone(zone) == {
        "name": "vidda",
        "coverage": "weak",
        "uplink": "defer",
        "loss": 0.3,
        "latency": 0.25,
        "outages": [
            {
                "from": "2026-01-01T12:00:00Z",
                "to": "2026-01-01T12:40:00Z",
                "every": 86400.0,
                "until": None,
                "note": "night",
            }
        ],
        "geometry": {"type": "circle", "lat": 60.1, "lon": 7.5, "radius_m": 30000.0},
        "county": "46",
        "synthetic": False,
    }


def test_the_record_of_a_zone_makes_the_same_zone_again(world: World) -> None:
    line = {"type": "line", "points": [[60.0, 7.0], [60.1, 7.2]], "width_m": 40}
    body = {"coverage": "weak", "outages": [{"duration": "40m"}], "geometry": line}
    zone = world.put_zone("z", body, NOON)
    again = World().put_zone("z", record_zone(zone), 0)
    assert write_zone(again) == write_zone(zone)
    assert again.own_loss < 0.0


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"coverage": "bad"}, "z.coverage"),
        ({"coverage": 1}, "z.coverage"),
        ({"uplink": "drop"}, "z.uplink"),
        ({"loss": 1.5}, "z.loss"),
        ({"loss": True}, "z.loss"),
        ({"loss": "much"}, "z.loss"),
        ({"latency": "soon"}, "z.latency"),
        ({"latency": -1}, "z.latency"),
        ({"colour": "red"}, "z.colour"),
        ({"county": 46}, "z.county"),
        ({"county": "Atlantis"}, "z.county"),
        ({"outages": "all day"}, "z.outages"),
        ({"outages": [5]}, "z.outages[0]"),
        ({"outages": [{"form": 1}]}, "z.outages[0].form"),
        ({"outages": [{"from": "yesterday"}]}, "z.outages[0].from"),
        ({"outages": [{"from": "2026-01-01T12:00:00"}]}, "z.outages[0].from"),
        ({"outages": [{"from": 5, "to": 5}]}, "z.outages[0].to"),
        ({"outages": [{"to": 2 * NOON, "duration": 5}]}, "z.outages[0].duration"),
        ({"outages": [{"every": "1h"}]}, "z.outages[0].every"),
        ({"outages": [{"duration": "2h", "every": "1h"}]}, "z.outages[0].every"),
        ({"outages": [{"duration": "1h", "until": 2 * NOON}]}, "z.outages[0].until"),
        ({"outages": [{"note": 5}]}, "z.outages[0].note"),
        ({"geometry": []}, "z.geometry"),
        ({"geometry": {"type": "star"}}, "z.geometry.type"),
        ({"geometry": {"type": "circle", "lat": 60, "radius_m": 5}}, "z.geometry"),
        ({"geometry": {"type": "circle", "lat": 60, "lon": 7, "radius_m": 0}}, "z.geometry.radius_m"),
        ({"geometry": {"type": "polygon", "points": [[60, 7], [61, 7]]}}, "z.geometry.points"),
        ({"geometry": {"type": "line", "points": [[60, 7], [99, 7]], "width_m": 9}}, "z.geometry.points[1]"),
    ],
)
def test_a_wrong_body_names_the_field_and_changes_nothing(
    world: World, body: dict[str, object], field: str
) -> None:
    zone = world.put_zone("z", {"coverage": "weak", "loss": 0.25}, NOON)
    before = write_zone(zone)
    with pytest.raises(CoverageError) as failure:
        world.patch_zone("z", {"uplink": "lose", **body}, NOON)
    assert failure.value.field == field
    assert field in str(failure.value)
    assert write_zone(zone) == before


@st.composite
def planned_outages(drawing: st.DrawFn) -> list[dict[str, object]]:
    planned = []
    for _ in range(drawing(st.integers(0, 4))):
        length = drawing(st.integers(1, 50))
        outage: dict[str, object] = {"from": drawing(st.integers(0, 300)), "duration": f"{length}ms"}
        if drawing(st.booleans()):
            outage["every"] = f"{drawing(st.integers(length + 1, 120))}ms"
        planned.append(outage)
    return planned


@settings(deadline=None)
@given(planned_outages(), st.sampled_from(("none", "weak", "good")), st.integers(0, 600))
def test_reception_is_constant_up_to_until_and_reachable_from_is_the_first(
    planned: list[dict[str, object]], coverage: str, now: int
) -> None:
    zone = World().put_zone("z", {"coverage": coverage, "outages": planned}, 0)
    state, until = zone.reception(now), zone.until(now)
    assert until > now
    probe = World().put_zone("z", {"coverage": coverage, "outages": planned}, 0)
    assert all(probe.reception(moment) == state for moment in range(now, min(until, now + 700)))
    if until < now + 700:
        assert probe.reception(until) != state
    first = next((moment for moment in range(now, now + 2_000) if probe.reception(moment) != NONE), None)
    back = zone.reachable_from(now)
    assert back == first or (first is None and back >= now + 2_000)


def test_a_drawn_zone_has_a_position_as_good_as_it_is_small(world: World) -> None:
    circle = {"type": "circle", "lat": 60.1, "lon": 7.5, "radius_m": 3_000}
    vidda = world.put_zone("vidda", {"geometry": circle}, NOON)
    assert vidda.position(NOON) == (60.1, 7.5)
    assert vidda.accuracy(NOON) == pytest.approx(3_000.0)
    oslo = world.put_zone("oslo", {}, NOON)
    assert (oslo.position(NOON), oslo.accuracy(NOON)) == (None, None)


def test_places_refuse_unknown_attributes(world: World) -> None:
    zone: Zone = world.put_zone("z", {}, NOON)
    with pytest.raises(AttributeError):
        zone.colour = "red"  # type: ignore[attr-defined]
