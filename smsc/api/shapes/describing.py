"""The words in which every route describes its answers."""

from typing import Any

from fastapi import Response
from pydantic import BaseModel, ConfigDict

from smsc.api.problems import MEDIA_TYPE


def example(**fields: Any) -> ConfigDict:
    return ConfigDict(extra="allow", use_attribute_docstrings=True, json_schema_extra={"examples": [fields]})


def listed(name: str, of: str) -> dict[int | str, dict[str, Any]]:
    """Describe an answer that is an object with one array, `name`, of documents."""
    schema = {
        "type": "object",
        "properties": {name: {"type": "array", "items": {"type": "object"}, "description": of}},
        "required": [name],
    }
    return {200: {"description": of, "content": {"application/json": {"schema": schema}}}}


_PROBLEMS = {
    400: "The body is not JSON.",
    401: "The bearer token is missing or wrong.",
    403: "The bearer token does not allow this.",
    404: "There is no such thing.",
    408: "It did not come in time.",
    409: "Not possible in the present state.",
    422: "A value is not as it should be; `errors` or `reason` says which and why.",
    503: "Not now; the problem says why.",
}


def answers(
    status: int, model: type[BaseModel] | None, description: str, *problems: int
) -> dict[int | str, dict[str, Any]]:
    """Describe the answers of a call: its own, and the problems that are particular to it."""
    described: dict[int | str, dict[str, Any]] = {status: {"description": description}}
    if model is not None:
        described[status]["model"] = model
    for code in problems:
        described[code] = problem_answer(code)
    return described


def nothing(description: str, *problems: int) -> dict[str, Any]:
    """How a call is declared that answers 204 when it has done what it was told."""
    return {
        "status_code": 204,
        "response_class": Response,
        "responses": answers(204, None, description, *problems),
    }


def problem_answer(status: int) -> dict[str, Any]:
    """Describe the answer that is a problem with `status`."""
    schema = {"$ref": "#/components/schemas/Problem"}
    return {"description": _PROBLEMS[status], "content": {MEDIA_TYPE: {"schema": schema}}}
