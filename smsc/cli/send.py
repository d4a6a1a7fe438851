"""`smsc send`: bind as a handset or an ESME, submit one text, and wait for the receipt if asked to."""

import asyncio
import shlex
from typing import Annotated

import typer

from smsc.cli.output import FAILED, AsJson, fail, print_json
from smsc.cli.peer import Host, Password, SmppPort, show
from smsc.client import Client, ClientError, Received, Refused
from smsc.config.base import bind_name
from smsc.eventloop import run
from smsc.logs import visible

_OF_THE_BIND = (0x0D, 0x0E, 0x0F)  # ESME_RBINDFAIL, ESME_RINVPASWD, ESME_RINVSYSID
_OF_THE_DESTINATION = (0x0B, 0x50, 0x51)  # ESME_RINVDSTADR, ESME_RINVDSTTON, ESME_RINVDSTNPI
_FINAL_FAILURES = ("EXPIRED", "DELETED", "UNDELIV", "REJECTD", "UNKNOWN")


def send(
    text: Annotated[str, typer.Argument(help="A long text goes in several parts.")],
    sender: Annotated[str, typer.Option("--from", help="The handset, or an address of the ESME.")],
    to: Annotated[str, typer.Option(help="The destination, in any dialling form.")],
    wait: Annotated[bool, typer.Option("--wait", help="Wait for the delivery receipt.")] = False,
    timeout: Annotated[
        float, typer.Option(min=0, help="Seconds to wait for each answer and receipt.")
    ] = 30.0,
    system_id: Annotated[
        str | None, typer.Option(help="To bind with; the sender's number when not given.", show_default=False)
    ] = None,
    password: Password = "1234",
    validity: Annotated[str, typer.Option(help="validity_period as in SMPP, such as 000000010000000R.")] = "",
    host: Host = "127.0.0.1",
    smpp_port: SmppPort = 2775,
    as_json: AsJson = False,
) -> None:
    """Bind, submit one text and print its message ids.

    Exit status 1 when the SMSC refuses, does not answer, or, with --wait, when the text was not delivered."""
    task = _send(
        text, sender, to, wait, timeout, system_id or bind_name(sender), password, validity, host, smpp_port
    )
    try:
        message_ids, receipts = run(task)
    except Refused as error:
        fail(f"{error}\n{_where_to_ask(error, to)}")
    except (ClientError, ValueError) as error:
        fail(str(error))
    if as_json:
        told = [receipt._asdict() for receipt in (received.receipt for received in receipts) if receipt]
        print_json({"message_ids": message_ids, "receipts": told})
    else:
        typer.echo(f"accepted: {visible(' '.join(message_ids))}")
        for received in receipts:
            show(received, as_json=False)
    failed = [
        received for received in receipts if received.receipt and received.receipt.stat in _FINAL_FAILURES
    ]
    if wait and len(receipts) < len(message_ids):
        fail(f"no receipt within {timeout:g} s; the message is still on its way")
    if failed:
        raise typer.Exit(FAILED)


def _where_to_ask(refusal: Refused, to: str) -> str:
    """A status says little; who knows more."""
    if refusal.status in _OF_THE_BIND:
        return "a handset binds with its number and password, an ESME needs --system-id and --password"
    if refusal.status in _OF_THE_DESTINATION:
        return f"smsc number {shlex.quote(to)} tells why"
    return "the events of the session tell why: GET /api/v1/sessions?ended=true"


async def _send(
    text: str,
    sender: str,
    to: str,
    wait: bool,
    timeout: float,
    system_id: str,
    password: str,
    validity: str,
    host: str,
    port: int,
) -> tuple[list[str], list[Received]]:
    async with await Client.connect(host, port, timeout=timeout) as client:
        await client.bind(system_id, password, kind="transceiver" if wait else "transmitter", timeout=timeout)
        message_ids = await client.submit(
            to, text, source=sender, registered_delivery=int(wait), validity=validity, timeout=timeout
        )
        receipts: list[Received] = []
        waiting = set(message_ids) if wait else set()
        deadline = asyncio.get_running_loop().time() + timeout
        while waiting:
            try:
                received = await client.receive(max(0.0, deadline - asyncio.get_running_loop().time()))
            except TimeoutError:
                break
            # What else comes in while we wait was taken from the SMSC, so it is shown rather than dropped.
            receipts.append(received)
            waiting.discard(received.receipt.id if received.receipt else "")
    return message_ids, receipts
