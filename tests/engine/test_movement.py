"""Handsets that move, and areas that are down: the queue is woken at the computed moment, not by looking."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import httpx
import pytest

from smsc.control import ControlError
from smsc.testing import SmscHandle
from tests.esme import Esme

pytestmark = pytest.mark.loop

KARI, OLA = "4790000001", "4790000002"
OSLO, MOUNTAIN = (59.9127, 10.7461), (61.55, 8.3)
Make = Callable[..., SmscHandle]

GPX = """<gpx version="1.1" creator="t" xmlns="http://www.topografix.com/GPX/1/1"><trk><trkseg>
<trkpt lat="61.55" lon="8.3"><time>2020-05-01T08:00:00Z</time></trkpt>
<trkpt lat="61.55" lon="8.3"><time>2020-05-01T08:40:00Z</time></trkpt>
<trkpt lat="59.9127" lon="10.7461"><time>2020-05-01T08:40:01Z</time></trkpt>
</trkseg></trk></gpx>"""


@pytest.fixture
def ola(smsc: SmscHandle) -> Iterator[Esme]:
    esme = Esme(smsc.smpp_address, OLA)
    yield esme
    esme.drop()


def out_and_home() -> list[dict[str, object]]:
    """Forty minutes on the mountains, where nothing is heard, then in Oslo."""
    return [
        {"after": "0s", "lat": MOUNTAIN[0], "lon": MOUNTAIN[1]},
        {"after": "40m", "lat": MOUNTAIN[0], "lon": MOUNTAIN[1]},
        {"after": "40m1s", "lat": OSLO[0], "lon": OSLO[1]},
    ]


def test_a_message_waits_in_the_dead_part_of_a_track_and_arrives_at_the_computed_moment(
    smsc: SmscHandle, ola: Esme
) -> None:
    state = smsc.control("patch_subscriber", OLA, {"track": out_and_home()})
    assert state["coverage"]["coverage"] == "none"
    assert len(state["track"]) == 3
    back = state["coverage"]["reachable_from"]
    message = smsc.send(KARI, OLA, "Er du hjemme?")
    assert smsc.message(message.id).reason == "absent_no_paging_response"
    smsc.clock.advance("39m")
    assert ola.has_nothing()
    told = smsc.clock.advance("5m")
    assert ola.receive().text == "Er du hjemme?"
    found = smsc.message(message.id)
    assert found.final_at == back
    assert told["fired"] < 20, "the return is computed, nobody looks every second"


def test_a_track_alone_wakes_nobody_when_no_retry_is_due(make_smsc: Make) -> None:
    smsc = make_smsc(delivery={"retry": ["12h"], "jitter": 0})
    with_client = Esme(smsc.smpp_address, OLA)
    smsc.control("patch_subscriber", OLA, {"track": out_and_home()})
    message = smsc.send(KARI, OLA, "Hei")
    told = smsc.clock.advance("1h")
    assert told["fired"] == 1
    assert [event["event"] for event in smsc.message(message.id).timeline][-3:] == [
        "alert",
        "sent",
        "delivered",
    ]
    with_client.drop()


def test_a_gpx_track_moves_a_handset(smsc: SmscHandle, ola: Esme) -> None:
    smsc.control("patch_subscriber", OLA, {"gpx": GPX, "starts_now": True})
    smsc.send(KARI, OLA, "Hei")
    smsc.clock.advance("39m")
    assert ola.has_nothing()
    smsc.clock.advance("2m")
    assert ola.receive().text == "Hei"


def test_zone_position_and_track_clear_one_another(smsc: SmscHandle) -> None:
    patch = smsc.control
    assert patch("patch_subscriber", OLA, {"position": {"lat": OSLO[0], "lon": OSLO[1]}})["zone"] is None
    assert patch("patch_subscriber", OLA, {"track": out_and_home()})["track"]
    told = patch("patch_subscriber", OLA, {"zone": "oslo"})
    assert (told["zone"], told["track"]) == ("oslo", None)


@pytest.mark.parametrize(
    "body",
    [
        {"track": []},
        {"track": [{"after": "1m", "lat": 60, "lon": 7}, {"after": "1m", "lat": 60, "lon": 8}]},
        {"gpx": "/etc/passwd"},
        {"gpx": "<gpx></gpx>"},
        {"position": {"lat": 60, "lon": 7}, "inside": "cellar"},
    ],
)
def test_a_movement_that_makes_no_sense_changes_nothing(smsc: SmscHandle, body: dict[str, object]) -> None:
    with pytest.raises(ControlError) as refused:
        smsc.control("patch_subscriber", OLA, body)
    assert refused.value.status == 422
    assert smsc.handset(OLA).state["zone"] == "oslo"


def test_an_outage_of_a_zone_planned_through_the_api_ends_by_itself(smsc: SmscHandle, ola: Esme) -> None:
    url = f"{smsc.url}/api/v1/outages/zone/oslo"
    answer = httpx.put(url, json={"outages": [{"duration": "90m", "note": "cable cut"}]})
    assert answer.status_code == 200, answer.text
    message = smsc.send("4740000001", OLA, "Hei")
    assert smsc.message(message.id).reason == "absent_no_paging_response"
    told = smsc.clock.advance("2h")
    assert ola.receive().text == "Hei"
    assert smsc.message(message.id).final_at == answer.json()["outages"][0]["to"].replace("Z", ".000Z")
    assert told["unsettled"] == []


def test_an_outage_that_is_taken_back_frees_the_queue_at_once(smsc: SmscHandle, ola: Esme) -> None:
    smsc.control("put_outages", "zone", "oslo", {"outages": [{"note": "by mistake"}]})
    smsc.send("4740000001", OLA, "Hei")
    assert ola.has_nothing()
    smsc.control("put_outages", "zone", "oslo", {"outages": []})
    assert ola.receive().text == "Hei"


def test_a_zone_that_is_taken_off_the_ground_frees_the_queue_at_once(smsc: SmscHandle, ola: Esme) -> None:
    pit = {"type": "circle", "lat": OSLO[0], "lon": OSLO[1], "radius_m": 500}
    smsc.control("put_zone", "pit", {"coverage": "none", "geometry": pit})
    smsc.control("patch_subscriber", OLA, {"position": {"lat": OSLO[0], "lon": OSLO[1]}})
    smsc.send("4740000001", OLA, "Hei")
    assert ola.has_nothing()
    smsc.control("delete_zone", "pit")
    assert smsc.events[-1]["event"] != "zone.changed"
    assert {"zone.removed"} <= {event["event"] for event in smsc.events}
    assert ola.receive().text == "Hei"


def test_a_county_is_down_for_handsets_at_positions(smsc: SmscHandle, ola: Esme) -> None:
    smsc.control("patch_subscriber", OLA, {"position": {"lat": 69.6496, "lon": 18.956}})
    smsc.control("put_outages", "county", "Troms", {"outages": [{"duration": "3h"}]})
    smsc.send("4740000001", OLA, "Hei")
    assert ola.has_nothing()
    smsc.clock.advance("3h")
    assert ola.receive().text == "Hei"
    listed = httpx.get(f"{smsc.url}/api/v1/outages").json()
    assert list(listed["county"]) == ["55"]


def test_a_cell_can_be_down_and_an_unknown_one_is_said_to_be(smsc: SmscHandle) -> None:
    told = smsc.control("put_outages", "cell", "Oslo 1", {"outages": [{"duration": "1h"}]})
    assert (told["kind"], told["name"], len(told["outages"])) == ("cell", "Oslo 1", 1)
    missing = httpx.put(f"{smsc.url}/api/v1/outages/cell/none-such", json={"outages": []})
    assert missing.status_code == 404
    wrong = httpx.put(f"{smsc.url}/api/v1/outages/county/Sverige", json={"outages": []})
    assert wrong.status_code == 422


def test_outages_end_with_a_reset(smsc: SmscHandle) -> None:
    smsc.control("put_outages", "county", "Oslo", {"outages": [{"duration": "3h"}]})
    smsc.control("put_outages", "cell", "Oslo 1", {"outages": [{"duration": "3h"}]})
    smsc.control("reset")
    assert smsc.control("outages") == {"zone": {}, "cell": {}, "county": {}}


def test_an_accelerated_clock_brings_a_handset_back_in_its_time(make_smsc: Make) -> None:
    smsc = make_smsc(clock={"mode": "x3600"})
    esme = Esme(smsc.smpp_address, OLA)
    smsc.control("patch_subscriber", OLA, {"position": {"lat": MOUNTAIN[0], "lon": MOUNTAIN[1]}})
    sent = smsc.send(KARI, OLA, "Hei")
    smsc.control("patch_subscriber", OLA, {"track": out_and_home()})
    assert esme.receive().text == "Hei"
    events = [event["event"] for event in smsc.message(sent.id).timeline]
    assert events.index("attempt_failed") < events.index("alert") < events.index("sent")
    esme.drop()


def test_the_configuration_can_move_a_handset_and_bring_a_county_down(make_smsc: Make) -> None:
    smsc = make_smsc(
        subscribers=[{"msisdn": OLA, "password": "1234", "track": out_and_home()}],
        outages=[{"county": "Oslo", "times": [{"duration": "1h"}]}],
    )
    state = smsc.handset(OLA).state
    assert state["coverage"]["coverage"] == "none"
    assert len(state["track"]) == 3
    assert list(smsc.control("outages")["county"])
