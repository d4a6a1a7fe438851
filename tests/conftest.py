"""What the whole suite shares: the event loop it runs on, hypothesis' bounds, and which build is tested."""

import asyncio
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import httpx
import pytest
from hypothesis import settings

from smsc import _compiled
from smsc.eventloop import loop_factory
from tests.postgresql import Server as PostgresqlServer
from tests.postgresql import why_not
from tests.waiting import PATIENCE

EXAMPLES = int(os.environ.get("SMSC_EXAMPLES", "200"))  # fewer for `make check` and on plain Python
settings.register_profile("smsc", max_examples=EXAMPLES, deadline=None, print_blob=True)
settings.load_profile("smsc")


def examples(many: int) -> int:
    """Of a property with a number of its own: all from `EXAMPLES` 100 on, below it so many percent."""
    return max(5, min(many, many * EXAMPLES // 100))


# Five seconds, httpx's own default, are not much on a busy machine.
for _phase in ("connect", "read", "write", "pool"):
    setattr(httpx._config.DEFAULT_TIMEOUT_CONFIG, _phase, PATIENCE)

LOOP = os.environ.get("SMSC_LOOP", "auto")

#: What neither build nor loop changes: sources that are read, what builds and ships them, documentation,
#: deaths of whole processes, pages in a browser, the API over a server that is none, the plugin in a pytest
#: of its own. Marked `once`: `make test` has them in its first run alone.
ONCE = (
    *("bench", "docs", "nodes", "release", "web"),
    *("api/test_calls.py", "api/test_guard.py", "api/test_pages.py", "api/test_problems.py"),
    "testing_plugin/test_plugin.py",
    *("test_annotation.py", "test_build.py", "test_habits.py", "test_imports.py"),
    *("test_one_time_codes_page.py", "test_settings_are_read.py"),
)
#: Of these the pure ones, whose branches are measured on plain Python.
PURE = ("nodes/test_ownership.py",)

#: Folders and files of which only what is marked `loop` is still to be run: `make test-interpreted` has run
#: the rest before, with the branches measured.
LEFT_OUT = os.environ.get("TESTS_LEFT_OUT", "").split()
_TESTS = Path(__file__).parent


def pytest_report_header() -> str:
    return f"smsc build: {_compiled.describe()}; loop: {LOOP}"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    once = [_TESTS / name for name in ONCE]
    pure = [_TESTS / name for name in PURE]
    left_out = [_TESTS.parent / name for name in LEFT_OUT]
    ran = []
    for item in items:
        if item.path not in pure and any(item.path.is_relative_to(path) for path in once):
            item.add_marker("once")
        if item.get_closest_marker("loop") is None and any(
            item.path.is_relative_to(path) for path in left_out
        ):
            ran.append(item)
    if ran:
        config.hook.pytest_deselected(items=ran)
        left = set(items) - set(ran)
        items[:] = [item for item in items if item in left]


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Asynchronous tests run on the loop that SMSC_LOOP names, as the server does."""
    return {LOOP: loop_factory(LOOP)}


@pytest.fixture
def no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    """No key of the configuration comes from the environment."""
    for name in [name for name in os.environ if name.startswith("SMSC_")]:
        monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgresqlServer]:
    """A PostgreSQL that the tests share, each with a database of its own."""
    if reason := why_not():
        pytest.skip(reason)
    server = PostgresqlServer()
    try:
        server.start()
        yield server
    finally:
        server.stop()
