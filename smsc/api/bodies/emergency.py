"""Emergency SMS: registrations, the citizen's site, the desks of the centres."""

from typing import Annotated, Literal

from pydantic import (
    StringConstraints,
)

from smsc.api.bodies.fields import ShortText, StrictBody, optional


class RegistrationBody(StrictBody):
    """Whom a number registered for emergency SMS belongs to; everything may be left out."""

    name: ShortText = optional()
    """Name of the user."""
    address: ShortText = optional()
    """Street address."""
    postcode: ShortText = optional()
    """Postcode."""
    email: ShortText = optional()
    """E-mail address."""
    country: ShortText = optional()
    """Country."""


class DeskBody(StrictBody):
    """Who comes to work at an emergency centre."""

    centre: Literal["110", "112", "113"]
    """The centre's number."""
    password: Annotated[str, StringConstraints(max_length=64)]
    """The password of the centre's ESME."""


class DeskAnswerBody(StrictBody):
    """What a centre answers."""

    text: Annotated[str, StringConstraints(min_length=1, max_length=1600)]
    """The text; what is longer than one SMS goes as parts."""


class EmergencyStartBody(StrictBody):
    """What a citizen asks of the site for one mobile number."""

    number: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    """The mobile number as it was typed."""
    action: Literal["register", "update", "delete"]
    """What is wanted; the look-up says what is possible."""
    person: RegistrationBody = optional()
    """Whom the number belongs to."""
    terms: bool = optional()
    """Whether the terms are confirmed; needed to register and to update."""


class CodeBody(StrictBody):
    """The code that came by SMS."""

    code: Annotated[str, StringConstraints(min_length=1, max_length=20)]
    """Six digits."""


class SiteBody(StrictBody):
    """Whether the site takes anything."""

    open: bool
    """False: down for maintenance."""
