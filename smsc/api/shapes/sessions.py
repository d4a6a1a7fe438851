"""Sessions, what went over them, the ESMEs that were dialled, and the nodes to which all are bound."""

from typing import Any, Literal

from pydantic import BaseModel

from smsc.api.shapes.describing import example


class Session(BaseModel):
    """A session that is bound, or was."""

    model_config = example(
        id=3,
        node=None,
        system_id="4790000001",
        type="transceiver",
        peer="127.0.0.1:50112",
        interface_version="3.4",
        window={"in_use": 0, "size": 1000, "unanswered": 0},
        bound_at="2026-01-01T12:00:00Z",
        ended_at=None,
        ended_because=None,
        sick=None,
        resting=False,
        counters={"submitted": 2, "refused": 1, "delivered": 1, "timeouts": 0},
        events=[
            {"at": "2026-01-01T12:00:03Z", "event": "submit_refused", "detail": "destination_fixed_line"}
        ],
    )

    id: int
    node: str | None
    """Which of several nodes it is bound to; null for a server that is alone."""
    system_id: str
    type: str
    """`transmitter`, `receiver` or `transceiver`."""
    peer: str
    bound_at: str
    ended_at: str | None
    ended_because: str | None
    window: dict[str, int] | None
    """`in_use` of `size` requests to the peer wait for its answer; `unanswered` of its own wait for ours."""
    sick: dict[str, Any] | None
    """`because` of what, and since when, it gets nothing while another bind can take it; null when well."""
    resting: bool | None
    """Whether it said that its queue is full, and is given nothing for about a second."""
    counters: dict[str, int] | None
    """Null, as are `window` and `resting`, of a session at another node than the one that was asked."""
    events: list[dict[str, Any]]
    """What happened to it lately, such as `submit_refused` with the reason."""


class Node(BaseModel):
    """One of several servers on a store."""

    model_config = example(
        name="oslo-1",
        this=True,
        alive=True,
        process="process 4711 on db1",
        slots=86,
        recipients=3,
        binds=12,
        waiting=140,
    )

    name: str
    this: bool
    """Whether it is the one that was asked."""
    alive: bool
    """Whether its lease runs: its part is another's soon otherwise."""
    process: str | None
    slots: int
    """How many of the 256 parts of all recipients it runs."""
    recipients: int
    """How many it runs besides, because they are bound there."""
    binds: int
    """How many receive there."""
    waiting: int | None
    """Messages that wait at the node that was asked; null for others."""


class Nodes(BaseModel):
    """All nodes."""

    nodes: list[Node]


class Sessions(BaseModel):
    """Sessions."""

    sessions: list[Session]


class Outbind(BaseModel):
    """An ESME that was dialled."""

    model_config = example(
        id=1,
        system_id="shop",
        host="127.0.0.1",
        port=2776,
        retry=30.0,
        configured=False,
        state="bound",
        attempts=1,
        dialled_at="2026-01-01T12:00:00Z",
        error=None,
        session=3,
    )

    id: int
    system_id: str
    host: str
    port: int
    retry: float | None
    """Seconds until it is dialled again; null for never."""
    configured: bool
    """Whether it stands in the configuration."""
    state: Literal["dialling", "invited", "bound", "waiting", "ended"]
    """`invited`: outbind is said and the bind has not come; `waiting`: for the next try."""
    attempts: int
    dialled_at: str | None
    """When last."""
    error: str | None
    """Why the last try failed."""
    session: int | None
    """Id of the session that the ESME bound."""


class Outbinds(BaseModel):
    """All ESMEs that were dialled."""

    outbinds: list[Outbind]


class Pdus(BaseModel):
    """The last PDUs of a session."""

    model_config = example(
        id=3,
        traced=True,
        pdus=[
            {
                "at": "2026-01-01T12:00:00.000123Z",
                "direction": "in",
                "command": "submit_sm",
                "command_id": 4,
                "status": "ESME_ROK",
                "sequence": 7,
                "length": 61,
                "fields": {"destination_addr": "4790000002", "short_message": "486569"},
                "tlvs": [{"tag": "0x0204", "name": "user_message_reference", "value": 1}],
                "text": "Hei",
            }
        ],
    )

    id: int
    traced: bool
    """Whether its PDUs are kept."""
    pdus: list[dict[str, Any]]
    """Oldest first; `at` is real time, octets are hexadecimal. `error` stands where fields cannot be read."""
