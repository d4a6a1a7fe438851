"""Vendor TLVs of the special services, in the range 0x1400-0x3FFF that SMPP leaves to vendors.

| tag    | name               | value                                                                    |
|--------|--------------------|--------------------------------------------------------------------------|
| 0x1501 | nod_dialogue_id    | 4 octets, unsigned: which conversation of one user with one centre       |
| 0x1502 | nod_location       | 12 octets: latitude and longitude, signed millionths of a degree; radius |
|        |                    | of uncertainty in metres, unsigned                                       |
| 0x1503 | nod_aml            | ASCII, the same position as an AML text (ETSI TS 103 625)                |
| 0x1511 | content_keyword    | UTF-8, the keyword whose rule applies                                    |
| 0x1512 | content_price      | 4 octets, unsigned: price in øre                                         |

Popular client libraries fail on TLVs that they do not know, so each goes only to an ESME whose configuration
lists it (``tlvs``). All integers are big-endian, as everywhere in SMPP.
"""

from __future__ import annotations

import struct
from math import isfinite
from typing import Final, TypeGuard

from smsc.services.base import Location

NOD_DIALOGUE_ID: Final = 0x1501
NOD_LOCATION: Final = 0x1502
NOD_AML: Final = 0x1503
CONTENT_KEYWORD: Final = 0x1511
CONTENT_PRICE: Final = 0x1512

#: What an ESME's configuration calls them; each goes only to those that list it.
NAMES: Final = {
    "dialogue": NOD_DIALOGUE_ID,
    "location": NOD_LOCATION,
    "aml": NOD_AML,
    "keyword": CONTENT_KEYWORD,
    "price": CONTENT_PRICE,
}
OURS: Final = frozenset(NAMES.values())

_HEADER: Final = struct.Struct(">HH")
_UINT32: Final = struct.Struct(">I")
_LOCATION: Final = struct.Struct(">iiI")
_MICRO: Final = 1_000_000


def tlv(tag: int, value: bytes) -> bytes:
    """One TLV as it stands on the wire (SMPP 3.4 §3.2.4)."""
    return _HEADER.pack(tag, len(value)) + value


def uint32(value: int) -> bytes:
    """An unsigned 32-bit value."""
    return _UINT32.pack(value)


def find(area: bytes, tag: int) -> bytes | None:
    """The value of the first TLV with ``tag`` in a raw area, None when absent."""
    at = 0
    while at + 4 <= len(area):
        found, length = _HEADER.unpack_from(area, at)
        if found == tag:
            return area[at + 4 : at + 4 + length]
        at += 4 + length
    return None


def find_uint32(area: bytes, tag: int) -> int | None:
    """An unsigned 32-bit TLV; None when absent or of another length."""
    value = find(area, tag)
    return int(_UINT32.unpack(value)[0]) if value is not None and len(value) == 4 else None


def location_tlv(location: Location | None) -> bytes:
    """nod_location, or nothing when there is no position that makes sense."""
    if not is_position(location):
        return b""
    lat, lon, accuracy = location
    radius = min(round(accuracy), 2**32 - 1)
    return tlv(NOD_LOCATION, _LOCATION.pack(round(lat * _MICRO), round(lon * _MICRO), radius))


def read_location(area: bytes) -> Location | None:
    """The position in a raw TLV area."""
    value = find(area, NOD_LOCATION)
    if value is None or len(value) != _LOCATION.size:
        return None
    lat, lon, accuracy = _LOCATION.unpack(value)
    return lat / _MICRO, lon / _MICRO, float(accuracy)


def without_ours(area: bytes) -> bytes:
    """A raw area without the TLVs of this module: only the SMSC itself says such things."""
    kept, at = b"", 0
    while at + 4 <= len(area):
        tag, length = _HEADER.unpack_from(area, at)
        if tag not in OURS:
            kept += area[at : at + 4 + length]
        at += 4 + length
    return kept


def shown(location: Location | None) -> dict[str, float] | None:
    """The position as it stands in timelines."""
    if not is_position(location):
        return None
    lat, lon, accuracy = location
    return {"lat": round(lat, 6), "lon": round(lon, 6), "radius_m": round(accuracy)}


def is_position(location: Location | None) -> TypeGuard[Location]:
    """Whether it is a place on Earth with a radius: a locator's nonsense must not stop a message."""
    if location is None:
        return False
    lat, lon, accuracy = location
    return -90 <= lat <= 90 and -180 <= lon <= 180 and accuracy >= 0 and isfinite(accuracy)
