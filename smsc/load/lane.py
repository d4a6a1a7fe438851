"""One bind of the generator: writes submit_sm, reads what comes back, keeps the window. Octets only, no
sockets.

The submit_sm to send lie ready in a ring of octets; sending patches sequence number, addresses and running
number in place and names a slice of the ring. A chunk from the socket is read in one pass, and the
responses that it calls for are written to one buffer. There is no object per message.
"""

from array import array
from typing import Final

from smsc.load.histogram import Histogram
from smsc.load.reconciliation import Reconciliation
from smsc.load.templates import Ring

#: Octets read at a time; the longest PDU accepted is a quarter of it.
BOX: Final = 1 << 18
MAX_PDU: Final = 1 << 16

#: command_status values counted one by one; all others count at OTHER_STATUS.
OTHER_STATUS: Final = 0x500

#: As C integers in the compiled build: literals beyond 31 bits would be Python objects there.
_SUBMIT_SM_RESP: Final = 0x80000004
_GENERIC_NACK: Final = 0x80000000
_UNBIND_RESP: Final = 0x80000006
_BIND_RESPS: Final = (0x80000001, 0x80000002, 0x80000009)

#: Index of a count in a kind's row.
SENT, ACCEPTED, REFUSED, UNANSWERED = 0, 1, 2, 3


