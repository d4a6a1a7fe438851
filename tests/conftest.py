"""What the whole suite shares: the event loop it runs on, hypothesis' bounds, and which build is tested."""

import asyncio
import os
from collections.abc import Callable, Mapping

import httpx
import pytest
from hypothesis import settings

from smsc import _compiled
from smsc.eventloop import loop_factory
from tests.waiting import PATIENCE

EXAMPLES = int(os.environ.get("SMSC_EXAMPLES", "200"))  # fewer for `make check`
settings.register_profile("smsc", max_examples=EXAMPLES, deadline=None, print_blob=True)
settings.load_profile("smsc")

# Five seconds, httpx's own default, are not much on a busy machine.
for _phase in ("connect", "read", "write", "pool"):
    setattr(httpx._config.DEFAULT_TIMEOUT_CONFIG, _phase, PATIENCE)

LOOP = os.environ.get("SMSC_LOOP", "auto")


def pytest_report_header() -> str:
    return f"smsc build: {_compiled.describe()}; loop: {LOOP}"


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Asynchronous tests run on the loop that SMSC_LOOP names, as the server does."""
    return {LOOP: loop_factory(LOOP)}
