"""GPX tracks as waypoints (gpxpy, imported only when a track is read)."""

from pathlib import Path
from typing import Any

from smsc.coverage.documents.moments import read_moment
from smsc.coverage.errors import CoverageError

Waypoint = tuple[int, float, float]


def read_gpx(source: str | Path, start: int | None = None) -> list[Waypoint]:
    """Return the waypoints (ms, latitude, longitude) of a GPX file, or of its text, for `World.place`.

    All points of all tracks in order, or of the routes when there is no track; each needs a time, and one not
    later than that before it is left out. With `start` (ms) all is moved in time so that it begins then.
    CoverageError when gpxpy is missing, the file cannot be read, or there are no timed points.
    """
    try:
        import gpxpy
    except ImportError as error:
        raise CoverageError("gpx", str(source), "the package gpxpy to be installed") from error
    text = source if isinstance(source, str) and source.lstrip().startswith("<") else _read(source)
    if "<!DOCTYPE" in text:  # entities could bring in files, or grow without end
        raise CoverageError("gpx", str(source)[:80], "a GPX file without a document type")
    try:
        gpx = gpxpy.parse(text)
    except gpxpy.gpx.GPXException as error:
        raise CoverageError("gpx", str(source)[:80], f"a GPX file ({error})") from error
    points: list[Any] = [
        point for track in gpx.tracks for segment in track.segments for point in segment.points
    ]
    points = points or [point for route in gpx.routes for point in route.points]
    waypoints: list[Waypoint] = []
    for point in points:
        if point.time is None:
            raise CoverageError("gpx", str(source)[:80], "a time for every point")
        moment = read_moment(point.time, "gpx.time")
        if not waypoints or moment > waypoints[-1][0]:
            waypoints.append((moment, point.latitude, point.longitude))
    if not waypoints:
        raise CoverageError("gpx", str(source)[:80], "a track or a route with points")
    shift = 0 if start is None else start - waypoints[0][0]
    return [(moment + shift, lat, lon) for moment, lat, lon in waypoints]


def _read(path: str | Path) -> str:
    try:
        return Path(path).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CoverageError("gpx", str(path), f"a file that can be read ({error})") from error
