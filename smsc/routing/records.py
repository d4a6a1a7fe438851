"""Subscribers as records and as CSV: what the API shows, what imports read and exports write.

A place belongs to the radio, of which this package knows nothing: callers say what stands in `zone`.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, NamedTuple, TextIO, TypeVar

from smsc.routing.csvrows import CsvRow, read_rows
from smsc.routing.plan_data import is_of
from smsc.routing.sim import iccid_of, imsi_of
from smsc.routing.subscribers import Registry, Subscriber
from smsc.subscriber_fields import BY_NAME, FIELDS, SHOWN, read_key

T = TypeVar("T")
COLUMNS = ("msisdn", "last", *(field.name for field in SHOWN), "zone")
_ROWS = 50  # written in one step
_PLACES = 200  # of the registry's table looked at in one step
REMOVED = "removed"
"""In the CSV column `sim`: the number lies in a range and is no subscriber."""


def subscriber_to_record(subscriber: Subscriber, key: int) -> dict[str, Any]:
    """Return the subscriber that has number `key` as a record, ready for JSON, without place and password."""
    record = {field.name: field.show(getattr(subscriber, field.name)) for field in SHOWN}
    cards = {"imsi": imsi_of(subscriber, key), "iccid": iccid_of(subscriber, key)}
    return {"msisdn": str(key), **record, **cards}


def apply_record(subscriber: Subscriber, record: Mapping[str, Any]) -> dict[str, Any]:
    """Set what `record` says and return the keys that are not known here (such as `zone`).

    Raises ValueError that names key, value and expectation, and changes nothing then. `msisdn` must agree.
    """
    if read_key("msisdn", record.get("msisdn", subscriber.msisdn)) != subscriber.msisdn:
        raise ValueError(f"msisdn {record['msisdn']!r} is not {subscriber.msisdn}")
    _set(subscriber, {field.name: field.read(record[field.name]) for field in SHOWN if field.name in record})
    own = {"msisdn", *(field.name for field in SHOWN)}
    return {key: value for key, value in record.items() if key not in own}


def _set(subscriber: Subscriber, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        setattr(subscriber, name, value)


def _no_fault(key: int) -> None:
    return None


def _as_it_is(subscriber: Subscriber) -> None:
    return None


class Listed(NamedTuple):
    """What a row of a list says of the numbers `first` to `last`: they are like `subscriber`, or, where that
    is None, the one number is taken out of its range."""

    first: int
    last: int
    subscriber: Subscriber | None


def listed_rows(
    lines: Iterable[str],
    place_of: Callable[[str], object],
    take: Callable[[Listed], T],
    name: str = "list",
    fault_of: Callable[[int], str | None] = _no_fault,
) -> Iterator[T]:
    """Yield what `take` makes of each row of a CSV of subscribers.

    The header names columns of COLUMNS in any order; only `msisdn` is required. A row with `last` is a range.
    `place_of` gives the place for the column `zone`, empty when there is none, and `fault_of` says what is
    wrong with a number. Raises ValueError that names line and column, also for one that `take` raises.
    """

    def read(row: CsvRow) -> T:
        return take(_listed(row, place_of, fault_of))

    return read_rows(lines, read, required=("msisdn",), known=COLUMNS, name=name)


def read_subscribers(
    lines: Iterable[str],
    registry: Registry,
    place_of: Callable[[str], object],
    name: str = "list",
    password: str | None = None,
    fault_of: Callable[[int], str | None] = _no_fault,
) -> int:
    """Add the subscribers of a CSV (see `listed_rows`) to `registry` and return how many numbers it has.

    Numbers that are known already are replaced and keep their password, others get `password`; ranges must
    not overlap. When ValueError is raised the lines before it have been added.
    """

    def take(row: Listed) -> int:
        subscriber = row.subscriber
        if subscriber is None:
            return -int(registry.remove(row.first))
        if row.first == row.last:
            known = registry.find(row.first)
            subscriber.password = password if known is None else known.password
            registry.add(subscriber)
            return int(known is None)
        subscriber.password = password
        registry.add_range(row.first, row.last, place=subscriber.place, **fields_of(subscriber))
        return row.last - row.first + 1

    return sum(listed_rows(lines, place_of, take, name, fault_of))


def fields_of(subscriber: Subscriber) -> dict[str, Any]:
    """All that is said of a subscriber but number and place, in the registry's form."""
    return {field.name: getattr(subscriber, field.name) for field in FIELDS}


