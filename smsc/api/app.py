"""The control API as an application: what is mounted where, and how it describes itself."""

import re
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from typing import Any

from fastapi import Depends, FastAPI, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from fastapi.routing import APIRoute

import smsc
from smsc.api import docs, guide, metrics
from smsc.api.access import OPEN_PATHS, OWN_TOKENS, PUBLIC_CALLS, Access
from smsc.api.events import EventStreams
from smsc.api.examples import ANSWERS
from smsc.api.facade.server import Server
from smsc.api.facade.sessions import Sharing
from smsc.api.guard import Guard
from smsc.api.jsontext import to_json
from smsc.api.pages import Pages
from smsc.api.problems import Problem, install
from smsc.api.ring import MOST
from smsc.api.routes import (
    about,
    clock,
    esmes,
    events,
    faults,
    forms,
    messages,
    nodes,
    numbers,
    outbinds,
    pages,
    probes,
    refusals,
    reset,
    scenarios,
    sessions,
    tags,
)
from smsc.api.routes.network import coverage, holds, outages, simcards, subscribers, zones
from smsc.api.routes.services import charging, desks, emergency, register, special
from smsc.api.shapes.describing import problem_answer
from smsc.api.waiting import Waits

PREFIX = "/api/v1"
#: stands in the page for the address at which it was asked for
_HERE = "http://smsc.invalid"
_URL = re.compile(r"https?://[A-Za-z0-9.:\[\]_-]+[A-Za-z0-9._~/-]*")
_ROUTERS = (
    about,
    subscribers,
    holds,
    simcards,
    zones,
    outages,
    coverage,
    clock,
    tags,
    sessions,
    refusals,
    outbinds,
    nodes,
    esmes,
    reset,
    numbers,
    emergency,
    desks,
    special,
    charging,
    register,
    faults,
    scenarios,
)
_ABOUT = """\
Everything that a test may want to see or change in the SMSC: numbers, subscribers, coverage, messages, the
clock, sessions.

A call that changes something answers when the change is in the store. Errors are problem details (RFC 9457)
with the media type `application/problem+json`. Bodies are JSON of at most 1 MiB and are taken strictly: an
unknown field is an error. Moments are RFC 3339 text with an offset; numbers in paths may have any dialling
form.
"""


class ControlApi(FastAPI):
    """The application, with problem details in its OpenAPI description instead of the framework's errors."""

    token: str | None = None
    prefix: str = ""
    # Made once: they tell of the software, and nobody should pay for each reader anew.
    description_text: bytes | None = None
    docs_page: str | None = None

    def openapi(self) -> dict[str, Any]:
        if self.openapi_schema is None:
            self.openapi_schema = _with_problems(super().openapi(), secured=self.token is not None)
            if self.prefix:
                self.openapi_schema["servers"] = [{"url": self.prefix}]
        return self.openapi_schema


def create_app(
    server: Server,
    *,
    token: str | None = None,
    pages_on: bool = True,
    root_path: str = "",
    hosts: Iterable[str] = (),
    event_queue: int = MOST,
) -> ControlApi:
    """Build the control API of one server, and the pages.

    `token`, when set, must come with every call but the probes, the description and what the public pages
    call; the console asks for it. `root_path` is what a proxy puts in front of every address, `hosts` are
    the names by which it may ask. `event_queue` is how many events are kept for the clients of `/events`.
    There is no state outside of the application: several fit in one process.
    """
    token = token or None
    app = ControlApi(
        title="smsc control API",
        version=smsc.__version__,
        description=_ABOUT,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=_operation_id,
    )
    app.token = token
    app.prefix = root_path
    app.state.streams = EventStreams(server.control, event_queue)
    access = Access(token, hosts, pages=pages_on)
    app.add_middleware(Guard, access=access, root_path=root_path)
    install(app)
    registry = metrics.build_registry(
        server.control.counters, partial(_this_node, server.control), smsc.__version__, smsc.COMPILED
    )
    waits = Waits(server.control, app.state.streams)
    kept = [Depends(_first_writable(server))]
    app.include_router(messages.router(server, waits), prefix=PREFIX, dependencies=kept)
    for module in _ROUTERS:
        app.include_router(module.router(server), prefix=PREFIX, dependencies=kept)
    app.include_router(events.router(server, app.state.streams), prefix=PREFIX)
    app.include_router(probes.router(server.control, registry))
    app.add_api_route("/openapi.json", _description, include_in_schema=False)
    app.add_api_route("/docs", _docs_page, include_in_schema=False)
    if pages_on:
        shown = Pages(root_path)
        app.include_router(forms.router(server, shown))
        app.include_router(pages.router(shown, access, root_path))
        app.include_router(guide.router(root_path))
    for path in ("/docs/",) if pages_on else ("/", "/docs/"):
        app.add_api_route(path, _to_docs, include_in_schema=False)
    return app


def _this_node(control: object) -> str:
    """The name of this node; nothing where a server is alone."""
    nodes = control.nodes() if isinstance(control, Sharing) else ()
    return next((str(node["name"]) for node in nodes if node.get("this")), "")


def _first_writable(server: Server) -> Callable[[Request], Awaitable[None]]:
    """Before a call changes anything: does the store keep changes? A message that is injected waits for its
    own commit and is gone when that fails."""

    async def check(request: Request) -> None:
        is_injection = (request.method, request.scope["path"]) == ("POST", f"{PREFIX}/messages")
        if request.method != "GET" and not is_injection:
            await server.writable()

    return check


def _operation_id(route: APIRoute) -> str:
    return "_".join([*map(str, route.tags), route.name]).replace(" ", "_")


async def _description(request: Request) -> Response:
    app: ControlApi = request.app
    if app.description_text is None:
        app.description_text = to_json(app.openapi())
    return Response(app.description_text, media_type="application/json")


async def _to_docs(request: Request) -> Response:
    return RedirectResponse(f"{request.app.prefix}/docs")


async def _docs_page(request: Request) -> Response:
    app: ControlApi = request.app
    if app.docs_page is None:
        app.docs_page = docs.render(app.openapi(), _HERE)
    here = str(request.base_url).rstrip("/") + app.prefix
    page = app.docs_page.replace(_HERE, here if _URL.fullmatch(here) else f"http://localhost{app.prefix}")
    return HTMLResponse(
        page, headers={"Content-Security-Policy": docs.POLICY, "X-Content-Type-Options": "nosniff"}
    )


def _with_problems(description: dict[str, Any], *, secured: bool) -> dict[str, Any]:
    components = description.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError", "JsonValue"):
        schemas.pop(unused, None)
    own = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas |= own.pop("$defs", {}) | {"Problem": own}
    if secured:
        components["securitySchemes"] = {
            "token": {"type": "http", "scheme": "bearer", "description": "`http.token`"}
        }
    for path, operations in description["paths"].items():
        for verb, operation in operations.items():
            _show_answer(f"{verb.upper()} {path.removeprefix(PREFIX)}", operation)
            if "422" in operation["responses"]:
                operation["responses"]["422"] = problem_answer(422)
            is_public = path.startswith(PUBLIC_CALLS.get(verb.upper(), ()))
            if secured and path not in OPEN_PATHS and not path.startswith(OWN_TOKENS) and not is_public:
                operation["security"] = [{"token": []}]
                operation["responses"]["401"] = problem_answer(401)
    return description


def _show_answer(call: str, operation: dict[str, Any]) -> None:
    """Put the example of a call's success beside its description."""
    if call in ANSWERS:
        success = next(answer for status, answer in operation["responses"].items() if status.startswith("2"))
        success["content"].setdefault("application/json", {})["example"] = ANSWERS[call]
