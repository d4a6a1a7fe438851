"""The SMSC's end of a connection: takes binds and submit_sm, sends deliver_sm [SMPP 3.4 §2]."""

from smsc.protocol.constants import (
    BIND_RECEIVER,
    BIND_TRANSCEIVER,
    BIND_TRANSMITTER,
    BINDS,
    BROADCASTS,
    DELIVER_SM,
    ESME_RINVCMDID,
    ESME_RINVTLVSTREAM,
    ESME_RPROHIBITED,
    OUTBIND,
    RESPONSE,
    SUBMIT_SM,
    V50,
    negotiated,
)
from smsc.protocol.pdu import codec, tlv
from smsc.protocol.pdu.codec import Pdu, PduError, explain_message, request
from smsc.protocol.pdu.layouts import PDUS
from smsc.protocol.pdu.submit import Acks, Submit, SubmitBatch, parse_submit
from smsc.protocol.sessions.events import BindRequest, Refused, Tolerated
from smsc.protocol.sessions.limits import SessionLimits
from smsc.protocol.sessions.link import Link
from smsc.protocol.states import BOUND_RX, BOUND_TRX, BOUND_TX, CLOSED, RECEIVE, TRANSMIT

#: The states in which an ESME may send a request.
_ALLOWED = {row.command_id: row.esme for row in PDUS.values()}
_BIND_FIELDS = (
    ("system_id", "system_id"),
    ("password", "password"),
    ("system_type", "system_type"),
    ("version", "interface_version"),
    ("ton", "addr_ton"),
    ("npi", "addr_npi"),
    ("address_range", "address_range"),
)
_STATES = {BIND_TRANSMITTER: BOUND_TX, BIND_RECEIVER: BOUND_RX, BIND_TRANSCEIVER: BOUND_TRX}


class Session(Link):
    """One ESME's connection. `batch` and `acks` may be shared by all sessions that one thread serves."""

    __slots__ = ("tolerates_nul",)

    def __init__(
        self, limits: SessionLimits, now: float, batch: SubmitBatch | None = None, acks: Acks | None = None
    ) -> None:
        super().__init__(limits, now, batch, acks)
        self.message_in = SUBMIT_SM
        self.message_out = DELIVER_SM
        self.response_in, self.response_out = RESPONSE | DELIVER_SM, RESPONSE | SUBMIT_SM
        self.allowed = _ALLOWED
        self.taking = TRANSMIT
        self.giving = RECEIVE
        self.tolerates_nul = True

    def read_request(self, pdu: Pdu) -> None:
        if pdu.command_id in BINDS:
            self.held = True
            self.events.append(BindRequest(pdu, **{name: pdu.fields[field] for name, field in _BIND_FIELDS}))
        elif pdu.command_id in BROADCASTS:
            # Recognised, not offered: 3.4 does not know the command, 5.0 has a word for it.
            known = self.version >= V50
            hint = f"{pdu.name} is not offered; submit_multi reaches several recipients"
            error = PduError(ESME_RPROHIBITED, "resp", hint)
            self.turn_down(
                pdu.command_id, pdu.sequence, error if known else PduError(ESME_RINVCMDID, "nack", hint)
            )
        else:
            super().read_request(pdu)

    def decoded(self, frame: bytes) -> Pdu:
        try:
            return codec.decode_pdu(frame, self.version)
        except PduError as error:
            if error.status != ESME_RINVTLVSTREAM or not self.tolerates_nul:
                raise
            repaired = codec.without_stray_nul(frame, self.version)
            if repaired is None:
                raise
        pdu = codec.decode_pdu(repaired, self.version)
        self.events.append(Tolerated(pdu.command_id, pdu.sequence))
        return pdu

    def explain(self, frame: bytes, row: Submit) -> None:
        if row.status == ESME_RINVTLVSTREAM and self.tolerates_nul:
            repaired = codec.without_stray_nul(frame, self.version)
            if repaired is not None:
                parse_submit(repaired, 0, len(repaired), row, self.version, self.payload_supersedes)
                if row.status == 0:
                    self.events.append(Tolerated(SUBMIT_SM, row.sequence))
                    return
                frame = repaired
        note = explain_message(frame, self.version, row.status, self.payload_supersedes)
        row.note = note.encode("ascii", "replace")

    def tell(
        self, command: int, sequence: int, status: int, reason: int, detail: str, count: int = 1
    ) -> None:
        self.events.append(Refused(command, sequence, status, reason, detail, count))

    def accept_bind(self, event: BindRequest, system_id: str) -> None:
        """Bind the session: `system_id` is the SMSC's. Version and state follow the request [3.4 §5.2.4]."""
        if self.state == CLOSED:
            return
        self.version = min(negotiated(event.version), self.highest_version)
        self.system_id = event.system_id
        tlvs = [tlv.integer("sc_interface_version", self.version)]
        self.respond_pdu(event.pdu, 0, {"system_id": system_id}, tlvs)
        self.enter(_STATES[event.pdu.command_id])
        self.held = False

    def reject_bind(self, event: BindRequest, status: int, why: str = "") -> None:
        """Refuse the bind; the session is over once that is sent. A 5.0 peer is told `why`."""
        tlvs = []
        if why and negotiated(event.version) >= V50 and self.highest_version >= V50:
            self.version = V50
            tlvs = [tlv.text("additional_status_info_text", why.encode("ascii", "replace"))]
        self.respond_pdu(event.pdu, status, None, tlvs)
        self.close("bind refused")

    def outbind(self, system_id: str, password: str, now: float) -> None:
        """Invite the ESME that was dialled to bind as receiver [3.4 §4.1.7]."""
        self.request(request(OUTBIND, system_id=system_id, password=password), None, now)
