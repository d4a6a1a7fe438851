"""submit_sm and deliver_sm as rows: the parser and the builder of the two PDUs that come by the million.

Both have one layout [SMPP 3.4 §4.4.1, §4.6.1]. A row is reused: whoever keeps something of it copies it out.
Compiled: `octets` in the `.pxd` is a C pointer into immutable bytes, so each index here is checked against
`end` first.
"""

from typing import Any, Final

from smsc.protocol.pdu import copying
from smsc.protocol.pdu.expected import DELIVER_34, DELIVER_50, SUBMIT_34, SUBMIT_50

NOW, LATER, NEVER = 0, 1, 2

BATCH = 512
#: What a message takes on the wire at most, besides its body and its TLVs.
MESSAGE_OVERHEAD = 128
#: The longest submit_sm_resp: header, 20 digits, NUL, congestion_state.
RESPONSE_SIZE = 48

_TEN_DIGITS: Final = 1_000_000_000
_ZEROS: Final = 0x3030303030303030
_SIXES: Final = 0x0606060606060606
_UPPER: Final = 0xF0F0F0F0F0F0F0F0
_LOWER: Final = 0x0F0F0F0F0F0F0F0F
_EACH_16: Final = 0x00FF00FF00FF00FF
_EACH_32: Final = 0x0000FFFF0000FFFF
_LOW_32: Final = 0xFFFFFFFF
_BY_10000: Final = 10_000 << 32 | 1
_SEVEN_BITS: Final = 0x0000007F0000007F
_FOUR_BITS: Final = 0x000F000F000F000F


class Submit:
    """One submit_sm, or deliver_sm on the ESME's side.

    `source` and `dest` are the digits' value, or -1 when the field is not 1 to 18 plain digits; then `*_text`
    has it. `*_length` counts the characters, so leading zeros are not lost. To build, a length of 0 writes
    the digits as they are. `status` is the fault that the parser found, 0 when there is none; 2 (RINVCMDLEN)
    is answered with generic_nack. `body` is short_message, or message_payload when `payload` is set. `tlvs`
    is the TLV area without that payload. `answer`, `message_id`, `note` and (when it refuses) `status` are
    the engine's. `note` is told to 5.0 peers only.
    """

    __slots__ = (
        "answer",
        "body",
        "data_coding",
        "default_msg_id",
        "dest",
        "dest_length",
        "dest_npi",
        "dest_text",
        "dest_ton",
        "digits",
        "esm_class",
        "length",
        "message_id",
        "note",
        "payload",
        "payload_end",
        "payload_start",
        "priority",
        "protocol_id",
        "registered_delivery",
        "replace_if_present",
        "schedule",
        "sequence",
        "service_type",
        "source",
        "source_length",
        "source_npi",
        "source_text",
        "source_ton",
        "status",
        "tlvs",
        "validity",
    )

    def __init__(self) -> None:
        self.sequence = self.status = self.answer = self.message_id = 0
        self.source_ton = self.source_npi = self.source_length = 0
        self.dest_ton = self.dest_npi = self.dest_length = 0
        self.source = self.dest = -1
        self.esm_class = self.protocol_id = self.priority = 0
        self.registered_delivery = self.replace_if_present = self.data_coding = self.default_msg_id = 0
        self.payload = 0  # whether the text is, or is to be, a message_payload; the engine may say more
        self.service_type = self.source_text = self.dest_text = self.schedule = self.validity = b""
        self.body = self.tlvs = self.note = b""
        self.digits = -1  # the address just scanned, and its length
        self.length = 0
        self.payload_start = self.payload_end = 0


class SubmitBatch:
    """A run of submit_sm (or deliver_sm) that stood together in the buffer: rows[:count], valid until the
    next event."""

    __slots__ = ("count", "rows", "session")

    def __init__(self) -> None:
        self.session: Any = None
        self.count = 0
        self.rows: list[Submit] = [Submit() for _ in range(BATCH)]


class Acks:
    """A run of responses to what this side sent by row: parallel lists, the first `count` valid until the
    next event.

    `message_ids` are octets as received, empty in a deliver_sm_resp; `tlvs` is what stood behind, not looked
    at.
    """

    __slots__ = ("count", "message_ids", "session", "statuses", "tlvs", "tokens")

    def __init__(self) -> None:
        self.session: Any = None
        self.count = 0
        self.tokens: list[Any] = [None] * BATCH
        self.statuses: list[int] = [0] * BATCH
        self.message_ids: list[bytes] = [b""] * BATCH
        self.tlvs: list[bytes] = [b""] * BATCH


def scan_string(data: bytes, at: int, end: int) -> int:
    """Where the C-Octet String that begins at `at` has its NUL, or -1 when it does not end before `end`."""
    while at < end:
        if data[at] == 0:
            return at
        at += 1
    return -1


