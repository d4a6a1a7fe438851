"""A node that can not deal with what others tell gives up its part, in whatever turn of the loop it fails."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from smsc.engine.nodes.nodes import AT_ONCE, Nodes
from smsc.nodes.ownership import Waiting


class Later:
    """A port whose loop does what is called later when a test says so."""

    def __init__(self) -> None:
        self.calls: list[Any] = []

    def call_later(self, seconds: float, call: Any) -> bool:
        self.calls.append(call)
        return True

    def answered(self) -> None:
        """Nothing goes out."""


@pytest.mark.parametrize("place", [0, AT_ONCE, 2 * AT_ONCE])
def test_what_can_not_be_taken_up_ends_the_node(place: int) -> None:
    port = Later()
    shared: Any = SimpleNamespace(name="oslo-1", is_closed=False, first_place=lambda: 1)
    nodes: Any = Nodes(SimpleNamespace(port=port), shared)
    taken: list[int] = []

    def more(waiting: Waiting) -> None:
        if waiting.key == place:
            raise RuntimeError("a fault")
        taken.append(waiting.key)

    def learn(news: Any, dealt_with: Any) -> None:
        nodes._to_take.extend(Waiting(key, 1, 0, 0, 0) for key in range(3 * AT_ONCE))
        nodes._take_some(dealt_with)

    nodes.more, nodes._learn = more, learn
    lost: list[Exception] = []
    nodes.when_lost(lost.append)
    nodes._told(None, lambda: pytest.fail("it was not dealt with"))
    while port.calls:
        port.calls.pop()()
    assert "a fault" in str(lost[0])
    assert taken == list(range(place))
