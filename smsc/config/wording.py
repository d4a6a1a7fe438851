"""Says what pydantic found wrong in words for people: what would be right."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic_core import ErrorDetails

from smsc.config.extending import Loc
from smsc.config.settings import suggest

_EXPECTED = {
    "missing": "a value: this key is required",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "finite_number": "a finite number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "string_type": "a text in quotes",
    "path_type": "a path in quotes",
    "tuple_type": "a list",
    "frozen_set_type": "a list",
    "dict_type": "a table",
    "model_type": "a table",
    "model_attributes_type": "a table",
    "literal_error": "one of {expected}",
    "greater_than": "more than {gt}",
    "greater_than_equal": "at least {ge}",
    "less_than": "less than {lt}",
    "less_than_equal": "at most {le}",
    "string_too_short": "at least {min_length} characters",
    "string_too_long": "at most {max_length} characters",
    "too_short": "at least {min_length} elements",
    "too_long": "at most {max_length} elements",
    "string_pattern_mismatch": "a text of the form {pattern}",
    "datetime_from_date_parsing": 'a moment such as "2026-01-01T12:00:00Z"',
    "datetime_parsing": 'a moment such as "2026-01-01T12:00:00Z"',
    "datetime_type": 'a moment such as "2026-01-01T12:00:00Z"',
    "date_from_datetime_parsing": "a date such as 2026-01-01",
    "date_type": "a date such as 2026-01-01",
}


def expected_of(details: ErrorDetails) -> str:
    """What would be right in the place of what is wrong."""
    context = details.get("ctx", {})
    if details["type"] == "value_error":
        return str(context["error"])
    return _EXPECTED.get(details["type"], details["msg"]).format(**context)


def no_such_key(name: str, known: Iterable[str]) -> str:
    """A key that nothing reads, and what was probably meant."""
    return f"no such key; expected {suggest(name, known)}"


def clean_loc(loc: Loc, data: object) -> Loc:
    """The location in the data without pydantic's own steps, such as the kind of a union."""
    cleaned: list[str | int] = []
    for step in loc:
        try:
            data = data[step]  # type: ignore[index]
        except (KeyError, IndexError, TypeError):
            if step != loc[-1]:
                continue
        cleaned.append(step)
    return tuple(cleaned)
