"""The catalogue of reasons: every refusal of a submission and every failure of a delivery, in one table.

A reason is an integer in the hot path and a row here for everybody else. The codes are written to the
store inside packed timelines, so they are append-only: a new reason goes to the end of its group's free
numbers or to the end of the table, and none is ever renumbered.

`command_status` is what the submitter is answered with (SMPP 3.4 §5.1.3); for a failed delivery it is what a
transaction-mode submission would get (ESME_RDELIVERYFAILURE). `map_error` is the MAP user error of
3GPP TS 29.002 §17.6, which goes into the TLV network_error_code with network type 3; the diagnostic of an
absent subscriber is in `ABSENT_DIAGNOSTIC`. `err` is the three-digit `err:` of a receipt's text: the MAP
number where there is one, a number of our own from 100 up where there is none.
"""

from __future__ import annotations

from typing import NamedTuple


class Reason(NamedTuple):
    """One row: what it is called in the API, what it is on the wire, and one sentence for a human."""

    code: int
    name: str
    command_status: int
    map_error: int
    err: int
    permanent: bool
    sentence: str


NONE = 0

# Failures of a delivery attempt or of a message after it was accepted.
UNKNOWN_SUBSCRIBER = 1
TELESERVICE_NOT_PROVISIONED = 2
CALL_BARRED = 3
FACILITY_NOT_SUPPORTED = 4
ABSENT_NO_PAGING_RESPONSE = 5
ABSENT_DETACHED = 6
ABSENT_NO_BIND = 7
MEMORY_CAPACITY_EXCEEDED = 8
BUSY = 9
SYSTEM_FAILURE = 10
ILLEGAL_SUBSCRIBER = 11
ILLEGAL_EQUIPMENT = 12
UNIDENTIFIED_SUBSCRIBER = 13
MS_REJECTED = 14
MS_PERMANENT = 15
MS_TEMPORARY = 16
NO_RESPONSE = 17
RADIO_LOSS = 18
VALIDITY_EXPIRED = 19
CANCELLED = 20
REPLACED = 21
DELETED_BY_OPERATOR = 22
ERASED = 23
RECEIPT_EXPIRED = 24
INTERCONNECT_FAILURE = 25
INTERCONNECT_CONGESTION = 26
EMERGENCY_NOT_REGISTERED = 27
EMERGENCY_EXCLUDED = 28
HELPLINE_NO_SMS = 29
CODE_NO_KEYWORD = 30
CAP_EXCEEDED = 31
CONTENT_NOT_CONSENTED = 32
CONTENT_STOPPED = 33
PROVIDER_UNAVAILABLE = 34
SESSION_LOST = 35

# Refusals for what the source is.
SOURCE_NOT_ALLOWED = 36
SOURCE_UNKNOWN_SIM = 37
SOURCE_TON = 38
SOURCE_NPI = 39
SIM_SUSPENDED = 40
SIM_BLOCKED = 41
SIM_EXPIRED = 42
SIM_INACTIVE = 43
OUTGOING_SMS_BARRED = 44
CONTENT_BARRED = 45

# Refusals for what the destination is.
DESTINATION_FOREIGN = 46
DESTINATION_FIXED_LINE = 47
DESTINATION_TEXT_TELEPHONE = 48
DESTINATION_BLOCKED_RANGE = 49
DESTINATION_RESERVED = 50
DESTINATION_UNASSIGNED = 51
DESTINATION_WRONG_LENGTH = 52
DESTINATION_MALFORMED = 53
DESTINATION_NO_SMS = 54
DESTINATION_TON = 55
DESTINATION_NPI = 56
HELPLINE_UNASSIGNED = 57
CODE_UNKNOWN = 58

# Refusals for where the sender is and what the centre can take.
NO_COVERAGE_REJECT = 59
NO_COVERAGE_LOSE = 60
NO_COVERAGE_DEFER = 61
NO_COVERAGE_HOLD = 62
POWERED_OFF = 63
THROTTLED = 64
QUEUE_FULL = 65
STORE_FAILED = 66

