"""`/faults`: what goes wrong on purpose."""

from typing import Annotated

from fastapi import APIRouter, Body

from smsc.api.bodies.server import FaultsBody
from smsc.api.facade.server import Server
from smsc.api.replies import Json
from smsc.api.shapes.describing import answers
from smsc.api.shapes.server import Faults

EXAMPLES = {
    "none": {"summary": "Nothing goes wrong", "value": {"seed": 1, "rules": []}},
    "throttled": {
        "summary": "Every tenth submit_sm of shop is refused, and one answer in a hundred is late",
        "value": {
            "seed": 1,
            "rules": [
                {"action": "status", "status": "ESME_RTHROTTLED", "system_id": "shop", "every": 10},
                {"action": "delay", "seconds": 2, "probability": 0.01},
            ],
        },
    },
}


def router(server: Server) -> APIRouter:
    control = server.control
    routes = APIRouter(prefix="/faults", tags=["faults"])

    @routes.get("", summary="Show the faults", responses=answers(200, Faults, "The triggers in force."))
    async def show() -> Json:
        return Json(control.faults())

    @routes.put(
        "", summary="Set the faults", responses=answers(200, Faults, "The triggers in force now.", 422)
    )
    async def replace(body: Annotated[FaultsBody, Body(openapi_examples=EXAMPLES)]) -> Json:
        """Replaces all triggers."""
        document = control.put_faults(body.given())
        await server.committed()
        return Json(document)

    return routes
