"""Two ends of SMPP wired together without a socket, and PDUs to feed them."""

from typing import Any

from hypothesis import strategies as st

from smsc.protocol import constants as c
from smsc.protocol.pdu.codec import Pdu, PduError, decode_pdu, encode_pdu, pdu_octets
from smsc.protocol.pdu.fields import (
    CString,
    Destination,
    Destinations,
    DistributionList,
    Integer,
    ShortMessage,
    Time,
    Unsuccess,
    Unsuccessful,
)
from smsc.protocol.pdu.layouts import PDUS, PduType
from smsc.protocol.pdu.submit import NOW, Acks, Submit, SubmitBatch
from smsc.protocol.sessions.esme import EsmeSession
from smsc.protocol.sessions.events import BindRequest, Refused, Request, UnbindRequest
from smsc.protocol.sessions.limits import SessionLimits
from smsc.protocol.sessions.session import Session

LIMITS = SessionLimits()
ROW_FIELDS = (
    *(
        "sequence",
        "status",
        "service_type",
        "source_ton",
        "source_npi",
        "source",
        "source_length",
        "source_text",
    ),
    *("dest_ton", "dest_npi", "dest", "dest_length", "dest_text", "esm_class", "protocol_id", "priority"),
    *("schedule", "validity", "registered_delivery", "replace_if_present", "data_coding", "default_msg_id"),
    *("body", "payload", "tlvs"),
)


def message(**values: Any) -> Submit:
    """A row as a sender fills it: from 4790000001 to 4790000002 unless said otherwise."""
    row = Submit()
    row.source_ton = row.source_npi = row.dest_ton = row.dest_npi = 1
    row.source, row.dest = 4790000001, 4790000002
    row.body = b"Hei"
    for name, value in values.items():
        setattr(row, name, value)
    return row


def submit_fields(**values: Any) -> dict[str, Any]:
    """The fields of a submit_sm or deliver_sm in words."""
    fields: dict[str, Any] = {
        "service_type": "",
        "source_addr_ton": 1,
        "source_addr_npi": 1,
        "source_addr": "4790000001",
        "dest_addr_ton": 1,
        "dest_addr_npi": 1,
        "destination_addr": "4790000002",
        "short_message": b"Hei",
    }
    return fields | values


def frame(command_id: int, body: bytes = b"", sequence: int = 1, status: int = 0) -> bytes:
    return pdu_octets(command_id, status, sequence, body)


def pdu(command_id: int, sequence: int = 1, tlvs: Any = (), *, version: int = c.V34, **fields: Any) -> bytes:
    """A PDU's octets; submit_sm and deliver_sm come with an address and a text."""
    if command_id in (c.SUBMIT_SM, c.DELIVER_SM):
        fields = submit_fields(**fields)
    return encode_pdu(Pdu(command_id, 0, sequence, fields, list(tlvs)), version)


def decoded(octets: bytes, version: int = c.V34) -> Pdu | PduError:
    """The PDU, or the error as a value."""
    try:
        return decode_pdu(octets, version)
    except PduError as error:
        return error


def frames(octets: bytes) -> list[Pdu]:
    """The whole PDUs that a session sent."""
    found, at = [], 0
    while at < len(octets):
        length = int.from_bytes(octets[at : at + 4], "big")
        found.append(decode_pdu(octets[at : at + length]))
        at += length
    assert at == len(octets)
    return found


def said(octets: bytes) -> list[tuple[str, int, int]]:
    """(name, status, sequence) of each PDU that a session sent."""
    return [(sent.name, sent.status, sent.sequence) for sent in frames(octets)]


def row_values(row: Submit) -> dict[str, Any]:
    return {name: getattr(row, name) for name in ROW_FIELDS}


class Side:
    """One end, its events as lasting values, and how it answers what it is asked."""

    def __init__(self, session: Session | EsmeSession) -> None:
        self.session = session
        self.events: list[Any] = []
        self.refused: list[Refused] = []
        self.messages: list[dict[str, Any]] = []
        self.acks: list[tuple[Any, int, bytes]] = []
        self.answer = NOW
        self.status = 0
        self.next_id = 1000
        self.accepts = True

    def read(self) -> None:
        while (event := self.session.next_event()) is not None:
            self.take(event)

    def take(self, event: Any) -> None:
        session = self.session
        if type(event) is SubmitBatch:
            for row in event.rows[: event.count]:
                self.messages.append(row_values(row))
                row.answer = self.answer if row.status == 0 else NOW
                row.status = row.status or self.status
                row.message_id = self.next_id
                self.next_id += 1
            session.respond(event)
        elif type(event) is Acks:
            ids = event.message_ids
            self.acks += [(event.tokens[i], event.statuses[i], ids[i]) for i in range(event.count)]
        elif type(event) is Refused:
            self.refused.append(event)
        else:
            self.events.append(event)
            if isinstance(event, BindRequest) and self.accepts:
                session.accept_bind(event, "smsc")
            elif isinstance(event, UnbindRequest):
                session.accept_unbind(event)
            elif isinstance(event, Request) and event.pdu.command_id not in c.ONE_WAY:
                session.respond_pdu(event, c.ESME_RSYSERR)

    def seen(self, kind: type) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]


