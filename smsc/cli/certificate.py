"""`smsc config certificate`: a certificate for SMPP over TLS that strict clients take, and its authority."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from smsc.cli.output import WRONG_USAGE, AsJson, fail, print_json

_TOO_LONG = 825  # days that some clients still take


def certificate(
    out: Annotated[Path, typer.Option(help="The directory to write to.")] = Path("."),
    host: Annotated[
        list[str] | None,
        typer.Option(help="A name or address of the server, several times if need be.", show_default=False),
    ] = None,
    days: Annotated[int, typer.Option(min=1, max=_TOO_LONG, help="How long they are good.")] = 397,
    client: Annotated[
        bool, typer.Option("--client", help="A certificate for a client too, for smpp.tls_client_ca.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Overwrite what is there.")] = False,
    as_json: AsJson = False,
) -> None:
    """Write cert.pem and key.pem for the server, and ca.pem, the authority that signed it, for its clients.

    The certificate is a leaf for localhost, 127.0.0.1 and ::1, or the --host names. The authority's key is
    thrown away: nobody can sign more with what your clients trust."""
    try:
        from smsc.cli.authority import issue
    except ImportError:
        fail("this needs the extra `tls`: pip install 'smsc-emulator[tls]'")
    try:
        issued = issue(host or ["localhost", "127.0.0.1", "::1"], days, with_client=client)
    except ValueError as error:
        fail(str(error), WRONG_USAGE)
    there = [name for name in issued if (out / name).exists()]
    if there and not force:
        fail(f"{out / there[0]} is there already; --force overwrites it", WRONG_USAGE)
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name, pem in issued.items():
            _write(out / name, pem, secret=name.endswith("key.pem"))
    except OSError as error:
        fail(f"{error.filename}: {error.strerror}")
    if as_json:
        print_json({name.removesuffix(".pem").replace("-", "_"): str(out / name) for name in issued})
        return
    typer.echo(f'[smpp]\ntls_cert = "{out / "cert.pem"}"\ntls_key = "{out / "key.pem"}"')
    if client:
        typer.echo(f'tls_client_ca = "{out / "ca.pem"}"')
    typer.echo(f"# clients trust {out / 'ca.pem'}: smsc send --ca {out / 'ca.pem'} ...")


def _write(path: Path, pem: bytes, *, secret: bool) -> None:
    """A private key is nobody else's to read, from the first octet on."""
    path.unlink(missing_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600 if secret else 0o644)
    with os.fdopen(handle, "wb") as file:
        file.write(pem)
