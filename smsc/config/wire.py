"""What a peer may meet on the wire besides the specification: faults, receipt dialects, outbinds, trace."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from smsc.config.base import Count, Password, Port, Positive, Real, Section, Share, SystemId, Whole
from smsc.config.durations import Seconds
from smsc.protocol.constants import COMMANDS, RESPONSE, STATUSES

_REQUESTS = {name: command for command, name in COMMANDS.items() if not command & RESPONSE}
_STATUS_NAMES = {name: status for status, name in STATUSES.items()}


def _command(name: str) -> str:
    if name != "any" and name not in _REQUESTS:
        raise ValueError(f'"any" or the name of a request: {", ".join(_REQUESTS)}')
    return name


def _status(given: object) -> object:
    if isinstance(given, str):
        if given not in _STATUS_NAMES:
            raise ValueError("a command_status: its name, such as ESME_RSYSERR, or its number")
        return _STATUS_NAMES[given]
    if isinstance(given, bool):
        raise ValueError("a command_status: its name, such as ESME_RSYSERR, or its number")
    return given


class Fault(Section):
    """One thing that goes wrong on purpose, and when; see `engine.fault_rules`."""

    action: Literal[
        "status",
        "throttle",
        "delay",
        "never",
        "twice",
        "sequence",
        "malformed",
        "drop_before",
        "drop_after",
        "half_open",
        "slow",
        "unbind",
    ]
    command: Annotated[str, AfterValidator(_command)] = "submit_sm"
    system_id: str = ""
    probability: Share = 1.0
    after: Count = 0
    every: Positive = 1
    count: Count = 0
    status: Annotated[int, BeforeValidator(_status), Field(ge=1, lt=2**32)] = 0x08
    seconds: Annotated[Seconds, Field(le=3_600)] = 1.0
    rate: Real = 1.0
    offset: Annotated[Whole, Field(ge=1, lt=2**31)] = 1_000_000
    shape: Literal["truncated", "length", "huge", "command"] = "truncated"

    @property
    def command_id(self) -> int:
        """The request's id, 0 for any."""
        return _REQUESTS.get(self.command, 0)


class Ids(Section):
    """How an operator writes message ids; see `routing.id_form`."""

    id: Literal["decimal", "hex", "HEX"] = "decimal"
    id_width: Annotated[Whole, Field(ge=0, le=20)] = 0


class ResponseDialect(Ids):
    """How an operator's responses differ from those of others."""


class ReceiptDialect(Ids):
    """How an operator's receipts differ from the specification's example."""

    counts: bool = True
    seconds: bool = False
    text: bool = True
    tlvs: bool = True
    early: bool = False
    other_bind: bool = False

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.text and not self.tlvs:
            raise ValueError("text or tlvs: a receipt with neither says nothing")
        return self


class Outbind(Section):
    """An ESME that the server dials and invites to bind as receiver [SMPP 3.4 §4.1.7]."""

    system_id: SystemId
    host: Annotated[str, Field(min_length=1, max_length=255)]
    port: Annotated[Port, Field(ge=1)]
    password: Password | None = None
    retry: Seconds = 30.0


class Trace(Section):
    """What is kept of the wire."""

    file: Path | None = None
    limit: Annotated[Whole, Field(ge=4_096)] = 1_073_741_824
    pdus: Positive = 100
    sessions: bool = False
    passwords: bool = False
