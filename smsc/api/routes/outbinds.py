"""`/outbinds`: ESMEs that the server calls."""

from typing import Annotated

from fastapi import APIRouter, Body, Path

from smsc.api.bodies.esmes import OutbindBody
from smsc.api.facade.server import Server
from smsc.api.facade.sessions import Dialling
from smsc.api.replies import Json, all_of
from smsc.api.shapes.describing import answers, nothing
from smsc.api.shapes.sessions import Outbind, Outbinds

OutbindId = Annotated[int, Path(alias="id", ge=0, lt=2**63, description="Id of the outbind.", examples=[1])]
EXAMPLES = {
    "once": {"summary": "Now and once", "value": {"system_id": "shop", "host": "127.0.0.1", "port": 2776}},
    "again": {
        "summary": "Again whenever the connection is gone",
        "value": {"system_id": "shop", "host": "127.0.0.1", "port": 2776, "retry": "30s"},
    },
}


def router(server: Server) -> APIRouter:
    control = server.control
    routes = APIRouter(prefix="/outbinds", tags=["sessions"])
    if not isinstance(control, Dialling):
        return routes

    @routes.get("", summary="List outbinds", responses=answers(200, Outbinds, "All ESMEs that were dialled."))
    async def outbinds() -> Json:
        return all_of("outbinds", control.outbinds())

    @routes.post(
        "",
        summary="Dial an ESME",
        status_code=201,
        responses=answers(201, Outbind, "It is being dialled; ask again for what came of it.", 409, 422),
    )
    async def dial(body: Annotated[OutbindBody, Body(openapi_examples=EXAMPLES)]) -> Json:
        """The server connects and says `outbind`; the ESME is to answer with `bind_receiver` on that
        connection (SMPP 3.4 §4.1.7). Its bind is judged like any other."""
        document = control.dial(body.given())
        return Json(document, 201, {"Location": f"/api/v1/outbinds/{document['id']}"})

    @routes.get("/{id}", summary="Show an outbind", responses=answers(200, Outbind, "The outbind.", 404))
    async def show_outbind(outbind_id: OutbindId) -> Json:
        return Json(control.outbind(outbind_id))

    @routes.delete(
        "/{id}",
        summary="Dial no more",
        **nothing("It is forgotten; a session that it has bound stays.", 404),
    )
    async def end_outbind(outbind_id: OutbindId) -> None:
        control.end_outbind(outbind_id)

    return routes
