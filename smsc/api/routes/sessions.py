"""`/sessions`: who is bound."""

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Response

from smsc.api.facade import Server
from smsc.api.replies import Json
from smsc.api.shapes import Session, Sessions, answers

SessionId = Annotated[int, Path(alias="id", ge=0, lt=2**63, description="Id of the session.", examples=[3])]


def router(server: Server) -> APIRouter:
    control = server.control
    routes = APIRouter(prefix="/sessions", tags=["sessions"])

    @routes.get("", summary="List sessions", responses=answers(200, Sessions, "All bound sessions."))
    async def listing() -> Json:
        return Json({"sessions": list(control.sessions())})

    @routes.get("/{id}", summary="Show a session", responses=answers(200, Session, "The session.", 404))
    async def show(session_id: SessionId) -> Json:
        return Json(control.session(session_id))

    @routes.delete(
        "/{id}",
        summary="End a session",
        status_code=204,
        responses=answers(204, None, "It is being ended.", 404),
    )
    async def end(
        session_id: SessionId,
        how: Annotated[
            Literal["unbind", "drop"],
            Query(
                description="`unbind` sends an unbind and waits for the peer, `drop` closes the connection."
            ),
        ] = "unbind",
    ) -> Response:
        control.drop_session(session_id, how)
        await server.committed()
        return Response(status_code=204)

    return routes
