"""What stands before every call: bearer token, limits on bodies, and the net under unforeseen errors.

A browser is the one client that others can make call: a page anywhere may send requests to this machine, and
with a name that was turned round to 127.0.0.1 it even reads the answers. Without a token a call must
therefore be addressed to the loopback, and come from no page or from one of the loopback.
"""

import asyncio
import hmac
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from smsc.api.exposure import is_loopback
from smsc.api.problems import Refused, as_refusal, internal_error, refused

MAX_BODY = 1024 * 1024
#: real seconds that a client may take to send its body
BODY_SECONDS = 30.0
#: What needs no token: probes, and pages that tell of the software only.
OPEN_PATHS = frozenset({"/livez", "/readyz", "/", "/docs", "/docs/", "/openapi.json"})
#: What carries tokens of its own, which the contact register checks.
OWN_TOKENS = ("/api/v1/register/rest/", "/api/v1/register/notifications")
#: For every answer that says nothing of its own: it is data, no page, and nobody else's.
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
}
_WITH_BODY = frozenset({"POST", "PUT", "PATCH", "DELETE"})


class _Gone(Exception):
    """The client went away while it sent its body."""


class Guard:
    """ASGI middleware that stands outside of everything else of the application.

    `token` None means that nobody is asked for one. Bodies above `MAX_BODY` bytes get 413, those that take
    longer than `BODY_SECONDS` 408, those not declared as JSON 415.
    """

    def __init__(self, app: ASGIApp, token: str | None = None) -> None:
        self.app = app
        self.token = token.encode() if token else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if scope["method"] == "HEAD":
            # The same as GET; the HTTP server leaves the body out.
            scope = {**scope, "method": "GET"}
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
            self._check_caller(scope)
            if scope["method"] in _WITH_BODY:
                receive = await _read_ahead(scope, receive)
            await self.app(scope, receive, watched)
        except _Gone:
            return
        except Exception as error:
            if started:
                raise
            refusal = as_refusal(error)
            response = refused(refusal, scope["path"]) if refusal else internal_error(error, scope)
            await response(scope, receive, watched)

    def _check_caller(self, scope: Scope) -> None:
        path = scope["path"]
        if path in OPEN_PATHS or path.startswith(OWN_TOKENS):
            return
        if self.token is None:
            _check_browser(Headers(scope=scope))
            return
        scheme, _, given = Headers(scope=scope).get("authorization", "").partition(" ")
        # Header values are read as Latin-1: this gives back the octets that were sent.
        if scheme.lower() == "bearer" and hmac.compare_digest(given.strip().encode("latin-1"), self.token):
            return
        raise Refused(
            401,
            "Unauthorized",
            "This server was started with http.token: send it as 'Authorization: Bearer TOKEN'.",
            {"WWW-Authenticate": "Bearer"},
        )


def _check_browser(headers: Headers) -> None:
    """Refuse what a page from elsewhere made a browser send; other programs send no origin."""
    for name, url in (("Host", f"//{headers.get('host', 'localhost')}"), ("Origin", headers.get("origin"))):
        if url is None or _names_loopback(url):
            continue
        raise Refused(
            403,
            "Not from here",
            f"The header {name} names another machine. Without http.token the API answers only calls to "
            "127.0.0.1, [::1] or localhost, and from no pages but theirs.",
        )


def _names_loopback(url: str) -> bool:
    try:
        return is_loopback(urlsplit(url).hostname or "")
    except ValueError:
        return False


async def _read_ahead(scope: Scope, receive: Receive) -> Receive:
    """Read the whole body within the limits; the returned channel gives it once more, as one message."""
    headers = Headers(scope=scope)
    declared = headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > MAX_BODY:
        raise _too_large()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            body = await _read(receive)
    except TimeoutError:
        detail = f"The body did not arrive within {BODY_SECONDS:.0f} s."
        raise Refused(408, "Request timeout", detail, {"Connection": "close"}) from None
    kind = headers.get("content-type", "")
    if body and not _is_json(kind):
        came = f"came as {kind!r}" if kind else "came without one"
        detail = f"The body must be JSON with the header 'Content-Type: application/json'; it {came}."
        raise Refused(415, "Unsupported media type", detail)
    pending: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def again() -> Message:
        return pending.pop() if pending else await receive()

    return again


async def _read(receive: Receive) -> bytes:
    body = bytearray()
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise _Gone
        body += message.get("body", b"")
        if len(body) > MAX_BODY:
            raise _too_large()
        more = message.get("more_body", False)
    return bytes(body)


def _is_json(content_type: str) -> bool:
    kind = content_type.partition(";")[0].strip().lower()
    return kind == "application/json" or (kind.startswith("application/") and kind.endswith("+json"))


def _too_large() -> Refused:
    return Refused(413, "Body too large", f"A request body may have at most {MAX_BODY} bytes.")
