"""One short message: what was said, between whom, what became of it.

Addresses are canonical integer keys (``47`` + national digits); 0 means that the address is
the alphanumeric text beside it. Times are milliseconds on the SMSC clock.
"""

from __future__ import annotations

from typing import Any, Final

from smsc.routing.plan_data import bounds

FOREVER: Final = 2**62

# SMPP 3.4 §5.2.28 message_state; HELD is ours: still on the handset's side, waiting for coverage. So is
# REFUSED, of no message that is kept: it was answered with an error.
SCHEDULED: Final = 0
ENROUTE: Final = 1
DELIVERED: Final = 2
EXPIRED: Final = 3
DELETED: Final = 4
UNDELIVERABLE: Final = 5
ACCEPTED: Final = 6
UNKNOWN: Final = 7
REJECTED: Final = 8
HELD: Final = 10
REFUSED: Final = 11

STATE_NAMES: Final[dict[int, str]] = {
    SCHEDULED: "enroute",
    ENROUTE: "enroute",
    DELIVERED: "delivered",
    EXPIRED: "expired",
    DELETED: "deleted",
    UNDELIVERABLE: "undeliverable",
    ACCEPTED: "accepted",
    UNKNOWN: "unknown",
    REJECTED: "rejected",
    HELD: "held",
    REFUSED: "refused",
}
WAITING: Final = (SCHEDULED, ENROUTE, HELD)

# What a message is, beside what it says.
MOST_EVENTS: Final = 96  # lines of a timeline
_FIRST_EVENTS: Final = 32  # of them the oldest, which are always kept
MORE_EVENTS: Final = "more"  # a line that stands for those left out; its detail is how many
REPEATED: Final = "repeated"  # a line that stands for more of the same as before it; its detail is how many
_RUN: Final = (4, 2, 2, 2)  # of a run of 1 to 4 lines, so many are kept at its beginning and at its end

# How a text came: in short_message; as message_payload; in short_message, though it fits none on the air.
SHORT: Final = 0
PAYLOAD: Final = 1
LONG: Final = 2

ORDINARY: Final = 0
RECEIPT: Final = 1
NOTICE: Final = 2  # written by the SMSC itself or by one of its services

ABSOLUTE: Final = -1  # ``validity`` of a message whose end is a moment; above 0 it is relative, 0 the default

EMERGENCY_PRIORITY: Final = 4  # overtakes every priority_flag, which ends at 3


class Message:
    """A message and its fate. Long-lived and many: no cycles, outside the cyclic collector.

    ``bind`` and ``sequence`` belong to the exchange the message is part of just now: the submit
    that waits for its commit, or the deliver that occupies a slot of a session's window.
    """

    __slots__ = (
        "about",
        "account",
        "attempts",
        "bind",
        "body",
        "data_coding",
        "destination",
        "destination_text",
        "due_at",
        "esm_class",
        "events",
        "expires_at",
        "final_at",
        "id",
        "kind",
        "notified",
        "octets",
        "originator",
        "pagings",
        "parts",
        "payload",
        "priority",
        "protocol_id",
        "reason",
        "recipient",
        "registered_delivery",
        "sent_at",
        "sequence",
        "service",
        "service_type",
        "session_id",
        "short_id",
        "source",
        "source_text",
        "state",
        "submitted_at",
        "tlvs",
        "undecided",
        "uplink",
        "validity",
    )

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """Nothing is said yet."""
        self.id = 0
        self.kind = 0
        self.about = 0
        self.source = 0
        self.source_text = b""
        self.destination = 0
        self.destination_text = b""
        self.recipient = 0
        self.originator = 0
        self.account = 0
        self.service_type = b""
        self.esm_class = 0
        self.protocol_id = 0
        self.priority = 0
        self.registered_delivery = 0
        self.data_coding = 0
        self.body = b""
        self.payload = 0  # SHORT
        self.tlvs = b""
        self.octets = 0  # of its text and TLVs, as they were counted in the queue
        self.submitted_at = 0
        self.due_at = 0
        self.expires_at = 0
        self.validity = 0
        self.sent_at = 0
        self.final_at = 0
        self.state = 1
        self.reason = 0
        self.attempts = 0
        self.pagings = 0
        self.uplink = 0
        self.service = 0
        self.short_id = False
        self.events: list[tuple[int, str, int, object]] | None = None
        self.session_id = 0  # of the bind that submitted it, 0 for none
        self.bind: Any = None
        self.sequence = 0
        self.notified = False
        self.parts: Any = None  # what a receiver gets piece by piece, while it does
        self.undecided = 0  # changes of it that are not safe yet: it does not go out

    def note(self, at: int, event: str, reason: int = 0, detail: object = None) -> None:
        """Add one line to the message's own timeline.

        Of ``attempt_failed`` the detail is (when the next attempt is made, the zone or None, the flags then):
        hundreds of thousands of them cost the cyclic collector nothing.
        """
        self.take_over((at, event, reason, detail))

    def take_over(self, entry: tuple[int, str, int, object]) -> None:
        """Add a line that stands in its recipient's history. Of equal ones, and of all, the first and the
        last are kept, and how many were between them."""
        events = self.events
        if events is None:
            events = self.events = []
        elif len(events) >= MOST_EVENTS:
            later = events[_FIRST_EVENTS + 1]
            count = _lines(events[_FIRST_EVENTS]) + _lines(later)
            events[_FIRST_EVENTS] = (later[0], MORE_EVENTS, 0, count)
            del events[_FIRST_EVENTS + 1]
        events.append(entry)
        if len(events) > 2 * _RUN[0]:
            fold(events)

    def lane_key(self) -> int:
        """Which first-in-first-out lane of its recipient the message queues in.

        One lane per sender and priority: order holds within the pair, a higher priority overtakes.
        """
        if self.source:
            return (self.source << 3) | self.priority
        return -(((hash(self.source_text) & 0xFFFFFFFFFFFF) << 3) | self.priority)


