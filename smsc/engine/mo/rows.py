"""The fields of the rarer PDUs as the row of a submit_sm, which is what a submission is considered by."""

from __future__ import annotations

from typing import Final

from smsc.delivery.message import PAYLOAD, SHORT, Message
from smsc.engine.binds.bindings import Bind
from smsc.engine.mo.submission import Submission
from smsc.engine.reading import unpack_text
from smsc.protocol.pdu import tlv
from smsc.protocol.pdu.codec import Pdu
from smsc.protocol.pdu.submit import Submit

_LONGEST_NUMBER: Final = 18  # digits of an address that is kept as a number


def row_of(bind: Bind, pdu: Pdu, text: Submit | None = None) -> Submit:
    """The row of a request that submits, without its destination; ``text`` has its octets already, when it is
    one of many."""
    row = Submit()
    fields = pdu.fields
    row.service_type = fields["service_type"].encode("latin-1")
    put_source(row, pdu)
    for name in ("esm_class", "registered_delivery", "data_coding", "protocol_id"):
        setattr(row, name, fields.get(name, 0))
    row.priority = fields.get("priority_flag", 0)
    row.default_msg_id = fields.get("sm_default_msg_id", 0)
    row.replace_if_present = fields.get("replace_if_present_flag", 0)
    row.schedule = fields.get("schedule_delivery_time", "").encode("latin-1")
    row.validity = fields.get("validity_period", "").encode("latin-1")
    if text is not None:
        row.body, row.payload, row.tlvs = text.body, text.payload, text.tlvs
        return row
    payload = next((value for tag, value in pdu.tlvs if tag == tlv.MESSAGE_PAYLOAD), None)
    row.body = fields.get("short_message", b"") if payload is None else payload
    row.payload = PAYLOAD if payload is not None else SHORT
    unpack_text(row, bind.account.settings)
    row.tlvs = tlv.encode_tlvs([(tag, value) for tag, value in pdu.tlvs if tag != tlv.MESSAGE_PAYLOAD])
    return row


def take(submission: Submission, bind: Bind, row: Submit) -> tuple[int, Message | None]:
    """Submit a row without an answer of its own; the reason to refuse it, or the message."""
    bind.submitted += 1
    taken = submission.inject(row, bind)
    if isinstance(taken, int):
        return taken, None
    taken.bind = None  # answered by a response of its own kind
    return 0, taken


def put_source(row: Submit, pdu: Pdu) -> None:
    """Read the source of a request into its row."""
    row.source_ton, row.source_npi = pdu.fields["source_addr_ton"], pdu.fields["source_addr_npi"]
    row.source, row.source_length, row.source_text = _address(pdu.fields["source_addr"])


def put_destination(row: Submit, ton: int, npi: int, text: str) -> None:
    """Read a destination into a row."""
    row.dest_ton, row.dest_npi = ton, npi
    row.dest, row.dest_length, row.dest_text = _address(text)


def _address(text: str) -> tuple[int, int, bytes]:
    """(value, length, text) as the row keeps an address."""
    if text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER:
        return int(text), len(text), b""
    return -1, len(text), text.encode("latin-1", "replace")
