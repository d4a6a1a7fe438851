"""Handsets with a position: standing at a spot, or following a track."""

from bisect import bisect_right
from collections.abc import Sequence
from math import cos, radians

from smsc.coverage.documents.moments import write_moment
from smsc.coverage.errors import CoverageError
from smsc.coverage.outages import FOREVER
from smsc.coverage.place import COVERAGE_WORDS, SPANS_FOR_SEARCH, SPANS_OF_A_TRACK, Place, Revision
from smsc.coverage.radio import Radio

#: What a signal loses on its way in (dB).
PENETRATION_DB = {"outdoor": 0.0, "car": 8.0, "indoor": 10.0}
#: How far off a position is said to be when nothing else is known (m).
ACCURACY_M = 30.0
#: A track looks at the radio once every so many metres, but at most so many times.
STEP_M = 50.0
MOST_STEPS = 20_000


class Spot(Place):
    """A handset that stands at (`lat`, `lon`) in degrees, `inside` "outdoor", "car" or "indoor"."""

    __slots__ = ("inside", "lat", "lon", "penetration", "radio")

    def __init__(
        self, name: str, revision: Revision, radio: Radio, point: tuple[float, float], inside: str
    ) -> None:
        Place.__init__(self, name, revision)
        if inside not in PENETRATION_DB:
            raise CoverageError("inside", inside, "one of " + ", ".join(PENETRATION_DB))
        self.radio = radio
        self.lat, self.lon = point
        self.inside = inside
        self.penetration = PENETRATION_DB[inside]

    def where(self, now: int) -> tuple[float, float]:
        """Return the position at which the radio is measured at `now`."""
        return self.lat, self.lon

    def stays(self, now: int) -> int:
        """Return the moment > `now` up to which `where` is the same."""
        return FOREVER

    def span(self, now: int) -> tuple[int, int]:
        lat, lon = self.where(now)
        state = self.radio.reception(lat, lon, self.penetration, now)
        return state, min(self.stays(now), self.radio.next_change(lat, lon, now))

    def patience(self) -> int:
        return 1 + SPANS_FOR_SEARCH // max(1, self.radio.planned)

    def enter(self, now: int) -> None:
        lat, lon = self.where(now)
        zone = self.radio.zone_at(lat, lon)
        self.uplink = 0 if zone is None else zone.uplink
        self.latency = 0.0 if zone is None else zone.latency

    def loss(self, now: int) -> float:
        lat, lon = self.where(now)
        return self.radio.loss(lat, lon, self.penetration, now)

    def position(self, now: int) -> tuple[float, float] | None:
        return self.lat, self.lon

    def accuracy(self, now: int) -> float | None:
        return ACCURACY_M

    def because(self, now: int) -> str:
        lat, lon = self.where(now)
        zone = self.radio.zone_at(lat, lon)
        if zone is not None:
            return f"{lat:.4f},{lon:.4f} lies in zone {zone.name}: {zone.because(now)}"
        state = COVERAGE_WORDS[self.reception(now)]
        heard = self.radio.rank(lat, lon, now)
        if not heard:
            return f"no cell reaches {lat:.4f},{lon:.4f}: {state}"
        level, cell = heard[0]
        level -= self.penetration
        return f"{cell.name} is heard at {lat:.4f},{lon:.4f} with {level:.0f} dBm: {state}"

    def as_dict(self) -> dict[str, object]:
        return {"position": {"lat": self.lat, "lon": self.lon}, "inside": self.inside}


