"""How the engine's things look as rows of the store; the only place that knows both sides."""

from __future__ import annotations

import json
from typing import Any, Final

from smsc.delivery.message import ENROUTE, HELD, SCHEDULED, Message
from smsc.store.base import Partial, Table

#: One row a message. Numbers are E.164 without ``+`` so that people can query them; ``body`` and
#: ``tlvs`` are as they came on the wire, ``header`` packs the small fields of the PDU, ``rank`` 0 is the
#: highest priority: what waits for a recipient goes out in the order of rank and id.
MESSAGES: Final = Table(
    "messages",
    (
        "id",
        "recipient",
        "state",
        "rank",
        "kind",
        "submitted_at",
        "due_at",
        "expires_at",
        "final_at",
        "source",
        "source_text",
        "destination",
        "destination_text",
        "originator",
        "account",
        "about",
        "reason",
        "attempts",
        "pagings",
        "validity",
        "header",
        "service_type",
        "body",
        "tlvs",
        "events",
    ),
    (*["INTEGER"] * 10, "BLOB", "INTEGER", "BLOB", *["INTEGER"] * 7, *["BLOB"] * 4, "TEXT"),
    # Only what waits is looked up by anything but its id: finished rows cost no index.
    (
        Partial(("recipient", "rank"), "state", ENROUTE),
        Partial(("recipient", "source", "source_text", "service_type"), "state", ENROUTE),
        Partial(("id",), "state", SCHEDULED),
        Partial(("id",), "state", HELD),
    ),
)

_HEADER: Final = 12  # octets
_EVENTS: Final = len(MESSAGES.columns) - 1  # the last; a message that nothing happened to has none

#: Everything changed through the API and everything a service remembers: JSON by kind and name.
KEY_VALUES: Final = Table("things", ("key", "json"), ("TEXT", "TEXT"), ())

#: What each server keeps for itself: its clock's value, when it last deleted old messages, that it can write.
OWN_KEYS: Final = frozenset({"api/clock", "api/retention", "api/probe"})


_EMPTY: Final = [
    bytes(_HEADER) if name == "header" else 0 if kind == "INTEGER" else b""
    for name, kind in zip(MESSAGES.columns, MESSAGES.types, strict=True)
]


def message_row(message: Message) -> tuple[Any, ...]:
    """The row of a message as it is now."""
    session_id = message.session_id
    header = bytearray(_HEADER)
    header[0] = message.esm_class
    header[1] = message.protocol_id
    header[2] = message.registered_delivery
    header[3] = message.data_coding
    header[4] = message.uplink
    header[5] = message.service
    header[6] = message.payload
    header[7] = message.short_id
    header[8] = session_id >> 24 & 255
    header[9] = session_id >> 16 & 255
    header[10] = session_id >> 8 & 255
    header[11] = session_id & 255
    return (
        message.id,
        message.recipient,
        message.state,
        4 - message.priority,
        message.kind,
        message.submitted_at,
        message.due_at,
        message.expires_at,
        message.final_at,
        message.source,
        message.source_text,
        message.destination,
        message.destination_text,
        message.originator,
        message.account,
        message.about,
        message.reason,
        message.attempts,
        message.pagings,
        message.validity,
        bytes(header),
        message.service_type,
        message.body,
        message.tlvs,
        None if message.events is None else json.dumps(message.events),
    )


def message_of(row: tuple[Any, ...]) -> Message:
    """The message of a row; what a column added since the row was written would hold is nothing."""
    message = Message()
    if None in row[:_EVENTS]:
        filled = [_EMPTY[place] if value is None else value for place, value in enumerate(row[:_EVENTS])]
        row = (*filled, row[_EVENTS])
    (
        message.id,
        message.recipient,
        message.state,
        rank,
        message.kind,
        message.submitted_at,
        message.due_at,
        message.expires_at,
        message.final_at,
        message.source,
        message.source_text,
        message.destination,
        message.destination_text,
        message.originator,
        message.account,
        message.about,
        message.reason,
        message.attempts,
        message.pagings,
        message.validity,
        header,
        message.service_type,
        message.body,
        message.tlvs,
        events,
    ) = row
    message.priority = 4 - rank
    message.esm_class = header[0]
    message.protocol_id = header[1]
    message.registered_delivery = header[2]
    message.data_coding = header[3]
    message.uplink = header[4]
    message.service = header[5]
    message.payload = header[6]
    message.short_id = bool(header[7])
    message.session_id = int.from_bytes(header[8:12], "big")  # nothing in a row of version 0.1
    message.octets = len(message.body) + len(message.tlvs)
    if events is not None:
        message.events = [(at, event, reason, detail) for at, event, reason, detail in json.loads(events)]
    return message
