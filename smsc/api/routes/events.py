"""`/events`: everything that happens, as server-sent events."""

from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request, Response
from pydantic import StringConstraints

from smsc.api.events import EventStreams
from smsc.api.facade.server import Server
from smsc.api.shapes.describing import answers

_STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The stream: each event has an `id:` line and one `data:` line of JSON with at least "
        "`event` and `at`.",
        "content": {
            "text/event-stream": {
                "example": "id: 1767268800000001\n"
                'data: {"event":"message.final","at":"2026-01-01T12:00:00Z","id":"1001"}\n\n'
            }
        },
    }
}
EventId = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,18}$")]


def router(server: Server, streams: EventStreams) -> APIRouter:
    routes = APIRouter(prefix="/events", tags=["events"])

    @routes.get(
        "",
        summary="Follow what happens",
        response_class=Response,
        responses=_STREAM | answers(503, None, "Too many streams, or the server is stopping.", 422),
    )
    async def follow(
        request: Request,
        q: Annotated[
            str,
            Query(max_length=4000, description="Only events that this search finds, as of `GET /messages`."),
        ] = "",
        since: Annotated[EventId | None, Query(description="Begin behind this event.")] = None,
        last_event_id: Annotated[
            EventId | None, Header(description="The same, as browsers send it when they come back.")
        ] = None,
    ) -> Response:
        """Begins with what happens next, or behind the event whose id is given.

        The last events are kept for who comes back. `stream.gap` says that something is missing: what was
        asked for is not kept any more, or the client reads too slowly. `stream.ended` is the last event.
        Comment lines keep the connection open.

        A search is asked about the message of an event as it was then; of an event that is of no message,
        about its `system_id`, `session`, `reason`, `zone` and number.
        """
        begin = since or last_event_id
        search = server.control.search(q) if q.strip() else None
        transport = request.scope.get("state", {}).get("transport")
        return streams.response(
            transport.abort if transport else None, None if begin is None else int(begin), search
        )

    return routes
