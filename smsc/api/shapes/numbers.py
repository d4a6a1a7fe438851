"""How the number plan reads a number."""

from pydantic import BaseModel

from smsc.api.shapes.describing import example


class NumberReading(BaseModel):
    """How the number plan reads a number."""

    model_config = example(
        national="59555112",
        e164="+4759555112",
        type="emergency_sms_police",
        can_send_sms=False,
        can_receive_sms=True,
        charging="policy:free",
        reason=None,
        steps=[
            {
                "en": "00 is the international prefix: a country code follows.",
                "nb": "00 er internasjonalt prefiks: en landskode følger.",
            }
        ],
    )

    national: str | None
    """National number, without country code."""
    e164: str | None
    """International form with `+`; null for what is not part of the E.164 plan."""
    type: str | None
    """What the range is for."""
    can_send_sms: bool
    """Whether a handset may have it and send from it."""
    can_receive_sms: bool
    """Whether it may be a destination."""
    charging: str | None
    """Who pays how."""
    reason: str | None
    """Name in the catalogue of reasons when it cannot be a destination."""
    steps: list[dict[str, str]]
    """How it was read, step by step, in English (`en`) and Norwegian bokmål (`nb`)."""
