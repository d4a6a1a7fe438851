"""Path loss: how many dB a signal loses on its way from a mast to a handset.

Every model is a class with `name` and `loss(distance_m)`; another one is one more class and a row in MODELS.
The radio samples a model once per kind of cell into a curve, so a model may be as slow as it likes.
"""

from collections.abc import Callable
from functools import lru_cache
from math import exp, log, log10, pi, sqrt
from typing import Protocol

from smsc.coverage.errors import CoverageError

#: Closer than this the models say nothing useful.
NEAREST_M = 20.0
#: The radio's curves have one value every so many metres.
CURVE_STEP_M = 25.0
_LIGHT_M_S = 299_792_458.0


class PathLoss(Protocol):
    """A model with its frequency and heights already set."""

    name: str

    def loss(self, distance_m: float) -> float:
        """Return the median path loss in dB at `distance_m` metres on the ground."""
        ...


def free_space(frequency_mhz: float, distance_m: float) -> float:
    """Return the loss of free space in dB: no model may promise less."""
    return 32.45 + 20.0 * log10(frequency_mhz) + 20.0 * log10(distance_m / 1000.0)


class OkumuraHata:
    """Okumura-Hata, 150-1500 MHz; mast 30-200 m, handset 1-10 m, fitted at 1-20 km, used beyond with care."""

    def __init__(
        self, frequency_mhz: float, mast_m: float, handset_m: float, environment: str, large: bool = False
    ) -> None:
        _within(frequency_mhz, 150.0, 1500.0)
        self.name = f"Okumura-Hata {environment}"
        self.frequency_mhz = frequency_mhz
        log_f, log_mast = log10(frequency_mhz), log10(mast_m)
        handset = _large_city(frequency_mhz, handset_m) if large else _medium_city(log_f, handset_m)
        self.at_1_km = 69.55 + 26.16 * log_f - 13.82 * log_mast - handset
        self.per_decade = 44.9 - 6.55 * log_mast
        if environment == "suburban":
            self.at_1_km -= 2.0 * log10(frequency_mhz / 28.0) ** 2 + 5.4
        elif environment == "open":
            self.at_1_km -= 4.78 * log_f**2 - 18.33 * log_f + 40.94

    def loss(self, distance_m: float) -> float:
        distance_m = max(distance_m, NEAREST_M)
        hata = self.at_1_km + self.per_decade * log10(distance_m / 1000.0)
        return max(hata, free_space(self.frequency_mhz, distance_m))


class Cost231Hata:
    """COST-231 Hata, 1500-2000 MHz, for towns; `large` for a metropolitan centre."""

    def __init__(
        self, frequency_mhz: float, mast_m: float, handset_m: float, environment: str, large: bool = False
    ) -> None:
        _within(frequency_mhz, 1500.0, 2000.0)
        if environment == "open":
            raise CoverageError("environment", environment, "urban or suburban with COST-231 Hata")
        self.name = "COST-231 Hata"
        self.frequency_mhz = frequency_mhz
        log_f, log_mast = log10(frequency_mhz), log10(mast_m)
        handset = _large_city(frequency_mhz, handset_m) if large else _medium_city(log_f, handset_m)
        self.at_1_km = 46.3 + 33.9 * log_f - 13.82 * log_mast - handset + (3.0 if large else 0.0)
        self.per_decade = 44.9 - 6.55 * log_mast

    def loss(self, distance_m: float) -> float:
        distance_m = max(distance_m, NEAREST_M)
        hata = self.at_1_km + self.per_decade * log10(distance_m / 1000.0)
        return max(hata, free_space(self.frequency_mhz, distance_m))


class RuralMacro:
    """Rural macro cell of 3GPP TR 38.901, 500-30 000 MHz: in line of sight when "open", else not."""

    building_m: float = 5.0
    street_m = 20.0

    def __init__(
        self, frequency_mhz: float, mast_m: float, handset_m: float, environment: str, large: bool = False
    ) -> None:
        _within(frequency_mhz, 500.0, 30_000.0)
        self.sight = environment == "open"
        self.name = "3GPP rural macro, " + ("line of sight" if self.sight else "no line of sight")
        self.ghz = frequency_mhz / 1000.0
        self.mast_m, self.handset_m = mast_m, handset_m
        clutter = exp(1.72 * log(self.building_m))
        self.near_decade, self.near_offset = min(0.03 * clutter, 10.0), min(0.044 * clutter, 14.77)
        self.breakpoint_m = 2.0 * pi * mast_m * handset_m * frequency_mhz * 1e6 / _LIGHT_M_S

    def loss(self, distance_m: float) -> float:
        distance_m = max(distance_m, NEAREST_M)
        slant = sqrt(distance_m**2 + (self.mast_m - self.handset_m) ** 2)
        seen = self._near(slant)
        if distance_m > self.breakpoint_m:
            seen = self._near(self.breakpoint_m) + 40.0 * log10(slant / self.breakpoint_m)
        return seen if self.sight else max(seen, self._hidden(slant))

    def _near(self, slant: float) -> float:
        return (
            20.0 * log10(40.0 * pi * slant * self.ghz / 3.0)
            + self.near_decade * log10(slant)
            - self.near_offset
            + 0.002 * log10(self.building_m) * slant
        )

    def _hidden(self, slant: float) -> float:
        return (
            161.04
            - 7.1 * log10(self.street_m)
            + 7.5 * log10(self.building_m)
            - (24.37 - 3.7 * (self.building_m / self.mast_m) ** 2) * log10(self.mast_m)
            + (43.42 - 3.1 * log10(self.mast_m)) * (log10(slant) - 3.0)
            + 20.0 * log10(self.ghz)
            - (3.2 * log10(11.75 * self.handset_m) ** 2 - 4.97)
        )


#: The models by the name that a cell gives.
MODELS: dict[str, Callable[[float, float, float, str, bool], PathLoss]] = {
    "okumura-hata": OkumuraHata,
    "cost-231": Cost231Hata,
    "rma": RuralMacro,
}
ENVIRONMENTS = ("urban", "suburban", "open")


@lru_cache(maxsize=256)
def curve(
    model: str,
    frequency_mhz: float,
    mast_m: float,
    handset_m: float,
    environment: str,
    large: bool,
    eirp_dbm: float,
    reach_m: float,
) -> list[float]:
    """Return the median RSRP (dBm) at 0, CURVE_STEP_M, 2 * CURVE_STEP_M .. beyond `reach_m`; shared."""
    path = MODELS[model](frequency_mhz, mast_m, handset_m, environment, large)
    return [eirp_dbm - path.loss(step * CURVE_STEP_M) for step in range(int(reach_m / CURVE_STEP_M) + 2)]


def _medium_city(log_f: float, handset_m: float) -> float:
    return (1.1 * log_f - 0.7) * handset_m - (1.56 * log_f - 0.8)


def _large_city(frequency_mhz: float, handset_m: float) -> float:
    if frequency_mhz <= 200.0:
        return 8.29 * log10(1.54 * handset_m) ** 2 - 1.1
    return 3.2 * log10(11.75 * handset_m) ** 2 - 4.97


def _within(frequency_mhz: float, least: float, most: float) -> None:
    if not least <= frequency_mhz <= most:
        raise CoverageError("frequency_mhz", frequency_mhz, f"{least:g} to {most:g} with this model")
