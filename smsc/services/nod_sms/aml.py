"""Advanced Mobile Location as text: one ASCII line that tells where a handset is.

ETSI TS 103 625 (and TR 103 393): ``A"ML=1;lt=...;lg=...;...;ml=...``. Handsets send it for calls and, with
Android's location service, for emergency SMS. Whether Norway receives AML by SMS is not published, so this
is a setting.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

HEADER: Final = 'A"ML='
VERSION: Final = "1"
#: Positioning methods: satellite, Wi-Fi, cell, none.
METHODS: Final = ("G", "W", "C", "N")


class AmlError(ValueError):
    """The text is not an AML message; says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Aml:
    """One position. Degrees WGS84, ``radius`` in metres, ``time`` in ms, ``confidence`` in percent.

    ``lat``, ``lon`` and ``radius`` are None when the handset has no position, which it says so:
    ``lt=+00.00000``, ``rd=N``, ``pm=N``. ``length_ok`` is False when the message's own length field was
    wrong, which a receiver forgives.
    """

    lat: float | None
    lon: float | None
    radius: float | None
    time: int
    confidence: int
    method: str
    imsi: str = ""
    imei: str = ""
    mcc: str = ""
    mnc: str = ""
    length_ok: bool = True

    def __repr__(self) -> str:
        return f"Aml(method={self.method!r}, radius={self.radius})"


def build(position: Aml) -> str:
    """The AML line, its length field included."""
    fields = [
        ("lt", f"{position.lat or 0.0:+09.5f}"),
        ("lg", f"{position.lon or 0.0:+010.5f}"),
        ("rd", "N" if position.radius is None else _metres(position.radius)),
        ("top", datetime.fromtimestamp(position.time // 1000, UTC).strftime("%Y%m%d%H%M%S")),
        ("lc", str(position.confidence)),
        ("pm", position.method),
        ("si", position.imsi),
        ("ei", position.imei),
        ("mcc", position.mcc),
        ("mnc", position.mnc),
    ]
    body = HEADER + VERSION + "".join(f";{name}={value}" for name, value in fields if value) + ";ml="
    # The length counts its own digits: one more digit may itself add one.
    length = len(body) + len(str(len(body)))
    length = len(body) + len(str(length))
    return body + str(length)


def parse(text: str) -> Aml:
    """Read an AML line; unknown fields are ignored.

    Raises AmlError for another header or version, a missing position, or a value out of range.
    """
    if not text.startswith(HEADER):
        raise AmlError(f"does not start with {HEADER}")
    version, *parts = text[len(HEADER) :].split(";")
    if version != VERSION:
        raise AmlError(f"version {version!r}, expected {VERSION}")
    fields = dict(part.partition("=")[::2] for part in parts)
    method = fields.get("pm", "N")
    if method not in METHODS:
        raise AmlError(f"pm={method!r}, expected one of {', '.join(METHODS)}")
    lat, lon, radius = _degrees(fields, "lt", 90), _degrees(fields, "lg", 180), _radius(fields)
    nowhere = method == "N" or radius is None
    return Aml(
        lat=None if nowhere else lat,
        lon=None if nowhere else lon,
        radius=None if nowhere else radius,
        time=_moment(fields.get("top", "")),
        confidence=_count(fields, "lc"),
        method=method,
        imsi=fields.get("si", ""),
        imei=fields.get("ei", ""),
        mcc=fields.get("mcc", ""),
        mnc=fields.get("mnc", ""),
        length_ok=fields.get("ml") == str(len(text)),
    )


def _metres(radius: float) -> str:
    return f"{radius:.1f}".removesuffix(".0")


def _degrees(fields: dict[str, str], name: str, limit: int) -> float:
    try:
        value = float(fields[name])
    except (KeyError, ValueError):
        raise AmlError(f"{name} is missing or no decimal degrees") from None
    if not -limit <= value <= limit:
        raise AmlError(f"{name}={value}, expected -{limit} to {limit}")
    return value


def _radius(fields: dict[str, str]) -> float | None:
    """``N`` stands for no position at all; otherwise metres, which may have decimals."""
    value = fields.get("rd", "0")
    if value == "N":
        return None
    if not re.fullmatch(r"\d+(\.\d+)?", value, re.ASCII):
        raise AmlError(f"rd={value!r}, expected metres or N")
    return float(value)


def _count(fields: dict[str, str], name: str) -> int:
    value = fields.get(name, "0")
    if not (value.isascii() and value.isdigit()):
        raise AmlError(f"{name}={value!r}, expected digits")
    return int(value)


def _moment(text: str) -> int:
    try:
        moment = datetime.strptime(text, "%Y%m%d%H%M%S")
    except ValueError:
        raise AmlError(f"top={text!r}, expected YYYYMMDDhhmmss in UTC") from None
    return int(moment.replace(tzinfo=UTC).timestamp()) * 1000
