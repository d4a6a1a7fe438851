"""`/emergency`: registrations for emergency SMS (Nød-SMS), the citizen's site, exclusions, dialogues."""

from typing import Annotated

from fastapi import APIRouter, Body, Path, Query

from smsc.api.bodies.emergency import CodeBody, EmergencyStartBody, RegistrationBody, SiteBody
from smsc.api.facade.server import Server
from smsc.api.facade.services import EmergencySite
from smsc.api.replies import Json, all_of, exists, put
from smsc.api.routes.network.subscribers import Msisdn
from smsc.api.shapes.describing import answers, listed, nothing
from smsc.api.shapes.emergency import Registration, Registrations

EXAMPLES = {
    "bare": {"summary": "Just the number", "value": {}},
    "person": {"summary": "With the user's data", "value": {"name": "Kari Nordmann", "postcode": "0150"}},
}
STARTS = {
    "register": {
        "summary": "Register a number",
        "value": {"number": "90000001", "action": "register", "terms": True, "person": {"name": "Kari"}},
    },
    "delete": {"summary": "Delete a registration", "value": {"number": "90000001", "action": "delete"}},
}
CODES = {"code": {"summary": "The code of the SMS", "value": {"code": "123456"}}}
SITES = {
    "closed": {"summary": "Down for maintenance", "value": {"open": False}},
    "open": {"summary": "Open", "value": {"open": True}},
}


def router(server: Server) -> APIRouter:
    routes = APIRouter(prefix="/emergency", tags=["emergency"])
    _registrations(routes, server)
    control: object = server.control
    if isinstance(control, EmergencySite):
        _site(routes, control, server)
        _operation(routes, control, server)
    return routes


def _registrations(routes: APIRouter, server: Server) -> None:
    control = server.control

    @routes.get(
        "/registrations",
        summary="List registrations",
        responses=answers(200, Registrations, "All registrations, by number."),
    )
    async def listing() -> Json:
        return all_of("registrations", control.registrations())

    @routes.get(
        "/registrations/{msisdn}",
        summary="Show a registration",
        responses=answers(200, Registration, "The registration.", 404),
    )
    async def show(msisdn: Msisdn) -> Json:
        return Json(control.registration(msisdn))

    @routes.put(
        "/registrations/{msisdn}",
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
        "/registrations/{msisdn}",
        summary="Delete a registration",
        **nothing("The number is not registered any more.", 404),
    )
    async def remove(msisdn: Msisdn) -> None:
        control.delete_registration(msisdn)
        await server.committed()


def _site(routes: APIRouter, control: EmergencySite, server: Server) -> None:
    @routes.get(
        "/site",
        summary="Show the registration site",
        responses=answers(200, None, "Whether it is open."),
    )
    async def site() -> Json:
        return Json(control.emergency_site())

    @routes.put(
        "/site",
        summary="Open or close the registration site",
        responses=answers(200, None, "Whether it is open."),
    )
    async def set_site(body: Annotated[SiteBody, Body(openapi_examples=SITES)]) -> Json:
        """Those registered go on using the service while the site is down."""
        document = control.put_emergency_site(body.given())
        await server.committed()
        return Json(document)

    @routes.get(
        "/site/look-up",
        summary="Enter a number at the site",
        responses=answers(200, None, "Whether it is registered, and the choices offered.", 400, 503),
    )
    async def look_up(
        number: Annotated[str, Query(min_length=1, max_length=64, description="As the citizen types it.")],
    ) -> Json:
        return Json(control.emergency_look_up(number))

    @routes.post(
        "/site/transactions",
        summary="Begin a transaction at the site",
        status_code=201,
        responses=answers(201, None, "Its number; the code goes out by SMS.", 400, 403, 409, 503),
    )
    async def start(body: Annotated[EmergencyStartBody, Body(openapi_examples=STARTS)]) -> Json:
        """One number at a time: register an unknown one, update or delete a known one."""
        document = control.emergency_start(body.given())
        await server.committed()
        return Json(document, 201)

    @routes.post(
        "/site/transactions/{transaction}/confirmation",
        summary="Complete a transaction at the site",
        responses=answers(200, None, "The registration as it is now; null when deleted.", 400, 404, 503),
    )
    async def confirm(
        transaction: Annotated[str, Path(max_length=20, description="Its number.", examples=["1"])],
        body: Annotated[CodeBody, Body(openapi_examples=CODES)],
    ) -> Json:
        document = control.emergency_confirm(transaction, body.code)
        await server.committed()
        return Json(document)


def _operation(routes: APIRouter, control: EmergencySite, server: Server) -> None:
    @routes.get(
        "/exclusions",
        summary="List exclusions",
        responses=listed("exclusions", "The numbers that are or were shut out for misuse."),
    )
    async def exclusions() -> Json:
        return all_of("exclusions", control.exclusions())

    @routes.put(
        "/exclusions/{msisdn}",
        summary="Exclude a number",
        responses=answers(200, None, "Until when, and how often it was.", 422),
    )
    async def exclude(msisdn: Msisdn) -> Json:
        """For 48 hours; the second time until it is pardoned."""
        document = control.exclude(msisdn)
        await server.committed()
        return Json(document)

    @routes.delete(
        "/exclusions/{msisdn}",
        summary="Pardon a number",
        **nothing("It was never excluded.", 404),
    )
    async def pardon(msisdn: Msisdn) -> None:
        control.pardon(msisdn)
        await server.committed()

    @routes.get(
        "/dialogues",
        summary="List dialogues",
        responses=listed("dialogues", "The open conversations of users with centres."),
    )
    async def dialogues() -> Json:
        return all_of("dialogues", control.dialogues())
