"""Subscribers as records and as CSV: what the API shows, what imports read and exports write.

A place belongs to the radio, of which this package knows nothing: callers say what stands in `zone`.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TextIO

from smsc.routing.csvrows import CsvRow, read_rows
from smsc.routing.plan_data import is_of
from smsc.routing.sim import iccid_of, imsi_of, valid_iccid, valid_imsi
from smsc.routing.subscribers import CONTENT, MO_SMS, SIM_NAMES, Registry, Subscriber
from smsc.typed import compact

BARRED_BITS = {"mo_sms": MO_SMS, "content": CONTENT}
COLUMNS = (
    "msisdn",
    "last",
    "sim",
    "powered",
    "memory_full",
    "barred",
    "nod_sms",
    "imsi",
    "iccid",
    "operator",
    "main",
    "zone",
)
REMOVED = "removed"
"""In the CSV column `sim`: the number lies in a range and is no subscriber."""

_LONGEST = 15  # digits of an E.164 number
_TRUTH = {"yes": True, "no": False, "true": True, "false": False, "1": True, "0": False}


def subscriber_to_record(subscriber: Subscriber, key: int) -> dict[str, Any]:
    """Return the subscriber that has number `key` as a record, ready for JSON, without place and password."""
    return {
        "msisdn": str(key),
        "sim": SIM_NAMES[subscriber.sim],
        "powered": subscriber.powered,
        "memory_full": subscriber.memory_full,
        "barred": [name for name, bit in BARRED_BITS.items() if subscriber.barred & bit],
        "nod_sms": subscriber.nod_sms,
        "imsi": imsi_of(subscriber, key),
        "iccid": iccid_of(subscriber, key),
        "operator": subscriber.operator,
        "main": str(subscriber.main) if subscriber.main else None,
    }


def apply_record(subscriber: Subscriber, record: Mapping[str, Any]) -> dict[str, Any]:
    """Set what `record` says and return the keys that are not known here (such as `zone`).

    Raises ValueError that names key, value and expectation, and changes nothing then. `msisdn` must agree.
    """
    checked = {key: _CHECKS[key](key, value) for key, value in record.items() if key in _CHECKS}
    if checked.pop("msisdn", subscriber.msisdn) != subscriber.msisdn:
        raise ValueError(f"msisdn {record['msisdn']!r} is not {subscriber.msisdn}")
    for key, value in checked.items():
        setattr(subscriber, key, value)
    return {key: value for key, value in record.items() if key not in _CHECKS}


def _sim(key: str, value: Any) -> int:
    if value not in SIM_NAMES:
        raise ValueError(f"{key} {value!r} is none of {', '.join(SIM_NAMES)}")
    return SIM_NAMES.index(value)


def _flag(key: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"{key} {value!r} is not true or false")
    return value


def _barred(key: str, value: Any) -> int:
    if isinstance(value, str) or not set(value) <= set(BARRED_BITS):
        raise ValueError(f"{key} {value!r} is not a list of {', '.join(BARRED_BITS)}")
    return sum(BARRED_BITS[name] for name in set(value))


def _imsi(key: str, value: Any) -> str | None:
    if value is not None and not valid_imsi(str(value)):
        raise ValueError(f"{key} {value!r} is not 15 digits")
    return value if value is None else str(value)


def _iccid(key: str, value: Any) -> str | None:
    if value is not None and not valid_iccid(str(value)):
        raise ValueError(f"{key} {value!r} is not 19 or 20 digits from 89 with a valid check digit")
    return value if value is None else str(value)


def _name(key: str, value: Any) -> str | None:
    if not (value is None or isinstance(value, str)):
        raise ValueError(f"{key} {value!r} is not a name")
    return value or None


def _key(key: str, value: Any) -> int:
    digits = "0" if value is None else compact(str(value)).removeprefix("+").removeprefix("00")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= _LONGEST):
        raise ValueError(f"{key} {value!r} is not a number of 1 to {_LONGEST} digits, country code first")
    return int(digits)


_CHECKS: dict[str, Callable[[str, Any], Any]] = {
    "msisdn": _key,
    "sim": _sim,
    "powered": _flag,
    "memory_full": _flag,
    "barred": _barred,
    "nod_sms": _flag,
    "imsi": _imsi,
    "iccid": _iccid,
    "operator": _name,
    "main": _key,
}


def _no_fault(key: int) -> None:
    return None


def read_subscribers(
    lines: Iterable[str],
    registry: Registry,
    place_of: Callable[[str], object],
    name: str = "list",
    password: str | None = None,
    fault_of: Callable[[int], str | None] = _no_fault,
) -> int:
    """Add the subscribers of a CSV to `registry` and return how many numbers the list has.

    The header names columns of COLUMNS in any order; only `msisdn` is required. A row with `last` is a range.
    `place_of` gives the place for the column `zone`, empty when there is none. Numbers that are known already
    are replaced and keep their password, others get `password`; ranges must not overlap. `fault_of` says
    what is wrong with a number. Raises ValueError that names line and column; the lines before it have been
    added then.
    """

    def read(row: CsvRow) -> int:
        return _read_row(row, registry, place_of, password, fault_of)

    return sum(read_rows(lines, read, required=("msisdn",), known=COLUMNS, name=name))


def _read_row(
    row: CsvRow,
    registry: Registry,
    place_of: Callable[[str], object],
    password: str | None,
    fault_of: Callable[[int], str | None],
) -> int:
    fields = {column: value for column, value in row.items() if value}
    first = _key("msisdn", fields.pop("msisdn", ""))
    last = _key("last", fields.pop("last", str(first)))
    place = place_of(fields.pop("zone", ""))
    if fields.get("sim") == REMOVED:
        return -int(registry.remove(first))
    subscriber = Subscriber(first)
    apply_record(subscriber, _typed(fields))
    for key in filter(None, (first, last, subscriber.main)):
        if fault := fault_of(key):
            raise ValueError(fault)
    if subscriber.nod_sms and not (first == last and is_of("mobile", first)):
        raise ValueError(f"nod_sms: only mobile numbers can use Nød-SMS, one in each row; {first} is not one")
    if first == last:
        subscriber.place = place
        known = registry.find(first)
        subscriber.password = password if known is None else known.password
        registry.add(subscriber)
        return int(known is None)
    if subscriber.imsi or subscriber.iccid or subscriber.main:
        raise ValueError(f"a range ({first}-{last}) cannot have one imsi, iccid or main")
    registry.add_range(
        first,
        last,
        sim=subscriber.sim,
        powered=subscriber.powered,
        memory_full=subscriber.memory_full,
        barred=subscriber.barred,
        nod_sms=subscriber.nod_sms,
        place=place,
        operator=subscriber.operator,
        password=password,
    )
    return last - first + 1


def _typed(fields: Mapping[str, str]) -> dict[str, Any]:
    """Give the CSV's strings the types of a record."""
    record: dict[str, Any] = dict(fields)
    for column in ("powered", "memory_full", "nod_sms"):
        if column in fields:
            if fields[column].lower() not in _TRUTH:
                raise ValueError(f"{column} {fields[column]!r} is not yes or no")
            record[column] = _TRUTH[fields[column].lower()]
    if "barred" in fields:
        record["barred"] = fields["barred"].split()
    return record


