"""What the signal is at a position and why: the explanation behind `smsc coverage at`."""

from typing import NamedTuple

from smsc.coverage.documents.cells import CellInfo
from smsc.coverage.documents.moments import write_moment
from smsc.coverage.geometry import ground_distance
from smsc.coverage.models import MODELS
from smsc.coverage.place import COVERAGE_WORDS
from smsc.coverage.radio import EDGE_DBM, SURE_DBM, THRESHOLD_DBM, Cell

#: Map classes by dB over the threshold, as Norwegian operators draw them: basic, then 10 and 20 dB stronger.
CLASSES = ((20.0, "very good"), (10.0, "good"), (0.0, "basic"))


def map_class(rsrp: float) -> str:
    """Return "very good", "good", "basic" or "none" for an RSRP in dBm."""
    return next((name for margin, name in CLASSES if rsrp - THRESHOLD_DBM >= margin), "none")


def success(rsrp: float) -> float:
    """Return the probability that an attempt gets through at an RSRP in dBm."""
    return min(1.0, max(0.0, (rsrp - EDGE_DBM) / (SURE_DBM - EDGE_DBM)))


class Heard(NamedTuple):
    """One cell as it is heard at a position: dBm behind the wall, metres away."""

    cell: str
    rsrp_dbm: float
    distance_m: int
    model: str
    frequency_mhz: float


class Signal(NamedTuple):
    """The reception at a position and what it comes from.

    `coverage` is what the delivery sees (none, weak, good), `map_class` what an operator's map would show
    outdoors; `heard` are the strongest cells; `zone` is set where a zone on the ground decides instead.
    """

    lat: float
    lon: float
    inside: str
    coverage: str
    map_class: str | None
    rsrp_dbm: float | None
    success: float
    zone: str | None
    heard: tuple[Heard, ...]
    county: str | None
    town: str | None
    town_km: float | None
    next_change: int | None
    synthetic: bool
    because: str

    def as_dict(self) -> dict[str, object]:
        """Return it JSON-ready."""
        record = self._asdict()
        record["heard"] = [cell._asdict() for cell in self.heard]
        record["next_change"] = None if self.next_change is None else write_moment(self.next_change)
        return record


def hear(cell: Cell, level: float, lat: float, lon: float) -> Heard:
    """Return how `cell` is heard with `level` dBm at the position."""
    info = cell.info if isinstance(cell.info, CellInfo) else CellInfo()
    path = MODELS[info.model](info.frequency_mhz, info.height_m, 1.5, info.environment, info.large_city)
    distance = ground_distance((lat, lon), (cell.lat, cell.lon))
    return Heard(cell.name, round(level, 1), round(distance), path.name, info.frequency_mhz)


def tell(heard: tuple[Heard, ...], state: int, chance: float, inside: str) -> str:
    """Return one sentence about the signal of cells."""
    if not heard:
        return "no cell reaches this position: no coverage"
    best = heard[0]
    where = "" if inside == "outdoor" else f" ({inside})"
    strength = (
        f"{best.cell}, {best.distance_m / 1000:.1f} km away, is heard with {best.rsrp_dbm:.0f} dBm{where}"
    )
    outcome = {
        0: f"below {EDGE_DBM:.0f} dBm nothing gets through",
        1: f"an attempt gets through with probability {chance:.2f}",
        2: "every attempt gets through",
    }
    return f"{strength}: {COVERAGE_WORDS[state]}, {outcome[state]}"
