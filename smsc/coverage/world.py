"""The world: zones, cells and their outages; it makes the places that handsets are at."""

from collections.abc import Callable, Mapping, Sequence

from smsc.coverage.documents.cells import read_cell
from smsc.coverage.documents.moments import read_duration, read_moment
from smsc.coverage.documents.zones import read_outages, read_zone
from smsc.coverage.errors import CoverageError
from smsc.coverage.geometry import read_point
from smsc.coverage.movement import PENETRATION_DB, Spot, Track
from smsc.coverage.norway import county_id, nearest_town
from smsc.coverage.outages import FOREVER, Outage, Schedule
from smsc.coverage.place import GOOD, RECEPTION_NAMES, Place, Revision, Zone
from smsc.coverage.radio import SILENCE_DBM, Cell, Radio
from smsc.coverage.signal import Signal, hear, map_class, success, tell

#: Standard deviation of the shadowing (dB).
SHADOWING_DB = 6.0
_DEFAULTS = dict.fromkeys(("coverage", "uplink", "loss", "latency", "outages", "geometry", "county"))


class World:
    """Zones by name, cells by name, outages of zones, cells and counties.

    `chart` fills in a map (`synthetic.chart`) when a position is asked about for the first time, so that a
    world of named zones costs nothing more. Without zones drawn on the ground and without cells, a position
    has the reception `outside`. `seed` is that of the map and its shadowing. A Zone object stays the same
    while its name exists; `revision.number` grows with every change.
    """

    def __init__(
        self,
        seed: int = 0,
        *,
        chart: "Callable[[World], None] | None" = None,
        outside: int = GOOD,
        shadowing_db: float = SHADOWING_DB,
    ) -> None:
        self.seed = seed
        self.revision = Revision()
        self.zones: dict[str, Zone] = {}
        self.tunnels: dict[str, Zone] = {}
        self._cells: dict[str, Cell] = {}
        self._radio = Radio(seed, shadowing_db, outside)
        self._chart = chart
        self._mapped = False
        self._cell_outages: dict[str, tuple[Outage, ...]] = {}
        self._county_outages: dict[str, tuple[Outage, ...]] = {}
        self._county_schedules: dict[str, Schedule] = {}

    @property
    def radio(self) -> Radio:
        """The radio with the map filled in."""
        self._unfold()
        return self._radio

    @property
    def cells(self) -> Mapping[str, Cell]:
        """All cells by name, those of the map included."""
        self._unfold()
        return self._cells

    @property
    def is_charted(self) -> bool:
        """Whether the map is filled in, or there is none to come."""
        return self._chart is None

    def chart(self, cells: Sequence[Cell], tunnels: Sequence[Zone]) -> None:
        """Take in a map that was made beside; nothing happens when the map is filled in already."""
        if self._chart is not None:
            self._chart = None
            self.add_map(cells, tunnels)

    def zone(self, name: str) -> Zone:
        """Return the zone called `name`; KeyError when there is none."""
        return self.zones[name]

    def put_zone(self, name: str, body: Mapping[str, object], now: int) -> Zone:
        """Create the zone, or set an existing one to `body`, defaults where it is silent; CoverageError."""
        fresh = Zone(name, GOOD, self.revision)
        read_zone(fresh, body, now)
        zone = self.zones.get(name)
        if zone is None:
            zone = self.zones[name] = fresh
        else:
            read_zone(zone, {**_DEFAULTS, **body}, now)
        self._settle_zone(zone)
        self._redraw()
        return zone

    def patch_zone(self, name: str, body: Mapping[str, object], now: int) -> Zone:
        """Change what `body` names (null: back to the default), leave the rest; KeyError, CoverageError."""
        zone = self.zones[name]
        read_zone(zone, body, now)
        self._settle_zone(zone)
        self._redraw()
        return zone

    def remove_zone(self, name: str) -> Zone:
        """Take the zone out; who still is in it keeps its last state. KeyError when there is none."""
        zone = self.zones.pop(name)
        self._redraw()
        return zone

    def put_cell(self, name: str, body: Mapping[str, object]) -> Cell:
        """Create or replace a cell (`cells.read_cell`); CoverageError."""
        cell = read_cell(name, body)
        self._unfold()
        self._cells[name] = cell
        self._settle_cell(cell)
        self._rewire()
        return cell

    def remove_cell(self, name: str) -> Cell:
        """Take the cell out; KeyError when there is none."""
        self._unfold()
        cell = self._cells.pop(name)
        self._rewire()
        return cell

    def add_map(self, cells: Sequence[Cell], tunnels: Sequence[Zone]) -> None:
        """Take in the cells and tunnels of a map; what the world already has under the same name stays."""
        self._mapped = True
        for cell in cells:
            if self._cells.setdefault(cell.name, cell) is cell and (
                self._county_outages or self._cell_outages
            ):
                self._settle_cell(cell)
        self.tunnels.update((tunnel.name, tunnel) for tunnel in tunnels)
        self._rewire()
        self._redraw()

    def set_outages(self, kind: str, name: str, outages: object, now: int) -> None:
        """Plan the outages of a "zone", "cell" or "county" anew.

        `outages` is a list of {from, to | duration, every, until, note}; [] ends them. KeyError for an
        unknown zone or cell, CoverageError for anything else that is wrong.
        """
        if kind == "zone":
            self.patch_zone(name, {"outages": outages}, now)
        elif kind == "cell":
            cell = self.cells[name]
            self._cell_outages[name] = read_outages(outages, f"cell {name}", now)
            self._settle_cell(cell)
        elif kind == "county":
            county = county_id(name, "county")
            planned = read_outages(outages, f"county {name}", now)
            self._county_outages[county] = planned
            self._county_schedules.pop(county, None)
            if planned:
                self._county_schedules[county] = Schedule(planned)
            for zone in self.zones.values():
                self._settle_zone(zone)
            for cell in self._cells.values():
                if cell.county == county:
                    self._settle_cell(cell)
        else:
            raise CoverageError("kind", kind, "zone, cell or county")
        self.revision.advance()

    def outages(self, kind: str) -> dict[str, tuple[Outage, ...]]:
        """Return the outages planned for each "zone", "cell" or "county" that has any."""
        planned = {
            "zone": {name: zone.outages for name, zone in self.zones.items()},
            "cell": self._cell_outages,
            "county": self._county_outages,
        }
        return {name: outages for name, outages in planned[kind].items() if outages}

    def place(
        self,
        *,
        zone: str | None = None,
        lat: float | None = None,
        lon: float | None = None,
        track: Sequence[tuple[int, float, float]] | None = None,
        every: int = 0,
        inside: str = "outdoor",
    ) -> Place:
        """Return a place: the zone of that name, a spot (`lat`, `lon`), or a `track` of (ms, lat, lon).

        `every` (ms) repeats the track; `inside` is "outdoor", "car" or "indoor". KeyError for an unknown
        zone, CoverageError for anything else that is wrong.
        """
        if zone is not None:
            return self.zones[zone]
        if track is not None:
            return Track("track", self.revision, self.radio, track, inside, every)
        point = read_point((lat, lon), "position")
        return Spot(f"{point[0]:.4f},{point[1]:.4f}", self.revision, self.radio, point, inside)

    def place_from(self, record: Mapping[str, object]) -> Place:
        """Return the place of a JSON record.

        {"zone": name} | {"position": {lat, lon}, inside?} | {"track": [{at, lat, lon}, ..], every?, inside?};
        KeyError for an unknown zone, CoverageError for anything else that is wrong.
        """
        inside = record.get("inside", "outdoor")
        if not isinstance(inside, str):
            raise CoverageError("inside", inside, "one of " + ", ".join(PENETRATION_DB))
        if isinstance(record.get("zone"), str):
            return self.place(zone=str(record["zone"]))
        position = record.get("position")
        if isinstance(position, Mapping):
            lat, lon = read_point((position.get("lat"), position.get("lon")), "position")
            return self.place(lat=lat, lon=lon, inside=inside)
        if record.get("track") is not None:
            every = record.get("every")
            period = 0 if every is None else read_duration(every, "every")
            return self.place(track=read_track(record["track"]), every=period, inside=inside)
        raise CoverageError("place", dict(record), "zone, position or track")

    def at(self, lat: float, lon: float, now: int = 0, inside: str = "outdoor") -> Signal:
        """Return the signal at a position and where it comes from; CoverageError for a wrong position."""
        spot = self.place(lat=lat, lon=lon, inside=inside)
        state, radio = spot.reception(now), self.radio
        zone = radio.zone_at(lat, lon)
        wall = PENETRATION_DB[inside]
        ranked = [] if zone is not None else radio.rank(lat, lon, now)
        heard = tuple(hear(cell, level - wall, lat, lon) for level, cell in ranked[:3])
        level = ranked[0][0] if ranked else SILENCE_DBM
        town, metres = nearest_town(lat, lon)
        near = town is not None and metres < 150_000
        charted = bool(radio.cells) and zone is None
        until = spot.until(now)
        chance = 1.0 - spot.loss(now)
        return Signal(
            lat=lat,
            lon=lon,
            inside=inside,
            coverage=RECEPTION_NAMES[state],
            map_class=map_class(level) if charted else None,
            rsrp_dbm=round(level - wall, 1) if ranked else None,
            success=round(success(level - wall) if charted else chance, 3),
            zone=None if zone is None else zone.name,
            heard=heard,
            county=town.county if near else None,
            town=town.name if near else None,
            town_km=round(metres / 1000, 1) if near else None,
            next_change=None if until >= FOREVER else until,
            synthetic=self._mapped if zone is None else zone.synthetic,
            because=tell(heard, state, chance, inside) if charted else spot.because(now),
        )

    def _unfold(self) -> None:
        if self._chart is not None:
            chart, self._chart = self._chart, None
            chart(self)

    def _settle_zone(self, zone: Zone) -> None:
        """Join the zone's own outages with its county's."""
        zone.schedule = self._schedule(zone.outages, zone.county or "")

    def _settle_cell(self, cell: Cell) -> None:
        cell.schedule = self._schedule(self._cell_outages.get(cell.name, ()), cell.county)
        if cell.schedule is not None:
            self._radio.planned = max(self._radio.planned, cell.schedule.cost)

    def _schedule(self, own: tuple[Outage, ...], county: str) -> Schedule | None:
        """A thing's own outages and its county's; what has none of its own shares its county's schedule."""
        if not own:
            return self._county_schedules.get(county)
        return Schedule(own + self._county_outages.get(county, ()))

    def _redraw(self) -> None:
        """Tell the radio which zones are drawn on the ground."""
        drawn = [zone for zone in (*self.zones.values(), *self.tunnels.values()) if zone.geometry is not None]
        if drawn or self._radio.zones:
            self._radio.zones = drawn
            self._radio.forget()
        self.revision.advance()

    def _rewire(self) -> None:
        """Tell the radio which cells there are."""
        self._radio.cells = list(self._cells.values())
        self._radio.forget()
        self.revision.advance()


def read_track(value: object) -> list[tuple[int, float, float]]:
    """Return the waypoints of a list of {at, lat, lon}."""
    if not isinstance(value, Sequence) or isinstance(value, str) or not value:
        raise CoverageError("track", value, "a list of {at, lat, lon}")
    waypoints = []
    for index, point in enumerate(value):
        if not isinstance(point, Mapping):
            raise CoverageError(f"track[{index}]", point, "an object with at, lat, lon")
        lat, lon = read_point((point.get("lat"), point.get("lon")), f"track[{index}]")
        waypoints.append((read_moment(point.get("at"), f"track[{index}].at"), lat, lon))
    return waypoints
