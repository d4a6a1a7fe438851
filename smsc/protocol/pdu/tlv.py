"""Optional parameters (TLVs): the table of tags and types, and lists of them to and from octets [3.4 §5.3,
5.0 §4.8].

Unknown tags are legal and kept; a tag out of place is ignored by whoever has no use for it [3.4 §3.3].
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from smsc.protocol.constants import V34, V50

INTEGER, CSTRING, OCTETS = "integer", "c-octet string", "octets"


class TlvType(NamedTuple):
    """A row of the TLV table. `low` and `high` bound the value's length in octets (a C-Octet String's NUL
    included); `largest` bounds the value of a one-octet integer; `version` is the first interface_version
    that has it."""

    tag: int
    name: str
    kind: str
    low: int
    high: int
    largest: int = 255
    repeatable: bool = False
    version: int = V34


def _integer(tag: int, name: str, size: int = 1, largest: int = 255, version: int = V34) -> TlvType:
    return TlvType(tag, name, INTEGER, size, size, largest, version=version)


TYPES: tuple[TlvType, ...] = (
    _integer(0x0005, "dest_addr_subunit"),
    _integer(0x0006, "dest_network_type"),
    _integer(0x0007, "dest_bearer_type"),
    _integer(0x0008, "dest_telematics_id", 2),
    _integer(0x000D, "source_addr_subunit"),
    _integer(0x000E, "source_network_type"),
    _integer(0x000F, "source_bearer_type"),
    _integer(0x0010, "source_telematics_id"),
    _integer(0x0017, "qos_time_to_live", 4),
    _integer(0x0019, "payload_type"),
    TlvType(0x001D, "additional_status_info_text", CSTRING, 1, 256),
    TlvType(0x001E, "receipted_message_id", CSTRING, 1, 65),
    _integer(0x0030, "ms_msg_wait_facilities"),
    _integer(0x0201, "privacy_indicator", largest=3),
    TlvType(0x0202, "source_subaddress", OCTETS, 2, 23),
    TlvType(0x0203, "dest_subaddress", OCTETS, 2, 23),
    _integer(0x0204, "user_message_reference", 2),
    _integer(0x0205, "user_response_code"),
    _integer(0x020A, "source_port", 2),
    _integer(0x020B, "destination_port", 2),
    _integer(0x020C, "sar_msg_ref_num", 2),
    _integer(0x020D, "language_indicator"),
    _integer(0x020E, "sar_total_segments"),
    _integer(0x020F, "sar_segment_seqnum"),
    _integer(0x0210, "sc_interface_version"),
    TlvType(0x0302, "callback_num_pres_ind", INTEGER, 1, 1, repeatable=True),
    TlvType(0x0303, "callback_num_atag", OCTETS, 0, 65, repeatable=True),
    _integer(0x0304, "number_of_messages", largest=99),
    TlvType(0x0381, "callback_num", OCTETS, 4, 19, repeatable=True),
    _integer(0x0420, "dpf_result", largest=1),
    _integer(0x0421, "set_dpf", largest=1),
    _integer(0x0422, "ms_availability_status"),
    TlvType(0x0423, "network_error_code", OCTETS, 3, 3),
    TlvType(0x0424, "message_payload", OCTETS, 0, 65535),
    _integer(0x0425, "delivery_failure_reason"),
    _integer(0x0426, "more_messages_to_send", largest=1),
    _integer(0x0427, "message_state"),
    _integer(0x0428, "congestion_state", largest=100, version=V50),
    _integer(0x0501, "ussd_service_op"),
    _integer(0x0600, "broadcast_channel_indicator", largest=1, version=V50),
    TlvType(0x0601, "broadcast_content_type", OCTETS, 3, 3, version=V50),
    TlvType(0x0602, "broadcast_content_type_info", OCTETS, 1, 255, version=V50),
    _integer(0x0603, "broadcast_message_class", version=V50),
    _integer(0x0604, "broadcast_rep_num", 2, version=V50),
    TlvType(0x0605, "broadcast_frequency_interval", OCTETS, 3, 3, version=V50),
    TlvType(0x0606, "broadcast_area_identifier", OCTETS, 1, 101, repeatable=True, version=V50),
    TlvType(0x0607, "broadcast_error_status", INTEGER, 4, 4, repeatable=True, version=V50),
    _integer(0x0608, "broadcast_area_success", version=V50),
    TlvType(0x0609, "broadcast_end_time", OCTETS, 16, 17, version=V50),
    TlvType(0x060A, "broadcast_service_group", OCTETS, 1, 255, version=V50),
    TlvType(0x060B, "billing_identification", OCTETS, 1, 1024, version=V50),
    TlvType(0x060D, "source_network_id", CSTRING, 7, 65, version=V50),
    TlvType(0x060E, "dest_network_id", CSTRING, 7, 65, version=V50),
    TlvType(0x060F, "source_node_id", OCTETS, 6, 6, version=V50),
    TlvType(0x0610, "dest_node_id", OCTETS, 6, 6, version=V50),
    _integer(0x0611, "dest_addr_np_resolution", version=V50),
    TlvType(0x0612, "dest_addr_np_information", OCTETS, 10, 10, version=V50),
    TlvType(0x0613, "dest_addr_np_country", OCTETS, 1, 5, version=V50),
    _integer(0x1201, "display_time"),
    _integer(0x1203, "sms_signal", 2),
    TlvType(0x1204, "ms_validity", INTEGER, 1, 4),  # 5.0 may add a unit and a count to the one octet of 3.4
    TlvType(0x130C, "alert_on_message_delivery", INTEGER, 0, 1),
    _integer(0x1380, "its_reply_type"),
    TlvType(0x1383, "its_session_info", OCTETS, 2, 2),
)

BY_TAG = {row.tag: row for row in TYPES}
BY_NAME = {row.name: row for row in TYPES}

RECEIPTED_MESSAGE_ID = 0x001E
ADDITIONAL_STATUS_INFO_TEXT = 0x001D
USER_MESSAGE_REFERENCE = 0x0204
SC_INTERFACE_VERSION = 0x0210
SET_DPF = 0x0421
MS_AVAILABILITY_STATUS = 0x0422
NETWORK_ERROR_CODE = 0x0423
MESSAGE_PAYLOAD = 0x0424
MESSAGE_STATE = 0x0427
CONGESTION_STATE = 0x0428
#: Without the complete triple none of the three counts [3.4 §5.3.2.22].
SAR_TAGS = (0x020C, 0x020E, 0x020F)
#: Ports and segments: said by a user data header, or by these [3.4 §5.2.12].
WITHOUT_UDH = (0x020A, 0x020B, *SAR_TAGS)

#: Of the compiled parser's tables (`expected.limits`): tags, and octets a tag.
LIMITS_TAGS = 0x1400
LIMITS_ROW = 5

Tlvs = Sequence[tuple[int, bytes]]


def encode_tlvs(tlvs: Iterable[tuple[int, bytes]]) -> bytes:
    """The octets of a list of (tag, value), in its order."""
    return b"".join(tag.to_bytes(2, "big") + len(value).to_bytes(2, "big") + value for tag, value in tlvs)


def split_tlvs(area: bytes) -> list[tuple[int, bytes]] | None:
    """The (tag, value) pairs of a TLV area in wire order, or None when it is no whole number of TLVs."""
    found, at, end = [], 0, len(area)
    while end - at >= 4:
        stop = at + 4 + int.from_bytes(area[at + 2 : at + 4], "big")
        if stop > end:
            return None
        found.append((int.from_bytes(area[at : at + 2], "big"), area[at + 4 : stop]))
        at = stop
    return found if at == end else None


def for_version(tlvs: Iterable[tuple[int, bytes]], version: int) -> list[tuple[int, bytes]]:
    """What a peer of this interface_version may be sent: nothing below 3.4, no tag that only 5.0 knows to
    3.4."""
    if version < V34:
        return []
    return [
        (tag, value)
        for tag, value in tlvs
        if version >= V50 or not (tag in BY_TAG and BY_TAG[tag].version > V34)
    ]


def integer(name: str, value: int) -> tuple[int, bytes]:
    """An integer TLV by name: `integer("message_state", 2)`. KeyError when there is no such TLV."""
    row = BY_NAME[name]
    return row.tag, value.to_bytes(row.low or 1, "big")


def text(name: str, value: str | bytes) -> tuple[int, bytes]:
    """A C-Octet String TLV by name, its NUL added and the value cut to what the field holds."""
    row = BY_NAME[name]
    octets = value.encode("utf-8") if isinstance(value, str) else value
    return row.tag, octets[: row.high - 1] + b"\0"


def value_of(tag: int, value: bytes) -> int | str | bytes:
    """The value as its type has it: an integer, a string without its NUL, or the octets (also for unknown
    tags)."""
    row = BY_TAG.get(tag)
    if row is None or row.kind == OCTETS:
        return value
    if row.kind == INTEGER:
        return int.from_bytes(value, "big")
    return value.split(b"\0", 1)[0].decode("latin-1")


def tag_name(tag: int) -> str:
    """`message_payload`, or the hexadecimal tag of an unknown one."""
    row = BY_TAG.get(tag)
    return row.name if row else f"0x{tag:04X}"
