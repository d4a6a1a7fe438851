"""`/reset`: begin anew, as configured."""

from fastapi import APIRouter, Response

from smsc.api.facade.server import Resetting, Server
from smsc.api.shapes.describing import answers


def router(server: Server) -> APIRouter:
    control = server.control
    routes = APIRouter(prefix="/reset", tags=["clock"])
    if not isinstance(control, Resetting):
        return routes

    @routes.post(
        "",
        summary="Forget everything that happened",
        status_code=204,
        responses=answers(204, None, "All messages are gone, and the world is as it was configured."),
    )
    async def reset() -> Response:
        """Messages, and all changes of subscribers, zones, ESMEs, registrations, outages and faults. Sessions
        stay bound, and the clock goes on: it never goes back."""
        control.reset()
        await server.committed()
        await server.committed()  # what was forgotten
        return Response(status_code=204)

    return routes
