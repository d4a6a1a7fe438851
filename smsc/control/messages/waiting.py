"""What calls that wait for messages ask: what has come since a real moment, what came instead, and why
not."""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from typing import Any, Final

from smsc import reasons
from smsc.control.base import ControlError, moment
from smsc.control.messages.documents import MessageDocuments
from smsc.control.search.facts import KIND_NAMES, alphabet_of, reason_of, shown, stage_of, system_of
from smsc.control.search.matching import Search
from smsc.control.search.query import QueryError, Term, parse
from smsc.control.search.walk import Step, walk
from smsc.control.steps import Steps
from smsc.delivery.message import Message
from smsc.engine.journal.ids import IdSeries
from smsc.engine.reading import text_of

_MARKS: Final = 36_000
"""Marks that are kept: of an hour in which messages come all the time."""
_NEAR: Final = 10
"""Messages that are told of a search that found too few."""
_LOOKED_AT: Final = 10_000
_SHOWN: Final = 60
"""Characters of a text in an explanation."""


class WaitControl(MessageDocuments):
    """What can be waited for.

    Messages keep only the time of the SMSC clock, which a test may have stopped. So now and then a mark is
    made: at this real moment, ids had come so far.
    """

    marks: deque[tuple[int, int, int, int]]

    def since_moment(self, text: str, real_now: int) -> int:
        """The moment (ms) of `since`: RFC 3339, or a duration before `real_now`. ControlError 422."""
        try:
            (term,) = parse(f'since:"{text}"', real_now)
        except ValueError as error:
            expected = error.expected if isinstance(error, QueryError) else "one moment"
            raise ControlError(422, "Not a moment", f"since: expected {expected}.") from None
        return int(term.values[0])

    def note_mark(self, real_now: int) -> None:
        """Remember how far ids have come by `real_now` (ms). Ten times a second is often enough."""
        if not hasattr(self, "marks"):
            self.marks = deque(maxlen=_MARKS)
        upcoming = _upcoming(self.engine.ids), _upcoming(self.engine.short_ids)
        if not self.marks or self.marks[-1][1:3] != upcoming:
            self.marks.append((real_now, *upcoming, self.engine.clock.now()))

    def arriving(self, search: Search, since: int) -> Search:
        """The same search, of only those messages that were submitted at the real moment `since` (ms) or
        later, by a tenth of a second."""
        if search.is_of_refused:
            raise ControlError(422, "Not a search", "What is refused is not waited for: list state:refused.")
        place = bisect_right(self.marks, (since, 2**62, 0, 0)) - 1
        marked, long_id, short_id, then = self.marks[place] if place >= 0 else (since, 0, 0, 0)
        floor = self.engine.ids.floor
        # A clock that goes on by itself tells exactly what came since.
        exact = then + since - marked if self.engine.clock.mode == "real" else 0

        def came(message: Message) -> bool:
            if message.submitted_at < exact:
                return False
            return message.id >= (long_id if message.id > floor else short_id)

        has_short = self.engine.short_ids.next > 0
        first = max(search.first, min(long_id, short_id) if has_short else long_id)
        return search._replace(tests=((came, False), *search.tests), first=first)

    def arrived(self, search: Search, limit: int) -> Steps[list[dict[str, Any]]]:
        """The first messages that a search finds, at most `limit`, oldest first. In steps."""
        told: list[dict[str, Any]] = []
        for step in walk(self.engine, search, False, 0, 2**62):
            if not isinstance(step, Step):
                yield step
                continue
            told += map(self.document, step.found[: limit - len(told)])
            if len(told) == limit:
                break
            yield None
        return told

    def document(self, message: Message) -> dict[str, Any]:
        """A message as it is now."""
        return self._message_dict(message)

    def instead(self, search: Search) -> Steps[list[dict[str, Any]]]:
        """The newest messages that were not found, those that came nearest first, each with `why` not. In
        steps."""
        time_only = search._replace(
            tests=search.tests[:1], words=(), where={}, greater={}, less={}, states=(), last=2**62
        )
        found: list[tuple[int, int, Message]] = []
        looked = 0
        for step in walk(self.engine, time_only, True, 0, 2**62):
            if not isinstance(step, Step):
                yield step
                continue
            for message in step.found:
                failing = sum(test(message) is negated for test, negated in search.tests[1:])
                if failing:
                    found.append((failing, -message.id, message))
            found = sorted(found, key=_by_nearness)[:_NEAR]
            looked += len(step.found)
            if looked >= _LOOKED_AT:
                break
            yield None
        return [{"message": self.document(each), "why": self._why(search, each)} for _, _, each in found]

    def _why(self, search: Search, message: Message) -> list[str]:
        """Why a search does not find a message: each term that does not hold, and what holds instead."""
        # The first test is of the time; receipts are left out by a test of no term.
        tests = search.tests[len(search.tests) - len(search.terms) :]
        failing = [
            term
            for term, (test, negated) in zip(search.terms, tests, strict=True)
            if test(message) is negated
        ]
        return [f"{term.text}: {self._holds(term, message)}" for term in failing] or ["it is a receipt"]

    def _holds(self, term: Term, message: Message) -> str:
        """What is the case where a term asks for something else."""
        engine = self.engine
        if term.field == "from":
            return f"it is from {shown(message.source, message.source_text)}"
        if term.field == "to":
            return f"it is to {shown(message.destination, message.destination_text)}"
        if term.field == "state":
            return f"it is {stage_of(message)}"
        if term.field == "reason":
            code = reason_of(engine, message)
            return f"its reason is {reasons.REASONS[code].name}" if code else "it has no reason"
        if term.field == "system":
            return f"{system_of(engine, message) or 'the SMSC itself'} submitted it"
        if term.field == "session":
            return f"session {message.session_id} submitted it" if message.session_id else "no session did"
        if term.field == "kind":
            return f"it is a {KIND_NAMES[message.kind]}"
        if term.field in ("since", "before"):
            return f"it was submitted at {moment(message.submitted_at)}"
        if term.field == "id":
            return f"its id is {message.id}"
        if term.field == "tag":
            return "none of these tags finds it" if not term.negated else "one of these tags finds it"
        if term.field == "zone":
            return "no attempt failed there, and nobody whom it waits for is there"
        text = text_of(message, alphabet_of(engine, message))
        return f"its text is {text[:_SHOWN]!r}{'…' if len(text) > _SHOWN else ''}"


def _upcoming(series: IdSeries) -> int:
    """An id that is not above the next one, and above all before it."""
    number = series.ahead or series.next if series.next == series.limit else series.next
    if series.modulus:
        return series.floor + (number - 1) % series.modulus if number else series.floor
    return series.floor + number


def _by_nearness(found: tuple[int, int, Message]) -> tuple[int, int]:
    return found[:2]
