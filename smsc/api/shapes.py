"""What the calls answer, for the OpenAPI description: the engine's documents, sent as they are."""

from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, create_model

from smsc.api.bodies import Coverage, Position, State, Uplink
from smsc.api.problems import MEDIA_TYPE
from smsc.subscriber_fields import SHOWN


def _example(**fields: Any) -> ConfigDict:
    return ConfigDict(extra="allow", use_attribute_docstrings=True, json_schema_extra={"examples": [fields]})


class NumberReading(BaseModel):
    """How the number plan reads a number."""

    model_config = _example(
        national="59555112",
        e164="+4759555112",
        type="emergency_sms_police",
        can_send_sms=False,
        can_receive_sms=True,
        charging="policy:free",
        reason=None,
        steps=[
            {
                "en": "00 is the international prefix: a country code follows.",
                "nb": "00 er internasjonalt prefiks: en landskode følger.",
            }
        ],
    )

    national: str | None
    """National number, without country code."""
    e164: str | None
    """International form with `+`; null for what is not part of the E.164 plan."""
    type: str | None
    """What the range is for."""
    can_send_sms: bool
    """Whether a handset may have it and send from it."""
    can_receive_sms: bool
    """Whether it may be a destination."""
    charging: str | None
    """Who pays how."""
    reason: str | None
    """Name in the catalogue of reasons when it cannot be a destination."""
    steps: list[dict[str, str]]
    """How it was read, step by step, in English (`en`) and Norwegian bokmål (`nb`)."""


_CARDS = {"imsi": "242709000000100", "iccid": "8947700090000001006"}


class SubscriberState(BaseModel):
    """A subscriber, without the declared fields."""

    model_config = _example(
        msisdn="4790000001",
        zone="oslo",
        position=None,
        track=None,
        coverage={
            "place": "oslo",
            "coverage": "good",
            "until": None,
            "because": "zone oslo has good coverage",
        },
        mw_status=["sc_address_not_included"],
        **{field.name: field.show(field.default) for field in SHOWN} | _CARDS,
    )

    msisdn: str
    """Number in international form, without `+`."""
    zone: str | None
    position: Position | None
    track: list[dict[str, Any]] | None
    """The waypoints that it follows; `position` is where that has brought it."""
    coverage: dict[str, Any]
    """What reaches the handset where it is, and why."""
    mw_status: list[str]
    """The bits set in the HLR's MW-Status: `mnrf`, `mnrg` (not reachable), `mcef` (memory full),
    `sc_address_not_included` (no message waits, so nobody is alerted)."""


def _shown() -> dict[str, Any]:
    """The declared fields as they are answered; IMSI and ICCID are derived where none is given."""
    found: dict[str, Any] = {}
    for field in SHOWN:
        absent = field.show(field.default) is None and field.name not in _CARDS
        kind = field.json_type()
        found[field.name] = (kind | None if absent else kind, Field(description=field.about))
    return found


if TYPE_CHECKING:
    Subscriber = SubscriberState
else:
    Subscriber = create_model("Subscriber", __base__=SubscriberState, __doc__="A subscriber.", **_shown())


class Subscribers(BaseModel):
    """One page of subscribers."""

    subscribers: list[Subscriber]
    """Those that stand for themselves: single ones, and those of a range that were changed."""
    next: str | None = Field(examples=["4790000001"])
    """Give this as `after` for the next page; null on the last."""


class Zone(BaseModel):
    """A zone."""

    model_config = _example(
        name="laerdal-tunnel", coverage="none", uplink="hold", loss=1.0, latency=0.0, outages=[]
    )

    name: str
    coverage: Coverage
    uplink: Uplink
    loss: float
    """Probability that an attempt is lost."""
    latency: float
    """Seconds that the radio adds to an attempt."""
    outages: list[dict[str, Any]]
    """As they were given: moments as text, repetition in seconds."""
    geometry: dict[str, Any] | None
    county: str | None


class Outages(BaseModel):
    """What is planned, by name."""

    model_config = _example(zone={}, cell={}, county={"46": [{"from": "2026-01-01T02:00:00Z", "to": None}]})

    zone: dict[str, list[dict[str, Any]]]
    cell: dict[str, list[dict[str, Any]]]
    county: dict[str, list[dict[str, Any]]]


class PlannedOutages(BaseModel):
    """The outages of one zone, cell or county."""

    kind: str
    name: str
    outages: list[dict[str, Any]]
    """Moments as text, `every` in seconds; an open `to` is null."""


class Zones(BaseModel):
    """All zones."""

    zones: list[Zone]


class Registration(BaseModel):
    """A registration for emergency SMS."""

    model_config = _example(msisdn="4790000112", registered_at="2026-01-01T12:00:00Z", name="Kari Nordmann")

    msisdn: str
    registered_at: str
    updated_at: str
    name: str
    address: str
    postcode: str
    email: str
    country: str


