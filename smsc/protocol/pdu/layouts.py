"""Every PDU of SMPP 3.4 and the broadcast PDUs of 5.0: layout, direction, states and TLVs, one row each [3.4
§4].

Serves reader, builder, session and the table in the documentation.
"""

from typing import NamedTuple

from smsc.protocol import constants as c
from smsc.protocol.pdu.fields import CString, Destinations, Field, Integer, ShortMessage, Time, Unsuccessful
from smsc.protocol.states import ANYWHERE, NOWHERE, PARTING, RECEIVE, TRANSMIT, UNBOUND

_SERVICE_TYPE = CString("service_type", 6, c.ESME_RINVSERTYP)
_MESSAGE_ID = CString("message_id", 65, c.ESME_RINVMSGID)
_ESM_CLASS = Integer("esm_class", c.ESME_RINVESMCLASS)
_PROTOCOL_ID = Integer("protocol_id", c.ESME_RSUBMITFAIL)
_PRIORITY = Integer("priority_flag", c.ESME_RINVPRTFLG, largest=3)
_SCHEDULE = Time("schedule_delivery_time", c.ESME_RINVSCHED)
_VALIDITY = Time("validity_period", c.ESME_RINVEXPIRY)
_REGISTERED = Integer("registered_delivery", c.ESME_RINVREGDLVFLG)
_REPLACE = Integer("replace_if_present_flag", c.ESME_RINVREPFLAG, largest=1)
_DATA_CODING = Integer("data_coding", c.ESME_RINVDCS)
_DEFAULT_MSG = Integer("sm_default_msg_id", c.ESME_RINVDFTMSGID)
_SHORT_MESSAGE = ShortMessage()


def _source(size: int = 21) -> tuple[Field, ...]:
    return (
        Integer("source_addr_ton", c.ESME_RINVSRCTON),
        Integer("source_addr_npi", c.ESME_RINVSRCNPI),
        CString("source_addr", size, c.ESME_RINVSRCADR),
    )


def _destination(size: int = 21) -> tuple[Field, ...]:
    return (
        Integer("dest_addr_ton", c.ESME_RINVDSTTON),
        Integer("dest_addr_npi", c.ESME_RINVDSTNPI),
        CString("destination_addr", size, c.ESME_RINVDSTADR),
    )


_BIND: tuple[Field, ...] = (
    CString("system_id", 16, c.ESME_RINVSYSID),
    CString("password", 9, c.ESME_RINVPASWD),
    CString("system_type", 13, c.ESME_RINVSYSTYP),
    Integer("interface_version", c.ESME_RBINDFAIL, default=c.V34),
    Integer("addr_ton", c.ESME_RBINDFAIL),
    Integer("addr_npi", c.ESME_RBINDFAIL),
    CString("address_range", 41, c.ESME_RBINDFAIL),
)
_BIND_RESP: tuple[Field, ...] = (CString("system_id", 16, c.ESME_RINVSYSID),)
_MESSAGE: tuple[Field, ...] = (
    _SERVICE_TYPE,
    *_source(),
    *_destination(),
    _ESM_CLASS,
    _PROTOCOL_ID,
    _PRIORITY,
    _SCHEDULE,
    _VALIDITY,
    _REGISTERED,
    _REPLACE,
    _DATA_CODING,
    _DEFAULT_MSG,
    _SHORT_MESSAGE,
)
_RESULT: tuple[Field, ...] = (_MESSAGE_ID,)

