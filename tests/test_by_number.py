"""A table of objects by number is a dict that makes no objects of its numbers."""

from __future__ import annotations

import random

import pytest

from smsc.by_number import ByNumber

KEYS = {
    "handsets": lambda number: 4790000000 + number,
    "ESMEs": lambda number: -number,
    "apart by a power of two": lambda number: number << 20,
    "far apart": lambda number: (number * 0x2545F4914F6CDD1D) % 2**62 - 2**61,
}


@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS)
def test_it_does_what_a_dict_does(key) -> None:  # type: ignore[no-untyped-def]
    draw = random.Random(7)
    table, like = ByNumber(), {}
    for step in range(20_000):
        number = key(draw.randrange(3_000 if step < 12_000 else 40))
        if draw.random() < (0.7 if step < 8_000 else 0.3):
            table.put(number, str(step))
            like[number] = str(step)
        else:
            table.drop(number)
            like.pop(number, None)
        assert table.get(number) == like.get(number)
        assert len(table) == len(like)
    assert sorted(table) == sorted(like)
    assert sorted(table.values()) == sorted(like.values())
    for number in map(key, range(3_000)):
        assert (number in table) == (number in like)
        assert table.get(number) == like.get(number)


def test_it_grows_and_becomes_small_again() -> None:
    table = ByNumber()
    for number in range(100_000):
        table.put(number, number)
    assert all(table[number] == number for number in range(100_000))
    for number in range(99_990):
        table.drop(number)
    assert sorted(table) == list(range(99_990, 100_000))


def test_what_is_not_there_is_told() -> None:
    table = ByNumber()
    table.drop(1)
    assert (len(table), list(table), table.get(2)) == (0, [], None)
    with pytest.raises(KeyError):
        table[2]


def test_it_is_emptied_piece_by_piece() -> None:
    table = ByNumber()
    for number in range(5_000):
        table.put(number, str(number))
    emptied, found = table.emptied(), []
    for left in range(4_999, -1, -1):
        found.append(next(emptied))
        assert len(table) == left
        assert table.get(7) is None
    assert list(emptied) == []
    assert sorted(found) == sorted(map(str, range(5_000)))
