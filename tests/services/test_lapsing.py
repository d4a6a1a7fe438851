"""Bounded memory that forgets."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from smsc.delivery.message import FOREVER
from smsc.services.lapsing import Lapsing, OncePer


def test_an_entry_lives_its_time_after_the_last_touch() -> None:
    memory: Lapsing[str, int] = Lapsing(10)
    memory.put("a", 1, 0)
    assert memory.get("a", 9) == 1
    assert memory.get("a", 10) is None
    memory.put("a", 2, 5)
    assert (memory.get("a", 14), memory.next_due()) == (2, 15)
    memory.expire(15)
    assert (len(memory), memory.next_due()) == (0, FOREVER)
    memory.put("b", 3, 20)
    memory.put("c", 4, 30)
    assert len(memory) == 1, "what lapsed makes room when something comes"


def test_the_oldest_makes_room_and_the_owner_hears_of_it() -> None:
    dropped: list[tuple[str, int]] = []
    memory: Lapsing[str, int] = Lapsing(10, 2, lambda key, value: dropped.append((key, value)))
    for moment, key in enumerate("abc"):
        memory.put(key, moment, moment)
    assert dropped == [("a", 0)]
    memory.expire(12)
    assert dropped == [("a", 0), ("b", 1), ("c", 2)]


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 30)), max_size=60))
def test_once_per_interval_lets_the_first_through_and_keeps_nothing_longer(
    events: list[tuple[int, int]],
) -> None:
    once, now = OncePer(20), 0
    last: dict[int, int] = {}
    for subject, step in events:
        now += step
        expected = subject not in last or now - last[subject] >= 20
        assert once.allows(subject, now) is expected
        if expected:
            last[subject] = now
    assert len(once._seen) <= len(last)
