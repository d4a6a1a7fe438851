"""The PDUs of one message: as they were received and sent while a traced session still has them, else made
again from the message and marked so.
"""

from __future__ import annotations

from typing import Any, Final

from smsc.control.messages.control import MessageControl
from smsc.control.pdus import moment_us, told
from smsc.control.search.facts import alphabet_of
from smsc.control.sessions import Kept, SessionControl
from smsc.control.steps import Steps
from smsc.delivery.message import PAYLOAD, RECEIPT, Message, address_digits
from smsc.engine.mt.wire import shown_length
from smsc.engine.reading import packed_text
from smsc.protocol.constants import DELIVER_SM, HEADER, RESPONSE, SUBMIT_SM
from smsc.protocol.pdu.codec import encode_pdu, header, pdu_octets, request
from smsc.protocol.text.data_coding import Reading

_PAYLOAD: Final = 0x0424  # message_payload


class FrameControl(SessionControl, MessageControl):
    """What can be asked about the octets of a message."""

    def message_pdus(self, message_id: str) -> Steps[dict[str, Any]]:
        """All that is known, in the order in which it happened; 404. In steps, one for each traced
        session."""
        message = yield from self.find_message(message_id)
        return (yield from self._pdus_of(message))

    def _pdus_of(self, message: Message) -> Steps[dict[str, Any]]:
        found: list[tuple[int, bool, int, bytes, Kept]] = []
        for kept in self.kept_frames():
            found += [
                (at, incoming, kept.id, frame, kept) for at, incoming, frame in _of_message(kept, message)
            ]
            yield None
        found.sort(key=_moment)
        version, alphabet = 0x34, alphabet_of(self.engine, message)
        pdus = [_shown(at, incoming, ident, frame, kept) for at, incoming, ident, frame, kept in found]
        commands = {header(frame)[1] for _, _, _, frame, _ in found}
        if SUBMIT_SM not in commands and message.session_id and message.kind != RECEIPT:
            pdus.insert(0, _again("in", message.session_id, _submit(message), version, alphabet))
        if DELIVER_SM not in commands and (message.sent_at or message.attempts or message.final_at):
            pdus.append(_again("out", None, _deliver(message), version, alphabet))
        return {"id": str(message.id), "pdus": pdus}


def _moment(found: tuple[int, bool, int, bytes, Kept]) -> int:
    return found[0]


def _of_message(kept: Kept, message: Message) -> list[tuple[int, bool, bytes]]:
    """The PDUs of one session that are about the message, and their responses."""
    idents = {f"{message.id}".encode(), f"{message.id:x}".encode(), f"{message.id:X}".encode()}
    pairs: set[tuple[bool, int, int]] = set()  # incoming, command, sequence
    for _, incoming, frame in kept.frames:
        if len(frame) < HEADER:
            continue
        _, command, _, sequence = header(frame)
        if not incoming and command == SUBMIT_SM | RESPONSE and frame[HEADER:].split(b"\0")[0] in idents:
            pairs |= {(True, SUBMIT_SM, sequence), (False, command, sequence)}
        elif not incoming and command == DELIVER_SM and _carries(frame, message):
            pairs |= {(False, DELIVER_SM, sequence), (True, command | RESPONSE, sequence)}
    return [row for row in kept.frames if len(row[2]) >= HEADER and (row[1], *_name(row[2])) in pairs]


def _name(frame: bytes) -> tuple[int, int]:
    _, command, _, sequence = header(frame)
    return command, sequence


def _carries(frame: bytes, message: Message) -> bool:
    """Whether a deliver_sm is of the message: its text, its two ends."""
    body = frame[HEADER:]
    ends = (_ends(message.source, message.source_text), _ends(message.destination, message.destination_text))
    texts = (message.body, packed_text(message))
    return any(text in body for text in texts) and all(b"%s\0" % text in body for _, _, text in ends)


def _ends(key: int, text: bytes) -> tuple[int, int, bytes]:
    """Type, plan and octets of an address as it is delivered."""
    if text:
        return 5, 0, text
    return (0 if shown_length(key) else 1), 1, address_digits(key).encode() if key else b""


def _submit(message: Message) -> bytes:
    return _frame(SUBMIT_SM, message, message.esm_class, message.registered_delivery)


def _deliver(message: Message) -> bytes:
    return _frame(DELIVER_SM, message, message.esm_class & 0xFC, message.registered_delivery & 0x0C)


def _frame(command: int, message: Message, esm_class: int, registered_delivery: int) -> bytes:
    source_ton, source_npi, source = _ends(message.source, message.source_text)
    dest_ton, dest_npi, destination = _ends(message.destination, message.destination_text)
    short = message.body if message.payload != PAYLOAD and len(message.body) <= 254 else b""
    made = request(
        command,
        service_type=message.service_type.decode("latin-1"),
        source_addr_ton=source_ton,
        source_addr_npi=source_npi,
        source_addr=source.decode("latin-1"),
        dest_addr_ton=dest_ton,
        dest_addr_npi=dest_npi,
        destination_addr=destination.decode("latin-1"),
        esm_class=esm_class,
        protocol_id=message.protocol_id,
        priority_flag=min(message.priority, 3),
        registered_delivery=registered_delivery,
        data_coding=message.data_coding,
        short_message=short,
    )
    if message.body and not short:
        made.tlvs.append((_PAYLOAD, message.body))
    return pdu_octets(command, 0, 0, encode_pdu(made)[HEADER:] + message.tlvs)


def _shown(at: int, incoming: bool, ident: int, frame: bytes, kept: Kept) -> dict[str, Any]:
    return {
        "at": moment_us(at),
        "direction": "in" if incoming else "out",
        "session": ident,
        "rebuilt": False,
        "octets": frame.hex(),
        **told(frame, kept.version, kept.reading),
    }


def _again(
    direction: str, session: int | None, frame: bytes, version: int, reading: Reading
) -> dict[str, Any]:
    """A PDU that was made again: its sequence number is not known, nor when it went."""
    return {
        "at": None,
        "direction": direction,
        "session": session,
        "rebuilt": True,
        "octets": frame.hex(),
        **told(frame, version, reading),
    }
