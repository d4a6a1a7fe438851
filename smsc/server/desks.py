"""Desks of the emergency centres: people who answer Nød-SMS in a browser, each behind a bind of its own.

A desk is an ordinary client: it logs in by binding with the centre's password, its deliver_sm_resp is what
tells the user that the message was received, and what it answers is a submit_sm. The desks of one centre see
the same dialogues; the first that takes one keeps it until it lets go, logs out or loses its bind.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Final

from smsc.client import Client, ClientError
from smsc.control import ControlError

#: number -> the centre of the configuration
CENTRES: Final = {"110": "fire", "112": "police", "113": "medical"}
#: desks in all, dialogues of a centre and entries of a dialogue that are kept
DESKS, DIALOGUES, ENTRIES = 100, 500, 200
_ANY: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}

Document = dict[str, Any]


@dataclass(slots=True)
class Dialogue:
    """What one number and a centre have written to one another."""

    number: str
    entries: list[Document] = field(default_factory=list)
    position: Document | None = None
    desk: int | None = None
    closed: bool = False


@dataclass(slots=True)
class Desk:
    """Somebody at work; `number` is what the others call the desk."""

    number: int
    centre: str
    system_id: str
    client: Client
    reading: asyncio.Task[None] | None = None


class Desks:
    """`address` of the SMPP listener, `accounts` system_ids by centre, `now` RFC 3339 on the SMSC clock,
    `place` where a number is, `stages` what became of messages, by their ids."""

    def __init__(
        self,
        address: Callable[[], str],
        accounts: Callable[[str], str | None],
        now: Callable[[], str],
        place: Callable[[str], Document | None],
        stages: Callable[[list[str]], Awaitable[dict[str, str | None]]],
    ) -> None:
        self._address = address
        self._accounts = accounts
        self._now = now
        self._place = place
        self._stages = stages
        self._desks: dict[str, Desk] = {}
        self._dialogues: dict[str, OrderedDict[str, Dialogue]] = {name: OrderedDict() for name in CENTRES}
        self._count = 0

    async def log_in(self, centre: str, password: str) -> Document:
        """Bind for the centre; the answer has the token of the desk. ControlError 403, 404, 409."""
        system_id = self._accounts(CENTRES.get(centre, ""))
        if system_id is None:
            raise ControlError(404, "No such centre", f"nobody is configured to answer at {centre}")
        if len(self._desks) >= DESKS:
            raise ControlError(409, "Too many desks", f"{DESKS} desks are open")
        host, _, port = self._address().rpartition(":")
        host = host.strip("[]")
        try:
            client = await Client.connect(_ANY.get(host, host), int(port))
            try:
                await client.bind(system_id, password)
            except ClientError:
                await client.close()
                raise
        except ClientError as error:
            raise ControlError(403, "Not logged in", str(error)) from None
        self._count += 1
        token = secrets.token_urlsafe(24)
        desk = self._desks[token] = Desk(self._count, centre, system_id, client)
        desk.reading = asyncio.create_task(self._read(token, desk))
        return {"desk": desk.number, "token": token, "system_id": system_id}

    async def log_out(self, token: str) -> None:
        """Unbind; its dialogues are free for others."""
        desk = self._desk(token)
        await desk.client.close()
        if desk.reading is not None:
            await desk.reading

    async def close(self) -> None:
        """Log everybody out."""
        await asyncio.gather(*map(self.log_out, list(self._desks)))

    async def dialogues(self, token: str) -> Document:
        """All dialogues of the desk's centre, the latest first, and who the desk is."""
        desk = self._desk(token)
        told = await self._told(list(self._dialogues[desk.centre].values()))
        return {
            "desk": desk.number,
            "centre": desk.centre,
            "system_id": desk.system_id,
            "now": self._now(),
            "dialogues": told[::-1],
        }

    async def act(self, token: str, number: str, action: str) -> Document:
        """`take`, `release`, `close` or `open` a dialogue; ControlError 404, 409 when another desk has it."""
        return (await self._told([self._act(token, number, action)]))[0]

    def _act(self, token: str, number: str, action: str) -> Dialogue:
        desk = self._desk(token)
        dialogue = self._dialogue(desk, number)
        if dialogue.desk not in (None, desk.number):
            raise ControlError(409, "Taken", f"desk {dialogue.desk} has the dialogue")
        dialogue.desk = desk.number if action in ("take", "open") else None
        dialogue.closed = action == "close"
        return dialogue

    async def answer(self, token: str, number: str, text: str) -> Document:
        """Write to the user from the centre's number; takes the dialogue. ControlError 404, 409, 422."""
        desk = self._desk(token)
        dialogue = self._act(token, number, "take")
        try:
            ids = await desk.client.submit(number, text, source=desk.centre, registered_delivery=1)
        except ClientError as error:
            raise ControlError(422, "Not sent", str(error)) from None
        self._enter(dialogue, "desk", text, desk=desk.number, id=ids[0])
        return (await self._told([dialogue]))[0]

    def _desk(self, token: str) -> Desk:
        desk = self._desks.get(token)
        if desk is None:
            raise ControlError(403, "Not logged in", "the desk is not logged in (any more)")
        return desk

    def _dialogue(self, desk: Desk, number: str) -> Dialogue:
        dialogue = self._dialogues[desk.centre].get(number)
        if dialogue is None:
            raise ControlError(404, "No such dialogue", f"{number} has not written to {desk.centre}")
        return dialogue

    async def _read(self, token: str, desk: Desk) -> None:
        with contextlib.suppress(ClientError):
            while True:
                received = await desk.client.receive()
                if received.receipt is None:
                    self._came(desk.centre, received.source, received.text)
        self._desks.pop(token, None)
        for dialogue in self._dialogues[desk.centre].values():
            if dialogue.desk == desk.number:
                dialogue.desk = None

    def _came(self, centre: str, number: str, text: str) -> None:
        kept = self._dialogues[centre]
        dialogue = kept.pop(number, None) or Dialogue(number)
        kept[number] = dialogue
        if len(kept) > DIALOGUES:
            kept.popitem(last=False)
        dialogue.closed = False
        dialogue.position = self._place(number) or dialogue.position
        self._enter(dialogue, "user", text)

    def _enter(self, dialogue: Dialogue, who: str, text: str, **more: Any) -> None:
        dialogue.entries.append({"at": self._now(), "from": who, "text": text, **more})
        del dialogue.entries[:-ENTRIES]

    async def _told(self, dialogues: list[Dialogue]) -> list[Document]:
        ids = [entry["id"] for dialogue in dialogues for entry in dialogue.entries if "id" in entry]
        stages = await self._stages(ids) if ids else {}
        return [
            {
                "number": dialogue.number,
                "desk": dialogue.desk,
                "closed": dialogue.closed,
                "position": dialogue.position,
                "entries": [
                    {**entry, "stage": stages.get(entry["id"])} if "id" in entry else entry
                    for entry in dialogue.entries
                ],
            }
            for dialogue in dialogues
        ]
