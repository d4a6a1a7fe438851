"""ESMEs as they are configured."""

from typing import Any

from pydantic import BaseModel

from smsc.api.shapes.describing import example


class Esme(BaseModel):
    """An ESME, without its password; more keys as in the configuration."""

    model_config = example(
        system_id="mygw",
        kind="esme",
        numbers=["59000100"],
        senders=["Mygw"],
        ranges=[],
        window=None,
        rate=None,
        binds=0,
        tlvs=[],
        default_alphabet="gsm0338",
        responses={"id": "decimal", "id_width": 0},
        receipts={"id": "decimal", "id_width": 0},
        sessions=[3],
    )

    system_id: str
    kind: str
    numbers: list[str]
    senders: list[str]
    ranges: list[dict[str, str]]
    window: int | None
    rate: float | None
    binds: int
    tlvs: list[str]
    default_alphabet: str
    responses: dict[str, Any]
    receipts: dict[str, Any]
    sessions: list[int]
    """Ids of its binds."""


class Esmes(BaseModel):
    """All ESMEs."""

    esmes: list[Esme]