class Registrations(BaseModel):
    """All registrations for emergency SMS."""

    registrations: list[Registration]


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

    model_config = _example(
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


class Refusal(BaseModel):
    """Something that was refused, and why."""

    model_config = _example(
        at="2026-01-01T12:00:00Z",
        what="submission",
        reason="destination_fixed_line",
        text="22334455 is a fixed line, which takes no SMS",
        status="ESME_RINVDSTADR",
        command=None,
        system_id="shop",
        peer="127.0.0.1:50112",
        session=3,
        source="Shop",
        destination="22334455",
        count=1,
    )

    at: str
    what: str
    reason: str
    text: str
    """Which value was wrong, and what would be right."""
    status: str | None
    """What the peer was answered."""
    command: str | None
    system_id: str | None
    peer: str | None
    session: int | None
    source: str | None
    destination: str | None
    count: int
    """So many alike."""


class Refusals(BaseModel):
    """What was refused lately."""

    refusals: list[Refusal]


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

    model_config = _example(
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


class Clock(BaseModel):
    """The SMSC clock."""

    model_config = _example(
        mode="manual",
        now="2026-01-01T12:00:00Z",
        next_due="2026-01-01T12:00:30Z",
        due=[{"at": "2026-01-01T12:00:30Z", "what": "attempt", "msisdn": "4799000020", "messages": 2}],
    )

    mode: str
    now: str
    next_due: str | None
    """When something happens next by itself; null: nothing is planned."""
    due: list[dict[str, Any]]
    """What the next moments are, at most 60 of them: `what` is `attempt`, `expiry`, `coverage`, `alert`,
    `answer`, `scheduled`, `held`, `on_air`, `transit`, `flag`, `service` or `assignment`; with `msisdn` or
    `system_id` and the number of `messages`, the `id` of a message, or the `name` of a service."""


class Advanced(BaseModel):
    """What happened while the clock moved."""

    model_config = _example(
        **{"from": "2026-01-01T12:00:00Z"},
        now="2026-01-01T14:00:00Z",
        fired=1,
        happened=[{"event": "message.delivered", "at": "2026-01-01T12:00:30Z", "id": "1001"}],
        unsettled=[],
    )

    start: str = Field(alias="from")
    """Where the clock stood."""
    now: str
    fired: int
    """How many timers went off."""
    happened: list[dict[str, Any]]
    """Every event, as `/events` has it."""
    unsettled: list[str]
    """Ids of messages whose delivery nobody has answered within `settle` real seconds."""


class Session(BaseModel):
    """A session that is bound, or was."""

    model_config = _example(
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

    model_config = _example(
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

    model_config = _example(
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


class Esme(BaseModel):
    """An ESME, without its password; more keys as in the configuration."""

    model_config = _example(
        system_id="mygw",
        kind="esme",
        numbers=["59000100"],
        senders=["Mygw"],
        ranges=[],
        window=None,
        rate=None,
        binds=0,
        tlvs=[],
        default_alphabet="gsm0338",
        responses={"id": "decimal", "id_width": 0},
        receipts={"id": "decimal", "id_width": 0},
        sessions=[3],
    )

    system_id: str
    kind: str
    numbers: list[str]
    senders: list[str]
    ranges: list[dict[str, str]]
    window: int | None
    rate: float | None
    binds: int
    tlvs: list[str]
    default_alphabet: str
    responses: dict[str, Any]
    receipts: dict[str, Any]
    sessions: list[int]
    """Ids of its binds."""


class Esmes(BaseModel):
    """All ESMEs."""

    esmes: list[Esme]


class Pdus(BaseModel):
    """The last PDUs of a session."""

    model_config = _example(
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


class MessagePdus(BaseModel):
    """The PDUs of one message."""

    model_config = _example(
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

    model_config = _example(deleted=12)

    deleted: int


class Tag(BaseModel):
    """A search by name."""

    model_config = _example(name="worker-3", q="to:47900003*")

    name: str
    q: str


class Faults(BaseModel):
    """The fault triggers in force."""

    model_config = _example(
        seed=1,
        rules=[{"action": "status", "status": "ESME_RTHROTTLED", "every": 10}],
        seen=[25],
        fired=[2],
    )

    rules: list[dict[str, Any]]
    """As [[faults]] of the configuration; the first that fires wins."""


class ServerAbout(BaseModel):
    """What a server is, and where it listens."""

    model_config = _example(
        version="0.2.0", smpp="127.0.0.1:2775", smpps=None, http="127.0.0.1:8775", store="memory:"
    )

    version: str
    smpp: str
    """Address of the SMPP listener."""
    smpps: str | None
    """Address of SMPP over TLS, when there is a certificate."""
    http: str
    """Address of this API."""
    store: str
    """Where acknowledged messages are kept; `memory:` keeps nothing."""


class Health(BaseModel):
    """Whether the server does its work."""

    model_config = _example(ready=True, reasons=[])

    ready: bool
    reasons: list[str]
    """Why not, one sentence each."""


class Alive(BaseModel):
    """The server's loop turns."""

    model_config = _example(status="alive")

    status: str


def listing(name: str, of: str) -> dict[int | str, dict[str, Any]]:
    """Describe an answer that is an object with one array, `name`, of documents."""
    schema = {
        "type": "object",
        "properties": {name: {"type": "array", "items": {"type": "object"}, "description": of}},
        "required": [name],
    }
    return {200: {"description": of, "content": {"application/json": {"schema": schema}}}}


_PROBLEMS = {
    400: "The body is not JSON.",
    401: "The bearer token is missing or wrong.",
    403: "The bearer token does not allow this.",
    404: "There is no such thing.",
    408: "It did not come in time.",
    409: "Not possible in the present state.",
    422: "A value is not as it should be; `errors` or `reason` says which and why.",
    503: "Not now; the problem says why.",
}


def answers(
    status: int, model: type[BaseModel] | None, description: str, *problems: int
) -> dict[int | str, dict[str, Any]]:
    """Describe the answers of a call: its own, and the problems that are particular to it."""
    described: dict[int | str, dict[str, Any]] = {status: {"description": description}}
    if model is not None:
        described[status]["model"] = model
    for code in problems:
        described[code] = problem_answer(code)
    return described


def problem_answer(status: int) -> dict[str, Any]:
    """Describe the answer that is a problem with `status`."""
    schema = {"$ref": "#/components/schemas/Problem"}
    return {"description": _PROBLEMS[status], "content": {MEDIA_TYPE: {"schema": schema}}}
