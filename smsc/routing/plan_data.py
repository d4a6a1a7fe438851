"""Reads the number plan from `norway.toml`, applies the settings, and folds the rows into a digit tree.

Everything here runs once, on load; `numbering.py` is what runs per message.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from smsc.reasons import NONE, by_name

PLAN_FILE = Path(__file__).with_name("norway.toml")
LEGAL_LENGTHS = (3, 4, 5, 6, 8, 12)
MOST_ROWS = 254
"""A row's index travels in one octet, and the digit tree keeps one value for "no row"."""

_POLICY = {"yes": True, "no": False, "policy:yes": True, "policy:no": False}
_ROUTES = ("none", "subscriber", "owner", "emergency", "helpline", "code")


class NumberingRules(NamedTuple):
    """What a user may turn round: where sources conflict, and where this project chose for silent ones.

    `receive` and `send` turn a type's policy round: `{"fixed": True}` lets fixed lines receive SMS. Only rows
    marked `policy:` in the data obey, a sourced yes or no stays.
    """

    block_whole_film_range: bool = True
    """68050000-68069999 as the source prints it; False: 68050000-68059999, the 10 000 that it counts."""
    text_telephone_1412: bool = True
    """1412 takes no SMS; False: an ordinary short code, as the plan's own table has no 4-digit 14 series."""
    bare_emergency_numbers: bool = True
    """SMS to 110, 112 and 113 reach the same centres as 59555110, 59555112 and 59555113."""
    helpline_116006_assigned: bool = True
    """116006 is assigned to VO-linjen, as its own page says; False: unassigned, as Nkom's older page says."""
    prefix_00_on_international: bool = True
    """A 00 before an address of TON 1 is taken off; False: the address is malformed."""
    country_code_before_special: bool = True
    """+47 before a 3-, 4- or 5-digit number of the plan is accepted (+4702000)."""
    country_code_before_short_code: bool = False
    """+47 before an SMS short code is accepted, though short codes are no E.164 numbers."""
    short_codes_4: tuple[int, int] = (1000, 9999)
    short_codes_5: tuple[int, int] = (10000, 99999)
    receive: Mapping[str, bool] = {}
    send: Mapping[str, bool] = {}


class NumberType(NamedTuple):
    """A type of number: its names, what the router does with it, and the reason code when SMS is refused."""

    name: str
    en: str
    nb: str
    route: str
    reason: int


class PlanRow(NamedTuple):
    """One row of the plan: national numbers `first` to `last` of `digits` digits, leading zeros included."""

    first: int
    last: int
    digits: int
    type: str
    send_sms: str
    recv_sms: str
    charging: str
    notes: str
    source: str
    can_send: bool
    can_receive: bool
    reason: int
    prefix: bool
    overlay: bool
    kind: NumberType


class PlanError(ValueError):
    """The data file contradicts itself; the message names the row."""


@cache
def document() -> dict[str, Any]:
    """Return the parsed data file."""
    return tomllib.loads(PLAN_FILE.read_text(encoding="utf-8"))


@cache
def bounds(type_name: str) -> tuple[tuple[int, int], ...]:
    """Return the ranges of a type of number, each as the keys of its first and last number.

    Those are facts of the plan; what the rules drop or narrow is still in. Raises PlanError for a name
    that is no type.
    """
    if type_name not in document()["types"]:
        raise PlanError(f"no type of number is called {type_name!r}")
    rows = (row for row in document()["rows"] if row["type"] == type_name)
    return tuple((int("47" + row["from"]), int("47" + row["to"])) for row in rows)


def is_of(type_name: str, key: int) -> bool:
    """Tell whether the number with this key is of the type; each type has a length of its own."""
    return any(first <= key <= last for first, last in bounds(type_name))


def pattern(*type_names: str) -> str:
    """Return a regular expression of the national numbers of these types; only whole series have one."""
    series = []
    for first, last in (pair for name in type_names for pair in bounds(name)):
        low, high = str(first)[2:], str(last)[2:]
        rest = next((len(low) - at for at in range(len(low)) if low[at] != high[at]), 0)
        prefix = low[: len(low) - rest]
        if (low, high) != (prefix + "0" * rest, prefix + "9" * rest):
            raise PlanError(f"{low}-{high} is no whole series")
        series.append(f"{prefix}[0-9]{{{rest}}}")
    return "|".join(series)


def number_types(data: Mapping[str, Any]) -> dict[str, NumberType]:
    """Return the types of the data file by name. Raises PlanError."""
    types = {}
    for name, entry in data["types"].items():
        if entry["route"] not in _ROUTES:
            raise PlanError(f"type {name}: route {entry['route']!r} is none of {', '.join(_ROUTES)}")
        types[name] = NumberType(
            name, entry["en"], entry["nb"], entry["route"], by_name(entry["reason"]).code
        )
    return types


