"""`/esmes`: who may bind besides handsets."""

from typing import Annotated

from fastapi import APIRouter, Body, Path

from smsc.api.bodies.esmes import EsmeBody
from smsc.api.facade.server import Server
from smsc.api.facade.sessions import Esmes as Offered
from smsc.api.replies import Json, all_of, exists, put
from smsc.api.shapes.describing import answers, nothing
from smsc.api.shapes.esmes import Esme, Esmes

SystemId = Annotated[
    str,
    Path(min_length=1, max_length=15, description="What the ESME binds with.", examples=["mygw"]),
]
EXAMPLES = {
    "gateway": {
        "summary": "A gateway with a sender of its own",
        "value": {"password": "secret", "senders": ["Mygw"], "numbers": ["59000100"]},
    },
    "farm": {
        "summary": "One bind that speaks for a range of handsets",
        "value": {
            "password": "farm2",
            "kind": "farm",
            "ranges": [{"first": "4740000000", "last": "4740009999"}],
        },
    },
}


def router(server: Server) -> APIRouter:
    control = server.control
    routes = APIRouter(prefix="/esmes", tags=["esmes"])
    if not isinstance(control, Offered):
        return routes

    @routes.get("", summary="List ESMEs", responses=answers(200, Esmes, "All ESMEs."))
    async def listing() -> Json:
        return all_of("esmes", control.esmes())

    @routes.get("/{system_id}", summary="Show an ESME", responses=answers(200, Esme, "The ESME.", 404))
    async def show(system_id: SystemId) -> Json:
        return Json(control.esme(system_id))

    @routes.put(
        "/{system_id}",
        summary="Make or replace an ESME",
        responses=answers(200, Esme, "It was there and is now so.") | answers(201, Esme, "It is new.", 422),
    )
    async def replace(
        system_id: SystemId, body: Annotated[EsmeBody, Body(openapi_examples=EXAMPLES)]
    ) -> Json:
        """A row of [[esmes]]; what it leaves out gets its default. Sessions of the ESME end, to bind anew."""
        existed = exists(control.esme, system_id)
        document = control.put_esme(system_id, body.given())
        await server.committed()
        return put(document, existed)

    @routes.delete(
        "/{system_id}",
        summary="Remove an ESME",
        **nothing("It is gone, and its sessions end.", 404, 409),
    )
    async def remove(system_id: SystemId) -> None:
        control.delete_esme(system_id)
        await server.committed()

    return routes
