"""Lays one configuration over another: lists merge by the key of their rows, and every row knows its origin.

A row that both have takes the upper one's keys, and keeps the lower one's where the upper says nothing. A row
with `remove = true` takes the lower row away, and with it what the lower configuration said of it elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from smsc.config.base import handset_key, number_key

Loc = tuple[str | int, ...]
Rows = list["Row"]

REMOVE = "remove"
#: Every list of tables, and what makes two rows the same one. Rows without a key (faults) are added.
KEYS: Mapping[Loc, tuple[str, ...]] = {
    ("zones",): ("name",),
    ("outages",): ("county", "cell"),
    ("subscribers",): ("msisdn", "first", "last"),
    ("esmes",): ("system_id",),
    ("helplines",): ("number",),
    ("codes",): ("code",),
    ("operators",): ("name",),
    ("lists",): ("name",),
    ("default_messages",): ("id",),
    ("outbinds",): ("system_id", "host", "port"),
    ("contacts", "organisations"): ("number",),
    ("contacts", "tokens"): ("token",),
    ("contacts", "persons"): ("identifier",),
    ("faults",): (),
}
#: Where rows are named elsewhere: the list they stand in, the table or list that names them, the key there.
_NAMED: tuple[tuple[Loc, Loc, str], ...] = (
    (("zones",), ("subscribers",), "zone"),
    (("operators",), ("subscribers",), "operator"),
    (("esmes",), ("helplines",), "account"),
    (("esmes",), ("codes",), "account"),
    (("esmes",), ("outbinds",), "system_id"),
    (("esmes",), ("emergency", "centres"), ""),
    (("contacts", "organisations"), ("contacts", "tokens"), "organisation"),
    (("contacts", "organisations"), ("contacts", "tokens"), "on_behalf_of"),
    (("contacts", "organisations"), ("contacts", "organisations"), "acts_for"),
)
#: Rows that are nothing without what they name; of others only the key goes.
_NEEDED = {("codes", "account"), ("outbinds", "system_id"), ("tokens", "organisation")}
#: Keys of which a row has one: the upper one's takes the place of the lower one's.
_ONE_OF = ({"zone", "position", "track", "gpx"}, {"county", "cell"})
_NOTHING = 'there is none; extends = "demo" would bring some'
#: Tables that are one value: a circle's radius does not go with a line's points.
_WHOLE = {"geometry", "position"}


class Origin(NamedTuple):
    """Where a row was written: the layer's place in the pile, and the path in it."""

    layer: int
    loc: Loc


class Row(dict[str, Any]):
    """A row of a list, and where its keys were written, the uppermost first."""

    origins: tuple[Origin, ...] = ()


class WrongRemoval(Exception):
    """A row that takes away what is not there; says where it stands and what would be right."""

    def __init__(self, origin: Origin, expected: str) -> None:
        super().__init__(expected)
        self.origin = origin
        self.expected = expected


def pile_up(layers: list[Mapping[str, Any]], *, extending: bool) -> dict[str, Any]:
    """The layers as one configuration, the last one uppermost; lists merge by key only where `extending`.

    Raises WrongRemoval. Nothing of the layers is changed."""
    merged: dict[str, Any] = {}
    for index, layer in enumerate(layers):
        merged = _over(merged, layer, (), _Layer(index, extending))
    return merged


class _Layer(NamedTuple):
    number: int
    extending: bool


def _over(lower: dict[str, Any], upper: Mapping[str, Any], path: Loc, layer: _Layer) -> dict[str, Any]:
    """Tables merge key by key, lists of rows by the rows' key, everything else is replaced."""
    merged = dict(lower)
    removed: list[tuple[Loc, str]] = []
    for key, value in upper.items():
        here, below = (*path, key), lower.get(key)
        if here in KEYS and _is_rows(value):
            rows = _told(value, here, layer.number)
            if layer.extending or any(REMOVE in row for row in rows):
                rows = _merged_rows(_rows(below) if layer.extending else [], rows, here)
                removed += [(here, gone) for gone in _gone(value, here)]
            merged[key] = rows
        elif isinstance(value, Mapping) and key not in _WHOLE:
            merged[key] = _over(below if isinstance(below, dict) else {}, value, here, layer)
        else:
            merged[key] = value
    for where, name in removed:
        _forget(merged, path, where, name)
    return merged


def _is_rows(value: object) -> bool:
    return isinstance(value, (list, tuple)) and all(isinstance(row, Mapping) for row in value)


def _rows(value: object) -> Rows:
    return [row for row in value if isinstance(row, Row)] if isinstance(value, list) else []


def _told(rows: Any, path: Loc, layer: int) -> Rows:
    """The rows of one layer, which know from now on where they stand."""
    told = []
    for index, row in enumerate(rows):
        one = Row(row)
        one.origins = (Origin(layer, (*path, index)),)
        told.append(one)
    return told


# --- One list over another ---