# Refusals for what the PDU says.
INVALID_MESSAGE_LENGTH = 67
INVALID_ESM_CLASS = 68
INVALID_REGISTERED_DELIVERY = 69
INVALID_PRIORITY = 70
INVALID_SCHEDULE = 71
INVALID_VALIDITY = 72
INVALID_DATA_CODING = 73
INVALID_DEFAULT_MESSAGE = 74
INVALID_REPLACE_FLAG = 75
INVALID_SERVICE_TYPE = 76
INVALID_TLV = 77
MISSING_TLV = 78
RECEIPT_FROM_CLIENT = 79
MESSAGE_UNKNOWN = 80
CANCEL_FAILED = 81
REPLACE_FAILED = 82
QUERY_FAILED = 83
TOO_MANY_DESTINATIONS = 84
DISTRIBUTION_LIST_UNKNOWN = 85
PROHIBITED = 86

# Refusals of a bind.
BIND_REFUSED = 87
BIND_SIM_NOT_ACTIVE = 88
BIND_NOT_ALLOWED = 89

FAULT_INJECTED = 90
TOO_LONG_FOR_RECEIVER = 91

# Refusals by a service.
EMERGENCY_FOREIGN_SIM = 92

# Refusals of what is on the wire, before or beside a submission; never in a message's timeline.
FRAMING = 93
HTTP_ON_SMPP = 94
TLS_ON_SMPP = 95
PROXY_ON_SMPP = 96
INVALID_COMMAND_LENGTH = 97
UNKNOWN_COMMAND = 98
WRONG_STATE = 99
ALREADY_BOUND = 100
WINDOW_FULL = 101
UNMATCHED_ANSWER = 102
SERVER_ERROR = 103
STORE_FULL = 104
SOURCE_MALFORMED = 105
INVALID_DEST_FLAG = 106
INVALID_TLV_LENGTH = 107
INVALID_TLV_STREAM = 108
RECIPIENTS_REFUSED = 109
TEXT_TOO_LONG = 110
SENDER_TOO_LONG = 111
INVALID_SYSTEM_ID = 112
INVALID_PASSWORD = 113
INVALID_SYSTEM_TYPE = 114
INVALID_BIND_FIELD = 115
WRONG_PASSWORD = 116
UNKNOWN_SYSTEM_ID = 117
TOO_MANY_FAILURES = 118
BIND_TIMEOUT = 119
NO_ROOM = 120
MADE_ROOM = 121
STOPPING = 122
NOT_TLS = 123
TLS_CERTIFICATE = 124
TLS_HANDSHAKE = 125
TLS_TIMEOUT = 126

# What a subscriber's handset is.
FLIGHT_MODE = 127

_ROK = 0x00
_BIND = 0x0D
_SOURCE = 0x0A
_DEST = 0x0B
_SUBMIT = 0x45
_FAILED = 0xFE

