"""The kinds of field that PDU bodies are made of: how each is read, written and refused [SMPP 3.4 §3.1,
§5.2].

A layout is a tuple of fields; the values of a PDU are a dict by field name. C-Octet Strings are `str`
(Latin-1, so every octet survives), Octet Strings `bytes`, and the two repeated groups are lists of the named
tuples here.
"""

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple, Protocol

from smsc.protocol.constants import (
    ESME_RINVCMDLEN,
    ESME_RINVDESTFLAG,
    ESME_RINVDLNAME,
    ESME_RINVDSTADR,
    ESME_RINVMSGLEN,
    ESME_RINVNUMDESTS,
    V50,
)


class PduError(Exception):
    """What a peer sent cannot be read. `status` and `respond_as` say what to answer: generic_nack, or the
    operation's own response [3.4 §4.3, 5.0 §2.8.2]. `hint` is a sentence for logs; it quotes no message
    text."""

    def __init__(self, status: int, respond_as: Literal["nack", "resp"], hint: str) -> None:
        super().__init__(hint)
        self.status = status
        self.respond_as = respond_as
        self.hint = hint


class Destination(NamedTuple):
    """An SME address of submit_multi (dest_flag 1)."""

    ton: int
    npi: int
    address: str


class DistributionList(NamedTuple):
    """A distribution list of submit_multi (dest_flag 2)."""

    name: str


class Unsuccess(NamedTuple):
    """A recipient that submit_multi_resp reports as failed."""

    ton: int
    npi: int
    address: str
    status: int


class Cursor:
    """A reading position in a body."""

    __slots__ = ("at", "data", "version")

    def __init__(self, data: bytes, at: int, version: int) -> None:
        self.data = data
        self.at = at
        self.version = version

    def take(self, size: int, name: str) -> bytes:
        taken = self.data[self.at : self.at + size]
        if len(taken) < size:
            raise PduError(ESME_RINVCMDLEN, "nack", f"the PDU ends inside {name}")
        self.at += size
        return taken

    def integer(self, size: int, name: str) -> int:
        return int.from_bytes(self.take(size, name), "big")

    def string(self, size: int, name: str, status: int) -> str:
        """A C-Octet String of at most `size` octets, its NUL included."""
        end = self.data.find(b"\0", self.at)
        if end < 0:
            raise PduError(ESME_RINVCMDLEN, "nack", f"{name} has no NUL inside the PDU")
        if end - self.at >= size:
            raise PduError(status, "resp", f"{name} has {end - self.at} characters, at most {size - 1} fit")
        value = self.data[self.at : end].decode("latin-1")
        self.at = end + 1
        return value


def string_octets(value: str | bytes, size: int, name: str) -> bytes:
    """A C-Octet String with its NUL; ValueError when it does not fit or contains one."""
    octets = value.encode("latin-1") if isinstance(value, str) else value
    if len(octets) >= size or b"\0" in octets:
        raise ValueError(
            f"{name} holds at most {size - 1} characters and no NUL, got {len(octets)} characters"
        )
    return octets + b"\0"


def integer_octets(value: int, size: int, name: str) -> bytes:
    if not 0 <= value < 1 << 8 * size:
        raise ValueError(f"{name} is a {size}-octet integer, got {value}")
    return value.to_bytes(size, "big")


class Field(Protocol):
    """What a layout is made of. `status` answers a bad value; `default` stands in when a builder names no
    value."""

    @property
    def name(self) -> str: ...
    @property
    def size(self) -> int: ...
    @property
    def status(self) -> int: ...
    @property
    def default(self) -> Any: ...
    def read(self, cursor: Cursor) -> Any: ...
    def octets(self, value: Any, version: int) -> bytes: ...


class Integer(NamedTuple):
    """An unsigned big-endian integer. Values above `largest` are refused by `check_values`, not by the
    reader."""

    name: str
    status: int
    largest: int = 255
    size: int = 1
    default: int = 0

    def read(self, cursor: Cursor) -> int:
        return cursor.integer(self.size, self.name)

    def octets(self, value: int, version: int) -> bytes:
        return integer_octets(value, self.size, self.name)


class CString(NamedTuple):
    """A C-Octet String; `size` counts the NUL."""

    name: str
    size: int
    status: int
    default: str = ""

    def read(self, cursor: Cursor) -> str:
        return cursor.string(self.size, self.name, self.status)

    def octets(self, value: str | bytes, version: int) -> bytes:
        return string_octets(value, self.size, self.name)


class Time(NamedTuple):
    """A C-Octet String of exactly 0 or 16 characters [3.4 §7.1.1]."""

    name: str
    status: int
    size: int = 17
    default: str = ""

    def read(self, cursor: Cursor) -> str:
        value = cursor.string(self.size, self.name, self.status)
        if value and len(value) != 16:
            raise PduError(self.status, "resp", f"{self.name} has {len(value)} characters, 0 or 16 are legal")
        return value

    def octets(self, value: str | bytes, version: int) -> bytes:
        octets = string_octets(value, self.size, self.name)
        if len(octets) not in (1, 17):
            raise ValueError(f"{self.name} has 0 or 16 characters, got {len(octets) - 1}")
        return octets


