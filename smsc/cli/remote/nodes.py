"""`smsc nodes`: which servers share the store, who is alive, and how much each runs."""

from typing import Any

import typer

from smsc.cli.output import show
from smsc.cli.remote.api import Api, asks
from smsc.logs import visible


@asks
def nodes(api: Api, *, as_json: bool) -> None:
    """List the nodes of an SMSC on PostgreSQL."""
    show(api.ask("nodes"), _tell, as_json=as_json)


def _tell(found: dict[str, Any]) -> None:
    if not found["nodes"]:
        typer.echo(
            "one server alone, which has its store to itself; serve --node NAME makes it one of several"
        )
    for one in found["nodes"]:
        told = f"{one['name']}{' (asked here)' if one['this'] else ''}: {'alive' if one['alive'] else 'gone'}"
        told += f", {one['slots']} of 256 slots, {one['recipients']} recipients by themselves"
        told += f", {one['binds']} binds that receive"
        if one["waiting"] is not None:
            told += f", {one['waiting']} messages wait"
        typer.echo(visible(told + (f"; {one['process']}" if one["process"] else "")))
