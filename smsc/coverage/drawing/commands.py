"""What `smsc coverage` does: explain the signal at a position, draw the map."""

from collections.abc import Iterator
from pathlib import Path

from smsc.coverage import norway
from smsc.coverage.drawing.map import draw_map
from smsc.coverage.errors import CoverageError
from smsc.coverage.geometry import Point, read_point
from smsc.coverage.signal import Signal
from smsc.coverage.synthetic import chart
from smsc.coverage.world import World


def read_position(text: str) -> Point:
    """Return (latitude, longitude) of "59.91,10.75"; CoverageError."""
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) != 2:
        raise CoverageError("position", text, "latitude,longitude in degrees like 59.91,10.75")
    return read_point(numbers, "position")


def signal_at(text: str, *, seed: int = 0, inside: str = "outdoor") -> Signal:
    """Return the signal of the synthetic map at a position written as "59.91,10.75"; CoverageError."""
    lat, lon = read_position(text)
    return World(seed, chart=chart).at(lat, lon, inside=inside)


def describe(signal: Signal) -> Iterator[str]:
    """Yield lines that explain a signal to a human."""
    yield f"{signal.lat:.4f},{signal.lon:.4f} {signal.inside}{_near(signal)}"
    yield signal.because
    if signal.map_class is not None:
        which = "" if signal.inside == "outdoor" else ", which is of outdoors,"
        yield f"an operator's map{which} would show: {signal.map_class}"
    for heard in signal.heard:
        way = f"{heard.distance_m / 1000:.1f} km, {heard.model}, {heard.frequency_mhz:.0f} MHz"
        yield f"  {heard.rsrp_dbm:7.1f} dBm  {heard.cell} ({way})"
    if signal.synthetic:
        yield "Synthetic: no cell and no tunnel's place is real."


def draw(out: str | Path, *, seed: int = 0, pixels_per_km: float = 1.0) -> None:
    """Write a picture of the synthetic map to `out`; CoverageError when Pillow is not installed."""
    draw_map(out, World(seed, chart=chart), pixels_per_km=pixels_per_km)


def _near(signal: Signal) -> str:
    if signal.town is None or signal.county is None:
        return ""
    return f", {signal.town_km:.1f} km from {signal.town} in {norway.counties()[signal.county].name}"
