"""The ESME's end of a connection: binds, sends submit_sm, takes deliver_sm [SMPP 3.4 §2]. Clients are built
on it."""

from typing import Any

from smsc.protocol.constants import (
    BIND_RECEIVER,
    BIND_TRANSCEIVER,
    BIND_TRANSMITTER,
    BINDS,
    DELIVER_SM,
    GENERIC_NACK,
    RESPONSE,
    SUBMIT_SM,
    V33,
    V34,
    negotiated,
)
from smsc.protocol.pdu.codec import Pdu
from smsc.protocol.pdu.layouts import PDUS
from smsc.protocol.pdu.submit import Acks, Submit, SubmitBatch
from smsc.protocol.sessions.events import BindRefused, Bound
from smsc.protocol.sessions.limits import SessionLimits
from smsc.protocol.sessions.link import Link, read_answer
from smsc.protocol.states import BOUND_RX, BOUND_TRX, BOUND_TX, RECEIVE, TRANSMIT

#: The states in which an SMSC may send a request.
_ALLOWED = {row.command_id: row.smsc for row in PDUS.values()}
_STATES = {BIND_TRANSMITTER: BOUND_TX, BIND_RECEIVER: BOUND_RX, BIND_TRANSCEIVER: BOUND_TRX}


class EsmeSession(Link):
    """A client's connection. deliver_sm come as SubmitBatch and want `respond`; submit_sm_resp come as
    Acks."""

    __slots__ = ("peer_system_id",)

    def __init__(
        self, limits: SessionLimits, now: float, batch: SubmitBatch | None = None, acks: Acks | None = None
    ) -> None:
        super().__init__(limits, now, batch, acks)
        self.message_in = DELIVER_SM
        self.message_out = SUBMIT_SM
        self.response_in, self.response_out = RESPONSE | SUBMIT_SM, RESPONSE | DELIVER_SM
        self.allowed = _ALLOWED
        self.taking = RECEIVE
        self.giving = TRANSMIT
        self.peer_system_id = ""

    def send_bind(
        self,
        command_id: int,
        system_id: str,
        password: str,
        now: float,
        *,
        system_type: str = "",
        version: int = V34,
        ton: int = 0,
        npi: int = 0,
        address_range: str = "",
    ) -> None:
        """Ask for a bind (`constants.BIND_*`); Bound, or BindRefused and Closed follow. ValueError when a
        field does not fit."""
        self.version = negotiated(version)
        fields = {
            "system_id": system_id,
            "password": password,
            "system_type": system_type,
            "interface_version": version,
            "addr_ton": ton,
            "addr_npi": npi,
            "address_range": address_range,
        }
        self.request(Pdu(command_id, fields=fields), None, now)
        self.system_id = system_id

    def read_result(self, asked: int, token: Any, frame: bytes) -> None:
        if asked not in BINDS:
            super().read_result(asked, token, frame)
            return
        pdu = read_answer(frame, self.version)
        if pdu.status or pdu.command_id == GENERIC_NACK:
            self.events.append(BindRefused(pdu.status))
            self.close("bind refused")
            return
        # [3.4 §4.1.2] lets an ESME take an absent TLV for an SMSC that knows none; many that do know them do
        # not say so.
        supported = pdu.tlv("sc_interface_version")
        version = negotiated(supported) if isinstance(supported, int) else V33
        if supported is not None:
            self.version = min(self.version, version)
        self.peer_system_id = pdu.fields.get("system_id", "")
        self.enter(_STATES[asked])
        self.events.append(Bound(pdu, self.peer_system_id, version))

    def submit(self, row: Submit, token: Any, now: float) -> int:
        """Send a row as submit_sm; see `send_message`."""
        return self.send_message(row, token, now)
