"""The contact and reservation register: who may ask, and the synthetic people in it."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, field_validator, model_validator

from smsc.config.base import Count, HandsetKey, Moment, Positive, Section
from smsc.config.durations import Milliseconds
from smsc.config.world import Sender
from smsc.services.base import ServiceError
from smsc.services.contact_register import fnr
from smsc.services.contact_register.access import CONTACT_SCOPE, POST_SCOPE
from smsc.services.contact_register.people import read_email, read_mobile
from smsc.services.contact_register.register import read_identifier

OrganisationNumber = Annotated[str, BeforeValidator(str), Field(pattern=r"^\d{9}$")]
Scope = Literal["krr:global/kontaktinformasjon.read", "krr:global/digitalpost.read"]
assert Scope.__args__ == (CONTACT_SCOPE, POST_SCOPE)  # type: ignore[attr-defined]


def _mobile(given: object) -> str:
    try:
        return read_mobile(str(given))
    except ServiceError as error:
        raise ValueError(error.detail) from None


def _email(given: str) -> str:
    try:
        return read_email(given)
    except ServiceError as error:
        raise ValueError(error.detail) from None


class Organisation(Section):
    """A body that may use the register, or that acts for one."""

    number: OrganisationNumber
    name: Annotated[str, Field(min_length=1, max_length=100)]
    kind: Literal["municipal", "state", "private"] = "municipal"
    sender: Sender | None = None
    acts_for: tuple[OrganisationNumber, ...] = ()

    @model_validator(mode="after")
    def _an_agency_has_a_sender(self) -> Self:
        if self.kind != "private" and self.sender is None:
            raise ValueError("a sender: what recipients of the agency's SMS see")
        return self


class Token(Section):
    """A bearer token: whose, what for, for whom, until when."""

    token: Annotated[SecretStr, Field(min_length=1, max_length=200)]
    organisation: OrganisationNumber
    scopes: tuple[Scope, ...] = (CONTACT_SCOPE,)
    on_behalf_of: OrganisationNumber | None = None
    expires: Moment | None = None


class Person(Section):
    """One synthetic person and their choices."""

    identifier: Annotated[str, BeforeValidator(str)]
    language: Literal["nb", "nn", "en", "se"] = "nb"
    mobile: Annotated[str, BeforeValidator(_mobile)] | None = None
    email: Annotated[str, AfterValidator(_email)] | None = None
    updated: Moment | None = None
    reserved: bool = False


class Synthetic(Section):
    """Invented people, drawn from the seed."""

    persons: Count = 0
    first_number: HandsetKey = 4790000000


class Register(Section):
    """The contact and reservation register; mirrors `services.register.RegisterRules`."""

    marks: frozenset[Literal[40, 65, 80]] = frozenset({fnr.TENOR})
    delegates: bool = True
    stale_contact: bool = True
    dates: Literal["offset", "utc"] = "offset"
    log_life: Milliseconds = 365 * 86_400_000
    log_limit: Positive = 1_000
    order_life: Milliseconds = 30 * 86_400_000
    order_limit: Positive = 1_000
    organisations: tuple[Organisation, ...] = ()
    tokens: tuple[Token, ...] = ()
    persons: tuple[Person, ...] = ()
    synthetic: Synthetic = Synthetic()

    @field_validator("organisations")
    @classmethod
    def _no_number_twice(cls, given: tuple[Organisation, ...]) -> tuple[Organisation, ...]:
        if len({one.number for one in given}) != len(given):
            raise ValueError("organisations with different numbers")
        return given

    @field_validator("persons")
    @classmethod
    def _nobody_twice(cls, given: tuple[Person, ...]) -> tuple[Person, ...]:
        if len({one.identifier for one in given}) != len(given):
            raise ValueError("persons with different identifiers")
        return given

    @model_validator(mode="after")
    def _nobody_is_real(self) -> Self:
        for place, person in enumerate(self.persons):
            try:  # whose message does not repeat the number: it may be somebody's
                read_identifier(person.identifier, self.marks, f"contacts.persons[{place}].identifier")
            except ServiceError as error:
                raise ValueError(error.detail) from None
        return self

    @model_validator(mode="after")
    def _everybody_is_known(self) -> Self:
        known = {one.number for one in self.organisations}
        for token in self.tokens:
            if not {token.organisation, token.on_behalf_of or token.organisation} <= known:
                raise ValueError("tokens of the organisations that are listed")
        for one in self.organisations:
            if not set(one.acts_for) <= known:
                raise ValueError("acts_for numbers of the organisations that are listed")
        return self
