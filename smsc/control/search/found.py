"""What programs want to read out of a text: one-time codes, and links. Pure.

A code is never certain: what stands next to a word such as "kode" or "PIN" is given first, and without such
a word only a number that stands alone is taken. Prices, years, dates, times and telephone numbers are none.
"""

from __future__ import annotations

import re
from typing import Final

_KEYWORD: Final = re.compile(
    r"\w*(?:kode|code|passord|password|passcode|pinkode|engangs|verifi|bekreft|otp|2fa|token)\w*|\b(?:pin|tan)\b",
    re.IGNORECASE,
)
#: 123456, 123 456, 123-456, G-123456, A1B2C3: letters only in upper case and only with a digit among them
_TOKEN: Final = re.compile(
    r"(?<![\w.,:/@+-])(?:[A-Z]{1,3}-\d{4,8}|\d{3}[ -]\d{3}|(?=[A-Z]*\d)[A-Z0-9]{4,8})(?![\w/@]|[.,:-]\d)"
)
#: The last line of a message for WebOTP: `@example.no #123456`.
_WEB_OTP: Final = re.compile(r"^@[\w.-]+ #(\S+)", re.MULTILINE)
_MONEY: Final = re.compile(r"(?:\b(?:kr|nok|eur|usd|sek|dkk|gbp)\.?|[€$£])\s*$", re.IGNORECASE)
_PRICED: Final = re.compile(r"\s*(?:(?:kr|kroner|nok|eur|euro|usd|sek|dkk|øre)\b|,-|[€$£%])", re.IGNORECASE)
_YEAR: Final = re.compile(r"(?:19|20)\d\d")
_TELEPHONE: Final = re.compile(r"[2-9]\d{7}|0\d{4}")
_LINK: Final = re.compile(
    r"\b(?:https?://|www\.)[^\s<>\"]+|(?<![\w@.-])(?:[a-z0-9-]+\.)+[a-z]{2,24}/[^\s<>\"]+", re.IGNORECASE
)
_TRAILING: Final = ".,;:!?'\"»”’"
_DIGIT: Final = re.compile(r"\d")
_NEAR: Final = 40
"""Characters between a code and its word."""


def links(text: str) -> list[str]:
    """Every address in the text, as it stands there, without the punctuation of the sentence."""
    if "/" not in text and "www." not in text.lower():
        return []
    found = []
    for each in _LINK.findall(text):
        link = each.rstrip(_TRAILING)
        while link.endswith(")") and link.count(")") > link.count("("):
            link = link[:-1].rstrip(_TRAILING)
        found.append(link)
    return list(dict.fromkeys(found))


def codes(text: str) -> list[str]:
    """What may be one-time codes, the likeliest first, without the spaces and hyphens between their
    digits."""
    if not _DIGIT.search(text) and "@" not in text:
        return []
    sure = _WEB_OTP.findall(text)
    bare = _LINK.sub(lambda link: " " * len(link[0]), text)
    words = [(word.start(), word.end()) for word in _KEYWORD.finditer(bare)]
    ranked: list[tuple[int, int, str]] = []
    for token in _TOKEN.finditer(bare):
        code = token[0]
        if not any(char.isdigit() for char in code) or _is_price(bare, token):
            continue
        distance = min((_distance(word, token) for word in words), default=_NEAR + 1)
        if distance > _NEAR and (_is_telephone_or_year(code) or not _is_plain(code)):
            continue
        ranked.append((distance, token.start(), _joined(code)))
    near = [code for distance, _, code in sorted(ranked) if distance <= _NEAR]
    near = [code for code in near if not _is_telephone_or_year(code)] or near
    alone = [code for _, _, code in ranked] if not words and len(ranked) == 1 else []
    return list(dict.fromkeys([*sure, *(near or alone)]))


def _distance(word: tuple[int, int], token: re.Match[str]) -> int:
    start, end = word
    # What follows its word is likelier than what stands before it.
    return token.start() - end if token.start() >= end else (start - token.end()) * 2 + 1


def _is_price(text: str, token: re.Match[str]) -> bool:
    return bool(_MONEY.search(text, 0, token.start()) or _PRICED.match(text, token.end()))


def _is_telephone_or_year(code: str) -> bool:
    return bool(_YEAR.fullmatch(code) or _TELEPHONE.fullmatch(code))


def _is_plain(code: str) -> bool:
    return code.replace(" ", "").replace("-", "").isdigit()


def _joined(code: str) -> str:
    return re.sub(r"(?<=\d)[ -](?=\d)", "", code)
