"""`/tags`: names for searches, so that many tests share a server and each finds its own."""

from typing import Annotated

from fastapi import APIRouter, Body, Path

from smsc.api.bodies.messages import TagBody
from smsc.api.facade.server import Server
from smsc.api.replies import Json, all_of
from smsc.api.shapes.describing import answers, listed, nothing
from smsc.api.shapes.messages import Tag

EXAMPLES = {"worker": {"summary": "What worker 3 sends and gets", "value": {"q": "to:47900003*"}}}
Name = Annotated[str, Path(max_length=64, description="Name of the tag.", examples=["worker-3"])]


def router(server: Server) -> APIRouter:
    control = server.control
    routes = APIRouter(prefix="/tags", tags=["messages"])

    @routes.get("", summary="List tags", responses=listed("tags", "All tags, by name."))
    async def tags() -> Json:
        return all_of("tags", control.tagged())

    @routes.put("/{name}", summary="Define a tag", responses=answers(200, Tag, "The tag.", 409, 422))
    async def define(name: Name, body: Annotated[TagBody, Body(openapi_examples=EXAMPLES)]) -> Json:
        """A name for a search: `tag:worker-3` in every other search stands for it from now on, for what comes
        later too. Kept until the server ends or is reset. `since:10m` in it means ten minutes before now."""
        return Json(control.put_tag(name, body.q))

    @routes.delete(
        "/{name}",
        summary="Delete a tag",
        **nothing("The name stands for nothing any more.", 404),
    )
    async def remove(name: Name) -> None:
        control.delete_tag(name)

    return routes
