"""`/reset`: begin anew, as configured."""

from fastapi import APIRouter, Response

from smsc.api.facade.server import Resetting, Server
from smsc.api.replies import in_steps
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
        responses=answers(
            204, None, "All messages are gone, and the world is as it was configured.", 409, 503
        ),
    )
    async def reset() -> Response:
        """Messages, and all changes of subscribers, zones, ESMEs, registrations, outages and faults. Sessions
        stay bound, and the clock goes on: it never goes back."""
        await in_steps(control.reset())
        return Response(status_code=204)

    return routes
