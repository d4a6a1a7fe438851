"""All kinds of store, opened with the same tables; their files lie where a sync costs nothing."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.store.keeper import MEMORY_DISK, Keeper, url_keeper


@pytest.fixture
def tmp_path(tmp_path: Path) -> Iterator[Path]:
    """What a sync is good for is tested with a disk that fails; a real one per test only takes time."""
    if not MEMORY_DISK.is_dir():
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=MEMORY_DISK, prefix="smsc-") as directory:
        yield Path(directory)


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "postgresql":
        server = request.getfixturevalue("postgresql")
        return str(server.url(server.database()))
    return "memory:" if request.param == "memory" else f"sqlite:{tmp_path}/data/smsc.db"


@pytest.fixture
def keeper(url: str) -> Iterator[Keeper]:
    keeper = url_keeper(url).open()
    yield keeper
    keeper.close()
