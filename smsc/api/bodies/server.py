"""Faults on purpose, and scenarios."""

from typing import Annotated, Self

from pydantic import (
    Field,
    StringConstraints,
    model_validator,
)

from smsc.api.bodies.fields import JsonObject, ShortText, StrictBody, optional


class FaultsBody(StrictBody):
    """All fault triggers; replaces those in force."""

    seed: Annotated[int, Field(ge=0, lt=2**63)] = optional()
    """Seed of the random draws; the same seed gives the same faults."""
    rules: list[JsonObject]
    """The triggers, in the order in which they are tried."""


class ScenarioBody(StrictBody):
    """A scenario to run: one of the two."""

    name: ShortText = optional()
    """One that comes along."""
    toml: Annotated[str, StringConstraints(min_length=1, max_length=200_000)] = optional()
    """One's own, as the text of its file."""

    @model_validator(mode="after")
    def _names_one(self) -> Self:
        if len(self.model_fields_set) != 1:
            raise ValueError("exactly one of 'name' and 'toml'")
        return self