def scan_address(data: bytes, at: int, end: int, row: Submit) -> int:
    """Like `scan_string`; leaves the digits' value (or -1) in row.digits and the length in row.length."""
    value = 0
    start = at
    stop = min(end, at + 18)
    if stop - at >= 8:
        word = copying.word(data, at)
        if are_digits(word):
            value = digits_value(word)
            at += 8
    while at < stop and 48 <= data[at] <= 57:
        value = value * 10 + data[at] - 48
        at += 1
    digits = at - start
    at = scan_string(data, at, end)
    if at < 0:
        return -1
    row.length = at - start
    row.digits = value if row.length == digits > 0 else -1
    return at


def check_tlvs(
    data: bytes, at: int, end: int, row: Submit, esm_class: int, version: int, submit: bool
) -> int:
    """0 or the status of the first fault in the TLV area; notes in the row where message_payload stands.

    C0: a TLV runs past the end; C2 and C4: length or value of one that the PDU may have; 43: ports or SAR
    beside a UDH [3.4 §5.2.12].
    """
    table: bytes
    if version < 0x50:
        table = SUBMIT_34 if submit else DELIVER_34
    else:
        table = SUBMIT_50 if submit else DELIVER_50
    limits = table
    row.payload_start = row.payload_end = 0
    while at < end:
        if end - at < 4:
            return 0xC0
        tag = data[at] << 8 | data[at + 1]
        size = data[at + 2] << 8 | data[at + 3]
        at += 4
        if end - at < size:
            return 0xC0
        if tag < 0x1400:
            index = tag * 5
            if size < (limits[index] << 8 | limits[index + 1]) or size > (
                limits[index + 2] << 8 | limits[index + 3]
            ):
                return 0xC2
            if size == 1 and data[at] > limits[index + 4]:
                return 0xC4
            if tag == 0x0424 and row.payload_start == 0:
                row.payload_start = at
                row.payload_end = at + size
            if esm_class & 0x40 and (0x020A <= tag <= 0x020C or 0x020E <= tag <= 0x020F):
                return 0x43
        at += size
    return 0


def parse_submit(
    data: bytes, start: int, end: int, row: Submit, version: int, payload_supersedes: bool
) -> int:
    """Read the submit_sm or deliver_sm at data[start:end], header included, into the row. Returns row.status.

    The frame is whole: end - start is its command_length, at least 16. The first fault in wire order is the
    status, and what follows it is not read: the fields keep their neutral values. A message body both in
    short_message and in message_payload is RINVMSGLEN below 5.0 unless `payload_supersedes` [3.4 §5.3.2.32;
    5.0 lets the payload win].
    """
    p = data
    row.sequence = p[start + 12] << 24 | p[start + 13] << 16 | p[start + 14] << 8 | p[start + 15]
    row.status = row.answer = 0
    row.message_id = 0
    row.source = row.dest = -1
    row.source_ton = row.source_npi = row.source_length = 0
    row.dest_ton = row.dest_npi = row.dest_length = 0
    row.esm_class = row.protocol_id = row.priority = 0
    row.registered_delivery = row.replace_if_present = row.data_coding = row.default_msg_id = 0
    row.payload = 0
    row.service_type = row.source_text = row.dest_text = row.schedule = row.validity = b""
    row.body = row.tlvs = row.note = b""
    row.status = read_message(p, start + 16, end, row, version, p[start + 7] == 4, payload_supersedes)
    return row.status


