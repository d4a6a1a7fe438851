"""`/register`: the contact and reservation register, in the public one's REST shape where there is one."""

from typing import Annotated

from fastapi import APIRouter, Body, Header, Path, Query

from smsc.api.bodies.register import Identifier, LookupBody, NotificationBody, PersonBody
from smsc.api.facade.server import Server
from smsc.api.facade.services import Register
from smsc.api.problems import Refused
from smsc.api.replies import Json, all_of, exists, page, put
from smsc.api.shapes.describing import answers, listed, nothing

LOOKUPS = {"one": {"summary": "One person", "value": {"personidentifikatorer": ["20914695016"]}}}
NOTIFICATIONS = {
    "snow": {
        "summary": "Snow will be cleared",
        "value": {
            "personidentifikatorer": ["20914695016"],
            "kind": "service",
            "texts": {"nb": "Brøyting i natt: flytt bilen.", "nn": "Brøyting i natt: flytt bilen."},
        },
    },
    "letter": {
        "summary": "A letter lies in the digital mailbox",
        "value": {"personidentifikatorer": ["20914695016"], "kind": "letter"},
    },
}
PERSONS = {
    "mobile": {"summary": "With a mobile number", "value": {"mobile": "90000001", "language": "nn"}},
    "reserved": {"summary": "Opt out", "value": {"reserved": True}},
    "old": {
        "summary": "Contact data of another time",
        "value": {"email": "kari@example.no", "at": "2024-01-01T12:00:00Z"},
    },
}
VERSIONS = {"v1": 1, "v2": 2}
Agency = Annotated[str, Header(description="`Bearer` and the agency's token.")]
Who = Annotated[
    Identifier, Path(description="A synthetic national identity number.", examples=["20914695016"])
]


def router(server: Server) -> APIRouter:
    control: object = server.control
    routes = APIRouter(prefix="/register", tags=["register"])
    if isinstance(control, Register):
        _agencies(routes, control, server)
        _persons(routes, control, server)
    return routes


def _bearer(authorization: str) -> str | None:
    scheme, _, token = authorization.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def _agencies(routes: APIRouter, control: Register, server: Server) -> None:
    @routes.post(
        "/rest/{version}/personer",
        summary="Look persons up",
        responses=answers(200, None, "What the register holds of each.", 400, 401, 403, 404),
    )
    async def persons(
        version: Annotated[
            str, Path(description="Version of the public interface: `v1` or `v2`.", examples=["v2"])
        ],
        body: Annotated[LookupBody, Body(openapi_examples=LOOKUPS)] = None,
        authorization: Agency = "",
    ) -> Json:
        """The bearer token is the agency's, not the API's; every look-up is logged.

        Statuses are the public register's: whatever is wrong with the body is 400. One identity number
        that may be a real person's fails the whole call, and is neither repeated nor logged.
        """
        if version not in VERSIONS:
            raise Refused(404, "No such version", f"expected {' or '.join(VERSIONS)}")
        document = control.register_lookup(_bearer(authorization), VERSIONS[version], body)
        # The look-up's log entry is a record too.
        await server.committed()
        return Json(document)

    @routes.post(
        "/notifications",
        summary="Notify persons",
        status_code=201,
        responses=answers(201, None, "The report so far, with its `id`.", 400, 401, 403),
    )
    async def notify(
        body: Annotated[NotificationBody, Body(openapi_examples=NOTIFICATIONS)], authorization: Agency = ""
    ) -> Json:
        """Everybody is looked up at dispatch: by SMS in the person's language, or else by e-mail.

        The bearer token is the agency's, not the API's.
        """
        document = control.register_notify(_bearer(authorization), body.given())
        await server.committed()
        await server.committed()  # what was due is sent
        return Json(control.register_report(_bearer(authorization), document["id"]), 201)

    @routes.get(
        "/notifications/{order}",
        summary="Show a notification's report",
        responses=answers(200, None, "What became of it, person by person.", 401, 403, 404),
    )
    async def report(
        order: Annotated[str, Path(max_length=20, description="Its id.", examples=["1"])],
        authorization: Agency = "",
    ) -> Json:
        """The bearer token is the agency's, not the API's."""
        return Json(control.register_report(_bearer(authorization), order))


def _persons(routes: APIRouter, control: Register, server: Server) -> None:
    @routes.get(
        "/outbox",
        summary="List e-mails",
        responses=listed("outbox", "The e-mails that would have been sent, oldest first."),
    )
    async def outbox() -> Json:
        return all_of("outbox", control.register_outbox())

    @routes.get(
        "/lookups",
        summary="List look-ups",
        responses=listed("lookups", "When who asked, in whose name, about how many."),
    )
    async def lookups(
        identifier: Annotated[
            Identifier | None, Query(description="Only those that concern this person.")
        ] = None,
    ) -> Json:
        return all_of("lookups", control.register_lookups(identifier))

    @routes.get(
        "/persons",
        summary="List persons",
        responses=listed("persons", "Everybody who is or was in the register."),
    )
    async def listing(
        after: Annotated[Identifier | None, Query(description="Identifier to go on after.")] = None,
        limit: Annotated[int, Query(ge=1, le=1000, description="At most so many.")] = 100,
    ) -> Json:
        return page("persons", control.register_persons(after, limit), limit, "identifier")

    @routes.get(
        "/persons/{identifier}",
        summary="Show a person",
        responses=answers(200, None, "The person's channels and choices.", 404),
    )
    async def show(identifier: Who) -> Json:
        return Json(control.register_person(identifier))

    @routes.get(
        "/persons/{identifier}/lookups",
        summary="List a person's look-ups",
        responses=listed("lookups", "When who looked this person up, in whose name."),
    )
    async def own_lookups(identifier: Who) -> Json:
        """What the person is shown of them."""
        control.register_person(identifier)
        return all_of("lookups", control.register_lookups(identifier))

    @routes.put(
        "/persons/{identifier}",
        summary="Make or change a person",
        responses=answers(200, None, "How it is now.", 409, 422) | answers(201, None, "The person is new."),
    )
    async def change(identifier: Who, body: Annotated[PersonBody, Body(openapi_examples=PERSONS)]) -> Json:
        """What the body leaves out stays. Only synthetic identifiers are accepted."""
        existed = exists(control.register_person, identifier)
        document = control.put_register_person(identifier, body.given())
        await server.committed()
        return put(document, existed)

    @routes.delete(
        "/persons/{identifier}",
        summary="Let a person leave the register",
        **nothing("Nothing but the status is left.", 404),
    )
    async def remove(identifier: Who) -> None:
        control.delete_register_person(identifier)
        await server.committed()
