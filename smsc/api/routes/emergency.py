"""`/emergency`: registrations for emergency SMS (Nød-SMS)."""

from typing import Annotated

from fastapi import APIRouter, Body, Response

from smsc.api.bodies import RegistrationBody
from smsc.api.facade import Server
from smsc.api.replies import Json, exists, put
from smsc.api.routes.subscribers import Msisdn
from smsc.api.shapes import Registration, Registrations, answers

EXAMPLES = {
    "bare": {"summary": "Just the number", "value": {}},
    "person": {"summary": "With the user's data", "value": {"name": "Kari Nordmann", "postcode": "0150"}},
}


def router(server: Server) -> APIRouter:
    control = server.control
    routes = APIRouter(prefix="/emergency/registrations", tags=["emergency"])

    @routes.get(
        "",
        summary="List registrations",
        responses=answers(200, Registrations, "All registrations, by number."),
    )
    async def listing() -> Json:
        return Json({"registrations": list(control.registrations())})

    @routes.get(
        "/{msisdn}",
        summary="Show a registration",
        responses=answers(200, Registration, "The registration.", 404),
    )
    async def show(msisdn: Msisdn) -> Json:
        return Json(control.registration(msisdn))

    @routes.put(
        "/{msisdn}",
        summary="Register a number",
        responses=answers(200, Registration, "It was registered; its data are updated.")
        | answers(201, Registration, "It is registered.", 422),
    )
    async def register(
        msisdn: Msisdn,
        body: Annotated[RegistrationBody | None, Body(openapi_examples=EXAMPLES)] = None,
    ) -> Json:
        """One number at a time; only Norwegian mobile numbers can register. The body may be left out."""
        existed = exists(control.registration, msisdn)
        document = control.put_registration(msisdn, body.given() if body else {})
        await server.committed()
        return put(document, existed)

    @routes.delete(
        "/{msisdn}",
        summary="Delete a registration",
        status_code=204,
        responses=answers(204, None, "The number is not registered any more.", 404),
    )
    async def remove(msisdn: Msisdn) -> Response:
        control.delete_registration(msisdn)
        await server.committed()
        return Response(status_code=204)

    return routes
