"""`smsc store`: looks at a store from outside, while a server uses it or not."""

from typing import Annotated

import typer

from smsc.cli.output import FAILED, AsJson, fail, print_json

app = typer.Typer(help="A store, looked at from outside.", no_args_is_help=True)
Url = Annotated[str, typer.Argument(metavar="URL", envvar="SMSC_STORE__URL", help="sqlite:PATH.")]
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


def _plain(value: object) -> object:
    return value.hex() if isinstance(value, bytes) else value
