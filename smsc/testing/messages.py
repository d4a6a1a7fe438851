"""A message as a test holds it: its state, its timeline, and long ones as one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from typing import Any

from smsc import reasons

__tracebackhide__ = True

_RUN = 4  # events of one kind in a row that a story tells one by one; of more only the first and the last
#: What receipts call the states.
STATES = {
    "DELIVRD": "delivered",
    "EXPIRED": "expired",
    "DELETED": "deleted",
    "UNDELIV": "undeliverable",
    "ACCEPTD": "accepted",
    "UNKNOWN": "unknown",
    "REJECTD": "rejected",
}


class MessageHandle:
    """A message as the API shows it: ``id``, ``text``, ``state``, ``reason``, ``attempts``, ``timeline``."""

    def __init__(self, row: dict[str, Any]) -> None:
        self._row = row

    def __getattr__(self, name: str) -> Any:
        try:
            return self._row[name]
        except KeyError:
            raise AttributeError(f"a message has no {name!r}; it has {', '.join(self._row)}") from None

    @property
    def timeline(self) -> list[dict[str, Any]]:
        """What happened, in order: ``at``, ``event``, ``reason``, ``detail``."""
        return list(self._row["events"])

    @property
    def is_final(self) -> bool:
        """Whether nothing more will happen to it."""
        return self._row["final_at"] is not None

    @property
    def code(self) -> str:
        """The one-time code in its text. AssertionError when there is none."""
        codes = self._row["codes"]
        assert codes, f"no one-time code in {self._row['text']!r}"
        return str(codes[0])

    def with_text(self, text: str) -> MessageHandle:
        """The same message with the text of all its parts."""
        return MessageHandle({**self._row, "text": text})

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return iter(self.timeline)

    def story(self) -> str:
        """The timeline as lines of text."""
        lines = [str(self)]
        for _, run in groupby(self.timeline, lambda event: (event["event"], event["reason"])):
            told = [f"  {event['at']}  {_told(event)}" for event in run]
            if len(told) > _RUN:
                told[1:-1] = [f"  ... {len(told) - 2} more of the same"]
            lines += told
        return "\n".join(lines)

    def __repr__(self) -> str:
        row = self._row
        return f"message {row['id']} {row['source']} -> {row['destination']} {row['state']} {row['text']!r}"


def whole_messages(
    parts: Iterable[MessageHandle], full: Callable[[str], MessageHandle]
) -> Iterator[MessageHandle]:
    """Messages with the parts of a long one put together, where all of them are among ``parts``.

    ``full`` asks for a message by its id with what a listing leaves out. A long message stands where its last
    part stood, with the id and timeline of its first; parts of which another is missing are left out.
    """
    begun: dict[tuple[Any, ...], dict[int, MessageHandle]] = {}
    for message in parts:
        told = full(message.id)
        place = told.concatenation
        if place is None:
            yield message
            continue
        key = (message.source, message.destination, place["reference"], place["parts"])
        there = begun.setdefault(key, {})
        there[place["part"]] = message
        if len(there) == place["parts"]:
            del begun[key]
            yield there[1].with_text(place["text"] or "".join(there[number].text for number in sorted(there)))


def refusals_of(session: dict[str, Any]) -> Iterator[str]:
    """A line for each submission that the session was refused lately."""
    for event in session["events"]:
        if event["event"] == "submit_refused":
            yield f"{session['system_id']}: submission refused: {_why(event['detail'])}"


def _why(name: str) -> str:
    """A reason's name and sentence; what the parser refused has a status only."""
    try:
        return f"{name}: {reasons.by_name(name).sentence}"
    except KeyError:
        return name


def _told(event: dict[str, Any]) -> str:
    return " ".join(str(event[key]) for key in ("event", "reason", "detail") if event[key])
