"""The contact and reservation register."""

from typing import Annotated, Literal

from pydantic import (
    JsonValue,
    WithJsonSchema,
)

from smsc.api.bodies.fields import LongText, Moment, ShortText, StrictBody, optional

#: What the public register takes. It answers 400 to anything else, so the service reads it, not this package.
LookupBody = Annotated[
    JsonValue,
    WithJsonSchema(
        {
            "title": "LookupBody",
            "type": "object",
            "description": "Persons to look up in the contact register, in the public register's own words.",
            "required": ["personidentifikatorer"],
            "properties": {
                "personidentifikatorer": {
                    "type": "array",
                    "items": {"type": "string", "pattern": "^[0-9]{11}$"},
                    "minItems": 1,
                    "maxItems": 1000,
                    "description": "Synthetic national identity numbers.",
                },
                "inkluderIkkeRegistrerte": {
                    "type": "boolean",
                    "default": False,
                    "description": "Whether persons that are not registered are in the answer as well.",
                },
            },
        }
    ),
]
#: A synthetic national identity number. The service refuses what is none: it may be a person's.
Identifier = Annotated[str, WithJsonSchema({"type": "string", "pattern": "^[0-9]{11}$"})]
Language = Literal["nb", "nn", "en", "se"]


class Texts(StrictBody):
    """What a notification says, by language; at least one."""

    nb: LongText = optional()
    """Norwegian bokmål."""
    nn: LongText = optional()
    """Norwegian nynorsk."""
    en: LongText = optional()
    """English."""
    se: LongText = optional()
    """Northern Sámi."""


class NotificationBody(StrictBody):
    """A notification that an agency orders."""

    personidentifikatorer: Annotated[
        list[JsonValue], WithJsonSchema({"type": "array", "items": {"type": "string"}})
    ]
    """Synthetic national identity numbers of those to be told, 1 to 1000; each is told once."""
    kind: Literal["service", "formal", "letter"] = optional()
    """`service` (snow, water, appointments), `formal` (decisions), `letter` (one lies in the mailbox)."""
    texts: Texts = optional()
    """The texts; not with `letter`."""
    subject: ShortText = optional()
    """Subject of the e-mails; the agency's name when left out."""
    dispatch_at: Moment = optional()
    """When people are looked up and told; now when left out."""


class Mailbox(StrictBody):
    """A digital mailbox."""

    address: ShortText
    """Its address."""
    supplier: Literal["984661185", "922020175"]
    """Organisation number of its supplier."""


class PersonBody(StrictBody):
    """What a synthetic person enters in the register; what is left out stays."""

    language: Language = optional()
    """Preferred language."""
    mobile: ShortText | None = None
    """Mobile number. Null: none."""
    email: ShortText | None = None
    """E-mail address. Null: none."""
    reserved: bool = optional()
    """Whether the person opts out of digital decisions."""
    verified: bool = optional()
    """The person confirms that the contact data are right."""
    mailbox: Mailbox = optional()
    """The digital mailbox that the person chose."""
    at: Moment = optional()
    """When the person did this; now when left out."""
