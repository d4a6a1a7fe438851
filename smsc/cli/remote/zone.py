"""`smsc zone`: where there is coverage, and taking it away."""

from typing import Annotated, Any

import typer

from smsc.cli.output import WRONG_USAGE, AsJson, fail, print_json
from smsc.cli.remote.api import Api, HttpHost, HttpPort, Token, quoted
from smsc.logs import visible

app = typer.Typer(help="Zones: coverage, outages, what handsets do without coverage.")
Name = Annotated[str, typer.Argument(help="The zone's name, such as laerdal-tunnel.")]


@app.callback(invoke_without_command=True)
def listing(
    context: typer.Context,
    host: HttpHost = "127.0.0.1",
    http_port: HttpPort = 8775,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """List the zones."""
    if context.invoked_subcommand is not None:
        return
    found = Api(host, http_port, token).ask("zones")
    if as_json:
        print_json(found)
    else:
        for zone in found["zones"]:
            _tell(zone)


@app.command("set")
def change(
    name: Name,
    coverage: Annotated[str | None, typer.Option(help="good, weak or none.")] = None,
    uplink: Annotated[str | None, typer.Option(help="hold, defer, reject or lose.")] = None,
    loss: Annotated[float | None, typer.Option(min=0, max=1, help="Share of attempts that get lost.")] = None,
    latency: Annotated[str | None, typer.Option(help='Added to each attempt, such as "300ms".')] = None,
    host: HttpHost = "127.0.0.1",
    http_port: HttpPort = 8775,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """Change a zone, or make one."""
    given = {"coverage": coverage, "uplink": uplink, "loss": loss, "latency": latency}
    body = {key: value for key, value in given.items() if value is not None}
    if not body:
        fail("expected what changes: --coverage, --uplink, --loss or --latency", WRONG_USAGE)
    api = Api(host, http_port, token)
    there = any(zone["name"] == name for zone in api.ask("zones")["zones"])
    _show(api.ask(f"zones/{quoted(name)}", body, "PATCH" if there else "PUT"), as_json=as_json)


@app.command()
def down(
    name: Name,
    duration: Annotated[
        str | None, typer.Option("--for", help='How long, such as "2h"; until `zone up` when not given.')
    ] = None,
    note: Annotated[str | None, typer.Option(help="Why; shown in timelines.")] = None,
    host: HttpHost = "127.0.0.1",
    http_port: HttpPort = 8775,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """Begin an outage now, in place of those that were planned."""
    outage = {key: value for key, value in (("duration", duration), ("note", note)) if value is not None}
    body = {"outages": [outage]}
    _show(Api(host, http_port, token).ask(f"zones/{quoted(name)}", body, "PATCH"), as_json=as_json)


@app.command()
def up(
    name: Name,
    host: HttpHost = "127.0.0.1",
    http_port: HttpPort = 8775,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """End a zone's outages, and plan none."""
    body = {"outages": None}
    _show(Api(host, http_port, token).ask(f"zones/{quoted(name)}", body, "PATCH"), as_json=as_json)


@app.command()
def remove(
    name: Name,
    host: HttpHost = "127.0.0.1",
    http_port: HttpPort = 8775,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """Remove a zone that nobody is in."""
    Api(host, http_port, token).remove(f"zones/{quoted(name)}", name, as_json=as_json)


def _show(zone: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json(zone)
    else:
        _tell(zone)


def _tell(zone: dict[str, Any]) -> None:
    told = f"{zone['name']}: coverage {zone['coverage']}, uplink {zone['uplink']}, loss {zone['loss']:g}"
    typer.echo(visible(told + (f", {len(zone['outages'])} outages planned" if zone["outages"] else "")))
