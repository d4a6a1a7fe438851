"""Submissions that were refused, as messages that have come to nothing: what was said, to whom, and why not.

Nothing of them is in the store: the last ones are kept in memory (`engine/refusals.py`). Their ids are the
numbers of the refusals with an r before them.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, Final

from smsc import reasons
from smsc.control.base import ControlError, moment
from smsc.control.messages.documents import MessageDocuments
from smsc.control.search.matching import Search
from smsc.control.steps import Steps
from smsc.delivery.message import REFUSED, Message
from smsc.engine.refusals import SUBMIT, Refused
from smsc.protocol.constants import command_name, status_name
from smsc.typed import compact

_AT_ONCE: Final = 20  # that are looked at in one step


class RefusedControl(MessageDocuments):
    """What can be asked about refusals."""

    def refusals(self, what: str | None, limit: int) -> list[dict[str, Any]]:
        """The last refusals, of one kind or of all, the latest first."""
        kept = self.engine.refusals.kept
        kinds = kept.values() if what is None else [kept[what]]
        found = sorted((each for kind in kinds for each in kind), key=lambda each: -each.number)
        return [self._refusal_dict(each) for each in found[:limit]]

    def refused(self, search: Search, limit: int, newest: bool) -> Steps[list[dict[str, Any]]]:
        """Refused submissions that a search finds, as messages. In steps."""
        told: list[dict[str, Any]] = []
        for each in self._matching(search, newest):
            if each is None:
                yield None
            elif len(told) < limit:
                told.append(self._refused_dict(each))
        return told

    def count_refused(self, search: Search) -> Steps[int]:
        """How many a search finds. In steps."""
        count = 0
        for each in self._matching(search, False):
            if each is None:
                yield None
            else:
                count += 1
        return count

    def forget_refused(self, search: Search) -> Steps[int]:
        """Keep none that a search finds; how many they were. In steps."""
        gone: set[int] = set()
        for each in self._matching(search, False):
            if each is None:
                yield None
            else:
                gone.add(each.number)
        self.engine.refusals.forget(SUBMIT.what, gone)
        return len(gone)

    def refused_message(self, ident: str) -> dict[str, Any] | None:
        """One of them by its id; None when it is none's (any more)."""
        if not (ident[:1] == "r" and ident[1:].isascii() and ident[1:].isdigit() and len(ident) < 19):
            return None
        found = next((each for each in self._kept_refusals() if each.number == int(ident[1:])), None)
        if found is None:
            raise ControlError(404, "No such message", f"the refusal {ident!r} is not kept any more")
        return {
            **self._refused_dict(found),
            "tags": [],
            "receipt": None,
            "concatenation": None,
            "explanation": f"Submission {ident} was refused with {status_name(found.status)}: {found.text}",
            "waiting_for": None,
            "until": None,
            "next_attempt": None,
            "what_next": "What is refused has not happened.",
        }

    def _kept_refusals(self) -> list[Refused]:
        return list(self.engine.refusals.kept[SUBMIT.what])

    def _matching(self, search: Search, newest: bool) -> Generator[Refused | None]:
        """Those that match, with None where others may have their turn."""
        kept = self._kept_refusals()
        if newest:
            kept.reverse()
        for looked, each in enumerate(kept):
            if looked % _AT_ONCE == 0:
                yield None
            if search.matches(self._as_message(each)):
                yield each

    def _as_message(self, refused: Refused) -> Message:
        message = Message()
        message.id = -refused.number
        message.state, message.reason = REFUSED, refused.reason
        message.source, message.source_text = self._party(refused.said.source)
        message.destination, message.destination_text = self._party(refused.destination)
        message.originator = message.source
        message.account, message.session_id = refused.account, refused.session
        message.submitted_at = message.final_at = refused.at
        message.data_coding, message.esm_class = refused.said.data_coding, refused.said.esm_class
        message.body = refused.said.body
        return message

    def _party(self, text: str) -> tuple[int, bytes]:
        """A number as its key, or what was written where it is none."""
        key = self.world.plan.explain(compact(text)).key if text else 0
        return (int(key), b"") if key else (0, text.encode("latin-1", "replace"))

    def _refused_dict(self, refused: Refused) -> dict[str, Any]:
        told = self._message_dict(self._as_message(refused))
        told["id"] = f"r{refused.number}"
        told["system_id"] = refused.system_id
        told["events"] = [
            {"at": moment(refused.at), "event": "refused", "reason": told["reason"], "detail": refused.text}
        ]
        return {**told, "refusal": self._refusal_dict(refused)}

    def _refusal_dict(self, refused: Refused) -> dict[str, Any]:
        """What would have been right is in `text`."""
        return {
            "at": moment(refused.at),
            "what": refused.what,
            "reason": reasons.REASONS[refused.reason].name,
            "text": refused.text,
            "status": status_name(refused.status) if refused.status else None,
            "command": command_name(refused.command) if refused.command else None,
            "system_id": refused.system_id or None,
            "peer": refused.peer or None,
            "session": refused.session or None,
            "source": refused.said.source or None,
            "destination": refused.destination or None,
            "count": refused.alike,
        }
