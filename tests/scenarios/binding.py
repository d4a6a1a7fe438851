"""Fixtures that bind clients to the session's server, and let them go after the test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from smsc.testing.server import SmscHandle
from tests.esme import Esme

Bind = Callable[..., Esme]

KARI, OLA, PER = "4790000001", "4790000002", "4740000003"
TUNNEL = "laerdal-tunnel"


@pytest.fixture
def bind(smsc_server: SmscHandle) -> Iterator[Bind]:
    """``bind("shop", "shop", kind="receiver")``: a client of the session's server."""
    bound: list[Esme] = []

    def bind_one(system_id: str, password: str = "1234", **options: Any) -> Esme:
        at = options.pop("at", smsc_server.smpp_address)
        esme = Esme(at, system_id, password, **options)
        bound.append(esme)
        return esme

    yield bind_one
    for esme in bound:
        esme.unbind()


@pytest.fixture
def kari(bind: Bind) -> Esme:
    """A handset in Oslo, bound."""
    return bind(KARI)


@pytest.fixture
def ola(bind: Bind) -> Esme:
    """Another handset in Oslo, bound."""
    return bind(OLA)
