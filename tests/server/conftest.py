"""Fixtures of the tests of whole servers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.scenarios.binding import bind, kari, ola
from tests.server.restarts import Life, Make

__all__ = ["bind", "kari", "ola"]


@pytest.fixture
def live(make_smsc: Make, tmp_path: Path) -> Callable[..., Life]:
    """``live(clock={...})``: an SMSC on a store of its own, which may crash and restart."""
    return lambda **settings: Life(make_smsc, tmp_path, **settings)


@pytest.fixture
def life(live: Callable[..., Life]) -> Life:
    """An SMSC with the demo world, which may crash and restart."""
    return live()
