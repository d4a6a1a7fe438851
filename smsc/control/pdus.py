"""A PDU as people read it: names for numbers, octets as digits, and the text it carries."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from smsc.protocol.constants import HEADER, command_name, status_name
from smsc.protocol.pdu import tlv
from smsc.protocol.pdu.codec import PduError, decode_pdu, header
from smsc.protocol.pdu.masking import without_password
from smsc.protocol.text.data_coding import Reading, decode_text

_SHOWN_OCTETS = 1024


def told(frame: bytes, version: int, reading: Reading) -> dict[str, Any]:
    """One PDU for the API. What cannot be read has `error` and its first octets instead of fields."""
    if len(frame) < HEADER:
        return {"length": len(frame), "error": "no whole header", "octets": frame.hex()}
    length, command, status, sequence = header(frame)
    shown: dict[str, Any] = {
        "command": command_name(command),
        "command_id": command,
        "status": status_name(status),
        "sequence": sequence,
        "length": length,
    }
    try:
        pdu = decode_pdu(frame, version)
    except PduError as error:
        return {**shown, "error": str(error), "octets": without_password(frame)[:_SHOWN_OCTETS].hex()}
    shown["fields"] = {name: _value(value) for name, value in pdu.fields.items() if name != "password"}
    shown["tlvs"] = [
        {"tag": f"0x{tag:04x}", "name": tlv.tag_name(tag), "value": _value(tlv.value_of(tag, value))}
        for tag, value in pdu.tlvs
    ]
    body = pdu.fields.get("short_message") or pdu.tlv("message_payload")
    if isinstance(body, bytes):
        fields = pdu.fields
        shown["text"] = decode_text(fields.get("data_coding", 0), body, fields.get("esm_class", 0), *reading)
    return shown


def _value(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return value._asdict()
    return [_value(each) for each in value] if isinstance(value, (list, tuple)) else value


def moment_us(at: int) -> str:
    """RFC 3339 with microseconds, in UTC."""
    moment = datetime.fromtimestamp(at // 1_000_000, UTC).replace(microsecond=at % 1_000_000)
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")
