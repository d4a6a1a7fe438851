"""`smsc serve`: settings from all sources, then the server."""

from pathlib import Path
from typing import Annotated, Any

import typer

from smsc.cli.output import WRONG_USAGE, fail
from smsc.cli.settings import Extend, checked_settings


def serve(
    config: Annotated[
        Path | None,
        typer.Option(
            envvar="SMSC_CONFIG",
            help="A TOML file; without one the demo world is served.",
            show_default=False,
        ),
    ] = None,
    extend: Extend = None,
    host: Annotated[str | None, typer.Option(help="Where to listen (default 127.0.0.1).")] = None,
    smpp_port: Annotated[int | None, typer.Option(help="0 picks a free port (default 2775).")] = None,
    http_port: Annotated[int | None, typer.Option(help="0 picks a free port (default 8775).")] = None,
    store: Annotated[
        str | None,
        typer.Option(
            help="memory:, sqlite:PATH (default sqlite:./smsc-data/smsc.db) "
            "or postgresql://USER@HOST/DATABASE."
        ),
    ] = None,
    node: Annotated[
        str | None,
        typer.Option(help="The name of this one of several servers on one database.", show_default=False),
    ] = None,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Delete what the store holds, and begin anew.")
    ] = False,
    clock: Annotated[
        str | None, typer.Option(help="real, manual or xN (N times as fast; default real).")
    ] = None,
    trace: Annotated[
        Path | None,
        typer.Option(help="Write what is on the wire to this pcapng file.", show_default=False),
    ] = None,
    ready_file: Annotated[
        Path | None,
        typer.Option(help="Written when both ports accept: their addresses as JSON.", show_default=False),
    ] = None,
) -> None:
    """Serve SMPP and the HTTP control API until SIGTERM or Ctrl-C.

    Prints `ready smpp=HOST:PORT http=HOST:PORT` once both accept. A key that has no option can be set in the
    environment, such as SMSC_SMPP__TLS_PORT, or in the file; `smsc config example` explains them all."""
    from smsc.config import ConfigError
    from smsc.config.demo import missing_of_demo

    flags: dict[str, Any] = {
        "extends": extend,
        "host": host,
        "smpp": _given(port=smpp_port),
        "http": _given(port=http_port),
        "store": _given(url=store),
        "clock": _given(mode=clock),
        "trace": _given(file=trace),
    }
    try:
        settings = checked_settings(config, {key: value for key, value in flags.items() if value})
    except ConfigError as error:
        fail(str(error), WRONG_USAGE)

    if node is not None:
        _check_node(settings.store.url, settings.clock.mode, node, fresh)
    if ready_file is not None and not ready_file.absolute().parent.is_dir():
        fail(f"--ready-file {ready_file}: there is no such directory", WRONG_USAGE)

    from smsc import COMPILED, logs
    from smsc.server.app import run

    if fresh:
        _discard(settings.store.url)

    logs.set_up(settings.log.level, show_numbers=settings.log.show_numbers)
    if config is not None and (missing := missing_of_demo(settings)):
        typer.echo(f"smsc: {config}: {missing}", err=True)
    if not COMPILED:
        typer.echo("smsc: plain Python: it serves as well, only slower (smsc version tells)", err=True)
    raise typer.Exit(run(settings, ready_file=ready_file, node=node))


def _check_node(url: str, clock: str, node: str, fresh: bool) -> None:
    """Ends the command where a server cannot be one of several."""
    from smsc.store.base import StoreError
    from smsc.store.urls import ONE_CLOCK, check_node

    try:
        check_node(url, node)
    except StoreError as error:
        fail(f"--{error}", WRONG_USAGE)
    if clock != "real":
        fail(f"--node {node}: clock.mode is {clock}; {ONE_CLOCK}", WRONG_USAGE)
    if fresh:
        fail("--fresh empties the store of all nodes; start one server without --node for that", WRONG_USAGE)


def _discard(url: str) -> None:
    """`--fresh`; ends the command when a server uses the store, or when it is none of ours."""
    from smsc.store.base import StoreError
    from smsc.store.discard import discard

    try:
        if discard(url):
            typer.echo(f"smsc: {url}: deleted, as --fresh says", err=True)
    except StoreError as error:
        fail(str(error))


def _given(**values: object) -> dict[str, object]:
    return {key: value for key, value in values.items() if value is not None}
