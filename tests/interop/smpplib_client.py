"""A program of its own around smpplib: commands come as lines of JSON, so does what it has seen.

Run by `tests.interop.processes`; uses smpplib as its documentation says, with no help from the product.
"""

import json
import os
import select
import sys
from typing import Any

import smpplib.client
import smpplib.consts
import smpplib.gsm
import smpplib.pdu

ADDRESS = sys.argv[1].rpartition(":")
clients: dict[str, "Client"] = {}
tags: dict[tuple[str, int], str] = {}


def tell(name: str, event: str, **told: object) -> None:
    print(json.dumps({"name": name, "event": event, **told}), flush=True)


class Client(smpplib.client.Client):
    """The library's client, which also tells when an enquire_link was answered."""

    name = ""

    def read_pdu(self) -> smpplib.pdu.PDU:
        pdu = super().read_pdu()
        if pdu.command == "enquire_link_resp":
            tell(self.name, "pong")
        return pdu


def bind(name: str, password: str) -> None:
    client = Client(ADDRESS[0], int(ADDRESS[2]), allow_unknown_opt_params=True)
    client.name = name
    client.set_message_sent_handler(lambda pdu: answered(name, pdu))
    client.set_message_received_handler(lambda pdu: received(name, pdu))
    client.set_error_pdu_handler(lambda pdu: None)
    client.connect()
    client.bind_transceiver(system_id=name, password=password)
    clients[name] = client
    tell(name, "bound")


def submit(name: str, tag: str, text: str, **fields: object) -> None:
    parts, coding, esm_class = smpplib.gsm.make_parts(text)
    for part in parts:
        pdu = smpplib.client.smpp.make_pdu(
            "submit_sm",
            client=clients[name],
            short_message=part,
            data_coding=coding,
            esm_class=esm_class,
            **fields,
        )
        tags[name, pdu.sequence] = tag
        clients[name].send_pdu(pdu)


def ping(name: str) -> None:
    clients[name].send_pdu(smpplib.client.smpp.make_pdu("enquire_link", client=clients[name]))


def answered(name: str, pdu: smpplib.pdu.PDU) -> None:
    message_id = pdu.message_id.decode() if pdu.message_id else ""
    tell(name, "answer", tag=tags.pop((name, pdu.sequence)), status=pdu.status, message_id=message_id)


def received(name: str, pdu: smpplib.pdu.PDU) -> int:
    body = pdu.short_message or b""
    header = body[: body[0] + 1] if pdu.esm_class & smpplib.consts.SMPP_GSMFEAT_UDHI else b""
    tlvs = {
        name: value.decode("latin-1") if isinstance(value, bytes) else value
        for name in ("receipted_message_id", "message_state", "network_error_code", "sar_segment_seqnum")
        if (value := getattr(pdu, name)) is not None
    }
    tell(
        name,
        "delivered",
        source=pdu.source_addr.decode(),
        source_ton=pdu.source_addr_ton,
        source_npi=pdu.source_addr_npi,
        destination=pdu.destination_addr.decode(),
        receipt=pdu.esm_class & 0x3C == 0x04,
        data_coding=pdu.data_coding,
        header=header.hex(),
        body=body[len(header) :].hex(),
        tlvs=tlvs,
    )
    return smpplib.consts.SMPP_ESME_ROK


DO: dict[str, Any] = {"bind": bind, "submit": submit, "ping": ping}


def obey(command: dict[str, str]) -> None:
    DO[command.pop("do")](**command)


def main() -> None:
    commands = b""
    while True:
        sockets = {client._socket: client for client in clients.values()}
        ready, _, _ = select.select([sys.stdin.fileno(), *sockets], [], [])
        for source in ready:
            if source in sockets:
                sockets[source].read_once()
                continue
            data = os.read(source, 65536)
            if not data:
                return
            *lines, commands = (commands + data).split(b"\n")
            for line in lines:
                obey(json.loads(line))


main()
