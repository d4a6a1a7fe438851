"""The numbers of SMPP and their names: commands, statuses, TON, NPI, message states, esm_class bits.

Names are the specification's own [SMPP 3.4 §5.1, 5.0 §4.7]. TLV tags stand with their types in `tlv`.
"""

RESPONSE = 0x80000000  # bit 31 of command_id [3.4 §5.1.2.1]
MAX_SEQUENCE = 0x7FFFFFFF
HEADER = 16

# interface_version [3.4 §5.2.4]
V33, V34, V50 = 0x33, 0x34, 0x50

# command_id [3.4 §5.1.2.1, 5.0 §4.7.5]
GENERIC_NACK = 0x80000000
BIND_RECEIVER = 0x00000001
BIND_TRANSMITTER = 0x00000002
QUERY_SM = 0x00000003
SUBMIT_SM = 0x00000004
DELIVER_SM = 0x00000005
UNBIND = 0x00000006
REPLACE_SM = 0x00000007
CANCEL_SM = 0x00000008
BIND_TRANSCEIVER = 0x00000009
OUTBIND = 0x0000000B
ENQUIRE_LINK = 0x00000015
SUBMIT_MULTI = 0x00000021
ALERT_NOTIFICATION = 0x00000102
DATA_SM = 0x00000103
BROADCAST_SM = 0x00000111
QUERY_BROADCAST_SM = 0x00000112
CANCEL_BROADCAST_SM = 0x00000113

BINDS = frozenset((BIND_RECEIVER, BIND_TRANSMITTER, BIND_TRANSCEIVER))
BROADCASTS = frozenset((BROADCAST_SM, QUERY_BROADCAST_SM, CANCEL_BROADCAST_SM))
#: Requests that have no response PDU [3.4 §4.1.7, §4.12.1].
ONE_WAY = frozenset((OUTBIND, ALERT_NOTIFICATION))

COMMANDS = {
    BIND_RECEIVER: "bind_receiver",
    BIND_TRANSMITTER: "bind_transmitter",
    QUERY_SM: "query_sm",
    SUBMIT_SM: "submit_sm",
    DELIVER_SM: "deliver_sm",
    UNBIND: "unbind",
    REPLACE_SM: "replace_sm",
    CANCEL_SM: "cancel_sm",
    BIND_TRANSCEIVER: "bind_transceiver",
    OUTBIND: "outbind",
    ENQUIRE_LINK: "enquire_link",
    SUBMIT_MULTI: "submit_multi",
    ALERT_NOTIFICATION: "alert_notification",
    DATA_SM: "data_sm",
    BROADCAST_SM: "broadcast_sm",
    QUERY_BROADCAST_SM: "query_broadcast_sm",
    CANCEL_BROADCAST_SM: "cancel_broadcast_sm",
}
COMMANDS |= {
    RESPONSE | request: f"{name}_resp" for request, name in COMMANDS.items() if request not in ONE_WAY
}
COMMANDS[GENERIC_NACK] = "generic_nack"

# command_status [3.4 §5.1.3, 5.0 §4.7.6]
ESME_ROK = 0x00
ESME_RINVMSGLEN = 0x01
ESME_RINVCMDLEN = 0x02
ESME_RINVCMDID = 0x03
ESME_RINVBNDSTS = 0x04
ESME_RALYBND = 0x05
ESME_RINVPRTFLG = 0x06
ESME_RINVREGDLVFLG = 0x07
ESME_RSYSERR = 0x08
ESME_RINVSRCADR = 0x0A
ESME_RINVDSTADR = 0x0B
ESME_RINVMSGID = 0x0C
ESME_RBINDFAIL = 0x0D
ESME_RINVPASWD = 0x0E
ESME_RINVSYSID = 0x0F
ESME_RCANCELFAIL = 0x11
ESME_RREPLACEFAIL = 0x13
ESME_RMSGQFUL = 0x14
ESME_RINVSERTYP = 0x15
ESME_RINVNUMDESTS = 0x33
ESME_RINVDLNAME = 0x34
ESME_RINVDESTFLAG = 0x40
ESME_RINVSUBREP = 0x42
ESME_RINVESMCLASS = 0x43
ESME_RCNTSUBDL = 0x44
ESME_RSUBMITFAIL = 0x45
ESME_RINVSRCTON = 0x48
ESME_RINVSRCNPI = 0x49
ESME_RINVDSTTON = 0x50  # hexadecimal: not 0x4A, as some tables on the web have it
ESME_RINVDSTNPI = 0x51
ESME_RINVSYSTYP = 0x53
ESME_RINVREPFLAG = 0x54
ESME_RINVNUMMSGS = 0x55
ESME_RTHROTTLED = 0x58
ESME_RINVSCHED = 0x61
ESME_RINVEXPIRY = 0x62
ESME_RINVDFTMSGID = 0x63
ESME_RX_T_APPN = 0x64
ESME_RX_P_APPN = 0x65
ESME_RX_R_APPN = 0x66
ESME_RQUERYFAIL = 0x67
ESME_RINVTLVSTREAM = 0xC0
ESME_RTLVNOTALLWD = 0xC1
ESME_RINVTLVLEN = 0xC2
ESME_RMISSINGTLV = 0xC3
ESME_RINVTLVVAL = 0xC4
ESME_RDELIVERYFAILURE = 0xFE
ESME_RUNKNOWNERR = 0xFF
ESME_RSERTYPUNAUTH = 0x100
ESME_RPROHIBITED = 0x101
ESME_RSERTYPUNAVAIL = 0x102
ESME_RSERTYPDENIED = 0x103
ESME_RINVDCS = 0x104
ESME_RINVSRCADDRSUBUNIT = 0x105
ESME_RINVDSTADDRSUBUNIT = 0x106
ESME_RINVBCASTFREQINT = 0x107
ESME_RINVBCASTALIAS_NAME = 0x108
ESME_RINVBCASTAREAFMT = 0x109
ESME_RINVNUMBCAST_AREAS = 0x10A
ESME_RINVBCASTCNTTYPE = 0x10B
ESME_RINVBCASTMSGCLASS = 0x10C
ESME_RBCASTFAIL = 0x10D
ESME_RBCASTQUERYFAIL = 0x10E
ESME_RBCASTCANCELFAIL = 0x10F
ESME_RINVBCAST_REP = 0x110
ESME_RINVBCASTSRVGRP = 0x111
ESME_RINVBCASTCHANIND = 0x112

