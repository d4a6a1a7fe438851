"""Fødselsnummer: every published vector, and the synthetic ones made here."""

from __future__ import annotations

from itertools import islice
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc.services.contact_register import fnr


@pytest.mark.parametrize(
    "text, d_number, mark, rule",
    [
        ("20914695016", False, 80, "old"),
        ("03851598730", False, 80, "old"),
        ("20036914700", False, 0, "old"),
        ("23079421936", False, 0, "old"),
        ("29020073150", False, 0, "old"),
        ("30108299939", False, 0, "2032"),
        ("30908299902", False, 80, "2032"),
        ("55102499947", True, 0, "2032"),
        ("41819077906", True, 80, "2032"),
        ("41819077302", True, 80, "old"),
        ("01819010001", False, 80, "old"),
        ("01819010192", False, 80, "old"),
        ("01819010273", False, 80, "old"),
        ("41819010186", True, 80, "old"),
        ("13527248013", False, 40, "old"),
        ("68467038838", True, 40, "old"),
    ],
)
def test_valid_numbers_of_every_kind(text: str, d_number: bool, mark: Any, rule: str) -> None:
    assert fnr.read(text) == fnr.Identifier(text, d_number, mark, rule)


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
def test_invalid_numbers(text: str) -> None:
    assert fnr.read(text) is None


@pytest.mark.parametrize("mark", fnr.MARKS)
@pytest.mark.parametrize("day", [15, 55])
def test_a_number_is_synthetic_by_the_marks_that_are_accepted(mark: Any, day: Any) -> None:
    candidates = (f"{day}{6 + mark}90{tail:05d}" for tail in range(100_000))
    number = next(text for text in candidates if fnr.read(text))
    assert (fnr.read(number).mark, fnr.read(number).d_number) == (mark, day > 40)
    assert fnr.is_synthetic(number) == (mark == fnr.TENOR), "only Tenor's numbers are certainly nobody's"
    assert fnr.is_synthetic(number, fnr.MARKS)
    assert not fnr.is_synthetic(number, ())


@pytest.mark.parametrize("given", ["20036914700", "30108299939", "", None, 20914695016, ["20914695016"]])
def test_a_real_number_and_what_is_no_text_is_not_synthetic(given: Any) -> None:
    assert not fnr.is_synthetic(given, fnr.MARKS)


def test_made_numbers_are_the_published_ones() -> None:
    assert fnr.make(1, 1, 90, 100) == "01819010001"
    assert fnr.make(1, 1, 90, 101) == "01819010192"
    assert fnr.make(1, 1, 90, 102) == "01819010273"


@given(st.integers(1, 28), st.integers(1, 12), st.integers(0, 99), st.integers(0, 999))
def test_what_is_made_is_valid_and_synthetic(day: int, month: int, year: int, individual: int) -> None:
    text = fnr.make(day, month, year, individual)
    if text is not None:
        assert fnr.read(text) == fnr.Identifier(text, False, fnr.TENOR, "old")


@given(st.integers(1, 28), st.integers(1, 12), st.integers(0, 99), st.integers(0, 999), st.integers(0, 10))
def test_one_wrong_digit_is_found_unless_the_new_rule_takes_it(
    day: int, month: int, year: int, individual: int, position: int
) -> None:
    text = fnr.make(day, month, year, individual)
    if text is None:
        return
    wrong = text[:position] + str((int(text[position]) + 1) % 10) + text[position + 1 :]
    assert fnr.read(wrong) is None or fnr.read(wrong).rule == "2032"


def test_a_thousand_different_synthetic_people_in_the_same_order() -> None:
    first, second = list(islice(fnr.synthetic(), 1000)), list(islice(fnr.synthetic(), 1000))
    assert first == second
    assert len(set(first)) == 1000
    assert all(fnr.is_synthetic(text) for text in first)
    assert {text[4:6] for text in first} <= {str(year) for year in range(50, 100)}
