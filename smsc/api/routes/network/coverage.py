"""`/coverage`: the map: land and towns, the strength of the signal, cells, phones."""

import asyncio
from typing import Annotated, Literal

from fastapi import APIRouter, Query

from smsc.api.facade.network import CoverageMap
from smsc.api.facade.server import Server
from smsc.api.replies import Json, in_steps
from smsc.api.shapes.describing import answers, listed

Latitude = Annotated[float, Query(ge=-90, le=90, description="Degrees, north positive.")]
Longitude = Annotated[float, Query(ge=-180, le=180, description="Degrees, east positive.")]
Side = Annotated[int, Query(ge=1, le=64, description="Squares along this side.")]


def router(server: Server) -> APIRouter:
    control: object = server.control
    routes = APIRouter(prefix="/coverage", tags=["coverage"])
    if isinstance(control, CoverageMap):
        _ground(routes, control)
        _signal(routes, control)
    return routes


async def _charted(control: CoverageMap) -> None:
    """The map is made when somebody looks, on a thread of its own: messages go on meanwhile."""
    if not control.is_charted():
        control.chart(await asyncio.to_thread(control.survey))


def _ground(routes: APIRouter, control: CoverageMap) -> None:
    @routes.get(
        "/outline",
        summary="Show the land",
        responses=listed("land", "Rings of latitude and longitude; besides, `towns` and `counties`."),
    )
    async def outline() -> Json:
        """Simplified, good to three kilometres."""
        return Json(control.coverage_outline())

    @routes.get(
        "/phones",
        summary="List phones on the map",
        responses=listed("phones", "Those that stand for themselves; besides, `ranges` and how many `more`."),
    )
    async def phones(south: Latitude, west: Longitude, north: Latitude, east: Longitude) -> Json:
        """With position, coverage, and how many messages wait for each; at most 2000."""
        return Json(await in_steps(control.coverage_phones((south, west, north, east))))


def _signal(routes: APIRouter, control: CoverageMap) -> None:
    turn = asyncio.Lock()

    @routes.get(
        "/raster",
        summary="Show the signal in squares",
        responses=answers(200, None, "`squares`: a digit each, from the north-west row by row."),
    )
    async def raster(
        south: Latitude, west: Longitude, north: Latitude, east: Longitude, columns: Side, rows: Side
    ) -> Json:
        """Outdoors and now: 0 none, 1 basic, 2 good, 3 very good. Invented, like every cell."""
        await _charted(control)
        async with turn:  # one at a time: however many are asked for, a turn of the loop has one step
            return Json(await in_steps(control.coverage_raster((south, west, north, east), columns, rows)))

    @routes.get(
        "/cells",
        summary="List cells",
        responses=listed("cells", "The cells in a box, at most 400; besides, their `count` and `tunnels`."),
    )
    async def cells(south: Latitude, west: Longitude, north: Latitude, east: Longitude) -> Json:
        await _charted(control)
        return Json(control.coverage_cells((south, west, north, east)))

    @routes.get(
        "/at",
        summary="Explain the signal at a position",
        responses=answers(200, None, "What is heard there, and why it is as it is."),
    )
    async def signal(
        lat: Latitude,
        lon: Longitude,
        inside: Annotated[
            Literal["outdoor", "car", "indoor"], Query(description="What weakens the signal.")
        ] = "outdoor",
    ) -> Json:
        await _charted(control)
        return Json(control.coverage_at(lat, lon, inside))