STATUSES = {value: name for name, value in globals().items() if name.startswith("ESME_R")}

#: What a peer below 5.0 is told instead of a status that only 5.0 has [5.0 §4.7.6].
BEFORE_50 = {
    ESME_RSERTYPUNAUTH: ESME_RINVSERTYP,
    ESME_RPROHIBITED: ESME_RINVCMDID,
    ESME_RSERTYPUNAVAIL: ESME_RINVSERTYP,
    ESME_RSERTYPDENIED: ESME_RINVSERTYP,
    ESME_RINVDCS: ESME_RSUBMITFAIL,
    ESME_RINVSRCADDRSUBUNIT: ESME_RSUBMITFAIL,
    ESME_RINVDSTADDRSUBUNIT: ESME_RSUBMITFAIL,
}

# type of number [3.4 §5.2.5] and numbering plan indicator [3.4 §5.2.6]
(
    TON_UNKNOWN,
    TON_INTERNATIONAL,
    TON_NATIONAL,
    TON_NETWORK,
    TON_SUBSCRIBER,
    TON_ALPHANUMERIC,
    TON_ABBREVIATED,
) = range(7)
NPI_UNKNOWN, NPI_ISDN = 0, 1
TONS = {
    0: "unknown",
    1: "international",
    2: "national",
    3: "network specific",
    4: "subscriber",
    5: "alphanumeric",
    6: "abbreviated",
}
NPIS = {
    0: "unknown",
    1: "ISDN (E.164)",
    3: "data (X.121)",
    4: "telex (F.69)",
    6: "land mobile (E.212)",
    8: "national",
    9: "private",
    10: "ERMES",
    14: "Internet (IP)",
    18: "WAP client id",
}

# message_state [3.4 §5.2.28; 0 and 9 are 5.0's, §4.7.15]
SCHEDULED, ENROUTE, DELIVERED, EXPIRED, DELETED, UNDELIVERABLE, ACCEPTED, UNKNOWN, REJECTED, SKIPPED = range(
    10
)
STATES = {
    SCHEDULED: "SCHEDULED",
    ENROUTE: "ENROUTE",
    DELIVERED: "DELIVERED",
    EXPIRED: "EXPIRED",
    DELETED: "DELETED",
    UNDELIVERABLE: "UNDELIVERABLE",
    ACCEPTED: "ACCEPTED",
    UNKNOWN: "UNKNOWN",
    REJECTED: "REJECTED",
    SKIPPED: "SKIPPED",
}
#: `stat:` of a receipt [3.4 App. B].
STATS = {
    SCHEDULED: "ENROUTE",
    ENROUTE: "ENROUTE",
    DELIVERED: "DELIVRD",
    EXPIRED: "EXPIRED",
    DELETED: "DELETED",
    UNDELIVERABLE: "UNDELIV",
    ACCEPTED: "ACCEPTD",
    UNKNOWN: "UNKNOWN",
    REJECTED: "REJECTD",
    SKIPPED: "REJECTD",
}

# esm_class [3.4 §5.2.12]
MODE_MASK, MODE_DEFAULT, MODE_DATAGRAM, MODE_TRANSACTION, MODE_STORE_AND_FORWARD = 0x03, 0, 1, 2, 3
TYPE_MASK = 0x3C
TYPE_RECEIPT, TYPE_DELIVERY_ACK, TYPE_USER_ACK, TYPE_CONVERSATION_ABORT, TYPE_INTERMEDIATE = (
    4,
    8,
    0x10,
    0x18,
    0x20,
)
UDHI, REPLY_PATH = 0x40, 0x80

# registered_delivery [3.4 §5.2.17]; bit 4 is the intermediate notification, whatever the prose's heading says
RECEIPT_MASK, RECEIPT_NONE, RECEIPT_ALWAYS, RECEIPT_FAILURE, RECEIPT_SUCCESS = 0x03, 0, 1, 2, 3
ACK_DELIVERY, ACK_USER, INTERMEDIATE = 0x04, 0x08, 0x10


def command_name(command_id: int) -> str:
    """`submit_sm`, or the hexadecimal id of a reserved command."""
    return COMMANDS.get(command_id) or f"0x{command_id:08X}"


def status_name(status: int) -> str:
    """`ESME_ROK`, or the hexadecimal value of a reserved or vendor specific status."""
    return STATUSES.get(status) or f"0x{status:08X}"


def status_for(status: int, version: int) -> int:
    """The status as a peer of this interface_version knows it."""
    return status if version >= V50 else BEFORE_50.get(status, status)


def negotiated(interface_version: int) -> int:
    """The version a peer means: below 3.4 it has no TLVs [3.4 §5.2.4]; reserved values count as what they
    exceed."""
    if interface_version >= V50:
        return V50
    return V34 if interface_version >= V34 else V33
