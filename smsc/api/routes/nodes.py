"""`/nodes`: the servers that are one SMSC together."""

from fastapi import APIRouter

from smsc.api.facade.server import Server
from smsc.api.facade.sessions import Sharing
from smsc.api.replies import Json, all_of
from smsc.api.shapes.describing import answers
from smsc.api.shapes.sessions import Nodes


def router(server: Server) -> APIRouter:
    control = server.control
    routes = APIRouter(prefix="/nodes", tags=["sessions"])
    if not isinstance(control, Sharing):
        return routes

    @routes.get(
        "",
        summary="List nodes",
        responses=answers(200, Nodes, "All nodes that share the store; none for a server that is alone."),
    )
    async def nodes() -> Json:
        """As the node that is asked knows them: who is alive, and how much each runs."""
        return all_of("nodes", control.nodes())

    return routes
