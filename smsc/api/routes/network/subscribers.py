"""`/subscribers`: SIM cards and handsets."""

from typing import Annotated

from fastapi import APIRouter, Body, Path, Query

from smsc.api.bodies.subscribers import SubscriberBody
from smsc.api.facade.server import Server
from smsc.api.replies import Json, exists, page, put
from smsc.api.shapes.describing import answers, nothing
from smsc.api.shapes.subscribers import Subscriber, Subscribers

Msisdn = Annotated[
    str,
    Path(
        min_length=1,
        max_length=64,
        description="The number in any dialling form.",
        examples=["4790000001"],
    ),
]
NEW = {
    "active": {"summary": "An active SIM in Oslo", "value": {"sim": "active", "zone": "oslo"}},
    "placed": {
        "summary": "At a point on the map",
        "value": {"position": {"lat": 59.9127, "lon": 10.7461}, "barred": ["content"]},
    },
}
CHANGES = {
    "tunnel": {"summary": "Into the tunnel", "value": {"zone": "laerdal-tunnel"}},
    "ferry": {
        "summary": "On its way",
        "value": {
            "track": [
                {"after": "0m", "lat": 59.41, "lon": 10.49},
                {"after": "30m", "lat": 59.42, "lon": 10.62},
            ],
            "inside": "car",
        },
    },
    "off": {"summary": "Switch off", "value": {"powered": False}},
    "blocked": {"summary": "Reported stolen", "value": {"sim": "blocked"}},
    "nowhere": {"summary": "Out of every zone", "value": {"zone": None}},
}


def router(server: Server) -> APIRouter:
    control = server.control
    routes = APIRouter(prefix="/subscribers", tags=["subscribers"])

    @routes.get(
        "",
        summary="List subscribers",
        responses=answers(
            200, Subscribers, "Those that stand for themselves; members of a range only when changed."
        ),
    )
    async def listing(
        after: Annotated[str | None, Query(max_length=64, description="MSISDN to go on after.")] = None,
        limit: Annotated[int, Query(ge=1, le=1000, description="At most so many.")] = 100,
    ) -> Json:
        return page("subscribers", control.subscribers(after or None, limit), limit, "msisdn")

    @routes.get(
        "/{msisdn}",
        summary="Show a subscriber",
        responses=answers(200, Subscriber, "Its SIM and handset.", 404),
    )
    async def show(msisdn: Msisdn) -> Json:
        return Json(control.subscriber(msisdn))

    @routes.put(
        "/{msisdn}",
        summary="Make or replace a subscriber",
        responses=answers(200, Subscriber, "It was there and is now so.")
        | answers(201, Subscriber, "It is new.", 422),
    )
    async def replace(msisdn: Msisdn, body: Annotated[SubscriberBody, Body(openapi_examples=NEW)]) -> Json:
        """What the body leaves out gets its default."""
        existed = exists(control.subscriber, msisdn)
        document = control.put_subscriber(msisdn, body.given())
        await server.committed()
        return put(document, existed)

    @routes.patch(
        "/{msisdn}",
        summary="Change a subscriber",
        responses=answers(200, Subscriber, "How it is now.", 404, 422),
    )
    async def change(msisdn: Msisdn, body: Annotated[SubscriberBody, Body(openapi_examples=CHANGES)]) -> Json:
        """A merge patch: what the body leaves out stays, null removes.

        The work that the change makes due has begun when this answers: a handset that comes back into
        coverage gets its messages without more.
        """
        document = control.patch_subscriber(msisdn, body.given())
        await server.committed()
        return Json(document)

    @routes.delete(
        "/{msisdn}",
        summary="Remove a subscriber",
        **nothing("The number is unknown now, also inside a range.", 404),
    )
    async def remove(
        msisdn: Msisdn,
        erase: Annotated[
            bool,
            Query(
                description="Also erase every message, session and record of the number, who is unknown too."
            ),
        ] = False,
    ) -> None:
        control.delete_subscriber(msisdn, erase)
        await (server.erased() if erase else server.committed())

    return routes
