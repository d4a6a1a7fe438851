"""`smsc config`: check a file, print the annotated example, hash a password."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from smsc.cli.certificate import certificate
from smsc.cli.output import WRONG_USAGE, AsJson, fail, print_json
from smsc.cli.settings import Extend, checked_settings

app = typer.Typer(help="The configuration.", no_args_is_help=True)


@app.command()
def check(
    file: Annotated[Path, typer.Argument(help="The TOML file to check.")],
    extend: Extend = None,
    as_json: AsJson = False,
) -> None:
    """Check a file, together with the environment, without starting anything. Exit status 2 when it is wrong.

    Everything is built that `smsc serve` builds. With --json the settings in force are printed, secrets left
    out."""
    from smsc.config import ConfigError
    from smsc.config.demo import missing_of_demo

    try:
        settings = checked_settings(file, {} if extend is None else {"extends": extend})
    except ConfigError as error:
        if as_json:
            print_json({"ok": False, "problems": error.problems})
            raise typer.Exit(WRONG_USAGE) from None
        fail(str(error), WRONG_USAGE)
    if as_json:
        print_json({"ok": True, "settings": json.loads(settings.model_dump_json(by_alias=True))})
        return
    tables = ("zones", "subscribers", "esmes", "helplines", "codes")
    counts = ", ".join(f"{len(getattr(settings, table))} {table}" for table in tables)
    typer.echo(f"{file}: ok ({counts})")
    if missing := missing_of_demo(settings):
        typer.echo(missing)


@app.command()
def example() -> None:
    """Print an annotated file with every key."""
    from smsc.config import EXAMPLE

    typer.echo(EXAMPLE.read_text(encoding="utf-8"), nl=False)


@app.command()
def demo() -> None:
    """Print the demo world, which is served without --config and which `extends = "demo"` lies over."""
    from smsc.config import DEMO

    typer.echo(DEMO.read_text(encoding="utf-8"), nl=False)


app.command("certificate")(certificate)


@app.command("hash")
def hash_password(
    password: Annotated[
        str | None,
        typer.Option(help="Asked for, or read from standard input, when not given.", show_default=False),
    ] = None,
) -> None:
    """Print a password as the configuration may hold it instead of its plain text."""
    from argon2 import PasswordHasher

    if password is None:
        asks = sys.stdin.isatty()
        password = typer.prompt("Password", hide_input=True) if asks else sys.stdin.readline().rstrip("\r\n")
    if not password:
        fail("a password is expected", WRONG_USAGE)
    if len(password) > 8 or not password.isascii() or not password.isprintable():
        fail("a password is at most 8 ASCII characters, all that a bind can carry", WRONG_USAGE)
    typer.echo("argon2:" + PasswordHasher().hash(password))
