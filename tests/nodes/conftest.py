"""Several nodes on one database of a real PostgreSQL, which a test may kill when it is its own; and figures
that are printed at the end of the run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from smsc.testing.server import SmscHandle
from tests.postgresql import Server, why_not
from tests.reliability.conftest import figure, pytest_runtest_logreport, pytest_terminal_summary
from tests.scenarios.binding import bind

__all__ = ["bind", "figure", "pytest_runtest_logreport", "pytest_terminal_summary"]

Node = Callable[..., SmscHandle]


@pytest.fixture
def own_server() -> Iterator[Server]:
    if reason := why_not():
        pytest.skip(reason)
    server = Server()
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest.fixture
def database(postgresql: Server) -> str:
    return postgresql.url(postgresql.database())


@pytest.fixture
def node(database: str) -> Iterator[Node]:
    """``node("oslo-1")``: a node in this process on the test's database."""
    started: list[SmscHandle] = []

    def make(name: str, **settings: Any) -> SmscHandle:
        flags = {"store": {"url": database}, "clock": {"mode": "real"}, **settings}
        handle = SmscHandle(None, flags, name)
        started.append(handle)
        return handle

    yield make
    for handle in started:
        handle.stop(grace=0)
