"""`smsc esme`: who may bind besides handsets."""

from typing import Annotated, Any

import typer

from smsc.cli.output import WRONG_USAGE, fail, show
from smsc.cli.remote.api import Api, asks, quoted
from smsc.logs import visible

app = typer.Typer(help="ESMEs of a running server: gateways, providers, centres.")
Name = Annotated[str, typer.Argument(metavar="SYSTEM_ID", help="What it binds with.")]


@app.callback(invoke_without_command=True)
@asks
def listing(
    api: Api,
    context: typer.Context,
    *,
    as_json: bool,
) -> None:
    """List the ESMEs."""
    if context.invoked_subcommand is not None:
        return
    show(api.ask("esmes"), _tell_all, as_json=as_json)


@app.command()
@asks
def put(
    api: Api,
    system_id: Name,
    password: Annotated[str, typer.Option(help="What it binds with, at most 8 characters.")],
    kind: Annotated[
        str | None, typer.Option(help="esme, farm, emergency, helpline, content or agency.")
    ] = None,
    number: Annotated[
        list[str] | None, typer.Option(help="A number that it owns; several times if need be.")
    ] = None,
    sender: Annotated[list[str] | None, typer.Option(help="An alphanumeric sender that it may use.")] = None,
    span: Annotated[
        list[str] | None, typer.Option("--range", metavar="FIRST-LAST", help="Handsets that it speaks for.")
    ] = None,
    *,
    as_json: bool,
) -> None:
    """Make or replace an ESME; its sessions end. It lasts in the store, until `smsc reset`."""
    given = {
        "password": password,
        "kind": kind,
        "numbers": number,
        "senders": sender,
        "ranges": None if not span else [_range(one) for one in span],
    }
    body = {key: value for key, value in given.items() if value}
    show(api.ask(f"esmes/{quoted(system_id)}", body, "PUT"), _tell, as_json=as_json)


@app.command()
@asks
def remove(
    api: Api,
    system_id: Name,
    *,
    as_json: bool,
) -> None:
    """Remove an ESME; its sessions end."""
    api.remove(f"esmes/{quoted(system_id)}", system_id, as_json=as_json)


def _range(text: str) -> dict[str, str]:
    first, dash, last = text.partition("-")
    if not dash:
        fail(f"--range {text!r}: expected FIRST-LAST, such as 4790000000-4790099999", WRONG_USAGE)
    return {"first": first, "last": last}


def _tell_all(found: dict[str, Any]) -> None:
    for esme in found["esmes"]:
        _tell(esme)


def _tell(esme: dict[str, Any]) -> None:
    spans = [f"{one['first']}-{one['last']}" for one in esme["ranges"]]
    owned = ", ".join([*esme["numbers"], *esme["senders"], *spans]) or "nothing of its own"
    bound = f", {len(esme['sessions'])} bound" if esme["sessions"] else ""
    typer.echo(visible(f"{esme['system_id']} ({esme['kind']}): {owned}{bound}"))
