"""What can be said of a subscriber: each field declared once, here, with everything that is known about it.

The registry's objects, records, CSV lists, configuration, bodies and answers of the API, what the store
keeps and how a subscriber is copied follow from `FIELDS`. Not in it are the number, the place (the radio's)
and the registration for emergency SMS of those who changed it (the service's own).

A value has three forms: as the registry holds it (`default`), as JSON shows it (`read`, `show`), and as a
column of a list writes it (`read_text`, `write_text`). The store keeps JSON's, or the registry's where that
is JSON already.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal

from smsc.typed import compact

#: Marks of a yes and a no in lists.
_TRUTH: Final = {"yes": True, "no": False, "true": True, "false": False, "1": True, "0": False}
_LONGEST: Final = 15  # digits of an E.164 number


@dataclass(frozen=True, slots=True)
class Field:
    """One field. `about` is what the API says of it; `null` what null means in a body, empty for not allowed.

    `settable`: a body of the API may set it. `configured`: a row of the configuration may. `single`: only a
    subscriber of its own has it, no range. `secret`: it is never shown, listed or exported. `stored`: the
    store keeps it with the subscriber.
    """

    name: str
    about: str
    default: Any = None
    null: str = ""
    settable: bool = True
    configured: bool = True
    single: bool = False
    secret: bool = False
    stored: bool = True

    def read(self, value: Any) -> Any:
        """The registry's value of what JSON says. Raises ValueError."""
        raise NotImplementedError

    def show(self, held: Any) -> Any:
        """What JSON says of the registry's value."""
        return held

    def read_text(self, text: str) -> Any:
        """The registry's value of a column. Raises ValueError."""
        return self.read(text)

    def write_text(self, held: Any) -> str:
        """A column's text, empty for nothing."""
        return str(held or "")

    def json_type(self) -> Any:
        """The type of the JSON value, as pydantic takes it."""
        raise NotImplementedError

    def keep(self, held: Any) -> Any:
        """What the store keeps of the registry's value."""
        return held

    def restore(self, kept: Any) -> Any:
        """The registry's value of what the store kept."""
        return kept


class Flag(Field):
    """True or false."""

    def read(self, value: Any) -> bool:
        if not isinstance(value, bool):
            raise ValueError(f"{self.name} {value!r} is not true or false")
        return value

    def show(self, held: Any) -> bool:
        return bool(held)

    def read_text(self, text: str) -> bool:
        if text.lower() not in _TRUTH:
            raise ValueError(f"{self.name} {text!r} is not yes or no")
        return _TRUTH[text.lower()]

    def write_text(self, held: Any) -> str:
        return "yes" if held else "no"

    def json_type(self) -> Any:
        return bool

    def keep(self, held: Any) -> bool:
        return bool(held)


@dataclass(frozen=True, slots=True)
class Choice(Field):
    """One of several names; the registry holds its place among them."""

    names: tuple[str, ...] = ()

    def read(self, value: Any) -> int:
        if value not in self.names:
            raise ValueError(f"{self.name} {value!r} is none of {', '.join(self.names)}")
        return self.names.index(value)

    def show(self, held: int) -> str:
        return self.names[held]

    def write_text(self, held: int) -> str:
        return self.names[held]

    def json_type(self) -> Any:
        return Literal[self.names]

    def keep(self, held: int) -> str:
        return self.names[held]

    def restore(self, kept: Any) -> int:
        return self.names.index(kept)


@dataclass(frozen=True, slots=True)
class Several(Field):
    """Any of several names; the registry holds the sum of their bits."""

    bits: Mapping[str, int] | None = None

    def read(self, value: Any) -> int:
        bits = self.bits or {}
        if isinstance(value, str) or not set(value) <= set(bits):
            raise ValueError(f"{self.name} {value!r} is not a list of {', '.join(bits)}")
        return sum(bits[name] for name in set(value))

    def show(self, held: Any) -> list[str]:
        return [name for name, bit in (self.bits or {}).items() if held & bit]

    def read_text(self, text: str) -> int:
        return self.read(text.split())

    def write_text(self, held: Any) -> str:
        return " ".join(self.show(held))

    def json_type(self) -> Any:
        return list[Literal[tuple(self.bits or ())]]  # type: ignore[misc]


@dataclass(frozen=True, slots=True)
class Text(Field):
    """A text, or nothing. `is_valid` says whether a text will do, `expected` what would."""

    pattern: str = ""
    expected: str = "a name"
    is_valid: Callable[[str], bool] | None = None

    def read(self, value: Any) -> str | None:
        if not (value is None or isinstance(value, str)) or not self._will_do(value or ""):
            raise ValueError(f"{self.name} {value!r} is not {self.expected}")
        return value or None

    def json_type(self) -> Any:
        from pydantic import StringConstraints

        return Annotated[str, StringConstraints(pattern=self.pattern)] if self.pattern else str

    def _will_do(self, value: str) -> bool:
        return not value or self.is_valid is None or self.is_valid(value)