class ConnectionPair:
    """An SMSC and an ESME with a wire between them that never fails and a clock that stands still."""

    def __init__(self, limits: SessionLimits = LIMITS, esme_limits: SessionLimits = LIMITS) -> None:
        self.now = 0.0
        self.smsc = Side(Session(limits, 0.0))
        self.esme = Side(EsmeSession(esme_limits, 0.0))

    def exchange(self) -> None:
        """Carry what both have to say until neither says anything."""
        while True:
            there, back = self.esme.session.data_to_send(), self.smsc.session.data_to_send()
            if not there and not back:
                return
            for side, data in ((self.smsc, there), (self.esme, back)):
                if data:
                    side.session.receive_data(data, self.now)
                side.read()

    def bind(self, kind: int = c.BIND_TRANSCEIVER, version: int = c.V34, **fields: Any) -> "ConnectionPair":
        self.esme.session.send_bind(kind, "4790000001", "1234", self.now, version=version, **fields)
        self.exchange()
        return self


def bound(
    kind: int = c.BIND_TRANSCEIVER, version: int = c.V34, limits: SessionLimits = LIMITS
) -> tuple[Session, Side]:
    """An SMSC's session that an ESME has bound, with nothing left to send."""
    side = Side(Session(limits, 0.0))
    fields = {"system_id": "4790000001", "password": "1234", "interface_version": version}
    tell(side, encode_pdu(Pdu(kind, 0, 1, fields)))
    side.events.clear()
    return side.session, side  # type: ignore[return-value]


def request_in(session: Session | EsmeSession) -> Request:
    """The next event, which must be a request."""
    event = session.next_event()
    assert isinstance(event, Request)
    return event


def tell(side: Side, octets: bytes, now: float = 0.0) -> bytes:
    """Say something to one end; what it answers."""
    side.session.receive_data(octets, now)
    side.read()
    return side.session.data_to_send()


# -- strategies
# ------------------------------------------------------------------------------------------------------

OCTET = st.integers(0, 255)


def c_string(size: int) -> st.SearchStrategy[str]:
    return st.text(st.characters(min_codepoint=1, max_codepoint=255), max_size=size - 1)


def _destinations() -> st.SearchStrategy[list[Any]]:
    one = st.builds(Destination, OCTET, OCTET, c_string(21)) | st.builds(DistributionList, c_string(21))
    return st.lists(one, min_size=1, max_size=8)


def _unsuccessful() -> st.SearchStrategy[list[Any]]:
    return st.lists(st.builds(Unsuccess, OCTET, OCTET, c_string(21), st.integers(0, 2**32 - 1)), max_size=8)


def values_of(field: Any) -> st.SearchStrategy[Any]:
    """Every value that a field can carry."""
    if isinstance(field, Integer):
        return st.integers(0, 256**field.size - 1)
    if isinstance(field, CString):
        return c_string(field.size)
    if isinstance(field, Time):
        return st.just("") | st.text(
            st.characters(min_codepoint=1, max_codepoint=255), min_size=16, max_size=16
        )
    if isinstance(field, ShortMessage):
        return st.binary(max_size=254)
    assert isinstance(field, Destinations | Unsuccessful)
    return _destinations() if isinstance(field, Destinations) else _unsuccessful()


TLVS = st.lists(st.tuples(st.integers(0x1400, 0x3FFF), st.binary(max_size=20)), max_size=4)
SEQUENCES = st.integers(0, 2**32 - 1)


@st.composite
def any_pdu(draw: st.DrawFn, layouts: tuple[PduType, ...] = tuple(PDUS.values())) -> Pdu:
    """Any PDU of the table, with any legal values and vendor TLVs."""
    layout = draw(st.sampled_from(layouts))
    fields = {field.name: draw(values_of(field)) for field in layout.fields}
    return Pdu(layout.command_id, draw(st.sampled_from((0, 0, 8))), draw(SEQUENCES), fields, draw(TLVS))


@st.composite
def hostile_stream(draw: st.DrawFn) -> bytes:
    """What a peer may send: PDUs, damaged PDUs, rubbish, in any order."""
    parts = []
    for _ in range(draw(st.integers(1, 6))):
        octets = bytearray(draw(any_pdu().map(encode_pdu)))
        damage = draw(st.integers(0, 5))
        if damage == 0:
            octets = bytearray(draw(st.binary(max_size=60)))
        elif damage == 1:
            for _ in range(draw(st.integers(1, 3))):
                octets[draw(st.integers(0, len(octets) - 1))] = draw(OCTET)
        elif damage == 2:
            cut = draw(st.integers(16, len(octets)))
            octets = octets[:cut]
            octets[0:4] = cut.to_bytes(4, "big")
        elif damage == 3:
            octets += draw(st.binary(max_size=8))
            octets[0:4] = len(octets).to_bytes(4, "big")
        parts.append(bytes(octets))
    return b"".join(parts)
