"""Messages, what became of them, and the names of searches."""

from typing import Any, Literal

from pydantic import BaseModel, Field

from smsc.api.bodies.messages import State
from smsc.api.shapes.describing import example


class TimelineEntry(BaseModel):
    """Something that happened to a message."""

    at: str
    """When, on the SMSC clock."""
    event: str
    """What."""
    reason: str | None
    """Why: a name in the catalogue of reasons."""
    detail: Any
    """What else is known, such as `next_attempt`."""


class Message(BaseModel):
    """A message and what became of it."""

    model_config = example(
        id="1001",
        source="4790000001",
        destination="4790000002",
        kind="message",
        text="Er du i tunnelen?",
        data_coding=0,
        parts=1,
        codes=[],
        links=[],
        system_id="4790000001",
        session=3,
        node=None,
        state="enroute",
        stage="waiting",
        reason="absent_no_paging_response",
        submitted_at="2026-01-01T12:00:00Z",
        final_at=None,
        expires_at="2026-01-04T12:00:00Z",
        attempts=1,
        priority=0,
        registered_delivery=1,
        due_at=None,
        events=[
            {"at": "2026-01-01T12:00:00Z", "event": "submitted", "reason": None, "detail": None},
            {
                "at": "2026-01-01T12:00:00Z",
                "event": "attempt_failed",
                "reason": "absent_no_paging_response",
                "detail": {"next_attempt": "2026-01-01T12:00:30Z"},
            },
        ],
    )

    id: str
    source: str
    destination: str
    kind: Literal["message", "receipt", "notice"]
    """`notice`: the SMSC or one of its services wrote it."""
    text: str
    data_coding: int
    """As it came in the PDU."""
    parts: int
    """Of how many parts it is one."""
    codes: list[str]
    """One-time codes found in the text, the likeliest first."""
    links: list[str]
    """Addresses found in the text."""
    system_id: str | None
    """Who submitted it; null for what the SMSC wrote itself."""
    session: int | None
    """Id of the session that submitted it; null when none did."""
    node: str | None
    """Which of several nodes runs it while it waits; null for a server that is alone, and afterwards."""
    state: State
    """`held` is still on the handset's side, waiting for coverage."""
    stage: str
    """The state, with `enroute` told apart: `scheduled`, `waiting`, `underway` (handed over, not
    answered)."""
    reason: str | None
    submitted_at: str
    final_at: str | None
    expires_at: str | None
    attempts: int
    """Failed pagings included."""
    priority: int
    registered_delivery: int
    """Which receipts were asked for, as in the PDU."""
    due_at: str | None
    """When its scheduled time comes; null for what is not scheduled."""
    events: list[TimelineEntry]


class Receipt(BaseModel):
    """What became of a message's receipt."""

    id: str
    destination: str
    state: State
    stage: str
    reason: str | None
    submitted_at: str
    """When the message had its final state, or failed for the first time where that was asked for."""
    final_at: str | None
    """When its originator answered it, or when it expired."""


class ExplainedMessage(Message):
    """A message, what became of it, and what comes next."""

    tags: list[str]
    """The tags that find it."""
    receipt: Receipt | None
    """Null when none was made, or when it was forgotten."""
    explanation: str
    """One paragraph: where it waits, why, until when, what comes next."""
    waiting_for: str | None
    """What brings it on; null when it has ended."""
    until: str | None
    """When that is planned to happen."""
    next_attempt: str | None
    """When it is tried again in any case."""
    what_next: str


class Messages(BaseModel):
    """One page of messages."""

    messages: list[Message]
    next: str | None = Field(examples=["1001"])
    """Give this as `after` (newest first: as `before`) for the next page; null on the last."""


class FoundMessages(BaseModel):
    """Messages that were waited for, oldest first."""

    messages: list[Message]


class Counts(BaseModel):
    """How many messages there are."""

    model_config = example(
        total=3,
        states={"delivered": 2, "enroute": 1},
        stages={"delivered": 2, "waiting": 1},
        complete=True,
    )

    total: int
    states: dict[str, int]
    stages: dict[str, int]
    """With `enroute` told apart."""
    complete: bool
    """Whether all were counted, or only the newest of very many."""


class MessagePdus(BaseModel):
    """The PDUs of one message."""

    model_config = example(
        id="1001",
        pdus=[
            {
                "at": "2026-01-01T12:00:00.000123Z",
                "direction": "in",
                "session": 3,
                "rebuilt": False,
                "octets": "0000003d00000004…",
                "command": "submit_sm",
                "command_id": 4,
                "status": "ESME_ROK",
                "sequence": 7,
                "length": 61,
                "fields": {"destination_addr": "4790000002", "short_message": "486569"},
                "tlvs": [],
                "text": "Hei",
            }
        ],
    )

    id: str
    pdus: list[dict[str, Any]]
    """Oldest first, as in `GET /sessions/{id}/pdus`, with all `octets`. `rebuilt`: made from the message."""


class Deleted(BaseModel):
    """What a search deleted."""

    model_config = example(deleted=12)

    deleted: int


class Tag(BaseModel):
    """A search by name."""

    model_config = example(name="worker-3", q="to:47900003*")

    name: str
    q: str
