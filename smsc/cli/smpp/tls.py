"""The TLS options of commands that speak SMPP."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Annotated

import typer

from smsc.cli.output import WRONG_USAGE, fail

Tls = Annotated[bool, typer.Option("--tls", help="SMPP over TLS, by default on port 3550.")]
Ca = Annotated[
    Path | None,
    typer.Option(help="Trust what this authority signed. Implies --tls.", show_default=False),
]
Cert = Annotated[
    Path | None, typer.Option(help="A certificate to show the SMSC. Implies --tls.", show_default=False)
]
Key = Annotated[
    Path | None, typer.Option(help="Its private key, when it is in a file of its own.", show_default=False)
]
Insecure = Annotated[bool, typer.Option(help="Trust whoever answers. Implies --tls.")]

PLAIN_PORT, TLS_PORT = 2775, 3550


def context_of(
    tls: bool, ca: Path | None, cert: Path | None, key: Path | None, insecure: bool
) -> ssl.SSLContext | None:
    """The context that the options ask for, None for plain TCP. Ends the command when a file is of no use."""
    if not (tls or ca or cert or insecure):
        if key is not None:
            fail("--key: expected together with --cert", WRONG_USAGE)
        return None
    from smsc.tls import client_context

    try:
        return client_context(ca=ca, cert=cert, key=key, insecure=insecure)
    except ValueError as error:
        fail(str(error), WRONG_USAGE)
