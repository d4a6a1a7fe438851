"""What deliveries are on the wire: a deliver_sm is written, and its session has something to say."""

from __future__ import annotations

from typing import Final

from smsc.delivery.message import PAYLOAD, Message
from smsc.engine.binds.bindings import Bind
from smsc.engine.reading import pack_text
from smsc.protocol.constants import UDHI
from smsc.protocol.pdu.submit import Submit
from smsc.routing.plan_data import bounds

_ALPHANUMERIC: Final = 5  # TON [3.4 §5.2.5]
_INTERNATIONAL: Final = 1
_ISDN: Final = 1  # NPI E.164 [§5.2.6]
_NOT_THE_MODE: Final = 0xFC  # of esm_class: a deliver_sm has none [§5.2.12]
_HIGHEST: Final = 3  # priority_flag; an emergency's is above it [§5.2.14]
_ACKNOWLEDGEMENTS: Final = 0x0C  # that the sending user asks of the receiving one [§5.2.17]
_LONGEST_SENDER: Final = 11  # characters of a GSM address [23.040 §9.1.2.5]

_FIRST_OF_EIGHT: Final = 47_00_00_00_00  # with 8 national digits
_BEHIND_EIGHT: Final = 48_00_00_00_00
_FIRST_M2M, _LAST_M2M = bounds("m2m_iot")[0]  # C integers when compiled


class Wire:
    """Writes deliver_sm. ``dirty`` are the binds whose sessions have something to write: at the end of a turn
    whoever holds the sockets takes the list away and writes."""

    __slots__ = ("dirty", "row")

    def __init__(self) -> None:
        self.row = Submit()
        self.dirty: list[Bind] = []

    def mark(self, bind: Bind) -> None:
        """The bind's session has something to write."""
        if not bind.dirty:
            bind.dirty = True
            self.dirty.append(bind)

    def transmit(self, bind: Bind, message: Message, link_now: float) -> None:
        """Write one deliver_sm."""
        row = self.row
        row.service_type = message.service_type
        key = message.source
        if key == 0:
            row.source_ton = _ALPHANUMERIC
            row.source_npi = 0
            row.source = -1
            row.source_text = message.source_text
            if message.recipient > 0 and len(message.source_text) > _LONGEST_SENDER:  # on the air
                row.source_text = message.source_text[0:_LONGEST_SENDER]
        else:
            length = shown_length(key)
            row.source_ton = 0 if length else _INTERNATIONAL
            row.source_npi = _ISDN
            row.source = national_number(key) if length else key
            row.source_length = length
        key = message.destination
        if key == 0:
            row.dest_ton = _ALPHANUMERIC
            row.dest_npi = 0
            row.dest = -1
            row.dest_text = message.destination_text
        else:
            length = shown_length(key)
            row.dest_ton = 0 if length else _INTERNATIONAL
            row.dest_npi = _ISDN
            row.dest = national_number(key) if length else key
            row.dest_length = length
        row.esm_class = message.esm_class & _NOT_THE_MODE
        row.protocol_id = message.protocol_id
        row.priority = _HIGHEST if message.priority > _HIGHEST else message.priority
        row.registered_delivery = message.registered_delivery & _ACKNOWLEDGEMENTS
        row.data_coding = message.data_coding
        if message.parts is None:
            row.body = message.body
            row.payload = message.payload == PAYLOAD
        else:
            self.lay_out_part(message)
        if not bind.gsm_default:
            self.pack(bind)
        row.tlvs = message.tlvs
        message.sequence = bind.session.send_message(row, message, link_now)
        self.mark(bind)

    def pack(self, bind: Bind) -> None:
        """Write the row's text as the bind's ESME reads it."""
        pack_text(self.row, bind.account.settings)

    def lay_out_part(self, message: Message) -> None:
        """Put the next part of a long text into the row."""
        row = self.row
        row.body = message.parts.next()
        row.payload = 0
        if message.parts.is_divided():
            row.esm_class |= UDHI


def shown_length(key: int) -> int:
    """How many digits of a number are shown: 0, for all in E.164, of a subscriber's; else the national ones.

    A subscriber's number has 8 national digits, or 12 that begin with 58; everything else is shown in its
    national form: short numbers, and codes with dialogue digits.
    """
    if _FIRST_OF_EIGHT <= key < _BEHIND_EIGHT or _FIRST_M2M <= key <= _LAST_M2M:
        return 0
    length = 1
    bound = 480
    while key >= bound:
        bound *= 10
        length += 1
    return length


def national_number(key: int) -> int:
    """The value of the national form of a key; leading zeros are in its length."""
    prefix = 470
    while key >= prefix + prefix // 47:
        prefix *= 10
    return key - prefix
