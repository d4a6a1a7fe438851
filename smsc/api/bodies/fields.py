"""What bodies are made of: moments, durations, texts, and what may be left out."""

import json
import re
from datetime import datetime
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    StringConstraints,
    WithJsonSchema,
)

from smsc.durations import parse_duration
from smsc.moments import LATEST_YEAR, milliseconds

#: seconds of a hundred years
_LONGEST = 100 * 366 * 86_400
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d(:\d\d)?)", re.ASCII)


def parse_moment(given: object) -> int:
    """Milliseconds since the Unix epoch of RFC 3339 text; ValueError says what is expected."""
    expected = 'a moment with its offset from UTC such as "2026-01-01T12:00:00Z"'
    if not isinstance(given, str) or not _RFC3339.fullmatch(given):
        raise ValueError(expected)
    try:
        moment = datetime.fromisoformat(given.upper())
    except ValueError:
        raise ValueError(f"{expected}, of a day and hour that exist") from None
    try:
        return milliseconds(moment)
    except ValueError:
        raise ValueError(f"{expected}, from 1970 on and before the year {LATEST_YEAR}") from None


def duration(given: object) -> object:
    """Return `given`; ValueError unless it is a duration: seconds, or a text as `durations` reads it."""
    parse_duration(given)
    return given


def seconds(given: object) -> float:
    """The seconds of a duration; ValueError says what is expected."""
    return parse_duration(given) / 1000


def finite(given: dict[str, Any]) -> dict[str, Any]:
    """Return `given`; ValueError when a number in it is one that JSON does not know but Python reads."""
    try:
        json.dumps(given, allow_nan=False)
    except ValueError:
        raise ValueError("finite numbers") from None
    return given


def _as_flag(given: object) -> object:
    return int(given) if isinstance(given, bool) else given


def _absent() -> Any:
    # The default of a field that may be left out but not be null: it is never validated nor handed on.
    return None


def optional(**about: Any) -> Any:
    """A field that may be left out, but not be null."""
    return Field(default_factory=_absent, **about)


Moment = Annotated[
    int,
    BeforeValidator(parse_moment),
    WithJsonSchema({"type": "string", "format": "date-time", "examples": ["2026-01-01T12:00:00Z"]}),
]
Duration = Annotated[
    float | str,
    BeforeValidator(duration),
    WithJsonSchema({"type": ["number", "string"], "minimum": 0, "examples": [1.5, "40m"]}),
]
Seconds = Annotated[
    float,
    BeforeValidator(seconds),
    WithJsonSchema({"type": ["number", "string"], "minimum": 0, "examples": [90, "1h30m"]}),
]
#: an object whose fields the engine judges
JsonObject = Annotated[dict[str, JsonValue], AfterValidator(finite), WithJsonSchema({"type": "object"})]
#: an id to go on after; what the store counts with has 64 bits
Digits = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,18}$")]
ShortText = Annotated[str, StringConstraints(min_length=1, max_length=200)]
LongText = Annotated[str, StringConstraints(min_length=1, max_length=2000)]


class StrictBody(BaseModel):
    """A JSON object that is taken by the letter."""

    model_config = ConfigDict(
        strict=True,
        extra="forbid",
        allow_inf_nan=False,
        use_attribute_docstrings=True,
        validate_by_name=False,
    )

    def given(self) -> dict[str, Any]:
        """Only the fields that the client gave, under the names that it used."""
        return self.model_dump(exclude_unset=True, by_alias=True)
