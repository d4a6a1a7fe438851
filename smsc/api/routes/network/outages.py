"""`/outages`: when a cell, a zone or a county is down, planned ahead or from now on."""

from typing import Annotated, Literal

from fastapi import APIRouter, Body, Path

from smsc.api.bodies.zones import OutagesBody
from smsc.api.facade.server import Server
from smsc.api.replies import Json
from smsc.api.shapes.describing import answers
from smsc.api.shapes.zones import Outages, PlannedOutages

Kind = Annotated[Literal["zone", "cell", "county"], Path(description="What is down.")]
# `:path` because a zone's name may hold a slash.
Name = Annotated[
    str,
    Path(min_length=1, max_length=200, description="Its name; of a county also its number.", examples=["46"]),
]
EXAMPLES = {
    "now": {"summary": "Down from now on", "value": {"outages": [{"note": "cable cut"}]}},
    "planned": {
        "summary": "Two hours every night",
        "value": {"outages": [{"from": "2026-01-01T02:00:00Z", "duration": "2h", "every": "24h"}]},
    },
    "over": {"summary": "Everything works again", "value": {"outages": []}},
}


def router(server: Server) -> APIRouter:
    control = server.control
    routes = APIRouter(prefix="/outages", tags=["outages"])

    @routes.get("", summary="List outages", responses=answers(200, Outages, "All that is planned."))
    async def listing() -> Json:
        return Json(control.outages())

    @routes.put(
        "/{kind}/{name:path}",
        summary="Plan outages anew",
        responses=answers(200, PlannedOutages, "What is planned now.", 404, 422),
    )
    async def replace(
        kind: Kind, name: Name, body: Annotated[OutagesBody, Body(openapi_examples=EXAMPLES)]
    ) -> Json:
        """Replaces what was planned for it. Whoever waits for coverage is looked at again at once."""
        document = control.put_outages(kind, name, body.given())
        await server.committed()
        return Json(document)

    return routes