def new_message() -> Message:
    """``Message()``, but from C to C."""
    made = Message.__new__(Message)
    made.begin()
    return made


def fold(events: list[tuple[int, str, int, object]]) -> None:
    """When the last lines of a timeline are a long run of the same line, or of the same few lines, its middle
    becomes one line that says how many they were."""
    for period in range(1, len(_RUN) + 1):
        kept = _RUN[period - 1] * period
        behind = _run(events, period, 2 * kept + 2 * period)
        if behind >= 2 * kept + 2 * period:
            first = len(events) - 2 * kept - 2 * period + kept
            last = events[first + 2 * period - 1]
            events[first : first + 2 * period] = [(last[0], REPEATED, 0, 2 * period)]
            return
        mark = len(events) - kept - period - 1
        if behind < kept + period or mark < kept or events[mark][1] != REPEATED:
            continue
        if _same(events[mark - 1], events[mark + period]):
            last = events[mark + period]
            events[mark] = (last[0], REPEATED, 0, _lines(events[mark]) + period)
            del events[mark + 1 : mark + 1 + period]
            return


def _run(events: list[tuple[int, str, int, object]], period: int, most: int) -> int:
    """How many of the last lines repeat each other, at most so many."""
    length = period
    while length < min(most, len(events)):
        place = len(events) - length - 1
        if not _same(events[place], events[place + period]):
            break
        length += 1
    return length


def _same(one: tuple[int, str, int, object], other: tuple[int, str, int, object]) -> bool:
    """Whether two lines tell the same, at different times."""
    return one[1:3] == other[1:3] and one[1] != REPEATED and _timeless(one[3]) == _timeless(other[3])


def _timeless(detail: object) -> object:
    """What a line tells beside when the next attempt is made; a list where the store had it."""
    return list(detail[1:]) if isinstance(detail, tuple | list) else detail


def _lines(entry: tuple[int, str, int, object]) -> int:
    """How many lines one stands for."""
    count = entry[3] if entry[1] in (MORE_EVENTS, REPEATED) else 1
    assert isinstance(count, int)
    return count


# Digits of a key, 47 included; and how that of a number of 12 national digits begins.
_ORDINARY_DIGITS: Final = 10
_M2M_DIGITS: Final = 14
_M2M: Final = str(bounds("m2m_iot")[0][0])[:4]


def address_digits(key: int) -> str:
    """The digits shown to users: E.164 without ``+`` for handsets, the national form of short numbers."""
    digits = str(key)
    is_handset = len(digits) == _ORDINARY_DIGITS or (len(digits) == _M2M_DIGITS and digits.startswith(_M2M))
    return digits if is_handset else digits[2:]