_CALLBACK = ("callback_num", "callback_num_pres_ind", "callback_num_atag")
_SAR = ("sar_msg_ref_num", "sar_total_segments", "sar_segment_seqnum")
_ENDS = ("source_addr_subunit", "dest_addr_subunit", "source_subaddress", "dest_subaddress")
_COMMON = (
    *("user_message_reference", "source_port", "destination_port", *_SAR, "payload_type", "message_payload"),
    *("privacy_indicator", "language_indicator"),
)
_PHONE = ("display_time", "sms_signal", "ms_validity", "ms_msg_wait_facilities", "alert_on_message_delivery")
_DIALOGUE = ("user_response_code", "its_session_info")
#: What 5.0 adds to submissions [5.0 §4.2.5.1].
_SINCE_50 = (
    *("source_network_type", "source_bearer_type", "source_telematics_id", "dest_network_type"),
    *("dest_bearer_type", "dest_telematics_id", "source_network_id", "dest_network_id", "source_node_id"),
    *("dest_node_id", "dest_addr_np_resolution", "dest_addr_np_information", "dest_addr_np_country"),
    "billing_identification",
)
_REPORT = ("receipted_message_id", "message_state", "network_error_code")
_BROADCAST = (
    "broadcast_area_identifier",
    "broadcast_content_type",
    "broadcast_rep_num",
    "broadcast_frequency_interval",
)
_STATUS = ("additional_status_info_text", "congestion_state")
_TRANSACTION = ("delivery_failure_reason", "network_error_code", "dpf_result", *_STATUS)


class PduType(NamedTuple):
    """A row of the table. `esme` and `smsc` are the states in which that side may send it, as a request or in
    answer."""

    command_id: int
    fields: tuple[Field, ...] = ()
    esme: frozenset[int] = NOWHERE
    smsc: frozenset[int] = NOWHERE
    tlvs: tuple[str, ...] = ()
    tlvs_50: tuple[str, ...] = ()  # those that 5.0 adds
    required: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return c.COMMANDS[self.command_id]


def _response(request: int, fields: tuple[Field, ...] = (), tlvs: tuple[str, ...] = _STATUS) -> PduType:
    """A response: the other side's, in the states where its request may come."""
    asked = _REQUESTS[request]
    return PduType(c.RESPONSE | request, fields, asked.smsc, asked.esme, tlvs)


