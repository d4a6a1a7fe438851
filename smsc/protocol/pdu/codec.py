"""PDUs to and from octets, driven by the tables in `pdus` and `tlv`: everything that does not come by the
million."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from smsc.protocol.constants import (
    COMMANDS,
    DATA_SM,
    ESME_RINVCMDID,
    ESME_RINVCMDLEN,
    ESME_RINVESMCLASS,
    ESME_RINVMSGLEN,
    ESME_RINVREGDLVFLG,
    ESME_RINVTLVLEN,
    ESME_RINVTLVSTREAM,
    ESME_RINVTLVVAL,
    ESME_RMISSINGTLV,
    HEADER,
    RESPONSE,
    SUBMIT_MULTI,
    SUBMIT_SM,
    UDHI,
    V34,
    V50,
    command_name,
)
from smsc.protocol.pdu import expected, tlv
from smsc.protocol.pdu.fields import Cursor, Integer, PduError, ShortMessage, fields_octets, read_fields
from smsc.protocol.pdu.layouts import PDUS, PduType
from smsc.protocol.text import udh

#: The requests that submit a text.
_SUBMITS = frozenset({SUBMIT_SM, SUBMIT_MULTI, DATA_SM})

__all__ = ["Pdu", "PduError", "check_values", "decode_pdu", "encode_pdu", "header", "pdu_octets"]


@dataclass(slots=True)
class Pdu:
    """One PDU. `fields` by the names of `pdus`; `tlvs` as (tag, value octets) in wire order, unknown ones
    included."""

    command_id: int
    status: int = 0
    sequence: int = 0
    fields: dict[str, Any] = field(default_factory=dict, repr=False)  # passwords and texts: not for logs
    tlvs: list[tuple[int, bytes]] = field(default_factory=list, repr=False)

    @property
    def name(self) -> str:
        return command_name(self.command_id)

    def tlv(self, name: str) -> int | str | bytes | None:
        """The value of the first TLV of this name, as its type has it; None when it is absent."""
        tag = tlv.BY_NAME[name].tag
        return next((tlv.value_of(tag, value) for found, value in self.tlvs if found == tag), None)


def header(frame: bytes) -> tuple[int, int, int, int]:
    """command_length, command_id, command_status, sequence_number of at least 16 octets [3.4 §3.2]."""
    return (
        int.from_bytes(frame[0:4], "big"),
        int.from_bytes(frame[4:8], "big"),
        int.from_bytes(frame[8:12], "big"),
        int.from_bytes(frame[12:16], "big"),
    )


def decode_pdu(frame: bytes, version: int = V34) -> Pdu:
    """Read one whole PDU. PduError with the status to answer when it breaks its layout; values are not
    judged.

    A response without a body is legal whatever its status: errors are header only [3.4 §4.4.2, 5.0 §3.2.1.3],
    and many ESMEs send no body in deliver_sm_resp.
    """
    if len(frame) < HEADER or header(frame)[0] != len(frame):
        raise PduError(ESME_RINVCMDLEN, "nack", f"command_length does not fit {len(frame)} octets")
    _, command_id, status, sequence = header(frame)
    layout = PDUS.get(command_id)
    if layout is None:
        raise PduError(ESME_RINVCMDID, "nack", f"unknown command {command_name(command_id)}")
    if command_id & RESPONSE and len(frame) == HEADER:
        return Pdu(command_id, status, sequence)
    cursor = Cursor(frame, HEADER, version)
    fields = read_fields(layout.fields, cursor)
    return Pdu(command_id, status, sequence, fields, _read_tlvs(layout, frame[cursor.at :], version))


def _read_tlvs(layout: PduType, area: bytes, version: int) -> list[tuple[int, bytes]]:
    tlvs = tlv.split_tlvs(area)
    if tlvs is None:
        if not layout.fields:
            raise PduError(ESME_RINVCMDLEN, "nack", f"{layout.name} has no body, got {len(area)} octets")
        last = layout.fields[-1].name
        hint = f"{len(area)} octet{'s' if len(area) > 1 else ''} behind {last}, which are no TLVs"
        raise PduError(ESME_RINVTLVSTREAM, "resp", hint)
    known = expected.tags(layout.command_id, version)
    for tag, value in tlvs:
        if tag not in known:
            continue
        row = tlv.BY_TAG[tag]
        if not row.low <= len(value) <= row.high:
            hint = f"{row.name} has {len(value)} octets, {row.low} to {row.high} are legal"
            raise PduError(ESME_RINVTLVLEN, "resp", hint)
        if len(value) == 1 and value[0] > row.largest:
            raise PduError(
                ESME_RINVTLVVAL, "resp", f"{row.name} is {value[0]}, at most {row.largest} is legal"
            )
    return tlvs


def check_values(pdu: Pdu, version: int) -> int:
    """0, or the status for the first value of a request that its own specification forbids; `read_message`'s
    twin."""
    found = value_fault(pdu, version)
    return found.status if found is not None else 0


def value_fault(pdu: Pdu, version: int, payload_supersedes: bool = False) -> PduError | None:
    """The first value of a request that its own specification forbids, None when there is none.
    ``payload_supersedes`` as for `submit.parse_submit`."""
    layout = PDUS[pdu.command_id]
    for row in layout.fields:
        if isinstance(row, Integer) and pdu.fields[row.name] > row.largest:
            hint = f"{row.name} is {pdu.fields[row.name]}, 0 to {row.largest} are legal"
            return PduError(row.status, "resp", hint)
    if version < V50:
        transaction = pdu.fields.get("esm_class", 0) & 3 == 2
        if transaction and pdu.command_id in (SUBMIT_SM, SUBMIT_MULTI):
            mode = pdu.fields["esm_class"]
            hint = f"esm_class is 0x{mode:02X}: before SMPP 5.0 only data_sm has a transaction mode"
            return PduError(ESME_RINVESMCLASS, "resp", hint)
        if pdu.fields.get("registered_delivery", 0) & 3 == 3:
            hint = f"registered_delivery is {pdu.fields['registered_delivery']}: success only is of SMPP 5.0"
            return PduError(ESME_RINVREGDLVFLG, "resp", hint)
    present = {tag for tag, _ in pdu.tlvs}
    for name in layout.required:
        if tlv.BY_NAME[name].tag not in present:
            return PduError(ESME_RMISSINGTLV, "resp", f"{layout.name} needs {name}")
    return _text_fault(pdu, version, payload_supersedes) if pdu.command_id in _SUBMITS else None


def _text_fault(pdu: Pdu, version: int, payload_supersedes: bool) -> PduError | None:
    """What is wrong with the text of a request that submits one: where it stands [3.4 §5.3.2.32], and the
    header that UDHI promises [3.4 §5.2.12]."""
    text, payload = pdu.fields.get("short_message", b""), pdu.tlv("message_payload")
    udhi = pdu.fields["esm_class"] & UDHI
    beside = [tlv.tag_name(tag) for tag, _ in pdu.tlvs if udhi and tag in tlv.WITHOUT_UDH]
    if beside:
        hint = f"esm_class has UDHI beside {', '.join(beside)}: a header or these TLVs, not both"
        return PduError(ESME_RINVESMCLASS, "resp", hint)
    if text and payload and version < V50 and not payload_supersedes:
        hint = "the text is in short_message and in message_payload; before SMPP 5.0 only one may have it"
        return PduError(ESME_RINVMSGLEN, "resp", hint)
    if udhi and not udh.split(payload if isinstance(payload, bytes) and payload else text)[0]:
        hint = "esm_class has UDHI, but the text does not begin with a user data header"
        return PduError(ESME_RINVESMCLASS, "resp", hint)
    return None


def without_stray_nul(frame: bytes, version: int) -> bytes | None:
    """The PDU without one NUL that stands behind short_message and is not counted by sm_length, at the end or
    before sound TLVs; None when that is not what is wrong with it."""
    layout = PDUS[header(frame)[1]]
    if not layout.fields or not isinstance(layout.fields[-1], ShortMessage):
        return None
    cursor = Cursor(frame, HEADER, version)
    try:
        read_fields(layout.fields, cursor)
    except PduError:
        return None
    at = cursor.at
    if frame[at : at + 1] != b"\0" or tlv.split_tlvs(frame[at + 1 :]) is None:
        return None
    return (len(frame) - 1).to_bytes(4, "big") + frame[4:at] + frame[at + 1 :]


def explain_message(frame: bytes, version: int, status: int, payload_supersedes: bool = False) -> str:
    """What is wrong with a submit_sm that `submit.parse_submit` refused with `status`: field, value, and what
    would be right; "" when that cannot be told. ``payload_supersedes`` as `parse_submit` had it."""
    try:
        pdu = decode_pdu(frame, version)
    except PduError as error:
        return error.hint if error.status == status else ""
    found = value_fault(pdu, version, payload_supersedes)
    return found.hint if found is not None and found.status == status else ""


def encode_pdu(pdu: Pdu, version: int = V34) -> bytes:
    """The octets of a PDU. ValueError when a field does not exist or a value does not fit it.

    A response with an error status and neither fields nor TLVs is its header alone; TLVs are written as
    given.
    """
    if pdu.command_id not in COMMANDS:
        raise ValueError(f"unknown command {command_name(pdu.command_id)}")
    body = b""
    if not (pdu.command_id & RESPONSE and pdu.status and not pdu.fields and not pdu.tlvs):
        body = fields_octets(PDUS[pdu.command_id].fields, pdu.fields, version) + tlv.encode_tlvs(pdu.tlvs)
    return pdu_octets(pdu.command_id, pdu.status, pdu.sequence, body)


def pdu_octets(command_id: int, status: int, sequence: int, body: bytes = b"") -> bytes:
    """A header and a body that is already made."""
    words = (HEADER + len(body), command_id, status, sequence)
    return b"".join(word.to_bytes(4, "big") for word in words) + body


def request(command_id: int, tlvs: Iterable[tuple[int, bytes]] = (), **fields: Any) -> Pdu:
    """A request to be sent; the session gives it its sequence number."""
    return Pdu(command_id, fields=fields, tlvs=list(tlvs))


def response(pdu: Pdu, status: int, fields: Mapping[str, Any], tlvs: Iterable[tuple[int, bytes]] = ()) -> Pdu:
    """The response to a request."""
    return Pdu(RESPONSE | pdu.command_id, status, pdu.sequence, dict(fields), list(tlvs))