_ROWS: tuple[tuple[str, int, int, int, bool, str], ...] = (
    ("none", _ROK, 0, 0, False, "Nothing is wrong."),
    ("unknown_subscriber", _FAILED, 1, 1, True, "The number is not a subscriber of any network."),
    ("teleservice_not_provisioned", _FAILED, 11, 11, True, "The subscription does not include SMS."),
    ("call_barred", _FAILED, 13, 13, False, "Incoming SMS are barred for the subscriber."),
    ("facility_not_supported", _FAILED, 21, 21, False, "The serving network does not support SMS."),
    ("absent_no_paging_response", _FAILED, 6, 6, False, "The handset did not answer the paging."),
    ("absent_detached", _FAILED, 6, 6, False, "The handset is switched off or detached."),
    ("absent_no_bind", _FAILED, 6, 6, False, "No receiving bind serves the number."),
    ("memory_capacity_exceeded", _FAILED, 32, 32, False, "The handset's message memory is full."),
    ("busy", _FAILED, 31, 31, False, "The subscriber is busy with another short message."),
    ("system_failure", _FAILED, 34, 34, False, "The network reported a system failure."),
    ("illegal_subscriber", _FAILED, 9, 9, True, "The SIM is blocked and fails authentication."),
    ("illegal_equipment", _FAILED, 12, 12, True, "The handset is barred from the network."),
    ("unidentified_subscriber", _FAILED, 5, 5, True, "The serving network does not know the subscriber."),
    ("ms_rejected", _FAILED, 32, 101, True, "The receiver rejected this message (ESME_RX_R_APPN)."),
    ("ms_permanent", _FAILED, 32, 102, True, "The receiver reported a permanent error (ESME_RX_P_APPN)."),
    ("ms_temporary", _FAILED, 32, 103, False, "The receiver reported a temporary error (ESME_RX_T_APPN)."),
    ("no_response", _FAILED, 34, 104, False, "The receiving side did not answer in time."),
    ("radio_loss", _FAILED, 6, 105, False, "The attempt was lost on the radio: coverage is weak."),
    ("validity_expired", _FAILED, 0, 228, True, "The validity period ran out before delivery."),
    ("cancelled", _FAILED, 0, 0, True, "The originator cancelled the message."),
    ("replaced", _FAILED, 0, 0, True, "A later message of the originator replaced this one."),
    ("deleted_by_operator", _FAILED, 0, 106, True, "The operator deleted the message."),
    ("erased", _FAILED, 0, 107, True, "The message was erased together with its subscriber's data."),
    ("receipt_expired", _FAILED, 0, 108, True, "The receipt ran out before its originator could take it."),
    ("interconnect_failure", _FAILED, 34, 109, False, "The other operator's network failed."),
    ("interconnect_congestion", _FAILED, 34, 110, False, "The interconnect to the operator is congested."),
    ("emergency_not_registered", _ROK, 0, 111, True, "The sender is not registered for emergency SMS."),
    ("emergency_excluded", _ROK, 0, 112, True, "The sender is excluded from emergency SMS."),
    ("helpline_no_sms", _ROK, 0, 113, True, "The holder of the 116 number does not take SMS."),
    ("code_no_keyword", _ROK, 0, 114, True, "No service on the short code answers to that keyword."),
    ("cap_exceeded", _SUBMIT, 0, 115, True, "The price exceeds what content services may charge."),
    ("content_not_consented", _SUBMIT, 0, 116, True, "The subscriber has not agreed to the service."),
    ("content_stopped", _SUBMIT, 0, 117, True, "The subscriber has stopped this content service."),
    ("provider_unavailable", _FAILED, 0, 118, False, "The provider of the service is not bound."),
    ("session_lost", _FAILED, 0, 119, False, "The session closed while the message was being handed over."),
    ("source_not_allowed", _SOURCE, 0, 120, True, "The source is not a number that this bind may use."),
    ("source_unknown_sim", _SOURCE, 1, 121, True, "The source is not a subscriber of this network."),
    ("source_ton", 0x48, 0, 122, True, "The source's type of number is not supported."),
    ("source_npi", 0x49, 0, 123, True, "The source's numbering plan is not supported."),
    ("sim_suspended", _SUBMIT, 13, 124, True, "The sender's SIM is suspended."),
    ("sim_blocked", _SUBMIT, 9, 125, True, "The sender's SIM is blocked."),
    ("sim_expired", _SUBMIT, 1, 126, True, "The sender's SIM has expired."),
    ("sim_inactive", _SUBMIT, 11, 127, True, "The sender's SIM is not activated."),
    ("outgoing_sms_barred", _SUBMIT, 13, 128, True, "Outgoing SMS are barred for the sender."),
    ("content_barred", _SUBMIT, 13, 129, True, "Content services are barred for the sender."),
    ("destination_foreign", _DEST, 0, 130, True, "The destination is a foreign number, not country code 47."),
    ("destination_fixed_line", _DEST, 0, 131, True, "The destination is a fixed line and takes no SMS."),
    ("destination_text_telephone", _DEST, 0, 132, True, "1412 is a call by text telephone and takes no SMS."),
    ("destination_blocked_range", _DEST, 0, 133, True, "The destination is a number for film and TV only."),
    ("destination_reserved", _DEST, 0, 134, True, "The destination lies in a reserved part of the plan."),
    ("destination_unassigned", _DEST, 0, 135, True, "The destination is not assigned to anyone."),
    ("destination_wrong_length", _DEST, 0, 136, True, "No number of the plan has the destination's length."),
    ("destination_malformed", _DEST, 0, 137, True, "The destination is not written as a number."),
    ("destination_no_sms", _DEST, 0, 138, True, "Numbers of the destination's type receive no SMS."),
    ("destination_ton", 0x50, 0, 139, True, "The destination's type of number is not supported."),
    ("destination_npi", 0x51, 0, 140, True, "The destination's numbering plan is neither 1 nor 0."),
    ("helpline_unassigned", _DEST, 0, 141, True, "The 116 number is not assigned to any helpline."),
    ("code_unknown", _DEST, 0, 142, True, "The short code is not assigned to any provider."),
    ("no_coverage_reject", _SUBMIT, 0, 143, True, "The sender has no coverage, and its uplink rejects."),
    ("no_coverage_lose", _ROK, 0, 144, True, "The sender has no coverage; its uplink loses what it sends."),
    ("no_coverage_defer", _ROK, 0, 145, False, "The sender has no coverage; the answer waits until it has."),
    ("no_coverage_hold", _ROK, 0, 146, False, "The sender has no coverage; its handset keeps the message."),
    ("powered_off", _SUBMIT, 0, 147, True, "The sending handset is switched off."),
    ("throttled", 0x58, 0, 148, False, "The bind exceeds its message rate."),
    ("queue_full", 0x14, 0, 149, False, "Too many messages are queued."),
    ("store_failed", 0x08, 0, 150, False, "The store could not keep the message."),
    ("invalid_message_length", 0x01, 0, 151, True, "The message's length is invalid."),
    ("invalid_esm_class", 0x43, 0, 152, True, "The esm_class is not supported."),
    ("invalid_registered_delivery", 0x07, 0, 153, True, "The registered_delivery flag is not supported."),
    ("invalid_priority", 0x06, 0, 154, True, "The priority_flag is not 0 to 3."),
    ("invalid_schedule", 0x61, 0, 155, True, "The schedule_delivery_time is invalid."),
    ("invalid_validity", 0x62, 0, 156, True, "The validity_period is invalid."),
    ("invalid_data_coding", _SUBMIT, 0, 157, True, "The data_coding is not supported."),
    ("invalid_default_message", 0x63, 0, 158, True, "There is no predefined message of that id."),
    ("invalid_replace_flag", 0x54, 0, 159, True, "The replace_if_present_flag is not 0 or 1."),
    ("invalid_service_type", 0x15, 0, 160, True, "The service_type is not supported."),
    ("invalid_tlv", 0xC4, 0, 161, True, "An optional parameter has an invalid value."),
    ("missing_tlv", 0xC3, 0, 162, True, "An expected optional parameter is missing."),
    ("receipt_from_client", 0x43, 0, 163, True, "A client cannot submit a delivery receipt."),
    ("message_unknown", 0x0C, 0, 164, True, "There is no such message."),
    ("cancel_failed", 0x11, 0, 165, True, "The message can no longer be cancelled."),
    ("replace_failed", 0x13, 0, 166, True, "The message can no longer be replaced."),
    ("query_failed", 0x67, 0, 167, True, "The message cannot be queried."),
    ("too_many_destinations", 0x33, 0, 168, True, "The number of destinations is invalid."),
    ("distribution_list_unknown", 0x34, 0, 169, True, "There is no such distribution list."),
    ("prohibited", 0x101, 0, 170, True, "This bind may not use the operation."),
    ("bind_refused", _BIND, 0, 171, True, "The system_id or the password is wrong."),
    ("bind_sim_not_active", _BIND, 0, 172, True, "The SIM of the handset is not active."),
    ("bind_not_allowed", _BIND, 0, 173, True, "The system_id may not bind (again, or in this way)."),
    ("fault_injected", 0x08, 34, 174, False, "A fault was injected on purpose."),
    (
        "too_long_for_receiver",
        _FAILED,
        0,
        175,
        True,
        "More than 255 parts, and the receiver takes no message_payload.",
    ),
    ("emergency_foreign_sim", _ROK, 0, 176, True, "Emergency SMS takes Norwegian SIM cards only."),
    (
        "framing",
        0x02,
        0,
        177,
        True,
        "The command_length is impossible, so nobody knows where the next PDU begins.",
    ),
    ("http_on_smpp", 0x02, 0, 178, True, "The peer speaks HTTP to the SMPP port."),
    ("tls_on_smpp", 0x02, 0, 179, True, "The peer speaks TLS to the SMPP port without TLS."),
    ("proxy_on_smpp", 0x02, 0, 180, True, "The peer sends a PROXY header, which SMPP does not have."),
    ("invalid_command_length", 0x02, 0, 181, True, "The PDU is shorter or longer than its fields."),
    ("unknown_command", 0x03, 0, 182, True, "SMPP does not know the command."),
    ("wrong_state", 0x04, 0, 183, True, "The session is not bound in the way that the operation asks for."),
    ("already_bound", 0x05, 0, 184, True, "The session is bound already."),
    ("window_full", 0x58, 0, 185, True, "Too many requests of the session wait for their responses."),
    ("unmatched_answer", 0x00, 0, 186, True, "The response answers nothing that was asked."),
    ("server_error", 0x08, 0, 187, True, "The server failed at the request; its log says how."),
    ("store_full", 0x14, 0, 188, True, "The store is full."),
    ("source_malformed", 0x0A, 0, 189, True, "The source_addr is longer than the field."),
    ("invalid_dest_flag", 0x40, 0, 190, True, "The dest_flag is neither 1 nor 2."),
    ("invalid_tlv_length", 0xC2, 0, 191, True, "An optional parameter has an invalid length."),
    (
        "invalid_tlv_stream",
        0xC0,
        0,
        192,
        True,
        "What follows the fields is no sequence of optional parameters.",
    ),
    ("recipients_refused", 0x45, 0, 193, True, "None of the recipients was accepted."),
    ("text_too_long", 0x01, 0, 194, True, "The text does not fit into one short message."),
    ("sender_too_long", 0x0A, 0, 195, True, "An alphanumeric sender has at most 11 characters on the air."),
    ("invalid_system_id", 0x0F, 0, 196, True, "The system_id is no C-Octet String of at most 15 characters."),
    ("invalid_password", 0x0E, 0, 197, True, "The password is no C-Octet String of at most 8 characters."),
    (
        "invalid_system_type",
        0x53,
        0,
        198,
        True,
        "The system_type is no C-Octet String of at most 12 characters.",
    ),
    ("invalid_bind_field", 0x0D, 0, 199, True, "A field of the bind is invalid."),
    ("wrong_password", 0x0D, 0, 200, True, "The password is wrong."),
    ("unknown_system_id", 0x0D, 0, 201, True, "No ESME or handset has that system_id."),
    ("too_many_failures", 0x0D, 0, 202, True, "Too many binds have failed; the next one is looked at later."),
    ("bind_timeout", 0x00, 0, 203, True, "The peer did not bind in time (limits.bind_timeout)."),
    ("no_room", 0x00, 0, 204, True, "Every session is taken (limits.sessions)."),
    (
        "made_room",
        0x00,
        0,
        205,
        True,
        "Others needed the room of a peer that had not bound (limits.sessions).",
    ),
    ("stopping", 0x00, 0, 206, True, "The server is stopping."),
    ("not_tls", 0x00, 0, 207, True, "The peer speaks no TLS to the port with TLS."),
    ("tls_certificate", 0x00, 0, 208, True, "The peer's certificate is missing or not accepted."),
    ("tls_handshake", 0x00, 0, 209, True, "The TLS handshake failed."),
    ("tls_timeout", 0x00, 0, 210, True, "The TLS handshake was not finished in time (limits.bind_timeout)."),
    ("flight_mode", _SUBMIT, 6, 6, False, "The handset is in flight mode: its radio is off."),
)

