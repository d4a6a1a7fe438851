"""`smsc listen`: bind as handsets and print what arrives."""

import asyncio
import contextlib
import signal
import ssl
from typing import Annotated

import typer

from smsc.cli.output import AsJson, fail
from smsc.cli.smpp.peer import Host, Password, SmppPort, port_of, show
from smsc.cli.smpp.tls import Ca, Cert, Insecure, Key, Tls, context_of
from smsc.client import Client, ClientError, Received
from smsc.config.base import bind_name
from smsc.eventloop import run


def listen(
    numbers: Annotated[list[str], typer.Argument(help="Handsets, or the system_id of an ESME.")],
    count: Annotated[int, typer.Option(min=0, help="End after so many messages; 0 for never.")] = 0,
    password: Password = "1234",
    host: Host = "127.0.0.1",
    smpp_port: SmppPort = None,
    tls: Tls = False,
    ca: Ca = None,
    cert: Cert = None,
    key: Key = None,
    insecure: Insecure = False,
    as_json: AsJson = False,
) -> None:
    """Bind as handsets and print what arrives, until Ctrl-C. Messages are acknowledged as they come."""
    system_ids = [bind_name(number) for number in numbers]
    context = context_of(tls, ca, cert, key, insecure)
    port = port_of(smpp_port, tls=context is not None)
    try:
        run(_listen(system_ids, count, password, (host, port, context), as_json))
    except ClientError as error:
        fail(str(error))


async def _listen(
    system_ids: list[str],
    count: int,
    password: str,
    where: tuple[str, int, ssl.SSLContext | None],
    as_json: bool,
) -> None:
    host, port, tls = where
    async with contextlib.AsyncExitStack() as stack:
        clients = []
        for system_id in system_ids:
            client = await stack.enter_async_context(await Client.connect(host, port, tls=tls))
            await client.bind(system_id, password, kind="receiver")
            clients.append(client)
        stop = asyncio.Event()
        for name in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(name, stop.set)
        typer.echo(f"listening for {', '.join(system_ids)}", err=True)
        printing = asyncio.ensure_future(_print_all(clients, count, as_json))
        stopping = asyncio.ensure_future(stop.wait())
        await asyncio.wait([printing, stopping], return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        if printing.done():
            printing.result()
        printing.cancel()


async def _print_all(clients: list[Client], count: int, as_json: bool) -> None:
    """Print what all clients receive until `count` is reached; ClientError when a connection ends."""
    arrived: asyncio.Queue[Received | ClientError] = asyncio.Queue()
    readers = [asyncio.ensure_future(_read(client, arrived)) for client in clients]
    try:
        while True:
            received = await arrived.get()
            if isinstance(received, ClientError):
                raise received
            show(received, as_json=as_json)
            count -= 1
            if count == 0:
                return
    finally:
        for reader in readers:
            reader.cancel()


async def _read(client: Client, arrived: asyncio.Queue[Received | ClientError]) -> None:
    try:
        while True:
            await arrived.put(await client.receive())
    except ClientError as error:
        await arrived.put(error)
