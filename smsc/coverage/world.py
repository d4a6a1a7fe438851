"""The world: named zones and their outages; makes the places that handsets are at."""

from collections.abc import Mapping

from smsc.coverage.errors import CoverageError
from smsc.coverage.norway import county_id
from smsc.coverage.outages import Outage, Schedule
from smsc.coverage.place import GOOD, Place, Revision, Zone
from smsc.coverage.zones import read_outages, read_zone


class World:
    """Zones by name, outages of zones and counties. A zone object stays the same while its name exists."""

    def __init__(self, seed: int = 0) -> None:
        self.seed = seed
        self.revision = Revision()
        self.zones: dict[str, Zone] = {}
        self.county_outages: dict[str, tuple[Outage, ...]] = {}

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
        self._settle(zone)
        return zone

    def patch_zone(self, name: str, body: Mapping[str, object], now: int) -> Zone:
        """Change what `body` names (null: back to the default), leave the rest; KeyError, CoverageError."""
        zone = self.zones[name]
        read_zone(zone, body, now)
        self._settle(zone)
        return zone

    def remove_zone(self, name: str) -> Zone:
        """Take the zone out; who still is in it keeps its last state. KeyError when there is none."""
        zone = self.zones.pop(name)
        self.revision.advance()
        return zone

    def set_outages(self, kind: str, name: str, outages: object, now: int) -> None:
        """Plan the outages of a "zone" or "county" anew: a list of {from, to | duration, every, until, note}.

        KeyError for an unknown zone, CoverageError for anything else that is wrong.
        """
        if kind == "zone":
            self.patch_zone(name, {"outages": outages}, now)
        elif kind == "county":
            county = county_id(name, "county")
            self.county_outages[county] = read_outages(outages, f"county {name}", now)
            for zone in self.zones.values():
                self._settle(zone)
        else:
            raise CoverageError("kind", kind, "zone or county")

    def place(self, *, zone: str) -> Place:
        """Return the place of a handset in `zone`."""
        return self.zones[zone]

    def _settle(self, zone: Zone) -> None:
        """Join the zone's own outages with its county's."""
        outages = zone.outages
        if zone.county is not None:
            outages += self.county_outages.get(zone.county, ())
        zone.schedule = Schedule(outages) if outages else None
        self.revision.advance()


_DEFAULTS = dict.fromkeys(("coverage", "uplink", "loss", "latency", "outages", "geometry", "county"))
