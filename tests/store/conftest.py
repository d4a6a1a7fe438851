"""Both kinds of store, opened with the same tables."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.store.keeper import Keeper, url_keeper


@pytest.fixture(params=["memory", "sqlite"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return "memory:" if request.param == "memory" else f"sqlite:{tmp_path}/data/smsc.db"


@pytest.fixture
def keeper(url: str) -> Iterator[Keeper]:
    keeper = url_keeper(url).open()
    yield keeper
    keeper.close()