def write_subscribers(registry: Registry, file: TextIO, zone_of: Callable[[object], str]) -> None:
    """Write the whole registry as CSV: ranges, then single numbers, then the numbers taken out of ranges.

    `zone_of` names a subscriber's place. Derived IMSI and ICCID are left out, and so are passwords.
    """
    writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for first, last, prototype in registry.ranges():
        writer.writerow({**_row(prototype, first, zone_of), "last": last})
    for subscriber in sorted(registry.touched(), key=lambda found: found.msisdn):
        writer.writerow(_row(subscriber, subscriber.msisdn, zone_of))
    for key in sorted(registry.removed()):
        writer.writerow({"msisdn": key, "sim": REMOVED})


def _row(subscriber: Subscriber, key: int, zone_of: Callable[[object], str]) -> dict[str, object]:
    yes_no = ("no", "yes")
    return {
        "msisdn": key,
        "sim": SIM_NAMES[subscriber.sim],
        "powered": yes_no[subscriber.powered],
        "memory_full": yes_no[subscriber.memory_full],
        "barred": " ".join(name for name, bit in BARRED_BITS.items() if subscriber.barred & bit),
        "nod_sms": yes_no[subscriber.nod_sms],
        "imsi": subscriber.imsi or "",
        "iccid": subscriber.iccid or "",
        "operator": subscriber.operator or "",
        "main": subscriber.main or "",
        "zone": zone_of(subscriber.place),
    }