def _listed(row: CsvRow, place_of: Callable[[str], object], fault_of: Callable[[int], str | None]) -> Listed:
    fields = {column: value for column, value in row.items() if value}
    first = read_key("msisdn", fields.pop("msisdn", ""))
    last = read_key("last", fields.pop("last", str(first)))
    zone = fields.pop("zone", "")
    if fields.get("sim") == REMOVED:
        if first != last:
            raise ValueError(f"numbers are removed one in each row, not {first}-{last}")
        if zone:
            place_of(zone)
        return Listed(first, first, None)
    subscriber = Subscriber(first)
    subscriber.place = place_of(zone)
    _set(subscriber, {name: BY_NAME[name].read_text(text) for name, text in fields.items()})
    for key in filter(None, (first, last, subscriber.main)):
        if fault := fault_of(key):
            raise ValueError(fault)
    if subscriber.nod_sms and not (first == last and is_of("mobile", first)):
        raise ValueError(f"nod_sms: only mobile numbers can use Nød-SMS, one in each row; {first} is not one")
    if first != last:
        single = [
            field.name
            for field in FIELDS
            if field.single and getattr(subscriber, field.name) != field.default
        ]
        if single:
            raise ValueError(f"a range ({first}-{last}) cannot have one {' or '.join(single)}")
    return Listed(first, last, subscriber)


def write_subscribers(registry: Registry, file: TextIO, zone_of: Callable[[object], str]) -> None:
    """Write the whole registry as CSV, see `written_subscribers`."""
    for _ in written_subscribers(registry, file, zone_of):
        pass


def written_subscribers(
    registry: Registry,
    file: TextIO,
    zone_of: Callable[[object], str],
    refresh: Callable[[Subscriber], object] = _as_it_is,
) -> Iterator[None]:
    """Write the whole registry as CSV: ranges, then single numbers, then the numbers taken out of ranges.

    `zone_of` names a subscriber's place, and `refresh` sees an own object before it is written. Derived IMSI
    and ICCID are left out, and so are passwords. Yields after some rows each; what changes meanwhile is
    written as it was before or as it is afterwards, each number for itself.
    """
    writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
    writer.writeheader()
    removed: set[int] = set()
    yield from _collect(registry, removed)  # one that comes back meanwhile may not be seen as own any more
    key = 0
    while ranges := registry.ranges_after(key, _ROWS):
        for first, last, prototype in ranges:
            writer.writerow({**_row(prototype, first, zone_of), "last": last})
        key = ranges[-1][0]
        yield
    key = 0
    while page := list(islice(registry.own_after(key), _ROWS)):
        for subscriber in page:
            refresh(subscriber)
            writer.writerow(_row(subscriber, subscriber.msisdn, zone_of))
        key = page[-1].msisdn
        yield
    yield from _collect(registry, removed)  # one that went meanwhile may not have been seen as own
    gone = iter(sorted(removed))
    while keys := list(islice(gone, _ROWS)):
        writer.writerows([{"msisdn": key, "sim": REMOVED} for key in keys])
        yield


def _collect(registry: Registry, removed: set[int]) -> Iterator[None]:
    for keys in registry.removed_in_pieces(_PLACES):
        removed.update(keys)
        yield


def _row(subscriber: Subscriber, key: int, zone_of: Callable[[object], str]) -> dict[str, object]:
    columns = {field.name: field.write_text(getattr(subscriber, field.name)) for field in SHOWN}
    return {"msisdn": key, **columns, "zone": zone_of(subscriber.place)}
