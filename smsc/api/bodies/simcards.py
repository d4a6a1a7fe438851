"""Cards, numbers, and lists of them."""

from typing import Annotated, Literal

from pydantic import (
    StringConstraints,
)

from smsc.api.bodies.fields import StrictBody, optional

Imsi = Annotated[str, StringConstraints(pattern=r"^[0-9]{15}$")]
Iccid = Annotated[str, StringConstraints(pattern=r"^[0-9]{19,20}$")]


class SimSwapBody(StrictBody):
    """The new SIM card."""

    imsi: Imsi = optional()
    """IMSI; derived from the number when left out."""
    iccid: Iccid = optional()
    """ICCID with its Luhn digit; derived when left out."""


class NumberChangeBody(StrictBody):
    """The number that the SIM gets."""

    to: Annotated[str, StringConstraints(min_length=1, max_length=21)]
    """A free mobile number in any dialling form."""


class TwinBody(StrictBody):
    """The second SIM of a subscription."""

    twin: Annotated[str, StringConstraints(min_length=1, max_length=21)]
    """Its 12-digit number, which begins with 58."""


class CsvBody(StrictBody):
    """A list as CSV."""

    csv: Annotated[str, StringConstraints(min_length=1, max_length=1_000_000)]
    """The whole file, with its header."""


class AssignmentsBody(CsvBody):
    """A list of assigned numbers."""

    how: Literal["add", "replay"] = "add"
    """`add` the rows; or `replay`: it is the whole list of today for the kinds of numbers that it names."""
