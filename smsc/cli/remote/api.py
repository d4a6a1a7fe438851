"""What commands share that ask a running server: where its control API is, and one call."""

import http.client
import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from inspect import Parameter, signature
from typing import Annotated, Any, get_type_hints

import typer

from smsc.cli.output import AsJson, fail, print_json
from smsc.logs import visible

HttpHost = Annotated[str, typer.Option("--host", envvar="SMSC_HOST", help="Where the SMSC is.")]
HttpPort = Annotated[
    int, typer.Option(envvar="SMSC_HTTP__PORT", min=1, max=65535, help="Its control API's port.")
]
Token = Annotated[
    str | None, typer.Option(envvar="SMSC_HTTP__TOKEN", help="The control API's token, if it has one.")
]

_PATIENCE = 60.0
_SHORTLY = 3.0
_UNAUTHORIZED = 401


class Refused(Exception):
    """The API has refused a call: one sentence, the HTTP status, and the problem as the API told it."""

    def __init__(self, sentence: str, status: int = 0, problem: dict[str, Any] | None = None) -> None:
        super().__init__(sentence)
        self.status = status
        self.problem = problem or {}


class Api:
    """The control API of one server."""

    def __init__(self, host: str, port: int, token: str | None) -> None:
        authority = f"[{host}]" if ":" in host else host
        self.url = f"http://{authority}:{port}/api/v1/"
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}
        self.opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def answers(self) -> bool:
        """Whether anybody is there, asked shortly."""
        try:
            with self.opener.open(self.url.removesuffix("api/v1/") + "livez", timeout=_SHORTLY):
                return True
        except (OSError, ValueError, http.client.HTTPException):
            return False

    def text(
        self,
        path: str,
        body: object = None,
        *,
        method: str | None = None,
        patience: float | None = None,
    ) -> str:
        """GET, or POST a body, or what `method` says; `patience` in seconds. Refused; ends the command when
        nobody answers."""
        data = None if body is None else json.dumps(body).encode()
        headers = self.headers | ({"Content-Type": "application/json"} if data else {})
        request = urllib.request.Request(self.url + path, data, headers, method=method)
        try:
            with self.opener.open(request, timeout=patience or _PATIENCE) as answer:
                return str(answer.read().decode("utf-8"))
        except urllib.error.HTTPError as error:
            raise _refused(error, self.url + path) from None
        except (OSError, ValueError, http.client.HTTPException) as error:
            fail(f"no control API at {self.url + path}: {error}")

    def json(
        self,
        path: str,
        body: object = None,
        *,
        method: str | None = None,
        patience: float | None = None,
    ) -> dict[str, Any]:
        """The same, of what answers with a JSON object."""
        try:
            found: dict[str, Any] = json.loads(self.text(path, body, method=method, patience=patience))
        except ValueError as error:
            fail(f"no control API at {self.url + path}: {error}")
        return found

    def ask(self, path: str, body: object = None, method: str | None = None) -> dict[str, Any]:
        """As `json`; ends the command when it is refused."""
        with refused_ends():
            return self.json(path, body, method=method)

    def remove(self, path: str, name: str, *, as_json: bool) -> None:
        """DELETE, and say so; ends the command when it is refused."""
        with refused_ends():
            self.text(path, method="DELETE")
        if as_json:
            print_json({"removed": name})
        else:
            typer.echo(f"removed: {visible(name)}")


def asks(command: Callable[..., None]) -> Callable[..., None]:
    """A command that asks a running server: its parameters `api` and `as_json` are made of the options that
    all of these have."""

    @wraps(command)
    def asking(host: str, http_port: int, token: str | None, **given: Any) -> None:
        command(Api(host, http_port, token), **given)

    hints = get_type_hints(command, include_extras=True)
    options = (
        ("host", HttpHost, "127.0.0.1"),
        ("http_port", HttpPort, 8775),
        ("token", Token, None),
        ("as_json", AsJson, False),
    )
    own = [
        parameter.replace(annotation=hints[name])
        for name, parameter in signature(command).parameters.items()
        if name not in ("api", "as_json")
    ]
    shared = [
        Parameter(name, Parameter.KEYWORD_ONLY, default=default, annotation=kind)
        for name, kind, default in options
    ]
    parameters = [*own, *shared]
    asking.__signature__ = signature(command).replace(parameters=parameters)  # type: ignore[attr-defined]
    asking.__annotations__ = {each.name: each.annotation for each in parameters}
    return asking


@contextmanager
def refused_ends() -> Iterator[None]:
    """What the API refuses inside ends the command, with what it said."""
    try:
        yield
    except Refused as refused:
        fail(str(refused))


def quoted(part: str) -> str:
    """A name or number as a part of a path."""
    return urllib.parse.quote(part, safe="")


def _refused(error: urllib.error.HTTPError, url: str) -> Refused:
    if error.code == _UNAUTHORIZED:
        return Refused("the control API wants its token: --token, or SMSC_HTTP__TOKEN", error.code)
    try:
        told = json.load(error)
        return Refused(f"{told['title']}: {told['detail']}", error.code, told)
    except (ValueError, LookupError, TypeError):
        return Refused(f"{url} answered {error.code}", error.code)
