"""Suite `coverage`: what it costs to ask whether a handset is reachable."""

from typing import Any

from bench.results import Suite
from bench.route import us
from bench.timing import nanoseconds
from smsc.coverage.place import Place
from smsc.coverage.world import World

NOW = 1_780_000_000_000
HOUR = 3_600_000


def run(options: Any) -> Suite:
    suite = Suite("coverage")
    repetitions = options.repetitions
    world = World(1)
    plain = world.put_zone("oslo", {"coverage": "good"}, NOW)
    outage = {"from": NOW + HOUR, "to": NOW + 2 * HOUR, "every": 86_400.0}
    planned = world.put_zone("bergen", {"coverage": "good", "outages": [outage]}, NOW)
    for name, place in (("zone", plain), ("zone with a daily outage", planned)):
        suite.add(f"reception: {name}", "us", asked(place, repetitions), lower=True, target=0.3)
    for name, where in (
        ("point between cells", {"lat": 61.1, "lon": 7.5}),
        ("track of 2 points", {"track": track()}),
    ):
        try:
            place = world.place(**where)
        except (TypeError, ValueError, KeyError) as error:
            suite.absent.append(f"{name}: {error}")
            continue
        suite.add(f"reception: {name}", "us", asked(place, repetitions), lower=True)
    return suite


def asked(place: Place, repetitions: int) -> list[float]:
    """us for each question, at moments that go on as the SMSC's clock does."""
    moments = range(NOW, NOW + 100)
    return us(nanoseconds(lambda: [place.reception(moment) for moment in moments], 100, repetitions))


def track() -> list[dict[str, Any]]:
    return [
        {"lat": 60.39, "lon": 5.32, "at": NOW},
        {"lat": 59.91, "lon": 10.75, "at": NOW + 6 * HOUR},
    ]
