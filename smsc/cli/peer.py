"""What `send` and `listen` share: where the SMSC is, and what came in as text or JSON."""

from typing import Annotated

import typer

from smsc.cli.output import print_json
from smsc.client import Received
from smsc.logs import visible

Host = Annotated[str, typer.Option(envvar="SMSC_HOST", help="Where the SMSC is.")]
SmppPort = Annotated[int, typer.Option(envvar="SMSC_SMPP__PORT", min=1, max=65535, help="Its SMPP port.")]
Password = Annotated[str, typer.Option(help="The handsets of the demo world all have this one.")]


def show(received: Received, *, as_json: bool) -> None:
    """Print one message or receipt, as a line of text or of JSON."""
    receipt = received.receipt
    if as_json:
        data = {"source": received.source, "destination": received.destination, "text": received.text}
        tlvs = {f"0x{tag:04X}": value.hex() for tag, value in received.tlvs}
        told = receipt._asdict() if receipt else None
        print_json({**data, "parts": received.parts, "tlvs": tlvs, "receipt": told})
    elif receipt is not None:
        error = f" err:{receipt.err}" if receipt.err not in (None, "000", "0") else ""
        typer.echo(visible(f"{received.destination} <- receipt {receipt.id} {receipt.stat}{error}"))
    else:
        typer.echo(visible(f"{received.destination} <- {received.source}: {received.text}"))
