"""`/register`: the contact and reservation register in the public one's REST shape, when there is one."""

from typing import Annotated, Literal

from fastapi import APIRouter, Body, Header, Path

from smsc.api.bodies import LookupBody
from smsc.api.facade import Register, Server
from smsc.api.replies import Json
from smsc.api.shapes import answers

EXAMPLES = {"one": {"summary": "One person", "value": {"personidentifikatorer": ["20914695016"]}}}


def router(server: Server) -> APIRouter:
    control: object = server.control
    routes = APIRouter(prefix="/register", tags=["register"])
    if not isinstance(control, Register):
        return routes
    look_up = control.register_lookup

    @routes.post(
        "/rest/{version}/personer",
        summary="Look persons up",
        responses=answers(200, None, "What the register holds of each.", 400, 401, 403),
    )
    async def persons(
        version: Annotated[Literal["v1", "v2"], Path(description="Version of the public interface.")],
        body: Annotated[LookupBody, Body(openapi_examples=EXAMPLES)],
        authorization: Annotated[str, Header(description="`Bearer` and the agency's token.")] = "",
    ) -> Json:
        """The bearer token is the agency's, not the API's; every look-up is logged."""
        scheme, _, token = authorization.partition(" ")
        agency = token.strip() if scheme.lower() == "bearer" else None
        given = body.personidentifikatorer
        document = look_up(agency, int(version[1:]), given, body.inkluderIkkeRegistrerte)
        # The look-up's log entry is a record too.
        await server.committed()
        return Json(document)

    return routes
