"""`smsc sessions`: who is bound, who was and why it ended, and ending one."""

from typing import Annotated, Any, Literal

import typer

from smsc.cli.output import fail, print_json
from smsc.cli.remote.api import Api, asks, refused_ends
from smsc.logs import visible

app = typer.Typer(help="Binds: who is there, who was, and ending them.")


@app.callback(invoke_without_command=True)
@asks
def listing(
    api: Api,
    context: typer.Context,
    ended: Annotated[bool, typer.Option("--ended", help="Those that have ended, with why.")] = False,
    *,
    as_json: bool,
) -> None:
    """List binds, with the last things that happened to each."""
    if context.invoked_subcommand is not None:
        return
    found = _sessions(api, ended=ended)
    if as_json:
        print_json({"sessions": found})
        return
    for one in found:
        told = f"{one['id']} {one['system_id']} {one['type']} from {one['peer']}"
        if counts := one["counters"]:
            told += f": {counts['submitted']} submitted, {counts['refused']} refused"
            told += f", {counts['delivered']} delivered"
        else:
            told += f": bound to node {one['node']}"
        typer.echo(visible(told + (f"; ended: {one['ended_because']}" if one["ended_because"] else "")))
        for event in one["events"]:
            typer.echo(visible(f"  {event['at']} {event['event']} {event['detail'] or ''}".rstrip()))


@app.command()
@asks
def drop(
    api: Api,
    who: Annotated[str, typer.Argument(help="A session's id, or a system_id for all of its sessions.")],
    how: Annotated[
        Literal["drop", "unbind"], typer.Option(help="Close the connection, or ask the peer to leave.")
    ] = "drop",
    *,
    as_json: bool,
) -> None:
    """End sessions. Exit status 1 when there is none of that name."""
    chosen = [one for one in _sessions(api) if who in (str(one["id"]), one["system_id"])]
    if not chosen:
        fail(f"nobody is bound as {who}")
    with refused_ends():
        for one in chosen:
            api.text(f"sessions/{one['id']}?how={how}", method="DELETE")
    if as_json:
        print_json({"ended": [one["id"] for one in chosen]})
    else:
        typer.echo(f"ended: {', '.join(str(one['id']) for one in chosen)}")


def _sessions(api: Api, *, ended: bool = False) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = api.ask(f"sessions?ended={str(ended).lower()}")["sessions"]
    return found