REASONS: tuple[Reason, ...] = tuple(Reason(code, *row) for code, row in enumerate(_ROWS))
"""Every reason, indexed by its code."""

RETIRED: frozenset[int] = frozenset({DELETED_BY_OPERATOR, RECEIPT_EXPIRED, PROVIDER_UNAVAILABLE})
"""Nothing gives these any more. Old files hold their codes, which are read as ever and never used again."""

ABSENT_DIAGNOSTIC: dict[int, int] = {
    ABSENT_NO_PAGING_RESPONSE: 0,
    ABSENT_DETACHED: 1,
    ABSENT_NO_BIND: 1,
    FLIGHT_MODE: 1,
    RADIO_LOSS: 0,
}
"""AbsentSubscriberDiagnosticSM (3GPP TS 29.002 §17.7.6) of the reasons whose MAP error is 6."""

_STATUS_SMPP_50: dict[int, int] = {INVALID_DATA_CODING: 0x104}

#: Why a parser answers with a status: one name for each.
OF_FAULT: dict[int, int] = {
    0x01: INVALID_MESSAGE_LENGTH,
    0x02: INVALID_COMMAND_LENGTH,
    0x03: UNKNOWN_COMMAND,
    0x04: WRONG_STATE,
    0x05: ALREADY_BOUND,
    0x06: INVALID_PRIORITY,
    0x07: INVALID_REGISTERED_DELIVERY,
    0x0A: SOURCE_MALFORMED,
    0x0B: DESTINATION_MALFORMED,
    0x0C: MESSAGE_UNKNOWN,
    0x0D: INVALID_BIND_FIELD,
    0x0E: INVALID_PASSWORD,
    0x0F: INVALID_SYSTEM_ID,
    0x15: INVALID_SERVICE_TYPE,
    0x33: TOO_MANY_DESTINATIONS,
    0x34: DISTRIBUTION_LIST_UNKNOWN,
    0x40: INVALID_DEST_FLAG,
    0x43: INVALID_ESM_CLASS,
    0x53: INVALID_SYSTEM_TYPE,
    0x54: INVALID_REPLACE_FLAG,
    0x58: WINDOW_FULL,
    0x61: INVALID_SCHEDULE,
    0x62: INVALID_VALIDITY,
    0xC0: INVALID_TLV_STREAM,
    0xC2: INVALID_TLV_LENGTH,
    0xC3: MISSING_TLV,
    0xC4: INVALID_TLV,
    0x101: PROHIBITED,
}

_BY_NAME: dict[str, Reason] = {reason.name: reason for reason in REASONS}


def by_name(name: str) -> Reason:
    """Return the reason called `name` in the API; KeyError names an unknown one."""
    return _BY_NAME[name]


def command_status(code: int, version: int) -> int:
    """Return the status that refuses with reason `code` on a bind of interface `version` (0x34, 0x50).

    SMPP 5.0 §4.7.6 has statuses that 3.4 lacks.
    """
    if version >= 0x50:
        return _STATUS_SMPP_50.get(code, REASONS[code].command_status)
    return REASONS[code].command_status
