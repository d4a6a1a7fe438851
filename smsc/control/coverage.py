"""The map: land, towns, cells and how strong the signal is; which phones are where."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from itertools import islice
from typing import Any

from smsc.control.base import ControlBase
from smsc.coverage import norway, synthetic
from smsc.coverage.documents.cells import CellInfo
from smsc.coverage.documents.zones import write_zone
from smsc.coverage.place import RECEPTION_NAMES, Zone
from smsc.coverage.radio import THRESHOLD_DBM, Cell
from smsc.routing.subscribers import Subscriber

#: RSRP (dBm) from which a square is basic, good, very good: the classes of an operator's map.
_CLASSES = (THRESHOLD_DBM, THRESHOLD_DBM + 10.0, THRESHOLD_DBM + 20.0)
#: Squares and subscribers that one step looks at: some 2 ms of plain Python.
_SQUARES, _SUBSCRIBERS = 24, 200
_CELLS = 400
_PHONES = 2_000


#: south, west, north, east in degrees; a box never crosses the antimeridian
Edges = tuple[float, float, float, float]


class CoverageControl(ControlBase):
    """What can be asked about the map."""

    def coverage_outline(self) -> dict[str, Any]:
        """The land, good to some kilometres, the towns, the counties; the same in every server."""
        return {
            "land": [[list(point) for point in island.points] for island in norway.land()],
            "towns": [
                {"name": town.name, "lat": town.lat, "lon": town.lon, "population": town.population}
                for town in norway.towns()
            ],
            "counties": [{"id": county.id, "name": county.name} for county in norway.counties().values()],
        }

    def is_charted(self) -> bool:
        """Whether the cells of the synthetic map are there."""
        return self.world.coverage.is_charted

    def survey(self) -> list[Cell]:
        """The cells of the synthetic map; takes a quarter of a second and touches nothing, on any thread."""
        return synthetic.cells(self.world.coverage.seed)

    def chart(self, cells: Sequence[Cell]) -> None:
        """Take in what ``survey`` gave, unless somebody asked for a position meanwhile."""
        self.world.coverage.chart(cells, synthetic.tunnels(self.world.coverage))

    def coverage_raster(self, box: Edges, columns: int, rows: int) -> Generator[None, None, dict[str, Any]]:
        """How strong the signal is outdoors now, in squares from the north-west, row by row.

        Each is a digit: 0 none, 1 basic, 2 good, 3 very good. In steps of a few milliseconds.
        """
        radio, now = self.world.coverage.radio, self.engine.clock.now()
        south, west, north, east = box
        squares = bytearray()
        for row in range(rows):
            lat = north - (row + 0.5) * (north - south) / rows
            for column in range(columns):
                lon = west + (column + 0.5) * (east - west) / columns
                heard = 0
                if radio.region(lat, lon).cells:
                    level = radio.level(lat, lon, now, _CLASSES[-1])
                    heard = sum(level >= least for least in _CLASSES)
                squares.append(48 + heard)
                if len(squares) % _SQUARES == 0:
                    yield
        return {"columns": columns, "rows": rows, "squares": squares.decode()}

    def coverage_cells(self, box: Edges) -> dict[str, Any]:
        """The cells in a box, at most 400, and how many there are; and the tunnels of the map."""
        now = self.engine.clock.now()
        coverage = self.world.coverage
        found = [cell for cell in coverage.cells.values() if _holds(box, cell.lat, cell.lon)]
        return {
            "count": len(found),
            "cells": [_cell(cell, now) for cell in found[:_CELLS]],
            "tunnels": [
                {"name": name, **write_zone(tunnel)}
                for name, tunnel in coverage.tunnels.items()
                if tunnel.geometry is not None and _holds(box, *tunnel.geometry.centre)
            ],
        }

    def coverage_at(self, lat: float, lon: float, inside: str) -> dict[str, Any]:
        """The signal at a position, and why."""
        return self.world.coverage.at(lat, lon, self.engine.clock.now(), inside).as_dict()

    def coverage_phones(self, box: Edges) -> Generator[None, None, dict[str, Any]]:
        """The phones in a box: at most 2000 that stand for themselves, and the ranges. In steps."""
        phones: list[dict[str, Any]] = []
        more = 0
        own = self.registry.touched()
        while batch := list(islice(own, _SUBSCRIBERS)):
            for subscriber in batch:
                told = self._located(subscriber, box)
                if told is not None and len(phones) < _PHONES:
                    phones.append(told)
                elif told is not None:
                    more += 1
            yield
        phones.sort(key=lambda phone: int(phone["msisdn"]))
        return {"phones": phones, "more": more, "ranges": self._ranges(box)}

    def _located(self, subscriber: Subscriber, box: Edges) -> dict[str, Any] | None:
        now = self.engine.clock.now()
        place = subscriber.place
        position = place.position(now)
        if position is None or not _holds(box, *position):
            return None
        waiting = self.engine.queues.recipients.get(subscriber.msisdn)
        return {
            "msisdn": str(subscriber.msisdn),
            "lat": position[0],
            "lon": position[1],
            "zone": place.name if isinstance(place, Zone) else None,
            "coverage": RECEPTION_NAMES[place.reception(now)],
            "powered": bool(subscriber.powered),
            "track": place.as_dict().get("track"),
            "waiting": 0 if waiting is None else waiting.count,
        }

    def _ranges(self, box: Edges) -> list[dict[str, Any]]:
        now = self.engine.clock.now()
        told = []
        for first, last, prototype in self.registry.ranges():
            position = prototype.place.position(now)
            if position is not None and _holds(box, *position):
                told.append(
                    {
                        "first": str(first),
                        "last": str(last),
                        "count": last - first + 1,
                        "zone": prototype.place.name,
                        "lat": position[0],
                        "lon": position[1],
                    }
                )
        return told


def _holds(box: Edges, lat: float, lon: float) -> bool:
    south, west, north, east = box
    return south <= lat <= north and west <= lon <= east


def _cell(cell: Cell, now: int) -> dict[str, Any]:
    info = cell.info
    return {
        "name": cell.name,
        "lat": cell.lat,
        "lon": cell.lon,
        "reach_m": cell.reach,
        "county": cell.county,
        "frequency_mhz": info.frequency_mhz if isinstance(info, CellInfo) else None,
        "down": cell.schedule is not None and cell.schedule.is_down(now),
    }