_REQUESTS: dict[int, PduType] = {
    row.command_id: row
    for row in (
        PduType(c.BIND_RECEIVER, _BIND, esme=UNBOUND),
        PduType(c.BIND_TRANSMITTER, _BIND, esme=UNBOUND),
        PduType(c.BIND_TRANSCEIVER, _BIND, esme=UNBOUND),
        PduType(c.OUTBIND, _BIND[:2], smsc=UNBOUND),
        PduType(c.UNBIND, esme=PARTING, smsc=PARTING),
        PduType(c.ENQUIRE_LINK, esme=ANYWHERE, smsc=ANYWHERE),
        PduType(
            c.SUBMIT_SM,
            _MESSAGE,
            esme=TRANSMIT,
            tlvs=(
                *_COMMON,
                *_ENDS,
                *_CALLBACK,
                *_PHONE,
                *_DIALOGUE,
                *("more_messages_to_send", "number_of_messages", "its_reply_type", "ussd_service_op"),
            ),
            tlvs_50=_SINCE_50,
        ),
        PduType(
            c.SUBMIT_MULTI,
            (_SERVICE_TYPE, *_source(), Destinations(), *_MESSAGE[7:]),
            esme=TRANSMIT,
            tlvs=(
                *_COMMON,
                *_ENDS[:3],
                *_CALLBACK,
                *_PHONE,
            ),  # no dest_subaddress: there are many destinations
            tlvs_50=_SINCE_50,
        ),
        PduType(
            c.DELIVER_SM,
            _MESSAGE,
            smsc=RECEIVE,
            tlvs=(*_COMMON, *_ENDS[2:], "callback_num", *_DIALOGUE, *_REPORT),
            tlvs_50=_SINCE_50,
        ),
        PduType(
            c.DATA_SM,
            (_SERVICE_TYPE, *_source(65), *_destination(65), _ESM_CLASS, _REGISTERED, _DATA_CODING),
            esme=TRANSMIT,
            smsc=RECEIVE,
            tlvs=(
                *_COMMON,
                *_ENDS,
                *_CALLBACK,
                *_PHONE,
                *_DIALOGUE,
                *_REPORT,
                *("source_network_type", "source_bearer_type", "source_telematics_id"),
                *("dest_network_type", "dest_bearer_type", "dest_telematics_id"),
                *(
                    "more_messages_to_send",
                    "number_of_messages",
                    "its_reply_type",
                    "qos_time_to_live",
                    "set_dpf",
                ),
            ),
            tlvs_50=_SINCE_50[6:],
            required=("message_payload",),
        ),
        PduType(c.QUERY_SM, (_MESSAGE_ID, *_source()), esme=TRANSMIT),
        PduType(c.CANCEL_SM, (_SERVICE_TYPE, _MESSAGE_ID, *_source(), *_destination()), esme=TRANSMIT),
        PduType(
            c.REPLACE_SM,
            (_MESSAGE_ID, *_source(), _SCHEDULE, _VALIDITY, _REGISTERED, _DEFAULT_MSG, _SHORT_MESSAGE),
            esme=TRANSMIT,  # 3.4's table has only TX, 5.0's has both
            tlvs=("message_payload",),
        ),
        PduType(
            c.ALERT_NOTIFICATION,
            (
                *_source(65),
                Integer("esme_addr_ton", c.ESME_RINVDSTTON),
                Integer("esme_addr_npi", c.ESME_RINVDSTNPI),
                CString("esme_addr", 65, c.ESME_RINVDSTADR),
            ),
            smsc=RECEIVE,
            tlvs=("ms_availability_status",),
        ),
        PduType(
            c.BROADCAST_SM,
            (
                *(_SERVICE_TYPE, *_source(), _MESSAGE_ID, _PRIORITY, _SCHEDULE, _VALIDITY),
                *(_REPLACE, _DATA_CODING, _DEFAULT_MSG),
            ),
            esme=TRANSMIT,
            tlvs=(*_BROADCAST, "message_payload", "user_message_reference"),
            required=_BROADCAST,
        ),
        PduType(
            c.QUERY_BROADCAST_SM, (_MESSAGE_ID, *_source()), esme=TRANSMIT, tlvs=("user_message_reference",)
        ),
        PduType(
            c.CANCEL_BROADCAST_SM,
            (_SERVICE_TYPE, _MESSAGE_ID, *_source()),
            esme=TRANSMIT,
            tlvs=("broadcast_content_type", "user_message_reference"),
        ),
    )
}

_RESPONSES: tuple[PduType, ...] = (
    *(_response(request, _BIND_RESP, ("sc_interface_version", *_STATUS)) for request in sorted(c.BINDS)),
    *(_response(request) for request in (c.UNBIND, c.ENQUIRE_LINK, c.CANCEL_SM, c.REPLACE_SM)),
    _response(c.SUBMIT_SM, _RESULT, _TRANSACTION),
    _response(c.SUBMIT_MULTI, (_MESSAGE_ID, Unsuccessful())),
    _response(c.DELIVER_SM, _RESULT),
    _response(c.DATA_SM, _RESULT, _TRANSACTION),
    _response(
        c.QUERY_SM,
        (
            _MESSAGE_ID,
            Time("final_date", c.ESME_RQUERYFAIL),
            Integer("message_state", c.ESME_RQUERYFAIL),
            Integer("error_code", c.ESME_RQUERYFAIL),
        ),
    ),
    _response(c.BROADCAST_SM, _RESULT, ("broadcast_error_status", "broadcast_area_identifier", *_STATUS)),
    _response(
        c.QUERY_BROADCAST_SM,
        _RESULT,
        (
            *("message_state", "broadcast_area_identifier", "broadcast_area_success"),
            *("broadcast_end_time", "user_message_reference", *_STATUS),
        ),
    ),
    _response(c.CANCEL_BROADCAST_SM),
    PduType(c.GENERIC_NACK, (), ANYWHERE, ANYWHERE),
)

PDUS: dict[int, PduType] = _REQUESTS | {row.command_id: row for row in _RESPONSES}
