"""What a session tells its owner, apart from the two that come by the million (`submit.SubmitBatch`,
`submit.Acks`)."""

from dataclasses import dataclass, field
from typing import Any

from smsc.protocol.constants import BIND_RECEIVER, BIND_TRANSMITTER, command_name
from smsc.protocol.pdu.codec import Pdu

#: Why a session is closed whose connection is gone.
LOST = "connection lost"


@dataclass(slots=True)
class BindRequest:
    """A peer asks to bind. The session reads nothing more until accept_bind or reject_bind."""

    pdu: Pdu
    system_id: str
    password: str = field(repr=False)
    system_type: str
    #: interface_version as the peer sent it.
    version: int
    ton: int
    npi: int
    address_range: str

    @property
    def receives(self) -> bool:
        return self.pdu.command_id != BIND_TRANSMITTER

    @property
    def transmits(self) -> bool:
        return self.pdu.command_id != BIND_RECEIVER

    @property
    def kind(self) -> str:
        """`bind_transmitter`, `bind_receiver` or `bind_transceiver`."""
        return command_name(self.pdu.command_id)


@dataclass(slots=True)
class Bound:
    """ESME's side: the bind succeeded. `pdu` is the response; `version` what the SMSC said it supports, 0x33
    if nothing."""

    pdu: Pdu
    system_id: str
    version: int


@dataclass(slots=True)
class BindRefused:
    """ESME's side: the SMSC refused the bind."""

    status: int


@dataclass(slots=True)
class Request:
    """A well-formed request in the right state. It wants `respond_pdu`, unless it is one-way
    (alert_notification, outbind)."""

    pdu: Pdu


@dataclass(slots=True)
class Response:
    """The answer to a request made with `request`; `fields` is empty when the peer sent no body."""

    token: Any
    pdu: Pdu


@dataclass(slots=True)
class Nacked:
    """The peer answered with generic_nack."""

    token: Any
    status: int


@dataclass(slots=True)
class Expired:
    """No answer within the response timer. One that comes later is dropped."""

    token: Any


@dataclass(slots=True)
class Late:
    """Messages have been without their answer for `SessionLimits.late` seconds. It may yet come."""


@dataclass(slots=True)
class Resumed:
    """The rest that a peer with a full queue was given is over (`Flight.rest`)."""


@dataclass(slots=True)
class UnbindRequest:
    """The peer wants to go: no new work comes in; `accept_unbind` answers, when what is due has been sent."""

    sequence: int


@dataclass(slots=True)
class Unbound:
    """The peer answered our unbind, or failed to within the response timer. `Closed` follows."""


@dataclass(slots=True)
class Refused:
    """The session itself has refused something, and answered it where there is an answer; the owner counts it
    and tells of it. `reason` is one of `smsc.reasons`, `detail` says field, value and what would be right; it
    quotes no message text. `count`: so many in a row were refused for the same.
    """

    command_id: int
    sequence: int
    status: int
    reason: int
    detail: str = ""
    count: int = 1


@dataclass(slots=True)
class Tolerated:
    """One NUL behind short_message, which sm_length does not count and php-smpp writes, was left out."""

    command_id: int
    sequence: int


@dataclass(slots=True)
class Closed:
    """The last event of a session. `tokens` are those of all that was sent and never answered, oldest first.

    `reason` is one of: unbound, unbound by peer, bind refused, framing, session_init, enquire_link,
    inactivity, or what `lost` was told. `cut_off`: that a PDU was not whole when the
    connection ended.
    """

    reason: str
    tokens: list[Any]
    cut_off: str = ""


Event = (
    BindRequest
    | Bound
    | BindRefused
    | Request
    | Response
    | Nacked
    | Expired
    | Late
    | Resumed
    | UnbindRequest
    | Unbound
    | Refused
    | Tolerated
    | Closed
)
