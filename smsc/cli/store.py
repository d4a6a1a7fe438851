"""`smsc store`: looks at a store from outside, while a server uses it or not, or copies it."""

from typing import Annotated

import typer

from smsc.cli.output import FAILED, AsJson, fail, print_json

app = typer.Typer(help="A store, looked at from outside, or copied.", no_args_is_help=True)
Url = Annotated[
    str,
    typer.Argument(
        metavar="URL", envvar="SMSC_STORE__URL", help="sqlite:PATH or postgresql://USER@HOST/DATABASE."
    ),
]
DEFAULT = "sqlite:./smsc-data/smsc.db"


@app.command()
def check(url: Url = DEFAULT, as_json: AsJson = False) -> None:
    """Check that a store is whole. Exit status 1 when it is not, or cannot be read."""
    from smsc.store.base import StoreError
    from smsc.store.inspection import check, version

    try:
        problems = check(url)
        schema = version(url)
    except StoreError as error:
        fail(str(error))
    if as_json:
        print_json({"ok": not problems, "schema": schema, "problems": problems})
    else:
        typer.echo("\n".join(problems) or f"{url}: ok (schema version {schema})")
    if problems:
        raise typer.Exit(FAILED)


@app.command()
def export(url: Url = DEFAULT) -> None:
    """Print every row as a line of JSON, all as of one moment. Octets are written in hexadecimal."""
    from smsc.store.base import StoreError
    from smsc.store.inspection import export

    try:
        for table, row in export(url):
            print_json({"table": table, **{name: _plain(value) for name, value in row.items()}})
    except StoreError as error:
        fail(str(error))


@app.command()
def copy(
    source: Annotated[str, typer.Argument(metavar="FROM", help="The store to copy; it stays as it is.")],
    target: Annotated[str, typer.Argument(metavar="TO", help="Where to; there must be nothing yet.")],
    as_json: AsJson = False,
) -> None:
    """Copy a store, such as from a file into PostgreSQL, while no server uses it. Ids go on as they were."""
    from smsc.engine.engine import TABLES
    from smsc.server.app import SCHEMA_VERSION
    from smsc.store.base import StoreError
    from smsc.store.copying import copy

    try:
        counts = copy(source, target, TABLES, SCHEMA_VERSION)
    except StoreError as error:
        fail(str(error))
    if as_json:
        print_json({"copied": counts})
    else:
        typer.echo(f"{target}: " + ", ".join(f"{count} {name}" for name, count in counts.items()))


def _plain(value: object) -> object:
    return value.hex() if isinstance(value, bytes) else value
