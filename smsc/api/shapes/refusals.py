"""What was refused lately."""

from pydantic import BaseModel

from smsc.api.shapes.describing import example


class Refusal(BaseModel):
    """Something that was refused, and why."""

    model_config = example(
        at="2026-01-01T12:00:00Z",
        what="submission",
        reason="destination_fixed_line",
        text="22334455 is a fixed line, which takes no SMS",
        status="ESME_RINVDSTADR",
        command=None,
        system_id="shop",
        peer="127.0.0.1:50112",
        session=3,
        source="Shop",
        destination="22334455",
        count=1,
    )

    at: str
    what: str
    reason: str
    text: str
    """Which value was wrong, and what would be right."""
    status: str | None
    """What the peer was answered."""
    command: str | None
    system_id: str | None
    peer: str | None
    session: int | None
    source: str | None
    destination: str | None
    count: int
    """So many alike."""


class Refusals(BaseModel):
    """What was refused lately."""

    refusals: list[Refusal]
