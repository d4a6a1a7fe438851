"""`/reset`: begin anew, as configured."""

from fastapi import APIRouter

from smsc.api.facade.server import Resetting, Server
from smsc.api.replies import in_steps
from smsc.api.shapes.describing import nothing


def router(server: Server) -> APIRouter:
    control = server.control
    routes = APIRouter(prefix="/reset", tags=["clock"])
    if not isinstance(control, Resetting):
        return routes

    @routes.post(
        "",
        summary="Forget everything that happened",
        **nothing("All messages are gone, and the world is as it was configured.", 409, 503),
    )
    async def reset() -> None:
        """Messages, and all changes of subscribers, zones, ESMEs, registrations, outages and faults. Sessions
        stay bound, and the clock goes on: it never goes back."""
        await in_steps(control.reset())

    return routes
