"""Messages as documents: what is said, between whom, what became of it, and what programs want to read of
it."""

from __future__ import annotations

from typing import Any, Final

from smsc import reasons
from smsc.control.base import ControlBase, moment, moment_or_none
from smsc.control.search.facts import KIND_NAMES, alphabet_of, reason_of, shown, stage_of, system_of
from smsc.control.search.found import codes, links
from smsc.delivery.flags import mw_status
from smsc.delivery.message import HELD, SCHEDULED, STATE_NAMES, WAITING, Message
from smsc.delivery.receipt import owes_receipt
from smsc.engine.mt.queues import not_yet_told
from smsc.engine.reading import concat_of, octets_of, part_of, text_of
from smsc.protocol.text.data_coding import join_text
from smsc.protocol.text.udh import Concat

_LOOKED: Final = 1_000  # receipts of one pair among which one is looked for
_NEIGHBOURS: Final = 20_000  # ids before and after a message among which its other parts are looked for


class MessageDocuments(ControlBase):
    """Writes messages for the API."""

    def _node_of(self, message: Message) -> str | None:
        """The node that runs a message that waits, where there are several."""
        nodes = self.engine.nodes
        return None if nodes is None or message.state not in WAITING else nodes.node_of(message) or nodes.me

    def _message_dict(self, message: Message) -> dict[str, Any]:
        attempts = message.attempts
        own = list(message.events or ())
        was_held = any(
            event == "held" for _, event, _, _ in own
        )  # then leaving the handset is the submission
        events = [] if was_held else [self._event(message.submitted_at, "submitted", 0, None)]
        recipient = self.engine.queues.recipients.get(message.recipient)
        if recipient is not None and message.state in WAITING and message.state != HELD:
            attempts += recipient.pagings - message.pagings
            own += not_yet_told(recipient, message)
        if message.sent_at:
            own.append((message.sent_at, "sent", 0, None))
        own.sort(key=lambda entry: entry[0])
        events += [self._event(*entry) for entry in own]
        if message.final_at:
            events.append(self._event(message.final_at, STATE_NAMES[message.state], message.reason, None))
        text = text_of(message, alphabet_of(self.engine, message))
        reason = reason_of(self.engine, message)
        return {
            "id": str(message.id),
            "kind": KIND_NAMES[message.kind],
            "source": shown(message.source, message.source_text),
            "destination": shown(message.destination, message.destination_text),
            "text": text,
            "data_coding": message.data_coding,
            "parts": part_of(message)[1],
            "codes": codes(text),
            "links": links(text),
            "system_id": system_of(self.engine, message),
            "session": message.session_id or None,
            "node": self._node_of(message),
            "state": STATE_NAMES[message.state],
            "stage": stage_of(message),
            "reason": reasons.REASONS[reason].name if reason else None,
            "submitted_at": moment(message.submitted_at),
            "final_at": moment(message.final_at) if message.final_at else None,
            "expires_at": moment_or_none(message.expires_at),
            "attempts": attempts,
            "priority": message.priority,
            "registered_delivery": message.registered_delivery,
            "due_at": moment(message.due_at) if message.state == SCHEDULED else None,
            "events": events,
        }

    def _receipt(self, message: Message) -> dict[str, Any] | None:
        """What became of its receipt; None when none was made, or when it was forgotten."""
        index = self.engine.message_index
        made = index.receipt_of.get(message.id) or self._waiting_receipt(message)
        if made is None:
            return None
        reason = reason_of(self.engine, made)
        return {
            "id": str(made.id),
            "destination": shown(made.destination, made.destination_text),
            "state": STATE_NAMES[made.state],
            "stage": stage_of(made),
            "reason": reasons.REASONS[reason].name if reason else None,
            "submitted_at": moment(made.submitted_at),
            "final_at": moment(made.final_at) if made.final_at else None,
        }

    def _waiting_receipt(self, message: Message) -> Message | None:
        """The one that waits for its originator, among the first receipts of that recipient there."""
        recipient = self.engine.queues.recipients.get(message.originator)
        if recipient is None or not (message.final_at and owes_receipt(message, message.state)):
            return None
        like = Message()
        like.source, like.source_text = message.destination, message.destination_text
        lane = recipient.find(like.lane_key())
        if lane is None:
            return None
        waiting = lane.items[lane.head : lane.head + _LOOKED]
        return next((each for each in waiting if each is not None and each.about == message.id), None)

    def _concatenation(self, message: Message) -> dict[str, Any] | None:
        """Where the message stands in a longer one, and the whole text once all its parts are here."""
        place = concat_of(message)
        if place is None or place.parts == 1:
            return None
        parts = self._parts(message, place)
        ordered = [octets_of(parts[number]) for number in sorted(parts)]
        whole = join_text(ordered, alphabet_of(self.engine, message)) if len(parts) == place.parts else None
        return {"reference": place.reference, "parts": place.parts, "part": place.part, "text": whole}

    def _parts(self, message: Message, place: Concat) -> dict[int, Message]:
        """The parts of the longer message, ``message`` among them, by their numbers.

        They are looked for among the messages that are kept, within ``limits.multipart_timeout`` of this one
        and so many ids that looking for them holds nobody up. References come round [23.040 §9.2.3.24.1]:
        when all are there, or a part comes again with another text, the next message has begun.
        """
        near = self.world.settings.limits.multipart_timeout
        found: dict[int, Message] = {}
        for ident in range(max(0, message.id - _NEIGHBOURS), message.id + _NEIGHBOURS):
            other = message if ident == message.id else self.engine.message_index.find(ident)
            if other is None or (
                (other.source, other.source_text, other.destination)
                != (message.source, message.source_text, message.destination)
                or abs(other.submitted_at - message.submitted_at) > near
            ):
                continue
            there = concat_of(other)
            if there is None or there._replace(part=place.part) != place:
                continue
            earlier = found.get(there.part)
            again = earlier is not None and octets_of(earlier) != octets_of(other)
            if again or len(found) == place.parts:
                if ident > message.id:  # which is among those found: the rest are of the next
                    break
                found = {}
            found[there.part] = other
        return found

    def _event(self, at: int, event: str, reason: int, detail: object) -> dict[str, Any]:
        if isinstance(detail, tuple | list):  # of attempt_failed; a list when it was in the store
            at_next, zone, flags, *status = detail
            detail = {"next_attempt": moment(at_next)} | ({"zone": zone} if zone else {})
            if status and status[0]:
                detail["command_status"] = f"0x{status[0]:02X}"
            if flags:  # the subscriber's; a message that its receiver turned away sets none
                detail["mw_status"] = mw_status(flags)
        return {
            "at": moment(at),
            "event": event,
            "reason": reasons.REASONS[reason].name if reason else None,
            "detail": detail,
        }
