"""Events for whoever follows them: what each is about, and whether a search finds it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, cast

from smsc import reasons
from smsc.control.base import ControlBase, moment
from smsc.control.search.matching import Search
from smsc.control.search.query import Term, fold
from smsc.delivery.message import STATE_NAMES, Message

_STATES: Final = {name: code for code, name in STATE_NAMES.items() if code}
#: Field of a search -> keys of an event that is of no message.
_KEYS: Final = {
    "system": ("system_id",),
    "session": ("session",),
    "reason": ("reason",),
    "zone": ("zone",),
    "from": ("source", "msisdn"),
    "to": ("destination", "msisdn"),
}


class FollowControl(ControlBase):
    """What can be followed."""

    def follow(self, callback: Callable[[dict[str, Any], Message | None], None]) -> Callable[[], None]:
        """Call back for every event, with its message if it is of one, until the returned function is
        called."""
        watchers = self.engine.watchers
        watchers.follow(callback)
        return lambda: watchers.unfollow(callback)

    def readable(self, event: dict[str, Any]) -> dict[str, Any]:
        """The event with its moment as text."""
        return {**event, "at": moment(event["at"])}

    def weigh(self, subject: Message | None) -> int:
        """Octets that a message keeps in memory, more or less."""
        return 0 if subject is None else 300 + len(subject.body) + len(subject.tlvs)

    def passes(self, search: Search, event: dict[str, Any], subject: Message | None) -> bool:
        """Whether a search finds an event: its message as it was then, or the fields of the event."""
        if subject is not None:
            return search.matches(cast("Message", _Then(subject, event)))
        return all(_says(term, event) is not term.negated for term in search.terms)


class _Then:
    """A message as it was at an event: its state and reason are the event's."""

    def __init__(self, message: Message, event: dict[str, Any]) -> None:
        self._message = message
        is_same = STATE_NAMES[message.state] == event["state"]
        self.state = message.state if is_same else _STATES[event["state"]]
        name = event.get("reason")
        self.reason = reasons.by_name(name).code if name else 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._message, name)


def _says(term: Term, event: dict[str, Any]) -> bool:
    """Whether an event that is of no message has one of the values in its fields."""
    if event["event"].startswith(("session.", "submit.")):
        event = {**event, "session": event["id"]}
    found = [fold(str(event[key])) for key in _KEYS.get(term.field, ()) if key in event]
    wanted = [fold(str(value)) for value in term.values]
    return any(
        value == each or (each.endswith("*") and value.startswith(each[:-1]))
        for value in found
        for each in wanted
    )
