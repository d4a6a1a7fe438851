"""What all sections of the configuration share: strictness, numbers, moments, secrets."""

import re
from datetime import UTC, datetime
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr

from smsc.moments import milliseconds
from smsc.routing.plan_data import is_of, pattern
from smsc.typed import compact

COUNTRY_CODE = "47"
_HANDSETS = re.compile(pattern("mobile", "m2m_iot_8", "m2m_iot"))
_NORWEGIAN = "a Norwegian number: national digits, 0047..., +47... or 47..."
_HANDSET = (
    "a Norwegian handset: 8 digits that start with 4, 59 or 9, or 12 digits that start with 58, "
    "with or without 47"
)


class Section(BaseModel):
    """A table of the configuration: unknown keys are errors and nothing changes after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=False)


def _not_bool(given: object) -> object:
    if isinstance(given, bool):
        raise ValueError("a number, not true or false")
    return given


def _digits(given: object, expected: str) -> str:
    if isinstance(given, int) and not isinstance(given, bool):
        return str(given)
    if not isinstance(given, str):
        raise ValueError(expected)
    text = compact(given)
    for prefix in ("+", "00"):
        if text.startswith(prefix):
            text = text.removeprefix(prefix)
            if not text.startswith(COUNTRY_CODE):
                raise ValueError(expected)
    if not text.isascii() or not text.isdigit():
        raise ValueError(expected)
    return text


def national_digits(given: object, expected: str = _NORWEGIAN) -> str:
    """The national digits of a number written in any dialling form; leading zeros stay ("02000")."""
    explicit = isinstance(given, str) and compact(given).startswith(("+", "00"))
    digits = _digits(given, expected)
    if explicit or len(digits) == 10 or (digits.isdigit() and is_of("m2m_iot", int(digits))):
        if not digits.startswith(COUNTRY_CODE):
            raise ValueError(expected)
        digits = digits.removeprefix(COUNTRY_CODE)
    if not 2 < len(digits) <= 12:
        raise ValueError(expected)
    return digits


def number_key(given: object) -> int:
    """47 and the national digits as one integer: "02000" -> 4702000."""
    return int(COUNTRY_CODE + national_digits(given))


def handset_key(given: object) -> int:
    """The MSISDN of a handset as an integer: "9000 0001" -> 4790000001."""
    digits = national_digits(given, _HANDSET)
    if not _HANDSETS.fullmatch(digits):
        raise ValueError(_HANDSET)
    return int(COUNTRY_CODE + digits)


def bind_name(written: str) -> str:
    """A handset binds with its MSISDN in whatever form it is written; anything else as it is."""
    try:
        return str(handset_key(written))
    except ValueError:
        return written


def _price(given: object) -> float:
    if isinstance(given, bool) or not isinstance(given, (int, float)):
        raise ValueError("a price in NOK")
    return float(given)


def _password(secret: SecretStr) -> SecretStr:
    """The field of a bind holds 8 characters and a NUL (SMPP 3.4 §5.2.2); a stored hash is longer."""
    text = secret.get_secret_value()
    if text.startswith(("argon2:", "$argon2")):
        from argon2 import extract_parameters
        from argon2.exceptions import InvalidHashError

        try:
            extract_parameters(text.removeprefix("argon2:"))
        except InvalidHashError:
            raise ValueError('"argon2:" and a hash as `smsc config hash` prints it') from None
    elif not re.fullmatch(r"[!-~]{0,8}", text):
        raise ValueError('at most 8 ASCII characters, all that a bind can carry, or "argon2:" and a hash')
    return secret


def _timezone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError('the name of a time zone, such as "Europe/Oslo"') from None
    return name


def _whole_offset(given: object) -> object:
    """An offset in hours alone, `+02`, as ISO 8601 allows and the contact register has it."""
    if isinstance(given, str) and re.search(r":\d\d(\.\d+)?[+-]\d\d$", given):
        return f"{given}:00"
    return given


def _utc(moment: datetime) -> datetime:
    """Without an offset the moment is UTC, as everywhere in the API."""
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    milliseconds(moment)
    return moment


Whole = Annotated[int, BeforeValidator(_not_bool)]
Count = Annotated[int, BeforeValidator(_not_bool), Field(ge=0)]
Positive = Annotated[int, BeforeValidator(_not_bool), Field(ge=1)]
Port = Annotated[int, BeforeValidator(_not_bool), Field(ge=0, le=65535)]
Share = Annotated[float, BeforeValidator(_not_bool), Field(ge=0, le=1)]
Real = Annotated[float, BeforeValidator(_not_bool), Field(ge=0, allow_inf_nan=False)]
Price = Annotated[float, BeforeValidator(_price), Field(ge=0, allow_inf_nan=False)]
Name = Annotated[
    str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9æøåÆØÅ][A-Za-z0-9æøåÆØÅ ._-]*$")
]
#: The field of a bind: C-octet string of 16 octets with its NUL (SMPP 3.4 §5.2.1).
SystemId = Annotated[str, Field(min_length=1, max_length=15, pattern=r"^[!-~]+$")]
Password = Annotated[SecretStr, AfterValidator(_password)]
NumberKey = Annotated[int, BeforeValidator(number_key)]
HandsetKey = Annotated[int, BeforeValidator(handset_key)]
Moment = Annotated[datetime, BeforeValidator(_whole_offset), AfterValidator(_utc)]
TimeZone = Annotated[str, AfterValidator(_timezone)]
