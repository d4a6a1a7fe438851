"""Errors as RFC 9457 problem details: refusals, invalid requests, unknown paths, and our own faults."""

import logging
import re
import secrets
import traceback
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from http import HTTPStatus
from typing import Any, get_args

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Match
from starlette.types import Scope

from smsc.api.facade.documents import Refusal
from smsc.api.jsontext import to_json

logger = logging.getLogger("smsc.api")

MEDIA_TYPE = "application/problem+json"
#: longest text that is echoed back as "given"
_ECHO = 200
_SECRET_FIELDS = frozenset({"password", "token", "text", "personidentifikatorer", "identifier"})
#: What stands for a person in a path, or may: nothing of it is sent back.
_PERSON = re.compile(r"(?<=/register/persons/)[^/]+|(?<![0-9])[0-9]{11}(?![0-9])")
#: Nothing was given, or it came under a name that may be a misspelt secret's.
_NOT_SHOWN = frozenset({"missing", "extra_forbidden"})
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")


class Refused(Exception):
    """The API's own refusal of a call; a `Refusal` like the engine's."""

    def __init__(
        self, status: int, title: str, detail: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.title = title
        self.detail = detail
        self.headers = headers


class FieldProblem(BaseModel):
    """One field of a request that is not as it should be."""

    field: str = Field(description="Path of the field, such as `position.lat`; empty for the whole body.")
    place: str = Field(alias="in", description="`body`, `query`, `path` or `header`.")
    given: Any = Field(
        default=None, description="What was given; left out when nothing was, or for a secret."
    )
    expected: str = Field(description="What would have been right.")


class Problem(BaseModel):
    """Problem details as in RFC 9457."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "urn:smsc:problem:unknown-zone",
                    "title": "Unknown zone",
                    "status": 404,
                    "detail": "There is no zone 'atlantis'.",
                    "instance": "/api/v1/zones/atlantis",
                }
            ]
        }
    )

    type: str = Field(description="`urn:smsc:problem:` and the title in lower case with hyphens.")
    title: str = Field(description="What kind of problem it is.")
    status: int = Field(description="The HTTP status, again.")
    detail: str = Field(description="What happened this time, and what would be right.")
    instance: str = Field(description="The path that was called.")
    reason: str | None = Field(
        default=None, description="Name in the catalogue of reasons, for a refused message."
    )
    errors: list[FieldProblem] | None = Field(
        default=None, description="Each wrong field of an invalid request."
    )


class _ProblemResponse(JSONResponse):
    """Can carry every text that a message can."""

    media_type = MEDIA_TYPE

    def render(self, content: Any) -> bytes:
        return to_json(content)


def problem(
    status: int,
    title: str,
    detail: str,
    instance: str,
    headers: Mapping[str, str] | None = None,
    **members: object,
) -> JSONResponse:
    """Return the problem as a response; `members` are extension members of the object."""
    slug = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")
    content = {
        "type": f"urn:smsc:problem:{slug}",
        "title": title,
        "status": status,
        "detail": detail,
        "instance": without_persons(instance),
        **members,
    }
    return _ProblemResponse(content, status, headers=headers)


def without_persons(path: str) -> str:
    """The path without the identity numbers of people that may be in it."""
    return _PERSON.sub("***", path) if "/register/" in path else path


def as_refusal(error: Exception) -> Refusal | None:
    """Return `error` when it is the engine's refusal of a call, None for anything else."""
    if isinstance(error, Refusal) and isinstance(error.status, int) and 400 <= error.status <= 599:
        return error
    return None


def refused(refusal: Refusal, instance: str) -> JSONResponse:
    """Return the response for a refused call."""
    reason = getattr(refusal, "reason", None)
    members = dict(getattr(refusal, "members", {}))
    if isinstance(reason, str):
        members["reason"] = reason
    headers = getattr(refusal, "headers", None)
    return problem(refusal.status, refusal.title, refusal.detail, instance, headers, **members)


def internal_error(error: Exception, scope: Scope) -> JSONResponse:
    """Log an unforeseen `error` and return what the client may know of it.

    The log gets the call stack and the type only: messages of exceptions and real paths may hold numbers and
    texts.
    """
    reference = secrets.token_hex(4)
    stack = "".join(traceback.format_tb(error.__traceback__))
    route = getattr(scope.get("route"), "path", "an unknown path")
    logger.error(
        "error %s in %s %s: %s\n%s", reference, scope["method"], route, type(error).__qualname__, stack
    )
    detail = f"Something went wrong inside the server; its log says more under the reference {reference}."
    return problem(500, "Internal error", detail, scope["path"], reference=reference)


def install(app: FastAPI) -> None:
    """Make `app` answer unknown paths, wrong methods and invalid requests with problem details."""
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(RequestValidationError, _invalid_request)


async def _http_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    path = without_persons(request.url.path)
    if error.status_code == 404:
        return problem(404, "Unknown path", f"There is nothing at {path}; /docs lists all calls.", path)
    if error.status_code == 405:
        allowed = ", ".join(_allowed_methods(request.app.routes, request.scope))
        detail = f"{request.method} is not possible at {path}; possible: {allowed}."
        return problem(405, "Method not allowed", detail, path, {"Allow": allowed})
    title = HTTPStatus(error.status_code).phrase.capitalize()
    return problem(error.status_code, title, str(error.detail), path, error.headers)


def _allowed_methods(routes: Sequence[BaseRoute], scope: Scope) -> list[str]:
    # Each call is a route of its own, and the router reports the methods of the first one that has the path.
    def takes(method: str) -> bool:
        method = "GET" if method == "HEAD" else method
        return any(route.matches({**scope, "method": method})[0] is Match.FULL for route in routes)

    return [method for method in _METHODS if takes(method)]


async def _invalid_request(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    path = request.url.path
    errors = error.errors()
    if errors[0]["type"] == "json_invalid":
        where = errors[0]["loc"][-1]
        said = errors[0].get("ctx", {}).get("error", "not JSON")
        return problem(400, "Malformed JSON", f"The body is not JSON: {said} at character {where}.", path)
    fields = [_field_problem(each, _names(request, each["loc"])) for each in errors]
    return problem(422, "Invalid request", _in_one_sentence(fields), path, errors=fields)


def _names(request: Request, path: Sequence[int | str]) -> list[str]:
    """The fields that there are beside the one at ``path``; none when the place takes any."""
    place, *steps = path
    dependant = getattr(request.scope.get("route"), "dependant", None)
    params = getattr(dependant, f"{place}_params", ())
    models = [model for param in params for model in _models(param.field_info.annotation)]
    for step in steps[:-1]:
        if isinstance(step, int):
            continue
        found = [model.model_fields[step].annotation for model in models if step in model.model_fields]
        models = [model for kind in found for model in _models(kind)]
    return [field.alias or name for model in models for name, field in model.model_fields.items()]


def _models(kind: Any) -> list[type[BaseModel]]:
    """The models in an annotation: `Model`, `Model | None`, `list[Model]`."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return [kind]
    return [model for inner in get_args(kind) for model in _models(inner)]


def _field_problem(error: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    place, *path = error["loc"]
    field = ".".join(str(part) for part in path)
    found: dict[str, Any] = {"field": field, "in": str(place), "expected": _expected(error, names)}
    given = error.get("input")
    is_nameless = not path and isinstance(given, str)  # the whole body: it may be anybody's anything
    if error["type"] not in _NOT_SHOWN and not is_nameless and not _SECRET_FIELDS.intersection(path):
        found["given"] = _echo(given)
    return found


def _expected(error: Mapping[str, Any], names: Sequence[str]) -> str:
    if error["type"] == "extra_forbidden":
        return _no_such_field(str(error["loc"][-1]), names)
    if error["type"] == "missing":
        return "a value: the field is required"
    if error["type"] in {"model_attributes_type", "model_type", "dict_type"}:
        return "a JSON object"
    said = str(error["msg"])
    for prefix in ("Value error, ", "Input should be "):
        said = said.removeprefix(prefix)
    return said


def _no_such_field(name: str, names: Sequence[str]) -> str:
    """What there is instead, the most alike first."""
    if not names:
        return "no field of this name"
    alike = get_close_matches(name.casefold(), names, 1, 0.7)
    if alike:
        return f"{alike[0]!r}: there is no field of this name"
    return f"no field of this name; there are: {', '.join(names)}"


def _echo(given: object) -> object:
    if given is None or isinstance(given, (bool, int)):
        return given
    if isinstance(given, float):
        return given if abs(given) < float("inf") else str(given)
    if not isinstance(given, str):
        # Not what is in it: that may be somebody's password or text.
        return "a list" if isinstance(given, list) else "an object"
    # A lone surrogate is legal in JSON's escapes but cannot be sent back as UTF-8.
    text = given.encode("utf-8", "replace").decode()
    return text if len(text) <= _ECHO else text[:_ECHO] + "…"


def _in_one_sentence(fields: Sequence[Mapping[str, Any]]) -> str:
    first = fields[0]
    name = f"{first['in']} {first['field']}".strip()
    shown = "null" if first.get("given") is None else repr(first["given"])
    given = f" was given {shown};" if "given" in first else ":"
    more = f" ({len(fields) - 1} more in errors)" if len(fields) > 1 else ""
    return f"{name}{given} expected {first['expected']}{more}."
