"""`smsc clock`: the SMSC clock, shown, set and moved."""

from typing import Annotated, Any

import typer

from smsc.cli.output import WRONG_USAGE, fail, print_json
from smsc.cli.remote.api import Api, asks
from smsc.durations import parse_duration
from smsc.logs import visible

app = typer.Typer(help="The SMSC clock: retries, validity and outages go by it.")


@app.callback(invoke_without_command=True)
@asks
def show(
    api: Api,
    context: typer.Context,
    *,
    as_json: bool,
) -> None:
    """Show the clock."""
    if context.invoked_subcommand is None:
        _tell(api.ask("clock"), as_json=as_json)


@app.command("set")
@asks
def change(
    api: Api,
    mode: Annotated[str, typer.Argument(help="real, manual or xN, such as x60.")],
    now: Annotated[
        str | None, typer.Option(help='A moment such as "2026-01-01T12:00:00Z".', show_default=False)
    ] = None,
    *,
    as_json: bool,
) -> None:
    """Set the mode, and the moment. The clock never goes back."""
    body = {"mode": mode} if now is None else {"mode": mode, "now": now}
    _tell(api.ask("clock", body, "PUT"), as_json=as_json)


@app.command()
@asks
def advance(
    api: Api,
    duration: Annotated[
        str | None, typer.Argument(help='How far: "2h", "90s", or seconds.', show_default=False)
    ] = None,
    to: Annotated[str | None, typer.Option(help="To this moment.", show_default=False)] = None,
    until_idle: Annotated[
        bool, typer.Option("--until-idle", help="Until no message or receipt is unfinished.")
    ] = False,
    *,
    as_json: bool,
) -> None:
    """Move a manual clock; ends when all that was due has happened."""
    if (duration is not None) + (to is not None) + until_idle != 1:
        fail("expected one of a duration, --to and --until-idle", WRONG_USAGE)
    body: dict[str, Any] = {"until": "idle"} if until_idle else {"to": to}
    if duration is not None:
        try:
            body = {"seconds": parse_duration(duration) / 1000}
        except ValueError as error:
            fail(f"{duration!r}: expected {error}", WRONG_USAGE)
    found = api.ask("clock/advance", body)
    if as_json:
        print_json(found)
        return
    typer.echo(f"{found['now']}: {found['fired']} things happened")
    for event in found["happened"]:
        typer.echo(visible("  " + " ".join(str(value) for value in event.values() if value is not None)))
    if found["unsettled"]:
        typer.echo(visible(f"not answered yet: {', '.join(found['unsettled'])}"))


def _tell(found: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json(found)
    else:
        due = f", next due {found['next_due']}" if found.get("next_due") else ""
        typer.echo(f"{found['now']} ({found['mode']}){due}")
