"""`smsc explain`: where a message waits, why, until when, and what comes next."""

from typing import Annotated

import typer

from smsc.cli.output import print_json
from smsc.cli.remote.api import Api, asks, quoted
from smsc.logs import visible


@asks
def explain(
    api: Api,
    message_id: Annotated[str, typer.Argument(metavar="ID", help="As the submit_sm_resp told it.")],
    *,
    as_json: bool,
) -> None:
    """Tell in one paragraph what becomes of a message."""
    found = api.ask(f"messages/{quoted(message_id)}")
    if as_json:
        names = ("id", "state", "explanation", "waiting_for", "until", "next_attempt", "what_next", "events")
        print_json({name: found.get(name) for name in names})
    else:
        typer.echo(visible(str(found["explanation"])))
