"""Draws the world as a picture: coverage classes, towns, tunnels, zones (optional extra `map`: Pillow)."""

from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from smsc.coverage import norway
from smsc.coverage.drawing.projection import Projection
from smsc.coverage.errors import CoverageError
from smsc.coverage.geometry import Circle, Line, Point, Shape
from smsc.coverage.place import COVERAGE_WORDS, Zone
from smsc.coverage.radio import THRESHOLD_DBM
from smsc.coverage.synthetic import population_covered
from smsc.coverage.world import World

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont

ABROAD, LAND, INK, PAPER = (227, 233, 238), (246, 243, 236), (32, 38, 46), (255, 255, 255)
#: Least RSRP (dBm), colour, what the legend says; the strongest first.
CLASSES = (
    (THRESHOLD_DBM + 20.0, (27, 120, 88), "very good  (20 dB over basic)"),
    (THRESHOLD_DBM + 10.0, (95, 178, 120), "good  (10 dB over basic)"),
    (THRESHOLD_DBM, (184, 221, 164), "basic  (-120 dBm or more, outdoors)"),
)
TUNNEL = (196, 36, 48)
#: Zones without, with weak and with good coverage.
ZONES = ((120, 40, 130), (214, 140, 20), (30, 90, 170))
#: Lengths of the scale bar; the first that is not too long is taken.
SCALE_BARS_KM = (200, 100, 50, 20, 10, 5, 2, 1)
#: Lines and letters are drawn this many times larger and then reduced, which smooths them.
FINE = 2
#: Towns of this size have a dot; names are written while there is room, the largest towns first.
LEAST_DOT, LEAST_NAME = 2_000, 4_000
#: Fonts with Norwegian letters, as they are called on Linux, macOS and Windows.
FACES = ("DejaVuSans.ttf", "LiberationSans-Regular.ttf", "Arial.ttf", "arial.ttf")
_PLAIN = str.maketrans({"æ": "ae", "ø": "oe", "å": "aa", "Æ": "Ae", "Ø": "Oe", "Å": "Aa"})


def draw_map(
    path: str | Path,
    world: World,
    *,
    now: int = 0,
    pixels_per_km: float = 1.0,
    positions: Sequence[Point] | None = None,
) -> None:
    """Write a PNG of the coverage at `now` (ms) to `path`, wide enough for all `positions` (default: Norway).

    All of Norway at one pixel a km takes about four seconds compiled, half a minute interpreted.
    CoverageError when Pillow is not installed.
    """
    try:
        from PIL import Image
    except ImportError as error:
        raise CoverageError("map", str(path), "Pillow: pip install 'smsc-emulator[map]'") from error
    shown = positions or [point for island in norway.land() for point in island.points]
    sheet = Sheet(Projection(shown), pixels_per_km)
    picture = Image.new("RGB", sheet.size, ABROAD)
    picture.paste(LAND, mask=sheet.land())
    _colour(picture, sheet, world, now)
    sheet.draw_over(picture, world, now)
    picture.save(path)


