"""The SMSC clock: how it is set, and moved."""

from typing import Annotated, Literal, Self

from pydantic import (
    StringConstraints,
    model_validator,
)

from smsc.api.bodies.fields import Moment, Seconds, StrictBody, optional


class ClockBody(StrictBody):
    """Mode and moment of the SMSC clock; at least one."""

    mode: Annotated[str, StringConstraints(pattern=r"^(real|manual|x[0-9]{1,6}(\.[0-9]{1,3})?)$")] = (
        optional()
    )
    """`real`, `manual`, or accelerated: `x60` runs sixty times as fast."""
    now: Moment = optional()
    """The moment to set; never earlier than now."""

    @model_validator(mode="after")
    def _names_something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("'mode', 'now' or both")
        return self


class AdvanceBody(StrictBody):
    """How far a manual clock goes: exactly one of the three."""

    seconds: Seconds = optional()
    """How long from now: seconds, or text such as `"1h30m"`."""
    to: Moment = optional()
    """Up to this moment."""
    until: Literal["idle"] = optional()
    """Until no message or receipt is unfinished."""

    @model_validator(mode="after")
    def _names_one(self) -> Self:
        if len(self.model_fields_set) != 1:
            raise ValueError("exactly one of 'seconds', 'to' and 'until'")
        return self
