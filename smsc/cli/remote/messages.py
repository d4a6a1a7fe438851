"""`smsc messages` and `smsc wait`: what was sent, found by a search, and what has yet to come."""

import urllib.parse
from typing import Annotated, Any

import typer

from smsc.cli.output import FAILED, WRONG_USAGE, fail, print_json
from smsc.cli.remote.api import Api, Refused, asks
from smsc.logs import visible

Query = Annotated[
    str,
    typer.Argument(
        metavar="SEARCH",
        help='Such as: to:2097 state:expired since:10m "exact words" -not. Put -- before a minus.',
    ),
]

_NOT_A_SEARCH = 422
_TIME_IS_UP = 408
_MARGIN = 30.0  # seconds that the server may take for its answer when the time is up


@asks
def messages(
    api: Api,
    search: Query = "",
    limit: Annotated[int, typer.Option(min=1, max=1000, help="At most so many.")] = 20,
    oldest: Annotated[bool, typer.Option("--oldest", help="The oldest first.")] = False,
    counts: Annotated[bool, typer.Option("--counts", help="Only how many, by state.")] = False,
    delete: Annotated[bool, typer.Option("--delete", help="Delete all that the search finds.")] = False,
    *,
    as_json: bool,
) -> None:
    """List messages, the newest first; or count or delete what a search finds."""
    if counts or delete:
        query = urllib.parse.urlencode({"q": search})
        path, method = (f"messages?{query}", "DELETE") if delete else (f"messages/counts?{query}", None)
        found = _ask(api, path, method)
        if as_json:
            print_json(found)
        elif delete:
            typer.echo(f"deleted: {found['deleted']}")
        else:
            _tell_counts(found)
        return
    order = "oldest" if oldest else "newest"
    found = _ask(api, f"messages?{urllib.parse.urlencode({'q': search, 'order': order, 'limit': limit})}")
    if as_json:
        print_json(found)
    else:
        for message in found["messages"]:
            typer.echo(_line(message))


@asks
def wait(
    api: Api,
    search: Query = "",
    count: Annotated[int, typer.Option(min=1, max=1000, help="So many messages.")] = 1,
    timeout: Annotated[float, typer.Option(min=0, max=600, help="At most so many seconds.")] = 30.0,
    since: Annotated[
        str | None,
        typer.Option(help="Only what came since 2026-01-01T12:00:00Z of the real clock, or 10m ago at most."),
    ] = None,
    code: Annotated[bool, typer.Option("--code", help="Print only the one-time code in the text.")] = False,
    *,
    as_json: bool,
) -> None:
    """Wait until a search finds messages, also those of the last minute; tell what came instead if none
    does."""
    query: dict[str, object] = {"q": search, "count": count, "timeout": timeout}
    if since is not None:
        query["since"] = since
    found = _ask(api, f"messages/wait?{urllib.parse.urlencode(query)}", patience=timeout + _MARGIN)
    rows = found["messages"]
    if code:
        without = next((row for row in rows if not row["codes"]), None)
        if without is not None:
            fail(f"no one-time code in {without['text']!r}")
        for row in rows:
            typer.echo(row["codes"][0])
    elif as_json:
        print_json(found)
    else:
        for row in rows:
            typer.echo(_line(row))


def _ask(api: Api, path: str, method: str | None = None, patience: float | None = None) -> dict[str, Any]:
    try:
        return api.json(path, method=method, patience=patience)
    except Refused as refused:
        told = refused.problem
        lines = [str(told.get("detail", refused))] if told else [str(refused)]
        if refused.status == _TIME_IS_UP:
            lines += [
                f"  {_line(each['message'])}: {visible('; '.join(each['why']))}" for each in told["instead"]
            ]
        fail("\n".join(lines), WRONG_USAGE if refused.status == _NOT_A_SEARCH else FAILED)


def _line(message: dict[str, Any]) -> str:
    state = message["stage"] + (f" {message['reason']}" if message["reason"] else "")
    return visible(
        f"{message['id']} {message['source']} -> {message['destination']} {state}: {message['text']}"
    )


def _tell_counts(found: dict[str, Any]) -> None:
    typer.echo(f"total: {found['total']}{'' if found['complete'] else ', of the newest only'}")
    for stage, count in found["stages"].items():
        if count:
            typer.echo(f"{stage}: {count}")