class Sheet:
    """A projection at a scale, and the layer of lines and letters above the coverage."""

    def __init__(self, projection: Projection, pixels_per_km: float) -> None:
        self.projection = projection
        self.scale = pixels_per_km
        self.size = (round(projection.width * pixels_per_km), round(projection.height * pixels_per_km))
        self.taken: list[tuple[float, float, float, float]] = []

    def land(self) -> "Image":
        """Return a mask of the land."""
        from PIL import Image, ImageDraw

        mask = Image.new("L", self.size, 0)
        brush = ImageDraw.Draw(mask)
        for island in norway.land():
            brush.polygon([self.at(*point) for point in island.points], fill=255)
        return mask

    def at(self, lat: float, lon: float, fine: int = 1) -> Point:
        """Return the pixel of a position."""
        x, y = self.projection.forward(lat, lon)
        return x * self.scale * fine, y * self.scale * fine

    def draw_over(self, picture: "Image", world: World, now: int) -> None:
        """Draw coast, zones, tunnels, towns and the legend over the coverage."""
        from PIL import Image, ImageDraw

        layer = Image.new("RGBA", (self.size[0] * FINE, self.size[1] * FINE), (*PAPER, 0))
        brush = ImageDraw.Draw(layer)
        for island in norway.land():
            ring = [self.at(*point, FINE) for point in (*island.points, island.points[0])]
            brush.line(ring, fill=(120, 135, 148, 160), width=FINE)
        corner = self._reserve(world)
        for zone in world.zones.values():
            if zone.geometry is not None:
                self._zone(brush, zone, zone.geometry, now)
        for tunnel in world.tunnels.values():
            self._tunnel(brush, tunnel)
        self._towns(brush)
        self._legend(brush, world, *corner)
        layer = layer.resize(self.size, Image.Resampling.LANCZOS)
        picture.paste(layer, mask=layer)

    def _zone(self, brush: "ImageDraw", zone: Zone, shape: Shape, now: int) -> None:
        colour = ZONES[zone.reception(now)]
        if isinstance(shape, Circle):
            x, y = self.at(*shape.centre, FINE)
            radius = shape.size / 1000.0 * self.scale * FINE
            brush.ellipse((x - radius, y - radius, x + radius, y + radius), (*colour, 70), colour, 2 * FINE)
        elif isinstance(shape, Line):
            brush.line([self.at(*point, FINE) for point in shape.points], fill=colour, width=4 * FINE)
        else:
            brush.polygon([self.at(*point, FINE) for point in shape.points], (*colour, 70), colour, 2 * FINE)
        self._write(brush, self.at(*shape.centre, FINE), zone.name, 13, colour, forced=True)

    def _tunnel(self, brush: "ImageDraw", tunnel: Zone) -> None:
        shape = tunnel.geometry
        assert shape is not None
        ends = [self.at(*point, FINE) for point in shape.points]
        for colour, width in ((PAPER, 6), (TUNNEL, 3)):
            brush.line(ends, fill=colour, width=width * FINE)
            for x, y in ends:
                half = width * FINE / 2
                brush.ellipse((x - half, y - half, x + half, y + half), colour)

    def _towns(self, brush: "ImageDraw") -> None:
        towns = sorted(norway.towns(), key=lambda town: -town.population)
        for town in towns:
            if town.population >= LEAST_DOT:
                x, y = self.at(town.lat, town.lon, FINE)
                half = (1.3 + (town.population / 60_000) ** 0.5) * FINE
                brush.ellipse((x - half, y - half, x + half, y + half), INK, PAPER, FINE // 2)
        for town in towns:
            if town.population >= LEAST_NAME / self.scale:
                size = 15 if town.population >= 100_000 else 13 if town.population >= 20_000 else 11
                self._write(brush, self.at(town.lat, town.lon, FINE), town.name, size, INK)

    def _write(
        self,
        brush: "ImageDraw",
        at: Point,
        text: str,
        size: int,
        colour: tuple[int, ...],
        forced: bool = False,
    ) -> None:
        """Write beside a point where there is room; `forced`: over it in any case."""
        face, text = _face(size * FINE), _spell(text)
        x, y = at
        gap = 5 * FINE
        for anchor, left, top in (
            ("lm", x + gap, y),
            ("rm", x - gap, y),
            ("mb", x, y - gap),
            ("mt", x, y + gap),
        ):
            box = brush.textbbox((left, top), text, font=face, anchor=anchor)
            inside = box[0] > 0 and box[2] < self.size[0] * FINE
            if forced or (inside and not any(_overlap(box, other) for other in self.taken)):
                self.taken.append(box)
                brush.text(
                    (left, top),
                    text,
                    colour,
                    face,
                    anchor,
                    stroke_width=3 * FINE // 2,
                    stroke_fill=(*PAPER, 225),
                )
                return

    def _reserve(self, world: World) -> tuple[float, float]:
        """Return the upper left corner of the legend, in the lower right; names keep out of it."""
        width, height = 380 * FINE, (272 if world.tunnels else 216) * FINE
        height += 69 * FINE if self._zoned(world) else 0
        left, top = (self.size[0] - 24) * FINE - width, (self.size[1] - 24) * FINE - height
        self.taken.append((left, top, left + width, top + height))
        return left, top

    def _legend(self, brush: "ImageDraw", world: World, left: float, top: float) -> None:
        """Draw the box that says what is what, and that it is synthetic."""
        frame = next(box for box in self.taken if box[:2] == (left, top))
        brush.rounded_rectangle(frame, 8 * FINE, (*PAPER, 240), (150, 158, 166))
        line, left = top + 14 * FINE, left + 18 * FINE
        for text, size, colour, step in self._words(world):
            brush.text((left, line), text, colour, _face(size * FINE))
            line += step * FINE
        rows = [(colour, text) for _, colour, text in CLASSES]
        rows.append((LAND, "no coverage"))
        if self._zoned(world):
            rows.extend((ZONES[state], f"zone with {COVERAGE_WORDS[state]}") for state in (2, 1, 0))
        for colour, text in rows:
            brush.rectangle((left, line, left + 28 * FINE, line + 15 * FINE), colour, (150, 158, 166))
            brush.text((left + 40 * FINE, line), text, INK, _face(13 * FINE))
            line += 23 * FINE
        if world.tunnels:
            brush.line((left, line + 8 * FINE, left + 28 * FINE, line + 8 * FINE), TUNNEL, 3 * FINE)
            brush.text((left + 40 * FINE, line), "road tunnel without service", INK, _face(13 * FINE))
            line += 30 * FINE
        length = next(km for km in SCALE_BARS_KM if km * self.scale <= 120 or km == SCALE_BARS_KM[-1])
        end = left + length * self.scale * FINE
        brush.line((left, line + 8 * FINE, end, line + 8 * FINE), INK, 2 * FINE)
        brush.text((end + 12 * FINE, line), f"{length} km", INK, _face(13 * FINE))

    @staticmethod
    def _zoned(world: World) -> bool:
        return any(zone.geometry is not None for zone in world.zones.values())

    @staticmethod
    def _words(world: World) -> Iterator[tuple[str, int, tuple[int, ...], int]]:
        yield "Coverage of the simulated network", 18, INK, 28
        if world.tunnels:
            yield "SYNTHETIC: every cell is invented, every tunnel's", 13, TUNNEL, 17
            yield "place too. It says nothing about a real network.", 13, TUNNEL, 24
            covered = f"{100.0 * population_covered(world):.1f} % of the population as placed"
            yield f"{len(world.cells)} cells, seed {world.seed}: {covered}", 13, INK, 24
        else:
            yield f"{len(world.cells)} cells", 13, INK, 24


def _colour(picture: "Image", sheet: Sheet, world: World, now: int) -> None:
    """Colour every pixel by the strongest cell there; abroad and the sea shine through."""
    radio, enough = world.radio, CLASSES[0][0]
    pixels: Any = picture.load()
    width, height = sheet.size
    for row in range(height):
        for column in range(width):
            lat, lon = sheet.projection.back((column + 0.5) / sheet.scale, (row + 0.5) / sheet.scale)
            if not radio.region(lat, lon).cells:
                continue
            level = radio.level(lat, lon, now, enough)
            for least, colour, _ in CLASSES:
                if level >= least:
                    below = pixels[column, row]
                    pixels[column, row] = colour if below != ABROAD else _blend(colour, ABROAD)
                    break


def _blend(colour: tuple[int, ...], below: tuple[int, ...]) -> tuple[int, ...]:
    return tuple((a + 2 * b) // 3 for a, b in zip(colour, below, strict=True))


@cache
def _face(size: int) -> "FreeTypeFont":
    """Return a font that can write Norwegian where the system has one, else the one that Pillow brings."""
    from PIL import ImageFont

    for name in FACES:
        try:
            return ImageFont.truetype(name, size)
        except OSError:
            continue
    face = ImageFont.load_default(size)
    if not isinstance(face, ImageFont.FreeTypeFont):
        raise CoverageError("map", "Pillow without FreeType", "a Pillow that can draw letters")
    return face


def _spell(text: str) -> str:
    """Return `text` as the font can write it: Pillow's own has no Norwegian letters."""
    if _face(13).getname()[0] != "Aileron":
        return text
    return text.translate(_PLAIN)


def _overlap(a: tuple[float, float, float, float], b: tuple[float, float, float, float]) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
