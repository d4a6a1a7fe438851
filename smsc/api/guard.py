"""What stands before every call: who may make it, limits on bodies, and the net under unforeseen errors."""

import asyncio
from contextlib import nullcontext

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from smsc.api.access import LOGIN, LOGOUT, Access, LoginNeeded
from smsc.api.pages import PUBLIC
from smsc.api.problems import Refused, as_refusal, internal_error, refused
from smsc.api.turns import Held, Turns

MAX_BODY = 1024 * 1024
#: real seconds that a client may take to send its body
BODY_SECONDS = 30.0
#: What is answered at once, whatever else goes on.
PROBES = frozenset({"/livez", "/readyz"})
#: Calls that last; there is a total for each kind.
LASTING = frozenset({"/api/v1/events", "/api/v1/messages/wait"})
#: Where a browser sends a form, which other sites' pages may do too: who may call is checked by `Access`.
FORMS = frozenset({LOGIN, LOGOUT, *PUBLIC})
#: For every answer that says nothing of its own: it is data, no page, and nobody else's.
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",  # with no-referrer browsers send a form with "Origin: null"
    "Cross-Origin-Resource-Policy": "same-origin",
}
_WITH_BODY = frozenset({"POST", "PUT", "PATCH", "DELETE"})


class _Gone(Exception):
    """The client went away while it sent its body."""


class Guard:
    """ASGI middleware that stands outside of everything else of the application.

    Bodies above `MAX_BODY` bytes get 413, those that take longer than `BODY_SECONDS` 408, those not declared
    as JSON 415. Behind a proxy with `root_path` in front of every address, calls come with it or without it.
    """

    def __init__(self, app: ASGIApp, access: Access, root_path: str = "") -> None:
        self.app = app
        self.access = access
        self.root_path = root_path
        self.turns = Turns()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        scope = self._plain(scope)
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = True
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            if scope["path"] in PROBES:
                await self.app(scope, receive, watched)
            else:
                await self._in_turn(scope, receive, watched)
        except _Gone:
            return
        except Exception as error:
            if started:
                raise
            await self._answer_to(error, scope)(scope, receive, watched)

    async def _in_turn(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Every call but the probes: who calls is checked, and how much is going on."""
        with nullcontext() if scope["path"] in LASTING else self.turns.count():
            await self.turns.turn()
            self.access.check(scope)
            if scope["method"] not in _WITH_BODY:
                await self.app(scope, receive, send)
                return
            with self.turns.hold() as held:
                await self.app(scope, await _read_ahead(scope, receive, held), send)

    def _plain(self, scope: Scope) -> Scope:
        """The request without the prefix of a proxy; HEAD is GET, the HTTP server leaves the body out."""
        path, root = scope["path"], self.root_path
        if root and (path == root or path.startswith(f"{root}/")):
            path = path.removeprefix(root) or "/"
            scope = {**scope, "path": path, "raw_path": path.encode()}
        return {**scope, "method": "GET"} if scope["method"] == "HEAD" else scope

    def _answer_to(self, error: Exception, scope: Scope) -> Response:
        if isinstance(error, LoginNeeded):
            return RedirectResponse(self.root_path + error.address, 303)
        refusal = as_refusal(error)
        return refused(refusal, scope["path"]) if refusal else internal_error(error, scope)


async def _read_ahead(scope: Scope, receive: Receive, held: Held) -> Receive:
    """Read the whole body within the limits; the returned channel gives it once more, as one message."""
    headers = Headers(scope=scope)
    declared = headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > MAX_BODY:
        raise _too_large()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            body = await _read(receive, held)
    except TimeoutError:
        detail = f"The body did not arrive within {BODY_SECONDS:.0f} s."
        raise Refused(408, "Request timeout", detail, {"Connection": "close"}) from None
    kind = headers.get("content-type", "")
    if body and not _is_json(kind) and not (scope["path"] in FORMS and _is_form(kind)):
        came = f"came as {kind!r}" if kind else "came without one"
        detail = f"The body must be JSON with the header 'Content-Type: application/json'; it {came}."
        raise Refused(415, "Unsupported media type", detail)
    pending: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def again() -> Message:
        return pending.pop() if pending else await receive()

    return again


async def _read(receive: Receive, held: Held) -> bytes:
    body = bytearray()
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise _Gone
        chunk = message.get("body", b"")
        held.add(len(chunk))
        body += chunk
        if len(body) > MAX_BODY:
            raise _too_large()
        more = message.get("more_body", False)
    return bytes(body)


def _is_json(content_type: str) -> bool:
    kind = content_type.partition(";")[0].strip().lower()
    return kind == "application/json" or (kind.startswith("application/") and kind.endswith("+json"))


def _is_form(content_type: str) -> bool:
    return content_type.partition(";")[0].strip().lower() == "application/x-www-form-urlencoded"


def _too_large() -> Refused:
    return Refused(413, "Body too large", f"A request body may have at most {MAX_BODY} bytes.")
