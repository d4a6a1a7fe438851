"""Assigned numbers from lists: who holds which number or series, from when to when.

The regulator and the operators publish such lists daily. A list is CSV with a header; `replay` takes one list
after the other, so that a number's holder can be asked for at any moment. Dates are days in Norway.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator
from itertools import pairwise
from typing import NamedTuple

from smsc.routing.csvrows import CsvRow, read_rows
from smsc.routing.special import FOREVER, HeldNumber, Helpline, ShortCode, SpecialNumbers, midnight
from smsc.typed import compact

FIVE_DIGIT = "five_digit"
HELPLINE = "helpline"
SHORT_CODE = "short_code"
SERIES = "series"

_LENGTHS = {FIVE_DIGIT: (5,), HELPLINE: (6,), SHORT_CODE: (4, 5), SERIES: (3, 4, 5, 6, 8, 12)}
COLUMNS = (
    "kind",
    "first",
    "last",
    "holder",
    "service",
    "account",
    "sms",
    "price_nok",
    "keywords",
    "subscription",
    "from",
    "to",
)
_REQUIRED = ("kind", "first", "holder")


class Assignment(NamedTuple):
    """The numbers `first` to `last` (keys) in one holder's hands from `assigned_from` up to `assigned_to`.

    `holder` of a series is the operator's name. `account` is the system_id that takes the number's SMS.
    `keywords` of a short code are what leads to its provider, see `read_keywords`; of a `subscription` the
    price is that of each message that the provider sends.
    """

    kind: str
    first: int
    last: int
    holder: str
    service: str = ""
    account: str | None = None
    sms: bool = False
    price_nok: float = 0.0
    assigned_from: int = 0
    assigned_to: int = FOREVER
    keywords: str = ""
    subscription: bool = False


class Keyword(NamedTuple):
    """What a text must be to lead to a provider: `match` is exact, starts_with or wildcard."""

    match: str
    word: str


_MATCHES = {"=": "exact", "*": "wildcard"}
_MARKS = {match: mark for mark, match in _MATCHES.items()}
_LONGEST_WORD = 20


def read_keywords(text: str) -> tuple[Keyword, ...]:
    """Return the keywords of a list separated by `;`: `QUIZ` is what a text starts with, `=QUIZ` is the whole
    text, `*` is any text, as is an empty list. Raises ValueError."""
    keywords = []
    for item in text.split(";") if text.strip() else ["*"]:
        written = item.strip()
        match = _MATCHES.get(written[:1], "starts_with")
        word = " ".join(written.removeprefix(_MARKS.get(match, "")).split())
        if len(word) > _LONGEST_WORD or (not word and match != "wildcard"):
            raise ValueError(
                f"keywords {text!r}: {item!r} is not a word of 1 to {_LONGEST_WORD} characters, "
                "such as QUIZ, =QUIZ for the whole text, or * for any"
            )
        keywords.append(Keyword(match, word))
    if len(_said(keywords)) < len(keywords):
        raise ValueError(f"keywords {text!r}: the same word twice")
    return tuple(keywords)


def write_keywords(keywords: Iterable[Keyword]) -> str:
    """Return the text that `read_keywords` reads."""
    return ";".join(_MARKS.get(keyword.match, "") + keyword.word for keyword in keywords)


def _said(keywords: Iterable[Keyword]) -> set[Keyword]:
    """The keywords as texts are compared with them: without case."""
    return {Keyword(keyword.match, keyword.word.casefold()) for keyword in keywords}


def read_assignments(
    lines: Iterable[str], name: str = "list", accounts: Collection[str] | None = None
) -> list[Assignment]:
    """Return the assignments of CSV `lines`; the header names columns of COLUMNS, in any order.

    Required: kind (five_digit, helpline, short_code, series), first and holder. Numbers are national, with or
    without spaces; `last` is `first` when empty; `from` and `to` are ISO dates, `to` the first day without.
    Several rows may share a short code when their keywords differ. `accounts` are the known ones.
    """

    def read(row: CsvRow) -> Assignment:
        assignment = _assignment(row)
        account = assignment.account
        if accounts is not None and account is not None and account not in accounts:
            raise ValueError(f"account {account!r} is none of {', '.join(sorted(accounts)[:20])}")
        return assignment

    return list(read_rows(lines, read, required=_REQUIRED, known=COLUMNS, name=name))


def _assignment(fields: CsvRow) -> Assignment:
    kind = fields["kind"]
    if kind not in _LENGTHS:
        raise ValueError(f"kind {kind!r} is none of {', '.join(_LENGTHS)}")
    first = _key("first", fields["first"], kind)
    last = _key("last", fields.get("last") or fields["first"], kind)
    if first > last or len(str(first)) != len(str(last)):
        raise ValueError(f"last {fields.get('last')!r} is not a number of the same length after first")
    begin, end = fields.get("from", ""), fields.get("to", "")
    assignment = Assignment(
        kind=kind,
        first=first,
        last=last,
        holder=fields["holder"],
        service=fields.get("service", ""),
        account=fields.get("account") or None,
        sms=_truth("sms", fields.get("sms", "")),
        price_nok=_price(fields.get("price_nok", "")),
        assigned_from=_day("from", begin) if begin else 0,
        assigned_to=_day("to", end) if end else FOREVER,
        keywords=fields.get("keywords", ""),
        subscription=_truth("subscription", fields.get("subscription", "")),
    )
    if kind == SHORT_CODE:
        if fields["first"].startswith("0"):
            raise ValueError(f"first {fields['first']!r} is no short code: the first digit is not 0")
        read_keywords(assignment.keywords)
    elif assignment.keywords or assignment.subscription:
        raise ValueError(f"keywords and subscription are for a {SHORT_CODE}, not for a {kind}")
    if assignment.assigned_from >= assignment.assigned_to:
        raise ValueError(f"to {end!r} is not after from {begin!r}")
    return assignment


def _key(column: str, number: str, kind: str) -> int:
    digits = compact(number)
    if not (digits.isascii() and digits.isdigit()) or len(digits) not in _LENGTHS[kind]:
        expected = " or ".join(str(length) for length in _LENGTHS[kind])
        raise ValueError(f"{column} {number!r} is not a national number of {expected} digits")
    return int("47" + digits)


def _truth(column: str, value: str) -> bool:
    if value.lower() not in ("", "yes", "no", "true", "false", "1", "0"):
        raise ValueError(f"{column} {value!r} is not yes or no")
    return value.lower() in ("yes", "true", "1")


def _price(value: str) -> float:
    try:
        price = float(value or 0)
    except ValueError:
        price = -1.0
    if not 0 <= price < 1_000_000:
        raise ValueError(f"price_nok {value!r} is not an amount in kroner") from None
    return price


def _day(column: str, value: str) -> int:
    try:
        return midnight(value)
    except ValueError:
        raise ValueError(f"{column} {value!r} is not a date like 2026-01-31") from None


class Assignments:
    """Assignments over time. Of one kind, no two hold the same number at the same moment; of short codes, no
    two hold the same keyword."""

    def __init__(self, assignments: Iterable[Assignment] = ()) -> None:
        self._rows: dict[str, list[Assignment]] = {kind: [] for kind in _LENGTHS}
        self._widest = dict.fromkeys(_LENGTHS, 0)
        for kind, rows in _by_kind(assignments).items():
            self._set(kind, rows)

    def __iter__(self) -> Iterator[Assignment]:
        """Yield all assignments, by kind, number and time."""
        for rows in self._rows.values():
            yield from rows

    def at(self, kind: str, key: int, now: int) -> Assignment | None:
        """Return the assignment of `kind` that holds the number at `now`."""
        rows = self._rows[kind]
        place = bisect_right(rows, key, key=_first)
        while place:
            place -= 1
            row = rows[place]
            if row.first <= key <= row.last and row.assigned_from <= now < row.assigned_to:
                return row
            if row.first < key - self._widest[kind]:
                break
        return None

    def add(self, assignments: Iterable[Assignment]) -> None:
        """Add assignments; what is there already may come again.

        Raises ValueError, and adds nothing, when two hold one number at one moment.
        """
        merged = {}
        for kind, rows in _by_kind(assignments).items():
            known = set(self._rows[kind])
            merged[kind] = [*self._rows[kind], *(row for row in rows if row not in known)]
        for kind, rows in merged.items():
            _check_overlaps(kind, rows)
        for kind, rows in merged.items():
            self._set(kind, rows)

    def replay(self, listed: Iterable[Assignment], now: int) -> None:
        """Take the list that is true at `now`, which covers all numbers of the kinds that it mentions.

        What the list no longer has ends at `now`; what it has anew begins at `now`, or at its own date.
        Replay lists in the order of their dates. Raises ValueError, and takes nothing, as `add` does.
        """
        taken: dict[str, list[Assignment]] = {}
        for kind, rows in _by_kind(listed).items():
            wanted = {_identity(row): row for row in rows}
            kept = []
            for row in self._rows[kind]:
                current = row.assigned_from <= now < row.assigned_to
                if not current or wanted.pop(_identity(row), None) is not None:
                    kept.append(row)
                elif row.assigned_from < now:
                    kept.append(row._replace(assigned_to=now))
            begun = [row._replace(assigned_from=max(row.assigned_from, now)) for row in wanted.values()]
            taken[kind] = [*(row for row in kept if row.assigned_from <= now), *begun]
            _check_overlaps(kind, taken[kind])
        for kind, rows in taken.items():
            self._set(kind, rows)

    def special_numbers(self) -> SpecialNumbers:
        """Return the helplines, short codes and five-digit numbers, as the router takes them."""
        special = SpecialNumbers()
        for row in self._rows[HELPLINE]:
            for key in range(row.first, row.last + 1):
                special.add_helpline(
                    Helpline(
                        key, row.holder, row.service, row.assigned_from, row.assigned_to, row.sms, row.account
                    )
                )
        for code in _short_codes(self._rows[SHORT_CODE]):
            special.add_code(code)
        for row in self._rows[FIVE_DIGIT]:
            for key in range(row.first, row.last + 1):
                special.add_held(HeldNumber(key, row.holder, row.assigned_from, row.assigned_to, row.account))
        return special

    def _set(self, kind: str, rows: list[Assignment]) -> None:
        _check_overlaps(kind, rows)
        self._rows[kind] = sorted(rows, key=lambda row: (row.first, row.assigned_from))
        self._widest[kind] = max((row.last - row.first for row in rows), default=0)


def _short_codes(rows: Iterable[Assignment]) -> Iterator[ShortCode]:
    """Yield each code for each time in which the same providers share it; the first one listed is its own."""
    sharing: dict[int, list[Assignment]] = {}
    for row in rows:
        for key in range(row.first, row.last + 1):
            sharing.setdefault(key, []).append(row)
    for key, held in sharing.items():
        moments = sorted({moment for row in held for moment in (row.assigned_from, row.assigned_to)})
        for begin, end in pairwise(moments):
            now = [row for row in held if row.assigned_from <= begin < row.assigned_to]
            if now:
                accounts = [row.account for row in now if row.account is not None]
                yield ShortCode(
                    key,
                    next(iter(accounts), None),
                    now[0].price_nok,
                    now[0].service,
                    assigned_from=begin,
                    assigned_to=end,
                    sharing=tuple(accounts[1:]),
                )


def _first(row: Assignment) -> int:
    return row.first


def _identity(row: Assignment) -> Assignment:
    """An assignment without its dates: what two daily lists have in common."""
    return row._replace(assigned_from=0, assigned_to=FOREVER)


def _by_kind(assignments: Iterable[Assignment]) -> dict[str, list[Assignment]]:
    kinds: dict[str, list[Assignment]] = {}
    for row in assignments:
        kinds.setdefault(row.kind, []).append(row)
    return kinds


def _check_overlaps(kind: str, rows: list[Assignment]) -> None:
    """Raise ValueError when two rows hold one number at one moment."""
    open_rows: list[Assignment] = []
    for row in sorted(rows, key=_first):
        open_rows = [other for other in open_rows if other.last >= row.first]
        for other in open_rows:
            if row.assigned_from < other.assigned_to and other.assigned_from < row.assigned_to:
                if kind == SHORT_CODE and not _same_words(row, other):
                    continue
                raise ValueError(
                    f"{kind}: {row.first}-{row.last} ({row.holder}) overlaps "
                    f"{other.first}-{other.last} ({other.holder}) in time"
                    + (": give each of them keywords of its own" if kind == SHORT_CODE else "")
                )
        open_rows.append(row)


def _same_words(row: Assignment, other: Assignment) -> bool:
    """Whether two rows of one short code answer to the same keyword."""
    return not _said(read_keywords(row.keywords)).isdisjoint(_said(read_keywords(other.keywords)))
