"""Messages: what became of them, and new ones without a client."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from smsc import reasons
from smsc.control.base import ControlError, moment
from smsc.control.messages.erasure import forget
from smsc.control.messages.explain import explain
from smsc.control.messages.refused import RefusedControl
from smsc.control.search.facts import STAGES, stage_of
from smsc.control.search.matching import Search, compile_search
from smsc.control.search.query import STATES, QueryError, Term, parse
from smsc.control.search.walk import Step, walk
from smsc.control.steps import Steps, asked, at_once
from smsc.delivery.message import STATE_NAMES, Message, address_digits
from smsc.engine.binds.bindings import Bind
from smsc.engine.journal.records import MESSAGES, message_of
from smsc.engine.refusals import SUBMIT
from smsc.protocol.pdu.submit import Submit
from smsc.protocol.sessions.limits import SessionLimits
from smsc.protocol.sessions.session import Session
from smsc.protocol.text.data_coding import encode_text
from smsc.routing.accounts import HANDSET, Account, handset
from smsc.typed import compact
from smsc.world.world import SERVICE_OF_KIND

_MOST_LISTED: Final = 250_000
"""Ids that one page looks past: who asks has the first answer soon, and goes on from there."""
_MOST_COUNTED: Final = 1_000_000
_LONGEST_PAGE: Final = 4 * 1024 * 1024
"""Octets of the messages of one page, more or less."""
_DOCUMENTS_A_STEP: Final = 10
_DOCUMENT: Final = 500
"""What a document is long besides its text, more or less."""


class MessageControl(RefusedControl):
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
        """Messages in the order of their ids, receipts left out, all in one go: of a store in memory."""
        return at_once(self.page(source, destination, state, limit, after))

    def page(
        self,
        source: str | None,
        destination: str | None,
        state: str | None,
        limit: int,
        after: str | None,
    ) -> Steps[list[dict[str, Any]]]:
        """The same in steps."""
        search = self.search("", source, destination, state)
        found, _ = yield from self.listing(search, limit, after=after)
        return found

    def search(
        self,
        text: str = "",
        source: str | None = None,
        destination: str | None = None,
        state: str | None = None,
    ) -> Search:
        """The search of a text, and of fields beside it; ControlError 422 says where the text is wrong."""
        try:
            terms = tuple(self.tags.resolve(parse(text, self.engine.clock.now())))
        except QueryError as error:
            raise ControlError(
                422,
                "Not a search",
                error.sentence(text),
                members={"at": error.at, "length": error.length, "expected": error.expected},
            ) from None
        asked = (("from", source), ("to", destination), ("state", state))
        own = [
            Term(field, STATES[value] if field == "state" else (value,), False, False, 0, f"{field}:{value}")
            for field, value in asked
            if value is not None
        ]
        search = compile_search(self.engine, (*terms, *own), self.tags)
        if search.is_of_refused:
            self._check_refused(search, text)
        return search

    # --- tags -------------------------------------------------------------------------------------

    def tagged(self) -> list[dict[str, Any]]:
        """All tags, by name, and the search that each stands for."""
        return [{"name": name, "q": tag.q} for name, tag in self.tags]

    def put_tag(self, name: str, q: str) -> dict[str, Any]:
        """Give a search a name; ControlError 422 and 409."""
        search = self.search(q)
        self.tags.put(name, q, parse(q, self.engine.clock.now()) if search.terms else ())
        return {"name": name, "q": q}

    def delete_tag(self, name: str) -> None:
        """The name stands for nothing any more; ControlError 404."""
        self.tags.remove(name)

    def tags_of(self, message: Message) -> list[str]:
        """The tags that find a message."""
        return [
            name
            for name, tag in self.tags
            if all(
                test(message) is not negated
                for test, negated in compile_search(self.engine, tag.terms).tests[-len(tag.terms) :]
            )
        ]

    def _check_refused(self, search: Search, text: str) -> None:
        """Messages and refusals have no order in common: a search is of the ones or of the others."""
        for term in search.terms:
            if term.negated or term.field not in ("state", "id"):
                continue
            if any(value != "refused" if term.field == "state" else int(value) > 0 for value in term.values):
                expected = (
                    "state:refused, or ids with an r, by themselves: refusals are kept apart from messages"
                )
                error = QueryError(term.at, len(term.text), expected)
                raise ControlError(
                    422,
                    "Not a search",
                    error.sentence(text),
                    members={"at": error.at, "length": error.length, "expected": error.expected},
                )

    def listing(
        self,
        search: Search,
        limit: int,
        *,
        newest: bool = False,
        after: str | None = None,
        before: str | None = None,
    ) -> Steps[tuple[list[dict[str, Any]], str | None]]:
        """At most `limit` messages with an id above `after` and below `before`, the oldest or the `newest`
        first, and the id to go on from, None when there are no more. A page ends early when its texts are
        long or when so many messages were looked through in vain.

        In steps of a few milliseconds: others may have their turn at each ``yield``."""
        if search.is_of_refused:
            return (yield from self.refused(search, limit, newest)), None
        told: list[dict[str, Any]] = []
        octets = 0
        low, high = int(after) if after else 0, int(before) if before else 2**62
        looked = 0
        for step in walk(self.engine, search, newest, low, high):
            if not isinstance(step, Step):
                yield step
                continue
            looked += step.looked
            for message in step.found:
                told.append(self._message_dict(message))
                octets += len(message.body) + len(message.tlvs) + _DOCUMENT
                if len(told) == limit or octets > _LONGEST_PAGE:
                    return told, str(message.id)
                if len(told) % _DOCUMENTS_A_STEP == 0:
                    yield None
            if looked >= _MOST_LISTED:
                return told, str(step.reached)
            yield None
        return told, None

    def counts(self, search: Search) -> Steps[dict[str, Any]]:
        """How many messages a search finds, in all and by stage; `complete` is False when there are so many
        that only the newest were counted. In steps."""
        stages: dict[str, int] = dict.fromkeys(STAGES, 0)
        refused = yield from self.count_refused(search)
        complete = True
        looked = 0
        for step in walk(self.engine, search, True, 0, 2**62):
            if not isinstance(step, Step):
                yield step
                continue
            looked += step.looked
            for message in step.found:
                stages[stage_of(message)] += 1
            if looked >= _MOST_COUNTED:
                complete = False
                break
            yield None
        total = sum(stages.values()) + (refused if search.is_of_refused else 0)
        stages["refused"] = refused
        states = dict.fromkeys(STATE_NAMES.values(), 0)
        for stage, count in stages.items():
            states[stage if stage in states else "enroute"] += count
        return {
            "total": total,
            "states": states,
            "stages": stages,
            "complete": complete,
        }

    def message(self, message_id: str) -> dict[str, Any]:
        """One message with its timeline and its explanation, in one go: of a store in memory; 404."""
        return at_once(self.showing(message_id))

    def showing(self, message_id: str) -> Steps[dict[str, Any]]:
        """One message with its timeline and explanation, in steps; 404 when it is not known (any more)."""
        refused = self.refused_message(message_id)
        if refused is not None:
            return refused
        found = yield from self.find_message(message_id)
        told = explain(self.engine, found)
        return {
            **self._message_dict(found),
            "tags": self.tags_of(found),
            "receipt": self._receipt(found),
            "concatenation": self._concatenation(found),
            "explanation": told.paragraph,
            "waiting_for": told.waiting_for,
            "until": None if told.until is None else moment(told.until),
            "next_attempt": None if told.next_attempt is None else moment(told.next_attempt),
            "what_next": told.what_next,
        }

    def find_message(self, ident: str) -> Steps[Message]:
        """A message in memory or in the store; 404."""
        number = int(ident) if ident.isascii() and ident.isdigit() and len(ident) < 19 else 0
        message = self.engine.message_index.find(number) if number else None
        if message is None and number and self.engine.commit.durable:
            row = yield from asked(self.engine.store, lambda reads: reads.get(MESSAGES, number))
            message = self.engine.message_index.find(number)  # it may have come into memory meanwhile
            if message is not None:
                return message
            message = None if row is None else message_of(row)
        if message is None:
            raise ControlError(404, "No such message", f"there is no message {ident!r}, or it was forgotten")
        return message

    def delete_messages(self, search: Search) -> Steps[int]:
        """Forget what a search finds, also what waits: nobody gets it any more, nor a receipt of it.
        Returns how many they were. In steps."""
        if search.is_of_refused:
            return (yield from self.forget_refused(search))
        self._alone("deleting what a search finds")
        deleted = 0
        for step in walk(self.engine, search, True, 0, 2**62):
            if not isinstance(step, Step):
                yield step
                continue
            for message in step.found:
                forget(self.engine, message)
                deleted += 1
                yield None
            yield None
        if deleted:
            self.engine.watchers.tell("messages.deleted", {"count": deleted})
        return deleted

    def clear_messages(self) -> None:
        """Forget every message: it is done when this returns, and what it takes does not depend on how many
        there are."""
        self._alone("deleting all messages")
        self.engine.clearing.clear()
        self.engine.refusals.forget(SUBMIT.what)

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
            row.dest_text = compact(body["destination"]).encode("ascii", "replace")
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
        engine.set_time(engine.delivery.link_now)
        if isinstance(source, int):
            account = self.world.accounts.owner_of(source) or handset(source, "")
            digits = address_digits(source)
            row.source_ton = 1 if len(digits) >= 10 else 0
            row.source_npi, row.source, row.source_length = 1, int(digits), len(digits)
        else:
            senders = (account for account in self.world.accounts if source in account.senders)
            account = next(senders, Account("", ""))
            row.source_ton, row.source_text, row.source_length = 5, source, len(source)
        session = Session(SessionLimits(), engine.delivery.link_now)
        session.close("no connection behind it")
        bind = Bind(0, session, account, source if account.kind == HANDSET and isinstance(source, int) else 0)
        bind.service = SERVICE_OF_KIND.get(account.kind, 0)
        result = engine.submission.inject(row, bind)
        if isinstance(result, int):
            found = reasons.REASONS[result]
            raise ControlError(422, "Refused", found.sentence, found.name)
        return result
