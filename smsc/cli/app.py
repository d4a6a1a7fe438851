"""The commands of `smsc`, put together.

A command's module reads its arguments and imports the part of the product that it needs when it runs."""

from typing import Annotated

import typer

from smsc.cli import config, coverage, number, scenario, serve, store, version
from smsc.cli.remote import clock, esme, explain, fault, lists, messages, nodes, phone, reset, sessions, zone
from smsc.cli.smpp import listen, load, send

app = typer.Typer(
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback(invoke_without_command=True)
def main(
    show_version: Annotated[bool, typer.Option("--version", help="Show the version and exit.")] = False,
) -> None:
    """A Norwegian operator's short message service centre that runs on a laptop."""
    if show_version:
        version.version()
        raise typer.Exit


app.command("serve")(serve.serve)
app.command("send")(send.send)
app.command("listen")(listen.listen)
app.command("number")(number.number)
app.command("explain")(explain.explain)
app.command("load")(load.load)
app.command("messages")(messages.messages)
app.command("wait")(messages.wait)
app.command("nodes")(nodes.nodes)
app.command("phone")(phone.phone)
app.command("reset")(reset.reset)
app.command("version")(version.version)
app.add_typer(config.app, name="config")
app.add_typer(sessions.app, name="sessions")
app.add_typer(fault.app, name="fault")
app.add_typer(zone.app, name="zone")
app.add_typer(clock.app, name="clock")
app.add_typer(esme.app, name="esme")
app.add_typer(coverage.app, name="coverage")
app.add_typer(lists.app, name="lists")
app.add_typer(scenario.app, name="scenario")
app.add_typer(store.app, name="store")
