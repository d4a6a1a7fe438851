"""A program of its own around aiosmpplib: commands come as lines of JSON, so does what it has seen.

Run by `tests.interop.processes`; uses aiosmpplib as its documentation says, with no help from the product.
"""

import asyncio
import json
import sys
from typing import Any

from aiosmpplib import ESME, NPI, TON, AbstractHook, DeliverSm, PhoneNumber, SubmitSm, SubmitSmResp
from aiosmpplib.protocol import EnquireLink, EnquireLinkResp, SmppMessage

ADDRESS = sys.argv[1].rpartition(":")
esmes: dict[str, ESME] = {}


def tell(name: str, event: str, **told: object) -> None:
    print(json.dumps({"name": name, "event": event, **told}), flush=True)


class Hook(AbstractHook):
    """Tells what one ESME has seen."""

    def __init__(self, name: str) -> None:
        self.name = name

    async def sending(self, smpp_message: SmppMessage, pdu: bytes, client_id: str) -> None:
        pass

    async def received(self, smpp_message: SmppMessage | None, pdu: bytes, client_id: str) -> None:
        if isinstance(smpp_message, SubmitSmResp):
            tell(
                self.name,
                "answer",
                tag=smpp_message.log_id,
                status=smpp_message.command_status.value,
                message_id=smpp_message.message_id,
            )
        elif isinstance(smpp_message, EnquireLinkResp):
            tell(self.name, "pong")
        elif isinstance(smpp_message, DeliverSm):
            self.delivered(smpp_message, pdu)

    def delivered(self, message: DeliverSm, pdu: bytes) -> None:
        tlvs = {f"0x{param.tag:04x}": param.value for param in message.optional_params or []}
        tell(
            self.name,
            "delivered",
            source=message.source.number,
            source_ton=message.source.ton,
            source_npi=message.source.npi,
            destination=message.destination.number,
            receipt=message.is_receipt(),
            text=message.short_message,
            payload=message.message_payload,
            stat=message.parse_receipt().get("stat") if message.is_receipt() else None,
            tlvs=tlvs,
        )

    async def send_error(self, smpp_message: SmppMessage, error: Exception, client_id: str) -> None:
        tell(self.name, "error", error=repr(error))


async def bind(name: str, password: str) -> None:
    esme = ESME(
        ADDRESS[0], int(ADDRESS[2]), name, password, hook=Hook(name), log_level="CRITICAL", client_id=name
    )
    esmes[name] = esme
    running.append(asyncio.create_task(esme.start()))
    await asyncio.wait_for(esme._bound.wait(), 20)
    tell(name, "bound")


async def submit(name: str, tag: str, text: str, **fields: object) -> None:
    message = SubmitSm(
        short_message=text,
        source=PhoneNumber(
            fields.pop("source_addr"), TON(fields.pop("source_addr_ton")), NPI(fields.pop("source_addr_npi"))
        ),
        destination=PhoneNumber(
            fields.pop("destination_addr"), TON(fields.pop("dest_addr_ton")), NPI(fields.pop("dest_addr_npi"))
        ),
        log_id=tag,
        **fields,
    )
    await esmes[name].broker.enqueue(message)


async def ping(name: str) -> None:
    await esmes[name].broker.enqueue(EnquireLink())


DO: dict[str, Any] = {"bind": bind, "submit": submit, "ping": ping}


async def main() -> None:
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        command = json.loads(line)
        await DO[command.pop("do")](**command)
    for task in running:
        task.cancel()


running: list[asyncio.Task[None]] = []
asyncio.run(main())
