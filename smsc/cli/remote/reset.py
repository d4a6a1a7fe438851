"""`smsc reset`: begin anew in a running server."""

import typer

from smsc.cli.output import AsJson, print_json
from smsc.cli.remote.api import Api, HttpHost, HttpPort, Token, refused_ends


def reset(
    host: HttpHost = "127.0.0.1", http_port: HttpPort = 8775, token: Token = None, as_json: AsJson = False
) -> None:
    """Forget all messages, and put the world back as it was configured.

    Sessions stay bound. The clock goes on: to begin at the machine's time again, `smsc serve --fresh`."""
    with refused_ends():
        Api(host, http_port, token).text("reset", method="POST")
    if as_json:
        print_json({"ok": True})
    else:
        typer.echo("all messages are forgotten, and the world is as it was configured")
