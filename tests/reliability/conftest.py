"""Every test here shows its figure: they are printed together at the end of the run."""

import gc
import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import smsc
from smsc.server import app
from smsc.testing.server import SmscHandle, start_smsc
from tests.peer import Peer

#: The pass of `make test` on what is shipped takes its time, the others are short.
IN_CI = smsc.COMPILED and os.environ.get("SMSC_LOOP") == "uvloop"

_FIGURES: list[str] = []


@pytest.fixture
def figure(request: pytest.FixtureRequest) -> Callable[[int | str, str], None]:
    """Report what a row of the table measured."""

    def report(row: int | str, text: str) -> None:
        request.node.user_properties.append(("figure", f"row {row!s:>3}: {text}"))

    return report


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """In the process that prints; the test may have run in another one."""
    if report.when == "call":
        _FIGURES.extend(str(text) for name, text in report.user_properties if name == "figure")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if _FIGURES:
        terminalreporter.section("reliability figures")
        for line in _FIGURES:
            terminalreporter.write_line(line)
        _FIGURES.clear()


@pytest.fixture
def serving() -> Iterator[Callable[..., SmscHandle]]:
    """Start servers in this process; all are stopped afterwards. The clock is real unless told otherwise."""
    started: list[SmscHandle] = []

    def start(**settings: Any) -> SmscHandle:
        limits = {"shutdown": "1s", **settings.pop("limits", {})}
        handle = start_smsc(**{"clock": {"mode": "real"}, "limits": limits, **settings})
        started.append(handle)
        return handle

    yield start
    for handle in started:
        handle.stop()


@pytest.fixture
def peers() -> Iterator[Callable[..., Peer]]:
    """Connect peers; all are closed afterwards."""
    connected: list[Peer] = []

    def connect(handle: SmscHandle, system_id: str = "", password: str = "1234", **options: Any) -> Peer:
        peer = Peer(handle.host, handle.port)
        connected.append(peer)
        if system_id:
            status = peer.bind(system_id, password, **options)
            assert status == 0, f"bind of {system_id}: 0x{status:02x}"
        return peer

    yield connect
    for peer in connected:
        peer.close()


@pytest.fixture
def collector() -> Iterator[None]:
    """The garbage collector as `smsc serve` sets it: what was loaded before is not walked through."""
    threshold = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(app._GC_YOUNG, 20, 100)
    yield
    gc.set_threshold(*threshold)
    gc.unfreeze()
