"""Repeated submissions, filtered only where whoever runs the emulator asked for it (policy.filter_repeats).

A handset that heard no answer may send the same message again [23.040 §9.2.3.6, TP-RD]. On SMPP a repeat is
recognised by its user_message_reference alone: without one a second "hei" is a second message.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from hashlib import blake2b

from smsc import reasons
from smsc.delivery.message import Message, address_digits
from smsc.engine.binds.bindings import Bind
from smsc.engine.discarded import apart
from smsc.engine.journal.commit import Commit
from smsc.engine.refusals import SUBMIT, Refusals
from smsc.protocol.pdu.submit import Submit, find_tlv
from smsc.protocol.pdu.tlv import USER_MESSAGE_REFERENCE

_WINDOW = 10 * 60_000  # ms in which a repeat is one: the 16 bits of the reference come round
_MOST = 100_000

_NOT_KEPT = reasons.REASONS[reasons.STORE_FAILED].command_status

_Key = tuple[int, bytes, int, bytes, bytes]


class Repeats:
    """The latest submissions with a reference; the oldest are forgotten first."""

    def __init__(self, commit: Commit, mark: Callable[[Bind], None], refusals: Refusals) -> None:
        self.commit = commit
        self.mark = mark
        self.refusals = refusals
        self.seen: OrderedDict[_Key, tuple[int, int]] = OrderedDict()  # message id, submitted at

    def is_repeat(self, row: Submit, bind: Bind, source: int, destination: int, now: int) -> bool:
        """Whether the row repeats a message that was taken; its answer, with the first id, follows then."""
        reference = find_tlv(row.tlvs, USER_MESSAGE_REFERENCE)
        if reference is None:
            return False
        key = (source, row.source_text if source == 0 else b"", destination, reference, _digest(row.body))
        found = self.seen.get(key)
        if found is None or now - found[1] > _WINDOW:
            return False
        sequence, ident = row.sequence, found[0]
        to = address_digits(destination)

        def answer(error: BaseException | None) -> None:
            # the first is safe before the group that is open now, unless its own group failed
            if error is None and self.seen.get(key, (0, 0))[0] == ident:
                bind.session.submit_resp(sequence, ident)
            else:
                note = self.refusals.refused(SUBMIT, reasons.STORE_FAILED, bind=bind, destination=to)
                bind.session.submit_nack(sequence, _NOT_KEPT, note)
            self.mark(bind)

        self.commit.when_committed(answer)
        return True

    def remember(self, message: Message) -> None:
        """A submission has its id."""
        key = _key(message)
        if key is None:
            return
        self.seen[key] = (message.id, message.submitted_at)
        self.seen.move_to_end(key)
        while len(self.seen) > _MOST:
            self.seen.popitem(last=False)

    def forget(self, message: Message) -> None:
        """The submission was refused after all, or the store did not take it."""
        key = _key(message)
        if key is not None and self.seen.get(key, (0, 0))[0] == message.id:
            del self.seen[key]

    def forget_number(self, number: int) -> None:
        """Forget what came from a number or went to it."""
        for key in [key for key in self.seen if number in (key[0], key[2])]:
            del self.seen[key]

    def clear(self) -> Iterator[int]:
        """Forget everything; what this returns takes it apart."""
        seen, self.seen = self.seen, OrderedDict()
        return apart(seen)


def _key(message: Message) -> _Key | None:
    reference = find_tlv(message.tlvs, USER_MESSAGE_REFERENCE) if message.tlvs else None
    if reference is None:
        return None
    return message.source, message.source_text, message.destination, reference, _digest(message.body)


def _digest(text: bytes) -> bytes:
    """A text as it is remembered: of 100 000 long ones there would be gigabytes."""
    return blake2b(text, digest_size=16).digest()
