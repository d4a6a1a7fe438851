"""`/clock`: the SMSC clock, and moving it."""

from typing import Annotated

from fastapi import APIRouter, Body

from smsc.api.bodies.clock import AdvanceBody, ClockBody
from smsc.api.facade.server import Server
from smsc.api.replies import Json
from smsc.api.shapes.clock import Advanced, Clock
from smsc.api.shapes.describing import answers

SETTINGS = {
    "manual": {"summary": "Only tests move it", "value": {"mode": "manual"}},
    "fast": {"summary": "An hour a minute", "value": {"mode": "x60"}},
    "moment": {"summary": "New Year", "value": {"mode": "manual", "now": "2027-01-01T00:00:00Z"}},
}
STEPS = {
    "seconds": {"summary": "Two hours", "value": {"seconds": 7200}},
    "duration": {"summary": "An hour and a half", "value": {"seconds": "1h30m"}},
    "to": {"summary": "To a moment", "value": {"to": "2026-01-01T12:00:00Z"}},
    "idle": {"summary": "Until nothing is unfinished", "value": {"until": "idle"}},
}


def router(server: Server) -> APIRouter:
    control = server.control
    routes = APIRouter(prefix="/clock", tags=["clock"])

    @routes.get("", summary="Show the clock", responses=answers(200, Clock, "Mode and moment."))
    async def show() -> Json:
        return Json(control.clock())

    @routes.put("", summary="Set the clock", responses=answers(200, Clock, "Mode and moment now.", 409, 422))
    async def change(body: Annotated[ClockBody, Body(openapi_examples=SETTINGS)]) -> Json:
        """The clock never goes back."""
        control.set_clock(body.given())
        await server.committed()
        await server.committed()  # what came due
        return Json(control.clock())

    @routes.post(
        "/advance",
        summary="Advance a manual clock",
        responses=answers(200, Advanced, "All that was due has happened.", 409, 422),
    )
    async def advance(body: Annotated[AdvanceBody, Body(openapi_examples=STEPS)]) -> Json:
        """Fire what is due in due order and wait for deliveries in flight.

        Waits at most `settle` real seconds in all; what has not answered then is listed under `unsettled`.
        """
        document = await server.advance(**body.given())
        await server.committed()
        return Json(document)

    return routes
