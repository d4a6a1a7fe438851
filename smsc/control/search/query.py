"""The grammar of a search for messages: `to:4790000001 state:expired since:10m "exact words" -not`. Pure.

A search is a row of terms, and a message is found when all of them hold. A term is a field, a colon and a
value (several values with commas between them: one of them must hold), a word, or words in quotes; a minus
before it turns it round. Upper and lower case are the same everywhere. A value with a space or comma in it
stands in quotes.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final, NamedTuple

from smsc import reasons
from smsc.durations import parse_duration
from smsc.moments import milliseconds

LONGEST: Final = 1000
"""Characters of a search."""
MOST_TERMS: Final = 50

#: What `state:` may ask for -> the stages that it means; a stage is what the API shows beside the state.
STATES: Final[dict[str, tuple[str, ...]]] = {
    "scheduled": ("scheduled",),
    "held": ("held",),
    "waiting": ("waiting",),
    "underway": ("underway",),
    "delivered": ("delivered",),
    "expired": ("expired",),
    "deleted": ("deleted",),
    "undeliverable": ("undeliverable",),
    "accepted": ("accepted",),
    "unknown": ("unknown",),
    "rejected": ("rejected",),
    "refused": ("refused",),
    "enroute": ("scheduled", "waiting", "underway"),
    "failed": ("undeliverable",),
    "unfinished": ("scheduled", "held", "waiting", "underway"),
    "finished": ("delivered", "expired", "deleted", "undeliverable", "accepted", "unknown", "rejected"),
}
KINDS: Final = ("message", "receipt", "notice", "any")
PARTS: Final = ("code", "link")

_MOMENT: Final = re.compile(
    r"\d{4}-\d\d-\d\d(?:[Tt]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(?:[Zz]|[+-]\d\d:\d\d)?)?", re.ASCII
)
_TERM: Final = re.compile(r'(?P<minus>-?)(?:(?P<field>[A-Za-z]+):(?!//))?(?P<value>(?:"[^"]*"|[^\s"])*)')
_VALUE: Final = re.compile(r'"(?P<quoted>[^"]*)"|(?P<plain>[^,"]+)')


class QueryError(ValueError):
    """A search that makes no sense: where (from 0), how many characters, and what would be right."""

    def __init__(self, at: int, length: int, expected: str) -> None:
        super().__init__(expected)
        self.at = at
        self.length = length
        self.expected = expected

    def sentence(self, text: str) -> str:
        """The error as people want to read it."""
        given = text[self.at : self.at + self.length]
        where = f"at {given!r}, character {self.at + 1}" if given else f"at its end, character {self.at + 1}"
        return f"The search is wrong {where}: expected {self.expected}."


class Term(NamedTuple):
    """One condition. `field` is empty for words of the text; `values` are checked and read already: moments
    in ms for `since` and `before`, stages for `state`, names of reasons for `reason`, numbers for `session`
    and `id`, else text in lower case but for `from`, `to` and `system`. `exact` words are looked for in the
    text only."""

    field: str
    values: tuple[str | int, ...]
    negated: bool
    exact: bool
    at: int
    text: str = ""


def parse(text: str, now: int) -> tuple[Term, ...]:
    """The terms of a search; `now` (ms) is what `since:10m` counts from. QueryError."""
    if len(text) > LONGEST:
        raise QueryError(LONGEST, len(text) - LONGEST, f"at most {LONGEST} characters")
    terms: list[Term] = []
    at = _skip(text, 0)
    while at < len(text):
        if len(terms) == MOST_TERMS:
            raise QueryError(at, len(text) - at, f"at most {MOST_TERMS} terms")
        found = _TERM.match(text, at)
        assert found is not None
        if found.end() < len(text) and text[found.end()] == '"':
            raise QueryError(found.end(), 1, "another quotation mark that ends the words")
        terms.append(_term(found, now))
        at = _skip(text, found.end())
    return tuple(terms)


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at].isspace():
        at += 1
    return at


def _term(found: re.Match[str], now: int) -> Term:
    field, value, at = (found["field"] or "").lower(), found["value"], found.start()
    if found["field"] is None:
        is_quoted = value.startswith('"') and value.endswith('"') and value.count('"') == 2
        words = fold(value[1:-1] if is_quoted else value.replace('"', ""))
        if not words.strip():
            expected = "a word behind the minus" if found["minus"] else "words between the quotation marks"
            raise QueryError(at, len(found[0]), expected)
        return Term("", (words,), bool(found["minus"]), is_quoted, at, found[0])
    if field not in _READERS:
        raise QueryError(
            found.start("field"),
            len(found["field"]) + 1,
            f"a field, one of {', '.join(f'{name}:' for name in _READERS)}, or the words in quotes "
            f'when they are looked for: "{found["field"]}:{value}"',
        )
    read, expected = _READERS[field]
    values: list[str | int] = []
    for each in _VALUE.finditer(value):
        try:
            plain = each["plain"] if each["quoted"] is None else each["quoted"]
            values.extend(read(plain.strip(), now))
        except ValueError as error:
            raise QueryError(
                found.start("value") + each.start(), len(each[0]), str(error) or expected
            ) from None
    if not values:
        raise QueryError(found.end(), 0, f"{expected} behind {field}:")
    return Term(field, tuple(values), bool(found["minus"]), False, at, found[0])


# --- values --------------------------------------------------------------------------------------


def _plain(text: str, _now: int) -> list[str | int]:
    if not text or text == "*":
        raise ValueError
    return [text]


def _folded(text: str, now: int) -> list[str | int]:
    return [fold(str(value)) for value in _plain(text, now)]


def _choice(choices: tuple[str, ...]) -> Callable[[str, int], list[str | int]]:
    def read(text: str, _now: int) -> list[str | int]:
        if text.lower() not in choices:
            raise ValueError
        return [text.lower()]

    return read


def _state(text: str, _now: int) -> list[str | int]:
    if text.lower() not in STATES:
        raise ValueError
    return list(STATES[text.lower()])


def _reason(text: str, _now: int) -> list[str | int]:
    """A reason by its whole name or by words of it: `absent` is each reason that begins so."""
    wanted = text.lower()
    names = [reason.name for reason in reasons.REASONS if reason is not None and reason.name]
    if wanted in names:
        return [wanted]
    for found in ([n for n in names if n.startswith(wanted)], [n for n in names if wanted in n]):
        if wanted and found:
            return list(found)
    near = sorted(names, key=lambda name: -len(set(name.split("_")) & set(re.split(r"[_\W]+", wanted))))[:3]
    raise ValueError(f"a reason or the beginning of one, such as absent or {', '.join(near)}")


def _number(text: str, _now: int) -> list[str | int]:
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise ValueError
    return [int(text)]


def _ident(text: str, now: int) -> list[str | int]:
    """Of a refused submission the id has an r before its number; here that is a number below 0."""
    is_refused = text[:1] in ("r", "R")
    (number,) = _number(text[is_refused:], now)
    return [-int(number) if is_refused else number]


def _since(text: str, now: int) -> list[str | int]:
    if _MOMENT.fullmatch(text):
        try:
            moment = datetime.fromisoformat(text.upper())
        except ValueError:
            raise ValueError("a day and hour that exist") from None
        return [milliseconds(moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment)]
    if not any(char.isalpha() for char in text):
        raise ValueError
    try:
        return [now - parse_duration(text)]
    except ValueError:
        raise ValueError from None


_WHEN: Final = "a duration before now such as 10m or 2h, or a moment in UTC such as 2026-01-01T12:00"
_READERS: Final[dict[str, tuple[Callable[[str, int], list[str | int]], str]]] = {
    "from": (_plain, "a number or a sender's name, with * at its end for a beginning"),
    "to": (_plain, "a number, with * at its end for a beginning"),
    "state": (_state, f"one of {', '.join(STATES)}"),
    "reason": (_reason, "a reason or the beginning of one, such as absent"),
    "system": (_plain, "a system_id, with * at its end for a beginning"),
    "session": (_number, "the id of a session"),
    "kind": (_choice(KINDS), f"one of {', '.join(KINDS)}"),
    "zone": (_folded, "the name of a zone"),
    "tag": (_folded, "the name of a tag"),
    "since": (_since, _WHEN),
    "before": (_since, _WHEN),
    "has": (_choice(PARTS), f"one of {', '.join(PARTS)}"),
    "id": (_ident, "the id of a message"),
}
FIELDS: Final = tuple(_READERS)


# --- upper and lower case ------------------------------------------------------------------------

# Each character by itself, so that what is found does not depend on its neighbours.
_ALONE: Final = {0x130: "i", 0x3A3: "σ", 0x3C2: "σ"}


def fold(text: str) -> str:
    """The text in lower case, character by character."""
    if not text.isascii() and ("Σ" in text or "ς" in text or "İ" in text):
        text = text.translate(_ALONE)
    return text.lower()
