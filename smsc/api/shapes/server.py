"""The server itself: what it is, whether it works, and its faults on purpose."""

from typing import Any

from pydantic import BaseModel

from smsc.api.shapes.describing import example


class Faults(BaseModel):
    """The fault triggers in force."""

    model_config = example(
        seed=1,
        rules=[{"action": "status", "status": "ESME_RTHROTTLED", "every": 10}],
        seen=[25],
        fired=[2],
    )

    rules: list[dict[str, Any]]
    """As [[faults]] of the configuration; the first that fires wins."""


class ServerAbout(BaseModel):
    """What a server is, and where it listens."""

    model_config = example(
        version="0.2.0", smpp="127.0.0.1:2775", smpps=None, http="127.0.0.1:8775", store="memory:"
    )

    version: str
    smpp: str
    """Address of the SMPP listener."""
    smpps: str | None
    """Address of SMPP over TLS, when there is a certificate."""
    http: str
    """Address of this API."""
    store: str
    """Where acknowledged messages are kept; `memory:` keeps nothing."""


class Health(BaseModel):
    """Whether the server does its work."""

    model_config = example(ready=True, reasons=[])

    ready: bool
    reasons: list[str]
    """Why not, one sentence each."""


class Alive(BaseModel):
    """The server's loop turns."""

    model_config = example(status="alive")

    status: str
