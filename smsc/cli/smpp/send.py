"""`smsc send`: bind as a handset or an ESME, submit one text, and wait for the receipt if asked to."""

from __future__ import annotations

import asyncio
import shlex
import ssl
import urllib.parse
from dataclasses import dataclass
from typing import Annotated

import typer

from smsc.cli.output import FAILED, AsJson, fail, print_json
from smsc.cli.remote.api import Api, HttpPort, Token
from smsc.cli.remote.api import Refused as ApiRefused
from smsc.cli.smpp.peer import Host, Password, SmppPort, port_of, show
from smsc.cli.smpp.tls import Ca, Cert, Insecure, Key, Tls, context_of
from smsc.client import Client, ClientError, Received, Refused, address
from smsc.config.base import bind_name
from smsc.eventloop import run
from smsc.logs import visible

_OF_THE_BIND = (0x0D, 0x0E, 0x0F)  # ESME_RBINDFAIL, ESME_RINVPASWD, ESME_RINVSYSID
_OF_THE_DESTINATION = (0x0B, 0x50, 0x51)  # ESME_RINVDSTADR, ESME_RINVDSTTON, ESME_RINVDSTNPI
_FINAL_FAILURES = ("EXPIRED", "DELETED", "UNDELIV", "REJECTD", "UNKNOWN")


@dataclass
class _Order:
    """What is to be sent, and to whom."""

    text: str
    sender: str
    to: str
    wait: bool
    timeout: float
    system_id: str
    password: str
    validity: str
    host: str
    port: int
    tls: ssl.SSLContext | None


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
    smpp_port: SmppPort = None,
    tls: Tls = False,
    ca: Ca = None,
    cert: Cert = None,
    key: Key = None,
    insecure: Insecure = False,
    http_port: HttpPort = 8775,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """Bind, submit one text and print its message ids.

    Exit status 1 when the SMSC refuses, does not answer, or, with --wait, when the text was not delivered."""
    context = context_of(tls, ca, cert, key, insecure)
    port = port_of(smpp_port, tls=context is not None)
    name = system_id or bind_name(sender)
    order = _Order(text, sender, to, wait, timeout, name, password, validity, host, port, context)
    try:
        message_ids, receipts = run(_send(order))
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
    got = {received.receipt.id for received in receipts if received.receipt}
    missing = [ident for ident in message_ids if ident not in got] if wait else []
    if missing:
        fail(f"no receipt within {timeout:g} s; {_what_became(missing[0], name, host, http_port, token)}")
    if failed:
        raise typer.Exit(FAILED)


def _what_became(ident: str, system_id: str, host: str, http_port: int, token: str | None) -> str:
    """What the server knows of a message whose receipt did not come here."""
    unknown = "the message is still on its way, or its receipt went elsewhere"
    api = Api(host, http_port, token)
    if not api.answers():
        return unknown
    try:
        found = api.json(f"messages/{urllib.parse.quote(ident, safe='')}")
        sessions = api.json("sessions")["sessions"]
    except ApiRefused:
        return unknown
    if found["final_at"] is None:
        return f"the message is {found['state']}: smsc explain {ident} tells why"
    peers = [f"{one['id']} from {one['peer']}" for one in sessions if one["system_id"] == system_id]
    where = f"another bind of {system_id}, session {' or '.join(peers)}" if peers else "nobody yet"
    return visible(f"the message is {found['state']}, and its receipt went to {where}")


def _where_to_ask(refusal: Refused, to: str) -> str:
    """A status says little; who knows more."""
    if refusal.status in _OF_THE_BIND:
        return (
            "a handset binds with its number and password, an ESME needs --system-id and --password; "
            "the server's log tells which of them is wrong"
        )
    if refusal.status in _OF_THE_DESTINATION:
        ton, npi, digits = address(to)
        read_as = f" --ton {ton} --npi {npi}" if ton else ""
        return f"smsc number {shlex.quote(digits)}{read_as} tells why"
    return "smsc sessions --ended tells why"


async def _send(order: _Order) -> tuple[list[str], list[Received]]:
    timeout, wait = order.timeout, order.wait
    connecting = Client.connect(order.host, order.port, timeout=timeout, tls=order.tls)
    async with await connecting as client:
        kind = "transceiver" if wait else "transmitter"
        await client.bind(order.system_id, order.password, kind=kind, timeout=timeout)
        message_ids = await client.submit(
            order.to,
            order.text,
            source=order.sender,
            registered_delivery=int(wait),
            validity=order.validity,
            timeout=timeout,
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
