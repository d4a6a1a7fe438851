"""What bounds a session: sizes, windows and link timers. One object serves all sessions with the same
settings."""

from dataclasses import dataclass
from math import inf

from smsc.protocol.constants import V50


@dataclass(frozen=True, slots=True)
class SessionLimits:
    """Timers in seconds of link time; `inf` turns one off [SMPP 3.4 §7.2, which names no values].

    max_pdu: the largest command_length that is read, in octets; more costs the connection. window_in:
    requests of the peer that may wait for their response. Beyond it the session is `paused`, or, with
    `throttle`, answers RTHROTTLED. window_out: messages sent to the peer and not yet released.
    late: a message to the peer without its answer for so long is told of, once.
    payload_supersedes: a message_payload beside a short_message wins, also below SMPP 5.0 (else RINVMSGLEN).
    """

    max_pdu: int = 65536
    window_in: int = 1000
    window_out: int = 1000
    throttle: bool = False
    payload_supersedes: bool = False
    highest_version: int = V50
    session_init: float = 10.0
    enquire_link: float = 60.0
    inactivity: float = inf
    response: float = 60.0
    late: float = inf
