"""Short codes with four providers, and what tests send to them."""

from __future__ import annotations

from typing import Any

from smsc.services import tlvs
from smsc.services.short_codes.codes import EXACT, STARTS_WITH, Code, KeywordRule
from smsc.services.short_codes.content import ContentService
from tests.services.helpers import Message, Sim, at

NOW = at("2026-01-15 12:00")
KARI = 4790000001
QUIZ, GIVER, NEWS, CARS = 31, 32, 33, 34
CODES = (
    Code("2097", (KeywordRule(QUIZ, "quiz", price_ore=500),)),
    Code("2440", (KeywordRule(GIVER, "giver", price_ore=20_000),)),
    Code(
        "26114",
        (
            KeywordRule(NEWS, "news", EXACT, "NYTT", 150, subscription=True),
            KeywordRule(NEWS, "news", EXACT, "SPORT", 250, subscription=True),
            KeywordRule(CARS, "cars", STARTS_WITH, "BIL", 1000),
        ),
    ),
)
SHARED = 4726114


def send(
    content: ContentService,
    text: str = "A",
    destination: int = 472097,
    now: int = NOW,
    sim: Sim | None = None,
    source: int = KARI,
    **more: Any,
) -> tuple[Any, ...]:
    message = Message(source, destination, text, **more)
    return message, content.on_submit(message, sim or Sim(), now)


def premium(
    content: ContentService,
    price: int = 500,
    source: int = 472097,
    account: int = QUIZ,
    now: int = NOW,
    sim: Sim | None = None,
    to: int = KARI,
    **more: Any,
) -> tuple[Any, ...]:
    message = Message(source, to, "Svar", tlvs=tlvs.tlv(tlvs.CONTENT_PRICE, tlvs.uint32(price)), **more)
    return message, content.on_from_provider(account, message, now, sim or Sim())


def spent(content: ContentService, now: int = NOW) -> int:
    return content.charges.spent(KARI, now)
