"""`/sessions`: who is bound."""

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query

from smsc.api.facade.server import Server
from smsc.api.facade.sessions import Tracing
from smsc.api.replies import Json, all_of, in_steps
from smsc.api.shapes.describing import answers, nothing
from smsc.api.shapes.sessions import Pdus, Session, Sessions

SessionId = Annotated[int, Path(alias="id", ge=0, lt=2**63, description="Id of the session.", examples=[3])]


def add_tracing(routes: APIRouter, server: Server, control: Tracing) -> None:
    """What goes over a session."""

    @routes.get(
        "/{id}/pdus",
        summary="Show a session's last PDUs",
        responses=answers(200, Pdus, "What was kept of the session, oldest first.", 404, 409),
    )
    async def pdus(
        session_id: SessionId,
        limit: Annotated[int, Query(ge=1, le=10_000, description="At most this many, the last ones.")] = 100,
    ) -> Json:
        """Decoded, with texts. Kept of sessions that are traced, by configuration or by `PUT .../trace`."""
        await in_steps(server.control.session_here(session_id))
        return Json(control.session_pdus(session_id, limit))

    @routes.put(
        "/{id}/trace",
        summary="Trace a session",
        responses=answers(200, Pdus, "Its PDUs are kept from now on.", 404, 409),
    )
    async def trace(session_id: SessionId) -> Json:
        await in_steps(server.control.session_here(session_id))
        return Json(control.trace_session(session_id))


def router(server: Server) -> APIRouter:
    control = server.control
    routes = APIRouter(prefix="/sessions", tags=["sessions"])

    @routes.get(
        "",
        summary="List sessions",
        responses=answers(200, Sessions, "All bound sessions, or those that have ended."),
    )
    async def listing(
        ended: Annotated[
            bool, Query(description="The last hundred that have ended at this node instead.")
        ] = False,
        here: Annotated[bool, Query(description="Only those of the node that is asked.")] = False,
    ) -> Json:
        """Why a submission was refused stands in its session's `events`, also after the session's end.

        Of several nodes each shows the sessions of all (of each other node at most a thousand); `window`,
        `resting` and `counters` of a session, and its `events`, are known to its own node only."""
        if ended or here:
            return all_of("sessions", control.sessions(ended))
        return all_of("sessions", await in_steps(control.bound_anywhere()))

    @routes.get("/{id}", summary="Show a session", responses=answers(200, Session, "The session.", 404))
    async def show(session_id: SessionId) -> Json:
        return Json(await in_steps(control.session_anywhere(session_id)))

    if isinstance(control, Tracing):
        add_tracing(routes, server, control)

    @routes.delete(
        "/{id}",
        summary="End a session",
        **nothing("It is being ended.", 404, 409),
    )
    async def end(
        session_id: SessionId,
        how: Annotated[
            Literal["unbind", "drop"],
            Query(
                description="`unbind` sends an unbind and waits for the peer, `drop` closes the connection."
            ),
        ] = "unbind",
    ) -> None:
        await in_steps(control.session_here(session_id))
        control.drop_session(session_id, how)
        await server.committed()

    return routes
