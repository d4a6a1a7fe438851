"""`/events`: everything that happens, as server-sent events."""

from typing import Any

from fastapi import APIRouter, Request, Response

from smsc.api.events import EventStreams
from smsc.api.shapes import answers

_STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The stream: each event is one `data:` line of JSON with at least `event` and `at`.",
        "content": {
            "text/event-stream": {
                "example": 'data: {"event":"message.delivered","at":"2026-01-01T12:00:00Z","id":"1001"}\n\n'
            }
        },
    }
}


def router(streams: EventStreams) -> APIRouter:
    routes = APIRouter(prefix="/events", tags=["events"])

    @routes.get(
        "",
        summary="Follow what happens",
        response_class=Response,
        responses=_STREAM | answers(503, None, "Too many streams, or the server is stopping."),
    )
    async def follow(request: Request) -> Response:
        """Begins with what happens next; nothing is repeated.

        A client that falls too far behind is told so with `stream.ended` and dropped. Comment lines keep the
        connection open.
        """
        transport = request.scope.get("state", {}).get("transport")
        return streams.response(transport.abort if transport else None)

    return routes
