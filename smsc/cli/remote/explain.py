"""`smsc explain`: where a message waits, why, until when, and what comes next."""

from typing import Annotated

import typer

from smsc.cli.output import AsJson, print_json
from smsc.cli.remote.api import Api, HttpHost, HttpPort, Token, quoted
from smsc.logs import visible


def explain(
    message_id: Annotated[str, typer.Argument(metavar="ID", help="As the submit_sm_resp told it.")],
    host: HttpHost = "127.0.0.1",
    http_port: HttpPort = 8775,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """Tell in one paragraph what becomes of a message."""
    found = Api(host, http_port, token).ask(f"messages/{quoted(message_id)}")
    if as_json:
        names = ("id", "state", "explanation", "waiting_for", "until", "next_attempt", "what_next", "events")
        print_json({name: found.get(name) for name in names})
    else:
        typer.echo(visible(str(found["explanation"])))
