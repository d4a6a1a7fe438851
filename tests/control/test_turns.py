"""Changes of very many rows, one after the other."""

import pytest

from smsc.control.errors import ControlError
from smsc.control.many.turns import Change, Turns


def test_a_change_that_ends_twice_ends_once_and_with_what_it_said_first() -> None:
    turns = Turns()
    first, second = Change(turns), Change(turns)
    assert list(turns.begin(first)) == []
    waits = turns.begin(second)
    wait = next(waits)
    assert wait is not None
    began: list[str] = []
    wait(lambda: began.append("second"))
    first.end(ControlError(503, "The store fails", ""))
    first.end()
    assert began == ["second"]
    assert not second.is_over
    over = first.ended()
    ended = next(over)
    assert ended is not None
    ended(lambda: began.append("told"))
    assert began == ["second", "told"]
    with pytest.raises(ControlError) as refused:
        next(over)
    assert refused.value.status == 503
