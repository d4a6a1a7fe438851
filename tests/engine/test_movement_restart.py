"""What the API changed about movement and outages is there again after a restart."""

from __future__ import annotations

from pathlib import Path

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
