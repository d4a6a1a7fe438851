"""Messages to inject, and names of searches."""

from typing import Annotated, Literal

from pydantic import (
    BeforeValidator,
    Field,
    StringConstraints,
)

from smsc.api.bodies.fields import StrictBody, _as_flag

State = Literal[
    "enroute", "delivered", "expired", "deleted", "undeliverable", "accepted", "unknown", "rejected", "held"
]


class MessageBody(StrictBody):
    """A message to inject, as if its source submitted it."""

    source: Annotated[str, StringConstraints(min_length=1, max_length=21)]
    """Who sends: a simulated number in any dialling form, a short code or an alphanumeric sender."""
    destination: Annotated[str, StringConstraints(min_length=1, max_length=21)]
    """Who is to get it, in any dialling form."""
    # 255 parts of 153 septets are what concatenation allows [23.040 §9.2.3.24.1]
    text: Annotated[str, StringConstraints(max_length=39_015)]
    """The text; what is longer than one SMS goes as parts."""
    registered_delivery: Annotated[int, BeforeValidator(_as_flag), Field(ge=0, le=31)] = 0
    """Which receipts are wanted, as in SMPP 3.4 §5.2.17: 0 none, 1 on every outcome, 2 on failure."""


class TagBody(StrictBody):
    """What a tag stands for."""

    q: Annotated[str, StringConstraints(min_length=1, max_length=4000)]
    """A search as of `GET /messages`, with one term or more, none of them `tag:`."""
