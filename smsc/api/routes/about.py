"""`/server`: what this server is, and where it listens."""

from fastapi import APIRouter

from smsc.api.facade.server import Described, Server
from smsc.api.replies import Json
from smsc.api.shapes.describing import answers
from smsc.api.shapes.server import ServerAbout


def router(server: Server) -> APIRouter:
    routes = APIRouter(prefix="/server", tags=["server"])
    told: object = server
    if isinstance(told, Described):
        described = told

        @routes.get(
            "", summary="Show the server", responses=answers(200, ServerAbout, "Version, addresses, store.")
        )
        async def show() -> Json:
            return Json(described.about())

    return routes
