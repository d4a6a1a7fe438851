"""Suite `coverage`: what it costs to ask whether a handset is reachable."""

from typing import Any

from bench.results import Suite
from bench.route import us
from bench.timing import nanoseconds
from smsc.coverage.place import Place
from smsc.coverage.synthetic import chart
from smsc.coverage.world import World

NOW = 1_780_000_000_000
HOUR = 3_600_000
OSLO, BERGEN = (59.91, 10.75), (60.39, 5.32)
POSITIONS = 1_000


def run(options: Any) -> Suite:
    suite = Suite("coverage")
    repetitions = options.repetitions
    world = World(chart=chart)
    plain = world.put_zone("oslo", {"coverage": "good"}, NOW)
    outage = {"from": NOW + HOUR, "to": NOW + 2 * HOUR, "every": 86_400.0}
    planned = world.put_zone("bergen", {"coverage": "good", "outages": [outage]}, NOW)
    for name, place in (("zone", plain), ("zone with a daily outage", planned)):
        suite.add(f"reception: {name}", "us", asked(place, repetitions), lower=True, target=0.3)
    for name, corner in (("in Oslo", 0.05), ("between Oslo and Bergen", None)):
        spots = [world.place(lat=lat, lon=lon) for lat, lon in positions(corner)]
        suite.add(f"cell model, fresh position {name}", "us", fresh(spots, repetitions), lower=True, target=5)
    track = world.place(track=[(NOW, *OSLO), (NOW + 8 * HOUR, *BERGEN)], inside="car")
    suite.add("reception: track, asked again", "us", asked(track, repetitions), lower=True)
    return suite


def asked(place: Place, repetitions: int) -> list[float]:
    """us for each question, at moments that go on as the SMSC's clock does."""
    moments = range(NOW, NOW + 100)
    return us(nanoseconds(lambda: [place.reception(moment) for moment in moments], 100, repetitions))


def fresh(spots: list[Place], repetitions: int) -> list[float]:
    """us for each position that was never asked before."""

    def forget() -> None:
        for spot in spots:
            spot.forget()

    return us(nanoseconds(lambda: [spot.reception(NOW) for spot in spots], len(spots), repetitions, forget))


def positions(corner: float | None) -> list[tuple[float, float]]:
    """Positions on a square of that many degrees around Oslo, or along the way to Bergen."""
    if corner is None:
        steps = (index / POSITIONS for index in range(POSITIONS))
        return [
            (OSLO[0] + (BERGEN[0] - OSLO[0]) * step, OSLO[1] + (BERGEN[1] - OSLO[1]) * step) for step in steps
        ]
    side = 32
    return [
        (OSLO[0] + corner * (row / side - 0.5), OSLO[1] + 2 * corner * (column / side - 0.5))
        for row in range(side)
        for column in range(side)
    ]
