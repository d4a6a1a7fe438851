"""`/subscribers/{msisdn}/...` what can happen to a SIM card, and `/lists`: CSV in and out."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Response

from smsc.api.bodies.simcards import AssignmentsBody, CsvBody, NumberChangeBody, SimSwapBody, TwinBody
from smsc.api.facade.network import SimCards
from smsc.api.facade.server import Server
from smsc.api.replies import Json, in_steps
from smsc.api.routes.network.subscribers import Msisdn
from smsc.api.shapes.describing import answers
from smsc.api.shapes.subscribers import Subscriber

SWAPS = {
    "derived": {"summary": "A new card", "value": {}},
    "given": {"summary": "A card with this IMSI", "value": {"imsi": "242709000000199"}},
}
CHANGES = {"new": {"summary": "Another number", "value": {"to": "90100001"}}}
TWINS = {"watch": {"summary": "A watch", "value": {"twin": "580000000001"}}}
SUBSCRIBERS = {
    "two": {
        "summary": "A subscriber and a range",
        "value": {
            "csv": "msisdn,last,sim,zone\n4792000001,,active,oslo\n4793000000,4793000999,active,oslo\n"
        },
    }
}
ASSIGNMENTS = {
    "helpline": {
        "summary": "A helpline",
        "value": {
            "csv": "kind,first,holder,service,from\nhelpline,116000,Savnet,missing children,2026-01-01\n"
        },
    }
}
PORTED = {
    "one": {
        "summary": "One number",
        "value": {"csv": "number,operator,from\n90000001,fjordnett,2026-01-01\n"},
    }
}
_CSV: dict[int | str, dict[str, Any]] = {
    200: {"description": "The whole list as CSV.", "content": {"text/csv": {}}}
}


def router(server: Server) -> APIRouter:
    control: object = server.control
    routes = APIRouter()
    if isinstance(control, SimCards):
        _cards(routes, control, server)
        _lists(routes, control, server)
    return routes


def _cards(routes: APIRouter, control: SimCards, server: Server) -> None:
    @routes.post(
        "/subscribers/{msisdn}/sim-swap",
        tags=["subscribers"],
        summary="Swap the SIM card",
        responses=answers(200, Subscriber, "With the new, active card.", 404, 422),
    )
    async def swap(msisdn: Msisdn, body: Annotated[SimSwapBody, Body(openapi_examples=SWAPS)]) -> Json:
        document = control.swap_sim(msisdn, body.given())
        await server.committed()
        return Json(document)

    @routes.post(
        "/subscribers/{msisdn}/lost",
        tags=["subscribers"],
        summary="Report the SIM card lost",
        responses=answers(200, Subscriber, "The card is blocked.", 404),
    )
    async def lost(msisdn: Msisdn) -> Json:
        document = control.report_lost(msisdn)
        await server.committed()
        return Json(document)

    @routes.post(
        "/subscribers/{msisdn}/number",
        tags=["subscribers"],
        summary="Change the number",
        responses=answers(200, Subscriber, "The card under its new number.", 404, 409, 422),
    )
    async def number(
        msisdn: Msisdn, body: Annotated[NumberChangeBody, Body(openapi_examples=CHANGES)]
    ) -> Json:
        """The old number is unknown from now on, and not registered for emergency SMS any more."""
        document = control.change_number(msisdn, body.given())
        await server.committed()
        return Json(document)

    @routes.post(
        "/subscribers/{msisdn}/twin",
        tags=["subscribers"],
        summary="Add a twin SIM card",
        responses=answers(200, Subscriber, "The second card.", 404, 422),
    )
    async def twin(msisdn: Msisdn, body: Annotated[TwinBody, Body(openapi_examples=TWINS)]) -> Json:
        document = control.add_twin(msisdn, body.given())
        await server.committed()
        return Json(document)

    @routes.get(
        "/subscribers/{msisdn}/operator",
        tags=["subscribers"],
        summary="Show a number's operator",
        responses=answers(200, None, "Who serves it now, and whether it was ported.", 422),
    )
    async def operator(msisdn: Msisdn) -> Json:
        """A number's digits never tell: series are assigned to operators, and numbers are ported."""
        return Json(control.operator(msisdn))


def _lists(routes: APIRouter, control: SimCards, server: Server) -> None:
    @routes.get("/lists/subscribers", tags=["lists"], summary="Export subscribers", responses=_CSV)
    async def subscribers() -> Response:
        """Ranges, single numbers, and numbers taken out of ranges; no passwords."""
        return _csv(await in_steps(control.subscribers_csv()))

    @routes.post(
        "/lists/subscribers",
        tags=["lists"],
        summary="Import subscribers",
        responses=answers(200, None, "How many rows, and how many subscribers there are now.", 422, 503),
    )
    async def import_subscribers(body: Annotated[CsvBody, Body(openapi_examples=SUBSCRIBERS)]) -> Json:
        """A wrong line changes nothing. New numbers get the password 1234. The list is taken whole or not at
        all, and is in effect when it is answered."""
        return Json(await in_steps(control.import_subscribers(body.csv)))

    @routes.get("/lists/assignments", tags=["lists"], summary="Export assigned numbers", responses=_CSV)
    async def assignments() -> Response:
        """Helplines, short codes, 5-digit numbers and operators' series, each with its dates."""
        return _csv(control.assignments_csv())

    @routes.post(
        "/lists/assignments",
        tags=["lists"],
        summary="Import assigned numbers",
        responses=answers(200, None, "How many rows.", 422),
    )
    async def import_assignments(
        body: Annotated[AssignmentsBody, Body(openapi_examples=ASSIGNMENTS)],
    ) -> Json:
        """Daily lists are replayed one after the other, each when the SMSC clock shows its day."""
        document = control.import_assignments(body.csv, body.how)
        await server.committed()
        return Json(document)

    @routes.get("/lists/ported", tags=["lists"], summary="Export ported numbers", responses=_CSV)
    async def ported() -> Response:
        """Every number that was ported, with its operators and days."""
        return _csv(control.ported_csv())

    @routes.post(
        "/lists/ported",
        tags=["lists"],
        summary="Import ported numbers",
        responses=answers(200, None, "How many rows.", 422),
    )
    async def import_ported(body: Annotated[CsvBody, Body(openapi_examples=PORTED)]) -> Json:
        document = control.import_ported(body.csv)
        await server.committed()
        return Json(document)


def _csv(text: str) -> Response:
    return Response(text, media_type="text/csv; charset=utf-8; header=present")