def _merged_rows(lower: Rows, upper: Rows, path: Loc) -> Rows:
    merged = list(lower)
    replaced: set[object] = set()
    for row in upper:
        key = key_of(row, path)
        there = [one for one in merged if key is not None and key_of(one, path) == key]
        if REMOVE in row:
            merged = _without(merged, row, there, path)
        elif key in replaced or not there:
            merged.append(row)
        elif len(there) == 1 and sum(key_of(one, path) == key for one in upper) == 1:
            merged[merged.index(there[0])] = _on_top(there[0], row)
        else:  # several rows with one key, as a code's providers: the upper layer says all of them
            merged = [one for one in merged if one not in there] + [row]
        replaced.add(key)
    return merged


def _on_top(lower: Row, upper: Row) -> Row:
    given = upper.keys()
    dropped = {key for group in _ONE_OF if group & given for key in group}
    row = Row({key: value for key, value in lower.items() if key not in dropped})
    for key, value in upper.items():
        below = row.get(key)
        nested = isinstance(below, Mapping) and isinstance(value, Mapping) and key not in _WHOLE
        row[key] = {**below, **value} if nested and isinstance(below, Mapping) else value
    row.origins = (*upper.origins, *lower.origins)
    return row


def _without(rows: Rows, removal: Row, there: Rows, path: Loc) -> Rows:
    if removal[REMOVE] is not True:
        raise WrongRemoval(removal.origins[0], "remove = true, or the key left out")
    if there:
        return [row for row in rows if row not in there]
    span = _span(removal) if path == ("subscribers",) else None
    if span is not None and any(_holds(row, span) for row in rows):
        return [piece for row in rows for piece in _cut(row, span)]
    known = ", ".join(dict.fromkeys(_shown(row, path) for row in rows[:20]))
    names = " and ".join(KEYS[path]) if path != ("subscribers",) else "msisdn, or first and last,"
    raise WrongRemoval(removal.origins[0], f"the {names} of a row below this one ({known or _NOTHING})")


def _gone(rows: Any, path: Loc) -> Iterator[str]:
    """The names that a layer's rows take away from a list whose rows have names."""
    if len(KEYS[path]) == 1:
        yield from (str(row.get(KEYS[path][0])) for row in rows if row.get(REMOVE) is True)


def _forget(merged: dict[str, Any], path: Loc, where: Loc, name: str) -> None:
    """Take away what names a row that is gone."""
    for named, place, key in _NAMED:
        if named != where or place[: len(path)] != path:
            continue
        table: dict[str | int, Any] = merged  # type: ignore[assignment]
        last = place[-1]
        for step in place[len(path) : -1]:
            table[step] = dict(table.get(step, {}))  # the layer's own one stays as it is
            table = table[step]
        held = table.get(last)
        if isinstance(held, dict):
            table[last] = {centre: system_id for centre, system_id in held.items() if system_id != name}
        elif isinstance(held, list):
            table[last] = [
                row for row in (_forgetting(row, last, key, name) for row in held) if row is not None
            ]


def _forgetting(row: Any, table: str | int, key: str, name: str) -> Any:
    if not isinstance(row, Row) or key not in row:
        return row
    if isinstance(row[key], list):
        left: Any = [one for one in row[key] if one != name]
    elif row[key] != name:
        return row
    elif (table, key) in _NEEDED:
        return None
    else:
        left = None
    other = Row({**row, key: left} if left is not None else {k: v for k, v in row.items() if k != key})
    other.origins = row.origins
    return other


# --- Keys ---


def key_of(row: Mapping[str, Any], path: Loc) -> object | None:
    """What makes a row that row, None when it has no key: a number is the same in every dialling form."""
    names = KEYS[path]
    values = tuple(_normal(name, row.get(name)) for name in names)
    return values if any(value is not None for value in values) else None


_READERS: Mapping[str, Callable[[object], int]] = {
    "msisdn": handset_key,
    "first": handset_key,
    "last": handset_key,
    "number": number_key,
    "code": number_key,
}


def _normal(name: str, value: object) -> object:
    try:
        return _READERS[name](value) if name in _READERS else value
    except ValueError:
        return str(value)


def _shown(row: Mapping[str, Any], path: Loc) -> str:
    return "-".join(str(row[name]) for name in KEYS[path] if row.get(name) is not None)


def _span(row: Mapping[str, Any]) -> tuple[int, int] | None:
    """The numbers of a row of subscribers, None when they cannot be read."""
    first = row.get("first", row.get("msisdn"))
    try:
        low, high = handset_key(first), handset_key(row.get("last", first))
    except ValueError:
        return None
    return (low, high) if low <= high else None


def _holds(row: Row, span: tuple[int, int]) -> bool:
    own = _span(row) if "first" in row else None
    return own is not None and own[0] <= span[0] and span[1] <= own[1]


def _cut(row: Row, span: tuple[int, int]) -> Iterator[Row]:
    """What is left of a row when the numbers of `span` are taken out of it."""
    own = _span(row)
    if own is None or not _holds(row, span):
        yield row
        return
    for first, last in ((own[0], span[0] - 1), (span[1] + 1, own[1])):
        if first <= last:
            piece = Row({**row, "first": str(first), "last": str(last)})
            piece.origins = row.origins
            yield piece
