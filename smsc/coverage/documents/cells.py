"""Cells as JSON: what a cell is given, and what is shown of it."""

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any, NamedTuple

from smsc.coverage.errors import CoverageError
from smsc.coverage.geometry import read_point
from smsc.coverage.models import ENVIRONMENTS, MODELS, curve
from smsc.coverage.norway import county_id
from smsc.coverage.radio import Cell

HANDSET_M = 1.5
#: 46 dBm over 600 resource elements, 15 dBi antenna, 2 dB feeder.
EIRP_DBM = 31.2
#: The longest way over which a cell with the usual random access preamble hears a handset.
REACH_M = 14_500.0


class CellInfo(NamedTuple):
    """How a cell is built; only explanations need it. `eirp_dbm` is per resource element."""

    model: str = "okumura-hata"
    environment: str = "suburban"
    frequency_mhz: float = 800.0
    height_m: float = 30.0
    eirp_dbm: float = EIRP_DBM
    large_city: bool = False
    synthetic: bool = False


_CHOICES: dict[str, tuple[str, ...]] = {"model": tuple(MODELS), "environment": ENVIRONMENTS}
_NUMBERS = {"frequency_mhz": (150.0, 30_000.0), "height_m": (10.0, 300.0), "eirp_dbm": (-30.0, 80.0)}
_PLACE_FIELDS = ("lat", "lon", "reach_m", "county")
CELL_FIELDS = (*_PLACE_FIELDS, *CellInfo._fields[:-1])


def build_cell(
    number: int, name: str, point: tuple[float, float], reach_m: float, county: str, info: CellInfo
) -> Cell:
    """Return a cell; `number` seeds its shadowing."""
    median = curve(
        info.model,
        info.frequency_mhz,
        info.height_m,
        HANDSET_M,
        info.environment,
        info.large_city,
        info.eirp_dbm,
        reach_m,
    )
    cell = Cell(number, name, point[0], point[1], reach_m, median, county)
    cell.info = info
    return cell


def read_cell(name: str, body: Mapping[str, object]) -> Cell:
    """Return the cell that `body` describes: lat, lon and what differs from the defaults; CoverageError."""
    field = f"cell {name}"
    for key, value in body.items():
        if key not in CELL_FIELDS:
            raise CoverageError(f"{field}.{key}", value, "one of " + ", ".join(CELL_FIELDS))
    settings: dict[str, Any] = {
        key: _read_setting(value, key, field) for key, value in body.items() if key not in _PLACE_FIELDS
    }
    reach = _read_number(body.get("reach_m", REACH_M), f"{field}.reach_m", 100.0, 100_000.0)
    county = body.get("county")
    if county is not None and not isinstance(county, str):
        raise CoverageError(f"{field}.county", county, "the name or number of a county, or null")
    number = int.from_bytes(blake2b(name.encode(), digest_size=7).digest(), "big")
    point = read_point((body.get("lat"), body.get("lon")), field)
    located = "" if county is None else county_id(county, f"{field}.county")
    try:
        return build_cell(number, name, point, reach, located, CellInfo()._replace(**settings))
    except CoverageError as error:  # a model that does not go with the frequency or the environment
        raise CoverageError(f"{field}.{error.field}", error.value, error.expected) from None


def write_cell(cell: Cell) -> dict[str, object]:
    """Return the JSON form of a cell."""
    info = cell.info
    assert isinstance(info, CellInfo)
    place = {"name": cell.name, "lat": cell.lat, "lon": cell.lon, "reach_m": cell.reach}
    return {**place, "county": cell.county or None, **info._asdict()}


def _read_setting(value: object, key: str, field: str) -> object:
    if key == "large_city":
        if isinstance(value, bool):
            return value
        raise CoverageError(f"{field}.large_city", value, "true or false")
    if key in _NUMBERS:
        return _read_number(value, f"{field}.{key}", *_NUMBERS[key])
    if value in _CHOICES[key]:
        return value
    raise CoverageError(f"{field}.{key}", value, "one of " + ", ".join(_CHOICES[key]))


def _read_number(value: object, field: str, least: float, most: float) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool) and least <= value <= most:
        return float(value)
    raise CoverageError(field, value, f"a number from {least:g} to {most:g}")
