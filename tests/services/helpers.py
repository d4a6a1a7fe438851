"""Messages, subscribers and moments for the tests of the services."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Any

from smsc.services.calendar import OSLO

_ids = count(1)


@dataclass(slots=True)
class Message:
    source: int
    destination: int
    text: str = "Help"
    account: int = 0
    tlvs: bytes = b""
    part: int = 1
    parts: int = 1
    reference: int = 0
    id: int = 0
    scheduled_at: int = 0

    def __post_init__(self) -> None:
        self.id = self.id or next(_ids)


@dataclass(slots=True)
class Sim:
    imsi: str | None = "242700000000001"
    barred: int = 0
    main: int = 0
    operator: str = "no.smsc"


def at(text: str) -> int:
    """Milliseconds of a Norwegian local time, as ``2026-01-31`` or ``2026-01-31 12:00``."""
    return int(datetime.fromisoformat(text).replace(tzinfo=OSLO).timestamp()) * 1000


def draw(subject: int, count: int) -> float:
    """A stand-in for the engine's seeded draw."""
    return (subject * 31 + count * 7919) % 1_000_000 / 1_000_000


def kept(changes: dict[str, dict[str, Any] | None]) -> dict[str, dict[str, Any]]:
    """The rows that a store has after the changes, from an empty one."""
    return {key: row for key, row in changes.items() if row is not None}