class Track(Spot):
    """A handset that follows waypoints (moment in ms, latitude, longitude), straight and evenly between them.

    Before the first it stands there, after the last too, unless `every` > 0: then it all starts anew every so
    many ms. The radio is looked at once a step of STEP_M (longer on ways of over MOST_STEPS), in its middle;
    the reception holds for the whole step.
    """

    __slots__ = ("counts", "every", "lats", "lons", "times")

    def __init__(
        self,
        name: str,
        revision: Revision,
        radio: Radio,
        waypoints: Sequence[tuple[int, float, float]],
        inside: str,
        every: int = 0,
    ) -> None:
        if not waypoints:
            raise CoverageError("track", [], "at least one waypoint")
        Spot.__init__(self, name, revision, radio, waypoints[0][1:], inside)
        self.times = [moment for moment, _, _ in waypoints]
        self.lats = [lat for _, lat, _ in waypoints]
        self.lons = [lon for _, _, lon in waypoints]
        self.every = every
        self._check()
        self.counts = self._split()

    def patience(self) -> int:
        return 1 + SPANS_OF_A_TRACK // max(1, self.radio.planned)

    def _check(self) -> None:
        for index in range(1, len(self.times)):
            if self.times[index] <= self.times[index - 1]:
                at = write_moment(self.times[index])
                raise CoverageError(f"track[{index}].at", at, "a moment after the waypoint before")
        length = self.times[len(self.times) - 1] - self.times[0]
        if self.every and self.every <= length:
            raise CoverageError("every", self.every / 1000, f"more than the {length / 1000:g} s of the track")

    def _split(self) -> list[int]:
        """Return into how many steps each leg falls."""
        lengths = []
        for index in range(len(self.times) - 1):
            north = (self.lats[index + 1] - self.lats[index]) * 111_194.93
            middle = (self.lats[index + 1] + self.lats[index]) / 2.0
            east = (self.lons[index + 1] - self.lons[index]) * 111_194.93 * cos(radians(middle))
            lengths.append((north * north + east * east) ** 0.5)
        step = max(STEP_M, sum(lengths) / MOST_STEPS)
        legs = zip(lengths, self.times, self.times[1:], strict=False)
        return [max(1, min(int(length / step + 1.0), end - begin)) for length, begin, end in legs]

    def _phase(self, now: int) -> int:
        """Return the moment of the first round that `now` repeats."""
        first = self.times[0]
        if self.every and now > first:
            return first + (now - first) % self.every
        return now

    def where(self, now: int) -> tuple[float, float]:
        phase = self._phase(now)
        leg = bisect_right(self.times, phase) - 1
        if leg < 0:
            return self.lats[0], self.lons[0]
        if leg >= len(self.counts):
            return self.lats[leg], self.lons[leg]
        begin = self.times[leg]
        count = self.counts[leg]
        step = (phase - begin) * count // (self.times[leg + 1] - begin)
        return self._along(leg, (step + 0.5) / count)

    def stays(self, now: int) -> int:
        phase = self._phase(now)
        leg = bisect_right(self.times, phase) - 1
        if leg < 0:
            return now + self.times[0] - phase
        if leg >= len(self.counts):
            return now + self.times[0] + self.every - phase if self.every else FOREVER
        begin = self.times[leg]
        count = self.counts[leg]
        length = self.times[leg + 1] - begin
        step = (phase - begin) * count // length
        return now + begin + ((step + 1) * length + count - 1) // count - phase

    def position(self, now: int) -> tuple[float, float] | None:
        phase = self._phase(now)
        leg = bisect_right(self.times, phase) - 1
        if leg < 0:
            return self.lats[0], self.lons[0]
        if leg >= len(self.counts):
            return self.lats[leg], self.lons[leg]
        begin = self.times[leg]
        return self._along(leg, (phase - begin) / (self.times[leg + 1] - begin))

    def _along(self, leg: int, part: float) -> tuple[float, float]:
        lat, lon = self.lats[leg], self.lons[leg]
        return lat + (self.lats[leg + 1] - lat) * part, lon + (self.lons[leg + 1] - lon) * part

    def as_dict(self) -> dict[str, object]:
        waypoints = zip(self.times, self.lats, self.lons, strict=True)
        track = [{"at": write_moment(moment), "lat": lat, "lon": lon} for moment, lat, lon in waypoints]
        return {"track": track, "every": self.every / 1000 if self.every else None, "inside": self.inside}
