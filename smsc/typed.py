"""Numbers as people type or paste them: one reader for the API, lists, settings and commands.

What stands between the digits to be read more easily means nothing: spaces of every width, hyphens and
dashes, dots, parentheses, and the invisible marks that come along when a number is copied. On the wire they
are not taken off.
"""

from __future__ import annotations

import re
from typing import Final

#: What would be right, for whoever must say so.
EXPECTED: Final = "digits, with + or 00 before a country code: 90000001, +47 900 00 001, 0047 (90) 00-00-01"

_BETWEEN: Final = re.compile(
    r"[\s().\u00ad\u2010-\u2015\u2212\ufe58\ufe63\uff0d\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff-]"
)
_NUMBER: Final = re.compile(r"\+?[0-9]+", re.ASCII)


def compact(text: str) -> str:
    """The number without what stands between its digits; the text without the white space around it when it
    is no number, as a sender's name is none."""
    number = _BETWEEN.sub("", text)
    return number if _NUMBER.fullmatch(number) else text.strip()


def is_number(text: str) -> bool:
    """Whether a text is a number once it is `compact`."""
    return _NUMBER.fullmatch(compact(text)) is not None
