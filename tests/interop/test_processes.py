"""What the tests of foreign clients rest on."""

from __future__ import annotations

from queue import Queue
from typing import Any

import pytest

from tests.interop import processes


def test_what_comes_while_its_queue_is_made_is_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    """The reader may be at the same key between two steps of whoever waits."""
    events = processes.Events()

    class Slow(Queue[Any]):
        def __init__(self) -> None:
            super().__init__()
            monkeypatch.setattr(processes, "Queue", Queue)
            if key not in events:
                events[key].put({"event": "answer"})

    key = ("4799000005", "submission 1")
    monkeypatch.setattr(processes, "Queue", Slow)
    assert events[key].get_nowait() == {"event": "answer"}
