"""A PostgreSQL that a test may kill, and figures that are printed at the end of the run."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.postgresql import Server, why_not
from tests.reliability.conftest import figure, pytest_runtest_logreport, pytest_terminal_summary

__all__ = ["figure", "pytest_runtest_logreport", "pytest_terminal_summary"]


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
