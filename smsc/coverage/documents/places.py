"""Where a handset is, as the API and the configuration write it: a position, waypoints, or a GPX file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from smsc.coverage.documents.gpx import read_gpx
from smsc.coverage.documents.moments import read_duration
from smsc.coverage.errors import CoverageError
from smsc.coverage.place import Place
from smsc.coverage.world import World

#: The keys that say where a handset is beside ``zone``; each clears the others.
MOVEMENT: Final = ("position", "track", "gpx")


def place_of(coverage: World, record: Mapping[str, Any], now: int) -> Place:
    """The place of ``{position | track | gpx, inside?, every?}``; CoverageError says what is wrong.

    A waypoint is ``{at, lat, lon}``, or ``{after, lat, lon}`` with a duration from ``now`` on. ``gpx`` is a
    file's text or path; it begins now when ``starts_now`` is set, otherwise at its own times.
    """
    told: dict[str, Any] = {"inside": record.get("inside") or "outdoor"}
    if record.get("position") is not None:
        return coverage.place_from({**told, "position": record["position"]})
    if record.get("gpx") is not None:
        waypoints = read_gpx(record["gpx"], now if record.get("starts_now") else None)
        track: Any = [{"at": at, "lat": lat, "lon": lon} for at, lat, lon in waypoints]
    else:
        track = _absolute(record.get("track"), now)
    return coverage.place_from({**told, "track": track, "every": record.get("every")})


def _absolute(track: Any, now: int) -> Any:
    """Waypoints with a duration from now on get their moment."""
    if not isinstance(track, Sequence) or isinstance(track, str):
        return track
    points = []
    for index, point in enumerate(track):
        if isinstance(point, Mapping) and point.get("after") is not None:
            if point.get("at") is not None:
                raise CoverageError(f"track[{index}]", dict(point), "either at or after")
            at = now + read_duration(point["after"], f"track[{index}].after")
            point = {"at": at, "lat": point.get("lat"), "lon": point.get("lon")}
        points.append(point)
    return points
