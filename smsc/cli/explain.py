"""`smsc explain`: where a message waits, why, until when, and what comes next."""

import json
import urllib.error
import urllib.parse
import urllib.request
from typing import Annotated, Any

import typer

from smsc.cli.output import AsJson, fail, print_json
from smsc.logs import visible


def explain(
    message_id: Annotated[str, typer.Argument(metavar="ID", help="As the submit_sm_resp told it.")],
    host: Annotated[str, typer.Option(envvar="SMSC_HOST", help="Where the SMSC is.")] = "127.0.0.1",
    http_port: Annotated[
        int, typer.Option(envvar="SMSC_HTTP__PORT", min=1, max=65535, help="Its control API's port.")
    ] = 8775,
    token: Annotated[
        str | None, typer.Option(envvar="SMSC_HTTP__TOKEN", help="The control API's token, if it has one.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Tell in one paragraph what becomes of a message."""
    authority = f"[{host}]" if ":" in host else host
    url = f"http://{authority}:{http_port}/api/v1/messages/{urllib.parse.quote(message_id, safe='')}"
    found = _get(url, token)
    if as_json:
        names = ("id", "state", "explanation", "waiting_for", "until", "next_attempt", "what_next", "events")
        print_json({name: found.get(name) for name in names})
    else:
        typer.echo(visible(str(found["explanation"])))


def _get(url: str, token: str | None) -> dict[str, Any]:
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"} if token else {})
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=10) as answer:
            found: dict[str, Any] = json.load(answer)
            return found
    except urllib.error.HTTPError as error:
        try:
            told = json.load(error)
            fail(f"{told.get('title')}: {told.get('detail')}")
        except ValueError:
            fail(f"{url} answered {error.code}")
    except (OSError, ValueError) as error:
        fail(f"no control API at {url}: {error}")
