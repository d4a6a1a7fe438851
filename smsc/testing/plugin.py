"""pytest plugin: an SMSC a test, one a session, or as many as you like; timelines with every failure."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from smsc.testing.server import SmscHandle

__tracebackhide__ = True  # what fails in a fixture is shown without the fixture

_MOST_STORIES = 20
_MOST_REFUSALS = 50
_HANDLES = pytest.StashKey["list[SmscHandle]"]()


@pytest.fixture
def make_smsc(request: pytest.FixtureRequest) -> Iterator[Callable[..., SmscHandle]]:
    """``make_smsc("smsc.toml", clock={"mode": "real"})``: another SMSC; all are stopped after the test."""
    from smsc.testing.server import start_smsc

    started: list[SmscHandle] = []

    def make(config: str | os.PathLike[str] | None = None, **settings: Any) -> SmscHandle:
        handle = start_smsc(config, **settings)
        started.append(handle)
        _used(request, handle)
        return handle

    yield make
    for handle in started:
        handle.stop(grace=0)  # a client that the test left open has nobody to answer for it


@pytest.fixture
def smsc(make_smsc: Callable[..., SmscHandle]) -> SmscHandle:
    """A fresh SMSC with the demo world: manual clock, memory store, ports of its own."""
    return make_smsc()


@pytest.fixture(scope="session")
def _session_smsc() -> Iterator[SmscHandle]:
    from smsc.testing.server import start_smsc

    with start_smsc() as handle:
        yield handle


@pytest.fixture
def smsc_server(_session_smsc: SmscHandle, request: pytest.FixtureRequest) -> SmscHandle:
    """The session's SMSC, reset before the test: quicker than ``smsc``, and shared."""
    _session_smsc.reset()
    _used(request, _session_smsc)
    return _session_smsc


def _used(request: pytest.FixtureRequest, handle: SmscHandle) -> None:
    """The test uses this SMSC: its messages stand in the report if the test fails."""
    request.node.stash.setdefault(_HANDLES, []).append(handle)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A failing test's report carries the timelines of its messages, what was refused, which faults fired."""
    report = yield
    if report.when == "call" and report.failed:
        for handle in item.stash.get(_HANDLES, []):
            for title, tell in (("messages", _stories), ("refusals", _refusals), ("faults", _faults)):
                told = _told(handle, tell)
                if told:
                    report.sections.append((f"SMSC {title} ({handle.smpp_address})", told))
    return report


def _told(handle: SmscHandle, tell: Callable[[SmscHandle], str]) -> str:
    """What the server tells, which must never make a failing test worse."""
    if not handle.is_running:
        return ""
    try:
        return tell(handle)
    except Exception as error:  # whatever is wrong with the server is the test's to tell
        return f"the SMSC cannot tell: {error!r}"


def _refusals(handle: SmscHandle) -> str:
    """Why binds and submissions were refused lately."""
    return "\n".join(handle.refusals()[-_MOST_REFUSALS:])


def _faults(handle: SmscHandle) -> str:
    """Which faults on purpose fired, so that nobody looks for what the test itself asked for."""
    from smsc.testing.faults import FaultsHandle

    return "\n".join(FaultsHandle(handle).stories())


def _stories(handle: SmscHandle) -> str:
    """The timelines of the latest messages."""
    told = handle.messages()
    skipped = len(told) - _MOST_STORIES
    lines = [f"({skipped} older messages left out)"] if skipped > 0 else []
    return "\n".join(lines + [message.story() for message in told[-_MOST_STORIES:]])
