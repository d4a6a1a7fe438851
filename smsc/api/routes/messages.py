"""`/messages`: what was submitted, what became of it and why; and a way in without SMPP."""

import time
from typing import Annotated, Literal

from fastapi import APIRouter, Body, Path, Query, Request, Response
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from smsc.api.bodies.fields import Digits, Seconds
from smsc.api.bodies.messages import MessageBody, State
from smsc.api.facade.server import Server
from smsc.api.problems import Refused, problem
from smsc.api.replies import Json, in_steps
from smsc.api.shapes.describing import answers
from smsc.api.shapes.messages import (
    Counts,
    Deleted,
    ExplainedMessage,
    FoundMessages,
    Message,
    MessagePdus,
    Messages,
)
from smsc.api.waiting import Waits

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


class WaitQuery(BaseModel):
    """What to wait for."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)

    q: Search = ""
    """What this search finds, such as `to:4790000001 code`."""
    count: Annotated[int, Field(ge=1, le=1000)] = 1
    """So many."""
    timeout: Annotated[Seconds, Field(ge=0, le=600)] = 30
    """At most so long in real time: seconds, or text such as `1m30s`."""
    since: Annotated[Annotated[str, StringConstraints(max_length=64)] | None, _empty_as_none] = None
    """Only what was submitted at this moment of the real clock or later, `2026-01-01T12:00:00Z`, or so long
    ago at most, `10m`. Left out: from a minute before the call."""


def _missing(query: WaitQuery, found: int, others: int) -> str:
    """What came of a wait in vain, in a sentence."""
    wanted = f"{query.count} message{'s' if query.count > 1 else ''}"
    what = f" that {query.q!r} finds" if query.q.strip() else ""
    came = f"{found} of {wanted}{what} came" if found else f"no message{what} came"
    rest = f"; {others} other{'s' if others > 1 else ''} came, see 'instead'" if others else ""
    return f"Within {query.timeout:g} s {came}{rest}."


def router(server: Server, waits: Waits) -> APIRouter:
    control = server.control
    routes = APIRouter(prefix="/messages", tags=["messages"])

    @routes.get("", summary="List messages", responses=answers(200, Messages, "One page."))
    async def listing(query: Annotated[MessageQuery, Query()]) -> Json:
        """Oldest first, or newest first. For the next page give `next` as `after`, with `order=newest` as
        `before`. A page may be shorter than `limit`, also empty, and have a next one: the last has none.

        A search is a row of terms that must all hold: `from:` `to:` `state:` `reason:` `system:` `session:`
        `kind:` `zone:` `tag:` `since:` `before:` `has:` `id:`, words, words in quotes; with a comma between
        two values one of them, with a minus before it the opposite. Receipts are found with `kind:`.
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

    @routes.get(
        "/wait",
        summary="Wait for messages",
        responses=answers(200, FoundMessages, "They are there.", 408, 422, 503),
    )
    async def wait(request: Request, query: Annotated[WaitQuery, Query()]) -> Response:
        """Answers as soon as `count` messages are there that a search finds, also when they came just before.

        Each is shown as it was when it was found first; to wait for its delivery, ask for `state:delivered`.
        408 when the time is up: `found` has those that came, `instead` the nearest others and `why` they were
        not meant.
        """
        since = (
            None if query.since is None else control.since_moment(query.since, time.time_ns() // 1_000_000)
        )
        found, asked = await waits.messages(
            request, control.search(query.q), query.count, query.timeout, since
        )
        if len(found) >= query.count:
            return Json({"messages": found})
        instead = await in_steps(control.instead(asked))
        return problem(
            408,
            "Nothing came" if not found else "Too few came",
            _missing(query, len(found), len(instead)),
            request.url.path,
            found=found,
            instead=list(instead),
        )

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
        "",
        summary="Delete messages",
        status_code=204,
        responses=answers(200, Deleted, "With `q`: how many are gone.")
        | answers(204, None, "Without `q`: no message is left.", 422),
    )
    async def clear(
        q: Annotated[Search | None, Query(description="Only what this search finds.")] = None,
    ) -> Response:
        """Messages, receipts and retries are gone, also those that nobody has got yet: all of them, or what a
        search finds. An empty search is an error."""
        if q is None:
            control.clear_messages()
            await server.committed()
            return Response(status_code=204)
        if not q.strip():
            raise Refused(422, "Not a search", "q is empty: leave it out to delete all messages.")
        deleted = await in_steps(control.delete_messages(control.search(q)))
        await server.committed()
        return Json({"deleted": deleted})

    @routes.get(
        "/{id}", summary="Show a message", responses=answers(200, ExplainedMessage, "With its timeline.", 404)
    )
    async def show(
        message_id: Annotated[
            str, Path(alias="id", max_length=64, description="Message id.", examples=["1001"])
        ],
    ) -> Json:
        return Json(await in_steps(control.showing(message_id)))

    @routes.get(
        "/{id}/pdus",
        summary="Show a message's PDUs",
        responses=answers(200, MessagePdus, "As they went over the wire, or made again.", 404),
    )
    async def pdus(
        message_id: Annotated[
            str, Path(alias="id", max_length=64, description="Message id.", examples=["1001"])
        ],
    ) -> Json:
        """Sessions that are traced keep their last PDUs. What none has is made again from the message, and
        `rebuilt` says so: its time and sequence number are not known."""
        return Json(await in_steps(control.message_pdus(message_id)))

    return routes
