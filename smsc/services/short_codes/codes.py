"""SMS short codes: 4- and 5-digit numbers, the same in every network, shared by keyword.

Nkom does not assign them; the mobile network owners run them together. A code may be followed by
dialogue digits: the first 4 or 5 digits are the code, and an answer needs no keyword.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

#: How a rule's word is compared with the text, the most particular first.
EXACT: Final = "exact"
STARTS_WITH: Final = "starts_with"
WILDCARD: Final = "wildcard"


@dataclass(frozen=True, slots=True)
class KeywordRule:
    """What leads to a provider: ``account`` is its index, ``provider`` the name in charging records.

    ``price_ore`` is the price of a message to the service; of a subscription it is the price of each
    message that the provider sends.
    """

    account: int
    provider: str
    match: str = WILDCARD
    word: str = ""
    price_ore: int = 0
    subscription: bool = False


@dataclass(frozen=True, slots=True)
class Code:
    """A short code, as digits, and its rules."""

    digits: str
    rules: tuple[KeywordRule, ...]

    def find(self, text: str, account: int | None = None) -> KeywordRule | None:
        """The rule for a text, optionally of one provider: exact, then the longest beginning, then
        wildcard. None when nobody answers to it."""
        said = normalised(text)
        fitting = [
            (_RANK[rule.match], -len(rule.word), position)
            for position, rule in enumerate(self.rules)
            if account in (None, rule.account) and _fits(rule, said)
        ]
        return self.rules[min(fitting)[2]] if fitting else None

    def accounts(self) -> tuple[int, ...]:
        """Every provider on the code, once, in the order of the rules."""
        return tuple(dict.fromkeys(rule.account for rule in self.rules))


class Dialled(NamedTuple):
    """A code as it was dialled: with dialogue digits or without."""

    code: Code
    suffix: str

    @property
    def digits(self) -> str:
        """Everything that was dialled."""
        return self.code.digits + self.suffix


class Codes:
    """All codes of the network."""

    def __init__(self, codes: Iterable[Code]) -> None:
        self._codes = {code.digits: code for code in codes}
        for digits, code in self._codes.items():
            if len(digits) not in (4, 5) or not digits.isdigit() or digits.startswith("0"):
                raise ValueError(f"short code {digits!r}: expected 4 or 5 digits, the first not 0")
            words = [(rule.match, normalised(rule.word)) for rule in code.rules]
            if len(set(words)) < len(words):
                raise ValueError(f"short code {digits}: two rules for the same word")

    def __iter__(self) -> Iterator[Code]:
        return iter(self._codes.values())

    def dialled(self, key: int) -> Dialled | None:
        """Read a number's key; the longest known code that it begins with."""
        digits = str(key)[2:]
        for length in (5, 4):
            code = self._codes.get(digits[:length])
            if code is not None:
                return Dialled(code, digits[length:])
        return None


def normalised(text: str) -> str:
    """A text as keywords are compared: one space between words, case ignored."""
    return " ".join(text.split()).casefold()


def _fits(rule: KeywordRule, said: str) -> bool:
    word = normalised(rule.word)
    if rule.match == EXACT:
        return said == word
    return rule.match == WILDCARD or said.startswith(word)


_RANK: Final = {EXACT: 0, STARTS_WITH: 1, WILDCARD: 2}