class ShortMessage(NamedTuple):
    """sm_length and short_message; 255 octets are legal in 5.0 only [3.4 §5.2.21, 5.0 §4.7.25]."""

    name: str = "short_message"
    status: int = ESME_RINVMSGLEN
    size: int = 254
    default: bytes = b""

    def read(self, cursor: Cursor) -> bytes:
        size = cursor.integer(1, "sm_length")
        if size == 255 and cursor.version < V50:
            raise PduError(self.status, "resp", "sm_length is 255, at most 254 before SMPP 5.0")
        return cursor.take(size, self.name)

    def octets(self, value: bytes, version: int) -> bytes:
        if len(value) > (255 if version >= V50 else 254):
            raise ValueError(f"short_message holds at most 254 octets (255 in SMPP 5.0), got {len(value)}")
        return bytes([len(value)]) + value


class Destinations(NamedTuple):
    """number_of_dests and that many dest_address [3.4 §4.5.1.1]."""

    name: str = "dest_address"
    status: int = ESME_RINVNUMDESTS
    size: int = 254
    default: tuple[Destination, ...] = ()

    def read(self, cursor: Cursor) -> list[Destination | DistributionList]:
        count = cursor.integer(1, "number_of_dests")
        if count == 0 or (count == 255 and cursor.version < V50):
            raise PduError(self.status, "resp", f"number_of_dests is {count}, 1 to 254 are legal")
        return [self._one(cursor) for _ in range(count)]

    @staticmethod
    def _one(cursor: Cursor) -> Destination | DistributionList:
        flag = cursor.integer(1, "dest_flag")
        if flag == 1:
            ton = cursor.integer(1, "dest_addr_ton")
            npi = cursor.integer(1, "dest_addr_npi")
            return Destination(ton, npi, cursor.string(21, "destination_addr", ESME_RINVDSTADR))
        if flag == 2:
            return DistributionList(cursor.string(21, "dl_name", ESME_RINVDLNAME))
        raise PduError(ESME_RINVDESTFLAG, "resp", f"dest_flag is {flag}, 1 and 2 are legal")

    def octets(self, value: list[Destination | DistributionList], version: int) -> bytes:
        if not 1 <= len(value) <= (255 if version >= V50 else 254):
            raise ValueError(f"submit_multi has 1 to 254 destinations, got {len(value)}")
        return bytes([len(value)]) + b"".join(
            b"\2" + string_octets(one.name, 21, "dl_name")
            if isinstance(one, DistributionList)
            else b"\1" + _address_octets(one)
            for one in value
        )


#: What no_unsuccess, an octet, can count.
MOST_UNSUCCESS = 255


class Unsuccessful(NamedTuple):
    """no_unsuccess and that many failed recipients [3.4 §4.5.2.1]."""

    name: str = "unsuccess_sme"
    status: int = ESME_RINVNUMDESTS
    size: int = 255
    default: tuple[Unsuccess, ...] = ()

    def read(self, cursor: Cursor) -> list[Unsuccess]:
        count = cursor.integer(1, "no_unsuccess")
        return [self._one(cursor) for _ in range(count)]

    @staticmethod
    def _one(cursor: Cursor) -> Unsuccess:
        ton = cursor.integer(1, "dest_addr_ton")
        npi = cursor.integer(1, "dest_addr_npi")
        address = cursor.string(21, "destination_addr", ESME_RINVDSTADR)
        return Unsuccess(ton, npi, address, cursor.integer(4, "error_status_code"))

    def octets(self, value: list[Unsuccess], version: int) -> bytes:
        rows = (_address_octets(one) + integer_octets(one.status, 4, "error_status_code") for one in value)
        return integer_octets(len(value), 1, "no_unsuccess") + b"".join(rows)


def _address_octets(one: Destination | Unsuccess) -> bytes:
    ton, npi = integer_octets(one.ton, 1, "dest_addr_ton"), integer_octets(one.npi, 1, "dest_addr_npi")
    return ton + npi + string_octets(one.address, 21, "destination_addr")


def read_fields(layout: tuple[Field, ...], cursor: Cursor) -> dict[str, Any]:
    return {field.name: field.read(cursor) for field in layout}


def fields_octets(layout: tuple[Field, ...], values: Mapping[str, Any], version: int) -> bytes:
    """The body; a field without a value gets its default. ValueError for a name that the layout does not
    have."""
    if surplus := values.keys() - {field.name for field in layout}:
        raise ValueError(f"no such field: {', '.join(sorted(surplus))}")
    return b"".join(field.octets(values.get(field.name, field.default), version) for field in layout)