def read_message(
    p: bytes, start: int, end: int, row: Submit, version: int, submit: bool, payload_supersedes: bool
) -> int:
    """The body of the message into the row; 0, or the status of the first fault in wire order."""
    at = scan_string(p, start, end)
    if at < 0:
        return 0x02
    if at > start:
        if at - start > 5:
            return 0x15
        row.service_type = p[start:at]

    start = at + 3
    if end < start:
        return 0x02
    row.source_ton = p[at + 1]
    row.source_npi = p[at + 2]
    at = scan_address(p, start, end, row)
    if at < 0:
        return 0x02
    if at - start > 20:
        return 0x0A
    row.source = row.digits
    row.source_length = at - start
    if row.digits < 0 and at > start:
        row.source_text = p[start:at]

    start = at + 3
    if end < start:
        return 0x02
    row.dest_ton = p[at + 1]
    row.dest_npi = p[at + 2]
    at = scan_address(p, start, end, row)
    if at < 0:
        return 0x02
    if at - start > 20:
        return 0x0B
    row.dest = row.digits
    row.dest_length = at - start
    if row.digits < 0 and at > start:
        row.dest_text = p[start:at]

    start = at + 4
    if end < start:
        return 0x02
    row.esm_class = p[at + 1]
    row.protocol_id = p[at + 2]
    row.priority = p[at + 3]
    if submit:
        if (
            version < 0x50 and row.esm_class & 3 == 2
        ):  # transaction mode: data_sm only before 5.0 [3.4 §5.2.12]
            return 0x43
        if row.priority > 3:
            return 0x06

    at = scan_string(p, start, end)
    if at < 0:
        return 0x02
    if at > start:
        if at - start != 16:
            return 0x61
        row.schedule = p[start:at]
    start = at + 1
    at = scan_string(p, start, end)
    if at < 0:
        return 0x02
    if at > start:
        if at - start != 16:
            return 0x62
        row.validity = p[start:at]

    start = at + 6
    if end < start:
        return 0x02
    row.registered_delivery = p[at + 1]
    row.replace_if_present = p[at + 2]
    row.data_coding = p[at + 3]
    row.default_msg_id = p[at + 4]
    size = p[at + 5]
    if submit:
        if version < 0x50 and row.registered_delivery & 3 == 3:  # success only: 5.0 §4.7.21
            return 0x07
        if row.replace_if_present > 1:
            return 0x54
    if size == 255 and version < 0x50:
        return 0x01
    if end - start < size:
        return 0x02
    at = start + size
    if size:
        row.body = p[start:at]
    if at < end:
        status = read_tlvs(
            p, at, end, row, size > 0 and version < 0x50 and not payload_supersedes, version, submit
        )
        if status:
            return status
    if submit and row.esm_class & 0x40:
        return check_udh(row.body)
    return 0


def read_tlvs(
    p: bytes, at: int, end: int, row: Submit, payload_forbidden: bool, version: int, submit: bool
) -> int:
    """The TLV area into row.tlvs, message_payload into row.body."""
    status = check_tlvs(p, at, end, row, row.esm_class, version, submit)
    if status:
        return status
    if row.payload_start == 0:
        row.tlvs = p[at:end]
        return 0
    if row.payload_end > row.payload_start:
        if payload_forbidden:
            return 0x01
        row.body = p[row.payload_start : row.payload_end]
        row.payload = 1
    row.tlvs = p[at : row.payload_start - 4]
    if row.payload_end < end:
        row.tlvs += p[row.payload_end : end]
    return 0


def check_udh(body: bytes) -> int:
    """0, or RINVESMCLASS when UDHI promises a header that is not there."""
    if len(body) == 0 or body[0] >= len(body):
        return 0x43
    return 0


def find_tlv(area: bytes, tag: int) -> bytes | None:
    """The value of the first such TLV in an area as `Submit.tlvs` is, or None."""
    p = area
    at = 0
    end = len(area)
    while end - at >= 4:
        size = p[at + 2] << 8 | p[at + 3]
        if p[at] << 8 | p[at + 1] == tag and end - at - 4 >= size:
            return p[at + 4 : at + 4 + size]
        at += 4 + size
    return None


def put_integer(out: bytearray, at: int, value: int) -> None:
    """Four octets, big-endian."""
    out[at] = value >> 24 & 255
    out[at + 1] = value >> 16 & 255
    out[at + 2] = value >> 8 & 255
    out[at + 3] = value & 255


def put_header(out: bytearray, at: int, length: int, command_id: int, status: int, sequence: int) -> None:
    put_integer(out, at, length)
    put_integer(out, at + 4, command_id)
    put_integer(out, at + 8, status)
    put_integer(out, at + 12, sequence)


def put_number(out: bytearray, at: int, value: int, length: int) -> int:
    """Decimal digits of a number >= 0 with leading zeros up to `length`, and a NUL; returns where it ends."""
    size, bound = 1, 10
    if value >= _TEN_DIGITS:  # as most have
        size, bound = 10, 10 * _TEN_DIGITS
    while size < 18 and value >= bound:
        bound *= 10
        size += 1
    if size == 18 and value >= bound:
        size = 19
    size = max(size, length)
    at += size
    out[at] = 0
    digit = at
    while size >= 8:
        size -= 8
        digit -= 8
        upper = value // 100_000_000
        copying.put_word(out, digit, eight_digits(value - upper * 100_000_000))
        value = upper
    for _ in range(size):
        digit -= 1
        out[digit] = 48 + value % 10
        value //= 10
    return at + 1


# Eight digits in a word of 64 bits, the first in the lowest octet, are read and written together: neighbours
# of 1, 2 and 4 digits become one number, or one becomes two, in all places of the word at once.


def are_digits(word: int) -> bool:
    """Whether all eight octets are digits: upper halves are 3, also when 6 is added."""
    return word & _UPPER == _ZEROS and (word + _SIXES) & _UPPER == _ZEROS


