"""Fødselsnummer: every published vector, and the synthetic ones made here."""

from __future__ import annotations

from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc.services import fnr


@pytest.mark.parametrize(
    "text, d_number, synthetic, rule",
    [
        ("20914695016", False, True, "old"),
        ("03851598730", False, True, "old"),
        ("20036914700", False, False, "old"),
        ("23079421936", False, False, "old"),
        ("29020073150", False, False, "old"),
        ("30108299939", False, False, "2032"),
        ("30908299902", False, True, "2032"),
        ("55102499947", True, False, "2032"),
        ("41819077906", True, True, "2032"),
        ("41819077302", True, True, "old"),
        ("01819010001", False, True, "old"),
        ("01819010192", False, True, "old"),
        ("01819010273", False, True, "old"),
        ("41819010186", True, True, "old"),
    ],
)
def test_valid_numbers_of_every_kind(text, d_number, synthetic, rule):
    assert fnr.read(text) == fnr.Identifier(text, d_number, synthetic, rule)


@pytest.mark.parametrize(
    "text",
    [
        "20036914712",  # second check digit
        "29020105729",  # 29 February in a year that has none, though both check digits fit
        "",
        "2003691470",
        "200369147000",
        "2003691470x",
        "２００３６９１４７００",
        "00000000000",
        "20036914790",
    ],
)
def test_invalid_numbers(text):
    assert not fnr.is_valid(text)


def test_other_synthetic_numbers_have_forty_added_to_the_month():
    candidates = (f"0141900{tail:04d}" for tail in range(10_000))
    other = next(read for read in map(fnr.read, candidates) if read)
    assert not other.synthetic, "only Tenor's numbers count as certainly nobody's"


def test_made_numbers_are_the_published_ones():
    assert fnr.make(1, 1, 90, 100) == "01819010001"
    assert fnr.make(1, 1, 90, 101) == "01819010192"
    assert fnr.make(1, 1, 90, 102) == "01819010273"


@given(st.integers(1, 28), st.integers(1, 12), st.integers(0, 99), st.integers(0, 999))
def test_what_is_made_is_valid_and_synthetic(day, month, year, individual):
    text = fnr.make(day, month, year, individual)
    if text is not None:
        assert fnr.read(text) == fnr.Identifier(text, False, True, "old")


@given(st.integers(1, 28), st.integers(1, 12), st.integers(0, 99), st.integers(0, 999), st.integers(0, 10))
def test_one_wrong_digit_is_found_unless_the_new_rule_takes_it(day, month, year, individual, position):
    text = fnr.make(day, month, year, individual)
    if text is None:
        return
    wrong = text[:position] + str((int(text[position]) + 1) % 10) + text[position + 1 :]
    assert fnr.read(wrong) is None or fnr.read(wrong).rule == "2032"


def test_a_thousand_different_synthetic_people_in_the_same_order():
    first, second = list(islice(fnr.synthetic(), 1000)), list(islice(fnr.synthetic(), 1000))
    assert first == second
    assert len(set(first)) == 1000
    assert all(fnr.read(text).synthetic for text in first)
    assert {text[4:6] for text in first} <= {str(year) for year in range(50, 100)}
