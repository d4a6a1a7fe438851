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


class Taking:
    """A node that takes up three turns' worth of recipients, of which one can not be."""

    def __init__(self, place: int) -> None:
        self.port = Later()
        engine: Any = SimpleNamespace(port=self.port)
        shared: Any = SimpleNamespace(name="oslo-1", is_closed=False, first_place=lambda: 1)
        self.shared = shared
        self.nodes: Any = Nodes(engine, shared)
        self.taken: list[int] = []
        self.lost: list[Exception] = []
        self._place = place
        vars(self.nodes).update(more=self._more, _learn=self._learn)
        self.nodes.when_lost(self.lost.append)

    def _more(self, waiting: Waiting) -> None:
        if waiting.key == self._place:
            raise RuntimeError("a fault")
        self.taken.append(waiting.key)

    def _learn(self, news: Any, dealt_with: Any) -> None:
        self.nodes._to_take.extend(Waiting(key, 1, 0, 0, 0) for key in range(3 * AT_ONCE))
        self.nodes._take_some(dealt_with)

    def hear(self) -> None:
        self.nodes._told(None, lambda: pytest.fail("it was not dealt with"))

    def go_on(self) -> None:
        while self.port.calls:
            self.port.calls.pop()()


@pytest.mark.parametrize("place", [0, AT_ONCE, 2 * AT_ONCE])
def test_what_can_not_be_taken_up_ends_the_node(place: int) -> None:
    taking = Taking(place)
    taking.hear()
    taking.go_on()
    assert "a fault" in str(taking.lost[0])
    assert taking.taken == list(range(place))


def test_what_is_left_when_the_store_is_closed_ends_nothing() -> None:
    taking = Taking(AT_ONCE)
    taking.hear()
    taking.shared.is_closed = True
    taking.go_on()
    assert not taking.lost
