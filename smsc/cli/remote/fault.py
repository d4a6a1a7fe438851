"""`smsc fault`: what goes wrong on purpose."""

from typing import Annotated, Any

import typer

from smsc.cli.output import print_json
from smsc.cli.remote.api import Api, asks

app = typer.Typer(help="Faults on purpose, so that a client can be tested.")


@app.callback(invoke_without_command=True)
@asks
def listing(
    api: Api,
    context: typer.Context,
    *,
    as_json: bool,
) -> None:
    """List the faults in force, and how often each has fired."""
    if context.invoked_subcommand is None:
        _print(_ask(api), as_json=as_json)


@app.command()
@asks
def add(
    api: Api,
    action: Annotated[
        str, typer.Argument(help="What happens, such as status, throttle, delay, never, twice, drop_before.")
    ],
    command: Annotated[str | None, typer.Option(help="The request, such as submit_sm, or any.")] = None,
    system_id: Annotated[str | None, typer.Option(help="To whom; everybody when not given.")] = None,
    status: Annotated[str | None, typer.Option(help="Of action status, such as ESME_RSYSERR.")] = None,
    probability: Annotated[float | None, typer.Option(min=0, max=1, help="How often, by chance.")] = None,
    after: Annotated[int | None, typer.Option(min=0, help="Not to the first ones.")] = None,
    every: Annotated[int | None, typer.Option(min=1, help="To every so manieth.")] = None,
    count: Annotated[int | None, typer.Option(min=0, help="At most so many times.")] = None,
    seconds: Annotated[str | None, typer.Option(help='Of delay and slow: "500ms", "2s".')] = None,
    rate: Annotated[float | None, typer.Option(min=0, help="Of throttle: so many a second.")] = None,
    *,
    as_json: bool,
) -> None:
    """Add a fault to those in force; the first one that fires wins."""
    given = {
        "action": action,
        "command": command,
        "system_id": system_id,
        "status": status,
        "probability": probability,
        "after": after,
        "every": every,
        "count": count,
        "seconds": seconds,
        "rate": rate,
    }
    now = _ask(api)
    rule = {key: value for key, value in given.items() if value is not None}
    _print(_ask(api, {"seed": now["seed"], "rules": [*now["rules"], rule]}), as_json=as_json)


@app.command()
@asks
def clear(
    api: Api,
    *,
    as_json: bool,
) -> None:
    """Let nothing go wrong any more."""
    _print(_ask(api, {"rules": []}), as_json=as_json)


def _ask(api: Api, body: object = None) -> dict[str, Any]:
    return api.ask("faults", body, None if body is None else "PUT")


def _print(found: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json(found)
        return
    if not found["rules"]:
        typer.echo("no faults")
    for rule, seen, fired in zip(found["rules"], found["seen"], found["fired"], strict=True):
        told = ", ".join(f"{key}={value}" for key, value in rule.items())
        typer.echo(f"{told}: fired {fired} of {seen} times")
