"""`/desks`: the desk of an emergency centre, logged in with the centre's own password."""

from typing import Annotated, Literal

from fastapi import APIRouter, Body, Header, Path

from smsc.api.bodies.emergency import DeskAnswerBody, DeskBody
from smsc.api.facade.server import Server
from smsc.api.facade.services import DeskRoom
from smsc.api.replies import Json
from smsc.api.shapes.describing import answers, nothing

LOGINS = {"police": {"summary": "At 112", "value": {"centre": "112", "password": "nodsms"}}}
WORDS = {"way": {"summary": "Help is coming", "value": {"text": "Politiet er på vei."}}}
Token = Annotated[str, Header(alias="X-Desk", description="The token that logging in gave.")]
Number = Annotated[str, Path(max_length=21, description="Who wrote.", examples=["4790000112"])]


def router(server: Server) -> APIRouter:
    told: object = server
    routes = APIRouter(prefix="/desks", tags=["emergency"])
    if not isinstance(told, DeskRoom):
        return routes
    room = told

    @routes.post(
        "",
        summary="Log in to a desk",
        status_code=201,
        responses=answers(201, None, "The desk's number, and its token for `X-Desk`.", 403, 404, 409),
    )
    async def log_in(body: Annotated[DeskBody, Body(openapi_examples=LOGINS)]) -> Json:
        """The server binds as the centre's ESME with this password: the bind decides."""
        return Json(await room.desks.log_in(body.centre, body.password), 201)

    @routes.delete("", summary="Log out", **nothing("It is unbound.", 403))
    async def log_out(token: Token = "") -> None:
        await room.desks.log_out(token)

    @routes.get(
        "/dialogues",
        summary="Show a desk's dialogues",
        responses=answers(200, None, "Those of its centre, the latest first, with positions.", 403),
    )
    async def desk_dialogues(token: Token = "") -> Json:
        return Json(await room.desks.dialogues(token))

    @routes.put(
        "/dialogues/{number}/{action}",
        summary="Take, release, close or open a dialogue",
        responses=answers(200, None, "The dialogue.", 403, 404, 409),
    )
    async def act(
        number: Number, action: Literal["take", "release", "close", "open"], token: Token = ""
    ) -> Json:
        """The first desk that takes it keeps it until it lets go, logs out or loses its bind."""
        return Json(await room.desks.act(token, number, action))

    @routes.post(
        "/dialogues/{number}/answers",
        summary="Answer",
        status_code=201,
        responses=answers(201, None, "The dialogue with the answer.", 403, 404, 409, 422),
    )
    async def answer(
        number: Number, body: Annotated[DeskAnswerBody, Body(openapi_examples=WORDS)], token: Token = ""
    ) -> Json:
        """Goes as submit_sm from the centre's number, and takes the dialogue."""
        return Json(await room.desks.answer(token, number, body.text), 201)

    return routes
