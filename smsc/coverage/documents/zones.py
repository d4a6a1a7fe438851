"""Zones and outages as JSON: reading with a clear error, writing what the control API shows."""

from collections.abc import Mapping, Sequence

from smsc.coverage.documents.moments import read_duration, read_moment, write_moment
from smsc.coverage.errors import CoverageError
from smsc.coverage.geometry import Shape, read_shape
from smsc.coverage.norway import county_id
from smsc.coverage.outages import FOREVER, Outage
from smsc.coverage.place import LOSS_BY_RECEPTION, RECEPTION_NAMES, UPLINK_NAMES, Zone

ZONE_FIELDS = ("coverage", "uplink", "loss", "latency", "outages", "geometry", "county")
_OUTAGE_FIELDS = ("from", "to", "duration", "every", "until", "note")


def read_zone(zone: Zone, body: Mapping[str, object], now: int) -> None:
    """Set on `zone` what `body` names; null means the default. CoverageError sets nothing.

    `loss` null: by coverage (good 0, weak 0.3). `latency`: seconds, or a text like "2s". An outage without
    `from` starts at `now` (ms).
    """
    values = {
        field: _READERS[field](value, f"{zone.name}.{field}", now)
        for field, value in _known(body, zone).items()
    }
    for field, value in values.items():
        setattr(zone, _ATTRIBUTES.get(field, field), value)


def write_zone(zone: Zone) -> dict[str, object]:
    """Return the JSON form: name, coverage, uplink, loss in force, latency (s), outages, geometry, county."""
    loss = zone.own_loss if zone.own_loss >= 0.0 else LOSS_BY_RECEPTION[zone.coverage]
    return {
        "name": zone.name,
        "coverage": RECEPTION_NAMES[zone.coverage],
        "uplink": UPLINK_NAMES[zone.uplink],
        "loss": loss,
        "latency": zone.latency,
        "outages": [write_outage(outage) for outage in zone.outages],
        "geometry": None if zone.geometry is None else zone.geometry.as_dict(),
        "county": zone.county,
        "synthetic": zone.synthetic,
    }


def record_zone(zone: Zone) -> dict[str, object]:
    """Return what `read_zone` needs to make the same zone again, e.g. after a restart."""
    record = write_zone(zone)
    del record["name"], record["synthetic"]
    if zone.own_loss < 0.0:
        record["loss"] = None
    return record


def read_outages(value: object, field: str, now: int) -> tuple[Outage, ...]:
    """Return the outages of a list of {from, to | duration, every, until, note}; null and [] are none."""
    if value is None:
        return ()
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise CoverageError(field, value, "a list of outages")
    return tuple(_read_outage(outage, f"{field}[{index}]", now) for index, outage in enumerate(value))


def write_outage(outage: Outage) -> dict[str, object]:
    """Return the JSON form of an outage; every in seconds, to and until null when open."""
    return {
        "from": write_moment(outage.start),
        "to": write_moment(outage.end),
        "every": outage.every / 1000 if outage.every else None,
        "until": write_moment(outage.last),
        "note": outage.note,
    }


def _read_outage(value: object, field: str, now: int) -> Outage:
    if not isinstance(value, Mapping):
        raise CoverageError(field, value, "an object with from, to or duration, every, until, note")
    for name in value:
        if name not in _OUTAGE_FIELDS:
            raise CoverageError(f"{field}.{name}", value[name], "one of " + ", ".join(_OUTAGE_FIELDS))
    start, to, every = value.get("from"), value.get("to"), value.get("every")
    duration, until, note = value.get("duration"), value.get("until"), value.get("note", "")
    begin = now if start is None else read_moment(start, f"{field}.from")
    end = FOREVER if to is None else read_moment(to, f"{field}.to")
    if duration is not None:
        if to is not None:
            raise CoverageError(f"{field}.duration", duration, "either to or duration, not both")
        end = begin + read_duration(duration, f"{field}.duration")
    period = 0 if every is None else read_duration(every, f"{field}.every")
    last = FOREVER if until is None else read_moment(until, f"{field}.until")
    if end <= begin:
        raise CoverageError(f"{field}.to", to if duration is None else duration, "an end after the start")
    if every is not None and (end >= FOREVER or period <= end - begin):
        raise CoverageError(f"{field}.every", every, "a period longer than the outage, which has an end")
    if until is not None and (not period or last <= begin):
        raise CoverageError(f"{field}.until", until, "a moment after from, of an outage with every")
    if not isinstance(note, str):
        raise CoverageError(f"{field}.note", note, "a text")
    return Outage(begin, end, period, last, note)


def _known(body: Mapping[str, object], zone: Zone) -> Mapping[str, object]:
    if not isinstance(body, Mapping):
        raise CoverageError(zone.name, body, "an object with " + ", ".join(ZONE_FIELDS))
    for field, value in body.items():
        if field not in ZONE_FIELDS:
            raise CoverageError(f"{zone.name}.{field}", value, "one of " + ", ".join(ZONE_FIELDS))
    return body


def _read_coverage(value: object, field: str, now: int) -> int:
    return _read_name(value, field, RECEPTION_NAMES, "good")


def _read_uplink(value: object, field: str, now: int) -> int:
    return _read_name(value, field, UPLINK_NAMES, "hold")


def _read_name(value: object, field: str, names: tuple[str, ...], default: str) -> int:
    name = default if value is None else value
    if not isinstance(name, str) or name not in names:
        raise CoverageError(field, value, "one of " + ", ".join(names))
    return names.index(name)


def _read_loss(value: object, field: str, now: int) -> float:
    if value is None:
        return -1.0
    if isinstance(value, int | float) and not isinstance(value, bool) and 0.0 <= value <= 1.0:
        return float(value)
    raise CoverageError(field, value, "a probability between 0 and 1, or null for the coverage's own")


def _read_latency(value: object, field: str, now: int) -> float:
    return 0.0 if value is None else read_duration(value, field) / 1000


def _read_geometry(value: object, field: str, now: int) -> Shape | None:
    return None if value is None else read_shape(value, field)


def _read_county(value: object, field: str, now: int) -> str | None:
    if value is None:
        return None
    if isinstance(value, str):
        return county_id(value, field)
    raise CoverageError(field, value, "the name or number of a county, or null")


_READERS = {
    "coverage": _read_coverage,
    "uplink": _read_uplink,
    "loss": _read_loss,
    "latency": _read_latency,
    "outages": read_outages,
    "geometry": _read_geometry,
    "county": _read_county,
}
_ATTRIBUTES = {"loss": "own_loss"}