def plan_rows(rules: NumberingRules, data: Mapping[str, Any] | None = None) -> tuple[PlanRow, ...]:
    """Return the rows of the plan under `rules`, in the order of the data file. Raises PlanError."""
    data = document() if data is None else data
    types = number_types(data)
    for name in {*rules.receive, *rules.send}:
        if name not in types:
            raise PlanError(
                f"numbering rules name an unknown type {name!r}; known: {', '.join(sorted(types))}"
            )
    rows = tuple(
        _row(entry, types, data["sources"], rules) for entry in data["rows"] if not _dropped(entry, rules)
    )
    if len(rows) > MOST_ROWS:
        raise PlanError(f"the plan has {len(rows)} rows; at most {MOST_ROWS} are possible")
    return rows


def _dropped(entry: Mapping[str, Any], rules: NumberingRules) -> bool:
    return entry["type"] == "text_telephone_emergency" and not rules.text_telephone_1412


def _row(
    entry: Mapping[str, Any],
    types: Mapping[str, NumberType],
    sources: Mapping[str, str],
    rules: NumberingRules,
) -> PlanRow:
    first, last, where = entry["from"], entry["to"], f"row {entry['from']}-{entry['to']}"
    if entry["type"] not in types:
        raise PlanError(f"{where}: unknown type {entry['type']!r}")
    if entry["source"] not in sources:
        raise PlanError(f"{where}: unknown source {entry['source']!r}")
    kind = types[entry["type"]]
    if kind.name == "film_tv_fictitious" and not rules.block_whole_film_range:
        last = entry["counted_to"]
    low, high = int(first), int(last)
    if entry.get("overlay"):
        low, high = rules.short_codes_4 if len(first) == 4 else rules.short_codes_5
        if not 10 ** (len(first) - 1) <= low <= high < 10 ** len(first):
            raise PlanError(f"{where}: short codes {low}-{high} do not have {len(first)} digits")
    if len(first) != len(last) or low > high:
        raise PlanError(f"{where}: the bounds must have the same length and be in order")
    if len(first) not in LEGAL_LENGTHS and not entry.get("prefix"):
        raise PlanError(f"{where}: {len(first)} digits is no legal length")
    can_send = _allowed(entry["send"], rules.send.get(kind.name), where)
    can_receive = _allowed(entry["receive"], rules.receive.get(kind.name), where)
    if kind.route == "emergency" and len(first) == 3:
        can_receive = can_receive and rules.bare_emergency_numbers
    return PlanRow(
        first=low,
        last=high,
        digits=len(first),
        type=kind.name,
        send_sms=entry["send"],
        recv_sms=entry["receive"],
        charging=entry["charging"],
        notes=entry["notes"],
        source=sources[entry["source"]],
        can_send=can_send,
        can_receive=can_receive,
        reason=NONE if can_receive else kind.reason,
        prefix=entry.get("prefix", False),
        overlay=entry.get("overlay", False),
        kind=kind,
    )


def _allowed(value: str, override: bool | None, where: str) -> bool:
    if value not in _POLICY:
        raise PlanError(f"{where}: {value!r} is none of {', '.join(_POLICY)}")
    if override is not None and value.startswith("policy:"):
        return override
    return _POLICY[value]


class DigitTree:
    """Rows as a tree over the digits of a number, most significant first, packed into `octets`.

    A node is ten entries of two octets, big-endian: 0 no row, 1..255 row index + 1, from 256 on node + 256.
    `roots[n]` is the node for numbers of n digits, 0 when n is no legal length (node 0 is never used).
    """

    __slots__ = ("_nodes", "octets", "roots")

    def __init__(self, rows: Iterable[PlanRow]) -> None:
        self._nodes: list[list[int]] = [[0] * 10]
        roots = bytearray(19)
        for length in LEGAL_LENGTHS:
            roots[length] = self._new_node(0)
        numbered = [(index, row) for index, row in enumerate(rows) if not row.prefix]
        for index, row in sorted(numbered, key=lambda pair: pair[1].first - pair[1].last):
            self._paint(roots[row.digits], row.digits, row.first, row.last, index + 1)
        self.roots = bytes(roots)
        self.octets = b"".join(value.to_bytes(2, "big") for node in self._nodes for value in node)

    def _new_node(self, value: int) -> int:
        self._nodes.append([value] * 10)
        return len(self._nodes) - 1

    def _paint(self, node: int, length: int, first: int, last: int, value: int) -> None:
        """Let the numbers first..last of `length` digits below `node` read as `value`."""
        span = 10 ** (length - 1)
        entries = self._nodes[node]
        for digit in range(first // span, last // span + 1):
            low, high = max(first - digit * span, 0), min(last - digit * span, span - 1)
            if low == 0 and high == span - 1:
                entries[digit] = value
                continue
            if entries[digit] < 256:
                entries[digit] = 256 + self._new_node(entries[digit])
            self._paint(entries[digit] - 256, length - 1, low, high, value)
