"""`/refusals`: what was refused lately, whoever refused it, and what would have been right."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query

from smsc.api.facade.server import Server
from smsc.api.replies import Json, all_of
from smsc.api.shapes.describing import answers
from smsc.api.shapes.refusals import Refusals

What = Literal["bind", "submission", "request", "PDU", "answer", "connection"]


def router(server: Server) -> APIRouter:
    routes = APIRouter(prefix="/refusals", tags=["refusals"])

    @routes.get("", summary="List refusals", responses=answers(200, Refusals, "The latest first."))
    async def listing(
        what: Annotated[What | None, Query(description="Only of this kind.")] = None,
        limit: Annotated[int, Query(ge=1, le=1000, description="At most so many.")] = 100,
    ) -> Json:
        """The last ones since the server started: 1000 submissions, 200 of each other kind. Submissions are
        also found as messages, with `state:refused`."""
        return all_of("refusals", server.control.refusals(what, limit))

    return routes