def digits_value(word: int) -> int:
    """What the eight digits say."""
    word = (word & _LOWER) * 2561 >> 8  # 10 times the first and the second
    word = (word & _EACH_16) * 6553601 >> 16  # 100 times
    return (word & _EACH_32) * _BY_10000 >> 32 & _LOW_32  # 10 000 times


def eight_digits(value: int) -> int:
    """The digits of a number below 100 million, leading zeros included."""
    word = value // 10_000 | (value % 10_000) << 32
    upper = (word * 10486 >> 20) & _SEVEN_BITS  # a hundredth
    word = upper | (word - upper * 100) << 16
    upper = (word * 103 >> 10) & _FOUR_BITS  # a tenth
    return (upper | (word - upper * 10) << 8) + _ZEROS


def put_string(out: bytearray, at: int, value: bytes) -> int:
    """A C-Octet String; returns where it ends, behind its NUL."""
    at = copying.put(out, at, value)
    out[at] = 0
    return at + 1


def put_tlvs(out: bytearray, at: int, area: bytes, version: int) -> int:
    """What a peer of this version may be sent of a sound TLV area; no tag of 5.0's own to 3.4 [5.0 §2.7]."""
    if version >= 0x50:
        return copying.put(out, at, area)
    p = area
    end = len(area)
    first = start = 0
    while end - start >= 4:
        tag = p[start] << 8 | p[start + 1]
        stop = start + 4 + (p[start + 2] << 8 | p[start + 3])
        if stop > end:
            break
        if tag == 0x0428 or 0x0600 <= tag <= 0x0613:
            at = copying.put_part(out, at, area, first, start)
            first = stop
        start = stop
    return copying.put_part(out, at, area, first, start)


def put_message(buffer: bytearray, at: int, row: Submit, command_id: int, sequence: int, version: int) -> int:
    """The row as a submit_sm or deliver_sm; returns where it ends.

    The buffer has room for MESSAGE_OVERHEAD octets, the body and the TLVs. A body above 254 octets, or one
    whose `payload` is set, travels as message_payload [3.4 §5.3.2.32]. ValueError when a field does not fit
    its place.
    """
    if (
        len(row.service_type) > 5
        or len(row.source_text) > 20
        or len(row.dest_text) > 20
        or row.source_length > 20
        or row.dest_length > 20
        or len(row.schedule) > 16
        or len(row.validity) > 16
        or len(row.body) > 65535
    ):
        raise ValueError("a field is longer than SMPP allows")
    out = buffer
    start = at
    at = put_string(out, at + 16, row.service_type)
    out[at] = row.source_ton
    out[at + 1] = row.source_npi
    if row.source >= 0:
        at = put_number(out, at + 2, row.source, row.source_length)
    else:
        at = put_string(out, at + 2, row.source_text)
    out[at] = row.dest_ton
    out[at + 1] = row.dest_npi
    if row.dest >= 0:
        at = put_number(out, at + 2, row.dest, row.dest_length)
    else:
        at = put_string(out, at + 2, row.dest_text)
    out[at] = row.esm_class
    out[at + 1] = row.protocol_id
    out[at + 2] = row.priority
    at = put_string(out, at + 3, row.schedule)
    at = put_string(out, at, row.validity)
    out[at] = row.registered_delivery
    out[at + 1] = row.replace_if_present
    out[at + 2] = row.data_coding
    out[at + 3] = row.default_msg_id
    size = len(row.body)
    if row.payload or size > 254:
        out[at + 4] = 0
        out[at + 5] = 0x04
        out[at + 6] = 0x24
        out[at + 7] = size >> 8
        out[at + 8] = size & 255
        at = copying.put(out, at + 9, row.body)
    else:
        out[at + 4] = size
        at = copying.put(out, at + 5, row.body)
    if version >= 0x34 and len(row.tlvs):
        at = put_tlvs(out, at, row.tlvs, version)
    put_header(out, start, at - start, command_id, 0, sequence)
    return at


def put_response(
    buffer: bytearray, at: int, command_id: int, status: int, sequence: int, message_id: int, congestion: int
) -> int:
    """A response with a message_id (0 writes an empty one), or with its header only when the status is an
    error.

    congestion_state is added when it is not negative [5.0 §4.8.4.18]. The buffer has room for RESPONSE_SIZE
    octets.
    """
    out = buffer
    start = at
    at += 16
    if status == 0:
        if message_id > 0:
            at = put_number(out, at, message_id, 1)
        else:
            out[at] = 0
            at += 1
        if congestion >= 0:
            out[at] = 0x04
            out[at + 1] = 0x28
            out[at + 2] = 0
            out[at + 3] = 1
            out[at + 4] = congestion
            at += 5
    put_header(out, start, at - start, command_id, status, sequence)
    return at
