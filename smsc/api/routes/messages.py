"""`/messages`: what was submitted, what became of it and why; and a way in without SMPP."""

from typing import Annotated, Literal

from fastapi import APIRouter, Body, Path, Query, Response
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from smsc.api.bodies import Digits, MessageBody, State
from smsc.api.facade import Server
from smsc.api.replies import Json, in_steps
from smsc.api.shapes import Counts, ExplainedMessage, Message, Messages, answers

EXAMPLES = {
    "plain": {
        "summary": "From one handset to another, with a receipt",
        "value": {
            "source": "4790000001",
            "destination": "4790000002",
            "text": "Hei fra Lærdal",
            "registered_delivery": 1,
        },
    }
}


# A filter that was left empty, as in `?source=&state=`, is one that was not given.
_empty_as_none = BeforeValidator(lambda given: None if given == "" else given)
Number = Annotated[str, StringConstraints(max_length=64)]
Cursor = Annotated[Digits | None, _empty_as_none]
#: longer than a search may be, so that the search itself says so
Search = Annotated[str, StringConstraints(max_length=4000)]


class MessageQuery(BaseModel):
    """Which messages to list."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)

    q: Search = ""
    """Only what this search finds, such as `to:2097 state:expired since:10m "exact words" -not`."""
    source: Annotated[Number | None, _empty_as_none] = None
    """Only from this number or sender."""
    destination: Annotated[Number | None, _empty_as_none] = None
    """Only to this number."""
    state: Annotated[State | None, _empty_as_none] = None
    """Only in this state."""
    order: Literal["oldest", "newest"] = "oldest"
    """Which come first."""
    limit: Annotated[int, Field(ge=1, le=1000)] = 100
    """At most so many."""
    after: Cursor = None
    """Only with an id above this one."""
    before: Cursor = None
    """Only with an id below this one."""


def router(server: Server) -> APIRouter:
    control = server.control
    routes = APIRouter(prefix="/messages", tags=["messages"])

    @routes.get("", summary="List messages", responses=answers(200, Messages, "One page."))
    async def listing(query: Annotated[MessageQuery, Query()]) -> Json:
        """Oldest first, or newest first. For the next page give `next` as `after`, with `order=newest` as
        `before`. A page may be shorter than `limit`, also empty, and have a next one: the last has none.

        A search is a row of terms that must all hold: `from:` `to:` `state:` `reason:` `system:` `session:`
        `kind:` `zone:` `since:` `before:` `has:` `id:`, words, words in quotes; with a comma between two
        values one of them, with a minus before it the opposite. Receipts are found with `kind:`.
        """
        search = control.search(query.q, query.source, query.destination, query.state)
        found, following = await in_steps(
            control.listing(
                search,
                query.limit,
                newest=query.order == "newest",
                after=query.after,
                before=query.before,
            )
        )
        return Json({"messages": list(found), "next": following})

    @routes.get("/counts", summary="Count messages", responses=answers(200, Counts, "By state and stage."))
    async def counts(
        q: Annotated[Search, Query(description="Only what this search finds; empty for all.")] = "",
    ) -> Json:
        return Json(await in_steps(control.counts(control.search(q))))

    @routes.post(
        "",
        summary="Inject a message",
        status_code=201,
        responses=answers(201, Message, "Accepted: it is in the store.", 422),
    )
    async def inject(body: Annotated[MessageBody, Body(openapi_examples=EXAMPLES)]) -> Json:
        """Submit a message as its source would. A refusal names its `reason`."""
        document = control.inject(body.model_dump())
        await server.committed()
        return Json(document, 201, {"Location": f"/api/v1/messages/{document['id']}"})

    @routes.delete(
        "", summary="Empty everything", status_code=204, responses=answers(204, None, "No message is left.")
    )
    async def clear() -> Response:
        """Messages, receipts and retries are gone, also those that nobody has got yet."""
        control.clear_messages()
        await server.committed()
        return Response(status_code=204)

    @routes.get(
        "/{id}", summary="Show a message", responses=answers(200, ExplainedMessage, "With its timeline.", 404)
    )
    async def show(
        message_id: Annotated[
            str, Path(alias="id", max_length=64, description="Message id.", examples=["1001"])
        ],
    ) -> Json:
        return Json(control.message(message_id))

    return routes
