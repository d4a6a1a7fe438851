"""What the API changed about movement and outages is there again after a restart."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from smsc.testing import start_smsc

OLA = "4790000002"


def test_tracks_and_outages_survive_a_restart(tmp_path: Path) -> None:
    store = {"url": f"sqlite:{tmp_path / 'smsc.db'}"}
    with start_smsc(store=store) as smsc:
        track = [{"after": "1m", "lat": 60.35, "lon": 7.45}, {"after": "2m", "lat": 60.36, "lon": 7.45}]
        before = smsc.control("patch_subscriber", OLA, {"track": track, "inside": "car"})
        smsc.control("put_outages", "county", "Oslo", {"outages": [{"duration": "3h"}]})
        smsc.control("put_outages", "cell", "Oslo 1", {"outages": [{"duration": "3h"}]})
        planned = smsc.control("outages")
    with start_smsc(store=store) as smsc:
        assert smsc.control("subscriber", OLA)["track"] == before["track"]
        assert smsc.control("outages") == planned


def test_a_zone_that_was_removed_is_off_the_ground_after_a_restart(tmp_path: Path) -> None:
    settings: dict[str, Any] = {
        "store": {"url": f"sqlite:{tmp_path / 'smsc.db'}"},
        "zones": [
            {"name": "oslo"},
            {
                "name": "pit",
                "coverage": "none",
                "geometry": {"type": "circle", "lat": 60, "lon": 10, "radius_m": 500},
            },
        ],
        "subscribers": [{"msisdn": OLA, "position": {"lat": 60, "lon": 10}}],
    }
    with start_smsc(**settings) as smsc:
        assert "pit" in smsc.handset(OLA).state["coverage"]["because"]
        smsc.control("delete_zone", "pit")
        before = smsc.handset(OLA).state["coverage"]
    with start_smsc(**settings) as smsc:
        assert smsc.handset(OLA).state["coverage"] == before


def test_the_registration_site_stays_closed_over_a_restart(tmp_path: Path) -> None:
    store = {"url": f"sqlite:{tmp_path / 'smsc.db'}"}
    with start_smsc(store=store) as smsc:
        smsc.control("put_emergency_site", {"open": False})
    with start_smsc(store=store) as smsc:
        assert smsc.control("emergency_site") == {"open": False}
        smsc.control("put_emergency_site", {"open": True})
    with start_smsc(store=store) as smsc:
        assert smsc.control("emergency_site") == {"open": True}
