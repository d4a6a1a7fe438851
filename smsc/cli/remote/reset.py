"""`smsc reset`: begin anew in a running server."""

import typer

from smsc.cli.output import print_json
from smsc.cli.remote.api import Api, asks, refused_ends


@asks
def reset(
    api: Api,
    *,
    as_json: bool,
) -> None:
    """Forget all messages, and put the world back as it was configured.

    Sessions stay bound. The clock goes on: to begin at the machine's time again, `smsc serve --fresh`."""
    with refused_ends():
        api.text("reset", method="POST")
    if as_json:
        print_json({"ok": True})
    else:
        typer.echo("all messages are forgotten, and the world is as it was configured")
