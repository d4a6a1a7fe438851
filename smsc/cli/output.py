"""How commands print and how they end: 0 success, 1 failed, 2 wrong usage or configuration."""

import json
from collections.abc import Callable
from typing import Annotated, Any, NoReturn

import typer

FAILED = 1
WRONG_USAGE = 2

#: The option of every command that prints data.
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]


def fail(message: str, status: int = FAILED) -> NoReturn:
    """One line a problem on stderr, each with the program's name, and the end of the command."""
    for line in message.splitlines():
        typer.echo(f"smsc: {line}", err=True)
    raise typer.Exit(status)


def show(found: dict[str, Any], tell: Callable[[dict[str, Any]], None], *, as_json: bool) -> None:
    """What a server has answered: as it is, or as `tell` tells it."""
    if as_json:
        print_json(found)
    else:
        tell(found)


def print_json(data: object) -> None:
    """One JSON document on one line, so that several make JSON lines."""
    typer.echo(json.dumps(data, ensure_ascii=False, default=str))