class Number(Field):
    """Another subscriber's number, 0 for none."""

    def read(self, value: Any) -> int:
        return read_key(self.name, value)

    def show(self, held: Any) -> str | None:
        return str(held) if held else None

    def json_type(self) -> Any:
        return str


def read_key(name: str, value: Any) -> int:
    """The key of a number in E.164 digits, 0 for None. Raises ValueError."""
    digits = "0" if value is None else compact(str(value)).removeprefix("+").removeprefix("00")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= _LONGEST):
        raise ValueError(f"{name} {value!r} is not a number of 1 to {_LONGEST} digits, country code first")
    return int(digits)


# --- numbers of SIM cards --------------------------------------------------------------------------


def luhn_digit(digits: str) -> int:
    """Return the check digit that completes `digits` (ISO/IEC 7812-1 annex B)."""
    total = 0
    for place, character in enumerate(reversed(digits)):
        digit = int(character) * (2 - place % 2)
        total += digit - 9 if digit > 9 else digit
    return -total % 10


def check_luhn(digits: str) -> bool:
    """Tell whether the last digit of `digits` is its Luhn check digit."""
    return _plain(digits) and len(digits) > 1 and luhn_digit(digits[:-1]) == int(digits[-1])


def valid_imsi(imsi: str) -> bool:
    """Tell whether `imsi` is 15 digits: MCC, MNC, MSIN (3GPP TS 23.003 §2.2)."""
    return len(imsi) == 15 and _plain(imsi)


def valid_iccid(iccid: str) -> bool:
    """Tell whether `iccid` is 19 or 20 digits, begins with 89 and ends with its check digit (ITU-T E.118)."""
    return len(iccid) in (19, 20) and _plain(iccid) and iccid.startswith("89") and check_luhn(iccid)


def _plain(digits: str) -> bool:
    return digits.isascii() and digits.isdigit()


# --- the fields ------------------------------------------------------------------------------------

SIM_NAMES: Final = ("active", "suspended", "blocked", "expired", "inactive")
MO_SMS: Final = 1
CONTENT: Final = 2
BARRED_BITS: Final = {"mo_sms": MO_SMS, "content": CONTENT}
#: Names of reasons: MAP errors that no other state of a subscriber brings about (3GPP TS 29.002 §17.6).
NETWORK_ERRORS: Final = (
    "none",
    "busy",
    "facility_not_supported",
    "illegal_equipment",
    "unidentified_subscriber",
    "system_failure",
)

#: In the order of the columns of a list. An attribute of `routing.subscribers.Subscriber` and of its `.pxd`
#: has the same name, and the type that the registry holds.
FIELDS: Final[tuple[Field, ...]] = (
    Choice("sim", "State of the SIM in the register.", 0, names=SIM_NAMES),
    Flag("powered", "Whether the handset is switched on.", True),
    Flag("flight_mode", "Whether its user has put the handset into flight mode: the radio is off.", False),
    Flag("memory_full", "Whether the handset has no room for another message.", False),
    Choice(
        "network_error",
        "What the network answers to every attempt to deliver to it; `none`: what its state says.",
        0,
        names=NETWORK_ERRORS,
    ),
    Several(
        "barred",
        "Services barred for the subscription: `mo_sms` outgoing SMS, `content` content services.",
        0,
        "none",
        bits=BARRED_BITS,
    ),
    Flag(
        "nod_sms",
        "Whether it is registered for emergency SMS; mirrors `/emergency/registrations`.",
        False,
        single=True,
        stored=False,
    ),
    Text(
        "imsi",
        "IMSI.",
        null="derived from the number",
        single=True,
        pattern=r"^[0-9]{15}$",
        expected="15 digits",
        is_valid=valid_imsi,
    ),
    Text(
        "iccid",
        "ICCID with its Luhn digit.",
        null="derived from the number",
        single=True,
        pattern=r"^[0-9]{19,20}$",
        expected="19 or 20 digits from 89 with a valid check digit",
        is_valid=valid_iccid,
    ),
    Text("operator", "Whose subscriber it is; null: ours.", settable=False),
    Number(
        "main",
        "The number whose subscription this second SIM shares; null: it has its own.",
        0,
        settable=False,
        configured=False,
        single=True,
    ),
    Text(
        "password",
        "What the handset binds with, all that a bind can carry; never shown.",
        null="`1234`",
        pattern=r"^[!-~]{1,8}$",
        secret=True,
    ),
)
BY_NAME: Final = {field.name: field for field in FIELDS}
#: Those that are listed, exported and shown.
SHOWN: Final = tuple(field for field in FIELDS if not field.secret)


def kept(subscriber: object) -> dict[str, Any]:
    """What the store keeps of a subscriber, besides its place."""
    return {field.name: field.keep(getattr(subscriber, field.name)) for field in FIELDS if field.stored}


def restored(record: Mapping[str, Any]) -> dict[str, Any]:
    """The registry's values of what the store kept; what an older version did not keep has its default."""
    return {
        field.name: field.restore(record[field.name]) if field.name in record else field.default
        for field in FIELDS
    }
