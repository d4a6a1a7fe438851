"""Stores that answer the queues at once, and stores that answer them later."""

from __future__ import annotations

import pytest

from tests.engine.lab import Lab


@pytest.fixture(params=[False, True], ids=["at_once", "later"])
def late(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether the store answers later, as it was when it was asked."""
    monkeypatch.setattr(Lab, "late", request.param)
    return bool(request.param)