class Lane:
    """A bind's window of at most `window` unanswered submit_sm, fed from `ring`.

    Beyond their response messages are followed in `reconciliation` if `follows`, where the lane's (source,
    destination) pairs begin at `first_pair`. Message ids are read to base `response_radix` /
    `receipt_radix` (10, 16; 0 = as text). Times are nanoseconds of one monotonic clock."""

    __slots__ = (
        "acked",
        "answered",
        "begin",
        "bind_status",
        "broken",
        "count",
        "delivered",
        "destination",
        "destination_count",
        "destination_width",
        "destinations",
        "end",
        "first_pair",
        "follows",
        "histogram",
        "key_mask",
        "kinds",
        "numbers",
        "octets",
        "outstanding",
        "pair",
        "pair_count",
        "places",
        "position",
        "receipt_radix",
        "reconciliation",
        "reference",
        "response_radix",
        "run",
        "sent_at",
        "sequence",
        "slot_kinds",
        "slot_mask",
        "slots",
        "source",
        "source_count",
        "source_width",
        "sources",
        "statuses",
        "unbinding",
        "unexpected",
        "uniform",
        "waiting",
        "window",
    )

    def __init__(
        self,
        window: int,
        ring: Ring,
        histogram: Histogram,
        reconciliation: Reconciliation,
        follows: bool,
        first_pair: int = 0,
        response_radix: int = 0,
        receipt_radix: int = 0,
    ) -> None:
        self.window = window
        self.histogram = histogram
        self.reconciliation = reconciliation
        self.follows = follows
        self.first_pair = first_pair
        self.key_mask = (1 << 63) - 1
        self.response_radix = response_radix
        self.receipt_radix = receipt_radix
        self.octets = bytearray(ring.octets)
        self.places = ring.places
        self.slots = len(ring.places) // 8 - 1
        self.uniform = ring.uniform
        self.run = ring.run
        self.sources, self.source_width = ring.sources, ring.source_width
        self.source_count = len(ring.sources) // max(1, ring.source_width)
        self.destinations, self.destination_width = ring.destinations, ring.destination_width
        self.destination_count = len(ring.destinations) // max(1, ring.destination_width)
        self.pair_count = max(1, self.source_count, self.destination_count)
        self.pair = self.source = self.destination = self.reference = 0
        size = (
            1 << (4 * window).bit_length()
        )  # so that a late answer seldom stands in the way of the next numbers
        self.slot_mask = size - 1
        self.waiting = array("I", bytes(4 * size))
        self.sent_at = array("q", bytes(8 * size))
        self.numbers = array("q", bytes(8 * size))
        self.slot_kinds = array("B", bytes(size))
        self.statuses = array("q", bytes(8 * (OTHER_STATUS + 1)))
        self.kinds = array("q", bytes(8 * 4 * 8))
        self.sequence = 1  # the bind had number 1
        self.count = self.outstanding = self.answered = self.delivered = self.unexpected = 0
        self.position = self.begin = self.end = self.acked = 0
        self.bind_status = -1
        self.broken = self.unbinding = False

    def next_sequence(self) -> int:
        """The sequence_number for a request that is not a submit_sm."""
        self.sequence = self.sequence + 1 if self.sequence < 0x7FFFFFFF else 1
        return self.sequence

    def fill(self, count: int, sent: int, interval: int) -> int:
        """Make up to `count` submit_sm ready in octets[begin:end]; returns how many.

        The first counts as sent at `sent`, each further one `interval` ns later. Stops at the window and at
        the end of the ring; call again for the rest."""
        out = self.octets
        places = self.places
        sources = self.sources
        destinations = self.destinations
        mask = self.slot_mask
        sequence = self.sequence
        if self.uniform or self.position == self.slots:
            self.position = 0
        count = min(count, self.window - self.outstanding)
        count = min(count, self.slots - self.position)
        if count <= 0:
            self.begin = self.end = 0
            return 0
        place = self.position * 8
        self.begin = places[place]
        for _ in range(count):
            sequence = sequence + 1 if sequence < 0x7FFFFFFF else 1
            while self.waiting[sequence & mask] != 0:
                sequence = sequence + 1 if sequence < 0x7FFFFFFF else 1
            slot = sequence & mask
            self.waiting[slot] = sequence
            self.sent_at[slot] = sent
            at = places[place]
            out[at + 12] = sequence >> 24 & 0xFF
            out[at + 13] = sequence >> 16 & 0xFF
            out[at + 14] = sequence >> 8 & 0xFF
            out[at + 15] = sequence & 0xFF
            kind = places[place + 5]
            self.slot_kinds[slot] = kind
            self.kinds[kind * 4] += 1
            at = places[place + 1]
            if at != 0:
                begin = self.source * self.source_width
                for i in range(self.source_width):
                    out[at + i] = sources[begin + i]
            at = places[place + 2]
            if at != 0:
                begin = self.destination * self.destination_width
                for i in range(self.destination_width):
                    out[at + i] = destinations[begin + i]
            at = places[place + 4]
            if at != 0:
                out[at] = self.reference & 0xFF
            if self.follows:
                number = self.reconciliation.open(self.first_pair + self.pair, places[place + 7] & 3, sent)
                self.numbers[slot] = number
                at = places[place + 3]
                if at != 0:
                    for i in range(9, -1, -1):
                        out[at + i] = 48 + number % 10
                        number = number // 10
            if places[place + 6] != 0:
                self.advance()
            sent += interval
            place += 8
        self.sequence = sequence
        self.outstanding += count
        self.count += count
        self.position += count
        self.end = places[place]
        return count

    def advance(self) -> None:
        """On to the next pair of source and destination."""
        self.reference += 1
        self.pair += 1
        self.source += 1
        self.destination += 1
        if self.pair == self.pair_count:
            self.pair = self.source = self.destination = 0
        if self.source == self.source_count:
            self.source = 0
        if self.destination == self.destination_count:
            self.destination = 0

    def take(self, box: bytearray, end: int, acks: bytearray, now: int) -> int:
        """Read the whole PDUs in box[:end]; returns how many octets they were.

        What must be answered is answered in acks[:acked]; `acks` is at least as long as `box`. `broken`
        tells that the octets are no SMPP any more."""
        p = box
        at = 0
        self.acked = 0
        while end - at >= 16:
            length = p[at] << 24 | p[at + 1] << 16 | p[at + 2] << 8 | p[at + 3]
            if length < 16 or length > 65536 or p[at] != 0:  # MAX_PDU
                self.broken = True
                return at
            if end - at < length:
                break
            command = p[at + 4] << 24 | p[at + 5] << 16 | p[at + 6] << 8 | p[at + 7]
            if command == _SUBMIT_SM_RESP:
                if not self.answer(p, at, at + length, now):
                    self.unexpected += 1
            elif command == 5:
                self.delivered += 1
                if self.follows:
                    self.incoming(p, at + 16, at + length, now)
                self.acknowledge(p, at, acks, 17)
            else:
                self.other(p, at, command, acks, now)
            at += length
        return at

    def acknowledge(self, p: bytearray, at: int, acks: bytearray, length: int) -> None:
        """Answer the request at `at` with ESME_ROK: a header, and for deliver_sm_resp an empty message_id."""
        out = acks
        to = self.acked
        for i in range(16):
            out[to + i] = p[at + i]
        out[to + 2] = 0
        out[to + 3] = length
        out[to + 4] = out[to + 4] | 0x80
        out[to + 8] = out[to + 9] = out[to + 10] = out[to + 11] = 0
        if length == 17:
            out[to + 16] = 0
        self.acked = to + length

    def answer(self, p: bytearray, at: int, end: int, now: int) -> bool:
        """A submit_sm_resp, or a generic_nack for a submit_sm. False when it answers none of ours."""
        status = p[at + 8] << 24 | p[at + 9] << 16 | p[at + 10] << 8 | p[at + 11]
        sequence = p[at + 12] << 24 | p[at + 13] << 16 | p[at + 14] << 8 | p[at + 15]
        slot = sequence & self.slot_mask
        if self.waiting[slot] != sequence or sequence == 0:
            return False
        self.waiting[slot] = 0
        self.outstanding -= 1
        self.answered += 1
        self.histogram.record(now - self.sent_at[slot])
        kind = self.slot_kinds[slot]
        if status == 0:
            self.kinds[kind * 4 + 1] += 1
            self.statuses[0] += 1
            if self.follows:
                at += 16
                to = at
                while to < end and p[to] != 0:
                    to += 1
                self.reconciliation.accept(self.numbers[slot], self.key(p, at, to, self.response_radix), now)
            return True
        self.kinds[kind * 4 + 2] += 1
        self.statuses[status if status < 0x500 else 0x500] += 1  # OTHER_STATUS
        if self.follows:
            self.reconciliation.refuse(self.numbers[slot])
        return True

    def other(self, p: bytearray, at: int, command: int, acks: bytearray, now: int) -> None:
        """What does not come with each message."""
        if command in {21, 6, 259}:  # enquire_link, unbind, data_sm
            self.acknowledge(p, at, acks, 17 if command == 0x103 else 16)
            if command == 6:
                self.unbinding = True
        elif command == _GENERIC_NACK:
            if not self.answer(p, at, at, now):
                self.unexpected += 1
        elif command in _BIND_RESPS:
            self.bind_status = p[at + 8] << 24 | p[at + 9] << 16 | p[at + 10] << 8 | p[at + 11]
        elif command == _UNBIND_RESP:
            self.unbinding = True

    def incoming(self, p: bytearray, at: int, end: int, now: int) -> None:
        """The body of a deliver_sm: a receipt, or one of our own messages at its destination."""
        at = after_nul(p, at, end) + 2  # service_type, source TON and NPI
        at = after_nul(p, at, end) + 2
        at = after_nul(p, at, end)
        esm_class = at
        at = after_nul(p, at + 3, end)  # esm_class, protocol_id, priority; schedule_delivery_time
        at = after_nul(p, at, end) + 5
        if at > end or at + p[at - 1] > end:
            return
        body = at
        at += p[at - 1]
        kind = p[esm_class] & 0x3C
        if kind == 0:
            self.arrived(p, body, at, now)
        elif kind == 4:
            self.receipted(p, body, at, end, now)
        else:
            self.reconciliation.intermediate += 1

    def arrived(self, p: bytearray, body: int, end: int, now: int) -> None:
        """Our texts end in the run's mark and the message's running number."""
        run = self.run
        marks = len(self.run)
        at = end - 10
        mark = at - marks
        if mark < body:
            self.reconciliation.strangers += 1
            return
        for i in range(marks):
            if p[mark + i] != run[i]:
                self.reconciliation.strangers += 1
                return
        number = 0
        while at < end:
            number = number * 10 + (p[at] - 48 & 0xFF)
            at += 1
        self.reconciliation.deliver(number, now)

    def receipted(self, p: bytearray, body: int, at: int, end: int, now: int) -> None:
        """The id and state of a receipt stand in its TLVs, or in its text (SMPP 3.4 Appendix B)."""
        key = 0
        stat = -1
        text_end = at
        while end - at >= 4:
            tag = p[at] << 8 | p[at + 1]
            length = p[at + 2] << 8 | p[at + 3]
            at += 4
            if length > end - at:
                break
            if tag == 0x001E:  # receipted_message_id
                to = at
                while to < at + length and p[to] != 0:
                    to += 1
                key = self.key(p, at, to, self.receipt_radix)
            elif tag == 0x0427 and length == 1:  # message_state
                stat = p[at]
            at += length
        if key == 0:
            at = find_label(p, body, text_end, 105, 100)  # id:
            to = at
            while to < text_end and p[to] != 32:
                to += 1
            key = self.key(p, at, to, self.receipt_radix)
        if stat < 0:
            at = find_label(p, body, text_end, 97, 116)  # stat:
            stat = state_of(p, at, text_end)
        if stat == 1:  # ENROUTE is not final
            self.reconciliation.intermediate += 1
        else:
            self.reconciliation.receipt(key, stat, now)

    def key(self, p: bytearray, at: int, end: int, radix: int) -> int:
        """A message id as a key of 63 bits: its value to base 10 or 16, or for base 0 a hash (FNV-1a) of
        its octets."""
        key = 0
        if radix == 0:
            key = 0x11C9DC5
            while at < end:
                key = ((key ^ p[at]) * 0x1000193) & self.key_mask
                at += 1
            return key
        while at < end:
            digit = p[at] | 0x20
            digit = digit - 87 if digit >= 97 else digit - 48
            key = (key * radix + (digit & 0xFF)) & self.key_mask
            at += 1
        return key

    def expire(self, before: int) -> int:
        """Give up the submit_sm sent before `before` that nobody has answered; returns how many."""
        given_up = 0
        for slot in range(self.slot_mask + 1):
            if self.waiting[slot] != 0 and self.sent_at[slot] < before:
                self.waiting[slot] = 0
                self.outstanding -= 1
                self.kinds[self.slot_kinds[slot] * 4 + 3] += 1
                if self.follows:
                    self.reconciliation.refuse(self.numbers[slot])
                given_up += 1
        return given_up

    def kind_counts(self, kind: int) -> list[int]:
        """[sent, accepted, refused, unanswered] of the messages of this kind."""
        return [self.kinds[kind * 4 + i] for i in range(4)]

    def status_counts(self) -> dict[int, int]:
        """How many responses had each command_status; OTHER_STATUS stands for all beyond."""
        return {status: self.statuses[status] for status in range(OTHER_STATUS + 1) if self.statuses[status]}


def after_nul(p: bytearray, at: int, end: int) -> int:
    """Where the field after the C-string at `at` begins; beyond `end` when there is no NUL."""
    while at < end and p[at] != 0:
        at += 1
    return at + 1


def find_label(p: bytearray, at: int, end: int, first: int, last: int) -> int:
    """Where the value begins in a receipt's text whose label has `first` and `last` as its last two letters
    before ':'."""
    at += 2
    while at < end:
        if p[at] == 58 and p[at - 1] | 0x20 == last and p[at - 2] | 0x20 == first:
            return at + 1
        at += 1
    return end


def state_of(p: bytearray, at: int, end: int) -> int:
    """message_state of the word at `at` (DELIVRD, EXPIRED, ...), 9 when it is none of them."""
    if end - at < 4:
        return 9
    first = p[at] | 0x20
    second = p[at + 2] | 0x20
    if first == 100:  # DELIVRD, DELETED
        return 2 if p[at + 3] | 0x20 == 105 else 4
    if first == 101:  # EXPIRED, ENROUTE
        return 1 if second == 114 else 3
    if first == 117:  # UNDELIV, UNKNOWN
        return 5 if second == 100 else 7
    if first == 97:
        return 6
    if first == 114:
        return 8
    return 9
