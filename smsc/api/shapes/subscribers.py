"""Subscribers."""

from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, Field, create_model

from smsc.api.bodies.subscribers import Position
from smsc.api.shapes.describing import example
from smsc.subscriber_fields import SHOWN

_CARDS = {"imsi": "242709000000100", "iccid": "8947700090000001006"}


class SubscriberState(BaseModel):
    """A subscriber, without the declared fields."""

    model_config = example(
        msisdn="4790000001",
        zone="oslo",
        position=None,
        track=None,
        coverage={
            "place": "oslo",
            "coverage": "good",
            "until": None,
            "because": "zone oslo has good coverage",
        },
        mw_status=["sc_address_not_included"],
        **{field.name: field.show(field.default) for field in SHOWN} | _CARDS,
    )

    msisdn: str
    """Number in international form, without `+`."""
    zone: str | None
    position: Position | None
    track: list[dict[str, Any]] | None
    """The waypoints that it follows; `position` is where that has brought it."""
    coverage: dict[str, Any]
    """What reaches the handset where it is, and why."""
    mw_status: list[str]
    """The bits set in the HLR's MW-Status: `mnrf`, `mnrg` (not reachable), `mcef` (memory full),
    `sc_address_not_included` (no message waits, so nobody is alerted)."""


def _shown() -> dict[str, Any]:
    """The declared fields as they are answered; IMSI and ICCID are derived where none is given."""
    found: dict[str, Any] = {}
    for field in SHOWN:
        absent = field.show(field.default) is None and field.name not in _CARDS
        kind = field.json_type()
        found[field.name] = (kind | None if absent else kind, Field(description=field.about))
    return found


if TYPE_CHECKING:
    Subscriber = SubscriberState
else:
    Subscriber = create_model("Subscriber", __base__=SubscriberState, __doc__="A subscriber.", **_shown())


class Subscribers(BaseModel):
    """One page of subscribers."""

    subscribers: list[Subscriber]
    """Those that stand for themselves: single ones, and those of a range that were changed."""
    next: str | None = Field(examples=["4790000001"])
    """Give this as `after` for the next page; null on the last."""
