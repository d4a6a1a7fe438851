"""`smsc zone`: where there is coverage, and taking it away."""

from typing import Annotated, Any

import typer

from smsc.cli.output import WRONG_USAGE, fail, show
from smsc.cli.remote.api import Api, asks, quoted
from smsc.logs import visible

app = typer.Typer(help="Zones: coverage, outages, what handsets do without coverage.")
Name = Annotated[str, typer.Argument(help="The zone's name, such as laerdal-tunnel.")]


@app.callback(invoke_without_command=True)
@asks
def listing(
    api: Api,
    context: typer.Context,
    *,
    as_json: bool,
) -> None:
    """List the zones."""
    if context.invoked_subcommand is not None:
        return
    show(api.ask("zones"), _tell_all, as_json=as_json)


@app.command("set")
@asks
def change(
    api: Api,
    name: Name,
    coverage: Annotated[str | None, typer.Option(help="good, weak or none.")] = None,
    uplink: Annotated[str | None, typer.Option(help="hold, defer, reject or lose.")] = None,
    loss: Annotated[float | None, typer.Option(min=0, max=1, help="Share of attempts that get lost.")] = None,
    latency: Annotated[str | None, typer.Option(help='Added to each attempt, such as "300ms".')] = None,
    *,
    as_json: bool,
) -> None:
    """Change a zone, or make one."""
    given = {"coverage": coverage, "uplink": uplink, "loss": loss, "latency": latency}
    body = {key: value for key, value in given.items() if value is not None}
    if not body:
        fail("expected what changes: --coverage, --uplink, --loss or --latency", WRONG_USAGE)
    there = any(zone["name"] == name for zone in api.ask("zones")["zones"])
    show(api.ask(f"zones/{quoted(name)}", body, "PATCH" if there else "PUT"), _tell, as_json=as_json)


@app.command()
@asks
def down(
    api: Api,
    name: Name,
    duration: Annotated[
        str | None, typer.Option("--for", help='How long, such as "2h"; until `zone up` when not given.')
    ] = None,
    note: Annotated[str | None, typer.Option(help="Why; shown in timelines.")] = None,
    *,
    as_json: bool,
) -> None:
    """Begin an outage now, in place of those that were planned."""
    outage = {key: value for key, value in (("duration", duration), ("note", note)) if value is not None}
    body = {"outages": [outage]}
    show(api.ask(f"zones/{quoted(name)}", body, "PATCH"), _tell, as_json=as_json)


@app.command()
@asks
def up(
    api: Api,
    name: Name,
    *,
    as_json: bool,
) -> None:
    """End a zone's outages, and plan none."""
    body = {"outages": None}
    show(api.ask(f"zones/{quoted(name)}", body, "PATCH"), _tell, as_json=as_json)


@app.command()
@asks
def remove(
    api: Api,
    name: Name,
    *,
    as_json: bool,
) -> None:
    """Remove a zone that nobody is in."""
    api.remove(f"zones/{quoted(name)}", name, as_json=as_json)


def _tell_all(found: dict[str, Any]) -> None:
    for zone in found["zones"]:
        _tell(zone)


def _tell(zone: dict[str, Any]) -> None:
    told = f"{zone['name']}: coverage {zone['coverage']}, uplink {zone['uplink']}, loss {zone['loss']:g}"
    typer.echo(visible(told + (f", {len(zone['outages'])} outages planned" if zone["outages"] else "")))
