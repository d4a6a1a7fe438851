"""ESMEs: as they are configured, and dialled."""

from typing import Annotated, Literal

from pydantic import (
    Field,
    StringConstraints,
)

from smsc.api.bodies.fields import Duration, JsonObject, ShortText, StrictBody, optional


class OutbindBody(StrictBody):
    """An ESME to dial and to invite to bind as receiver."""

    system_id: Annotated[str, StringConstraints(min_length=1, max_length=15)]
    """Of a configured ESME; one that the SMSC does not know could not bind."""
    host: ShortText
    """Where it listens."""
    port: Annotated[int, Field(ge=1, le=65535)]
    """Where it listens."""
    password: Annotated[str, StringConstraints(max_length=8)] = optional()
    """What the outbind carries, so that the ESME knows who calls."""
    retry: Duration = optional()
    """How soon it is dialled again when there is no answer or the connection is gone; left out for once."""


class EsmeBody(StrictBody):
    """An ESME, as a row of [[esmes]] of the configuration."""

    password: Annotated[str, StringConstraints(max_length=200)]
    """What it binds with, at most 8 characters, or `argon2:` and a hash; never shown."""
    kind: Literal["esme", "farm", "emergency", "helpline", "content", "agency"] = optional()
    """What it is; `farm` speaks for handsets, `emergency` is a centre, `content` a provider."""
    numbers: list[ShortText] = optional()
    """Numbers that it owns: it may send from them, and gets what is sent to them."""
    senders: list[ShortText] = optional()
    """Alphanumeric senders that it may use."""
    ranges: list[JsonObject] = optional()
    """Handsets that it speaks for, each `first` and `last`."""
    window: Annotated[int, Field(ge=1)] = optional()
    """Requests that may wait for their response."""
    window_out: Annotated[int, Field(ge=1)] = optional()
    """Deliveries that may wait for its response."""
    rate: Annotated[float, Field(ge=0)] = optional()
    """Requests a second, 0 for no limit."""
    binds: Annotated[int, Field(ge=0)] = optional()
    """How many binds at the same time, 0 for any number."""
    tlvs: list[ShortText] = optional()
    """Vendor TLVs that it wants."""
    default_alphabet: Literal["gsm0338", "gsm0338-packed", "latin-1", "utf-8"] = optional()
    """What data_coding 0 means from it."""
    ia5_means: Literal["auto", "ia5", "gsm"] = optional()
    """What data_coding 1 means from it."""
    tolerate_trailing_nul: bool = optional()
    """Whether one NUL behind the text is let pass."""
    payload: bool = optional()
    """Whether it gets long texts whole, as message_payload, or in parts."""
    responses: JsonObject = optional()
    """How its responses differ."""
    receipts: JsonObject = optional()
    """How its receipts differ."""
