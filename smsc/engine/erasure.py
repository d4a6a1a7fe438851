"""Erases one number: every message from and to it, receipts, timelines, and what services remember of it.

What stays is that the number is nobody's any more. A message that is in flight when its number is erased is
forgotten the moment its answer comes.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from smsc import reasons
from smsc.delivery.message import DELETED, ENROUTE, RECEIPT, WAITING, Message
from smsc.engine.records import MESSAGES, THINGS

if TYPE_CHECKING:
    from smsc.engine.engine import Engine


def erase(engine: Engine, key: int) -> None:
    """Erase a number now, and once more when all that is on its way to the store has come there."""
    _messages(engine, key)
    _services(engine, key)
    engine.commit.when_landed(lambda _: _messages(engine, key))


def _messages(engine: Engine, key: int) -> None:
    found = [message for message in engine.ledger if concerns(message, key)]
    for message in found:
        _forget(engine, message)
    group = engine.commit.group
    for message in (*group.fresh, *group.finals, *group.updates):
        if concerns(message, key):
            _blank(message)
    if engine.commit.durable:
        _stored(engine, key, {message.id for message in found})
    for message in found:
        engine.commit.change(MESSAGES, message.id, None)


def concerns(message: Message, key: int) -> bool:
    """Whether a message comes from a number or goes to it."""
    return key in (message.source, message.destination, message.recipient)


def _blank(message: Message) -> None:
    """Nothing of the message is told or stored again: its row is deleted when it ends, as a receipt's is."""
    message.body = message.tlvs = b""
    message.registered_delivery = 0
    message.events = None
    message.kind = RECEIPT


def _forget(engine: Engine, message: Message) -> None:
    _blank(message)
    if message.state not in WAITING or engine.waiting.withdraw(message, DELETED, reasons.ERASED):
        engine.ledger.drop(message.id)


def _stored(engine: Engine, key: int, known: set[int]) -> None:
    """The rows of messages that are not in memory: finished ones, and those parked."""
    rows = {
        row[0]: row
        for column in ("source", "destination", "recipient")
        for row in engine.store.select(MESSAGES, {column: key})
    }
    for ident, row in rows.items():
        if ident in known or engine.ledger.find(ident) is not None:
            continue
        engine.commit.change(MESSAGES, ident, None)
        recipient = engine.exchange.recipients.get(row[1])
        if row[2] == ENROUTE and recipient is not None and recipient.parked:
            recipient.parked -= 1
            engine.exchange.queued -= 1
            engine.exchange.forget_if_done(recipient)


def _services(engine: Engine, key: int) -> None:
    """The registration, and the stored rows that name the number in any form.

    Counters that a service holds in memory are not stored again unless they change before the next start.
    """
    engine.world.emergency.registrations.delete(key)
    national = str(key).removeprefix("47")
    named = re.compile(rf"(?<!\d)(?:\+|00)?(?:47)?{national}(?!\d)")
    for service in engine.services.by_route.values():
        engine.services.changed(service)
        for name, row in list(service.records()):
            if named.search(name) or named.search(json.dumps(row)):
                engine.commit.change(THINGS, f"{service.name}/{name}", None)
