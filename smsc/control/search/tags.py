"""Tags: names for searches, so that each of those who share a server finds its own messages with one term.

A tag is asked of each message when it is looked for, so it holds for what comes later too, and nothing is
written to messages. Tags are of this process: they end with it, or with a reset.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from smsc.control.errors import ControlError
from smsc.control.search.query import QueryError, Term, fold

MOST: Final = 200
_NAME: Final = re.compile(r"[\w.-]{1,64}")


class Tag(NamedTuple):
    """A search by name: as it was written, and its terms."""

    q: str
    terms: tuple[Term, ...]


class Tags:
    """The tags there are."""

    def __init__(self) -> None:
        self._known: dict[str, Tag] = {}

    def __iter__(self) -> Iterator[tuple[str, Tag]]:
        return iter(sorted(self._known.items()))

    def __contains__(self, name: str) -> bool:
        return fold(name) in self._known

    def put(self, name: str, q: str, terms: tuple[Term, ...]) -> None:
        """Define a tag, or define it anew. ControlError 422."""
        if not _NAME.fullmatch(name):
            raise ControlError(
                422,
                "Not a tag",
                f"{name!r}: expected at most 64 letters, digits, dots, minus signs, underscores",
            )
        if not terms or any(term.field == "tag" for term in terms):
            raise ControlError(
                422, "Not a tag", f"{name}: expected a search of one term or more, none of them tag:"
            )
        if len(self._known) >= MOST and name not in self:
            raise ControlError(409, "Too many tags", f"there are {MOST} tags already: delete one")
        self._known[fold(name)] = Tag(q, terms)

    def remove(self, name: str) -> None:
        """Define it no more. ControlError 404."""
        if self._known.pop(fold(name), None) is None:
            raise ControlError(404, "No such tag", f"there is no tag {name!r}")

    def clear(self) -> None:
        """There are none."""
        self._known.clear()

    def terms(self, name: str | int) -> tuple[Term, ...]:
        """What a tag that is known stands for."""
        return self._known[fold(str(name))].terms

    def resolve(self, terms: Iterable[Term]) -> Iterator[Term]:
        """The terms, with what a tag stands for in its place; a tag that is negated or one of several stays.
        QueryError for one that there is not."""
        for term in terms:
            if term.field != "tag":
                yield term
                continue
            for name in term.values:
                if str(name) not in self:
                    known = ", ".join(name for name, _ in self) or "none is defined"
                    raise QueryError(term.at, len(term.text), f"a tag that is defined ({known})")
            if term.negated or len(term.values) > 1:
                yield term
            else:
                yield from (each._replace(at=term.at) for each in self.terms(term.values[0]))
