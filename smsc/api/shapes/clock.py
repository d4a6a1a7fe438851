"""The SMSC clock."""

from typing import Any

from pydantic import BaseModel, Field

from smsc.api.shapes.describing import example


class Clock(BaseModel):
    """The SMSC clock."""

    model_config = example(
        mode="manual",
        now="2026-01-01T12:00:00Z",
        next_due="2026-01-01T12:00:30Z",
        due=[{"at": "2026-01-01T12:00:30Z", "what": "attempt", "msisdn": "4799000020", "messages": 2}],
    )

    mode: str
    now: str
    next_due: str | None
    """When something happens next by itself; null: nothing is planned."""
    due: list[dict[str, Any]]
    """What the next moments are, at most 60 of them: `what` is `attempt`, `expiry`, `coverage`, `alert`,
    `answer`, `scheduled`, `held`, `on_air`, `transit`, `flag`, `service` or `assignment`; with `msisdn` or
    `system_id` and the number of `messages`, the `id` of a message, or the `name` of a service."""


class Advanced(BaseModel):
    """What happened while the clock moved."""

    model_config = example(
        **{"from": "2026-01-01T12:00:00Z"},
        now="2026-01-01T14:00:00Z",
        fired=1,
        happened=[{"event": "message.delivered", "at": "2026-01-01T12:00:30Z", "id": "1001"}],
        unsettled=[],
    )

    start: str = Field(alias="from")
    """Where the clock stood."""
    now: str
    fired: int
    """How many timers went off."""
    happened: list[dict[str, Any]]
    """Every event, as `/events` has it."""
    unsettled: list[str]
    """Ids of messages whose delivery nobody has answered within `settle` real seconds."""
