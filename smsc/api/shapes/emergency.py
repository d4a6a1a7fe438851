"""Registrations for emergency SMS."""

from pydantic import BaseModel

from smsc.api.shapes.describing import example


class Registration(BaseModel):
    """A registration for emergency SMS."""

    model_config = example(msisdn="4790000112", registered_at="2026-01-01T12:00:00Z", name="Kari Nordmann")

    msisdn: str
    registered_at: str
    updated_at: str
    name: str
    address: str
    postcode: str
    email: str
    country: str


class Registrations(BaseModel):
    """All registrations for emergency SMS."""

    registrations: list[Registration]
