"""Messages: what became of them, and new ones without a client."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from typing import Any

from smsc import reasons
from smsc.control.base import ControlBase, ControlError, moment, moment_or_none
from smsc.control.explain import explain
from smsc.delivery.message import HELD, RECEIPT, STATE_NAMES, WAITING, Message, address_digits
from smsc.delivery.recipient import mw_status
from smsc.engine.binds.bindings import Bind
from smsc.engine.journal.records import MESSAGES, message_of
from smsc.engine.reading import part_of, text_of
from smsc.protocol.limits import SessionLimits
from smsc.protocol.session import Session
from smsc.protocol.submit import Submit
from smsc.protocol.text import encode_text
from smsc.routing.accounts import HANDSET, Account, handset
from smsc.store.scan import STEP, matching, next_key
from smsc.world.world import SERVICE_OF_KIND

_NEIGHBOURS = 20_000  # ids before and after a message among which its other parts are looked for


class MessageControl(ControlBase):
    """What can be asked and done about messages."""

    reference = 0  # of the last message that was injected, for its parts

    def messages(
        self,
        source: str | None,
        destination: str | None,
        state: str | None,
        limit: int,
        after: str | None,
    ) -> list[dict[str, Any]]:
        """Messages in the order of their ids, receipts left out, all in one go."""
        listing = self.listing(source, destination, state, limit, after)
        while True:
            try:
                next(listing)
            except StopIteration as done:
                return list(done.value)

    def listing(
        self,
        source: str | None,
        destination: str | None,
        state: str | None,
        limit: int,
        after: str | None,
    ) -> Generator[None, None, list[dict[str, Any]]]:
        """The same in steps of a few milliseconds: others may have their turn at each ``yield``."""
        wanted_source = None if source is None else self._address(source)
        wanted_destination = None if destination is None else self._address(destination)
        where: dict[str, Any] = {}
        if isinstance(wanted_source, int):
            where["source"] = wanted_source
        if isinstance(wanted_destination, int):
            where["destination"] = wanted_destination
        told: list[dict[str, Any]] = []
        for messages in self._candidates(int(after) if after else 0, where, state):
            for message in messages:
                if wanted_source not in (None, message.source, message.source_text):
                    continue
                if wanted_destination not in (None, message.destination):
                    continue
                if state is not None and STATE_NAMES[message.state] != state:
                    continue
                told.append(self._message_dict(message))
                if len(told) == limit:
                    return told
            yield
        return told

    def _candidates(self, after: int, where: dict[str, Any], state: str | None) -> Iterator[list[Message]]:
        """Messages past ``after`` in the order of ids, a step's at a time; what is in memory is newer than
        what the store has of it."""
        engine = self.engine
        codes = [code for code, name in STATE_NAMES.items() if name == state]
        wheres = [{**where, "state": code} for code in codes] if state is not None else [where]
        while True:
            first = engine.ledger.next_id(after)
            stored = next_key(engine.store, MESSAGES, after) if engine.commit.durable else None
            if stored is not None and (first == 0 or stored < first):
                first = stored
            if first == 0:
                return
            after = first + STEP - 1
            found = engine.ledger.between(first, after)
            if stored is not None:
                known = {message.id for message in found}
                rows = matching(engine.store, MESSAGES, wheres, first, after)
                found += [message_of(row) for row in rows if row[0] not in known]
                found.sort(key=_id_of)
            yield [message for message in found if message.kind != RECEIPT]

    def message(self, message_id: str) -> dict[str, Any]:
        """One message with its timeline and its explanation; 404 when it is not known (any more)."""
        found = self._find(message_id)
        told = explain(self.engine, found)
        return {
            **self._message_dict(found),
            "concatenation": self._concatenation(found),
            "explanation": told.paragraph,
            "waiting_for": told.waiting_for,
            "until": None if told.until is None else moment(told.until),
            "next_attempt": None if told.next_attempt is None else moment(told.next_attempt),
            "what_next": told.what_next,
        }

    def _find(self, ident: str) -> Message:
        number = int(ident) if ident.isascii() and ident.isdigit() and len(ident) < 19 else 0
        message = self.engine.ledger.find(number) if number else None
        if message is None and number and self.engine.commit.durable:
            row = self.engine.store.get(MESSAGES, number)
            message = None if row is None else message_of(row)
        if message is None:
            raise ControlError(404, "No such message", f"there is no message {ident!r}, or it was forgotten")
        return message

    def _message_dict(self, message: Message) -> dict[str, Any]:
        attempts = message.attempts
        own = list(message.events or ())
        was_held = any(
            event == "held" for _, event, _, _ in own
        )  # then leaving the handset is the submission
        events = [] if was_held else [self._event(message.submitted_at, "submitted", 0, None)]
        recipient = self.engine.exchange.recipients.get(message.recipient)
        if recipient is not None and message.state in WAITING and message.state != HELD:
            attempts += recipient.pagings - message.pagings
            own += [entry for entry in recipient.log or () if entry[0] >= message.submitted_at]
        own.sort(key=lambda entry: entry[0])
        events += [self._event(*entry) for entry in own]
        if message.sent_at:
            events.append(self._event(message.sent_at, "sent", 0, None))
        if message.final_at:
            events.append(self._event(message.final_at, STATE_NAMES[message.state], message.reason, None))
        return {
            "id": str(message.id),
            "source": _shown(message.source, message.source_text),
            "destination": _shown(message.destination, message.destination_text),
            "text": text_of(message, self._alphabet(message)),
            "state": STATE_NAMES[message.state],
            "reason": self._reason(message, recipient),
            "submitted_at": moment(message.submitted_at),
            "final_at": moment(message.final_at) if message.final_at else None,
            "expires_at": moment_or_none(message.expires_at),
            "attempts": attempts,
            "priority": message.priority,
            "events": events,
        }

    def _alphabet(self, message: Message) -> str:
        """What data_coding 0 means for whoever sent it."""
        account = self.world.accounts.by_index(message.account) if message.account else None
        return str(account.settings.get("default_alphabet", "gsm0338")) if account else "gsm0338"

    def _concatenation(self, message: Message) -> dict[str, Any] | None:
        """Where the message stands in a longer one, and the whole text once all its parts are here.

        The parts are found among the messages that are kept, within ``limits.multipart_timeout`` of this one
        and so many ids that looking for them holds nobody up.
        """
        reference, parts, part = part_of(message)
        if parts == 1:
            return None
        near = self.world.settings.limits.multipart_timeout
        texts: dict[int, str] = {}
        for ident in range(max(0, message.id - _NEIGHBOURS), message.id + _NEIGHBOURS):
            other = self.engine.ledger.find(ident)
            if other is not None and (
                (other.source, other.source_text, other.destination)
                == (message.source, message.source_text, message.destination)
                and abs(other.submitted_at - message.submitted_at) <= near
                and part_of(other)[:2] == (reference, parts)
            ):
                texts.setdefault(part_of(other)[2], text_of(other, self._alphabet(other)))
        texts[part] = text_of(message, self._alphabet(message))
        whole = "".join(texts[number] for number in sorted(texts)) if len(texts) == parts else None
        return {"reference": reference, "parts": parts, "part": part, "text": whole}

    def _reason(self, message: Message, recipient: Any) -> str | None:
        code = message.reason
        if not code and message.state == HELD:
            code = reasons.NO_COVERAGE_HOLD
        if not code and recipient is not None and recipient.flags and message.state in WAITING:
            code = recipient.absent_reason
        return reasons.REASONS[code].name if code else None

    def _event(self, at: int, event: str, reason: int, detail: object) -> dict[str, Any]:
        if isinstance(detail, tuple | list):  # of attempt_failed; a list when it was in the store
            at_next, zone, flags = detail
            detail = {"next_attempt": moment(at_next)} | ({"zone": zone} if zone else {})
            if flags:  # the subscriber's; a message that its receiver turned away sets none
                detail["mw_status"] = mw_status(flags)
        return {
            "at": moment(at),
            "event": event,
            "reason": reasons.REASONS[reason].name if reason else None,
            "detail": detail,
        }

    def clear_messages(self) -> None:
        """Forget every message."""
        self.engine.clear_messages()

    def inject(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Submit a message as the source's handset or the ESME that owns the source would."""
        source = self._address(body["source"])
        self.reference = self.reference % 255 + 1
        data_coding, parts = encode_text(body["text"], self.reference)
        if not parts:
            parts = [b""]
        first: Message | None = None
        for part in parts:
            row = Submit()
            row.dest_text = body["destination"].encode("ascii", "replace")
            row.dest_length = len(row.dest_text)
            row.body = part
            row.data_coding = data_coding
            row.esm_class = 0x40 if len(parts) > 1 else 0
            row.registered_delivery = body.get("registered_delivery", 0)
            message = self._inject_one(source, row)
            first = first or message
        assert first is not None
        return self._message_dict(first)

    def _inject_one(self, source: int | bytes, row: Submit) -> Message:
        engine = self.engine
        engine.set_time(engine.exchange.link_now)
        if isinstance(source, int):
            account = self.world.accounts.owner_of(source) or handset(source, "")
            digits = address_digits(source)
            row.source_ton = 1 if len(digits) >= 10 else 0
            row.source_npi, row.source, row.source_length = 1, int(digits), len(digits)
        else:
            senders = (account for account in self.world.accounts if source in account.senders)
            account = next(senders, Account("", ""))
            row.source_ton, row.source_text, row.source_length = 5, source, len(source)
        session = Session(SessionLimits(), engine.exchange.link_now)
        session.close("no connection behind it")
        bind = Bind(0, session, account, source if account.kind == HANDSET and isinstance(source, int) else 0)
        bind.service = SERVICE_OF_KIND.get(account.kind, 0)
        result = engine.intake.inject(row, bind)
        if isinstance(result, int):
            found = reasons.REASONS[result]
            raise ControlError(422, "Refused", found.sentence, found.name)
        return result


def _id_of(message: Message) -> int:
    return message.id


def _shown(key: int, text: bytes) -> str:
    return text.decode("latin-1") if text else address_digits(key) if key else ""
