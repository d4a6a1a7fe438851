"""`/zones`: where there is coverage, and where not."""

from typing import Annotated

from fastapi import APIRouter, Body, Path

from smsc.api.bodies.zones import ZoneBody
from smsc.api.facade.server import Server
from smsc.api.replies import Json, all_of, exists, put
from smsc.api.shapes.describing import answers, nothing
from smsc.api.shapes.zones import Zone, Zones

# `:path` because a zone's name may hold a slash.
Name = Annotated[
    str, Path(min_length=1, max_length=200, description="Name of the zone.", examples=["laerdal-tunnel"])
]
NEW = {
    "tunnel": {
        "summary": "No coverage; messages wait in the handset",
        "value": {"coverage": "none", "uplink": "hold"},
    },
    "weak": {"summary": "Every second attempt is lost", "value": {"coverage": "weak", "loss": 0.5}},
    "placed": {
        "summary": "A ferry's route, two kilometres wide",
        "value": {
            "coverage": "none",
            "uplink": "defer",
            "geometry": {"type": "line", "points": [[61.09, 6.55], [61.05, 6.58]], "width_m": 2000},
        },
    },
}
CHANGES = {
    "down": {
        "summary": "An outage of two hours",
        "value": {
            "outages": [{"from": "2026-01-01T12:00:00Z", "to": "2026-01-01T14:00:00Z", "note": "storm"}]
        },
    },
    "nightly": {
        "summary": "Down an hour every night",
        "value": {
            "outages": [{"from": "2026-01-01T02:00:00Z", "to": "2026-01-01T03:00:00Z", "every": "24h"}]
        },
    },
    "well": {"summary": "No outages, usual loss", "value": {"outages": None, "loss": None}},
}


def router(server: Server) -> APIRouter:
    control = server.control
    routes = APIRouter(prefix="/zones", tags=["zones"])

    @routes.get("", summary="List zones", responses=answers(200, Zones, "All zones."))
    async def listing() -> Json:
        return all_of("zones", control.zones())

    @routes.get("/{name:path}", summary="Show a zone", responses=answers(200, Zone, "The zone.", 404))
    async def show(name: Name) -> Json:
        return Json(control.zone(name))

    @routes.put(
        "/{name:path}",
        summary="Make or replace a zone",
        responses=answers(200, Zone, "It was there and is now so.") | answers(201, Zone, "It is new.", 422),
    )
    async def replace(name: Name, body: Annotated[ZoneBody, Body(openapi_examples=NEW)]) -> Json:
        """What the body leaves out gets its default."""
        existed = exists(control.zone, name)
        document = control.put_zone(name, body.given())
        await server.committed()
        return put(document, existed)

    @routes.patch(
        "/{name:path}",
        summary="Change a zone",
        responses=answers(200, Zone, "How it is now.", 404, 422),
    )
    async def change(name: Name, body: Annotated[ZoneBody, Body(openapi_examples=CHANGES)]) -> Json:
        """A merge patch: what the body leaves out stays, null brings the default back."""
        document = control.patch_zone(name, body.given())
        await server.committed()
        return Json(document)

    @routes.delete(
        "/{name:path}",
        summary="Remove a zone",
        **nothing("It is gone.", 404, 409),
    )
    async def remove(name: Name) -> None:
        control.delete_zone(name)
        await server.committed()

    return routes
