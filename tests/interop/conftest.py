"""The server and the foreign clients that the tests of this folder share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.interop.processes import ForeignClient
from tests.server.process import ServerProcess

LIBRARIES = ("smpplib", "aiosmpplib")


@pytest.fixture(scope="session")
def _served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    served = ServerProcess(tmp_path_factory.mktemp("interop"), "--store", "memory:")
    yield served
    assert served.stop() == 0, served.log.read_text()


@pytest.fixture
def server(_served: ServerProcess) -> Iterator[ServerProcess]:
    """One server process for all, with no message in it, and everybody where the demo world has them."""
    yield _served
    _served.call("DELETE", "/messages")


@pytest.fixture(scope="session", params=LIBRARIES)
def foreign(request: pytest.FixtureRequest, _served: ServerProcess) -> Iterator[ForeignClient]:
    """One process of each foreign library, bound to the server."""
    client = ForeignClient(request.param, _served.smpp_address)
    yield client
    client.close()
