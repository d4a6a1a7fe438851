"""Numbers in order, against a set that is sorted each time."""

from __future__ import annotations

from itertools import islice
from random import Random

import pytest

from smsc.routing.sorted_keys import SortedKeys


@pytest.mark.parametrize("order", ["rising", "falling", "mixed"])
def test_they_come_in_order_whatever_the_order_in_which_they_came(order: str) -> None:
    random, keys, known = Random(order), SortedKeys(), set(range(0, 20_000, 3))
    came = sorted(known, reverse=order == "falling")
    if order == "mixed":
        random.shuffle(came)
    for key in came:
        keys.add(key)
    for _ in range(3):
        assert list(keys.after(-1)) == sorted(known)
        for key in random.sample(range(20_000), 4_000):
            if key % 2:
                keys.discard(key)
                known.discard(key)
            else:
                keys.add(key)
                known.add(key)
    for key in list(known):
        keys.discard(key)
    assert list(keys.after(-1)) == []
    keys.add(2**62)
    keys.add(2**62)
    assert list(keys.after(2**62 - 1)) == [2**62]
    assert list(keys.after(2**62)) == []


def test_a_page_begins_behind_a_number_that_need_not_be_there() -> None:
    keys = SortedKeys()
    for key in range(0, 100_000, 10):
        keys.add(key)
    assert list(islice(keys.after(50_001), 3)) == [50_010, 50_020, 50_030]
    assert list(islice(keys.after(50_010), 2)) == [50_020, 50_030]
