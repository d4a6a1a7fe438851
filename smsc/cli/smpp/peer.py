"""What commands that speak SMPP share: where the SMSC is, and what came in as text or JSON."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from smsc.cli.output import WRONG_USAGE, fail, print_json
from smsc.client import Received
from smsc.logs import visible

_PLAIN = ("SMSC_SMPP__PORT", 2775)
_TLS = ("SMSC_SMPP__TLS_PORT", 3550)

Host = Annotated[str, typer.Option(envvar="SMSC_HOST", help="Where the SMSC is.")]
SmppPort = Annotated[
    int | None,
    typer.Option(
        min=1,
        max=65535,
        help="Its SMPP port (default SMSC_SMPP__PORT or 2775; over TLS SMSC_SMPP__TLS_PORT or 3550).",
        show_default=False,
    ),
]
Password = Annotated[str, typer.Option(help="The handsets of the demo world all have this one.")]


def port_of(given: int | None, *, tls: bool) -> int:
    """The port to connect to: as given, as in the environment, or the usual one."""
    if given is not None:
        return given
    name, usual = _TLS if tls else _PLAIN
    text = os.environ.get(name, str(usual))
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):
        fail(f"environment variable {name}: got {text!r}, expected a port", WRONG_USAGE)
    return int(text)


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
